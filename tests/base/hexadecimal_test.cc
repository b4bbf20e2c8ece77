#include "common/base/hexadecimal.h"

#include <cstdint>
#include <string_view>

#include <gtest/gtest.h>

namespace wirewatch {
namespace {

template <typename T>
std::string_view text(const T& digits) {
  return {digits.data(), digits.size()};
}

TEST(Hexadecimal, HasEveryDigitOfTheType) {
  EXPECT_EQ(text(hexadecimal(std::uint64_t{0x0123'4567'89AB'CDEF})), "0123456789abcdef");
  EXPECT_EQ(text(hexadecimal(std::uint64_t{0xF})), "000000000000000f");
  EXPECT_EQ(text(hexadecimal(std::uint64_t{0xF} << 60)), "f000000000000000");
  using Byte = unsigned char;
  EXPECT_EQ(text(hexadecimal(Byte{0x7F})), "7f");
  EXPECT_EQ(text(hexadecimal(Byte{0})), "00");
}

}  // namespace
}  // namespace wirewatch
