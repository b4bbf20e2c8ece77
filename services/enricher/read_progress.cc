#include "services/enricher/read_progress.h"

#include <algorithm>

namespace wirewatch {

void ReadProgress::assign(std::span<const std::int32_t> partitions) {
  for (const std::int32_t partition : partitions) {
    partitions_[partition] = {};
    unchecked_[partition] = -1;
  }
}

void ReadProgress::revoke(std::span<const std::int32_t> partitions) {
  for (const std::int32_t partition : partitions) {
    partitions_.erase(partition);
    unchecked_.erase(partition);
  }
}

bool ReadProgress::read(std::int32_t partition, std::int64_t offset, std::int64_t now_ms) {
  Partition& p = partitions_[partition];
  if (p.end > 0 && offset > p.end && now_ms - p.checked_ms > kGapCheckMs) {
    p.checked_ms = now_ms;
    unchecked_[partition] = p.end;
  }
  const bool first = offset >= p.end;
  p.end = std::max(p.end, offset + 1);
  return first;
}

std::vector<ReadProgress::Missed> ReadProgress::check(const Ask& ask) {
  std::map<std::int32_t, std::int64_t> unchecked;
  unchecked.swap(unchecked_);
  std::vector<std::int32_t> partitions;
  partitions.reserve(unchecked.size());
  for (const auto& [partition, from] : unchecked) partitions.push_back(partition);
  std::vector<Missed> missed;
  const auto committed = ask.committed(partitions);
  if (!committed) return missed;
  for (const PartitionOffset& c : *committed) {
    const std::int64_t from = unchecked[c.partition] >= 0 ? unchecked[c.partition] : c.offset;
    if (from < 0) continue;
    const auto begin = ask.begin_of(c.partition);
    if (!begin) break;
    if (*begin > from) missed.push_back({c.partition, *begin - from});
  }
  return missed;
}

}  // namespace wirewatch
