// Preloaded into a process under test: shifts its wall clock by the seconds that the file named by
// CLOCK_SHIFT_FILE holds, read anew ten times a second. The monotonic clock stays as it is.

#include <atomic>
#include <cstdlib>
#include <ctime>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

using ClockGettime = int (*)(clockid_t, timespec*);

ClockGettime real_clock() {
  static const auto kFunction = reinterpret_cast<ClockGettime>(dlsym(RTLD_NEXT, "clock_gettime"));
  return kFunction;
}

long shift_seconds() {
  static std::atomic<long> shift = 0;
  static std::atomic<long> read_at = -1;
  timespec now{};
  real_clock()(CLOCK_MONOTONIC, &now);
  const long tenth = now.tv_sec * 10 + now.tv_nsec / 100'000'000;
  if (read_at.exchange(tenth) == tenth) return shift;
  const char* path = std::getenv("CLOCK_SHIFT_FILE");
  const int file = path == nullptr ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file >= 0) {
    char text[32] = {};
    if (read(file, text, sizeof(text) - 1) > 0) shift = std::atol(text);
    close(file);
  }
  return shift;
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) {
  const int result = real_clock()(clock, time);
  if (result == 0 && clock == CLOCK_REALTIME) time->tv_sec += shift_seconds();
  return result;
}

int gettimeofday(timeval* __restrict time, void* __restrict) {
  timespec now{};
  const int result = clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return result;
}

time_t time(time_t* out) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}

}  // extern "C"
