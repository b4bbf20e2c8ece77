// The inside of KafkaConsumer, which the producer needs for the group's metadata.

#pragma once

#include "common/kafka/kafka.h"
#include "common/kafka/rdkafka_handles.h"

namespace wirewatch {

class KafkaConsumer::Impl {
 public:
  static constexpr int kRevokeCommitTimeoutMs = 5000;

  Options options;
  RebalanceListener* listener = nullptr;
  rdkafka::ClientPtr client;
  rdkafka::ListPtr paused;  // Null unless reading is paused.
  bool closed = false;

  static void on_rebalance(rd_kafka_t* client, rd_kafka_resp_err_t code,
                           rd_kafka_topic_partition_list_t* list, void* opaque);
  static int on_stats(rd_kafka_t*, char* json, std::size_t size, void* opaque);
  static void on_error(rd_kafka_t*, int code, const char* reason, void* opaque);

  void commit(int timeout_ms) const;
  void pause(const rd_kafka_topic_partition_list_t* list);

  [[nodiscard]] static rdkafka::ListPtr partition_list(std::size_t size) {
    return rdkafka::ListPtr(rd_kafka_topic_partition_list_new(static_cast<int>(size)));
  }
  void add(rd_kafka_topic_partition_list_t* list, std::int32_t partition,
           std::int64_t offset) const {
    rd_kafka_topic_partition_list_add(list, options.topic.c_str(), partition)->offset = offset;
  }
};

}  // namespace wirewatch
