#include "services/enricher/acknowledgements.h"

#include <string>

#include "common/kafka/clocks.h"

namespace wirewatch {

Acknowledgements::~Acknowledgements() {
  for (const InFlight* in_flight : settled_) delete in_flight;
}

void Acknowledgements::delivered(void* opaque, const KafkaFailure& failure) {
  const OutputRef ref = from_opaque(opaque);
  InFlight& in_flight = *ref.article;
  if (failure.empty()) {
    count_output(ref);
    if (ref.output < kOutputMax) in_flight.acknowledged |= Acknowledged{1} << ref.output;
  } else {
    refuse(in_flight, failure);
  }
  if (--in_flight.pending > 0) return;
  const std::lock_guard lock(burst_mutex_);
  burst_.push_back(&in_flight);
}

// Nobody has outputs of a transaction before it is committed.
void Acknowledgements::count_output(const OutputRef& output) {
  Produced& produced = output.output > 0 ? alerts_ : output.article->dead ? dead_ : enriched_;
  if (parts_.options.exactly_once) {
    ++produced.uncommitted;
  } else {
    parts_.metrics.produced(produced.topic, 1);
  }
}

void Acknowledgements::end_of_burst() {
  std::vector<InFlight*> burst;
  {
    const std::lock_guard lock(burst_mutex_);
    burst.swap(burst_);
  }
  if (!burst.empty()) finish(burst);
}

void Acknowledgements::release(InFlight* in_flight) {
  if (--in_flight->pending == 0) finish({&in_flight, 1});
}

void Acknowledgements::refuse(InFlight& in_flight, const KafkaFailure& failure) {
  in_flight.failed = true;
  const bool known = parts_.faults.is_raised();
  if (!known) parts_.metrics.delivery_failed(to_string(failure.fault));
  const KafkaRecord& record = in_flight.record;
  if (failure.fault == KafkaFault::kRecord &&
      parts_.options.on_refused_record == FaultPolicy::kDeadLetter &&
      parts_.refusals.note(record.partition(), record.offset(), in_flight.alone && !in_flight.dead,
                           steady_ms())) {
    in_flight.found_refused = true;
  }
  if (known) return;
  // A client remembers for a while that a topic is missing; a new one looks again.
  const bool keep = failure.fault == KafkaFault::kTemporary || failure.fault == KafkaFault::kRecord;
  parts_.faults.raise(
      {failure.fault, std::string(record.topic()) + "/" + std::to_string(record.partition()) + "@" +
                          std::to_string(record.offset()) + ": " + failure.text},
      keep ? TransactionStep::kAbort : TransactionStep::kRebuild);
}

void Acknowledgements::finish(std::span<InFlight* const> articles) {
  {
    // Offsets are stored in the order in which they move: a lower one would take the place of a
    // higher one.
    const std::lock_guard lock(store_mutex_);
    moved_.clear();
    parts_.positions.finish(articles, steady_ms(), moved_);
    if (!moved_.empty()) parts_.store(moved_);
  }
  parts_.watch.moved();
  if (parts_.options.exactly_once) {
    const std::lock_guard lock(settled_mutex_);
    settled_.insert(settled_.end(), articles.begin(), articles.end());
  } else {
    count(articles);
    forget(articles);
  }
  parts_.totals.records -= std::ssize(articles);
}

void Acknowledgements::forget(std::span<InFlight* const> articles) {
  std::int64_t bytes = 0;
  for (const InFlight* in_flight : articles) {
    bytes += in_flight->bytes;
    delete in_flight;
  }
  parts_.totals.bytes -= bytes;
}

void Acknowledgements::settle(bool committed) {
  std::vector<InFlight*> settled;
  {
    const std::lock_guard lock(settled_mutex_);
    settled.swap(settled_);
  }
  for (Produced* produced : {&enriched_, &alerts_, &dead_}) {
    const std::uint64_t records = produced->uncommitted.exchange(0);
    if (committed && records > 0) parts_.metrics.produced(produced->topic, records);
  }
  if (committed) {
    count(settled);
    parts_.positions.transaction_ended();
  } else {
    parts_.positions.remember_told(settled);
  }
  forget(settled);
}

void Acknowledgements::count(std::span<InFlight* const> articles) {
  const std::int64_t now = wall_ms();
  std::uint64_t finished = 0;
  std::uint64_t dead = 0;
  for (const InFlight* in_flight : articles) {
    if (in_flight->failed || in_flight->before == kAllAcknowledged) continue;
    ++finished;
    if (in_flight->dead) {
      ++dead;
      parts_.metrics.finished_dead(in_flight->reason);
    } else {
      parts_.metrics.finished_enriched();
    }
    const std::int64_t written = in_flight->record.timestamp_ms();
    if (written > 0) parts_.metrics.end_to_end(static_cast<double>(now - written) / 1000);
  }
  if (finished > 0) parts_.watch.count_finished(finished, dead, steady_ms());
}

}  // namespace wirewatch
