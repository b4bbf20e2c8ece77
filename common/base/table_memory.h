// Memory for tables of some megabytes that are read all over the place.
//
// It begins at a page of 2 MiB and asks the system for pages of this size (madvise(2),
// MADV_HUGEPAGE): with pages of 4 KiB nearly every look into such a table waits for the page's
// address too. Where the system does not give large pages it is plain memory.
//
// Threads: as std::vector.

#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace wirewatch {

class TableMemory {
 public:
  TableMemory() = default;
  // Of `size` bytes, to be filled. Throws std::bad_alloc.
  explicit TableMemory(std::size_t size);
  // A copy of `bytes`. Throws std::bad_alloc.
  explicit TableMemory(std::span<const std::byte> bytes);

  [[nodiscard]] std::span<const std::byte> bytes() const { return {memory_.get(), size_}; }
  [[nodiscard]] std::span<std::byte> bytes() { return {memory_.get(), size_}; }

 private:
  struct Free {
    void operator()(std::byte* memory) const;
  };
  std::unique_ptr<std::byte, Free> memory_;
  std::size_t size_ = 0;
};

}  // namespace wirewatch
