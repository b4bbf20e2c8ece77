#include "services/enricher/refusal_search.h"

#include <utility>

namespace wirewatch {

bool RefusalSearch::note(std::int32_t partition, std::int64_t offset, bool alone,
                         std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  any_ = true;
  if ((alone ? refused_ : suspects_)[partition].insert(offset).second) {
    progress_ = true;
    progress_ms_ = now_ms;
    if (++fresh_ > kGroupSize) grouping_ = true;
    group_size_ = grouping_ ? kGroupSize : 1;
  } else if (!alone && group_size_ > 1) {  // A group with a refused one.
    progress_ = true;
    group_size_ = 1;
  }
  return alone;
}

bool RefusalSearch::contains(const Offsets& offsets, std::int32_t partition,
                             std::int64_t offset) const {
  if (!any_) return false;
  const std::lock_guard lock(mutex_);
  const auto found = offsets.find(partition);
  return found != offsets.end() && found->second.contains(offset);
}

bool RefusalSearch::is_suspect(std::int32_t partition, std::int64_t offset) const {
  return contains(suspects_, partition, offset);
}

bool RefusalSearch::is_refused(std::int32_t partition, std::int64_t offset) const {
  return contains(refused_, partition, offset);
}

void RefusalSearch::forget(std::span<const std::int32_t> partitions) {
  const std::lock_guard lock(mutex_);
  for (const std::int32_t partition : partitions) {
    suspects_.erase(partition);
    refused_.erase(partition);
  }
  any_ = !suspects_.empty() || !refused_.empty();
}

void RefusalSearch::restart(std::span<const PartitionOffset> from) {
  in_group_ = 0;
  const std::lock_guard lock(mutex_);
  for (Offsets* const found : {&suspects_, &refused_}) {
    Offsets kept;
    for (const PartitionOffset& first : from) {
      const auto at = found->find(first.partition);
      if (at == found->end()) continue;
      std::set<std::int64_t>& offsets = at->second;
      offsets.erase(offsets.begin(), offsets.lower_bound(first.offset));
      if (!offsets.empty()) kept.emplace(first.partition, std::move(offsets));
    }
    found->swap(kept);
  }
  any_ = !suspects_.empty() || !refused_.empty();
}

RefusalSearch::Turn RefusalSearch::turn(bool suspect) {
  const bool changes = suspect ? in_group_ == 0 : in_group_ > 0;
  const bool alone = suspect && in_group_ == 0 && group_size_ == 1;
  if (changes) in_group_ = 0;
  return {.after_all_before = changes, .alone = alone};
}

bool RefusalSearch::gone(bool suspect) {
  if (!suspect || ++in_group_ < group_size_) return false;
  in_group_ = 0;
  return true;
}

bool RefusalSearch::take_progress() {
  const std::lock_guard lock(mutex_);
  fresh_ = 0;
  return progress_.exchange(false);
}

}  // namespace wirewatch
