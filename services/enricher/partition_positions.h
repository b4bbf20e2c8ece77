// Where the stream stands in each partition: what is in flight, what may be committed, where to
// read on after a recovery.
//
// At least once: the offset to store is the one below which everything is acknowledged. Exactly
// once: the offsets of a transaction are those after the last record taken; `base` is its first.
// After a recovery the records from the first unfinished one on are read again; what of them is
// already acknowledged is remembered and not sent again.
//
// Pure: no Kafka, time is an argument. Threads: any; one lock, held for less than a microsecond per
// record.

#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "common/kafka/kafka.h"
#include "common/pipeline/watermark.h"
#include "services/enricher/in_flight.h"

namespace wirewatch {

class PartitionPositions {
 public:
  explicit PartitionPositions(bool exactly_once) : exactly_once_(exactly_once) {}

  void assign(std::span<const std::int32_t> partitions);
  // Results of records that are still in flight are ignored from now on.
  void revoke(std::span<const std::int32_t> partitions);
  [[nodiscard]] std::size_t count() const;
  [[nodiscard]] std::int32_t lowest() const;  // -1 where there is none.

  // A record is in flight from now on. False when its partition is not ours: its next owner reads
  // it. Fills epoch, before and told; in_flight.refused must be set. Offsets rise, or else the
  // partition begins anew, because its topic was made anew or a leader lost its end: results of
  // what is in flight are ignored then, as those records are no longer there.
  bool take(InFlight& in_flight, std::int64_t now_ms);
  // A record came that cannot be taken now: it is read again after restart().
  void pass_over(std::int32_t partition, std::int64_t offset);

  // These are acknowledged whole, or failed. Appends to `moved` where the offset to store has moved
  // (at least once), once for each partition.
  void finish(std::span<InFlight* const> articles, std::int64_t now_ms,
              std::vector<PartitionOffset>& moved);

  // Whether some partition has waited for its first record in flight longer than `limit_ms`.
  [[nodiscard]] bool is_held_up(std::int64_t now_ms, std::int64_t limit_ms) const;

  // Exactly once: what the open transaction commits.
  [[nodiscard]] std::vector<PartitionOffset> transaction_offsets() const;
  void transaction_ended();
  // These were told, and will be read again.
  void remember_told(std::span<InFlight* const> articles);

  // For a recovery, while nothing is in flight: where each partition has to be read on from …
  [[nodiscard]] std::vector<PartitionOffset> restart_offsets();
  // … and that it now is.
  void restarted();

 private:
  struct Position {
    std::uint64_t epoch = 0;
    Watermark watermark{};
    std::int64_t next = -1;         // After the last record taken since the last restart.
    std::int64_t base = -1;         // Exactly once: the first record of the open transaction.
    std::int64_t passed_over = -1;  // The first that was passed over.
    std::int64_t front_since_ms = 0;
    // At least once, after a recovery: what of the records read again is already acknowledged.
    std::map<std::int64_t, Acknowledged> before{};
    std::set<std::int64_t> told{};  // Unfinished, and counted for the newsroom already.
  };

  void finish_one(const InFlight& in_flight, std::int64_t now_ms,
                  std::vector<PartitionOffset>& moved);

  const bool exactly_once_;
  mutable std::mutex mutex_;  // Of all below.
  std::map<std::int32_t, Position> positions_;
  std::uint64_t epoch_ = 0;
};

}  // namespace wirewatch
