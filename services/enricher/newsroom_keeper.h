// Keeps what the newsroom's signals remember over restarts, in a compacted topic.
//
// Every minute, and at the end, each process writes its state under the key
// "<group>/<its lowest partition>": two live processes never have the same key, keys are as few as
// partitions, and nobody needs a name of his own. At the start all states of the group are read and
// merged, so that a process that takes partitions over, or is new, knows what is usual at once.
//
// The stream never waits for it: what cannot be read or written is logged and counted, and tried
// again a minute later. Threads: use_partition() from any; one thread of its own writes.

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "common/kafka/kafka.h"
#include "common/telemetry/telemetry.h"
#include "services/enricher/newsroom_signals.h"

namespace wirewatch {

class NewsroomKeeper {
 public:
  struct Options {
    std::string brokers;
    std::string client_id;
    std::string group_id;
    std::string topic;
    bool embedded = false;
    KafkaProperties properties;
    double half_life_ms = 86'400'000;
  };

  // Both must outlive it. Reads what is kept, which takes seconds at most, and begins to write.
  NewsroomKeeper(Options options, NewsroomSignals& signals, Metrics& metrics);
  // Writes once more.
  ~NewsroomKeeper();
  NewsroomKeeper(const NewsroomKeeper&) = delete;
  NewsroomKeeper& operator=(const NewsroomKeeper&) = delete;

  // The lowest partition of this process; nothing is written while it has none (below 0).
  void use_partition(std::int32_t partition) { partition_ = partition; }

 private:
  void read();
  void run(const std::stop_token& stop);
  // False, logged and counted, when it was not taken.
  bool write();

  Options options_;
  NewsroomSignals& signals_;
  Metrics& metrics_;
  std::atomic<std::int32_t> partition_ = -1;
  // Of the thread.
  KafkaFailure last_failure_;                // Of the newest record, told by the producer.
  std::unique_ptr<KafkaProducer> producer_;  // Made when first needed.
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace wirewatch
