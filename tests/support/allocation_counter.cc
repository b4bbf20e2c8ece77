#include "tests/support/allocation_counter.h"

#include <atomic>
#include <cstdlib>
#include <new>

// In a file of its own, so that the compiler does not pair an inlined half with the library's.

namespace {

std::atomic<std::size_t> count = 0;

}  // namespace

namespace wirewatch {

std::size_t allocation_count() {
  return count;
}

}  // namespace wirewatch

void* operator new(std::size_t size) {
  ++count;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
// Calls the one above, but for a sanitizer's, whose memory the ones below would not take.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++count;
  return std::malloc(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
