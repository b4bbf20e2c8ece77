// Which records were ever read of each partition: counts each once, however often it is read, and
// finds those that Kafka deleted before they were read.
//
// Nothing else would tell: librdkafka goes on with what is there. Kafka is asked where the
// group begins with a partition, and where records are missing in a row. Input written by
// transactions has gaps that are nothing.
//
// Threads: one, the poll loop.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "common/kafka/kafka.h"

namespace wirewatch {

class ReadProgress {
 public:
  // Of a partition with gaps Kafka is asked at most so often.
  static constexpr std::int64_t kGapCheckMs = 1000;

  void assign(std::span<const std::int32_t> partitions);
  void revoke(std::span<const std::int32_t> partitions);

  // True when the record is read for the first time.
  bool read(std::int32_t partition, std::int64_t offset, std::int64_t now_ms);

  [[nodiscard]] bool has_unchecked() const { return !unchecked_.empty(); }

  // What is asked of Kafka; empty answers mean that it does not tell now.
  struct Ask {
    std::function<std::optional<std::vector<PartitionOffset>>(std::span<const std::int32_t>)>
        committed;
    std::function<std::optional<std::int64_t>(std::int32_t)> begin_of;
  };
  struct Missed {
    std::int32_t partition = 0;
    std::int64_t records = 0;
  };
  // What was missed of the partitions that are unchecked. Each is asked about once: where Kafka
  // does not tell, a check is left out, and reading does not wait for it.
  [[nodiscard]] std::vector<Missed> check(const Ask& ask);

 private:
  struct Partition {
    std::int64_t end = 0;  // After the last record that was ever read.
    std::int64_t checked_ms = -1000000;
  };
  std::map<std::int32_t, Partition> partitions_;
  // The first offset of records that did not come; -1: what the group has committed.
  std::map<std::int32_t, std::int64_t> unchecked_;
};

}  // namespace wirewatch
