// Runs long work without taking from what must not wait: the processor, and afterwards memory.

#pragma once

#include <thread>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

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

// Gives the memory that long work has freed back to the system: to build large tables takes a
// multiple of what they are. Where the C library is not glibc, nothing.
inline void give_back_memory() {
#if defined(__GLIBC__)
  static_cast<void>(malloc_trim(0));
#endif
}

}  // namespace wirewatch
