// What is behind Metrics and WorkerMetrics: the Prometheus registry and every series of it that is
// at hand. Of this module alone.

#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "common/telemetry/metric_catalogue.h"
#include "common/telemetry/telemetry.h"

namespace wirewatch {

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

// Upper bounds in seconds, of one stage and of a way through Kafka.
[[nodiscard]] const prometheus::Histogram::BucketBoundaries& stage_buckets();
[[nodiscard]] const prometheus::Histogram::BucketBoundaries& latency_buckets();

[[nodiscard]] double unix_seconds();

class Metrics::Impl {
 public:
  Impl();

  prometheus::Family<prometheus::Counter>& counter(MetricIndex index) {
    return prometheus::BuildCounter()
        .Name(metric_row(index).name)
        .Help(metric_row(index).help)
        .Register(registry);
  }
  prometheus::Family<prometheus::Gauge>& gauge(MetricIndex index) {
    return prometheus::BuildGauge()
        .Name(metric_row(index).name)
        .Help(metric_row(index).help)
        .Register(registry);
  }

  prometheus::Family<prometheus::Histogram>& histogram(MetricIndex index) {
    return prometheus::BuildHistogram()
        .Name(metric_row(index).name)
        .Help(metric_row(index).help)
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
  prometheus::Family<prometheus::Histogram>& stages = histogram(kStage);
  prometheus::Histogram& end_to_end = histogram(kEndToEnd).Add({}, latency_buckets());
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
  prometheus::Gauge& uncommitted = gauge(kUncommitted).Add({});
  // Partitions whose records are done and not all committed; the poll loop's alone.
  struct Uncommitted {
    double committed = 0;  // The offset, when it last moved.
    double since_us = 0;   // By librdkafka's clock.
  };
  std::map<std::string, Uncommitted, std::less<>> uncommitted_partitions;
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
  prometheus::Gauge& open_files = gauge(kOpenFiles).Add({});
  prometheus::Gauge& threads = gauge(kThreads).Add({});
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
  const ProfileSeries& profile_series(std::string_view id);
  prometheus::Counter& alert_counter(std::string_view profile, std::string_view level);

  std::mutex mutex;
  std::map<std::string, ProfileSeries, std::less<>> profile_names;  // Guarded by mutex.

  // How long, in microseconds, no offset of this partition has been committed though there is one
  // to be; below 0: none is known to be.
  double uncommitted_us(const std::string& partition, double stored, double committed,
                        double now_us);

  // Reads /proc/self; quietly does nothing where there is none.
  void read_process();

 private:
  // With `mutex` held.
  ProfileSeries& locked_profile_series(std::string_view id);
};

}  // namespace wirewatch
