// Which offset of a partition may be committed: the one below which everything is done.
//
// Records of a partition are finished out of order, because workers and acknowledgements are. A
// Watermark remembers what is in flight; committing past an unfinished record would lose it in a
// crash.
//
// Threads: one at a time; the enricher guards it.

#pragma once

#include <cstdint>
#include <deque>
#include <optional>

namespace wirewatch {

class Watermark {
 public:
  // A record was taken. Offsets rise, with gaps where the topic has none.
  void begin(std::int64_t offset) { entries_.push_back({offset, false}); }

  // A record is done. Returns the offset to store (last contiguous done + 1) when it has moved.
  // Unknown offsets, of a partition that was given back meanwhile, are ignored.
  std::optional<std::int64_t> done(std::int64_t offset) {
    // Binary search: entries are in rising order.
    std::size_t low = 0;
    std::size_t high = entries_.size();
    while (low < high) {
      const std::size_t middle = (low + high) / 2;
      if (entries_[middle].offset < offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low == entries_.size() || entries_[low].offset != offset) return std::nullopt;
    entries_[low].done = true;
    std::optional<std::int64_t> moved;
    while (!entries_.empty() && entries_.front().done) {
      moved = entries_.front().offset + 1;
      entries_.pop_front();
    }
    return moved;
  }

  // The first unfinished offset: what would be read again after a crash. None when all is done.
  [[nodiscard]] std::optional<std::int64_t> front() const {
    return entries_.empty() ? std::nullopt : std::optional(entries_.front().offset);
  }

  // Calls f(offset) for every record that is done above an unfinished one.
  template <typename F>
  void for_each_done(const F& f) const {
    for (const Entry& entry : entries_) {
      if (entry.done) f(entry.offset);
    }
  }

  // Records from the first unfinished one on.
  [[nodiscard]] std::size_t in_flight() const { return entries_.size(); }

 private:
  struct Entry {
    std::int64_t offset;
    bool done;
  };
  std::deque<Entry> entries_;
};

}  // namespace wirewatch
