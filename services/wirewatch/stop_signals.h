// The signals that a service obeys: SIGINT and SIGTERM ask it to stop, SIGHUP to read its profiles
// again.
//
// One per process; the functions are for any thread.

#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

namespace wirewatch {

// From now on these signals are only noted. A second request to stop, half a second or more after
// the first, ends the process at once with status 130.
void install_stop_signals();

[[nodiscard]] bool stop_requested();

// Whether SIGHUP has come since the last call.
[[nodiscard]] bool take_hangup();

// Ends the process when a stop takes longer than draining may: a client library that waits for a
// broker that is gone must not keep it.
class StopDeadline {
 public:
  explicit StopDeadline(int drain_timeout_ms);

 private:
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace wirewatch
