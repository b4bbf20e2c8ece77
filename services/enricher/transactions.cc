#include "services/enricher/transactions.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "common/kafka/clocks.h"

namespace wirewatch {

namespace {

constexpr int kInitMs = 5000;
constexpr int kLastCallbacksMs = 5000;
constexpr std::chrono::microseconds kLook(200);
// Slow commits make transactions longer, up to this.
constexpr std::int64_t kStretchedMs = 100;

}  // namespace

bool await_idle(const InFlightTotals& totals, int timeout_ms) {
  const std::int64_t deadline = steady_ms() + timeout_ms;
  while (totals.records > 0) {
    if (steady_ms() > deadline) return false;
    std::this_thread::sleep_for(kLook);
  }
  return true;
}

void Transactions::read_one(std::int64_t now_ms) {
  if (records_++ == 0) since_ms_ = now_ms;
}

std::int64_t Transactions::ms_left(std::int64_t now_ms) const {
  if (records_ >= parts_.options.transaction_records_max) return 0;
  const std::int64_t stretched = std::min({commits_ms_[0], commits_ms_[1], kStretchedMs});
  const std::int64_t age_max = std::max<std::int64_t>(parts_.options.transaction_ms, stretched);
  return std::max<std::int64_t>(since_ms_ + age_max - now_ms, 0);
}

TransactionResult Transactions::begin_with_new_producer() {
  TransactionResult result = parts_.outputs.producer().init_transactions(kInitMs);
  if (result.step == TransactionStep::kDone) result = begin();
  return result;
}

bool Transactions::await_workers(std::int64_t deadline_ms) {
  parts_.workers.hand_over();
  while (parts_.totals.queued > 0 && !parts_.faults.is_raised()) {
    if (steady_ms() > deadline_ms) {
      parts_.faults.raise({KafkaFault::kTemporary, "articles are not processed in time"},
                          TransactionStep::kAbort);
      return false;
    }
    std::this_thread::sleep_for(kLook);
  }
  return !parts_.faults.is_raised();
}

bool Transactions::commit(int timeout_ms) {
  if (parts_.faults.is_raised()) return false;
  if (is_empty()) return true;
  if (!await_workers(steady_ms() + timeout_ms)) return false;
  const std::int64_t begun = steady_ms();
  const std::vector<PartitionOffset> offsets = parts_.positions.transaction_offsets();
  TransactionResult result =
      parts_.outputs.producer().commit(parts_.input.consumer(), offsets, timeout_ms);
  if (result.step == TransactionStep::kDone) {
    settle(true);
    result = begin();
    commits_ms_ = {steady_ms() - begun, commits_ms_[0]};
    if (result.step == TransactionStep::kDone) return true;
  }
  parts_.faults.raise(std::move(result.failure), result.step);
  return false;
}

bool Transactions::finish_all(int timeout_ms) {
  if (parts_.options.exactly_once) return commit(timeout_ms);
  parts_.workers.hand_over();
  if (await_idle(parts_.totals, timeout_ms)) return !parts_.faults.is_raised();
  parts_.faults.raise({KafkaFault::kTemporary, "outputs are not acknowledged in time"},
                      TransactionStep::kRebuild);
  return false;
}

void Transactions::settle(bool committed) {
  parts_.metrics.transaction(committed ? "committed" : "aborted");
  // All is acknowledged, in part on this thread; the other one may still be at it.
  parts_.acknowledgements.end_of_burst();
  await_idle(parts_.totals, kLastCallbacksMs);
  parts_.acknowledgements.settle(committed);
  restart();
}

std::optional<bool> Transactions::was_committed() {
  const std::vector<PartitionOffset> expected = parts_.positions.transaction_offsets();
  if (expected.empty()) return false;
  std::vector<std::int32_t> partitions;
  partitions.reserve(expected.size());
  for (const PartitionOffset& e : expected) partitions.push_back(e.partition);
  const auto committed = parts_.input.consumer().committed(partitions, kInitMs);
  if (!committed) return std::nullopt;
  for (std::size_t i = 0; i < committed->size(); ++i) {
    if ((*committed)[i].offset < expected[i].offset) return false;
  }
  return true;
}

}  // namespace wirewatch
