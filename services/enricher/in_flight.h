// A record on its way: from when it was read to the last acknowledgement of its outputs.
//
// An output's number within its article: 0 is the enriched event or the dead letter, the alerts
// follow. The number goes with the article's address through librdkafka as one word, so that an
// acknowledgement finds both without a table and without an allocation.
//
// Threads: the poll loop makes it and hands it to one worker; acknowledgements change the atomic
// members at the same time. Who takes `pending` to 0 owns it from there on.

#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/kafka/kafka.h"

namespace wirewatch {

// Outputs from this one on share a number and are not remembered as acknowledged.
inline constexpr std::size_t kOutputMax = 63;

using Acknowledged = std::uint64_t;  // A bit per output.
inline constexpr Acknowledged kAllAcknowledged = ~Acknowledged{0};

struct alignas(kOutputMax + 1) InFlight {
  KafkaRecord record;
  std::uint64_t epoch = 0;  // Of the partition's assignment: results of an older one are ignored.
  std::int64_t bytes = 0;
  std::atomic<int> pending = 1;  // The worker holds one until everything is produced.
  std::atomic<bool> failed = false;
  std::atomic<Acknowledged> acknowledged = 0;
  Acknowledged before = 0;  // Acknowledged in an earlier attempt: not sent again.
  bool alone = false;       // Nothing else is in flight: a refusal is this record's own.
  bool refused = false;     // Kafka does not take its outputs: it becomes a dead letter.
  // Was refused alone just now: what it had sent does not count for the dead letter to come.
  std::atomic<bool> found_refused = false;
  bool dead = false;
  bool told = false;  // Its alerts and its news are counted: not again, however often it is read.
  std::string_view reason{};  // Of a dead one; lives for ever.
};

struct OutputRef {
  InFlight* article = nullptr;
  std::size_t output = 0;
};

// NOLINTBEGIN(performance-no-int-to-ptr): the number is in bits that alignment leaves free.
[[nodiscard]] inline void* to_opaque(OutputRef ref) {
  return reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(ref.article) |
                                 std::min(ref.output, kOutputMax));
}
[[nodiscard]] inline OutputRef from_opaque(void* opaque) {
  const auto bits = reinterpret_cast<std::uintptr_t>(opaque);
  return {reinterpret_cast<InFlight*>(bits & ~std::uintptr_t{kOutputMax}), bits & kOutputMax};
}
// NOLINTEND(performance-no-int-to-ptr)

// What is in flight, all told.
struct InFlightTotals {
  std::atomic<std::int64_t> bytes = 0;
  std::atomic<std::int64_t> records = 0;
  std::atomic<std::int64_t> queued = 0;      // Taken and not yet through a worker.
  std::atomic<std::int64_t> unproduced = 0;  // Their outputs are still to be produced.
};

}  // namespace wirewatch
