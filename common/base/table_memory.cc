#include "common/base/table_memory.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include <sys/mman.h>

namespace wirewatch {

TableMemory::TableMemory(std::size_t size) : size_(size) {
  if (size == 0) return;
  constexpr std::size_t kPage = std::size_t{2} * 1024 * 1024;
  const std::size_t room = (size + kPage - 1) / kPage * kPage;
  memory_.reset(static_cast<std::byte*>(std::aligned_alloc(kPage, room)));
  if (memory_ == nullptr) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  (void)::madvise(memory_.get(), room, MADV_HUGEPAGE);  // Only a wish.
#endif
}

TableMemory::TableMemory(std::span<const std::byte> bytes) : TableMemory(bytes.size()) {
  if (!bytes.empty()) std::memcpy(memory_.get(), bytes.data(), bytes.size());
}

void TableMemory::Free::operator()(std::byte* memory) const {
  std::free(memory);
}

}  // namespace wirewatch
