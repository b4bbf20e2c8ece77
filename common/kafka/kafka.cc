#include "common/kafka/kafka.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "common/base/check.h"

namespace wirewatch {

namespace {

struct ClientDeleter {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
};
struct ListDeleter {
  void operator()(rd_kafka_topic_partition_list_t* list) const {
    rd_kafka_topic_partition_list_destroy(list);
  }
};
struct ConfDeleter {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
struct TopicDeleter {
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};
using ClientPtr = std::unique_ptr<rd_kafka_t, ClientDeleter>;
using ListPtr = std::unique_ptr<rd_kafka_topic_partition_list_t, ListDeleter>;
using ConfPtr = std::unique_ptr<rd_kafka_conf_t, ConfDeleter>;
using TopicPtr = std::unique_ptr<rd_kafka_topic_t, TopicDeleter>;

// Properties that only one of the two kinds of client knows are offered to both; librdkafka says
// so.
std::string set_properties(rd_kafka_conf_t* conf, const KafkaProperties& properties) {
  char error[512];
  for (const auto& [key, value] : properties) {
    if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), error, sizeof(error)) !=
        RD_KAFKA_CONF_OK) {
      return "kafka property \"" + key + "\": " + error;
    }
  }
  return {};
}

constexpr int kMetadataTimeoutMs = 10000;

}  // namespace

KafkaRecord::KafkaRecord(void* message) : message_(message) {
  auto* m = static_cast<rd_kafka_message_t*>(message);
  if (m->payload != nullptr) value_ = {static_cast<const char*>(m->payload), m->len};
  if (m->key != nullptr) key_ = {static_cast<const char*>(m->key), m->key_len};
  topic_ = rd_kafka_topic_name(m->rkt);
  partition_ = m->partition;
  offset_ = m->offset;
  rd_kafka_timestamp_type_t type{};
  timestamp_ms_ = rd_kafka_message_timestamp(m, &type);
  if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) timestamp_ms_ = -1;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(m, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0;
         rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
      headers_.push_back({name, {static_cast<const char*>(value), value == nullptr ? 0 : size}});
    }
  }
}
KafkaRecord::~KafkaRecord() {
  if (message_ != nullptr) rd_kafka_message_destroy(static_cast<rd_kafka_message_t*>(message_));
}
KafkaRecord::KafkaRecord(KafkaRecord&& other) noexcept {
  *this = std::move(other);
}
KafkaRecord& KafkaRecord::operator=(KafkaRecord&& other) noexcept {
  std::swap(message_, other.message_);
  std::swap(value_, other.value_);
  std::swap(key_, other.key_);
  std::swap(topic_, other.topic_);
  std::swap(partition_, other.partition_);
  std::swap(offset_, other.offset_);
  std::swap(timestamp_ms_, other.timestamp_ms_);
  std::swap(headers_, other.headers_);
  return *this;
}

class KafkaConsumer::Impl {
 public:
  Options options;
  RebalanceListener* listener = nullptr;
  ClientPtr client;
  ListPtr paused;
  bool closed = false;

  static void on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t code,
                           rd_kafka_topic_partition_list_t* list, void* opaque) {
    auto& self = *static_cast<Impl*>(opaque);
    std::vector<std::int32_t> partitions;
    for (int i = 0; i < list->cnt; ++i) partitions.push_back(list->elems[i].partition);
    const bool cooperative = std::strcmp(rd_kafka_rebalance_protocol(client), "COOPERATIVE") == 0;
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
      self.listener->on_assigned(partitions);
      if (cooperative) {
        if (rd_kafka_error_t* error = rd_kafka_incremental_assign(client, list))
          rd_kafka_error_destroy(error);
      } else {
        rd_kafka_assign(client, list);
      }
      return;
    }
    self.listener->on_revoked(partitions);
    self.paused.reset();
    if (rd_kafka_assignment_lost(client) == 0) rd_kafka_commit(client, nullptr, 0);
    if (cooperative) {
      if (rd_kafka_error_t* error = rd_kafka_incremental_unassign(client, list))
        rd_kafka_error_destroy(error);
    } else {
      rd_kafka_assign(client, nullptr);
    }
  }

  static int on_stats(rd_kafka_t*, char* json, std::size_t size, void* opaque) {
    const auto& self = *static_cast<Impl*>(opaque);
    if (self.options.on_statistics) self.options.on_statistics({json, size});
    return 0;
  }
};

KafkaConsumer::KafkaConsumer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

std::expected<std::unique_ptr<KafkaConsumer>, std::string> KafkaConsumer::create(
    Options options, RebalanceListener& listener) {
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  impl->listener = &listener;
  const Options& o = impl->options;
  ConfPtr conf(rd_kafka_conf_new());
  KafkaProperties properties = {
      {"bootstrap.servers", o.brokers},
      {"client.id", o.client_id},
      {"group.id", o.group_id},
      {"enable.auto.commit", "true"},
      {"enable.auto.offset.store", "false"},  // Stored when done, not when read.
      {"auto.offset.reset", "earliest"},
      {"isolation.level", "read_committed"},
      // 2.0.2 stops fetching for a second whenever its queue is full: the queue must hold more than
      // a second of news, and back-pressure is ours.
      {"queued.max.messages.kbytes", "262144"},
      {"queued.min.messages", "1000000"},
      {"fetch.wait.max.ms", o.embedded ? "5" : "100"},
      {"socket.nagle.disable", "true"},
      {"socket.keepalive.enable", "true"},
      {"log.connection.close", "false"},
      {"allow.auto.create.topics", "false"},
      {"partition.assignment.strategy", "range"},  // cooperative-sticky has six defects in 2.0.2.
      {"statistics.interval.ms", "5000"},
      {"auto.commit.interval.ms", "1000"},
  };
  if (o.embedded) {  // The mock waits for the session timeout at every join.
    properties.emplace_back("session.timeout.ms", "3000");
    properties.emplace_back("heartbeat.interval.ms", "200");
  }
  if (std::string error = set_properties(conf.get(), properties); !error.empty())
    return std::unexpected(error);
  if (std::string error = set_properties(conf.get(), o.properties); !error.empty())
    return std::unexpected(error);
  rd_kafka_conf_set_opaque(conf.get(), impl.get());
  rd_kafka_conf_set_rebalance_cb(conf.get(), &Impl::on_rebalance);
  rd_kafka_conf_set_stats_cb(conf.get(), &Impl::on_stats);
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);
  char error[512];
  impl->client.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), error, sizeof(error)));
  if (!impl->client)
    return std::unexpected(std::string("the Kafka consumer cannot start: ") + error);
  (void)conf.release();  // The client's now.
  rd_kafka_poll_set_consumer(impl->client.get());
  const ListPtr topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), o.topic.c_str(), RD_KAFKA_PARTITION_UA);
  if (const auto code = rd_kafka_subscribe(impl->client.get(), topics.get());
      code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::unexpected(std::string("cannot subscribe to ") + o.topic + ": " +
                           rd_kafka_err2str(code));
  }
  return std::unique_ptr<KafkaConsumer>(new KafkaConsumer(std::move(impl)));
}

KafkaConsumer::~KafkaConsumer() {
  if (impl_ != nullptr) close();
}

bool KafkaConsumer::poll(int timeout_ms, KafkaRecord& record, std::string& error) {
  error.clear();
  rd_kafka_message_t* message = rd_kafka_consumer_poll(impl_->client.get(), timeout_ms);
  if (message == nullptr) return false;
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) error = rd_kafka_message_errstr(message);
    rd_kafka_message_destroy(message);
    return false;
  }
  record = KafkaRecord(message);
  return true;
}

void KafkaConsumer::store_offset(std::int32_t partition, std::int64_t offset) {
  const ListPtr list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), impl_->options.topic.c_str(), partition)->offset =
      offset;
  // Fails for a partition that was given back meanwhile: then another member reads on from the
  // commit.
  (void)rd_kafka_offsets_store(impl_->client.get(), list.get());
}

void KafkaConsumer::commit() {
  (void)rd_kafka_commit(impl_->client.get(), nullptr, 0);
}

void KafkaConsumer::pause_all() {
  rd_kafka_topic_partition_list_t* list = nullptr;
  if (rd_kafka_assignment(impl_->client.get(), &list) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  impl_->paused.reset(list);
  rd_kafka_pause_partitions(impl_->client.get(), list);
}

void KafkaConsumer::resume_all() {
  if (!impl_->paused) return;  // Never resume what was not paused: 2.0.2 would refetch.
  rd_kafka_resume_partitions(impl_->client.get(), impl_->paused.get());
  impl_->paused.reset();
}

void KafkaConsumer::close() {
  if (impl_->closed) return;
  impl_->closed = true;
  (void)rd_kafka_commit(impl_->client.get(), nullptr, 0);
  rd_kafka_consumer_close(impl_->client.get());
}

class KafkaTable::Impl {
 public:
  ClientPtr client;
  std::vector<bool> at_end;  // By partition.
  std::map<std::string, std::string> rows;
};

KafkaTable::KafkaTable(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

std::expected<std::unique_ptr<KafkaTable>, std::string> KafkaTable::create(Options options) {
  auto impl = std::make_unique<Impl>();
  ConfPtr conf(rd_kafka_conf_new());
  const KafkaProperties properties = {
      {"bootstrap.servers", options.brokers},
      {"client.id", options.client_id},
      // librdkafka polls for members of groups only; as nothing is subscribed, it joins none.
      {"group.id", options.client_id + "-" + options.topic},
      {"enable.auto.commit", "false"},
      {"auto.offset.reset", "earliest"},
      {"isolation.level", "read_committed"},
      {"enable.partition.eof", "true"},
      {"fetch.wait.max.ms", options.embedded ? "5" : "100"},
      {"log.connection.close", "false"},
      {"allow.auto.create.topics", "false"},
  };
  if (std::string error = set_properties(conf.get(), properties); !error.empty())
    return std::unexpected(error);
  if (std::string error = set_properties(conf.get(), options.properties); !error.empty())
    return std::unexpected(error);
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);
  char error[512];
  impl->client.reset(rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), error, sizeof(error)));
  if (!impl->client)
    return std::unexpected(std::string("the Kafka consumer cannot start: ") + error);
  (void)conf.release();  // The client's now.
  rd_kafka_poll_set_consumer(impl->client.get());
  const TopicPtr topic(rd_kafka_topic_new(impl->client.get(), options.topic.c_str(), nullptr));
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t code =
      rd_kafka_metadata(impl->client.get(), 0, topic.get(), &metadata, kMetadataTimeoutMs);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return std::unexpected("no broker answers at " + options.brokers + ": " +
                           rd_kafka_err2str(code));
  const int partitions = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
  rd_kafka_metadata_destroy(metadata);
  if (partitions == 0)
    return std::unexpected("there is no topic " + options.topic +
                           "; create it with cleanup.policy=compact");
  impl->at_end.resize(static_cast<std::size_t>(partitions));
  const ListPtr list(rd_kafka_topic_partition_list_new(partitions));
  for (int i = 0; i < partitions; ++i) {
    rd_kafka_topic_partition_list_add(list.get(), options.topic.c_str(), i)->offset =
        RD_KAFKA_OFFSET_BEGINNING;
  }
  rd_kafka_assign(impl->client.get(), list.get());
  return std::unique_ptr<KafkaTable>(new KafkaTable(std::move(impl)));
}

KafkaTable::~KafkaTable() {
  if (impl_ != nullptr) rd_kafka_consumer_close(impl_->client.get());
}

void KafkaTable::read(int timeout_ms) {
  for (int wait = timeout_ms;; wait = 0) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(impl_->client.get(), wait);
    if (message == nullptr) return;
    const auto partition = static_cast<std::size_t>(message->partition);
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      std::string key(static_cast<const char*>(message->key), message->key_len);
      if (message->payload == nullptr) {
        impl_->rows.erase(key);
      } else {
        impl_->rows[std::move(key)].assign(static_cast<const char*>(message->payload),
                                           message->len);
      }
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      impl_->at_end.at(partition) = true;
    }
    // Other errors pass: librdkafka tries again, and what has been read stays.
    rd_kafka_message_destroy(message);
  }
}

bool KafkaTable::is_complete() const {
  return std::all_of(impl_->at_end.begin(), impl_->at_end.end(), [](bool end) { return end; });
}

const std::map<std::string, std::string>& KafkaTable::rows() const {
  return impl_->rows;
}

class KafkaProducer::Impl {
 public:
  Options options;
  OnDelivery on_delivery;
  ClientPtr client;
  std::vector<TopicPtr> topics;

  static void on_report(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
    const auto& self = *static_cast<Impl*>(opaque);
    self.on_delivery(message->_private, message->err == RD_KAFKA_RESP_ERR_NO_ERROR
                                            ? std::string_view()
                                            : std::string_view(rd_kafka_err2str(message->err)));
  }
};

KafkaProducer::KafkaProducer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

std::expected<std::unique_ptr<KafkaProducer>, std::string> KafkaProducer::create(
    Options options, OnDelivery on_delivery) {
  auto impl = std::make_unique<Impl>();
  impl->options = std::move(options);
  impl->on_delivery = std::move(on_delivery);
  const Options& o = impl->options;
  ConfPtr conf(rd_kafka_conf_new());
  const KafkaProperties properties = {
      {"bootstrap.servers", o.brokers},
      {"client.id", o.client_id},
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"linger.ms", o.embedded ? "1" : "5"},
      // The mock loses batches of several megabytes.
      {"batch.size", o.embedded ? "262144" : "1000000"},
      {"compression.codec", o.embedded ? "none" : "lz4"},
      {"queue.buffering.max.messages", "1000000"},
      {"message.timeout.ms", "120000"},
      {"message.max.bytes", "20000000"},
      {"socket.nagle.disable", "true"},
      {"log.connection.close", "false"},
  };
  if (std::string error = set_properties(conf.get(), properties); !error.empty())
    return std::unexpected(error);
  if (std::string error = set_properties(conf.get(), o.properties); !error.empty())
    return std::unexpected(error);
  rd_kafka_conf_set_opaque(conf.get(), impl.get());
  rd_kafka_conf_set_dr_msg_cb(conf.get(), &Impl::on_report);
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);
  char error[512];
  impl->client.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), error, sizeof(error)));
  if (!impl->client)
    return std::unexpected(std::string("the Kafka producer cannot start: ") + error);
  (void)conf.release();
  for (const std::string& topic : o.topics) {
    impl->topics.emplace_back(rd_kafka_topic_new(impl->client.get(), topic.c_str(), nullptr));
    // The first record of a topic waits up to a second unless the topic is known.
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(impl->client.get(), 0, impl->topics.back().get(), &metadata,
                          kMetadataTimeoutMs) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      rd_kafka_metadata_destroy(metadata);
    }
  }
  return std::unique_ptr<KafkaProducer>(new KafkaProducer(std::move(impl)));
}

KafkaProducer::~KafkaProducer() {
  if (impl_ == nullptr || !impl_->client) return;
  rd_kafka_flush(impl_->client.get(), 1000);
  impl_->topics.clear();
}

// The macros of rd_kafka_producev cast in C's way.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
bool KafkaProducer::produce(std::size_t topic, std::string_view key, std::string_view value,
                            std::span<const KafkaHeader> headers, void* opaque,
                            std::string& error) {
  WIREWATCH_CHECK(topic < impl_->topics.size());
  while (true) {
    rd_kafka_headers_t* list = rd_kafka_headers_new(headers.size());
    for (const KafkaHeader& header : headers) {
      rd_kafka_header_add(list, header.key.data(), static_cast<ssize_t>(header.key.size()),
                          header.value.data(), static_cast<ssize_t>(header.value.size()));
    }
    // producev with the topic's handle: produceva frees headers twice before 2.12.
    const rd_kafka_resp_err_t code = rd_kafka_producev(
        impl_->client.get(), RD_KAFKA_V_RKT(impl_->topics[topic].get()),
        RD_KAFKA_V_PARTITION(RD_KAFKA_PARTITION_UA), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(key.data(), key.size()),
        RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_HEADERS(list),
        RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
    rd_kafka_headers_destroy(list);
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
      error = rd_kafka_err2str(code);
      return false;
    }
    std::this_thread::sleep_for(
        std::chrono::milliseconds(5));  // Reports are served by poll()'s thread.
  }
}

#pragma GCC diagnostic pop

void KafkaProducer::poll(int timeout_ms) {
  rd_kafka_poll(impl_->client.get(), timeout_ms);
}
bool KafkaProducer::flush(int timeout_ms) {
  return rd_kafka_flush(impl_->client.get(), timeout_ms) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

class EmbeddedBroker::Impl {
 public:
  ClientPtr owner;
  rd_kafka_mock_cluster_t* cluster = nullptr;
};

EmbeddedBroker::EmbeddedBroker() : impl_(std::make_unique<Impl>()) {
  char error[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set_log_cb(conf, nullptr);
  impl_->owner.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof(error)));
  WIREWATCH_CHECK(impl_->owner != nullptr);
  impl_->cluster = rd_kafka_mock_cluster_new(impl_->owner.get(), 1);
  WIREWATCH_CHECK(impl_->cluster != nullptr);
}
EmbeddedBroker::~EmbeddedBroker() {
  rd_kafka_mock_cluster_destroy(impl_->cluster);
}
std::string EmbeddedBroker::bootstrap_servers() const {
  return rd_kafka_mock_cluster_bootstraps(impl_->cluster);
}
void EmbeddedBroker::create_topic(const std::string& topic, int partitions) {
  (void)rd_kafka_mock_topic_create(impl_->cluster, topic.c_str(), partitions, 1);
}

std::string ensure_topics(const std::string& brokers, const KafkaProperties& properties,
                          std::span<const std::string> topics, bool create, int partitions,
                          int replication, bool& unreachable) {
  unreachable = false;
  ConfPtr conf(rd_kafka_conf_new());
  if (std::string error = set_properties(
          conf.get(), {{"bootstrap.servers", brokers}, {"log.connection.close", "false"}});
      !error.empty())
    return error;
  if (std::string error = set_properties(conf.get(), properties); !error.empty()) return error;
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);
  char text[512];
  const ClientPtr client(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), text, sizeof(text)));
  if (!client) return text;
  (void)conf.release();
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t code =
      rd_kafka_metadata(client.get(), 1, nullptr, &metadata, kMetadataTimeoutMs);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    unreachable = true;
    return "no broker answers at " + brokers + ": " + rd_kafka_err2str(code) +
           "; check kafka.brokers and the network";
  }
  std::vector<std::string> missing;
  for (const std::string& topic : topics) {
    bool found = false;
    for (int i = 0; i < metadata->topic_cnt; ++i)
      found = found || topic == metadata->topics[i].topic;
    if (!found) missing.push_back(topic);
  }
  rd_kafka_metadata_destroy(metadata);
  if (missing.empty()) return {};
  if (!create) {
    std::string list;
    for (const std::string& topic : missing) list += (list.empty() ? "" : ", ") + topic;
    return "topics are missing: " + list + "; create them, or set kafka.topics_create = \"create\"";
  }
  std::vector<rd_kafka_NewTopic_t*> requests;
  for (const std::string& topic : missing) {
    requests.push_back(
        rd_kafka_NewTopic_new(topic.c_str(), partitions, replication, text, sizeof(text)));
    if (requests.back() == nullptr) {
      requests.pop_back();
      rd_kafka_NewTopic_destroy_array(requests.data(), requests.size());
      return std::string("topic ") + topic + ": " + text;
    }
  }
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client.get());
  rd_kafka_CreateTopics(client.get(), requests.data(), requests.size(), nullptr, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 30000);
  std::string failure;
  if (event == nullptr) {
    failure = "the broker did not answer the creation of topics";
  } else if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    failure = rd_kafka_event_error_string(event);
  } else {
    std::size_t count = 0;
    const rd_kafka_topic_result_t** results =
        rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto result = rd_kafka_topic_result_error(results[i]);
      if (result != RD_KAFKA_RESP_ERR_NO_ERROR &&
          result != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
        failure = std::string("topic ") + rd_kafka_topic_result_name(results[i]) +
                  " cannot be created: " + rd_kafka_topic_result_error_string(results[i]);
      }
    }
  }
  if (event != nullptr) rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy_array(requests.data(), requests.size());
  return failure;
}

std::string kafka_library_version() {
  return rd_kafka_version_str();
}

}  // namespace wirewatch
