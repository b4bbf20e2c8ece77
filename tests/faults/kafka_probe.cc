#include "tests/faults/kafka_probe.h"

#include <chrono>
#include <set>
#include <stdexcept>

namespace wirewatch::faults {

using namespace rdkafka;

namespace {

constexpr int kTimeoutMs = 5000;

ClientPtr make_client(rd_kafka_type_t type, const KafkaProperties& properties) {
  ConfPtr conf(rd_kafka_conf_new());
  char text[512];
  for (const auto& [key, value] : properties) {
    if (rd_kafka_conf_set(conf.get(), key.c_str(), value.c_str(), text, sizeof(text)) !=
        RD_KAFKA_CONF_OK)
      throw std::runtime_error(text);
  }
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);
  ClientPtr client(rd_kafka_new(type, conf.get(), text, sizeof(text)));
  if (!client) throw std::runtime_error(text);
  (void)conf.release();
  return client;
}

using Metadata = std::unique_ptr<const rd_kafka_metadata_t, Deleter<rd_kafka_metadata_destroy>>;

Metadata metadata_of(rd_kafka_t* client, const std::string& topic) {
  const TopicPtr handle(rd_kafka_topic_new(client, topic.c_str(), nullptr));
  const rd_kafka_metadata_t* metadata = nullptr;
  rd_kafka_metadata(client, 0, handle.get(), &metadata, kTimeoutMs);
  return Metadata(metadata);
}

// The answer to an administrative request, or what went wrong.
std::string answer(rd_kafka_queue_t* queue) {
  const EventPtr event(rd_kafka_queue_poll(queue, 30000));
  if (!event) return "no answer";
  if (rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return rd_kafka_event_error_string(event.get());
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results = nullptr;
  if (const auto* created = rd_kafka_event_CreateTopics_result(event.get()))
    results = rd_kafka_CreateTopics_result_topics(created, &count);
  else if (const auto* deleted = rd_kafka_event_DeleteTopics_result(event.get()))
    results = rd_kafka_DeleteTopics_result_topics(deleted, &count);
  else if (const auto* grown = rd_kafka_event_CreatePartitions_result(event.get()))
    results = rd_kafka_CreatePartitions_result_topics(grown, &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (rd_kafka_topic_result_error(results[i]) != RD_KAFKA_RESP_ERR_NO_ERROR)
      return rd_kafka_err2str(rd_kafka_topic_result_error(results[i]));
  }
  return {};
}

}  // namespace

KafkaProbe::KafkaProbe(const std::string& brokers, const std::string& group)
    : client_(
          make_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", brokers},
                                          {"client.id", "fault-probe"},
                                          {"isolation.level", "read_uncommitted"},  // Ends of all.
                                          {"group.id", group},
                                          {"log.connection.close", "false"},
                                          {"topic.metadata.refresh.interval.ms", "2000"}})) {}

std::string KafkaProbe::create_topic(const std::string& topic, int partitions, int replication,
                                     const KafkaProperties& config) {
  char text[512];
  rd_kafka_NewTopic_t* request =
      rd_kafka_NewTopic_new(topic.c_str(), partitions, replication, text, sizeof(text));
  if (request == nullptr) return text;
  for (const auto& [key, value] : config)
    rd_kafka_NewTopic_set_config(request, key.c_str(), value.c_str());
  const QueuePtr queue(rd_kafka_queue_new(client_.get()));
  rd_kafka_CreateTopics(client_.get(), &request, 1, nullptr, queue.get());
  rd_kafka_NewTopic_destroy(request);
  return answer(queue.get());
}

std::string KafkaProbe::delete_topic(const std::string& topic) {
  rd_kafka_DeleteTopic_t* request = rd_kafka_DeleteTopic_new(topic.c_str());
  const QueuePtr queue(rd_kafka_queue_new(client_.get()));
  rd_kafka_DeleteTopics(client_.get(), &request, 1, nullptr, queue.get());
  rd_kafka_DeleteTopic_destroy(request);
  return answer(queue.get());
}

std::string KafkaProbe::delete_records(const std::string& topic,
                                       const std::map<std::int32_t, std::int64_t>& before) {
  const ListPtr list(rd_kafka_topic_partition_list_new(static_cast<int>(before.size())));
  for (const auto& [partition, offset] : before)
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
  rd_kafka_DeleteRecords_t* request = rd_kafka_DeleteRecords_new(list.get());
  const QueuePtr queue(rd_kafka_queue_new(client_.get()));
  rd_kafka_DeleteRecords(client_.get(), &request, 1, nullptr, queue.get());
  rd_kafka_DeleteRecords_destroy(request);
  return answer(queue.get());
}

std::string KafkaProbe::add_partitions(const std::string& topic, int total) {
  char text[512];
  rd_kafka_NewPartitions_t* request = rd_kafka_NewPartitions_new(
      topic.c_str(), static_cast<std::size_t>(total), text, sizeof(text));
  if (request == nullptr) return text;
  const QueuePtr queue(rd_kafka_queue_new(client_.get()));
  rd_kafka_CreatePartitions(client_.get(), &request, 1, nullptr, queue.get());
  rd_kafka_NewPartitions_destroy(request);
  return answer(queue.get());
}

std::map<std::int32_t, std::int32_t> KafkaProbe::leaders(const std::string& topic) {
  std::map<std::int32_t, std::int32_t> leaders;
  const Metadata metadata = metadata_of(client_.get(), topic);
  if (!metadata || metadata->topic_cnt != 1) return leaders;
  for (int i = 0; i < metadata->topics[0].partition_cnt; ++i) {
    const auto& partition = metadata->topics[0].partitions[i];
    if (partition.leader >= 0) leaders[partition.id] = partition.leader;
  }
  return leaders;
}

std::int32_t KafkaProbe::coordinator() {
  const QueuePtr queue(rd_kafka_queue_new(client_.get()));
  char group[512];
  std::size_t size = sizeof(group);
  if (rd_kafka_conf_get(rd_kafka_conf(client_.get()), "group.id", group, &size) != RD_KAFKA_CONF_OK)
    return -1;
  const char* groups[] = {group};
  rd_kafka_DescribeConsumerGroups(client_.get(), groups, 1, nullptr, queue.get());
  const EventPtr event(rd_kafka_queue_poll(queue.get(), 10000));
  const auto* result = event ? rd_kafka_event_DescribeConsumerGroups_result(event.get()) : nullptr;
  if (result == nullptr) return -1;
  std::size_t count = 0;
  const auto** descriptions = rd_kafka_DescribeConsumerGroups_result_groups(result, &count);
  if (count != 1) return -1;
  const rd_kafka_Node_t* node = rd_kafka_ConsumerGroupDescription_coordinator(descriptions[0]);
  return node == nullptr ? -1 : rd_kafka_Node_id(node);
}

std::optional<std::map<std::int32_t, std::int64_t>> KafkaProbe::ends(const std::string& topic) {
  std::map<std::int32_t, std::int64_t> ends;
  for (const auto& [partition, leader] : leaders(topic)) {
    std::int64_t low = 0;
    if (rd_kafka_query_watermark_offsets(client_.get(), topic.c_str(), partition, &low,
                                         &ends[partition],
                                         kTimeoutMs) != RD_KAFKA_RESP_ERR_NO_ERROR)
      return std::nullopt;
  }
  if (ends.empty()) return std::nullopt;
  return ends;
}

std::optional<std::map<std::int32_t, std::int64_t>> KafkaProbe::committed(
    const std::string& topic) {
  const ListPtr list(rd_kafka_topic_partition_list_new(8));
  for (const auto& [partition, leader] : leaders(topic))
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
  if (list->cnt == 0 ||
      rd_kafka_committed(client_.get(), list.get(), kTimeoutMs) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return std::nullopt;
  std::map<std::int32_t, std::int64_t> committed;
  for (int i = 0; i < list->cnt; ++i) {
    if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
    committed[list->elems[i].partition] = std::max<std::int64_t>(list->elems[i].offset, 0);
  }
  return committed;
}

bool read_topic(const std::string& brokers, const std::string& topic,
                const std::function<void(const KafkaRecord&)>& f) {
  const ClientPtr client = make_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", brokers},
                                                           {"group.id", "fault-reader"},
                                                           {"enable.auto.commit", "false"},
                                                           {"enable.partition.eof", "true"},
                                                           {"isolation.level", "read_committed"},
                                                           {"fetch.wait.max.ms", "10"},
                                                           {"auto.offset.reset", "earliest"},
                                                           {"log.connection.close", "false"}});
  rd_kafka_poll_set_consumer(client.get());
  const Metadata metadata = metadata_of(client.get(), topic);
  if (!metadata || metadata->topic_cnt != 1) return false;
  const ListPtr list(rd_kafka_topic_partition_list_new(8));
  std::set<std::int32_t> left;
  for (int i = 0; i < metadata->topics[0].partition_cnt; ++i) {
    const std::int32_t partition = metadata->topics[0].partitions[i].id;
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset =
        RD_KAFKA_OFFSET_BEGINNING;
    left.insert(partition);
  }
  rd_kafka_assign(client.get(), list.get());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!left.empty() && std::chrono::steady_clock::now() < deadline) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(client.get(), 200);
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      f(KafkaRecord(message));
      continue;
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) left.erase(message->partition);
    rd_kafka_message_destroy(message);
  }
  rd_kafka_consumer_close(client.get());
  return left.empty();
}

}  // namespace wirewatch::faults
