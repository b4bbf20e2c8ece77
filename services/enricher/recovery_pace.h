// How long to wait between attempts to recover, and when being fenced is more than an accident.
//
// Pure: time is an argument. Threads: one, the poll loop.

#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace wirewatch {

// A fault soon after the last recovery, or before anything was finished, is the same one, still
// there: its pauses grow to ten seconds. Where some articles get through, and while it is being
// found out which records are refused (each step of that ends in a recovery), they stay short.
class RecoveryPace {
 public:
  static constexpr std::int64_t kPauseMaxMs = 10000;
  static constexpr std::int64_t kPauseWithProgressMs = 500;

  struct Attempt {
    int number = 1;  // Of the same fault.
    std::int64_t pause_ms = 0;
  };
  // `finished`: articles that were finished in the process's life. `searching`: refused records are
  // being found out.
  Attempt begin(std::int64_t now_ms, std::uint64_t finished, bool searching) {
    const bool progress = finished != finished_ || searching;
    const bool same = now_ms - ended_ms_ < 2 * pause_ms_ + 2000 || !progress;
    finished_ = finished;
    attempts_ = same ? attempts_ + 1 : 1;
    pause_ms_ = attempts_ == 1
                    ? 0
                    : std::min<std::int64_t>(100LL << std::min(attempts_, 8),
                                             progress ? kPauseWithProgressMs : kPauseMaxMs);
    return {attempts_, pause_ms_};
  }
  // The attempt needs no pause: it found something out.
  void skip_pause() { pause_ms_ = 0; }
  [[nodiscard]] std::int64_t pause_ms() const { return pause_ms_; }
  void end(std::int64_t now_ms) { ended_ms_ = now_ms; }

  // Whether the last recovery did its work: for a second there was no other one, and articles were
  // finished since or there are none.
  [[nodiscard]] bool is_over(std::int64_t now_ms, std::uint64_t finished, bool idle) const {
    return now_ms - ended_ms_ > 1000 && (finished != finished_ || idle);
  }

 private:
  int attempts_ = 0;
  std::int64_t pause_ms_ = 0;
  std::int64_t ended_ms_ = -1000000;
  std::uint64_t finished_ = 0;  // At the beginning of the last attempt.
};

// Being fenced once may be the broker's doing; more often it is a second process of that name.
class FencedWindow {
 public:
  static constexpr std::int64_t kWindowMs = 600000;
  static constexpr std::ptrdiff_t kMost = 5;

  // True when it has happened too often.
  bool count(std::int64_t now_ms) {
    std::erase_if(times_ms_, [&](std::int64_t then) { return now_ms - then > kWindowMs; });
    times_ms_.push_back(now_ms);
    return std::ssize(times_ms_) > kMost;
  }

 private:
  std::vector<std::int64_t> times_ms_;
};

}  // namespace wirewatch
