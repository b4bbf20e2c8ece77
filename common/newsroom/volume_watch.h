// Volume of news by country and subject, what is to be expected, and a score of bursts.
//
//   VolumeWatch watch(options, now_ms);
//   watch.observe(regions.about, topics.topics, now_ms);   // for every article
//   watch.advance(now_ms);                                  // now and then
//   watch.top(200, rows);                                   // the pairs worth looking at
//
// Method: Farrington, Andrews, Beale, Catchpole, "A statistical algorithm for the early detection
// of outbreaks of infectious disease", J. R. Statist. Soc. A 159 (1996), in a recursive form with
// exponential weights, and with the reweighting limit of Noufaily et al., Statistics in Medicine 32
// (2013). README.md says what is different and why.
//
// Time is an argument: milliseconds of any one clock. Time that goes back counts as the present
// bin. Threads: one at a time; callers lock. Memory: about 1 MB, fixed; nothing is allocated by
// observe() or advance(). Cost: observe() some increments per country of the article; a bin's end
// is linear in the pairs that ever occurred.

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "common/region/region.h"
#include "common/topic/topic.h"

namespace wirewatch {

struct VolumeOptions {
  std::int64_t bin_ms = 60'000;  // > 0.
  int window_bins = 10;  // In [1, kWindowBinsMax]: what "now" is, the bin under way included.
  double half_life_bins = 1440;  // Of the baseline's memory.
  int warm_up_bins = 60;         // Until so many bins have ended every score is 0.
  double expected_min = 1;       // Articles: keeps the first few of a rare pair from being a burst.
};

// Media Topics of level 1 by number, medtop:01000000 being 0; kAnySubject is the country as a
// whole.
inline constexpr std::size_t kSubjectCount = 17;
inline constexpr std::uint8_t kAnySubject = kSubjectCount;
// "politics and government", or "any".
[[nodiscard]] std::string_view subject_name(std::uint8_t subject);

struct VolumeRow {
  CountryCode country;
  std::uint8_t subject = kAnySubject;
  std::uint32_t articles = 0;  // In the window.
  double expected = 0;         // At least VolumeOptions::expected_min.
  double score = 0;            // About standard normal in a calm stream; above 6 is a burst.
};

// What is remembered of the past: not the window, which is the present.
struct VolumeState {
  struct Pair {
    CountryCode country;
    std::uint8_t subject = kAnySubject;
    double count = 0;     // Weighted articles of the pair …
    double total = 0;     // … and of all, >= count.
    double deviance = 0;  // Of windows in which it was to be expected …
    double windows = 0;   // … and how many they were.
  };
  std::int64_t window_ms = 0;
  std::int64_t bins_ended = 0;
  double total = 0;
  double deviance = 0;
  double windows = 0;
  std::vector<Pair> pairs{};
};

// Signed root of the deviance of a Poisson count, over the root of `dispersion` (McCullagh and
// Nelder, "Generalized Linear Models", 1989). `expected` and `dispersion` > 0.
[[nodiscard]] double burst_score(double observed, double expected, double dispersion);

class VolumeWatch {
 public:
  static constexpr int kWindowBinsMax = 60;

  VolumeWatch(const VolumeOptions& options, std::int64_t now_ms);

  // One article. A pair counts once, however often it is named.
  void observe(std::span<const CountryScore> about, std::span<const TopicScore> topics,
               std::int64_t now_ms);
  void advance(std::int64_t now_ms);

  // The `max` pairs with the highest scores of 3 and more, then with the most articles in the
  // window. Pairs without an article in the window are none.
  void top(std::size_t max, std::vector<VolumeRow>& rows) const;

  // What is to be kept, as of the last bin's end. What has all but been forgotten is left out.
  [[nodiscard]] VolumeState state() const;
  // Takes up what was kept, in place of what is remembered here; meant for the start. Decayed to
  // the present already (merge() in newsroom_state.h does it).
  void restore(const VolumeState& state);

  // Of one pair, for tests and explanations.
  [[nodiscard]] VolumeRow row(CountryCode country, std::uint8_t subject) const;

  // Articles since construction, by CountryCode::index() and by subject.
  [[nodiscard]] std::span<const std::uint64_t> country_totals() const { return country_totals_; }
  [[nodiscard]] std::span<const std::uint64_t> subject_totals() const { return subject_totals_; }

 private:
  // A pair: a country and a subject.
  struct Pair {
    std::uint16_t country = 0;
    std::uint8_t subject = 0;
    std::uint32_t window = 0;  // Sum of its bins.
    double count = 0;          // Baseline: weighted articles of the pair …
    double total = 0;          // … and of all.
    double deviance = 0;       // Of windows in which it was to be expected, winsorised …
    double windows = 0;        // … and how many they were.
  };

  // The pair's place, made when it is the first time.
  std::uint16_t pair_index(std::uint16_t country, std::uint8_t subject);
  void count(std::uint16_t country, std::uint8_t subject);
  void end_bin();
  void reset();
  [[nodiscard]] double expected(const Pair& pair) const;
  [[nodiscard]] double dispersion(const Pair& pair) const;
  [[nodiscard]] double score(const Pair& pair) const;
  [[nodiscard]] VolumeRow row(const Pair& pair) const;

  static constexpr std::size_t kColumns = kSubjectCount + 1;
  static constexpr std::size_t kCells = kCountryIndexCount * kColumns;
  static constexpr std::uint16_t kNoPair = 0xFFFF;

  VolumeOptions options_;
  double decay_;
  std::int64_t bin_begin_ms_;
  std::size_t head_ = 0;  // Of the ring: the bin under way.
  std::uint64_t bins_ended_ = 0;
  std::vector<std::uint16_t> pair_of_cell_;
  std::vector<Pair> pairs_;            // Those that ever occurred; reserved for all.
  std::vector<std::uint32_t> bins_;    // window_bins per pair.
  std::vector<std::uint32_t> totals_;  // Articles per bin.
  std::uint32_t window_total_ = 0;
  double baseline_total_ = 0;
  double deviance_ = 0;  // As of a pair, over all of them.
  double windows_ = 0;
  std::array<std::uint64_t, kCountryIndexCount> country_totals_{};
  std::array<std::uint64_t, kSubjectCount> subject_totals_{};
  mutable std::vector<VolumeRow> scratch_;  // Of top().
};

}  // namespace wirewatch
