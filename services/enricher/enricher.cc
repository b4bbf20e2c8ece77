#include "services/enricher/enricher.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <pthread.h>
#include <spdlog/spdlog.h>

#include "common/base/check.h"
#include "common/base/hash.h"
#include "common/kafka/kafka.h"
#include "common/pipeline/watermark.h"
#include "services/enricher/newsroom_keeper.h"
#include "services/enricher/poison_breaker.h"

namespace wirewatch {

namespace {

constexpr std::size_t kEnriched = 0;
constexpr std::size_t kAlerts = 1;
constexpr std::size_t kDead = 2;
constexpr int kPollTimeoutMs = 50;
constexpr std::int64_t kPublishEveryMs = 1000;
// Pausing throws the prefetched records away: rarely.
constexpr std::int64_t kStallBeforePauseMs = 2000;
// An output that is unacknowledged for so long stops reading: what follows could not be committed.
constexpr std::int64_t kBlockedMs = 10000;
constexpr int kRevokeDrainMs = 5000;
constexpr int kEndTransactionMs = 15000;
constexpr int kInitTransactionsMs = 5000;
constexpr std::int64_t kBackoffMaxMs = 10000;
constexpr std::int64_t kBackoffProgressMs = 500;
constexpr std::int64_t kPoisonPauseMs = 10000;
// Being fenced once may be the broker's doing; more often it is a second process of that name.
constexpr int kFencedMax = 5;
// A batch that is refused has up to some hundred records, of which mostly one is why.
constexpr int kProbeSize = 16;
constexpr std::int64_t kIsolatingMs = 5000;
constexpr std::int64_t kFencedWindowMs = 600000;
constexpr std::int64_t kRejoinMs = 60000;
// librdkafka tells an error that persists every thirty seconds.
constexpr std::int64_t kDeniedMs = 45000;

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

// An output's number within its article: 0 is the enriched event or the dead letter, the alerts
// follow. Those from kOutputMax on share a number and are not remembered as acknowledged.
constexpr std::size_t kOutputMax = 63;

using Acknowledged = std::uint64_t;  // A bit per output.
constexpr Acknowledged kAllAcknowledged = ~Acknowledged{0};

// A record from reading to the last acknowledgement.
struct alignas(kOutputMax + 1) InFlight {
  KafkaRecord record;
  std::uint64_t epoch = 0;  // Of the partition's assignment: results of an older one are ignored.
  std::int64_t bytes = 0;
  std::atomic<int> pending = 1;  // The worker holds one until everything is produced.
  std::atomic<bool> failed = false;
  std::atomic<Acknowledged> acknowledged = 0;
  Acknowledged before = 0;  // Acknowledged in an earlier attempt: not sent again.
  bool alone = false;       // Nothing else is in flight: a refusal is this record's own.
  bool refused = false;     // Kafka does not take its outputs: it becomes a dead letter.
  bool dead = false;
  bool told = false;  // Its alerts and its news are counted: not again, however often it is read.
  std::string_view reason;
};

// The opaque of a produced record: its article and its output, without an allocation.
void* to_opaque(InFlight* in_flight, std::size_t output) {
  return reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(in_flight) |
                                 std::min(output, kOutputMax));
}

const char* waiting_text(KafkaFault fault) {
  switch (fault) {
    case KafkaFault::kRecord:
      return "waiting: Kafka refuses a record";
    case KafkaFault::kUnauthorised:
      return "waiting: Kafka denies access";
    case KafkaFault::kMissingTopic:
      return "waiting: an output topic is missing";
    case KafkaFault::kFenced:
      return "waiting: fenced by another client";
    case KafkaFault::kNone:
    case KafkaFault::kTemporary:
    case KafkaFault::kFatal:
      break;
  }
  return "waiting: Kafka does not acknowledge";
}

}  // namespace

class Enricher::Impl final : public RebalanceListener {
 public:
  Impl(EnricherOptions options, std::shared_ptr<const RuleSet> rules, Metrics& metrics)
      : options_(std::move(options)),
        rules_(std::move(rules)),
        metrics_(metrics),
        newsroom_(options_.newsroom, *rules_, wall_ms()),
        breaker_(options_.poison_percent) {
    WIREWATCH_CHECK(options_.workers >= 1);
    for (std::size_t i = 0; i < options_.workers; ++i)
      workers_.push_back(std::make_unique<Worker>());
    for (auto& logged_ms : error_logged_ms_) logged_ms = -1000000;
  }

  std::string run(const std::function<bool()>& finished) {
    if (options_.exactly_once && options_.embedded) {
      return "the embedded broker has no transactions; kafka.delivery = \"exactly_once\" needs a "
             "real Kafka";
    }
    if (options_.exactly_once && options_.instance_id.empty()) {
      return "kafka.delivery = \"exactly_once\" needs kafka.instance_id: a name of this process "
             "that is unique in the group and stays the same after a restart";
    }
    metrics_.kafka_library(kafka_library_version());
    if (std::string error = make_producer(); !error.empty()) return error;
    if (options_.exactly_once) {
      // Before the first record is read: this ends what a predecessor left open.
      while (!begin_anew() && !stop_ && !health_.failed) {
        if (finished && finished()) stop_ = true;
      }
    }
    if (!options_.topic_newsroom.empty()) {
      const VolumeOptions& volume = options_.newsroom.volume;
      keeper_ = std::make_unique<NewsroomKeeper>(
          NewsroomKeeper::Options{
              .brokers = options_.brokers,
              .client_id = options_.client_id,
              .group_id = options_.group_id,
              .topic = options_.topic_newsroom,
              .embedded = options_.embedded,
              .properties = options_.kafka_properties,
              .half_life_ms = volume.half_life_bins * static_cast<double>(volume.bin_ms)},
          newsroom_, metrics_);
    }
    if (std::string error = make_consumer(); !error.empty()) {
      drop_producer();
      return error;
    }
    for (auto& worker : workers_) worker->thread = std::thread([this, &worker] { work(*worker); });

    poll_loop(finished);
    keeper_.reset();  // While the partitions are ours.
    drain();

    for (auto& worker : workers_) {
      {
        const std::lock_guard lock(worker->mutex);
        worker->stopped = true;
      }
      worker->wake.notify_all();
      worker->thread.join();
    }
    newsroom_.publish(metrics_, wall_ms());
    drop_producer();
    consumer_.reset();
    if (health_.failed) return failure_text_;
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
    for (const std::int32_t partition : partitions) {
      Position& position = positions_[partition];
      position = {};
      position.epoch = ++epoch_;
      unchecked_.push_back(partition);
    }
    ++moves_;
    name_partition();
    metrics_.rebalanced("assigned");
    metrics_.assigned_partitions(positions_.size());
    health_.assigned = true;
    spdlog::info("assigned {} partitions of {}", partitions.size(), options_.topic_raw);
  }

  void on_revoked(std::span<const std::int32_t> partitions, bool lost) override {
    // Finish what is in flight, so that the next owner repeats nothing; then forget the partitions.
    // While recovering nothing is in flight that could be finished.
    if (!failing_) {
      const int limit = std::min(options_.drain_timeout_ms, kRevokeDrainMs);
      if (options_.exactly_once) {
        if (lost) {
          raise({KafkaFault::kTemporary, "partitions went to another member"},
                TransactionStep::kAbort);
        } else {
          (void)commit_transaction(limit);
        }
      } else if (!lost) {
        wait_idle(limit);
      }
    }
    const std::lock_guard lock(positions_mutex_);
    for (const std::int32_t partition : partitions) positions_.erase(partition);
    ++moves_;
    name_partition();
    metrics_.rebalanced(lost ? "lost" : "revoked");
    metrics_.assigned_partitions(positions_.size());
    health_.assigned = !positions_.empty();
    spdlog::info("gave back {} partitions of {}", partitions.size(), options_.topic_raw);
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
    std::int64_t seen = 0;       // After the last record that was ever taken.
    std::int64_t gap_from = -1;  // The first of records that did not come.
    std::int64_t gap_checked_ms = -1000000;
    std::int64_t next = -1;         // After the last record taken, of those that count.
    std::int64_t base = -1;         // Exactly once: the first record of the open transaction.
    std::int64_t passed_over = -1;  // The first record that came while outputs were given up.
    std::int64_t front_since_ms = 0;
    // At least once, after a recovery: what of the records read again is already acknowledged.
    std::map<std::int64_t, Acknowledged> before;
    std::set<std::int64_t> suspects;  // Were in a batch that Kafka refused: they go alone.
    std::set<std::int64_t> refused;   // Refused alone.
    std::set<std::int64_t> told;      // Unfinished, and counted for the newsroom already.
  };

  // Guarded by positions_mutex_.
  void name_partition() {
    if (keeper_) keeper_->use_partition(positions_.empty() ? -1 : positions_.begin()->first);
  }

  // --- the producer --------------------------------------------------------------------------

  std::string make_producer() {
    auto producer = KafkaProducer::create(
        {.brokers = options_.brokers,
         .client_id = options_.client_id,
         .transactional_id =
             options_.exactly_once ? options_.group_id + "-" + options_.instance_id : "",
         .embedded = options_.embedded,
         .properties = options_.kafka_properties,
         .topics = {options_.topic_enriched, options_.topic_alerts, options_.topic_dead},
         .on_error = [this](const KafkaFailure& failure) { note_error(failure); }},
        [this](void* opaque, const KafkaFailure& failure) { delivered(opaque, failure); });
    if (!producer) return producer.error();
    producer_ = std::move(*producer);
    reports_stopped_ = false;
    reports_ = std::thread([this] {
      while (!reports_stopped_) producer_->poll(20);
    });
    return {};
  }

  std::string make_consumer() {
    consumer_.reset();
    auto consumer = KafkaConsumer::create(
        {.brokers = options_.brokers,
         .client_id = options_.client_id,
         .group_id = options_.group_id,
         .topic = options_.topic_raw,
         .instance_id = options_.instance_id,
         .embedded = options_.embedded,
         .transactional = options_.exactly_once,
         .properties = options_.kafka_properties,
         .on_statistics = [this](std::string_view json) { on_statistics(json); },
         .on_error = [this](const KafkaFailure& failure) { note_error(failure); }},
        *this);
    if (!consumer) return consumer.error();
    consumer_ = std::move(*consumer);
    return {};
  }

  // The consumer reported an error. A static member is fenced by another of its name, but also by
  // itself: when a broker fails, a late request of the member that it was meets the one that it has
  // become. It joins anew, once a minute; who has a rival is fenced again at once, and ends.
  void consumer_failed(const KafkaFailure& failure) {
    if (rejoin_) return;  // Known.
    if (failure.fault != KafkaFault::kFatal && failure.fault != KafkaFault::kFenced) return;
    const std::int64_t now = steady_ms();
    if (failure.fault == KafkaFault::kFatal || now - rejoined_ms_ < kRejoinMs) {
      fail("the Kafka consumer cannot go on: " + failure.text);
      return;
    }
    rejoined_ms_ = now;
    rejoin_ = true;
    raise({KafkaFault::kTemporary, failure.text}, TransactionStep::kRebuild);
  }

  void drop_producer() {
    if (!producer_) return;
    reports_stopped_ = true;
    reports_.join();
    producer_.reset();
  }

  // Exactly once: makes the producer ready for its first transaction. False: try again.
  bool begin_anew() {
    TransactionResult result = producer_->init_transactions(kInitTransactionsMs);
    if (result.step == TransactionStep::kDone) result = producer_->begin();
    if (result.step == TransactionStep::kDone) return true;
    note_error(result.failure);
    health_.waiting = waiting_text(result.failure.fault);
    if (result.failure.fault == KafkaFault::kFenced) fenced(result.failure);
    if (result.step == TransactionStep::kRebuild && !health_.failed) {
      drop_producer();
      if (std::string error = make_producer(); !error.empty()) fail(error);
    }
    pause_between_attempts(500);
    return false;
  }

  // --- the loop ------------------------------------------------------------------------------

  void poll_loop(const std::function<bool()>& finished) {
    KafkaRecord record;
    KafkaFailure error;
    std::int64_t full_since = -1;
    std::int64_t published_ms = 0;
    std::int64_t watched_ms = 0;
    while (!stop_ && !health_.failed) {
      const std::int64_t now = steady_ms();
      health_.heartbeat_ms = now;
      metrics_.in_flight(inflight_records_, inflight_bytes_);
      if (now - published_ms >= kPublishEveryMs) {
        published_ms = now;
        newsroom_.publish(metrics_, wall_ms());
      }
      if (failing_) {
        recover(finished);
        full_since = -1;
        continue;
      }
      if (now - watched_ms >= 500) {
        watched_ms = now;
        watch(now);
      }
      const bool held = blocked_ || now < poison_pause_until_ms_;
      const bool full = held || inflight_bytes_ >= options_.inflight_bytes_max;
      if (full && !paused_) {
        if (full_since < 0) full_since = now;
        if (!held && now - full_since < kStallBeforePauseMs) {
          if (options_.exactly_once) end_transaction_when_due(true);
          std::this_thread::sleep_for(std::chrono::milliseconds(1));
          continue;
        }
        set_paused(true);
      }
      if (paused_ && !held && inflight_bytes_ < options_.inflight_bytes_max / 2) set_paused(false);
      if (!full) full_since = -1;
      if (consumer_->poll(poll_timeout(now), record, error)) {
        take(std::move(record));
        record = KafkaRecord();
      } else if (!error.empty()) {
        note_error(error);
        consumer_failed(error);
      }
      if (!unchecked_.empty()) look_for_missed();
      if (options_.exactly_once) end_transaction_when_due(false);
      if (finished && finished()) break;
    }
  }

  [[nodiscard]] int poll_timeout(std::int64_t now) const {
    if (!options_.exactly_once || batch_size_ == 0) return kPollTimeoutMs;
    return static_cast<int>(std::clamp<std::int64_t>(
        batch_since_ms_ + options_.transaction_ms - now, 0, kPollTimeoutMs));
  }

  // Whether Kafka's retention has passed what is next to be read of partitions: where the group
  // begins, and where records are missing in a row. Otherwise nothing would tell: librdkafka goes
  // on with what is there. Input written by transactions has gaps that are nothing.
  void look_for_missed() {
    constexpr int kTimeoutMs = 1000;
    std::vector<std::int32_t> partitions;
    partitions.swap(unchecked_);
    const auto committed = consumer_->committed(partitions, kTimeoutMs);
    if (!committed) return;  // A check less; reading does not wait for it.
    for (const PartitionOffset& c : *committed) {
      std::int64_t from = c.offset;
      {
        const std::lock_guard lock(positions_mutex_);
        const auto found = positions_.find(c.partition);
        if (found == positions_.end()) continue;
        from = found->second.gap_from >= 0 ? found->second.gap_from : from;
        found->second.gap_from = -1;
      }
      if (from < 0) continue;
      const auto begin = consumer_->begin_of(c.partition, kTimeoutMs);
      if (!begin) return;
      if (*begin <= from) continue;
      metrics_.missed(*begin - from);
      spdlog::error("{} records of {}/{} were deleted by Kafka before they were read",
                    *begin - from, options_.topic_raw, c.partition);
    }
  }

  void set_paused(bool paused) {
    if (paused == paused_) return;
    paused_ = paused;
    if (paused)
      consumer_->pause_all();
    else
      consumer_->resume_all();
    metrics_.paused(paused);
  }

  // Twice a second: outputs that nobody acknowledges, floods of bad input, waiting that is over.
  void watch(std::int64_t now) {
    bool blocked = false;
    {
      const std::lock_guard lock(positions_mutex_);
      for (const auto& [partition, position] : positions_) {
        blocked = blocked || (position.watermark.in_flight() > 0 &&
                              now - position.front_since_ms > kBlockedMs);
      }
    }
    if (blocked != blocked_) {
      blocked_ = blocked;
      if (blocked) spdlog::warn("outputs are not acknowledged; reading waits for them");
    }
    const bool denied = now - denied_ms_ < kDeniedMs && moves_ == moves_at_denial_;
    if (denied || blocked) {
      wait_for(denied ? KafkaFault::kUnauthorised : KafkaFault::kTemporary);
    } else if (health_.waiting != nullptr && now - recovered_ms_ > 1000 &&
               (finished_ != finished_at_recovery_ || inflight_records_ == 0)) {
      health_.waiting = nullptr;
      metrics_.waiting("");
      spdlog::info("no longer waiting");
    }
    bool poisoned = false;
    {
      const std::lock_guard lock(breaker_mutex_);
      poisoned = breaker_.open(now);
      if (poisoned && options_.poison_pause && now >= poison_pause_until_ms_) {
        poison_pause_until_ms_ = now + kPoisonPauseMs;
        breaker_.reset();  // Then it looks again.
      }
    }
    poisoned = poisoned || now < poison_pause_until_ms_;
    if (poisoned != health_.poisoned) {
      health_.poisoned = poisoned;
      metrics_.poison_breaker(poisoned);
      if (poisoned)
        spdlog::warn("poison breaker: over {} % of the articles are dead letters{}",
                     options_.poison_percent, options_.poison_pause ? "; reading pauses" : "");
      else
        spdlog::info("poison breaker: closed");
    }
  }

  // On the poll loop's thread, every five seconds.
  void on_statistics(std::string_view json) {
    const bool behind = metrics_.kafka_statistics(json);
    const std::int64_t now = steady_ms();
    const std::uint64_t moves = moves_;
    const bool meant = health_.waiting != nullptr || now < poison_pause_until_ms_;
    if (moves != moves_seen_ || meant || (!behind && inflight_records_ == 0)) {
      moves_seen_ = moves;
      moved_ms_ = now;
    }
    const bool stalled = now - moved_ms_ > options_.stall_timeout_ms;
    if (stalled && !health_.stalled)
      spdlog::error("stalled: there is something to read and nothing has moved for {} s",
                    (now - moved_ms_) / 1000);
    health_.stalled = stalled;
    metrics_.stalled(stalled);
  }

  void take(KafkaRecord record) {
    const std::int32_t partition = record.partition();
    const std::int64_t offset = record.offset();
    bool suspect = false;
    {
      const std::lock_guard lock(positions_mutex_);
      const auto found = positions_.find(partition);
      if (found == positions_.end()) return;  // Given back already: its next owner reads it.
      Position& position = found->second;
      if (failing_) {  // Came with the poll that found the fault; read again after the recovery.
        if (position.passed_over < 0) position.passed_over = offset;
        return;
      }
      suspect = position.suspects.contains(offset);
    }
    // Suspects go in groups apart from others, and when a group is refused each alone.
    const bool group_changes = suspect ? probed_ == 0 : probed_ > 0;
    const bool alone = suspect && probed_ == 0 && probe_size_ == 1;
    if (group_changes) probed_ = 0;
    if (group_changes && !finish_batch()) {
      const std::lock_guard lock(positions_mutex_);
      if (const auto found = positions_.find(partition); found != positions_.end())
        found->second.passed_over = offset;
      return;
    }
    ++moves_;
    auto* in_flight = new InFlight;
    in_flight->record = std::move(record);
    in_flight->alone = alone;
    const KafkaRecord& r = in_flight->record;
    in_flight->bytes = static_cast<std::int64_t>(r.value().size() + r.key().size()) + 256;
    {
      const std::lock_guard lock(positions_mutex_);
      Position& position = positions_[partition];
      in_flight->epoch = position.epoch;
      in_flight->refused = position.refused.contains(offset);
      if (position.seen > 0 && offset > position.seen &&
          steady_ms() - position.gap_checked_ms > 1000) {
        position.gap_from = position.seen;
        position.gap_checked_ms = steady_ms();
        unchecked_.push_back(partition);
      }
      if (offset >= position.seen) metrics_.consumed(r.topic());  // Once, however often it is read.
      position.seen = std::max(position.seen, offset + 1);
      if (position.watermark.in_flight() == 0) position.front_since_ms = steady_ms();
      position.watermark.begin(offset);
      position.next = offset + 1;
      if (position.base < 0) position.base = offset;
      position.before.erase(position.before.begin(), position.before.lower_bound(offset));
      position.told.erase(position.told.begin(), position.told.lower_bound(offset));
      in_flight->told = position.told.contains(offset);
      if (const auto before = position.before.find(offset);
          before != position.before.end() && !in_flight->refused)
        in_flight->before = before->second;
    }
    if (batch_size_++ == 0) batch_since_ms_ = steady_ms();
    inflight_bytes_ += in_flight->bytes;
    ++inflight_records_;
    if (in_flight->before == kAllAcknowledged) {  // Was finished before the recovery.
      release(in_flight);
      return;
    }
    ++queued_;
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
    if (suspect && ++probed_ >= probe_size_) {
      probed_ = 0;
      (void)finish_batch();
    }
  }

  // --- transactions --------------------------------------------------------------------------

  // Everything taken is acknowledged (and, exactly once, committed). False when it is not.
  bool finish_batch() {
    if (options_.exactly_once) return commit_transaction(kEndTransactionMs);
    if (wait_idle(kEndTransactionMs)) return !failing_;
    raise({KafkaFault::kTemporary, "outputs are not acknowledged in time"},
          TransactionStep::kRebuild);
    return false;
  }

  void end_transaction_when_due(bool now) {
    if (batch_size_ == 0 || failing_) return;
    if (!now && batch_size_ < options_.transaction_records_max &&
        steady_ms() - batch_since_ms_ < options_.transaction_ms)
      return;
    (void)commit_transaction(kEndTransactionMs);
  }

  // Commits what was taken since the last one. False when it could not, with the fault raised.
  bool commit_transaction(int timeout_ms) {
    if (failing_) return false;
    if (batch_size_ == 0) return true;
    const std::int64_t deadline = steady_ms() + timeout_ms;
    while (queued_ > 0 && !failing_) {
      if (steady_ms() > deadline) {
        raise({KafkaFault::kTemporary, "articles are not processed in time"},
              TransactionStep::kAbort);
        return false;
      }
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    if (failing_) return false;
    std::vector<PartitionOffset> offsets;
    {
      const std::lock_guard lock(positions_mutex_);
      for (const auto& [partition, position] : positions_) {
        if (position.base >= 0) offsets.push_back({partition, position.next});
      }
    }
    TransactionResult result = producer_->commit(*consumer_, offsets, timeout_ms);
    if (result.step == TransactionStep::kDone) {
      settle(true);
      result = producer_->begin();
      if (result.step == TransactionStep::kDone) return true;
    }
    raise(std::move(result.failure), result.step);
    return false;
  }

  // The transaction was committed, or given up: its articles are counted, or forgotten.
  void settle(bool committed) {
    if (options_.exactly_once) metrics_.transaction(committed ? "committed" : "aborted");
    wait_idle(kRevokeDrainMs);  // All is acknowledged; the last callbacks may still run.
    std::vector<InFlight*> settled;
    {
      const std::lock_guard lock(settled_mutex_);
      settled.swap(settled_);
    }
    if (!committed) {  // They will be read again.
      const std::lock_guard lock(positions_mutex_);
      for (const InFlight* in_flight : settled) {
        const auto found = positions_.find(in_flight->record.partition());
        if (in_flight->told && found != positions_.end())
          found->second.told.insert(in_flight->record.offset());
      }
    }
    for (InFlight* in_flight : settled) {
      if (committed) count(*in_flight);
      inflight_bytes_ -= in_flight->bytes;
      delete in_flight;
    }
    if (committed) {
      const std::lock_guard lock(positions_mutex_);
      for (auto& [partition, position] : positions_) position.base = -1;
    }
    batch_size_ = 0;
  }

  // --- recovery ------------------------------------------------------------------------------

  // Any thread: something was not taken. The poll loop recovers; the first fault decides how.
  void raise(KafkaFailure failure, TransactionStep step) {
    const std::lock_guard lock(fault_mutex_);
    if (!failing_) {
      fault_ = std::move(failure);
      step_ = step;
      failing_ = true;
    } else if (step == TransactionStep::kRebuild) {
      step_ = step;
    }
  }

  void fail(const std::string& text) {
    if (health_.failed) return;
    failure_text_ = text;
    health_.failed = true;
  }

  void fenced(const KafkaFailure& failure) {
    const std::int64_t now = steady_ms();
    std::erase_if(fenced_ms_, [&](std::int64_t then) { return now - then > kFencedWindowMs; });
    fenced_ms_.push_back(now);
    if (std::ssize(fenced_ms_) > kFencedMax) {
      fail("fenced again and again (" + failure.text +
           "): another process has the same kafka.instance_id");
    }
  }

  void wait_for(KafkaFault fault) {
    if (health_.waiting == nullptr) spdlog::warn("{}", waiting_text(fault));
    health_.waiting = waiting_text(fault);
    metrics_.waiting(to_string(fault));
  }

  // Whether the fault ends the process, by policy.
  [[nodiscard]] bool stops(const KafkaFailure& failure) const {
    switch (failure.fault) {
      case KafkaFault::kRecord:
        return options_.on_refused_record == FaultPolicy::kStop;
      case KafkaFault::kUnauthorised:
        return options_.on_unauthorised == FaultPolicy::kStop;
      case KafkaFault::kMissingTopic:
        return options_.on_missing_topic == FaultPolicy::kStop;
      default:
        return false;
    }
  }

  // Gives up the outputs on their way, and reads their articles again when Kafka is ready.
  void recover(const std::function<bool()>& finished) {
    KafkaFailure fault;
    TransactionStep step{};
    {
      const std::lock_guard lock(fault_mutex_);
      fault = fault_;
      step = step_;
    }
    const std::int64_t now = steady_ms();
    // A fault soon after the last recovery, or before anything was finished, is the same one, still
    // there. Where some articles get through the pauses stay short.
    // So is finding out what is refused, and each step of that ends a transaction.
    const bool progress = finished_ != finished_at_recovery_ || now - isolated_ms_ < kIsolatingMs;
    const bool same = now - recovered_ms_ < 2 * backoff_ms_ + 2000 || !progress;
    finished_at_recovery_ = finished_;
    attempts_ = same ? attempts_ + 1 : 1;
    backoff_ms_ = attempts_ == 1
                      ? 0
                      : std::min<std::int64_t>(100LL << std::min(attempts_, 8),
                                               progress ? kBackoffProgressMs : kBackoffMaxMs);
    metrics_.recovered(to_string(fault.fault));
    spdlog::warn("recovering, attempt {}: {}", attempts_, fault.text);
    if (stops(fault)) {
      fail("Kafka refused an output (" + fault.text + ") and the policy is to stop");
      return;
    }
    if (attempts_ > 1 || now - batch_since_ms_ > kBlockedMs) wait_for(fault.fault);
    if (fault.fault == KafkaFault::kFenced) fenced(fault);
    const auto going = [&] {
      if (finished && finished()) stop_ = true;
      return !stop_ && !health_.failed;
    };
    consumer_->pause_all();
    // Workers drop what they have; a full queue does not hold them.
    const bool aborting = options_.exactly_once && step == TransactionStep::kAbort;
    if (!aborting) producer_->purge();
    while (queued_ > 0 && going()) pause_between_attempts(5);
    bool rebuild = true;
    if (aborting && going())
      rebuild = producer_->abort(kEndTransactionMs).step != TransactionStep::kDone;
    if (rebuild && aborting) producer_->purge();
    while (inflight_records_ > 0 && going()) pause_between_attempts(5);
    // What is refused is being found out, record by record: that is progress and needs no pause.
    if (isolating_.exchange(false)) backoff_ms_ = 0;
    fresh_suspects_ = 0;
    for (std::int64_t until = steady_ms() + backoff_ms_; steady_ms() < until && going();)
      pause_between_attempts(50);
    if (rebuild && going()) {
      drop_producer();
      if (std::string error = make_producer(); !error.empty()) fail(error);
    }
    if (rejoin_ && going()) {
      if (std::string error = make_consumer(); !error.empty()) fail(error);
      rejoin_ = false;
    }
    bool committed = false;
    if (options_.exactly_once) {
      if (rebuild) {
        while (going() && !begin_anew()) {
        }
        // Whether the last commit took place is known by the group's offsets only.
        std::optional<bool> known;
        while (going() && !(known = last_commit_took_place())) pause_between_attempts(200);
        committed = known.value_or(false);
      } else if (const TransactionResult begun = producer_->begin();
                 begun.step != TransactionStep::kDone) {
        raise(begun.failure, TransactionStep::kRebuild);
        settle(false);
        recovered_ms_ = steady_ms();
        return;  // The loop comes back.
      }
      settle(committed);
    }
    if (!going()) return;
    if (KafkaFailure failure = rewind(); !failure.empty()) {
      note_error(failure);
      recovered_ms_ = steady_ms();
      return;  // Still failing: the loop comes back.
    }
    recovered_ms_ = steady_ms();
    batch_size_ = 0;
    probed_ = 0;
    failing_ = false;
    paused_ = true;
    set_paused(false);
  }

  // Empty: the broker does not tell now.
  std::optional<bool> last_commit_took_place() {
    std::vector<std::int32_t> partitions;
    std::vector<std::int64_t> next;
    {
      const std::lock_guard lock(positions_mutex_);
      for (const auto& [partition, position] : positions_) {
        if (position.base < 0) continue;
        partitions.push_back(partition);
        next.push_back(position.next);
      }
    }
    if (partitions.empty()) return false;
    const auto committed = consumer_->committed(partitions, kInitTransactionsMs);
    if (!committed) return std::nullopt;
    for (std::size_t i = 0; i < committed->size(); ++i) {
      if ((*committed)[i].offset < next[i]) return false;
    }
    return true;
  }

  // Back to the first record of each partition that is not finished.
  KafkaFailure rewind() {
    const std::lock_guard lock(positions_mutex_);
    std::vector<PartitionOffset> targets;
    for (auto& [partition, position] : positions_) {
      std::int64_t target = -1;
      if (options_.exactly_once) {
        target = position.base;
      } else if (const auto front = position.watermark.front()) {
        target = *front;
        position.watermark.for_each_done(
            [&](std::int64_t offset) { position.before[offset] = kAllAcknowledged; });
      }
      if (target < 0) target = position.passed_over;
      if (target >= 0) targets.push_back({partition, target});
    }
    if (KafkaFailure failure = consumer_->seek(targets); !failure.empty()) return failure;
    for (auto& [partition, position] : positions_) {
      position.watermark = {};
      position.base = -1;
      position.passed_over = -1;
      position.epoch = ++epoch_;
    }
    return {};
  }

  // Waits so long, and remains a member of the group meanwhile.
  void pause_between_attempts(int ms) {
    health_.heartbeat_ms = steady_ms();
    if (!consumer_) {
      std::this_thread::sleep_for(std::chrono::milliseconds(ms));
      return;
    }
    KafkaRecord record;
    KafkaFailure error;
    if (consumer_->poll(ms, record, error)) {
      take(std::move(record));
    } else {
      consumer_failed(error);
    }
  }

  void drain() {
    health_.draining = true;
    if (options_.exactly_once) {
      const bool committed = !failing_ && commit_transaction(options_.drain_timeout_ms);
      if (!committed) {
        spdlog::warn("the last transaction is not committed; its articles will be read again");
        raise({KafkaFault::kTemporary, "stopping"}, TransactionStep::kAbort);
        if (producer_) {
          producer_->purge();
          (void)producer_->abort(std::min(options_.drain_timeout_ms, kRevokeDrainMs));
        }
      }
    } else if (!wait_idle(options_.drain_timeout_ms)) {
      spdlog::warn("not everything in flight was acknowledged in {} ms; it will be read again",
                   options_.drain_timeout_ms);
      raise({KafkaFault::kTemporary, "stopping"}, TransactionStep::kRebuild);
      if (producer_) producer_->purge();
    }
    if (consumer_) consumer_->close();
    wait_idle(kRevokeDrainMs);
    const std::lock_guard lock(settled_mutex_);
    for (InFlight* in_flight : settled_) delete in_flight;
    settled_.clear();
  }

  // Of one kind at most one line in ten seconds; all are counted.
  void note_error(const KafkaFailure& failure) {
    metrics_.kafka_error(to_string(failure.fault));
    const std::int64_t now = steady_ms();
    if (failure.fault == KafkaFault::kUnauthorised) {
      moves_at_denial_ = moves_.load();
      denied_ms_ = now;
    }
    std::uint64_t kind = 0;  // Texts differ by addresses and times.
    for (const char c : failure.text) {
      if (c < '0' || c > '9') kind = kind * 31 + static_cast<unsigned char>(c);
    }
    std::atomic<std::int64_t>& logged_ms = error_logged_ms_[kind % error_logged_ms_.size()];
    std::int64_t last = logged_ms;
    if (now - last > 10000 && logged_ms.compare_exchange_strong(last, now))
      spdlog::warn("Kafka: {}", failure.text);
  }

  // --- workers -------------------------------------------------------------------------------

  void work(Worker& worker) {
    pthread_setname_np(pthread_self(), "worker");  // For top -H and the like.
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
      if (failing_) {  // Read again later.
        in_flight->failed = true;
        --queued_;
        release(in_flight);
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
      if (outcome.dead || in_flight->refused) {
        in_flight->dead = true;
        in_flight->reason = outcome.dead ? to_string(outcome.error.reason) : "output_refused";
        publish_dead(*in_flight,
                     outcome.dead ? std::string_view(outcome.error.detail)
                                  : "Kafka refuses an output of this article, e.g. as too large.",
                     outcome.dead ? outcome.error.position : 0, out_headers, kafka_headers);
      } else {
        publish(*in_flight, outcome, headers, out_headers, kafka_headers);
        if (!in_flight->told) tell(processor, outcome);
        in_flight->told = true;
      }
      --queued_;
      release(in_flight);
    }
  }

  // Counts what an article brought, once, and shows it to who wants to see it.
  void tell(const Processor& processor, const Outcome& outcome) {
    newsroom_.observe(processor, wall_ms());
    if (outcome.replaced_characters > 0) metrics_.replaced_characters(outcome.replaced_characters);
    for (std::size_t i = 0; i < outcome.alert_count; ++i) {
      metrics_.alert(outcome.alerts[i].profile_id, outcome.alerts[i].level);
      if (options_.on_alert)
        options_.on_alert(outcome, outcome.alerts[i], processor.article().headline);
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
    send(in_flight, 0, kEnriched, outcome.uri, outcome.enriched, headers, kafka_headers);
    for (std::size_t i = 0; i < outcome.alert_count; ++i) {
      const AlertOut& alert = outcome.alerts[i];
      event_headers(kAlertType, alert.id, outcome.uri, time, traceparent, headers);
      send(in_flight, i + 1, kAlerts, alert.profile_id, alert.json, headers, kafka_headers);
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
    produce(in_flight, 0, kDead, record.key(), record.value(), kafka_headers);
  }

  void send(InFlight& in_flight, std::size_t output, std::size_t topic, std::string_view key,
            std::string_view value, const std::vector<OutHeader>& headers,
            std::vector<KafkaHeader>& kafka_headers) {
    kafka_headers.clear();
    for (const OutHeader& header : headers) kafka_headers.push_back({header.key, header.value});
    produce(in_flight, output, topic, key, value, kafka_headers);
  }

  void produce(InFlight& in_flight, std::size_t output, std::size_t topic, std::string_view key,
               std::string_view value, std::span<const KafkaHeader> headers) {
    if (output < kOutputMax && (in_flight.before >> output & 1) != 0) return;
    ++in_flight.pending;
    KafkaFailure failure;
    if (producer_->produce(topic, key, value, headers, to_opaque(&in_flight, output), failure))
      return;
    --in_flight.pending;
    refused(in_flight, failure);
  }

  // --- acknowledgements ----------------------------------------------------------------------

  // An output that Kafka did not take: the record stays unfinished.
  void refused(InFlight& in_flight, const KafkaFailure& failure) {
    in_flight.failed = true;
    if (!failing_) metrics_.delivery_failed(to_string(failure.fault));
    const KafkaRecord& record = in_flight.record;
    if (failure.fault == KafkaFault::kRecord &&
        options_.on_refused_record == FaultPolicy::kDeadLetter) {
      const std::lock_guard lock(positions_mutex_);
      if (const auto found = positions_.find(record.partition()); found != positions_.end()) {
        auto& marked =
            in_flight.alone && !in_flight.dead ? found->second.refused : found->second.suspects;
        if (marked.insert(record.offset()).second) {
          isolating_ = true;
          isolated_ms_ = steady_ms();
          if (++fresh_suspects_ > kProbeSize) grouping_ = true;
          probe_size_ = grouping_ ? kProbeSize : 1;
        } else if (!in_flight.alone && probe_size_ > 1) {  // A group with a refused one.
          isolating_ = true;
          probe_size_ = 1;
        }
      }
    }
    if (failing_) return;
    raise({failure.fault, std::string(record.topic()) + "/" + std::to_string(record.partition()) +
                              "@" + std::to_string(record.offset()) + ": " + failure.text},
          // A client remembers for a while that a topic is missing; a new one looks again.
          failure.fault == KafkaFault::kTemporary || failure.fault == KafkaFault::kRecord
              ? TransactionStep::kAbort
              : TransactionStep::kRebuild);
  }

  // On the thread of acknowledgements.
  void delivered(void* opaque, const KafkaFailure& failure) {
    const auto bits = reinterpret_cast<std::uintptr_t>(opaque);
    const std::size_t output = bits & kOutputMax;
    auto* in_flight = reinterpret_cast<InFlight*>(bits & ~std::uintptr_t{kOutputMax});
    if (failure.empty()) {
      metrics_.produced(output > 0        ? options_.topic_alerts
                        : in_flight->dead ? options_.topic_dead
                                          : options_.topic_enriched);
      if (output < kOutputMax) in_flight->acknowledged |= Acknowledged{1} << output;
    } else {
      refused(*in_flight, failure);
    }
    release(in_flight);
  }

  void count(const InFlight& in_flight) {
    ++finished_;
    if (in_flight.dead)
      metrics_.finished_dead(in_flight.reason);
    else
      metrics_.finished_enriched();
    if (in_flight.record.timestamp_ms() > 0)
      metrics_.end_to_end(static_cast<double>(wall_ms() - in_flight.record.timestamp_ms()) / 1000);
    const std::lock_guard lock(breaker_mutex_);
    breaker_.count(steady_ms(), in_flight.dead);
  }

  void release(InFlight* in_flight) {
    if (--in_flight->pending > 0) return;
    const KafkaRecord& record = in_flight->record;
    {
      const std::lock_guard lock(positions_mutex_);
      const auto found = positions_.find(record.partition());
      if (found != positions_.end() && found->second.epoch == in_flight->epoch) {
        Position& position = found->second;
        if (in_flight->failed) {
          if (in_flight->told) position.told.insert(record.offset());
          // What was acknowledged nevertheless is not sent again. A dead letter in place of the
          // event is another output.
          const Acknowledged sent = in_flight->acknowledged | in_flight->before;
          if (sent != 0 && !options_.exactly_once && !position.refused.contains(record.offset()))
            position.before[record.offset()] = sent;
        } else if (const auto offset = position.watermark.done(record.offset())) {
          position.front_since_ms = steady_ms();
          if (!options_.exactly_once) consumer_->store_offset(record.partition(), *offset);
        }
      }
    }
    ++moves_;
    if (options_.exactly_once) {  // Counted when it is committed.
      const std::lock_guard lock(settled_mutex_);
      settled_.push_back(in_flight);
    } else {
      if (!in_flight->failed && in_flight->before != kAllAcknowledged) count(*in_flight);
      inflight_bytes_ -= in_flight->bytes;
      delete in_flight;
    }
    --inflight_records_;
  }

  bool wait_idle(int timeout_ms) {
    const std::int64_t deadline = steady_ms() + timeout_ms;
    while (inflight_records_ > 0) {
      if (steady_ms() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    return true;
  }

  EnricherOptions options_;
  std::mutex rules_mutex_;
  std::shared_ptr<const RuleSet> rules_;  // Guarded by rules_mutex_.
  std::atomic<std::uint64_t> rules_generation_ = 0;
  Metrics& metrics_;
  NewsroomSignals newsroom_;
  std::unique_ptr<NewsroomKeeper> keeper_;
  EnricherHealth health_;
  std::unique_ptr<KafkaProducer> producer_;  // Replaced only while nothing is in flight.
  std::thread reports_;
  std::atomic<bool> reports_stopped_ = false;
  std::unique_ptr<KafkaConsumer> consumer_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::mutex positions_mutex_;
  std::map<std::int32_t, Position> positions_;
  std::uint64_t epoch_ = 0;
  std::atomic<std::int64_t> inflight_bytes_ = 0;
  std::atomic<std::int64_t> inflight_records_ = 0;
  std::atomic<std::int64_t> queued_ = 0;  // Taken and not yet through a worker.
  std::atomic<bool> stop_ = false;
  std::string failure_text_;

  // The poll loop's own.
  std::vector<std::int32_t> unchecked_;  // Partitions that may have lost records to retention.
  bool paused_ = false;
  bool blocked_ = false;
  std::int64_t batch_size_ = 0;  // Records taken since the last commit.
  std::int64_t batch_since_ms_ = 0;
  int probed_ = 0;  // Suspects of the group in flight.
  int attempts_ = 0;
  std::int64_t backoff_ms_ = 0;
  std::int64_t recovered_ms_ = -1000000;
  std::uint64_t finished_at_recovery_ = 0;
  std::int64_t poison_pause_until_ms_ = 0;
  std::vector<std::int64_t> fenced_ms_;
  bool rejoin_ = false;  // With a new consumer, once nothing is in flight.
  std::int64_t rejoined_ms_ = -1000000;
  std::uint64_t moves_seen_ = 0;
  std::int64_t moved_ms_ = steady_ms();

  std::atomic<bool> failing_ = false;    // Outputs are given up until the poll loop has recovered.
  std::atomic<int> probe_size_ = 1;      // How many suspects go together.
  std::atomic<int> fresh_suspects_ = 0;  // Since the last recovery.
  std::atomic<std::int64_t> isolated_ms_ = -1000000;  // When something was found out.
  std::atomic<bool> grouping_ = false;                // Once there were many at a time.
  std::atomic<bool> isolating_ =
      false;  // Since the last recovery more is known of what is refused.
  std::mutex fault_mutex_;
  KafkaFailure fault_;
  TransactionStep step_{};
  std::atomic<std::uint64_t> finished_ = 0;  // Articles, all told.
  std::atomic<std::uint64_t> moves_ = 0;     // Anything that moves counts it up.
  std::array<std::atomic<std::int64_t>, 16> error_logged_ms_ = {};
  std::atomic<std::int64_t> denied_ms_ = -1000000;
  std::atomic<std::uint64_t> moves_at_denial_ = 0;
  std::mutex settled_mutex_;
  std::vector<InFlight*> settled_;  // Exactly once: acknowledged, not committed.
  std::mutex breaker_mutex_;
  PoisonBreaker breaker_;
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
