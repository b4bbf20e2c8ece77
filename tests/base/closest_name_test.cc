// Suggestions name what was meant, and nothing when that is unclear.

#include "common/base/closest_name.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace wirewatch {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"headline", "lede", "urgency", "http.port"};

TEST(ClosestName, IsTheOneWithFewestChanges) {
  EXPECT_EQ(closest_name("headlin", kNames), "headline");
  EXPECT_EQ(closest_name("HEADLNE", kNames), "headline");
  EXPECT_EQ(did_you_mean("headlin", kNames), "; did you mean \"headline\"?");
  EXPECT_EQ(did_you_mean("leed", kNames), "");
  EXPECT_EQ(closest_name("leed", kNames), "");  // Two of four letters.
  EXPECT_EQ(closest_name("lead", kNames), "");
  EXPECT_EQ(closest_name("led", kNames), "lede");
  EXPECT_EQ(closest_name("urgencies", kNames), "urgency");
  EXPECT_EQ(closest_name("", kNames), "");
}

TEST(ClosestName, MayChangeAsMuchAsTheCallerSays) {
  EXPECT_EQ(closest_name("leed", kNames, 2), "lede");
  EXPECT_EQ(closest_name("port", kNames, 5), "lede");  // Four changes; http.port needs five.
  EXPECT_EQ(closest_name("port", kNames, 3), "");
}

TEST(ClosestName, LongNamesAreCloseToNone) {
  const std::string name(65, 'a');
  const std::array<std::string_view, 1> known = {name};
  EXPECT_EQ(closest_name(name, known), "");
}

}  // namespace
}  // namespace wirewatch
