// Counts the calls of operator new in a test program that links allocation_counter.cc.

#pragma once

#include <cstddef>

namespace wirewatch {

// Calls of operator new since the program began, on all threads.
[[nodiscard]] std::size_t allocation_count();

}  // namespace wirewatch
