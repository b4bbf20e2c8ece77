// Memory for the bytes of one article, given back all at once.
//
// The hot path needs scratch strings (decoded HTML, joined paragraphs, repaired text) whose sizes
// vary and which all die with the article. An Arena hands out bytes from chunks that it keeps over
// reset(), so that after the first few articles nothing is allocated any more.
//
// Lifetime: everything handed out is valid until reset() or destruction.
// Threads: one at a time.

#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace wirewatch {

class Arena {
 public:
  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Returns `size` bytes, uninitialised, aligned to 8. Never null, also for 0.
  [[nodiscard]] char* allocate(std::size_t size);

  // Copies `text` into the arena.
  [[nodiscard]] std::string_view copy(std::string_view text);

  // Forgets everything handed out; keeps the memory, up to kKeptBytesMax.
  void reset();

  static constexpr std::size_t kChunkBytes = 64UL * 1024;
  static constexpr std::size_t kKeptBytesMax = 8UL * 1024 * 1024;

 private:
  struct Chunk {
    std::unique_ptr<char[]> bytes;
    std::size_t size = 0;
  };
  std::vector<Chunk> chunks_;
  std::size_t chunk_ = 0;  // Index of the chunk in use.
  std::size_t used_ = 0;   // Bytes used of it.
};

}  // namespace wirewatch
