// What the suite itself asks of Kafka, directly and never through a proxy: topics, offsets,
// records.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/kafka/kafka.h"
#include "common/kafka/rdkafka_handles.h"

namespace wirewatch::faults {

class KafkaProbe {
 public:
  KafkaProbe(const std::string& brokers, const std::string& group);

  // Each of these: empty, or what went wrong.
  std::string create_topic(const std::string& topic, int partitions, int replication,
                           const KafkaProperties& config = {});
  std::string delete_topic(const std::string& topic);
  // Those below these offsets.
  std::string delete_records(const std::string& topic,
                             const std::map<std::int32_t, std::int64_t>& before);
  std::string add_partitions(const std::string& topic, int total);

  // Leader by partition, of those that have one; empty when the topic is not there.
  [[nodiscard]] std::map<std::int32_t, std::int32_t> leaders(const std::string& topic);
  [[nodiscard]] std::int32_t coordinator();  // Of the group; -1 when nobody says.
  // End by partition, uncommitted records included. None when a broker does not answer.
  [[nodiscard]] std::optional<std::map<std::int32_t, std::int64_t>> ends(const std::string& topic);
  // What the group has committed, 0 where nothing is.
  [[nodiscard]] std::optional<std::map<std::int32_t, std::int64_t>> committed(
      const std::string& topic);

 private:
  rdkafka::ClientPtr client_;
};

// Calls f for every record of a topic that a reader of committed records sees, from the beginning
// to the present end. False when the end was not reached in a minute.
bool read_topic(const std::string& brokers, const std::string& topic,
                const std::function<void(const KafkaRecord&)>& f);

}  // namespace wirewatch::faults
