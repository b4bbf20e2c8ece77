#include "common/kafka/kafka.h"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "common/base/check.h"
#include "common/kafka/rdkafka_handles.h"

namespace wirewatch {

namespace rdkafka {

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

KafkaFailure failure_of(rd_kafka_resp_err_t code, const char* text) {
  KafkaFault fault = KafkaFault::kTemporary;
  switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return {};
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
      fault = KafkaFault::kRecord;
      break;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
      fault = KafkaFault::kUnauthorised;
      break;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      fault = KafkaFault::kMissingTopic;
      break;
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
      fault = KafkaFault::kFenced;
      break;
    case RD_KAFKA_RESP_ERR__FATAL:
      fault = KafkaFault::kFatal;
      break;
    default:
      break;
  }
  return {fault, text == nullptr ? rd_kafka_err2str(code) : text};
}

}  // namespace rdkafka

using namespace rdkafka;  // NOLINT(google-build-using-namespace): this module's own handles.

std::string_view to_string(KafkaFault fault) {
  switch (fault) {
    case KafkaFault::kNone:
      return "none";
    case KafkaFault::kTemporary:
      return "temporary";
    case KafkaFault::kRecord:
      return "record";
    case KafkaFault::kUnauthorised:
      return "unauthorised";
    case KafkaFault::kMissingTopic:
      return "missing_topic";
    case KafkaFault::kFenced:
      return "fenced";
    case KafkaFault::kFatal:
      return "fatal";
  }
  return "temporary";
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
                          int replication, bool& unreachable, bool compacted) {
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
    if (compacted) rd_kafka_NewTopic_set_config(requests.back(), "cleanup.policy", "compact");
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
