// When a stream of articles last spoke and how long it usually stays silent: of a source, or of a
// profile's alerts.
//
// A stream is compared with its own longest silence of late, not with its mean interval: wires
// sleep at night and on Sundays, and a mean would call each night an outage. The longest silence is
// forgotten by half in a week; a stream that has just become known is given the benefit of the
// doubt (`initial_gap`, which halves every day).
//
// Time is an argument, in milliseconds of any one clock. Threads: one at a time; callers lock.
// SourceWatch allocates at construction, and a name's text when a source is first tracked.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wirewatch {

// What a clock remembers, to be kept outside of the process.
struct ArrivalState {
  std::int64_t first_ms = 0;
  std::int64_t last_ms = 0;
  double longest_gap_ms = 0;
  std::uint64_t count = 0;
};

class ArrivalClock {
 public:
  ArrivalClock() = default;
  ArrivalClock(std::int64_t now_ms, std::int64_t initial_gap_ms)
      : first_ms_(now_ms), last_ms_(now_ms), initial_gap_ms_(initial_gap_ms) {}
  // As it was when its state was taken, `away_ms` ago: so much of the silence before the next
  // arrival was ours and not the stream's.
  ArrivalClock(const ArrivalState& state, std::int64_t away_ms, std::int64_t initial_gap_ms)
      : count_(state.count),
        first_ms_(state.first_ms),
        last_ms_(state.last_ms),
        initial_gap_ms_(initial_gap_ms),
        away_ms_(away_ms),
        longest_gap_ms_(state.longest_gap_ms) {}

  void arrived(std::int64_t now_ms);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] std::int64_t last_ms() const { return last_ms_; }
  [[nodiscard]] ArrivalState state() const {
    return {first_ms_, last_ms_, longest_gap_ms_, count_};
  }
  // The longest silence to expect, as of the last arrival.
  [[nodiscard]] std::int64_t longest_gap_ms() const;

 private:
  std::uint64_t count_ = 0;
  std::int64_t first_ms_ = 0;
  std::int64_t last_ms_ = 0;
  std::int64_t initial_gap_ms_ = 0;
  std::int64_t away_ms_ = 0;
  double longest_gap_ms_ = 0;
};

struct SourceOptions {
  std::size_t tracked_max = 64;
  std::uint32_t track_after = 20;                                   // Articles.
  std::int64_t initial_gap_ms = std::int64_t{6} * 3'600'000;        // Six hours.
  std::int64_t retire_after_ms = std::int64_t{7} * 24 * 3'600'000;  // A week.
};

// The frequent sources of a stream. Names come from the articles, so that anybody can make new
// ones: a source is tracked once it has surely sent `track_after` articles, which is known by the
// Space-Saving sketch (Metwally, Agrawal, El Abbadi, ICDT 2005) in bounded memory, and keeps its
// place until it has been silent for `retire_after_ms`. While all places are taken, newcomers
// wait.
class SourceWatch {
 public:
  static constexpr std::size_t kNameBytesMax = 64;  // Longer names are cut at a character.

  struct Source {
    std::string name;
    std::uint64_t hash = 0;
    ArrivalClock clock;          // From when it was tracked.
    std::uint64_t articles = 0;  // The first `track_after` included.
  };

  explicit SourceWatch(const SourceOptions& options);

  // Empty names are nobody's and ignored.
  void observe(std::string_view name, std::int64_t now_ms);

  [[nodiscard]] std::span<const Source> sources() const { return sources_; }

  // Tracks a source at once, as it was when its state was taken, `away_ms` ago. For the start; none
  // when it is known already, was silent for too long, or no place is free. Its articles count
  // anew.
  void restore(std::string_view name, const ArrivalState& state, std::int64_t away_ms,
               std::int64_t now_ms);

 private:
  struct Candidate {
    std::uint64_t hash = 0;
    std::uint32_t count = 0;  // At most …
    std::uint32_t error = 0;  // … so many too many.
  };

  // False when no place is free.
  bool track(std::string_view name, std::uint64_t hash, std::int64_t now_ms);

  SourceOptions options_;
  std::vector<Source> sources_;
  std::vector<Candidate> candidates_;
};

}  // namespace wirewatch
