// The clocks of what talks to Kafka, in milliseconds.

#pragma once

#include <chrono>
#include <cstdint>

namespace wirewatch {

// For what waits and lasts; of no known beginning.
[[nodiscard]] inline std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}
// Since 1970; may jump.
[[nodiscard]] inline std::int64_t wall_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace wirewatch
