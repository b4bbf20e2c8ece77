#include <algorithm>
#include <map>

#include "common/kafka/kafka.h"
#include "common/kafka/rdkafka_handles.h"

namespace wirewatch {

using namespace rdkafka;

class KafkaTable::Impl {
 public:
  ClientPtr client;
  std::vector<bool> at_end;  // By partition.
  std::map<std::string, std::string> rows;
};

KafkaTable::KafkaTable(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

std::expected<std::unique_ptr<KafkaTable>, std::string> KafkaTable::create(const Options& options) {
  auto reader = open_topic(options.brokers, options.client_id, options.topic,
                           {{"fetch.wait.max.ms", options.embedded ? "5" : "100"},
                            {"allow.auto.create.topics", options.embedded ? "true" : "false"}},
                           options.properties);
  if (!reader) return std::unexpected(reader.error());
  if (reader->partitions == 0)
    return std::unexpected("there is no topic " + options.topic +
                           "; create it with cleanup.policy=compact");
  auto impl = std::make_unique<Impl>();
  impl->client = std::move(reader->client);
  impl->at_end.resize(static_cast<std::size_t>(reader->partitions));
  const ListPtr list(rd_kafka_topic_partition_list_new(reader->partitions));
  for (int i = 0; i < reader->partitions; ++i) {
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
