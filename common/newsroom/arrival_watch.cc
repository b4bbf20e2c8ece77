#include "common/newsroom/arrival_watch.h"

#include <algorithm>
#include <cmath>

#include "common/base/hash.h"
#include "common/base/utf8.h"

namespace wirewatch {

namespace {

constexpr double kDayMs = 24.0 * 3'600'000;
constexpr double kGapHalfLifeMs = 7 * kDayMs;
constexpr double kInitialHalfLifeMs = kDayMs;
constexpr std::size_t kCandidates = 256;

// At most `max` bytes, whole characters of UTF-8.
std::string_view cut(std::string_view text, std::size_t max) {
  if (text.size() <= max) return text;
  while (max > 0 && is_continuation(text[max])) --max;
  return text.substr(0, max);
}

}  // namespace

void ArrivalClock::arrived(std::int64_t now_ms) {
  ++count_;
  if (now_ms <= last_ms_) return;
  const auto gap = static_cast<double>(std::max<std::int64_t>(now_ms - last_ms_ - away_ms_, 0));
  away_ms_ = 0;
  longest_gap_ms_ = std::max(longest_gap_ms_ * std::exp2(-gap / kGapHalfLifeMs), gap);
  last_ms_ = now_ms;
}

std::int64_t ArrivalClock::longest_gap_ms() const {
  const double initial = static_cast<double>(initial_gap_ms_) *
                         std::exp2(-static_cast<double>(last_ms_ - first_ms_) / kInitialHalfLifeMs);
  return static_cast<std::int64_t>(std::max(longest_gap_ms_, initial));
}

SourceWatch::SourceWatch(const SourceOptions& options) : options_(options) {
  sources_.reserve(options_.tracked_max);
  candidates_.reserve(kCandidates);
}

void SourceWatch::observe(std::string_view name, std::int64_t now_ms) {
  if (name.empty() || options_.tracked_max == 0) return;
  name = cut(name, kNameBytesMax);
  const std::uint64_t hash = hash_bytes(name);
  for (Source& source : sources_) {
    if (source.hash != hash) continue;
    source.clock.arrived(now_ms);
    ++source.articles;
    return;
  }
  auto found = std::find_if(candidates_.begin(), candidates_.end(),
                            [&](const Candidate& candidate) { return candidate.hash == hash; });
  if (found == candidates_.end()) {
    if (candidates_.size() < kCandidates) {
      candidates_.push_back({hash, 0, 0});
      found = candidates_.end() - 1;
    } else {
      found = std::min_element(
          candidates_.begin(), candidates_.end(),
          [](const Candidate& a, const Candidate& b) { return a.count < b.count; });
      *found = {hash, found->count, found->count};
    }
  }
  ++found->count;
  if (found->count - found->error < options_.track_after) return;
  if (!track(name, hash, now_ms)) return;  // It asks again with its next article.
  *found = candidates_.back();
  candidates_.pop_back();
}

void SourceWatch::restore(std::string_view name, const ArrivalState& state, std::int64_t away_ms,
                          std::int64_t now_ms) {
  name = cut(name, kNameBytesMax);
  const std::uint64_t hash = hash_bytes(name);
  const bool known = std::any_of(sources_.begin(), sources_.end(),
                                 [&](const Source& source) { return source.hash == hash; });
  if (known || name.empty() || sources_.size() >= options_.tracked_max ||
      now_ms - state.last_ms > options_.retire_after_ms)
    return;
  sources_.push_back(
      {std::string(name), hash, ArrivalClock(state, away_ms, options_.initial_gap_ms), 0});
}

bool SourceWatch::track(std::string_view name, std::uint64_t hash, std::int64_t now_ms) {
  Source source{std::string(name), hash, ArrivalClock(now_ms, options_.initial_gap_ms),
                options_.track_after};
  if (sources_.size() < options_.tracked_max) {
    sources_.push_back(std::move(source));
    return true;
  }
  const auto longest_silent = std::min_element(
      sources_.begin(), sources_.end(),
      [](const Source& a, const Source& b) { return a.clock.last_ms() < b.clock.last_ms(); });
  if (now_ms - longest_silent->clock.last_ms() <= options_.retire_after_ms) return false;
  *longest_silent = std::move(source);
  return true;
}

}  // namespace wirewatch
