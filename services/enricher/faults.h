// The fault that stopped the stream, if one did.
//
// Whoever meets a fault raises it, on any thread. From then on outputs are given up until the poll
// loop has recovered and clears it; the first fault decides how, unless a later one asks for more.
// end() says that the process cannot go on at all.
//
// Threads: any, except as noted.

#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <utility>

#include "common/kafka/kafka.h"
#include "services/enricher/enricher.h"

namespace wirewatch {

struct Fault {
  KafkaFailure failure{};
  // What the producer needs: kAbort keeps it where there are transactions, kRebuild replaces it.
  TransactionStep step{};
};

class Faults {
 public:
  explicit Faults(EnricherHealth& health) : health_(health) {}

  void raise(KafkaFailure failure, TransactionStep step) {
    const std::lock_guard lock(mutex_);
    if (!raised_) {
      fault_ = {std::move(failure), step};
      raised_ = true;
    } else if (step == TransactionStep::kRebuild) {
      fault_.step = step;
    }
  }
  [[nodiscard]] bool is_raised() const { return raised_; }
  [[nodiscard]] Fault current() const {
    const std::lock_guard lock(mutex_);
    return fault_;
  }
  void clear() { raised_ = false; }

  // From the poll loop; the first reason stays.
  void end(const std::string& reason) {
    if (health_.failed) return;
    end_reason_ = reason;
    health_.failed = true;
  }
  [[nodiscard]] bool is_end() const { return health_.failed; }
  [[nodiscard]] const std::string& end_reason() const { return end_reason_; }

 private:
  EnricherHealth& health_;
  std::atomic<bool> raised_ = false;
  mutable std::mutex mutex_;
  Fault fault_;  // Guarded by mutex_.
  std::string end_reason_;
};

}  // namespace wirewatch
