// Runs long work without taking the processor from what must not wait.

#pragma once

#include <thread>

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace wirewatch {

// Runs `work` on a thread that gives way to all others, and waits for it. Not the thread that
// waits: a lock that it shared with a worker would be held as long as it has to give way.
// `work` must not throw.
template <typename Work>
void run_aside(const Work& work) {
  std::thread([&work] {
    constexpr int kLeastUrgent = 19;
    // Of Linux: a thread has a priority of its own. Refused, it runs like any other.
    static_cast<void>(
        setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kLeastUrgent));
    work();
  }).join();
}

}  // namespace wirewatch
