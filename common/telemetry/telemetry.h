// Metrics.
//
// Metrics holds the Prometheus registry; code reports what happened by its functions, so that names
// and labels stand in one place: metric_catalogue.h, from which monitoring/METRICS.md is
// generated.
//
// Threads: all functions from any thread. WorkerMetrics is one worker's own; it gives its
// observations to the registry in batches, because the registry's histograms take a lock.
//
// Series with a profile's name are at most kProfileSeriesMax in a process's life; later profiles
// share the name "_other".

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wirewatch {

// What the newsroom wants to know, as of now. Every list is bounded by whoever makes it.
struct NewsroomReport {
  struct Total {
    std::string name;
    std::uint64_t articles = 0;  // Never falls.
  };
  struct Volume {
    std::string country;
    std::string subject;
    double articles = 0;
    double expected = 0;
    double score = 0;
  };
  struct Arrivals {
    std::string name;
    std::uint64_t count = 0;  // Falls when another takes the place of the same name.
    double last_s = 0;        // Unix time.
    double longest_gap_s = 0;
  };
  std::vector<Total> countries{};
  std::vector<Total> subjects{};
  std::vector<Volume> volumes{};
  std::vector<Arrivals> sources{};
  std::vector<Arrivals> profiles{};
};

class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void consumed(std::string_view topic);
  void missed(std::int64_t records);            // Kafka deleted them before they were read.
  void finished_enriched();                     // Exactly one of these two …
  void finished_dead(std::string_view reason);  // … for every consumed record.
  void alert(std::string_view profile, std::string_view level);
  // Makes the series of a profile's alerts, with 0: increase() does not see what a series begins
  // with, which would be the profile's first alert.
  void may_alert(std::string_view profile, std::string_view level);
  void produced(std::string_view topic, std::uint64_t records);
  void delivery_failed(std::string_view fault);  // Faults are those of KafkaFault, by name.
  // What was amiss with an article that was read all the same.
  void repaired(std::uint32_t characters, std::uint32_t dates, bool text_cut);
  void end_to_end(double seconds);
  void rebalanced(std::string_view type);
  void in_flight(std::int64_t records, std::int64_t bytes);
  void paused(bool paused);
  void assigned_partitions(std::size_t count);
  void rules(std::string_view version, std::size_t profile_count);  // Those now in use.
  void reload_applied();
  void reload_refused();  // The older rules stay.
  void build(std::string_view version, std::string_view revision);
  // Series of volumes and sources that the report has no more are removed.
  void newsroom(const NewsroomReport& report);
  void newsroom_kept(bool kept);  // Whether the state was taken by Kafka.
  void canary_started();  // Before the others: a process without a canary has none of its series.
  void canary_sent();
  void canary_returned(double seconds);
  void canary_lost();
  void recovered(std::string_view fault);     // Outputs were given up and articles read again.
  void transaction(std::string_view result);  // committed or aborted.
  void waiting(std::string_view fault);       // Stands still because of it; empty: no longer.
  void poison_breaker(bool open);
  void stalled(bool stalled);
  void ready(bool ready);  // As /readyz says; to be told before every expose().
  void kafka_error(std::string_view fault);
  void kafka_library(std::string_view version);
  // librdkafka's statistics of the consumer of articles, and what they tell beside metrics.
  struct ConsumerState {
    bool behind = false;    // Some partition has records that were not handed out yet.
    bool connected = true;  // To some broker.
  };
  ConsumerState consumer_statistics(std::string_view json);
  // The same of the producer of outputs, whose round trips tell how fast brokers are: a consumer's
  // requests wait for articles on purpose.
  void producer_statistics(std::string_view json);

  // Text exposition format 0.0.4.
  [[nodiscard]] std::string expose() const;

  static constexpr std::size_t kProfileSeriesMax = 200;

  // The series of profiles, by their positions in a set.
  class ProfileSlots;
  // For all workers that count by it; some hundred nanoseconds a profile, so not on their threads.
  [[nodiscard]] std::shared_ptr<const ProfileSlots> profile_slots(
      std::span<const std::string_view> ids);

  // Totals, for summaries and tests.
  [[nodiscard]] std::uint64_t consumed_count() const;
  [[nodiscard]] std::uint64_t enriched_count() const;
  [[nodiscard]] std::uint64_t dead_count() const;
  [[nodiscard]] std::uint64_t alert_count() const;

  class Impl;
  [[nodiscard]] Impl& impl() { return *impl_; }

 private:
  std::unique_ptr<Impl> impl_;
};

class WorkerMetrics {
 public:
  static constexpr std::size_t kStages = 7;
  WorkerMetrics(Metrics& metrics, const std::array<std::string_view, kStages>& stage_names);
  ~WorkerMetrics();  // Hands over what is left.
  void observe(const std::array<std::int64_t, kStages>& stage_ns);

  // The profiles that candidate() counts by their positions; before it, and when rules change.
  void use_profiles(std::shared_ptr<const Metrics::ProfileSlots> slots);
  // `work` is what verifying took, in parts of queries and occurrences looked at; `ns` is the
  // profile's share of the time of matching.
  void candidate(std::size_t profile, std::uint32_t work, double ns);

  // Every 64 articles it is done without being told; to be called when there is nothing to do.
  void hand_over();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wirewatch
