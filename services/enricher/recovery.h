// Gets the stream going again after a fault: gives up the outputs on their way, waits, makes the
// clients anew where the fault asks for it, and reads on from the first unfinished record of each
// partition.
//
// The order of outputs is kept: nothing of a partition is read on before everything of it that was
// in flight has been acknowledged or given up.
//
// Threads: one, the poll loop. run() takes as long as Kafka is away, and keeps the group's member
// alive meanwhile; it ends early when `going` says so.

#pragma once

#include <functional>

#include "common/kafka/kafka.h"
#include "common/telemetry/telemetry.h"
#include "services/enricher/article_workers.h"
#include "services/enricher/enricher.h"
#include "services/enricher/faults.h"
#include "services/enricher/in_flight.h"
#include "services/enricher/input.h"
#include "services/enricher/outputs.h"
#include "services/enricher/partition_positions.h"
#include "services/enricher/recovery_pace.h"
#include "services/enricher/refusal_search.h"
#include "services/enricher/stream_watch.h"
#include "services/enricher/transactions.h"

namespace wirewatch {

class Recovery {
 public:
  // All must outlive it.
  struct Parts {
    const EnricherOptions& options;
    Metrics& metrics;
    PartitionPositions& positions;
    RefusalSearch& refusals;
    Faults& faults;
    StreamWatch& watch;
    InFlightTotals& totals;
    Input& input;
    Outputs& outputs;
    Transactions& transactions;
    ArticleWorkers& workers;
    // Whether the process is to go on.
    std::function<bool()> going;
    // Waits so many milliseconds, and remains a member of the group meanwhile.
    std::function<void(int)> wait;
  };
  explicit Recovery(Parts parts) : parts_(std::move(parts)) {}

  // The fault that is raised is cleared afterwards, or it is to be run again.
  void run();
  // Exactly once: makes the new producer ready for its first transaction, replacing it while it is
  // of no use. False when the process is not to go on.
  bool begin_transactions();
  [[nodiscard]] const RecoveryPace& pace() const { return pace_; }

 private:
  // Reports the fault. False when the process is to end.
  bool begin(const Fault& fault);
  // Everything in flight is acknowledged or given up; true when a new producer is needed.
  bool give_up_outputs(const Fault& fault);
  void make_clients(bool new_producer);
  // Exactly once: ends the transaction that was open, and begins a new one.
  bool end_transaction(bool new_producer);
  bool read_on();
  void fenced(const KafkaFailure& failure);

  const Parts parts_;
  RecoveryPace pace_;
  FencedWindow fenced_;
};

}  // namespace wirewatch
