// Tells a flood of bad input from the few broken messages that every feed has.
//
// Counts outcomes over the last minute, in slices of ten seconds; open when at least kLeast of them
// are there and the share of dead letters has reached the limit. Closes by itself when the share
// falls. Pure: time is an argument. Threads: one at a time.

#pragma once

#include <array>
#include <cstdint>

namespace wirewatch {

class PoisonBreaker {
 public:
  static constexpr std::uint64_t kLeast = 100;

  // `percent` in [0, 100]; 0 never opens.
  explicit PoisonBreaker(int percent) : percent_(percent) {}

  void count(std::int64_t now_ms, bool dead) {
    Slice& slice = advance(now_ms);
    ++slice.all;
    if (dead) ++slice.dead;
  }

  [[nodiscard]] bool open(std::int64_t now_ms) {
    advance(now_ms);
    std::uint64_t all = 0;
    std::uint64_t dead = 0;
    for (const Slice& slice : slices_) {
      all += slice.all;
      dead += slice.dead;
    }
    return percent_ > 0 && all >= kLeast &&
           dead * 100 >= all * static_cast<std::uint64_t>(percent_);
  }

  // Forgets everything, to look again.
  void reset() { slices_ = {}; }

 private:
  static constexpr std::int64_t kSliceMs = 10000;
  struct Slice {
    std::int64_t number = -1;
    std::uint64_t all = 0;
    std::uint64_t dead = 0;
  };

  Slice& advance(std::int64_t now_ms) {
    const std::int64_t number = now_ms / kSliceMs;
    const auto count = static_cast<std::int64_t>(slices_.size());
    for (Slice& slice : slices_) {
      if (slice.number <= number - count) slice = {};
    }
    Slice& slice = slices_[static_cast<std::size_t>(number % count)];
    if (slice.number != number) slice = {number, 0, 0};
    return slice;
  }

  int percent_;
  std::array<Slice, 6> slices_{};
};

}  // namespace wirewatch
