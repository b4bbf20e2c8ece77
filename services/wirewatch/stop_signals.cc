#include "services/wirewatch/stop_signals.h"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <stop_token>

#include <spdlog/spdlog.h>

#include "services/wirewatch/setup.h"

namespace wirewatch {

namespace {

constexpr int kCloseSeconds = 30;

// Set by the signal handlers.
std::atomic<bool> stop_asked = false;
std::atomic<bool> hung_up = false;

// The second one does not wait; but `timeout` and the like send one request twice at once, to the
// process and to its group.
void on_signal(int) {
  static std::atomic<std::int64_t> first_ms = 0;
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t ms = now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
  if (!stop_asked.exchange(true))
    first_ms = ms;
  else if (ms - first_ms > 500)
    std::_Exit(130);
}

void on_hangup(int) {
  hung_up = true;
}

}  // namespace

void install_stop_signals() {
  struct sigaction action{};
  action.sa_handler = &on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  struct sigaction again{};
  again.sa_handler = &on_hangup;
  again.sa_flags = SA_RESTART;
  sigaction(SIGHUP, &again, nullptr);
}

bool stop_requested() {
  return stop_asked;
}

bool take_hangup() {
  return hung_up.exchange(false);
}

StopDeadline::StopDeadline(int drain_timeout_ms)
    : thread_([this, limit = drain_timeout_ms / 1000 + kCloseSeconds](const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        while (!stop.stop_requested() && !stop_requested())
          wake_.wait_for(lock, stop, std::chrono::milliseconds(200), [] { return false; });
        if (wake_.wait_for(lock, stop, std::chrono::seconds(limit),
                           [&] { return stop.stop_requested(); }))
          return;
        spdlog::error("not stopped after {} s; ending at once", limit);
        std::_Exit(kExitFailure);
      }) {}

}  // namespace wirewatch
