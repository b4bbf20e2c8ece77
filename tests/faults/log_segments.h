// What Kafka's own log says of transactions: which records were aborted.
//
// Reads the batch headers of format 2 in a partition's segment files
// (https://kafka.apache.org/documentation/#recordbatch), so that the answer does not depend on the
// filtering of read_committed that is being checked. Pure but for read_partition().

#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace wirewatch::faults {

struct TransactionLog {
  std::set<std::int64_t> aborted;  // Offsets of records.
  std::int64_t commits = 0;        // Markers.
  std::int64_t aborts = 0;
};

// `segments` are the partition's segment files one after another. A torn batch at the end, as
// after a crash, ends the reading.
[[nodiscard]] TransactionLog transactions_of(std::string_view segments);

// Of a partition's folder in a broker's log.dirs; empty when there is none.
[[nodiscard]] TransactionLog read_partition(const std::string& directory);

}  // namespace wirewatch::faults
