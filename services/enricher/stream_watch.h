// Watches whether the stream moves, and says so: the health that /livez and /readyz report,
// metrics, and one line of log at each change.
//
// Told apart are: waiting for Kafka (no broker answers, outputs that nobody acknowledges, access
// denied, a recovery that goes on), a flood of dead letters, and standing still for no known
// reason.
//
// Threads: moved(), note_error(), count_finished() and finished() from any; the rest from the poll
// loop.

#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "common/kafka/kafka.h"
#include "common/kafka/kafka_log.h"
#include "common/telemetry/telemetry.h"
#include "services/enricher/enricher.h"
#include "services/enricher/poison_breaker.h"

namespace wirewatch {

class StreamWatch {
 public:
  struct Options {
    std::int64_t stall_timeout_ms = 120000;
    int poison_percent = 50;
    bool poison_pause = false;
  };
  // All must outlive it.
  StreamWatch(Options options, EnricherHealth& health, Metrics& metrics);

  void moved() { moves_.fetch_add(1, std::memory_order_relaxed); }
  // Articles that are finished, so many of them dead.
  void count_finished(std::uint64_t articles, std::uint64_t dead, std::int64_t now_ms);
  [[nodiscard]] std::uint64_t finished() const { return finished_; }
  // An error of a Kafka client, which carries on. All are counted; of one kind at most one line in
  // ten seconds is logged.
  void note_error(const KafkaFailure& failure, std::int64_t now_ms);

  // Every few seconds: whether the consumer has a connection to some broker. Without one for ten
  // seconds it waits, though nothing that is in flight may tell.
  void note_connection(bool connected, std::int64_t now_ms);
  // Nothing is read because of it; shown until look() finds it over.
  void wait_for(KafkaFault fault);
  // Twice a second. `held_up`: outputs are not acknowledged. `recovered`: the last recovery is
  // over.
  void look(bool held_up, bool recovered, std::int64_t now_ms);
  // Whether reading has to wait.
  [[nodiscard]] bool holds_reading(std::int64_t now_ms) const {
    return held_up_ || now_ms < poison_pause_until_ms_;
  }
  // Every few seconds. `behind`: there is something to read. `idle`: nothing is in flight.
  void look_for_stall(bool behind, bool idle, std::int64_t now_ms);

 private:
  void wait(const char* text, KafkaFault fault);
  void look_for_poison(std::int64_t now_ms);

  const Options options_;
  EnricherHealth& health_;
  Metrics& metrics_;
  std::atomic<std::uint64_t> moves_ = 0;  // Anything that moves counts it up.
  std::atomic<std::uint64_t> finished_ = 0;
  std::mutex breaker_mutex_;
  PoisonBreaker breaker_;  // Guarded by breaker_mutex_.
  std::mutex errors_mutex_;
  KafkaLogLimit errors_limit_;  // Guarded by errors_mutex_.
  std::atomic<std::int64_t> denied_ms_ = -1000000;
  std::atomic<std::uint64_t> moves_at_denial_ = 0;
  // The poll loop's.
  bool held_up_ = false;
  std::int64_t away_since_ms_ = -1;  // That no broker is connected; -1: one is.
  std::int64_t poison_pause_until_ms_ = 0;
  std::uint64_t moves_seen_ = 0;
  std::int64_t moved_ms_ = -1;  // -1: nobody has looked yet.
};

}  // namespace wirewatch
