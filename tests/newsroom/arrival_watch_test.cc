#include "common/newsroom/arrival_watch.h"

#include <string>

#include <gtest/gtest.h>

namespace wirewatch {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;

TEST(ArrivalClock, KnowsTheNightsOfAWireThatSleeps) {
  ArrivalClock clock(0, 6 * kHour);
  std::int64_t now = 0;
  for (int day = 0; day < 10; ++day) {  // From 6 to 22 h, every five minutes.
    for (now = day * kDay + 6 * kHour; now < day * kDay + 22 * kHour; now += 5 * kMinute)
      clock.arrived(now);
  }
  // The night before this last evening was eight hours, and is hardly forgotten.
  EXPECT_GT(clock.longest_gap_ms(), 7 * kHour);
  EXPECT_LT(clock.longest_gap_ms(), 9 * kHour);
}

TEST(ArrivalClock, ExpectsLittleSilenceOfAWireThatNeverSleeps) {
  ArrivalClock clock(0, 6 * kHour);
  for (std::int64_t now = 0; now < 10 * kDay; now += 5 * kMinute) clock.arrived(now);
  EXPECT_GE(clock.longest_gap_ms(), 5 * kMinute);
  EXPECT_LT(clock.longest_gap_ms(), 10 * kMinute);
}

TEST(ArrivalClock, GivesANewcomerTheBenefitOfTheDoubt) {
  ArrivalClock clock(0, 6 * kHour);
  for (int i = 0; i < 30; ++i) clock.arrived(i * 1000);
  EXPECT_GT(clock.longest_gap_ms(), 5 * kHour);
}

TEST(ArrivalClock, ForgetsAnOutageInWeeks) {
  ArrivalClock clock(0, 0);
  clock.arrived(4 * kDay);
  EXPECT_EQ(clock.longest_gap_ms(), 4 * kDay);
  for (std::int64_t now = 4 * kDay; now < 32 * kDay; now += kHour) clock.arrived(now);
  EXPECT_LT(clock.longest_gap_ms(), kDay / 3);  // Four half-lives.
}

TEST(ArrivalClock, TimeThatGoesBackIsNoGap) {
  ArrivalClock clock(0, 0);
  clock.arrived(100);
  clock.arrived(50);
  EXPECT_EQ(clock.last_ms(), 100);
  EXPECT_EQ(clock.longest_gap_ms(), 100);
  EXPECT_EQ(clock.count(), 2U);
}

TEST(SourceWatch, TracksTheFrequentAndNeverTheNumerous) {
  SourceWatch watch({.tracked_max = 8});
  for (int i = 0; i < 100'000; ++i) {
    watch.observe("source-" + std::to_string(i), i);
    if (i % 50 == 0) watch.observe("Reuters", i);
    if (i % 70 == 0) watch.observe("ILKHA", i);
  }
  ASSERT_EQ(watch.sources().size(), 2U);
  EXPECT_EQ(watch.sources()[0].name, "Reuters");
  EXPECT_EQ(watch.sources()[1].name, "ILKHA");
  EXPECT_EQ(watch.sources()[0].clock.last_ms(), 99'950);
  // The sketch never counts too much: what was tracked was really there.
  EXPECT_LE(watch.sources()[0].articles, 2000U);
  EXPECT_GT(watch.sources()[0].articles, 1900U);
}

TEST(SourceWatch, KeepsItsPlacesUntilOneHasBeenSilentForAWeek) {
  SourceWatch watch({.tracked_max = 2});
  const auto send = [&](const std::string& name, std::int64_t now) {
    for (int i = 0; i < 20; ++i) watch.observe(name, now);
  };
  send("a", 0);
  send("b", 6 * kDay);
  send("c", 6 * kDay);
  ASSERT_EQ(watch.sources().size(), 2U);
  EXPECT_EQ(watch.sources()[0].name, "a");
  send("c", 8 * kDay);
  ASSERT_EQ(watch.sources().size(), 2U);
  EXPECT_EQ(watch.sources()[0].name, "c");
  EXPECT_EQ(watch.sources()[1].name, "b");
}

TEST(SourceWatch, CutsLongNamesAtACharacter) {
  SourceWatch watch({.tracked_max = 2, .track_after = 1});
  std::string name(63, 'x');
  name += "é and more";
  watch.observe(name, 0);
  watch.observe("", 0);
  ASSERT_EQ(watch.sources().size(), 1U);
  EXPECT_EQ(watch.sources()[0].name, std::string(63, 'x'));
}

TEST(SourceWatch, WithoutPlacesItTracksNothing) {
  SourceWatch watch({.tracked_max = 0, .track_after = 1});
  watch.observe("a", 0);
  EXPECT_TRUE(watch.sources().empty());
}

TEST(ArrivalClock, WeWereAwayAndNotTheStream) {
  ArrivalClock clock(0, kHour);
  for (std::int64_t now = 0; now <= 100 * kHour; now += kHour) clock.arrived(now);
  ArrivalClock restored(clock.state(), 50 * kHour, kHour);
  restored.arrived(151 * kHour);
  EXPECT_NEAR(static_cast<double>(restored.longest_gap_ms()), kHour, 1000);
  EXPECT_EQ(restored.count(), clock.count() + 1);
  restored.arrived(181 * kHour);  // That one was the stream's.
  EXPECT_EQ(restored.longest_gap_ms(), 30 * kHour);
}

TEST(SourceWatch, RestoresWhoItKnewAndNobodyElse) {
  SourceWatch watch({.tracked_max = 2});
  const std::int64_t now = std::int64_t{30} * 24 * 3'600'000;
  watch.restore("a", {0, now - 1000, 500, 40}, 100, now);
  watch.restore("a", {0, now - 2000, 500, 40}, 100, now);
  watch.restore("long silent", {0, 1000, 500, 40}, 100, now);
  watch.restore("b", {0, now, 500, 40}, 100, now);
  watch.restore("no place left", {0, now, 500, 40}, 100, now);
  ASSERT_EQ(watch.sources().size(), 2U);
  watch.observe("a", now + 400);
  EXPECT_EQ(watch.sources()[0].name, "a");
  EXPECT_EQ(watch.sources()[0].articles, 1U);
  EXPECT_EQ(watch.sources()[0].clock.last_ms(), now + 400);
  EXPECT_EQ(watch.sources()[1].name, "b");
}

}  // namespace
}  // namespace wirewatch
