#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/telemetry/metrics_registry.h"
#include "common/telemetry/telemetry.h"

namespace wirewatch {

class Metrics::ProfileSlots {
 public:
  ProfileSlots(Metrics::Impl& metrics, std::span<const std::string_view> ids) {
    std::map<const void*, std::uint16_t> slots;
    by_position_.reserve(ids.size());
    for (const std::string_view id : ids) {
      const auto& one = metrics.profile_series(id);
      const auto [where, inserted] =
          slots.try_emplace(&one, static_cast<std::uint16_t>(series_.size()));
      if (inserted) series_.push_back(&one);
      by_position_.push_back(where->second);
    }
  }

  [[nodiscard]] std::span<const Metrics::Impl::ProfileSeries* const> series() const {
    return series_;
  }
  // Into series().
  [[nodiscard]] std::uint16_t slot(std::size_t position) const { return by_position_[position]; }

 private:
  std::vector<const Metrics::Impl::ProfileSeries*> series_;
  std::vector<std::uint16_t> by_position_;
};

std::shared_ptr<const Metrics::ProfileSlots> Metrics::profile_slots(
    std::span<const std::string_view> ids) {
  return std::make_shared<const ProfileSlots>(*impl_, ids);
}

struct WorkerMetrics::State {
  static constexpr std::uint32_t kBatch = 64;
  // Counts since the last hand-over; of all profiles beyond the series' limit in one.
  struct ProfileCounts {
    std::uint64_t candidates = 0;
    std::uint64_t work = 0;
    double ns = 0;
  };

  Metrics::Impl* metrics = nullptr;
  std::array<prometheus::Histogram*, kStages> histograms{};
  std::array<std::vector<double>, kStages> increments;
  std::array<double, kStages> sums{};
  std::shared_ptr<const Metrics::ProfileSlots> slots;
  std::vector<ProfileCounts> profiles;  // By slot.
  std::uint32_t count = 0;
};

WorkerMetrics::WorkerMetrics(Metrics& metrics,
                             const std::array<std::string_view, kStages>& stage_names)
    : state_(std::make_unique<State>()) {
  state_->metrics = &metrics.impl();
  for (std::size_t i = 0; i < kStages; ++i) {
    state_->histograms[i] =
        &metrics.impl().stages.Add({{"stage", std::string(stage_names[i])}}, stage_buckets());
    state_->increments[i].assign(stage_buckets().size() + 1, 0.0);
  }
}
WorkerMetrics::~WorkerMetrics() {
  hand_over();
}

void WorkerMetrics::observe(const std::array<std::int64_t, kStages>& stage_ns) {
  for (std::size_t i = 0; i < kStages; ++i) {
    if (stage_ns[i] == 0) continue;
    const double seconds = static_cast<double>(stage_ns[i]) * 1e-9;
    const auto& buckets = stage_buckets();
    const auto bucket = std::lower_bound(buckets.begin(), buckets.end(), seconds) - buckets.begin();
    state_->increments[i][static_cast<std::size_t>(bucket)] += 1;
    state_->sums[i] += seconds;
  }
  if (++state_->count >= State::kBatch) hand_over();
}

void WorkerMetrics::use_profiles(std::shared_ptr<const Metrics::ProfileSlots> slots) {
  hand_over();
  state_->slots = std::move(slots);
  state_->profiles.assign(state_->slots->series().size(), {});
}

void WorkerMetrics::candidate(std::size_t profile, std::uint32_t work, double ns) {
  State::ProfileCounts& counts = state_->profiles[state_->slots->slot(profile)];
  ++counts.candidates;
  counts.work += work;
  counts.ns += ns;
}

void WorkerMetrics::hand_over() {
  if (state_->count == 0) return;
  for (std::size_t i = 0; i < state_->profiles.size(); ++i) {
    State::ProfileCounts& counts = state_->profiles[i];
    if (counts.candidates == 0) continue;
    const Metrics::Impl::ProfileSeries& series = *state_->slots->series()[i];
    series.candidates->Increment(static_cast<double>(counts.candidates));
    series.work->Increment(static_cast<double>(counts.work));
    series.seconds->Increment(counts.ns * 1e-9);
    counts = {};
  }
  for (std::size_t i = 0; i < kStages; ++i) {
    state_->histograms[i]->ObserveMultiple(state_->increments[i], state_->sums[i]);
    std::fill(state_->increments[i].begin(), state_->increments[i].end(), 0.0);
    state_->sums[i] = 0;
  }
  state_->count = 0;
}

}  // namespace wirewatch
