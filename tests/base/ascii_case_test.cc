#include "common/base/ascii_case.h"

#include <gtest/gtest.h>

namespace wirewatch {
namespace {

TEST(AsciiCase, MakesLettersSmallAndLeavesTheRest) {
  EXPECT_EQ(ascii_lower('A'), 'a');
  EXPECT_EQ(ascii_lower('Z'), 'z');
  for (const char c : {'@', '[', 'a', '0', ' ', '\xC3'}) EXPECT_EQ(ascii_lower(c), c);
}

TEST(AsciiCase, ComparesWholeTextsInAnyCase) {
  EXPECT_TRUE(equals_lower("Content-Type", "content-type"));
  EXPECT_TRUE(equals_lower("", ""));
  EXPECT_FALSE(equals_lower("content", "content-type"));
  EXPECT_FALSE(equals_lower("content-type2", "content-type"));
  EXPECT_FALSE(equals_lower("content", "Content"));  // The second has small letters alone.
}

}  // namespace
}  // namespace wirewatch
