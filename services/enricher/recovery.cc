#include "services/enricher/recovery.h"

#include <optional>
#include <vector>

#include <spdlog/spdlog.h>

#include "common/kafka/clocks.h"

namespace wirewatch {

namespace {

constexpr int kAbortMs = 15000;
// A fault of what was read so long ago is shown as waiting at once.
constexpr std::int64_t kLongMs = 10000;
constexpr int kStepMs = 5;
// Where a broker is there, what was sent is answered in much less.
constexpr int kAnswersMs = 1000;

// Whether the fault ends the process, by policy.
bool is_end(const EnricherOptions& options, KafkaFault fault) {
  switch (fault) {
    case KafkaFault::kRecord:
      return options.on_refused_record == FaultPolicy::kStop;
    case KafkaFault::kUnauthorised:
      return options.on_unauthorised == FaultPolicy::kStop;
    case KafkaFault::kMissingTopic:
      return options.on_missing_topic == FaultPolicy::kStop;
    default:
      return false;
  }
}

}  // namespace

void Recovery::run() {
  const Fault fault = parts_.faults.current();
  if (!begin(fault)) return;
  const bool new_producer = give_up_outputs(fault);
  make_clients(new_producer);
  const bool ready = !parts_.options.exactly_once || end_transaction(new_producer);
  if (parts_.going() && ready && read_on()) parts_.faults.clear();
  pace_.end(steady_ms());
}

bool Recovery::begin(const Fault& fault) {
  const std::int64_t now = steady_ms();
  const RecoveryPace::Attempt attempt =
      pace_.begin(now, parts_.watch.finished(), parts_.refusals.is_active(now));
  parts_.metrics.recovered(to_string(fault.failure.fault));
  spdlog::warn("recovering, attempt {}: {}", attempt.number, fault.failure.text);
  if (is_end(parts_.options, fault.failure.fault)) {
    parts_.faults.end("Kafka refused an output (" + fault.failure.text +
                      ") and the policy is to stop");
    return false;
  }
  if (attempt.number > 1 || now - parts_.transactions.since_ms() > kLongMs)
    parts_.watch.wait_for(fault.failure.fault);
  if (fault.failure.fault == KafkaFault::kFenced) fenced(fault.failure);
  return true;
}

bool Recovery::give_up_outputs(const Fault& fault) {
  parts_.input.set_paused(true);
  parts_.workers.hand_over();
  KafkaProducer& producer = parts_.outputs.producer();
  // The sequence numbers of a refused batch are counted by librdkafka 2.0.2 and not by Kafka: the
  // transaction after an abort would fail for the gap. A new producer counts anew.
  const bool aborting = parts_.options.exactly_once && fault.step == TransactionStep::kAbort &&
                        !parts_.refusals.is_active(steady_ms());
  // Workers let go of what they have; a full queue does not hold them.
  if (!aborting) {
    // What is given up unanswered comes twice, if Kafka has taken it. A transaction has it aborted.
    producer.purge_unsent();
    const std::int64_t until = steady_ms() + (parts_.options.exactly_once ? 0 : kAnswersMs);
    while (producer.is_unanswered() && steady_ms() < until && parts_.going()) parts_.wait(kStepMs);
    producer.purge();
  }
  while (parts_.totals.queued > 0 && parts_.going()) parts_.wait(kStepMs);
  bool new_producer = true;
  if (aborting && parts_.going()) {
    new_producer = producer.abort(kAbortMs).step != TransactionStep::kDone;
    if (new_producer) producer.purge();
  }
  while (parts_.totals.records > 0 && parts_.going()) parts_.wait(kStepMs);
  // What is refused is being found out, record by record: that is progress and needs no pause.
  if (parts_.refusals.take_progress()) pace_.skip_pause();
  for (const std::int64_t until = steady_ms() + pace_.pause_ms();
       steady_ms() < until && parts_.going();)
    parts_.wait(10 * kStepMs);
  return new_producer;
}

void Recovery::make_clients(bool new_producer) {
  if (new_producer && parts_.going()) {
    if (const std::string error = parts_.outputs.open(); !error.empty()) parts_.faults.end(error);
  }
  if (parts_.input.must_rejoin() && parts_.going()) {
    if (const std::string error = parts_.input.open(); !error.empty()) parts_.faults.end(error);
  }
}

bool Recovery::end_transaction(bool new_producer) {
  if (!new_producer) {
    const TransactionResult begun = parts_.transactions.begin();
    parts_.transactions.settle(false);
    if (begun.step == TransactionStep::kDone) return true;
    parts_.faults.raise(begun.failure, TransactionStep::kRebuild);
    return false;
  }
  if (!begin_transactions()) return false;
  // Whether the last commit took place is known by the group's offsets only.
  std::optional<bool> committed;
  while (parts_.going() && !(committed = parts_.transactions.was_committed())) parts_.wait(200);
  parts_.transactions.settle(committed.value_or(false));
  return true;
}

bool Recovery::begin_transactions() {
  while (parts_.going()) {
    const TransactionResult result = parts_.transactions.begin_with_new_producer();
    if (result.step == TransactionStep::kDone) return true;
    parts_.watch.note_error(result.failure, steady_ms());
    parts_.watch.wait_for(result.failure.fault);
    if (result.failure.fault == KafkaFault::kFenced) fenced(result.failure);
    if (result.step == TransactionStep::kRebuild && !parts_.faults.is_end()) {
      if (const std::string error = parts_.outputs.open(); !error.empty()) parts_.faults.end(error);
    }
    parts_.wait(500);
  }
  return false;
}

bool Recovery::read_on() {
  const std::vector<PartitionOffset> from = parts_.positions.restart_offsets();
  if (const KafkaFailure failure = parts_.input.consumer().seek(from); !failure.empty()) {
    parts_.watch.note_error(failure, steady_ms());
    return false;
  }
  parts_.positions.restarted();
  parts_.transactions.restart();
  parts_.refusals.restart(from);
  parts_.input.set_paused(false);
  return true;
}

void Recovery::fenced(const KafkaFailure& failure) {
  if (fenced_.count(steady_ms())) {
    parts_.faults.end("fenced again and again (" + failure.text +
                      "): another process has the same kafka.instance_id");
  }
}

}  // namespace wirewatch
