// Checks for broken promises inside the program, always on.
//
// Bad input is a value with a reason and trouble of the environment is retried or reported; a false
// WIREWATCH_CHECK is a programmer's error, and the process ends with the place and the condition on
// standard error. Cost: one predictable branch.

#pragma once

#include <cstdio>
#include <cstdlib>

namespace wirewatch {

[[noreturn]] inline void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: check failed: %s\n", file, line, condition);
  std::abort();
}

}  // namespace wirewatch

#define WIREWATCH_CHECK(condition)                               \
  do {                                                           \
    if (!(condition)) [[unlikely]] {                             \
      ::wirewatch::check_failed(#condition, __FILE__, __LINE__); \
    }                                                            \
  } while (false)
