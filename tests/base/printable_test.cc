#include "common/base/printable.h"

#include <string>

#include <gtest/gtest.h>

namespace wirewatch {
namespace {

TEST(Printable, ControlCharactersAreSpaces) {
  EXPECT_EQ(printable("\x1b[2Jred\x07 \x7f."), " [2Jred   .");
  EXPECT_EQ(printable("a\r\n\tb"), "a   b");
  EXPECT_EQ(printable_lines("a\r\n\tb\n"), "a \n b\n");
  EXPECT_EQ(printable(std::string_view("\0x", 2)), " x");
  EXPECT_EQ(printable("\u009b31m\u0080\u009f"), " 31m  ");
}

TEST(Printable, TextStaysAsItIs) {
  EXPECT_EQ(printable("S\u00e9oul \u5317\u671d\u9bae \u00a0\u2026"),
            "S\u00e9oul \u5317\u671d\u9bae \u00a0\u2026");
  EXPECT_EQ(printable(""), "");
  EXPECT_EQ(printable("\xc2"), "\xc2");  // Half of a character is not this one's matter.
}

}  // namespace
}  // namespace wirewatch
