// The consumer of the articles' topic: made, made anew when the group has given its member up,
// paused and resumed.
//
// A static member is fenced by another of its name, but also by itself: when a broker fails, a late
// request of the member that it was meets the one that it has become. It joins anew, but not twice
// in half a minute: who has a rival is fenced again at once, and ends.
//
// Threads: one, the poll loop; store() from any.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "common/kafka/kafka.h"
#include "common/telemetry/telemetry.h"
#include "services/enricher/enricher.h"

namespace wirewatch {

class Input {
 public:
  struct Callbacks {  // All within poll().
    RebalanceListener& listener;
    std::function<void(std::string_view json)> on_statistics;
    std::function<void(const KafkaFailure&)> on_error;  // The client carries on.
  };
  Input(const EnricherOptions& options, Metrics& metrics, Callbacks callbacks)
      : options_(options), metrics_(metrics), callbacks_(std::move(callbacks)) {}

  // A new consumer in place of the one there is. Empty, or which property is wrong.
  [[nodiscard]] std::string open();
  void close() { consumer_.reset(); }
  [[nodiscard]] bool is_open() const { return consumer_ != nullptr; }
  [[nodiscard]] KafkaConsumer& consumer() { return *consumer_; }  // is_open() only.

  void store(std::span<const PartitionOffset> offsets) { consumer_->store_offsets(offsets); }

  // What an error that poll() reported asks for. kRejoin: open() again, once nothing is in flight.
  enum class Remedy : std::uint8_t { kNone, kRejoin, kEnd };
  [[nodiscard]] Remedy remedy_for(const KafkaFailure& failure, std::int64_t now_ms);
  [[nodiscard]] bool must_rejoin() const { return must_rejoin_; }

  // Whether polling has to wait a little, because `bytes` in flight are too many. Where that lasts,
  // or reading is `held` for another reason, the partitions are paused instead, until half is done.
  [[nodiscard]] bool is_full_for_now(std::int64_t bytes, bool held, std::int64_t now_ms);

  // Pausing throws the prefetched records away: rarely.
  void set_paused(bool paused);
  [[nodiscard]] bool is_paused() const { return paused_; }

 private:
  const EnricherOptions& options_;
  Metrics& metrics_;
  const Callbacks callbacks_;
  std::unique_ptr<KafkaConsumer> consumer_;
  bool paused_ = false;
  std::int64_t full_since_ms_ = -1;
  bool must_rejoin_ = false;
  std::int64_t rejoined_ms_ = -1000000;
};

}  // namespace wirewatch
