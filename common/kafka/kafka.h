// librdkafka behind RAII: consumer, producer, embedded broker, topic creation.
//
// Only this module includes rdkafka.h. Settings that avoid the known defects of librdkafka 2.0.2
// are made here, each with its reason in kafka.cc. The delivery guarantee is in README.md.

#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wirewatch {

// Properties of librdkafka by name. Besides: "NAME.file" takes the value of NAME from a file, read
// when a client is made, without the line's end; "sasl.oauthbearer.token.command" is a command that
// prints tokens (oauth_token.h). Those that have an option of their own, or that delivery rests on,
// are refused.
using KafkaProperties = std::vector<std::pair<std::string, std::string>>;

struct KafkaHeader {
  std::string_view key;
  std::string_view value;
};

// What an error of Kafka asks of the one who meets it.
enum class KafkaFault : std::uint8_t {
  kNone,
  kTemporary,     // Goes away by itself: network, broker, leader, coordinator.
  kRecord,        // This record will never be taken: too large, or refused by the broker's checks.
  kUnauthorised,  // Access is denied until somebody grants it.
  kMissingTopic,  // The topic is not there until somebody creates it.
  kFenced,        // Another client has this one's name, or the broker gave this one up.
  kFatal,         // The client is of no use any more; a new one may be.
};
[[nodiscard]] std::string_view to_string(KafkaFault fault);

struct KafkaFailure {
  KafkaFault fault = KafkaFault::kNone;
  std::string text;
  [[nodiscard]] bool empty() const { return fault == KafkaFault::kNone; }
};

struct PartitionOffset {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

// A consumed record. Owns librdkafka's message; the views live as long as it.
class KafkaRecord {
 public:
  KafkaRecord() = default;
  explicit KafkaRecord(void* message);
  // One that nobody consumed, of no topic: for tests. The views must outlive it.
  KafkaRecord(std::int32_t partition, std::int64_t offset, std::string_view key,
              std::string_view value)
      : value_(value), key_(key), partition_(partition), offset_(offset) {}
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
  std::string_view topic_;
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
  // The partitions will be gone on return: finish what is in flight, in bounded time. `lost` says
  // that another member may have them already, so that nothing of them can be committed.
  virtual void on_revoked(std::span<const std::int32_t> partitions, bool lost) = 0;
};

// One member of a consumer group over one topic. All functions from one thread, except
// store_offsets(), which any may call.
class KafkaConsumer {
 public:
  struct Options {
    std::string brokers;
    std::string client_id;
    std::string group_id;
    std::string topic;
    // Not empty: static membership under this name, which a restart keeps without a rebalance.
    std::string instance_id;
    bool embedded = false;       // Against the embedded broker: short waits.
    bool transactional = false;  // Offsets go with a producer's transactions: none is stored here.
    KafkaProperties properties;
    std::function<void(std::string_view json)> on_statistics;  // Within poll().
    std::function<void(const KafkaFailure&)> on_error;  // Within poll(); the client carries on.
  };
  // An error says what is wrong with which property.
  [[nodiscard]] static std::expected<std::unique_ptr<KafkaConsumer>, std::string> create(
      Options options, RebalanceListener& listener);
  ~KafkaConsumer();

  // True when `record` was filled. `error` is not empty when the consumer reported one; all but
  // kFatal and kFenced pass by themselves.
  bool poll(int timeout_ms, KafkaRecord& record, KafkaFailure& error);
  // Marks everything below these offsets as done; committed in the background and at close.
  void store_offsets(std::span<const PartitionOffset> offsets);
  // Commits what is stored and waits for the answer, at most so long. Refusals during a rebalance
  // are no errors: the next owner reads again what was not committed.
  void commit(int timeout_ms);
  // What the group has committed, -1 where nothing is; empty when no answer came in time.
  [[nodiscard]] std::optional<std::vector<PartitionOffset>> committed(
      std::span<const std::int32_t> partitions, int timeout_ms);
  // The first offset that Kafka still has of a partition; empty as above.
  [[nodiscard]] std::optional<std::int64_t> begin_of(std::int32_t partition, int timeout_ms);
  // Reads on from these offsets. Only for assigned partitions that nothing is in flight of.
  [[nodiscard]] KafkaFailure seek(std::span<const PartitionOffset> offsets);
  void pause_all();
  void resume_all();  // What pause_all() paused and is still assigned.
  void close();       // Commits, leaves the group unless membership is static.

  class Impl;

 private:
  friend class KafkaProducer;
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
      const Options& options);
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

// Where a range of a topic begins or ends: an offset, or a time in milliseconds since 1970. What
// lies behind the end means the end.
struct KafkaBound {
  static constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();  // Of an offset.

  std::int64_t value = 0;
  bool is_time = false;
};

// A range of a topic, read once: [from, to) of every partition, as far as it stood there at the
// start, or on and on. It belongs to no consumer group and commits nothing. One thread.
class KafkaRange {
 public:
  struct Options {
    std::string brokers;
    std::string client_id;
    std::string topic;
    std::optional<KafkaBound> from;  // The first that Kafka has.
    std::optional<KafkaBound> to;    // The end at the start.
    bool follow = false;             // What comes behind the end, too. `to` says nothing then.
    KafkaProperties properties;
  };
  // An error says what is wrong: a property, no broker, no such topic.
  [[nodiscard]] static std::expected<std::unique_ptr<KafkaRange>, std::string> create(
      const Options& options);
  ~KafkaRange();

  // True when `record` was filled; false says nothing about the end.
  bool poll(int timeout_ms, KafkaRecord& record);
  // True once all of the range, of what is followed what stood there at the start, has been read.
  [[nodiscard]] bool is_complete() const;
  // Offsets in the range, and how many of them have been read or passed over.
  [[nodiscard]] std::uint64_t size() const;
  [[nodiscard]] std::uint64_t passed() const;

  class Impl;

 private:
  explicit KafkaRange(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// What a step of a transaction came to.
enum class TransactionStep : std::uint8_t {
  kDone,
  kAgain,    // Not yet; the same call may be repeated.
  kAbort,    // Nothing of the transaction will be seen: abort() and begin anew.
  kRebuild,  // The client is of no use, or it is unknown whether the transaction was committed:
             // make a new client, init_transactions(), ask what the group has committed.
};
struct TransactionResult {
  TransactionStep step = TransactionStep::kDone;
  KafkaFailure failure;
};

// Idempotent producer, transactional when it has a transactional id. Records go out in bursts: at
// once when none is unacknowledged, else when those before are acknowledged, or after a tenth of a
// second; those of a transaction when it is committed, or after that time. So poll() must be called
// all the time. produce() from any thread; the functions of transactions from one thread.
// Acknowledgements come on the thread that polls, and on one that is within flush(), commit() or
// abort(); refusals within produce() and send() as well: on several at a time.
class KafkaProducer {
 public:
  // Told once per produced record: `opaque` as given, failure empty when the broker has it.
  using OnDelivery = std::function<void(void* opaque, const KafkaFailure& failure)>;
  struct Options {
    std::string brokers;
    std::string client_id;
    // Stable over restarts, of one live process at a time: a successor fences its predecessor.
    std::string transactional_id;
    bool embedded = false;
    // While records keep coming they are sent no more often than this: larger batches for less
    // processor time. The first after a pause waits for none.
    int burst_ms = 0;
    // While it gives true, records wait up to burst_ms for those that are about to be produced, so
    // that they make one burst. Who ends that calls send(). Asked by any thread; may be empty.
    std::function<bool()> more_come = nullptr;
    KafkaProperties properties;
    std::vector<std::string> topics;                    // Those that will be produced to.
    std::function<void(const KafkaFailure&)> on_error;  // Within poll().
    // librdkafka's, every five seconds, on a thread that acknowledgements come on. May be empty.
    std::function<void(std::string_view json)> on_statistics = nullptr;
  };
  [[nodiscard]] static std::expected<std::unique_ptr<KafkaProducer>, std::string> create(
      Options options, OnDelivery on_delivery);
  ~KafkaProducer();  // Records without an acknowledgement get none: purge() first.

  // Copies key, value and headers. `topic` is an index into Options::topics. False with `failure`
  // when it was refused; a refusal of what waited for its burst comes as an acknowledgement. Waits
  // while the local queue is full, which is back-pressure.
  bool produce(std::size_t topic, std::string_view key, std::string_view value,
               std::span<const KafkaHeader> headers, void* opaque, KafkaFailure& failure);
  // No more come for now: what waits for those is sent, as soon as a burst may begin.
  void send();
  void poll(int timeout_ms);
  // Whether records wait for the acknowledgement of those before them.
  [[nodiscard]] bool awaits_acknowledgements() const;
  // Waits until everything is acknowledged. False when time ran out.
  bool flush(int timeout_ms);
  // Gives up what has not been sent: each record is acknowledged with a failure, and produce()
  // refuses from now on. What has been sent is answered as long as a broker is there.
  void purge_unsent();
  // Whether any record of librdkafka's has no acknowledgement yet.
  [[nodiscard]] bool is_unanswered() const;
  // Gives up what is queued or unanswered: as purge_unsent(), but the broker may have taken some of
  // them.
  void purge();

  // Registers with the transaction coordinator and ends what a predecessor left open.
  [[nodiscard]] TransactionResult init_transactions(int timeout_ms);
  [[nodiscard]] TransactionResult begin();
  // Commits the records produced since begin() together with the consumer's offsets. A connection
  // that broke or a request that timed out meanwhile may have left offsets or a commit on their
  // way, which could join or end a later transaction (KAFKA-17754): then the result is kRebuild,
  // because a new client fences what is stray.
  [[nodiscard]] TransactionResult commit(const KafkaConsumer& consumer,
                                         std::span<const PartitionOffset> offsets, int timeout_ms);
  [[nodiscard]] TransactionResult abort(int timeout_ms);

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

// A dead letter is larger than what it holds, which was perhaps also packed better, and what does
// not fit into its topic is waited for: that takes more than Kafka's default of a megabyte.
inline constexpr int kRoomyBytes = 8 * 1024 * 1024;

struct TopicsCheck {
  std::string brokers;
  KafkaProperties properties;
  std::vector<std::string> topics;
  bool create = false;  // Those that are missing.
  int partitions = 1;
  int replication = 1;
  bool compacted = false;         // When created: the newest record of each key is kept.
  std::string roomy = {};         // Of `topics`; when created it takes records of kRoomyBytes.
  std::function<bool()> give_up;  // Asked twice a second; may be empty.
};
// Asks the brokers for topics, for ten seconds at most, and for half a minute more where it creates
// some. No failure: all are there. kTemporary: no broker answered, or not in time; kUnauthorised:
// the credentials, or rights of theirs, do not do; kMissingTopic: a topic is missing, or cannot be
// created; kFatal: a property is wrong. The text is for people.
[[nodiscard]] KafkaFailure ensure_topics(const TopicsCheck& check);

// What is wrong with properties for consumers or producers, asking no broker: names and values that
// librdkafka refuses, alone or together, and files that cannot be read. Empty: nothing. Shows no
// secret.
[[nodiscard]] std::string check_properties(const KafkaProperties& properties);

[[nodiscard]] std::string kafka_library_version();

}  // namespace wirewatch
