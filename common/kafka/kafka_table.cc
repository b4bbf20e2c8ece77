#include <algorithm>
#include <map>

#include "common/kafka/kafka.h"
#include "common/kafka/rdkafka_handles.h"

namespace wirewatch {

using namespace rdkafka;  // NOLINT(google-build-using-namespace): this module's own handles.

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
  auto client = make_client(RD_KAFKA_CONSUMER, std::move(conf), properties, options.properties);
  if (!client) return std::unexpected(client.error());
  impl->client = std::move(*client);
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

}  // namespace wirewatch
