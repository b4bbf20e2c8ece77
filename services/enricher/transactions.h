// The records read since the last commit, and the transaction that commits their outputs and
// offsets together (exactly once).
//
// At least once there are no transactions; what was read since the last recovery is known all the
// same.
//
// Threads: one, the poll loop. commit() waits for workers and Kafka.

#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "common/kafka/kafka.h"
#include "common/telemetry/telemetry.h"
#include "services/enricher/acknowledgements.h"
#include "services/enricher/article_workers.h"
#include "services/enricher/enricher.h"
#include "services/enricher/faults.h"
#include "services/enricher/in_flight.h"
#include "services/enricher/input.h"
#include "services/enricher/outputs.h"
#include "services/enricher/partition_positions.h"

namespace wirewatch {

class Transactions {
 public:
  // All must outlive it.
  struct Parts {
    const EnricherOptions& options;
    Metrics& metrics;
    PartitionPositions& positions;
    Acknowledgements& acknowledgements;
    Faults& faults;
    InFlightTotals& totals;
    Input& input;
    Outputs& outputs;
    ArticleWorkers& workers;
  };
  explicit Transactions(const Parts& parts) : parts_(parts) {}

  void read_one(std::int64_t now_ms);
  [[nodiscard]] bool is_empty() const { return records_ == 0; }
  // When the first record was read.
  [[nodiscard]] std::int64_t since_ms() const { return since_ms_; }
  // How long until it is to be committed, because of its age or its size.
  [[nodiscard]] std::int64_t ms_left(std::int64_t now_ms) const;

  // Makes a new producer ready and begins; ends what a predecessor left open. Only a result of
  // kDone has begun.
  [[nodiscard]] TransactionResult begin_with_new_producer();
  // Begins the next one with the producer that there is.
  [[nodiscard]] TransactionResult begin() { return parts_.outputs.producer().begin(); }
  // Commits, and begins the next one. False when it could not, with the fault raised.
  bool commit(int timeout_ms);
  // Everything read is acknowledged and, exactly once, committed. False as above.
  bool finish_all(int timeout_ms);
  // The transaction was committed, or given up, and everything is acknowledged.
  void settle(bool committed);
  // Reading begins anew.
  void restart() { records_ = 0; }

  // Whether a commit took place of which no answer came: the group's offsets tell. Empty: the
  // broker does not tell now.
  [[nodiscard]] std::optional<bool> was_committed();

 private:
  bool await_workers(std::int64_t deadline_ms);

  const Parts parts_;
  std::int64_t records_ = 0;
  std::int64_t since_ms_ = 0;
  // What the last two commits took. The next transaction lasts as long as the shorter of them, so
  // that no more than half of the time goes into committing, and one slow commit holds up nobody
  // who comes after it.
  std::array<std::int64_t, 2> commits_ms_{};
};

// Waits until nothing is in flight. False when time ran out.
bool await_idle(const InFlightTotals& totals, int timeout_ms);

}  // namespace wirewatch
