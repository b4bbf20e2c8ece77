#include "common/base/eight.h"

#include <array>

#include <gtest/gtest.h>

namespace wirewatch {
namespace {

TEST(Eight, TakesHalvesInOrder) {
  std::array<std::uint64_t, kEight> numbers{};
  for (std::uint64_t i = 0; i < kEight; ++i) numbers[i] = (i + 100) << 32 | i;
  Eight lower;
  Eight upper;
  load_halves(numbers.data(), lower, upper);
  for (std::uint32_t i = 0; i < kEight; ++i) {
    EXPECT_EQ(lower[i], i);
    EXPECT_EQ(upper[i], i + 100);
  }
}

TEST(Eight, WidensBytes) {
  const std::array<std::uint8_t, kEight> bytes{0, 1, 2, 3, 127, 128, 254, 255};
  Eight eight;
  load_bytes(bytes.data(), eight);
  std::array<std::uint32_t, kEight> stored{};
  store(eight, stored.data());
  for (std::uint32_t i = 0; i < kEight; ++i) EXPECT_EQ(stored[i], bytes[i]);
}

TEST(Eight, TakesTheLowestBitOfEach) {
  const std::array<std::uint32_t, kEight> numbers{1, 2, 3, 0xFFFFFFFE, 0x80000001, 0, 7, 8};
  Eight eight;
  load(numbers.data(), eight);
  EXPECT_EQ(low_bits(eight), 0b01010101U);
}

}  // namespace
}  // namespace wirewatch
