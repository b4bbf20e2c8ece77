// librdkafka behind RAII: consumer, producer, embedded broker, topic creation.
//
// Only this module includes rdkafka.h. Settings that avoid the known defects of librdkafka 2.0.2
// are made here, each with its reason in kafka.cc. The delivery guarantee is in README.md.

#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wirewatch {

using KafkaProperties = std::vector<std::pair<std::string, std::string>>;

struct KafkaHeader {
  std::string_view key;
  std::string_view value;
};

// A consumed record. Owns librdkafka's message; the views live as long as it.
class KafkaRecord {
 public:
  KafkaRecord() = default;
  explicit KafkaRecord(void* message);
  ~KafkaRecord();
  KafkaRecord(KafkaRecord&& other) noexcept;
  KafkaRecord& operator=(KafkaRecord&& other) noexcept;

  [[nodiscard]] std::string_view value() const { return value_; }
  [[nodiscard]] std::string_view key() const { return key_; }
  [[nodiscard]] bool has_key() const { return key_.data() != nullptr; }
  [[nodiscard]] std::string_view topic() const { return topic_; }
  [[nodiscard]] std::int32_t partition() const { return partition_; }
  [[nodiscard]] std::int64_t offset() const { return offset_; }
  [[nodiscard]] std::int64_t timestamp_ms() const { return timestamp_ms_; }  // -1 when unknown.
  [[nodiscard]] const std::vector<KafkaHeader>& headers() const { return headers_; }

 private:
  void* message_ = nullptr;
  std::string_view value_;
  std::string_view key_;
  std::string topic_;
  std::int32_t partition_ = 0;
  std::int64_t offset_ = 0;
  std::int64_t timestamp_ms_ = -1;
  std::vector<KafkaHeader> headers_;
};

// What the consumer tells its owner; called from within poll() and close().
class RebalanceListener {
 public:
  virtual ~RebalanceListener() = default;
  virtual void on_assigned(std::span<const std::int32_t> partitions) = 0;
  // The partitions will be gone on return: finish what is in flight, in bounded time.
  virtual void on_revoked(std::span<const std::int32_t> partitions) = 0;
};

// One member of a consumer group over one topic. poll(), pause() and close() from one thread;
// store_offset() from any.
class KafkaConsumer {
 public:
  struct Options {
    std::string brokers;
    std::string client_id;
    std::string group_id;
    std::string topic;
    bool embedded = false;  // Against the embedded broker: short waits.
    KafkaProperties properties;
    std::function<void(std::string_view json)> on_statistics;  // From a librdkafka thread.
  };
  // An error says what is wrong with which property.
  [[nodiscard]] static std::expected<std::unique_ptr<KafkaConsumer>, std::string> create(
      Options options, RebalanceListener& listener);
  ~KafkaConsumer();

  // True when `record` was filled. `error` gets the text of a consumer error, if there was one.
  bool poll(int timeout_ms, KafkaRecord& record, std::string& error);
  // Marks everything below `offset` as done; committed in the background and at close.
  void store_offset(std::int32_t partition, std::int64_t offset);
  // Commits what is stored and waits for the answer.
  void commit();
  void pause_all();
  void resume_all();  // What pause_all() paused.
  void close();       // Commits, leaves the group.

  class Impl;

 private:
  explicit KafkaConsumer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A compacted topic as a table: the newest value of every key, read whole and then followed. It
// belongs to no consumer group and commits nothing. One thread.
class KafkaTable {
 public:
  struct Options {
    std::string brokers;
    std::string client_id;
    std::string topic;
    bool embedded = false;
    KafkaProperties properties;
  };
  // An error says what is wrong: a property, no broker, no such topic. Partitions that the topic
  // gets later are not read.
  [[nodiscard]] static std::expected<std::unique_ptr<KafkaTable>, std::string> create(
      Options options);
  ~KafkaTable();

  // Takes in what is there, waiting for it up to timeout_ms.
  void read(int timeout_ms);
  // True once all that stood in the topic at the start has been read.
  [[nodiscard]] bool is_complete() const;
  [[nodiscard]] const std::map<std::string, std::string>& rows() const;

  class Impl;

 private:
  explicit KafkaTable(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Idempotent producer. produce() from any thread; acknowledgements come on poll()'s thread.
class KafkaProducer {
 public:
  // Told once per produced record: `opaque` as given, error empty when the broker has it.
  using OnDelivery = std::function<void(void* opaque, std::string_view error)>;
  struct Options {
    std::string brokers;
    std::string client_id;
    bool embedded = false;
    KafkaProperties properties;
    std::vector<std::string> topics;  // Those that will be produced to.
  };
  [[nodiscard]] static std::expected<std::unique_ptr<KafkaProducer>, std::string> create(
      Options options, OnDelivery on_delivery);
  ~KafkaProducer();

  // Copies key, value and headers. `topic` is an index into Options::topics. False with `error`
  // when it was refused for good (too large); waits while the local queue is full, which is
  // back-pressure.
  bool produce(std::size_t topic, std::string_view key, std::string_view value,
               std::span<const KafkaHeader> headers, void* opaque, std::string& error);
  void poll(int timeout_ms);
  // Waits until everything is acknowledged. False when time ran out.
  bool flush(int timeout_ms);

  class Impl;

 private:
  explicit KafkaProducer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// librdkafka's mock cluster in this process: RAM only, one host, no transactions. For trying things
// out. Must outlive every client.
class EmbeddedBroker {
 public:
  EmbeddedBroker();
  ~EmbeddedBroker();
  EmbeddedBroker(const EmbeddedBroker&) = delete;
  EmbeddedBroker& operator=(const EmbeddedBroker&) = delete;

  [[nodiscard]] std::string bootstrap_servers() const;
  void create_topic(const std::string& topic, int partitions);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// What a broker lacks of `topics`; created when `create`. Empty on success, else what is wrong, for
// people. `unreachable` is set when no broker answered.
[[nodiscard]] std::string ensure_topics(const std::string& brokers,
                                        const KafkaProperties& properties,
                                        std::span<const std::string> topics, bool create,
                                        int partitions, int replication, bool& unreachable);

[[nodiscard]] std::string kafka_library_version();

}  // namespace wirewatch
