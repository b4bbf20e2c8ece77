#include "common/telemetry/telemetry.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <sstream>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <simdjson.h>
#include <unistd.h>

namespace wirewatch {

namespace {

struct Row {
  const char* name;
  const char* type;
  const char* labels;
  const char* help;
};

enum MetricIndex : std::size_t {
  kConsumed,
  kMissed,
  kArticles,
  kAlerts,
  kDeadLetters,
  kProduced,
  kDeliveryFailures,
  kReplaced,
  kInvalidDates,
  kTextsCut,
  kStage,
  kEndToEnd,
  kRebalances,
  kInflightRecords,
  kInflightBytes,
  kPaused,
  kAssigned,
  kRules,
  kProfiles,
  kReloads,
  kReloadRefused,
  kProfileCandidates,
  kProfileWork,
  kProfileSeconds,
  kLastProgress,
  kRecoveries,
  kTransactions,
  kWaiting,
  kPoisonBreaker,
  kStalled,
  kReady,
  kKafkaErrors,
  kKafkaLibrary,
  kLag,
  kQueueMessages,
  kQueueBytes,
  kBrokerRtt,
  kCountryArticles,
  kSubjectArticles,
  kVolume,
  kVolumeExpected,
  kVolumeScore,
  kSourceArticles,
  kSourceLast,
  kSourceGap,
  kProfileLast,
  kProfileGap,
  kNewsroomKept,
  kCanarySent,
  kCanaryLost,
  kCanaryRoundTrip,
  kCanaryLast,
  kCpu,
  kMemory,
  kStart,
  kBuild,
  kMetricCount,
};

// The catalogue: every metric, once. In the order of MetricIndex.
constexpr Row kCatalogue[] = {
    {"wirewatch_records_consumed_total", "counter", "topic", "Records read from Kafka."},
    {"wirewatch_records_missed_total", "counter", "",
     "Records that Kafka deleted, by its retention, before they were read."},
    {"wirewatch_articles_total", "counter", "outcome",
     "Records by outcome, enriched or dead; in sum the records consumed, once nothing is in "
     "flight."},
    {"wirewatch_alerts_total", "counter", "profile, level", "Candidate alerts by profile."},
    {"wirewatch_dead_letter_records_total", "counter", "reason",
     "Dead letters by reason; in sum the articles with outcome dead."},
    {"wirewatch_records_produced_total", "counter", "topic",
     "Records that Kafka has acknowledged."},
    {"wirewatch_delivery_failures_total", "counter", "fault",
     "Outputs that Kafka did not take; the enricher waits, tries again or sends a dead letter."},
    {"wirewatch_replaced_characters_total", "counter", "",
     "Lone surrogates and NULs that became U+FFFD."},
    {"wirewatch_invalid_dates_total", "counter", "",
     "Dates of articles that are none and were left out."},
    {"wirewatch_texts_cut_total", "counter", "",
     "Articles whose headline or body was cut at enricher.text_bytes_max."},
    {"wirewatch_stage_duration_seconds", "histogram", "stage",
     "Time of one article in a stage of the pipeline."},
    {"wirewatch_end_to_end_latency_seconds", "histogram", "",
     "From the record's timestamp until every output is acknowledged."},
    {"wirewatch_rebalances_total", "counter", "type", "Assignments and revocations."},
    {"wirewatch_inflight_records", "gauge", "", "Records read and not yet done."},
    {"wirewatch_inflight_bytes", "gauge", "", "Bytes of records read and not yet done."},
    {"wirewatch_backpressure_paused", "gauge", "",
     "1 while reading is paused because too much is in flight."},
    {"wirewatch_assigned_partitions", "gauge", "", "Partitions that this process reads."},
    {"wirewatch_rules_info", "gauge", "version", "1 for the rule set in use."},
    {"wirewatch_profiles", "gauge", "", "Profiles in use."},
    {"wirewatch_profile_reloads_total", "counter", "outcome",
     "Changed profiles that were taken into use (applied) or refused."},
    {"wirewatch_profile_reload_refused", "gauge", "",
     "1 while the newest profiles are refused and older ones stay in use."},
    {"wirewatch_profile_candidates_total", "counter", "profile",
     "Articles for which the presearch selected a profile, so that it was verified."},
    {"wirewatch_profile_work_total", "counter", "profile",
     "Work of verifying a profile, in parts of queries and occurrences looked at."},
    {"wirewatch_profile_seconds_total", "counter", "profile",
     "Time of matching, each article's divided among the profiles verified by their work."},
    {"wirewatch_last_progress_timestamp_seconds", "gauge", "", "When a record was last done."},
    {"wirewatch_recoveries_total", "counter", "fault",
     "Times that outputs were given up and their articles read again, by the fault."},
    {"wirewatch_transactions_total", "counter", "result",
     "Transactions of exactly-once delivery, committed or aborted."},
    {"wirewatch_waiting", "gauge", "fault",
     "1 while nothing is read because Kafka does not answer, refuses access, or does not take "
     "outputs."},
    {"wirewatch_poison_breaker_open", "gauge", "",
     "1 while too large a share of the articles are dead letters."},
    {"wirewatch_stalled", "gauge", "", "1 when there is something to read and nothing moves."},
    {"wirewatch_ready", "gauge", "",
     "1 while /readyz says ready, which tells why when it does not."},
    {"wirewatch_kafka_errors_total", "counter", "fault",
     "Errors that librdkafka reported, by what they ask for; temporary ones pass by themselves."},
    {"wirewatch_kafka_library_info", "gauge", "version", "1 for the version of librdkafka in use."},
    {"wirewatch_consumer_lag_records", "gauge", "topic, partition",
     "Records behind the end of the partition."},
    {"wirewatch_rdkafka_producer_queue_messages", "gauge", "",
     "Records in librdkafka's producer queue."},
    {"wirewatch_rdkafka_producer_queue_bytes", "gauge", "",
     "Bytes in librdkafka's producer queue."},
    {"wirewatch_rdkafka_broker_rtt_seconds", "gauge", "broker", "Mean round trip to a broker."},
    {"wirewatch_country_articles_total", "counter", "country",
     "Articles about a country, by ISO 3166-1 code."},
    {"wirewatch_subject_articles_total", "counter", "subject",
     "Articles of a subject, by Media Topic of level 1."},
    {"wirewatch_volume_articles", "gauge", "country, subject",
     "Articles of the last newsroom.window_s about a country and a subject, or any; of the pairs "
     "that stand out or are largest, newsroom.series_max at most."},
    {"wirewatch_volume_expected_articles", "gauge", "country, subject",
     "Articles that were to be expected, by the pair's share of the news of late; at least 1."},
    {"wirewatch_volume_burst_score", "gauge", "country, subject",
     "How far articles are above what was expected, in standard deviations; 0 in the "
     "first hour of a new group."},
    {"wirewatch_source_articles_total", "counter", "source",
     "Articles of a source, for the newsroom.sources_max most frequent ones."},
    {"wirewatch_source_last_article_timestamp_seconds", "gauge", "source",
     "When a source last sent an article."},
    {"wirewatch_source_longest_gap_seconds", "gauge", "source",
     "The longest silence of a source of late; forgotten by half in a week."},
    {"wirewatch_profile_last_alert_timestamp_seconds", "gauge", "profile",
     "When a profile last matched, for profiles with five matches since the start."},
    {"wirewatch_profile_longest_gap_seconds", "gauge", "profile",
     "The longest time between two matches of a profile of late; forgotten by half in a week."},
    {"wirewatch_newsroom_states_total", "counter", "result",
     "What is usual in the news, once a minute kept in kafka.topic_newsroom, or failed."},
    {"wirewatch_canary_sent_total", "counter", "", "Canary articles sent."},
    {"wirewatch_canary_lost_total", "counter", "",
     "Canary articles whose alert did not come back within canary.timeout_ms. The enrichers' "
     "folder "
     "of profiles must hold the one that canary.profile names."},
    {"wirewatch_canary_round_trip_seconds", "histogram", "",
     "From sending a canary article until its alert is read."},
    {"wirewatch_canary_last_return_timestamp_seconds", "gauge", "",
     "When a canary's alert last came back; before the first, when the canary started."},
    {"process_cpu_seconds_total", "counter", "", "Processor time used."},
    {"process_resident_memory_bytes", "gauge", "", "Memory in use."},
    {"process_start_time_seconds", "gauge", "", "When the process started."},
    {"wirewatch_build_info", "gauge", "version, revision", "1 for the build that runs."},
};
static_assert(std::size(kCatalogue) == kMetricCount);

const prometheus::Histogram::BucketBoundaries& stage_buckets() {
  static const prometheus::Histogram::BucketBoundaries kBuckets = {
      1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 1e-2, 1e-1};
  return kBuckets;
}

const prometheus::Histogram::BucketBoundaries& latency_buckets() {
  static const prometheus::Histogram::BucketBoundaries kBuckets = {
      0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60};
  return kBuckets;
}

// What code reports as faults of Kafka: a closed set (KafkaFault), so that each has its series from
// the start and increase() sees the first one.
constexpr const char* kFaults[] = {"temporary",     "record", "unauthorised",
                                   "missing_topic", "fenced", "fatal"};

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// Gauges of several families under the same labels, that come and go together.
class SeriesSet {
 public:
  explicit SeriesSet(std::vector<prometheus::Family<prometheus::Gauge>*> families)
      : families_(std::move(families)) {}

  // Between begin() and end() every series that stays is set(); end() removes the others.
  void begin() { ++round_; }
  void set(const prometheus::Labels& labels, std::initializer_list<double> values) {
    Series& series = series_[labels];
    series.round = round_;
    if (series.gauges.empty()) {
      for (auto* family : families_) series.gauges.push_back(&family->Add(labels));
    }
    std::size_t i = 0;
    for (const double value : values) series.gauges[i++]->Set(value);
  }
  void end() {
    std::erase_if(series_, [&](const auto& item) {
      if (item.second.round == round_) return false;
      for (std::size_t i = 0; i < families_.size(); ++i)
        families_[i]->Remove(item.second.gauges[i]);
      return true;
    });
  }

 private:
  struct Series {
    std::uint64_t round = 0;
    std::vector<prometheus::Gauge*> gauges;
  };
  std::vector<prometheus::Family<prometheus::Gauge>*> families_;
  std::map<prometheus::Labels, Series> series_;
  std::uint64_t round_ = 0;
};

// Counters by topic, of which there are few: the registry's own look-up allocates. From any thread.
class TopicCounters {
 public:
  explicit TopicCounters(prometheus::Family<prometheus::Counter>& family) : family_(family) {}

  prometheus::Counter& of(std::string_view topic) {
    {
      const std::shared_lock lock(mutex_);
      const auto found = counters_.find(topic);
      if (found != counters_.end()) return *found->second;
    }
    const std::lock_guard lock(mutex_);
    prometheus::Counter& added = family_.Add({{"topic", std::string(topic)}});
    counters_.emplace(topic, &added);
    return added;
  }

 private:
  prometheus::Family<prometheus::Counter>& family_;
  std::shared_mutex mutex_;
  std::map<std::string, prometheus::Counter*, std::less<>> counters_;  // Guarded by mutex_.
};

void raise_to(prometheus::Counter& counter, std::uint64_t total) {
  const double missing = static_cast<double>(total) - counter.Value();
  if (missing > 0) counter.Increment(missing);
}

}  // namespace

class Metrics::Impl {
 public:
  Impl() {
    end_to_end = &prometheus::BuildHistogram()
                      .Name(kCatalogue[kEndToEnd].name)
                      .Help(kCatalogue[kEndToEnd].help)
                      .Register(registry)
                      .Add({}, latency_buckets());
    gauge(kStart).Add({}).Set(now_seconds());
    for (const char* fault : kFaults) {
      const prometheus::Labels labels = {{"fault", fault}};
      delivery_failures.Add(labels);
      recoveries.Add(labels);
      kafka_errors.Add(labels);
      waiting_faults[fault] = &waiting.Add(labels);
    }
    for (const char* result : {"committed", "aborted"}) transactions.Add({{"result", result}});
    dead_letters.Add({{"reason", "output_refused"}});
  }

  prometheus::Family<prometheus::Counter>& counter(std::size_t index) {
    return prometheus::BuildCounter()
        .Name(kCatalogue[index].name)
        .Help(kCatalogue[index].help)
        .Register(registry);
  }
  prometheus::Family<prometheus::Gauge>& gauge(std::size_t index) {
    return prometheus::BuildGauge()
        .Name(kCatalogue[index].name)
        .Help(kCatalogue[index].help)
        .Register(registry);
  }

  prometheus::Registry registry{prometheus::Registry::InsertBehavior::Merge};
  TopicCounters consumed{counter(kConsumed)};
  prometheus::Counter& missed = counter(kMissed).Add({});
  prometheus::Family<prometheus::Counter>& articles = counter(kArticles);
  prometheus::Counter& enriched = articles.Add({{"outcome", "enriched"}});
  prometheus::Counter& dead = articles.Add({{"outcome", "dead"}});
  prometheus::Family<prometheus::Counter>& alerts = counter(kAlerts);
  prometheus::Family<prometheus::Counter>& dead_letters = counter(kDeadLetters);
  TopicCounters produced{counter(kProduced)};
  prometheus::Family<prometheus::Counter>& delivery_failures = counter(kDeliveryFailures);
  prometheus::Counter& replaced = counter(kReplaced).Add({});
  prometheus::Counter& invalid_dates = counter(kInvalidDates).Add({});
  prometheus::Counter& texts_cut = counter(kTextsCut).Add({});
  prometheus::Family<prometheus::Histogram>& stages = prometheus::BuildHistogram()
                                                          .Name(kCatalogue[kStage].name)
                                                          .Help(kCatalogue[kStage].help)
                                                          .Register(registry);
  prometheus::Histogram* end_to_end = nullptr;
  prometheus::Family<prometheus::Counter>& rebalances = counter(kRebalances);
  prometheus::Gauge& inflight_records = gauge(kInflightRecords).Add({});
  prometheus::Gauge& inflight_bytes = gauge(kInflightBytes).Add({});
  prometheus::Gauge& paused = gauge(kPaused).Add({});
  prometheus::Gauge& assigned = gauge(kAssigned).Add({});
  prometheus::Family<prometheus::Gauge>& rules = gauge(kRules);
  prometheus::Gauge* rules_in_use = nullptr;  // Guarded by mutex.
  prometheus::Family<prometheus::Gauge>& profile_counts = gauge(kProfiles);
  prometheus::Counter& reloads_applied = counter(kReloads).Add({{"outcome", "applied"}});
  prometheus::Counter& reloads_refused = counter(kReloads).Add({{"outcome", "refused"}});
  prometheus::Gauge& reload_refused = gauge(kReloadRefused).Add({});
  prometheus::Family<prometheus::Counter>& profile_candidates = counter(kProfileCandidates);
  prometheus::Family<prometheus::Counter>& profile_work = counter(kProfileWork);
  prometheus::Family<prometheus::Counter>& profile_seconds = counter(kProfileSeconds);
  prometheus::Gauge& last_progress = gauge(kLastProgress).Add({});
  prometheus::Family<prometheus::Gauge>& build = gauge(kBuild);
  prometheus::Family<prometheus::Counter>& recoveries = counter(kRecoveries);
  prometheus::Family<prometheus::Counter>& transactions = counter(kTransactions);
  prometheus::Family<prometheus::Gauge>& waiting = gauge(kWaiting);
  prometheus::Gauge& poison_breaker = gauge(kPoisonBreaker).Add({});
  prometheus::Gauge& stalled = gauge(kStalled).Add({});
  prometheus::Gauge& ready = gauge(kReady).Add({});
  prometheus::Family<prometheus::Counter>& kafka_errors = counter(kKafkaErrors);
  prometheus::Family<prometheus::Gauge>& kafka_library = gauge(kKafkaLibrary);
  prometheus::Family<prometheus::Gauge>& lag = gauge(kLag);
  std::map<std::string, prometheus::Gauge*> waiting_faults;
  prometheus::Gauge& queue_messages = gauge(kQueueMessages).Add({});
  prometheus::Gauge& queue_bytes = gauge(kQueueBytes).Add({});
  prometheus::Family<prometheus::Gauge>& broker_rtt = gauge(kBrokerRtt);
  prometheus::Family<prometheus::Counter>& country_articles = counter(kCountryArticles);
  prometheus::Family<prometheus::Counter>& subject_articles = counter(kSubjectArticles);
  SeriesSet volumes{{&gauge(kVolume), &gauge(kVolumeExpected), &gauge(kVolumeScore)}};
  prometheus::Family<prometheus::Counter>& source_articles = counter(kSourceArticles);
  std::map<std::string, prometheus::Counter*, std::less<>> source_counters;
  SeriesSet sources{{&gauge(kSourceLast), &gauge(kSourceGap)}};
  SeriesSet profiles{{&gauge(kProfileLast), &gauge(kProfileGap)}};
  prometheus::Counter& newsroom_kept = counter(kNewsroomKept).Add({{"result", "kept"}});
  prometheus::Counter& newsroom_not_kept = counter(kNewsroomKept).Add({{"result", "failed"}});
  prometheus::Counter* canary_sent = nullptr;
  prometheus::Counter* canary_lost = nullptr;
  prometheus::Histogram* canary_round_trip = nullptr;
  prometheus::Gauge* canary_last = nullptr;
  prometheus::Counter& cpu = counter(kCpu).Add({});
  prometheus::Gauge& memory = gauge(kMemory).Add({});
  std::atomic<std::uint64_t> consumed_count = 0;
  std::atomic<std::uint64_t> enriched_count = 0;
  std::atomic<std::uint64_t> dead_count = 0;
  std::atomic<std::uint64_t> alert_count = 0;

  // What is counted of one profile; lives as long as the registry.
  struct ProfileSeries {
    std::string label;
    std::map<std::string, prometheus::Counter*, std::less<>>
        alerts{};  // By level; guarded by mutex.
    prometheus::Counter* candidates = nullptr;
    prometheus::Counter* work = nullptr;
    prometheus::Counter* seconds = nullptr;
  };
  const ProfileSeries& profile_series(std::string_view id) {
    const std::lock_guard lock(mutex);
    return locked_profile_series(id);
  }
  prometheus::Counter& alert_counter(std::string_view profile, std::string_view level) {
    const std::lock_guard lock(mutex);
    ProfileSeries& series = locked_profile_series(profile);
    const auto found = series.alerts.find(level);
    if (found != series.alerts.end()) return *found->second;
    prometheus::Counter& added =
        alerts.Add({{"profile", series.label}, {"level", std::string(level)}});
    series.alerts.emplace(level, &added);
    return added;
  }

  // With `mutex` held.
  ProfileSeries& locked_profile_series(std::string_view id) {
    const auto found = profile_names.find(id);
    if (found != profile_names.end()) return found->second;
    const std::string label = profile_names.size() < kProfileSeriesMax ? std::string(id) : "_other";
    const auto [where, inserted] = profile_names.try_emplace(label);
    if (inserted) {
      const prometheus::Labels labels = {{"profile", label}};
      where->second = {.label = label,
                       .candidates = &profile_candidates.Add(labels),
                       .work = &profile_work.Add(labels),
                       .seconds = &profile_seconds.Add(labels)};
    }
    return where->second;
  }

  std::mutex mutex;
  std::map<std::string, ProfileSeries, std::less<>> profile_names;  // Guarded by mutex.

  // Reads /proc/self; quietly does nothing where there is none.
  void read_process() {
    std::ifstream stat("/proc/self/stat");
    std::string line;
    if (!std::getline(stat, line)) return;
    std::istringstream fields(line.substr(line.rfind(')') + 2));
    std::string field;
    std::vector<std::string> all;
    while (fields >> field) all.push_back(field);
    if (all.size() < 22) return;
    const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    const double seconds = (std::stod(all[11]) + std::stod(all[12])) / ticks;
    if (seconds > cpu.Value()) cpu.Increment(seconds - cpu.Value());
    memory.Set(std::stod(all[21]) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  }
};

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
  impl_->last_progress.Set(now_seconds());
}
void Metrics::finished_dead(std::string_view reason) {
  impl_->dead.Increment();
  impl_->dead_letters.Add({{"reason", std::string(reason)}}).Increment();
  ++impl_->dead_count;
  impl_->last_progress.Set(now_seconds());
}
void Metrics::alert(std::string_view profile, std::string_view level) {
  impl_->alert_counter(profile, level).Increment();
  ++impl_->alert_count;
}
void Metrics::produced(std::string_view topic) {
  impl_->produced.of(topic).Increment();
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
  impl_->end_to_end->Observe(std::max(seconds, 0.0));
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

bool Metrics::kafka_statistics(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) return false;
  double number = 0;
  if (root["msg_cnt"].get(number) == simdjson::SUCCESS) impl_->queue_messages.Set(number);
  if (root["msg_size"].get(number) == simdjson::SUCCESS) impl_->queue_bytes.Set(number);
  simdjson::dom::object brokers;
  if (root["brokers"].get(brokers) == simdjson::SUCCESS) {
    for (const auto broker : brokers) {
      double mean = 0;
      if (broker.value["rtt"]["avg"].get(mean) == simdjson::SUCCESS && mean > 0) {
        impl_->broker_rtt.Add({{"broker", std::string(broker.key)}}).Set(mean / 1e6);
      }
    }
  }
  bool behind = false;
  simdjson::dom::object topics;
  if (root["topics"].get(topics) != simdjson::SUCCESS) return false;
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
      std::string_view state;
      const bool assigned =
          partition.value["fetch_state"].get(state) == simdjson::SUCCESS && state == "active";
      auto& gauge = impl_->lag.Add(
          {{"topic", std::string(topic.key)}, {"partition", std::string(partition.key)}});
      if (!assigned || end < 0 || position < 0) {  // Not ours any more, or not known yet.
        impl_->lag.Remove(&gauge);
        continue;
      }
      gauge.Set(std::max(end - position, 0.0));
      behind = behind || value("fetchq_cnt") > 0 || (next >= 0 && next < end);
    }
  }
  return behind;
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
  impl_->canary_round_trip = &prometheus::BuildHistogram()
                                  .Name(kCatalogue[kCanaryRoundTrip].name)
                                  .Help(kCatalogue[kCanaryRoundTrip].help)
                                  .Register(impl_->registry)
                                  .Add({}, latency_buckets());
  impl_->canary_last = &impl_->gauge(kCanaryLast).Add({});
  impl_->canary_last->Set(now_seconds());
}
void Metrics::canary_sent() {
  impl_->canary_sent->Increment();
}
void Metrics::canary_returned(double seconds) {
  impl_->canary_round_trip->Observe(seconds);
  impl_->canary_last->Set(now_seconds());
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

std::string metrics_docs() {
  std::string out =
      "# Metrics\n\nGenerated from the catalogue in common/telemetry; do not edit.\n\n| Metric | "
      "Type | Labels | Meaning |\n|---|---|---|---|\n";
  for (const Row& row : kCatalogue) {
    out += std::string("| `") + row.name + "` | " + row.type + " | " + row.labels + " | " +
           row.help + " |\n";
  }
  return out;
}

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
