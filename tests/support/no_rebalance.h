// A listener for consumers whose partitions do not matter to a test.

#pragma once

#include <cstdint>
#include <span>

#include "common/kafka/kafka.h"

namespace wirewatch {

class NoRebalance final : public RebalanceListener {
  void on_assigned(std::span<const std::int32_t>) override {}
  void on_revoked(std::span<const std::int32_t>, bool) override {}
};

}  // namespace wirewatch
