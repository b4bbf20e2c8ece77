#include "services/enricher/enricher.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include <spdlog/spdlog.h>

#include "common/base/check.h"
#include "common/base/hash.h"
#include "common/kafka/kafka.h"
#include "common/pipeline/watermark.h"

namespace wirewatch {

namespace {

constexpr std::size_t kEnriched = 0;
constexpr std::size_t kAlerts = 1;
constexpr std::size_t kDead = 2;
constexpr int kPollTimeoutMs = 50;
constexpr std::int64_t kPublishEveryMs = 1000;
constexpr std::int64_t kStallBeforePauseMs =
    2000;  // Pausing throws the prefetched records away: rarely.

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}
std::int64_t wall_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// A record from reading to the last acknowledgement. Deleted by whoever makes `pending` zero.
struct InFlight {
  KafkaRecord record;
  std::uint64_t epoch = 0;  // Of the partition's assignment: results of an older one are ignored.
  std::int64_t bytes = 0;
  std::atomic<int> pending = 1;  // The worker holds one until everything is produced.
  std::atomic<bool> failed = false;
  bool dead = false;
  std::string_view reason;
};

// The opaque of a produced record: its article and its topic, without an allocation.
void* to_opaque(InFlight* in_flight, std::size_t topic) {
  return reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(in_flight) | topic);
}
static_assert(alignof(InFlight) >= 4);

}  // namespace

class Enricher::Impl final : public RebalanceListener {
 public:
  Impl(EnricherOptions options, std::shared_ptr<const RuleSet> rules, Metrics& metrics)
      : options_(std::move(options)),
        rules_(std::move(rules)),
        metrics_(metrics),
        newsroom_(options_.newsroom, *rules_, wall_ms()) {
    WIREWATCH_CHECK(options_.workers >= 1);
    for (std::size_t i = 0; i < options_.workers; ++i)
      workers_.push_back(std::make_unique<Worker>());
  }

  std::string run(const std::function<bool()>& finished) {
    const std::array<std::string, 3> topics = {options_.topic_enriched, options_.topic_alerts,
                                               options_.topic_dead};
    auto producer = KafkaProducer::create(
        {.brokers = options_.brokers,
         .client_id = options_.client_id,
         .embedded = options_.embedded,
         .properties = options_.kafka_properties,
         .topics = {topics.begin(), topics.end()}},
        [this](void* opaque, std::string_view error) { delivered(opaque, error); });
    if (!producer) return producer.error();
    producer_ = std::move(*producer);
    auto consumer = KafkaConsumer::create(
        {.brokers = options_.brokers,
         .client_id = options_.client_id,
         .group_id = options_.group_id,
         .topic = options_.topic_raw,
         .embedded = options_.embedded,
         .properties = options_.kafka_properties,
         .on_statistics = [this](std::string_view json) { metrics_.kafka_statistics(json); }},
        *this);
    if (!consumer) return consumer.error();
    consumer_ = std::move(*consumer);
    for (auto& worker : workers_) worker->thread = std::thread([this, &worker] { work(*worker); });
    std::thread reports([this] {
      while (!reports_stopped_) producer_->poll(20);
    });

    poll_loop(finished);

    health_.draining = true;
    const bool drained = wait_idle(options_.drain_timeout_ms);
    if (!drained)
      spdlog::warn("not everything in flight was acknowledged in {} ms; it will be read again",
                   options_.drain_timeout_ms);
    consumer_->close();
    for (auto& worker : workers_) {
      {
        const std::lock_guard lock(worker->mutex);
        worker->stopped = true;
      }
      worker->wake.notify_all();
      worker->thread.join();
    }
    newsroom_.publish(metrics_, wall_ms());
    producer_->flush(drained ? 1000 : 100);
    reports_stopped_ = true;
    reports.join();
    consumer_.reset();
    producer_.reset();
    if (health_.failed) return failure_;
    return {};
  }

  void request_stop() { stop_ = true; }

  void use_rules(std::shared_ptr<const RuleSet> rules) {
    newsroom_.use(*rules, wall_ms());
    {
      const std::lock_guard lock(rules_mutex_);
      rules_.swap(rules);
      ++rules_generation_;
    }
    for (auto& worker : workers_) {  // Also one without work lets go of the old ones.
      const std::lock_guard lock(worker->mutex);
      worker->wake.notify_one();
    }
  }

  [[nodiscard]] const EnricherHealth& health() const { return health_; }

  void on_assigned(std::span<const std::int32_t> partitions) override {
    const std::lock_guard lock(positions_mutex_);
    for (const std::int32_t partition : partitions) positions_[partition] = {++epoch_, {}};
    metrics_.rebalanced("assigned");
    metrics_.assigned_partitions(positions_.size());
    health_.assigned = true;
    spdlog::info("assigned {} partitions of {}", partitions.size(), options_.topic_raw);
  }

  void on_revoked(std::span<const std::int32_t> partitions) override {
    // Finish what is in flight, so that the next owner repeats nothing; then forget the partitions.
    wait_idle(std::min(options_.drain_timeout_ms, 5000));
    const std::lock_guard lock(positions_mutex_);
    for (const std::int32_t partition : partitions) positions_.erase(partition);
    metrics_.rebalanced("revoked");
    metrics_.assigned_partitions(positions_.size());
    health_.assigned = !positions_.empty();
  }

 private:
  struct Worker {
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<InFlight*> queue;
    bool stopped = false;
    std::thread thread;
  };
  struct Position {
    std::uint64_t epoch = 0;
    Watermark watermark;
  };

  void poll_loop(const std::function<bool()>& finished) {
    KafkaRecord record;
    std::string error;
    std::int64_t full_since = -1;
    bool paused = false;
    std::int64_t last_error_ms = 0;
    std::int64_t published_ms = 0;
    while (!stop_ && !health_.failed) {
      health_.heartbeat_ms = steady_ms();
      metrics_.in_flight(inflight_records_, inflight_bytes_);
      if (health_.heartbeat_ms - published_ms >= kPublishEveryMs) {
        published_ms = health_.heartbeat_ms;
        newsroom_.publish(metrics_, wall_ms());
      }
      const bool full = inflight_bytes_ >= options_.inflight_bytes_max;
      if (full && !paused) {
        if (full_since < 0) full_since = steady_ms();
        if (steady_ms() - full_since < kStallBeforePauseMs) {
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
          continue;
        }
        consumer_->pause_all();
        paused = true;
        metrics_.paused(true);
      }
      if (paused && inflight_bytes_ < options_.inflight_bytes_max / 2) {
        consumer_->resume_all();
        paused = false;
        metrics_.paused(false);
      }
      if (!full) full_since = -1;
      if (consumer_->poll(kPollTimeoutMs, record, error)) {
        take(std::move(record));
        record = KafkaRecord();
      } else if (!error.empty() && steady_ms() - last_error_ms > 10000) {
        last_error_ms = steady_ms();
        spdlog::warn("Kafka consumer: {}", error);
      }
      if (finished && finished()) break;
    }
  }

  void take(KafkaRecord record) {
    metrics_.consumed(record.topic());
    auto* in_flight = new InFlight;
    in_flight->record = std::move(record);
    const KafkaRecord& r = in_flight->record;
    in_flight->bytes = static_cast<std::int64_t>(r.value().size() + r.key().size()) + 256;
    {
      const std::lock_guard lock(positions_mutex_);
      const auto position = positions_.find(r.partition());
      if (position == positions_.end()) {  // Given back already: its next owner reads it.
        delete in_flight;
        return;
      }
      in_flight->epoch = position->second.epoch;
      position->second.watermark.begin(r.offset());
    }
    inflight_bytes_ += in_flight->bytes;
    ++inflight_records_;
    // One key, one worker: its articles keep their order. Without a key, one partition, one worker.
    const std::uint64_t hash =
        r.has_key() ? hash_bytes(r.key())
                    : mix64(static_cast<std::uint64_t>(r.partition()) + 1, 0x9E3779B97F4A7C15ULL);
    Worker& worker = *workers_[hash % workers_.size()];
    {
      const std::lock_guard lock(worker.mutex);
      worker.queue.push_back(in_flight);
    }
    worker.wake.notify_one();
  }

  void work(Worker& worker) {
    std::shared_ptr<const RuleSet> rules;
    std::uint64_t generation = take_rules(rules);
    Processor processor(rules, options_.processor);
    std::array<std::string_view, kStageCount> names;
    for (std::size_t i = 0; i < kStageCount; ++i) names[i] = to_string(static_cast<Stage>(i));
    WorkerMetrics worker_metrics(metrics_, names);
    std::vector<std::string_view> profile_ids;
    const auto name_profiles = [&] {
      profile_ids.clear();
      for (const Profile& profile : rules->profiles().profiles()) profile_ids.push_back(profile.id);
      worker_metrics.use_profiles(profile_ids);
    };
    name_profiles();
    std::vector<HeaderView> headers;
    std::vector<OutHeader> out_headers;
    std::vector<KafkaHeader> kafka_headers;
    while (true) {
      InFlight* in_flight = nullptr;
      {
        std::unique_lock lock(worker.mutex);
        const auto has_work = [&] {
          return worker.stopped || !worker.queue.empty() || generation != rules_generation_;
        };
        if (!has_work()) {
          lock.unlock();
          worker_metrics.hand_over();
          lock.lock();
          worker.wake.wait(lock, has_work);
        }
        if (generation == rules_generation_) {
          if (worker.queue.empty()) return;
          in_flight = worker.queue.front();
          worker.queue.pop_front();
        }
      }
      if (in_flight == nullptr) {
        generation = take_rules(rules);
        processor.use(rules);
        name_profiles();
        continue;
      }
      const KafkaRecord& record = in_flight->record;
      headers.clear();
      for (const KafkaHeader& header : record.headers())
        headers.push_back({header.key, header.value});
      const Outcome& outcome = processor.process(record.value(), headers);
      for (const ProfileCandidate& candidate : processor.match_result().candidates)
        worker_metrics.candidate(candidate.profile.value(), candidate.steps);
      worker_metrics.observe(processor.stage_ns());
      if (outcome.dead) {
        in_flight->dead = true;
        in_flight->reason = to_string(outcome.error.reason);
        publish_dead(*in_flight, outcome.error.detail, outcome.error.position, out_headers,
                     kafka_headers);
      } else {
        if (outcome.replaced_characters > 0)
          metrics_.replaced_characters(outcome.replaced_characters);
        newsroom_.observe(processor, wall_ms());
        publish(*in_flight, outcome, headers, out_headers, kafka_headers);
        if (options_.on_alert) {
          for (std::size_t i = 0; i < outcome.alert_count; ++i)
            options_.on_alert(outcome, outcome.alerts[i], processor.article().headline);
        }
        for (std::size_t i = 0; i < outcome.alert_count; ++i)
          metrics_.alert(outcome.alerts[i].profile_id, outcome.alerts[i].level);
      }
      release(in_flight);
    }
  }

  // Gives the rules in use and their generation.
  std::uint64_t take_rules(std::shared_ptr<const RuleSet>& rules) {
    const std::lock_guard lock(rules_mutex_);
    rules = rules_;
    return rules_generation_;
  }

  void publish(InFlight& in_flight, const Outcome& outcome, std::span<const HeaderView> in_headers,
               std::vector<OutHeader>& headers, std::vector<KafkaHeader>& kafka_headers) {
    const std::string_view traceparent = header_value(in_headers, "traceparent");
    const std::int64_t time =
        outcome.event_time_ms >= 0 ? outcome.event_time_ms : in_flight.record.timestamp_ms();
    event_headers(kEnrichedType, outcome.enriched_id, outcome.uri, time, traceparent, headers);
    send(in_flight, kEnriched, outcome.uri, outcome.enriched, headers, kafka_headers);
    for (std::size_t i = 0; i < outcome.alert_count; ++i) {
      const AlertOut& alert = outcome.alerts[i];
      event_headers(kAlertType, alert.id, outcome.uri, time, traceparent, headers);
      send(in_flight, kAlerts, alert.profile_id, alert.json, headers, kafka_headers);
    }
  }

  void publish_dead(InFlight& in_flight, std::string_view detail, std::size_t position,
                    std::vector<OutHeader>& headers, std::vector<KafkaHeader>& kafka_headers) {
    const KafkaRecord& record = in_flight.record;
    dead_letter_headers(
        in_flight.reason, detail, position,
        {record.topic(), record.partition(), record.offset(), record.timestamp_ms()}, headers);
    kafka_headers.assign(record.headers().begin(),
                         record.headers().end());  // The original ones first.
    for (const OutHeader& header : headers) kafka_headers.push_back({header.key, header.value});
    produce(in_flight, kDead, record.key(), record.value(), kafka_headers);
  }

  void send(InFlight& in_flight, std::size_t topic, std::string_view key, std::string_view value,
            const std::vector<OutHeader>& headers, std::vector<KafkaHeader>& kafka_headers) {
    kafka_headers.clear();
    for (const OutHeader& header : headers) kafka_headers.push_back({header.key, header.value});
    produce(in_flight, topic, key, value, kafka_headers);
  }

  void produce(InFlight& in_flight, std::size_t topic, std::string_view key, std::string_view value,
               std::span<const KafkaHeader> headers) {
    ++in_flight.pending;
    std::string error;
    if (producer_->produce(topic, key, value, headers, to_opaque(&in_flight, topic), error)) return;
    --in_flight.pending;
    fail(in_flight, error);
  }

  // An output that Kafka will not take: the record stays unfinished, and the process stops, because
  // going on would lose it.
  void fail(InFlight& in_flight, std::string_view error) {
    in_flight.failed = true;
    metrics_.delivery_failed(error);
    bool expected = false;
    if (failing_.compare_exchange_strong(expected, true)) {
      failure_ = "Kafka refused an output of " + std::string(in_flight.record.topic()) + "/" +
                 std::to_string(in_flight.record.partition()) + "@" +
                 std::to_string(in_flight.record.offset()) + ": " + std::string(error);
      health_.failed = true;
    }
  }

  // On the thread of acknowledgements.
  void delivered(void* opaque, std::string_view error) {
    const auto bits = reinterpret_cast<std::uintptr_t>(opaque);
    const std::size_t topic = bits & 3;
    auto* in_flight = reinterpret_cast<InFlight*>(bits & ~std::uintptr_t{3});
    if (error.empty()) {
      metrics_.produced(topic == kEnriched ? options_.topic_enriched
                        : topic == kAlerts ? options_.topic_alerts
                                           : options_.topic_dead);
    } else {
      fail(*in_flight, error);
    }
    release(in_flight);
  }

  void release(InFlight* in_flight) {
    if (--in_flight->pending > 0) return;
    const KafkaRecord& record = in_flight->record;
    if (!in_flight->failed) {
      if (in_flight->dead) {
        metrics_.finished_dead(in_flight->reason);
      } else {
        metrics_.finished_enriched();
      }
      if (record.timestamp_ms() > 0)
        metrics_.end_to_end(static_cast<double>(wall_ms() - record.timestamp_ms()) / 1000);
      const std::lock_guard lock(positions_mutex_);
      const auto position = positions_.find(record.partition());
      if (position != positions_.end() && position->second.epoch == in_flight->epoch) {
        if (const auto offset = position->second.watermark.done(record.offset())) {
          consumer_->store_offset(record.partition(), *offset);
        }
      }
    }
    inflight_bytes_ -= in_flight->bytes;
    delete in_flight;
    --inflight_records_;
  }

  bool wait_idle(int timeout_ms) {
    const std::int64_t deadline = steady_ms() + timeout_ms;
    while (inflight_records_ > 0) {
      if (steady_ms() > deadline || health_.failed) return inflight_records_ == 0;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }

  EnricherOptions options_;
  std::mutex rules_mutex_;
  std::shared_ptr<const RuleSet> rules_;  // Guarded by rules_mutex_.
  std::atomic<std::uint64_t> rules_generation_ = 0;
  Metrics& metrics_;
  NewsroomSignals newsroom_;
  EnricherHealth health_;
  std::unique_ptr<KafkaProducer> producer_;
  std::unique_ptr<KafkaConsumer> consumer_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::mutex positions_mutex_;
  std::map<std::int32_t, Position> positions_;
  std::uint64_t epoch_ = 0;
  std::atomic<std::int64_t> inflight_bytes_ = 0;
  std::atomic<std::int64_t> inflight_records_ = 0;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> reports_stopped_ = false;
  std::atomic<bool> failing_ = false;
  std::string failure_;
};

Enricher::Enricher(EnricherOptions options, std::shared_ptr<const RuleSet> rules, Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(rules), metrics)) {}
Enricher::~Enricher() = default;
std::string Enricher::run(const std::function<bool()>& finished) {
  return impl_->run(finished);
}
void Enricher::request_stop() {
  impl_->request_stop();
}
void Enricher::use_rules(std::shared_ptr<const RuleSet> rules) {
  impl_->use_rules(std::move(rules));
}
const EnricherHealth& Enricher::health() const {
  return impl_->health();
}

}  // namespace wirewatch
