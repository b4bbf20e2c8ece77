// Finds out which records Kafka refuses.
//
// Kafka refuses a whole batch of up to some hundred records, of which mostly one is why. All of
// them become suspects; suspects are read again apart from the others, in groups of kGroupSize when
// they are many, and each alone when their group is refused too. Whose outputs are refused alone
// is refused itself: it becomes a dead letter.
//
// Pure: time is an argument. Threads: note() from any; the rest from the poll loop.

#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <span>

#include "common/kafka/kafka.h"

namespace wirewatch {

class RefusalSearch {
 public:
  static constexpr int kGroupSize = 16;
  // Steps of the search that are no further apart belong to one.
  static constexpr std::int64_t kStepMs = 5000;

  // An output of this record was refused. `alone`: nothing else was in flight, and it was the
  // record's own output rather than a dead letter. True when the record is refused, by itself.
  bool note(std::int32_t partition, std::int64_t offset, bool alone, std::int64_t now_ms);

  [[nodiscard]] bool is_suspect(std::int32_t partition, std::int64_t offset) const;
  [[nodiscard]] bool is_refused(std::int32_t partition, std::int64_t offset) const;
  void forget(std::span<const std::int32_t> partitions);

  // How the next record goes, in the order of reading.
  struct Turn {
    bool after_all_before = false;  // Everything before it must be finished first.
    bool alone = false;
  };
  [[nodiscard]] Turn turn(bool suspect);
  // It has gone. True when everything must be finished before the next one.
  [[nodiscard]] bool gone(bool suspect);
  // Reading begins anew, of each partition at the first record that is unfinished: no group is
  // open, and what was found out of those before is forgotten. Partitions that are not named have
  // nothing unfinished.
  void restart(std::span<const PartitionOffset> from);

  // Whether something was found out since the last call.
  [[nodiscard]] bool take_progress();
  // Whether it is being searched.
  [[nodiscard]] bool is_active(std::int64_t now_ms) const {
    return now_ms - progress_ms_ < kStepMs;
  }

 private:
  using Offsets = std::map<std::int32_t, std::set<std::int64_t>>;
  [[nodiscard]] bool contains(const Offsets& offsets, std::int32_t partition,
                              std::int64_t offset) const;

  std::atomic<bool> any_ = false;  // There is something in the sets.
  mutable std::mutex mutex_;
  Offsets suspects_;  // Guarded by mutex_, like those refused.
  Offsets refused_;
  int fresh_ = 0;                    // Guarded by mutex_: since the last recovery.
  bool grouping_ = false;            // Guarded by mutex_: once there were many at a time.
  std::atomic<int> group_size_ = 1;  // How many suspects go together.
  std::atomic<bool> progress_ = false;
  std::atomic<std::int64_t> progress_ms_ = -1000000;
  int in_group_ = 0;  // The poll loop's: suspects of the group in flight.
};

}  // namespace wirewatch
