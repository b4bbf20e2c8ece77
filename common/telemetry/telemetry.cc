#include "common/telemetry/telemetry.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <vector>

#include <prometheus/text_serializer.h>
#include <simdjson.h>

#include "common/telemetry/metrics_registry.h"

namespace wirewatch {

namespace {

void raise_to(prometheus::Counter& counter, std::uint64_t total) {
  const double missing = static_cast<double>(total) - counter.Value();
  if (missing > 0) counter.Increment(missing);
}

}  // namespace

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::missed(std::int64_t records) {
  impl_->missed.Increment(static_cast<double>(records));
}
void Metrics::consumed(std::string_view topic) {
  impl_->consumed.of(topic).Increment();
  ++impl_->consumed_count;
}
void Metrics::finished_enriched() {
  impl_->enriched.Increment();
  ++impl_->enriched_count;
  impl_->last_progress.Set(unix_seconds());
}
void Metrics::finished_dead(std::string_view reason) {
  impl_->dead.Increment();
  impl_->dead_letters.Add({{"reason", std::string(reason)}}).Increment();
  ++impl_->dead_count;
  impl_->last_progress.Set(unix_seconds());
}
void Metrics::alert(std::string_view profile, std::string_view level) {
  impl_->alert_counter(profile, level).Increment();
  ++impl_->alert_count;
}
void Metrics::may_alert(std::string_view profile, std::string_view level) {
  (void)impl_->alert_counter(profile, level);
}
void Metrics::produced(std::string_view topic, std::uint64_t records) {
  impl_->produced.of(topic).Increment(static_cast<double>(records));
}
void Metrics::delivery_failed(std::string_view fault) {
  impl_->delivery_failures.Add({{"fault", std::string(fault)}}).Increment();
}
void Metrics::repaired(std::uint32_t characters, std::uint32_t dates, bool text_cut) {
  if (characters > 0) impl_->replaced.Increment(characters);
  if (dates > 0) impl_->invalid_dates.Increment(dates);
  if (text_cut) impl_->texts_cut.Increment();
}
void Metrics::end_to_end(double seconds) {
  impl_->end_to_end.Observe(std::max(seconds, 0.0));
}
void Metrics::rebalanced(std::string_view type) {
  impl_->rebalances.Add({{"type", std::string(type)}}).Increment();
}
void Metrics::in_flight(std::int64_t records, std::int64_t bytes) {
  impl_->inflight_records.Set(static_cast<double>(records));
  impl_->inflight_bytes.Set(static_cast<double>(bytes));
}
void Metrics::paused(bool paused) {
  impl_->paused.Set(paused ? 1 : 0);
}
void Metrics::assigned_partitions(std::size_t count) {
  impl_->assigned.Set(static_cast<double>(count));
}
void Metrics::rules(std::string_view version, std::size_t profile_count) {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->rules_in_use != nullptr) impl_->rules.Remove(impl_->rules_in_use);
  impl_->rules_in_use = &impl_->rules.Add({{"version", std::string(version)}});
  impl_->rules_in_use->Set(1);
  // Not before: a canary, or an enricher that waits for Kafka, has no profiles to be without.
  impl_->profile_counts.Add({}).Set(static_cast<double>(profile_count));
}
void Metrics::reload_applied() {
  impl_->reloads_applied.Increment();
  impl_->reload_refused.Set(0);
}
void Metrics::reload_refused() {
  impl_->reloads_refused.Increment();
  impl_->reload_refused.Set(1);
}

void Metrics::build(std::string_view version, std::string_view revision) {
  impl_->build.Add({{"version", std::string(version)}, {"revision", std::string(revision)}}).Set(1);
}

void Metrics::recovered(std::string_view fault) {
  impl_->recoveries.Add({{"fault", std::string(fault)}}).Increment();
}
void Metrics::transaction(std::string_view result) {
  impl_->transactions.Add({{"result", std::string(result)}}).Increment();
}
void Metrics::waiting(std::string_view fault) {
  for (const auto& [name, gauge] : impl_->waiting_faults) gauge->Set(name == fault ? 1 : 0);
}
void Metrics::poison_breaker(bool open) {
  impl_->poison_breaker.Set(open ? 1 : 0);
}
void Metrics::stalled(bool stalled) {
  impl_->stalled.Set(stalled ? 1 : 0);
}
void Metrics::ready(bool ready) {
  impl_->ready.Set(ready ? 1 : 0);
}
void Metrics::kafka_error(std::string_view fault) {
  impl_->kafka_errors.Add({{"fault", std::string(fault)}}).Increment();
}
void Metrics::kafka_library(std::string_view version) {
  impl_->kafka_library.Add({{"version", std::string(version)}}).Set(1);
}

void Metrics::producer_statistics(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) return;
  double number = 0;
  if (root["msg_cnt"].get(number) == simdjson::SUCCESS) impl_->queue_messages.Set(number);
  if (root["msg_size"].get(number) == simdjson::SUCCESS) impl_->queue_bytes.Set(number);
  simdjson::dom::object brokers;
  if (root["brokers"].get(brokers) != simdjson::SUCCESS) return;
  for (const auto broker : brokers) {
    // Of the last interval; 0 when nothing was asked of the broker in it.
    double mean_us = 0;
    const bool known = broker.value["rtt"]["avg"].get(mean_us) == simdjson::SUCCESS && mean_us > 0;
    auto& gauge = impl_->broker_rtt.Add({{"broker", std::string(broker.key)}});
    known ? gauge.Set(mean_us / 1e6) : impl_->broker_rtt.Remove(&gauge);
  }
}

Metrics::ConsumerState Metrics::consumer_statistics(std::string_view json) {
  ConsumerState state;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) return state;
  simdjson::dom::object brokers;
  if (root["brokers"].get(brokers) == simdjson::SUCCESS) {
    state.connected = false;
    for (const auto broker : brokers) {
      std::string_view connection;
      state.connected =
          state.connected ||
          (broker.value["state"].get(connection) == simdjson::SUCCESS && connection == "UP");
    }
  }
  simdjson::dom::object topics;
  if (root["topics"].get(topics) != simdjson::SUCCESS) return state;
  double now_us = 0;
  if (root["ts"].get(now_us) != simdjson::SUCCESS) now_us = 0;
  double uncommitted_us = 0;
  for (const auto topic : topics) {
    simdjson::dom::object partitions;
    if (topic.value["partitions"].get(partitions) != simdjson::SUCCESS) continue;
    for (const auto partition : partitions) {
      if (partition.key == "-1") continue;
      const auto value = [&](const char* name) {
        double found = -1;
        return partition.value[name].get(found) == simdjson::SUCCESS ? found : -1.0;
      };
      // Read_committed ends at the last stable offset.
      const double end = value("ls_offset") >= 0 ? value("ls_offset") : value("hi_offset");
      const double position = std::max(value("app_offset"), value("committed_offset"));
      const double next = value("next_offset");
      std::string_view fetching;
      const bool assigned =
          partition.value["fetch_state"].get(fetching) == simdjson::SUCCESS && fetching == "active";
      auto& gauge = impl_->lag.Add(
          {{"topic", std::string(topic.key)}, {"partition", std::string(partition.key)}});
      uncommitted_us =
          std::max(uncommitted_us,
                   impl_->uncommitted_us(std::string(topic.key) + "/" + std::string(partition.key),
                                         assigned ? value("stored_offset") : -1,
                                         value("committed_offset"), now_us));
      if (!assigned || end < 0 || position < 0) {  // Not ours any more, or not known yet.
        impl_->lag.Remove(&gauge);
        continue;
      }
      gauge.Set(std::max(end - position, 0.0));
      state.behind = state.behind || value("fetchq_cnt") > 0 || (next >= 0 && next < end);
    }
  }
  impl_->uncommitted.Set(uncommitted_us * 1e-6);
  return state;
}

void Metrics::newsroom(const NewsroomReport& report) {
  for (const NewsroomReport::Total& total : report.countries)
    raise_to(impl_->country_articles.Add({{"country", total.name}}), total.articles);
  for (const NewsroomReport::Total& total : report.subjects)
    raise_to(impl_->subject_articles.Add({{"subject", total.name}}), total.articles);
  impl_->volumes.begin();
  for (const NewsroomReport::Volume& volume : report.volumes) {
    impl_->volumes.set({{"country", volume.country}, {"subject", volume.subject}},
                       {volume.articles, volume.expected, volume.score});
  }
  impl_->volumes.end();
  impl_->sources.begin();
  auto gone = std::move(impl_->source_counters);
  impl_->source_counters.clear();
  for (const NewsroomReport::Arrivals& source : report.sources) {
    prometheus::Counter& counter = impl_->source_articles.Add({{"source", source.name}});
    raise_to(counter, source.count);
    impl_->source_counters[source.name] = &counter;
    gone.erase(source.name);
    impl_->sources.set({{"source", source.name}}, {source.last_s, source.longest_gap_s});
  }
  impl_->sources.end();
  for (const auto& [name, counter] : gone) impl_->source_articles.Remove(counter);
  impl_->profiles.begin();
  for (const NewsroomReport::Arrivals& profile : report.profiles)
    impl_->profiles.set({{"profile", profile.name}}, {profile.last_s, profile.longest_gap_s});
  impl_->profiles.end();
}

void Metrics::newsroom_kept(bool kept) {
  (kept ? impl_->newsroom_kept : impl_->newsroom_not_kept).Increment();
}

void Metrics::canary_started() {
  impl_->canary_sent = &impl_->counter(kCanarySent).Add({});
  impl_->canary_lost = &impl_->counter(kCanaryLost).Add({});
  impl_->canary_round_trip = &impl_->histogram(kCanaryRoundTrip).Add({}, latency_buckets());
  impl_->canary_last = &impl_->gauge(kCanaryLast).Add({});
  impl_->canary_last->Set(unix_seconds());
}
void Metrics::canary_sent() {
  impl_->canary_sent->Increment();
}
void Metrics::canary_returned(double seconds) {
  impl_->canary_round_trip->Observe(seconds);
  impl_->canary_last->Set(unix_seconds());
}
void Metrics::canary_lost() {
  impl_->canary_lost->Increment();
}

std::string Metrics::expose() const {
  impl_->read_process();
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}
std::uint64_t Metrics::consumed_count() const {
  return impl_->consumed_count;
}
std::uint64_t Metrics::enriched_count() const {
  return impl_->enriched_count;
}
std::uint64_t Metrics::dead_count() const {
  return impl_->dead_count;
}
std::uint64_t Metrics::alert_count() const {
  return impl_->alert_count;
}

}  // namespace wirewatch
