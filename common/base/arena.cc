#include "common/base/arena.h"

#include <algorithm>
#include <cstring>

namespace wirewatch {

char* Arena::allocate(std::size_t size) {
  const std::size_t rounded = (size + 7) & ~std::size_t{7};
  while (chunk_ < chunks_.size() && chunks_[chunk_].size - used_ < rounded) {
    ++chunk_;
    used_ = 0;
  }
  if (chunk_ == chunks_.size()) {
    const std::size_t chunk_size = std::max(rounded, kChunkBytes);
    chunks_.push_back({std::make_unique_for_overwrite<char[]>(chunk_size), chunk_size});
    used_ = 0;
  }
  char* bytes = chunks_[chunk_].bytes.get() + used_;
  used_ += rounded;
  return bytes;
}

std::string_view Arena::copy(std::string_view text) {
  char* bytes = allocate(text.size());
  if (!text.empty()) std::memcpy(bytes, text.data(), text.size());
  return {bytes, text.size()};
}

void Arena::reset() {
  std::size_t kept = 0;
  std::size_t count = 0;
  while (count < chunks_.size() && kept + chunks_[count].size <= kKeptBytesMax) {
    kept += chunks_[count].size;
    ++count;
  }
  chunks_.resize(count);
  chunk_ = 0;
  used_ = 0;
}

}  // namespace wirewatch
