// What comes back from Kafka: outputs that it has, outputs that it refused, and from both what
// becomes of their articles.
//
// An article is finished when its worker has let it go and every output is acknowledged. At least
// once it is counted then, and its partition's offset is stored; exactly once when its transaction
// is committed. An article with a refused output is not finished: the fault is raised, and it will
// be read again.
//
// Acknowledgements come in bursts: what one burst finishes is settled together, with one lock, one
// offset for each partition, and counted once.
//
// Threads: settle() from the poll loop; the rest from any. librdkafka reports on the thread that
// serves acknowledgements, and while a transaction is committed also on the poll loop's.

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "common/kafka/kafka.h"
#include "common/telemetry/telemetry.h"
#include "services/enricher/enricher.h"
#include "services/enricher/faults.h"
#include "services/enricher/in_flight.h"
#include "services/enricher/partition_positions.h"
#include "services/enricher/refusal_search.h"
#include "services/enricher/stream_watch.h"

namespace wirewatch {

class Acknowledgements {
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
    // Marks everything below these offsets as done. From any thread, from one at a time.
    std::function<void(std::span<const PartitionOffset>)> store;
  };
  explicit Acknowledgements(Parts parts) : parts_(std::move(parts)) {}
  // Frees what was never settled.
  ~Acknowledgements();

  // librdkafka's report of one output; `opaque` is its to_opaque().
  // What it finishes is settled at the next end_of_burst(), of whichever thread.
  void delivered(void* opaque, const KafkaFailure& failure);
  void end_of_burst();

  // An output was refused: the article stays unfinished.
  void refuse(InFlight& in_flight, const KafkaFailure& failure);
  // The caller's hold on it ends; whoever is last settles it.
  void release(InFlight* in_flight);

  // Exactly once: the transaction was committed, or given up, and nothing is in flight. Its
  // articles are counted, or forgotten.
  void settle(bool committed);

 private:
  struct Produced {
    const std::string& topic;
    std::atomic<std::uint64_t> uncommitted = 0;  // Exactly once.
  };
  void count_output(const OutputRef& output);
  void finish(std::span<InFlight* const> articles);
  void count(std::span<InFlight* const> articles);
  void forget(std::span<InFlight* const> articles);

  const Parts parts_;
  Produced enriched_{parts_.options.topic_enriched};
  Produced alerts_{parts_.options.topic_alerts};
  Produced dead_{parts_.options.topic_dead};
  std::mutex burst_mutex_;
  std::vector<InFlight*> burst_;  // Guarded by burst_mutex_.
  std::mutex store_mutex_;
  std::vector<PartitionOffset> moved_;  // Guarded by store_mutex_; kept to keep its memory.
  std::mutex settled_mutex_;
  std::vector<InFlight*> settled_;  // Exactly once: acknowledged, not committed.
};

}  // namespace wirewatch
