#include "common/base/arena.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/allocation_counter.h"

namespace wirewatch {
namespace {

TEST(Arena, GivesAlignedBytesThatDoNotOverlap) {
  Arena arena;
  std::vector<std::pair<char*, std::size_t>> given;
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{8}, std::size_t{1000},
        Arena::kChunkBytes, Arena::kChunkBytes + 1, std::size_t{3}, 3 * Arena::kChunkBytes}) {
    char* bytes = arena.allocate(size);
    ASSERT_NE(bytes, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(bytes) % 8, 0U);
    std::memset(bytes, static_cast<int>(given.size()), size);
    given.emplace_back(bytes, size);
  }
  for (std::size_t i = 0; i < given.size(); ++i)
    EXPECT_EQ(std::string(given[i].first, given[i].second),
              std::string(given[i].second, static_cast<char>(i)));
}

TEST(Arena, CopiesText) {
  Arena arena;
  EXPECT_EQ(arena.copy("text"), "text");
  EXPECT_TRUE(arena.copy("").empty());
}

TEST(Arena, AllocatesNothingOnceItHasGrown) {
  Arena arena;
  const auto article = [&] {
    for (int i = 0; i < 100; ++i) (void)arena.allocate(static_cast<std::size_t>(i) * 97);
    (void)arena.allocate(2 * Arena::kChunkBytes);
    arena.reset();
  };
  article();
  article();
  const std::size_t before = allocation_count();
  for (int i = 0; i < 100; ++i) article();
  EXPECT_EQ(allocation_count(), before);
}

}  // namespace
}  // namespace wirewatch
