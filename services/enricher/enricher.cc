#include "services/enricher/enricher.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include <spdlog/spdlog.h>

#include "common/base/check.h"
#include "common/kafka/clocks.h"
#include "common/kafka/kafka.h"
#include "services/enricher/acknowledgements.h"
#include "services/enricher/article_handler.h"
#include "services/enricher/article_workers.h"
#include "services/enricher/faults.h"
#include "services/enricher/in_flight.h"
#include "services/enricher/input.h"
#include "services/enricher/newsroom_keeper.h"
#include "services/enricher/outputs.h"
#include "services/enricher/partition_positions.h"
#include "services/enricher/read_progress.h"
#include "services/enricher/recovery.h"
#include "services/enricher/refusal_search.h"
#include "services/enricher/stream_watch.h"
#include "services/enricher/transactions.h"

namespace wirewatch {

namespace {

constexpr int kPollTimeoutMs = 50;
constexpr std::int64_t kPublishEveryMs = 1000;
constexpr std::int64_t kLookEveryMs = 500;
// An output that is unacknowledged for so long stops reading: what follows could not be committed.
constexpr std::int64_t kHeldUpMs = 10000;
constexpr int kRevokeDrainMs = 5000;
constexpr int kFinishMs = 15000;
constexpr int kAskMs = 1000;
// Workers get as many articles at a time when there are more to read.
constexpr std::size_t kHandOver = 64;
// With more than this in flight the poll loop handles no article itself: it must not come to wait
// for a producer whose queue is full.
constexpr std::int64_t kOwnInFlightBytesMax = 1024 * 1024;
// What a record takes beside its bytes.
constexpr std::int64_t kRecordBytes = 256;

}  // namespace

// Owns the parts and runs the poll loop, which drives them.
class Enricher::Impl final : public RebalanceListener {
 public:
  Impl(EnricherOptions options, std::shared_ptr<const RuleSet> rules, Metrics& metrics)
      : options_(std::move(options)),
        metrics_(metrics),
        newsroom_(options_.newsroom, *rules, wall_ms()),
        series_(metrics, *rules),
        positions_(options_.exactly_once),
        workers_(options_.workers, std::move(rules), [this] { return make_handler(); }) {}

  std::string run(const std::function<bool()>& finished) {
    WIREWATCH_CHECK(!options_.exactly_once ||
                    (!options_.embedded && !options_.instance_id.empty()));
    finished_ = finished;
    metrics_.kafka_library(kafka_library_version());
    if (std::string error = outputs_.open(); !error.empty()) return error;
    // Before the first record is read: this ends what a predecessor left open.
    if (options_.exactly_once) recovery_.begin_transactions();
    if (!options_.topic_newsroom.empty()) make_keeper();
    if (std::string error = input_.open(); !error.empty()) {
      outputs_.close();
      return error;
    }
    workers_.start();
    while (going()) step();
    health_.draining = true;
    spdlog::info("stopping, with {} articles in flight", totals_.records.load());
    keeper_.reset();  // While the partitions are ours.
    drain();
    workers_.stop();
    newsroom_.publish(metrics_, wall_ms());
    outputs_.close();
    input_.close();
    return faults_.end_reason();
  }

  void request_stop() { stop_ = true; }

  void use_rules(std::shared_ptr<const RuleSet> rules) {
    newsroom_.use(*rules, wall_ms());
    series_.prepare(*rules);
    workers_.use_rules(std::move(rules));
  }

  [[nodiscard]] const EnricherHealth& health() const { return health_; }

  void on_assigned(std::span<const std::int32_t> partitions) override {
    positions_.assign(partitions);
    progress_.assign(partitions);
    refusals_.forget(partitions);
    partitions_changed("assigned");
    spdlog::info("assigned {} partitions of {}", partitions.size(), options_.topic_raw);
  }

  // Finishes what is in flight, so that the next owner repeats nothing; then forgets the
  // partitions. While recovering nothing is in flight that could be finished.
  void on_revoked(std::span<const std::int32_t> partitions, bool lost) override {
    if (!faults_.is_raised()) {
      const int limit = std::min(options_.drain_timeout_ms, kRevokeDrainMs);
      if (options_.exactly_once && lost) {
        faults_.raise({KafkaFault::kTemporary, "partitions went to another member"},
                      TransactionStep::kAbort);
      } else if (options_.exactly_once) {
        (void)transactions_.commit(limit);
      } else if (!lost) {
        workers_.hand_over();
        (void)await_idle(totals_, limit);
      }
    }
    positions_.revoke(partitions);
    progress_.revoke(partitions);
    refusals_.forget(partitions);
    partitions_changed(lost ? "lost" : "revoked");
    spdlog::info("gave back {} partitions of {}", partitions.size(), options_.topic_raw);
  }

 private:
  void make_keeper() {
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

  // On a worker's thread.
  std::unique_ptr<ArticleWorkers::Handler> make_handler() {
    return std::make_unique<ArticleHandler>(ArticleHandler::Parts{.options = options_,
                                                                  .metrics = metrics_,
                                                                  .newsroom = newsroom_,
                                                                  .series = series_,
                                                                  .faults = faults_,
                                                                  .outputs = outputs_,
                                                                  .acknowledgements = acks_,
                                                                  .totals = totals_});
  }

  void partitions_changed(std::string_view how) {
    watch_.moved();
    if (keeper_) keeper_->use_partition(positions_.lowest());
    const std::size_t count = positions_.count();
    metrics_.rebalanced(how);
    metrics_.assigned_partitions(count);
    health_.assigned = count > 0;
  }

  bool going() {
    if (finished_ && finished_()) stop_ = true;
    return !stop_ && !faults_.is_end();
  }

  // --- the loop ------------------------------------------------------------------------------

  void step() {
    const std::int64_t now = steady_ms();
    health_.heartbeat_ms = now;
    metrics_.in_flight(totals_.records, totals_.bytes);
    if (now - published_ms_ >= kPublishEveryMs) {
      published_ms_ = now;
      newsroom_.publish(metrics_, wall_ms());
      workers_.idle();
    }
    if (faults_.is_raised()) {
      recovery_.run();
      return;
    }
    if (now - looked_ms_ >= kLookEveryMs) {
      looked_ms_ = now;
      watch_.look(positions_.is_held_up(now, kHeldUpMs),
                  recovery_.pace().is_over(now, watch_.finished(), totals_.records == 0), now);
    }
    if (input_.is_full_for_now(totals_.bytes, watch_.holds_reading(now), now)) {
      workers_.hand_over();
      // Exactly once, bytes are in flight until they are committed.
      if (options_.exactly_once) (void)transactions_.commit(kFinishMs);
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return;
    }
    read(now);
    if (progress_.has_unchecked()) look_for_missed();
    if (options_.exactly_once && !transactions_.is_empty() &&
        transactions_.ms_left(steady_ms()) == 0)
      (void)transactions_.commit(kFinishMs);
  }

  void read(std::int64_t now) {
    KafkaRecord record;
    KafkaFailure error;
    // What has been read already waits for no more than is there.
    int timeout = workers_.added() > 0 ? 0 : poll_timeout(now);
    if (caught_up_) {
      gather(timeout);
      timeout = poll_timeout(steady_ms());
    }
    if (input_.consumer().poll(timeout, record, error)) {
      if (std::exchange(caught_up_, false)) gathered_ = std::chrono::steady_clock::now();
      take(std::move(record));
      if (workers_.added() >= kHandOver) workers_.hand_over();
      return;
    }
    caught_up_ = true;
    workers_.hand_over(totals_.bytes <= kOwnInFlightBytesMax);
    if (error.empty()) return;
    watch_.note_error(error, steady_ms());
    input_failed(error);
  }

  // While articles keep coming one by one, waits for some of them to be there. The first after a
  // pause waits for nobody.
  void gather(int timeout_ms) const {
    const auto until = gathered_ + std::chrono::milliseconds(options_.gather_ms);
    const auto limit = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    std::this_thread::sleep_until(std::min(until, limit));
  }

  [[nodiscard]] int poll_timeout(std::int64_t now) const {
    if (!options_.exactly_once || transactions_.is_empty()) return kPollTimeoutMs;
    return static_cast<int>(std::min<std::int64_t>(transactions_.ms_left(now), kPollTimeoutMs));
  }

  void take(KafkaRecord record) {
    const std::int32_t partition = record.partition();
    const std::int64_t offset = record.offset();
    // Came with the poll that found a fault: read again after the recovery.
    if (faults_.is_raised()) {
      positions_.pass_over(partition, offset);
      return;
    }
    const bool suspect = refusals_.is_suspect(partition, offset);
    const RefusalSearch::Turn turn = refusals_.turn(suspect);
    if (turn.after_all_before && !transactions_.finish_all(kFinishMs)) {
      positions_.pass_over(partition, offset);
      return;
    }
    const std::int64_t now = steady_ms();
    auto made = std::make_unique<InFlight>();
    made->bytes = static_cast<std::int64_t>(record.value().size() + record.key().size());
    made->bytes += kRecordBytes;
    made->record = std::move(record);
    made->alone = turn.alone;
    made->refused = refusals_.is_refused(partition, offset);
    if (!positions_.take(*made, now)) return;
    InFlight* in_flight = made.release();
    watch_.moved();
    if (progress_.read(partition, offset, now)) metrics_.consumed(in_flight->record.topic());
    transactions_.read_one(now);
    totals_.bytes += in_flight->bytes;
    ++totals_.records;
    if (in_flight->before == kAllAcknowledged) {  // Was finished before the recovery.
      acks_.release(in_flight);
      return;
    }
    ++totals_.queued;
    ++totals_.unproduced;
    workers_.add(in_flight);
    if (refusals_.gone(suspect)) (void)transactions_.finish_all(kFinishMs);
  }

  void look_for_missed() {
    KafkaConsumer& consumer = input_.consumer();
    const auto missed = progress_.check(
        {.committed =
             [&](std::span<const std::int32_t> partitions) {
               return consumer.committed(partitions, kAskMs);
             },
         .begin_of = [&](std::int32_t partition) { return consumer.begin_of(partition, kAskMs); }});
    for (const ReadProgress::Missed& m : missed) {
      metrics_.missed(m.records);
      spdlog::error("{} records of {}/{} were deleted by Kafka before they were read", m.records,
                    options_.topic_raw, m.partition);
    }
  }

  void input_failed(const KafkaFailure& failure) {
    switch (input_.remedy_for(failure, steady_ms())) {
      case Input::Remedy::kNone:
        break;
      case Input::Remedy::kRejoin:
        faults_.raise({KafkaFault::kTemporary, failure.text}, TransactionStep::kRebuild);
        break;
      case Input::Remedy::kEnd:
        faults_.end("the Kafka consumer cannot go on: " + failure.text +
                    (failure.fault == KafkaFault::kFenced
                         ? "; another process has the same kafka.instance_id"
                         : ""));
        break;
    }
  }

  // For a recovery: waits so long, and remains a member of the group meanwhile.
  void wait(int ms) {
    health_.heartbeat_ms = steady_ms();
    if (!input_.is_open()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(ms));
      return;
    }
    KafkaRecord record;
    KafkaFailure error;
    if (input_.consumer().poll(ms, record, error)) {
      positions_.pass_over(record.partition(), record.offset());
    } else {
      input_failed(error);
    }
  }

  void drain() {
    workers_.hand_over();
    if (options_.exactly_once) {
      if (!transactions_.commit(options_.drain_timeout_ms)) {
        spdlog::warn("the last transaction is not committed; its articles will be read again");
        faults_.raise({KafkaFault::kTemporary, "stopping"}, TransactionStep::kAbort);
        if (outputs_.is_open()) {
          outputs_.producer().purge();
          (void)outputs_.producer().abort(std::min(options_.drain_timeout_ms, kRevokeDrainMs));
        }
      }
    } else if (!await_idle(totals_, options_.drain_timeout_ms)) {
      spdlog::warn("not everything in flight was acknowledged in {} ms; it will be read again",
                   options_.drain_timeout_ms);
      faults_.raise({KafkaFault::kTemporary, "stopping"}, TransactionStep::kRebuild);
      if (outputs_.is_open()) outputs_.producer().purge();
    }
    if (input_.is_open()) input_.consumer().close();
    await_idle(totals_, kRevokeDrainMs);
  }

  const EnricherOptions options_;
  Metrics& metrics_;
  EnricherHealth health_;
  NewsroomSignals newsroom_;
  ProfileSeries series_;
  std::unique_ptr<NewsroomKeeper> keeper_;
  std::function<bool()> finished_;
  std::atomic<bool> stop_ = false;

  InFlightTotals totals_;
  PartitionPositions positions_;
  RefusalSearch refusals_;
  ReadProgress progress_;
  Faults faults_{health_};
  StreamWatch watch_{{.stall_timeout_ms = options_.stall_timeout_ms,
                      .poison_percent = options_.poison_percent,
                      .poison_pause = options_.poison_pause},
                     health_,
                     metrics_};
  Input input_{
      options_,
      metrics_,
      {.listener = *this,
       .on_statistics =
           [this](std::string_view json) {
             const Metrics::ConsumerState state = metrics_.consumer_statistics(json);
             watch_.note_connection(state.connected, steady_ms());
             watch_.look_for_stall(state.behind, totals_.records == 0, steady_ms());
           },
       .on_error =
           [this](const KafkaFailure& failure) { watch_.note_error(failure, steady_ms()); }}};
  Acknowledgements acks_{
      {.options = options_,
       .metrics = metrics_,
       .positions = positions_,
       .refusals = refusals_,
       .faults = faults_,
       .watch = watch_,
       .totals = totals_,
       .store = [this](std::span<const PartitionOffset> offsets) { input_.store(offsets); }}};
  Outputs outputs_{
      options_,
      totals_,
      acks_,
      {.on_statistics = [this](std::string_view json) { metrics_.producer_statistics(json); },
       .on_error =
           [this](const KafkaFailure& failure) { watch_.note_error(failure, steady_ms()); }}};
  ArticleWorkers workers_;
  Transactions transactions_{{.options = options_,
                              .metrics = metrics_,
                              .positions = positions_,
                              .acknowledgements = acks_,
                              .faults = faults_,
                              .totals = totals_,
                              .input = input_,
                              .outputs = outputs_,
                              .workers = workers_}};
  Recovery recovery_{{.options = options_,
                      .metrics = metrics_,
                      .positions = positions_,
                      .refusals = refusals_,
                      .faults = faults_,
                      .watch = watch_,
                      .totals = totals_,
                      .input = input_,
                      .outputs = outputs_,
                      .transactions = transactions_,
                      .workers = workers_,
                      .going = [this] { return going(); },
                      .wait = [this](int ms) { wait(ms); }}};

  // The poll loop's own.
  bool caught_up_ = false;                            // Everything that had come was read.
  std::chrono::steady_clock::time_point gathered_{};  // When reading began again after that.
  std::int64_t published_ms_ = 0;
  std::int64_t looked_ms_ = 0;
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
