#include "common/newsroom/volume_watch.h"

#include <algorithm>
#include <cmath>

#include "common/base/check.h"

namespace wirewatch {

namespace {

// Noufaily et al.: residuals above it are down-weighted.
constexpr double kReweightAbove = 2.58;
// So many windows the dispersion of all pairs weighs in that of one, and Poisson's (1) in that of
// all.
constexpr double kDispersionPrior = 240;
// From this score on a pair is listed for its score and not for its volume.
constexpr double kNotable = 3;

// Weighted articles: less is as good as none.
constexpr double kForgotten = 0.01;

constexpr std::uint32_t kTopicStep = 1'000'000;  // Media Topics of level 1 are its multiples.

}  // namespace

std::string_view subject_name(std::uint8_t subject) {
  if (subject >= kSubjectCount) return "any";
  return topic_name(TopicId((subject + 1U) * kTopicStep));
}

double burst_score(double observed, double expected, double dispersion) {
  const double deviance =
      2 * ((observed > 0 ? observed * std::log(observed / expected) : 0) - (observed - expected));
  const double root = std::sqrt(std::max(deviance, 0.0) / dispersion);
  return observed < expected ? -root : root;
}

VolumeWatch::VolumeWatch(const VolumeOptions& options, std::int64_t now_ms)
    : options_(options),
      decay_(std::exp2(-1 / options.half_life_bins)),
      bin_begin_ms_(now_ms),
      pair_of_cell_(kCells, kNoPair),
      totals_(static_cast<std::size_t>(options.window_bins), 0) {
  WIREWATCH_CHECK(options.bin_ms > 0 && options.window_bins >= 1 &&
                  options.window_bins <= kWindowBinsMax && options.half_life_bins > 0 &&
                  options.expected_min > 0);
  static_assert(kCells < kNoPair);
  // Every country of the world with every subject; codes that are no country's never occur.
  pairs_.reserve(kCells);
  bins_.reserve(kCells * static_cast<std::size_t>(options.window_bins));
}

std::uint16_t VolumeWatch::pair_index(std::uint16_t country, std::uint8_t subject) {
  std::uint16_t& index = pair_of_cell_[country * kColumns + subject];
  if (index == kNoPair) {
    index = static_cast<std::uint16_t>(pairs_.size());
    Pair pair;
    pair.country = country;
    pair.subject = subject;
    pair.total = baseline_total_;  // It was never there among all that came so far.
    pairs_.push_back(pair);
    bins_.resize(bins_.size() + totals_.size(), 0);
  }
  return index;
}

void VolumeWatch::count(std::uint16_t country, std::uint8_t subject) {
  const std::size_t index = pair_index(country, subject);
  ++pairs_[index].window;
  ++bins_[index * totals_.size() + head_];
}

void VolumeWatch::observe(std::span<const CountryScore> about, std::span<const TopicScore> topics,
                          std::int64_t now_ms) {
  advance(now_ms);
  ++totals_[head_];
  ++window_total_;
  std::uint32_t subjects = 0;  // A set of bits.
  for (const TopicScore& topic : topics) {
    const std::uint32_t id = topic.id.value();
    if (topic.level == 1 && id % kTopicStep == 0 && id > 0 && id / kTopicStep <= kSubjectCount)
      subjects |= 1U << (id / kTopicStep - 1);
  }
  for (std::uint8_t subject = 0; subject < kSubjectCount; ++subject)
    subject_totals_[subject] += (subjects >> subject) & 1U;
  for (const CountryScore& score : about) {
    if (score.country.empty()) continue;
    const auto country = static_cast<std::uint16_t>(score.country.index());
    ++country_totals_[country];
    count(country, kAnySubject);
    for (std::uint8_t subject = 0; subject < kSubjectCount; ++subject) {
      if (((subjects >> subject) & 1U) != 0) count(country, subject);
    }
  }
}

void VolumeWatch::advance(std::int64_t now_ms) {
  if (now_ms < bin_begin_ms_ + options_.bin_ms) return;
  const std::int64_t bins = (now_ms - bin_begin_ms_) / options_.bin_ms;
  bin_begin_ms_ += bins * options_.bin_ms;
  if (static_cast<double>(bins) > 20 * options_.half_life_bins) {
    reset();  // Nothing of the baseline would be left.
    return;
  }
  for (std::int64_t i = 0; i < bins; ++i) end_bin();
}

void VolumeWatch::reset() {
  std::fill(pair_of_cell_.begin(), pair_of_cell_.end(), kNoPair);
  pairs_.clear();
  bins_.clear();
  std::fill(totals_.begin(), totals_.end(), 0);
  window_total_ = 0;
  baseline_total_ = 0;
  deviance_ = 0;
  windows_ = 0;
  bins_ended_ = 0;
}

VolumeState VolumeWatch::state() const {
  VolumeState state;
  state.window_ms = options_.bin_ms * options_.window_bins;
  state.bins_ended = static_cast<std::int64_t>(bins_ended_);
  state.total = baseline_total_;
  state.deviance = deviance_;
  state.windows = windows_;
  for (const Pair& pair : pairs_) {
    if (pair.count < kForgotten) continue;
    state.pairs.push_back({CountryCode::from_index(pair.country), pair.subject, pair.count,
                           pair.total, pair.deviance, pair.windows});
  }
  return state;
}

void VolumeWatch::restore(const VolumeState& state) {
  reset();
  bins_ended_ = static_cast<std::uint64_t>(std::max<std::int64_t>(state.bins_ended, 0));
  baseline_total_ = state.total;
  // How windows vary depends on their length.
  const bool same = state.window_ms == options_.bin_ms * options_.window_bins;
  deviance_ = same ? state.deviance : 0;
  windows_ = same ? state.windows : 0;
  for (const VolumeState::Pair& kept : state.pairs) {
    if (kept.country.empty() || kept.subject > kAnySubject) continue;
    const auto country = static_cast<std::uint16_t>(kept.country.index());
    Pair& pair = pairs_[pair_index(country, kept.subject)];
    pair.count = kept.count;
    pair.total = kept.total;
    pair.deviance = same ? kept.deviance : 0;
    pair.windows = same ? kept.windows : 0;
  }
}

void VolumeWatch::end_bin() {
  ++bins_ended_;
  const std::size_t width = totals_.size();
  const std::size_t oldest = (head_ + 1) % width;  // Leaves the window, and enters the baseline.
  const bool warm = bins_ended_ > static_cast<std::uint64_t>(options_.warm_up_bins);
  baseline_total_ = baseline_total_ * decay_ + totals_[oldest];
  deviance_ *= decay_;
  windows_ *= decay_;
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    Pair& pair = pairs_[i];
    std::uint32_t& bin = bins_[i * width + oldest];
    const double s = score(pair);
    const double weight = s > kReweightAbove ? (kReweightAbove / s) * (kReweightAbove / s) : 1;
    // The dispersion learns from windows in which something was to be expected. What stands out
    // counts as if it just did (Huber's winsorising): bursts do not make bursts usual.
    if (warm && pair.count * window_total_ > pair.total * options_.expected_min) {
      const double limit = kReweightAbove * kReweightAbove * dispersion(pair);
      const double root = burst_score(pair.window, expected(pair), 1);
      const double deviance = std::min(root * root, limit);
      pair.deviance = pair.deviance * decay_ + deviance;
      pair.windows = pair.windows * decay_ + 1;
      deviance_ += deviance;
      windows_ += 1;
    }
    pair.count = pair.count * decay_ + weight * bin;
    pair.total = pair.total * decay_ + weight * totals_[oldest];
    pair.window -= bin;
    bin = 0;
  }
  window_total_ -= totals_[oldest];
  totals_[oldest] = 0;
  head_ = oldest;
}

double VolumeWatch::expected(const Pair& pair) const {
  const double share = pair.total > 0 ? pair.count / pair.total : 0;
  return std::max(share * window_total_, options_.expected_min);
}

double VolumeWatch::dispersion(const Pair& pair) const {
  const double of_all = (kDispersionPrior + deviance_) / (kDispersionPrior + windows_);
  const double own =
      (kDispersionPrior * of_all + pair.deviance) / (kDispersionPrior + pair.windows);
  return std::max(1.0, own);
}

double VolumeWatch::score(const Pair& pair) const {
  if (bins_ended_ <= static_cast<std::uint64_t>(options_.warm_up_bins) || pair.total <= 0) return 0;
  // What is expected is itself an estimate, from so much more news than the window's.
  const double uncertainty = 1 + window_total_ / pair.total;
  return burst_score(pair.window, expected(pair), dispersion(pair) * uncertainty);
}

VolumeRow VolumeWatch::row(const Pair& pair) const {
  return {CountryCode::from_index(pair.country), pair.subject, pair.window, expected(pair),
          score(pair)};
}

VolumeRow VolumeWatch::row(CountryCode country, std::uint8_t subject) const {
  const std::uint16_t index = pair_of_cell_[country.index() * kColumns + subject];
  if (index != kNoPair) return row(pairs_[index]);
  return {country, subject, 0, options_.expected_min, 0};
}

void VolumeWatch::top(std::size_t max, std::vector<VolumeRow>& rows) const {
  scratch_.clear();
  for (const Pair& pair : pairs_) {
    if (pair.window > 0) scratch_.push_back(row(pair));
  }
  const auto before = [](const VolumeRow& a, const VolumeRow& b) {
    const double notable_a = a.score >= kNotable ? a.score : 0;
    const double notable_b = b.score >= kNotable ? b.score : 0;
    if (notable_a != notable_b) return notable_a > notable_b;
    if (a.articles != b.articles) return a.articles > b.articles;
    return a.country != b.country ? a.country < b.country : a.subject < b.subject;
  };
  const std::size_t kept = std::min(max, scratch_.size());
  std::partial_sort(scratch_.begin(), scratch_.begin() + static_cast<std::ptrdiff_t>(kept),
                    scratch_.end(), before);
  rows.assign(scratch_.begin(), scratch_.begin() + static_cast<std::ptrdiff_t>(kept));
}

}  // namespace wirewatch
