// Owners of librdkafka's objects, shared by the sources of this module; nobody else includes it.

#pragma once

#include <memory>
#include <string>

#include <librdkafka/rdkafka.h>

#include "common/kafka/kafka.h"

namespace wirewatch::rdkafka {

template <auto Destroy>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Destroy(object);
  }
};
using ClientPtr = std::unique_ptr<rd_kafka_t, Deleter<rd_kafka_destroy>>;
using ListPtr = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                Deleter<rd_kafka_topic_partition_list_destroy>>;
using ConfPtr = std::unique_ptr<rd_kafka_conf_t, Deleter<rd_kafka_conf_destroy>>;
using TopicPtr = std::unique_ptr<rd_kafka_topic_t, Deleter<rd_kafka_topic_destroy>>;
using ErrorPtr = std::unique_ptr<rd_kafka_error_t, Deleter<rd_kafka_error_destroy>>;
using QueuePtr = std::unique_ptr<rd_kafka_queue_t, Deleter<rd_kafka_queue_destroy>>;
using EventPtr = std::unique_ptr<rd_kafka_event_t, Deleter<rd_kafka_event_destroy>>;
using MetadataPtr = std::unique_ptr<const rd_kafka_metadata_t, Deleter<rd_kafka_metadata_destroy>>;
using GroupMetadataPtr = std::unique_ptr<rd_kafka_consumer_group_metadata_t,
                                         Deleter<rd_kafka_consumer_group_metadata_destroy>>;

// librdkafka's log lines to the destination of kafka_log.h. The second is for clients with an error
// callback, which is told of failing connections in the same words.
using LogCallback = void (*)(const rd_kafka_t* client, int level, const char* facility,
                             const char* text);
void on_log(const rd_kafka_t* client, int level, const char* facility, const char* text);
void on_log_beside_errors(const rd_kafka_t* client, int level, const char* facility,
                          const char* text);

// A client with `ours`, then the caller's own properties, which win where they may be set at all;
// the other callbacks are set in `conf` already; a null `log` drops lines. An error says what is
// wrong with which property, and shows no secret.
std::expected<ClientPtr, std::string> make_client(rd_kafka_type_t type, ConfPtr conf,
                                                  const KafkaProperties& ours,
                                                  const KafkaProperties& theirs, LogCallback log);

// A client that reads committed records of one topic, of no group, and is told where each partition
// ends. Nothing is assigned yet.
struct TopicReader {
  ClientPtr client;
  int partitions = 0;  // 0 where there is no such topic.
};
// `more` goes beside the properties that every such reader has.
std::expected<TopicReader, std::string> open_topic(const std::string& brokers,
                                                   const std::string& client_id,
                                                   const std::string& topic,
                                                   const KafkaProperties& more,
                                                   const KafkaProperties& theirs);

KafkaFailure failure_of(rd_kafka_resp_err_t code, const char* text = nullptr);

constexpr int kMetadataTimeoutMs = 10000;

}  // namespace wirewatch::rdkafka
