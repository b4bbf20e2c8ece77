#include "services/enricher/partition_positions.h"

#include <algorithm>

namespace wirewatch {

void PartitionPositions::assign(std::span<const std::int32_t> partitions) {
  const std::lock_guard lock(mutex_);
  for (const std::int32_t partition : partitions) {
    Position& position = positions_[partition];
    position = {};
    position.epoch = ++epoch_;
  }
}

void PartitionPositions::revoke(std::span<const std::int32_t> partitions) {
  const std::lock_guard lock(mutex_);
  for (const std::int32_t partition : partitions) positions_.erase(partition);
}

std::size_t PartitionPositions::count() const {
  const std::lock_guard lock(mutex_);
  return positions_.size();
}

std::int32_t PartitionPositions::lowest() const {
  const std::lock_guard lock(mutex_);
  return positions_.empty() ? -1 : positions_.begin()->first;
}

bool PartitionPositions::take(InFlight& in_flight, std::int64_t now_ms) {
  const std::int64_t offset = in_flight.record.offset();
  const std::lock_guard lock(mutex_);
  const auto found = positions_.find(in_flight.record.partition());
  if (found == positions_.end()) return false;
  Position& position = found->second;
  if (offset < position.next) position = {.epoch = ++epoch_};
  in_flight.epoch = position.epoch;
  if (position.watermark.in_flight() == 0) position.front_since_ms = now_ms;
  position.watermark.begin(offset);
  position.next = offset + 1;
  if (position.base < 0) position.base = offset;
  if (!position.told.empty()) {
    position.told.erase(position.told.begin(), position.told.lower_bound(offset));
    in_flight.told = position.told.contains(offset);
  }
  if (!position.before.empty()) {
    position.before.erase(position.before.begin(), position.before.lower_bound(offset));
    const auto before = position.before.find(offset);
    if (before != position.before.end() && !in_flight.refused) in_flight.before = before->second;
  }
  return true;
}

void PartitionPositions::pass_over(std::int32_t partition, std::int64_t offset) {
  const std::lock_guard lock(mutex_);
  const auto found = positions_.find(partition);
  if (found != positions_.end() && found->second.passed_over < 0)
    found->second.passed_over = offset;
}

void PartitionPositions::finish(std::span<InFlight* const> articles, std::int64_t now_ms,
                                std::vector<PartitionOffset>& moved) {
  const std::lock_guard lock(mutex_);
  for (const InFlight* in_flight : articles) finish_one(*in_flight, now_ms, moved);
}

void PartitionPositions::finish_one(const InFlight& in_flight, std::int64_t now_ms,
                                    std::vector<PartitionOffset>& moved) {
  const std::int32_t partition = in_flight.record.partition();
  const std::int64_t offset = in_flight.record.offset();
  const auto found = positions_.find(partition);
  if (found == positions_.end() || found->second.epoch != in_flight.epoch) return;
  Position& position = found->second;
  if (in_flight.failed) {
    if (in_flight.told) position.told.insert(offset);
    // What was acknowledged nevertheless is not sent again. A dead letter in place of the event is
    // another output.
    const Acknowledged sent = in_flight.acknowledged | in_flight.before;
    if (sent != 0 && !exactly_once_ && !in_flight.refused && !in_flight.found_refused)
      position.before[offset] = sent;
    return;
  }
  const auto end = position.watermark.done(offset);
  if (!end) return;
  position.front_since_ms = now_ms;
  if (exactly_once_) return;
  const auto same = std::find_if(moved.begin(), moved.end(), [&](const PartitionOffset& other) {
    return other.partition == partition;
  });
  if (same != moved.end()) {
    same->offset = *end;
  } else {
    moved.push_back({partition, *end});
  }
}

bool PartitionPositions::is_held_up(std::int64_t now_ms, std::int64_t limit_ms) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(positions_.begin(), positions_.end(), [&](const auto& item) {
    return item.second.watermark.in_flight() > 0 && now_ms - item.second.front_since_ms > limit_ms;
  });
}

std::vector<PartitionOffset> PartitionPositions::transaction_offsets() const {
  const std::lock_guard lock(mutex_);
  std::vector<PartitionOffset> offsets;
  for (const auto& [partition, position] : positions_) {
    if (position.base >= 0) offsets.push_back({partition, position.next});
  }
  return offsets;
}

void PartitionPositions::transaction_ended() {
  const std::lock_guard lock(mutex_);
  for (auto& [partition, position] : positions_) position.base = -1;
}

void PartitionPositions::remember_told(std::span<InFlight* const> articles) {
  const std::lock_guard lock(mutex_);
  for (const InFlight* in_flight : articles) {
    const auto found = positions_.find(in_flight->record.partition());
    if (in_flight->told && found != positions_.end())
      found->second.told.insert(in_flight->record.offset());
  }
}

std::vector<PartitionOffset> PartitionPositions::restart_offsets() {
  const std::lock_guard lock(mutex_);
  std::vector<PartitionOffset> offsets;
  for (auto& [partition, position] : positions_) {
    std::int64_t from = -1;
    if (exactly_once_) {
      from = position.base;
    } else if (const auto front = position.watermark.front()) {
      from = *front;
      position.watermark.for_each_done(
          [&](std::int64_t offset) { position.before[offset] = kAllAcknowledged; });
    }
    if (from < 0) from = position.passed_over;
    if (from >= 0) offsets.push_back({partition, from});
  }
  return offsets;
}

void PartitionPositions::restarted() {
  const std::lock_guard lock(mutex_);
  for (auto& [partition, position] : positions_) {
    position.watermark = {};
    position.next = -1;
    position.base = -1;
    position.passed_over = -1;
    position.epoch = ++epoch_;
  }
}

}  // namespace wirewatch
