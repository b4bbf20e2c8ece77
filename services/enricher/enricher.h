// The enricher: reads articles from Kafka, processes them, publishes events, alerts and dead
// letters.
//
// At least once (the default): a record's offset is stored when every output of it is acknowledged,
// and never past an unfinished record of its partition. Exactly once: outputs and offsets are
// committed together in Kafka transactions (KIP-447); readers with isolation.level=read_committed
// see each output once. Articles of one key keep their order: they go to one worker and, under one
// key, to one partition. Back-pressure is by bytes in flight.
//
// An output that Kafka does not take stops the stream, not the process: outputs are given up, the
// unfinished articles are read again, with growing pauses, until Kafka takes them. Of what was
// already acknowledged nothing is sent again. The policies say which faults end the process
// instead.
//
// One thread (run()) polls the consumer, processes what is little, and ends transactions; workers
// process; one thread serves acknowledgements.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/pipeline/processor.h"
#include "common/telemetry/telemetry.h"
#include "services/enricher/newsroom_signals.h"

namespace wirewatch {

// What to do about an output that Kafka does not take.
enum class FaultPolicy : std::uint8_t { kWait, kStop, kDeadLetter };

struct EnricherOptions {
  std::string brokers;
  bool embedded = false;
  std::string client_id;
  std::string group_id;
  std::string instance_id;    // Stable and unique in the group; empty: dynamic membership.
  bool exactly_once = false;  // Only with instance_id and on a real Kafka.
  std::int64_t transaction_records_max = 2000;
  int transaction_ms = 5;
  std::string topic_raw;
  std::string topic_enriched;
  std::string topic_alerts;
  std::string topic_dead;
  std::string topic_newsroom;  // What NewsroomKeeper keeps; empty: nothing.
  FaultPolicy on_refused_record = FaultPolicy::kDeadLetter;
  FaultPolicy on_unauthorised = FaultPolicy::kWait;     // kWait or kStop.
  FaultPolicy on_missing_topic = FaultPolicy::kWait;    // kWait or kStop.
  std::size_t workers = 1;                              // >= 1.
  std::int64_t inflight_bytes_max = 64L * 1024 * 1024;  // A single larger record is still taken.
  int gather_ms = 5;                                    // 0: articles are read as they come.
  int drain_timeout_ms = 10000;
  std::int64_t stall_timeout_ms = 120000;
  int poison_percent = 50;  // Share of dead letters that opens the breaker; 0 is never.
  bool poison_pause = false;
  std::vector<std::pair<std::string, std::string>> kafka_properties;
  ProcessorOptions processor;
  NewsroomOptions newsroom{};
  // Called by a worker for every alert; for the terminal of `wirewatch up`. May be empty.
  std::function<void(const AlertOut&)> on_alert;
};

// What /livez and /readyz report. Reasons are texts that live for ever.
struct EnricherHealth {
  std::atomic<std::int64_t> heartbeat_ms = 0;  // Steady clock, of the poll loop.
  std::atomic<bool> assigned = false;
  std::atomic<bool> draining = false;
  std::atomic<bool> failed = false;
  std::atomic<bool> stalled = false;           // There is something to read and nothing moves.
  std::atomic<bool> poisoned = false;          // The poison breaker is open.
  std::atomic<const char*> waiting = nullptr;  // Why nothing is read, or null.
};

class Enricher {
 public:
  Enricher(EnricherOptions options, std::shared_ptr<const RuleSet> rules, Metrics& metrics);
  ~Enricher();

  // Runs until request_stop() or a failure, then drains. Empty on a clean end, else what went
  // wrong. `finished` (may be empty) is asked after every poll; true ends the run as request_stop()
  // does.
  [[nodiscard]] std::string run(const std::function<bool()>& finished);
  // Async-signal-safe.
  void request_stop();
  // From the next article of each worker on; nothing waits. From any thread, also while running.
  // What was in use before is released within an article's time.
  void use_rules(std::shared_ptr<const RuleSet> rules);

  [[nodiscard]] const EnricherHealth& health() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wirewatch
