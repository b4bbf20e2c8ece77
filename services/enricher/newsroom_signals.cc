#include "services/enricher/newsroom_signals.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

namespace wirewatch {

namespace {

// Fewer alerts do not tell how long a profile's silences are.
constexpr std::uint64_t kProfileAlertsMin = 5;
constexpr std::int64_t kProfileInitialGapMs = std::int64_t{3} * 24 * 3'600'000;

double seconds(std::int64_t ms) {
  return static_cast<double>(ms) / 1000;
}

}  // namespace

NewsroomSignals::NewsroomSignals(const NewsroomOptions& options, const RuleSet& rules,
                                 std::int64_t now_ms)
    : options_(options), volume_(options_.volume, now_ms), sources_(options_.sources) {
  use(rules, now_ms);
}

void NewsroomSignals::use(const RuleSet& rules, std::int64_t now_ms) {
  // Nothing else adds or removes clocks, so that only what changes has to wait for observe(), and
  // it for that.
  std::set<std::string_view> ids;
  std::map<std::string, ArrivalClock, std::less<>> added;
  for (const Profile& profile : rules.profiles().profiles()) {
    ids.insert(profile.id);
    if (!profiles_.contains(profile.id))
      added.emplace(profile.id, ArrivalClock(now_ms, kProfileInitialGapMs));
  }
  std::vector<std::string> removed;
  for (const auto& [id, clock] : profiles_) {
    if (!ids.contains(id)) removed.push_back(id);
  }
  const std::lock_guard lock(mutex_);
  for (const std::string& id : removed) profiles_.erase(id);
  profiles_.merge(added);
}

void NewsroomSignals::observe(const Processor& processor, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  volume_.observe(processor.region_result().about, processor.topic_result().topics, now_ms);
  sources_.observe(processor.article().source, now_ms);
  for (const ProfileMatch& match : processor.match_result().matches) {
    const auto clock = profiles_.find(processor.rules().profiles().profile(match.profile).id);
    if (clock != profiles_.end()) clock->second.arrived(now_ms);  // Else it is no longer in use.
  }
}

NewsroomState NewsroomSignals::state(std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  volume_.advance(now_ms);
  NewsroomState state;
  state.taken_ms = now_ms;
  state.volumes = volume_.state();
  for (const SourceWatch::Source& source : sources_.sources())
    state.sources.push_back({source.name, source.clock.state()});
  for (const auto& [id, clock] : profiles_) {
    if (clock.count() > 0) state.profiles.push_back({id, clock.state()});
  }
  return state;
}

void NewsroomSignals::restore(const NewsroomState& state, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  const std::int64_t away_ms = std::max<std::int64_t>(now_ms - state.taken_ms, 0);
  volume_.restore(state.volumes);
  for (const auto& [name, arrivals] : state.sources)
    sources_.restore(name, arrivals, away_ms, now_ms);
  for (const auto& [id, arrivals] : state.profiles) {
    if (const auto clock = profiles_.find(id); clock != profiles_.end())
      clock->second = ArrivalClock(arrivals, away_ms, kProfileInitialGapMs);
  }
}

void NewsroomSignals::publish(Metrics& metrics, std::int64_t now_ms) {
  report(now_ms);
  metrics.newsroom(report_);  // Without the lock: workers do not wait for it.
}

void NewsroomSignals::report(std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  volume_.advance(now_ms);
  report_ = {};
  const auto countries = volume_.country_totals();
  for (std::uint32_t i = 0; i < countries.size(); ++i) {
    if (countries[i] > 0)
      report_.countries.push_back({std::string(CountryCode::from_index(i).text()), countries[i]});
  }
  const auto subjects = volume_.subject_totals();
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    report_.subjects.push_back(
        {std::string(subject_name(static_cast<std::uint8_t>(i))), subjects[i]});
  }
  volume_.top(options_.series_max, rows_);
  for (const VolumeRow& row : rows_) {
    report_.volumes.push_back({std::string(row.country.text()),
                               std::string(subject_name(row.subject)),
                               static_cast<double>(row.articles), row.expected, row.score});
  }
  for (const SourceWatch::Source& source : sources_.sources()) {
    report_.sources.push_back({source.name, source.articles, seconds(source.clock.last_ms()),
                               seconds(source.clock.longest_gap_ms())});
  }
  for (const auto& [id, clock] : profiles_) {
    if (clock.count() < kProfileAlertsMin) continue;
    if (report_.profiles.size() == Metrics::kProfileSeriesMax) break;
    report_.profiles.push_back(
        {id, clock.count(), seconds(clock.last_ms()), seconds(clock.longest_gap_ms())});
  }
}

}  // namespace wirewatch
