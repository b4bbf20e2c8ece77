#include "services/enricher/recovery_pace.h"

#include <gtest/gtest.h>

namespace wirewatch {
namespace {

TEST(RecoveryPace, PausesGrowWhileNothingGetsThrough) {
  RecoveryPace pace;
  std::int64_t now = 0;
  std::int64_t last = 0;
  EXPECT_EQ(pace.begin(now, 1, false).pause_ms, 0);
  pace.end(now);
  for (int attempt = 2; attempt < 12; ++attempt) {
    now += 60000;  // However long it took.
    const RecoveryPace::Attempt found = pace.begin(now, 1, false);
    EXPECT_EQ(found.number, attempt);
    EXPECT_GE(found.pause_ms, last);
    last = found.pause_ms;
    pace.end(now);
  }
  EXPECT_EQ(last, RecoveryPace::kPauseMaxMs);
}

TEST(RecoveryPace, TheyStayShortWhereSomethingGetsThrough) {
  RecoveryPace pace;
  for (std::uint64_t i = 0; i < 12; ++i) {
    EXPECT_LE(pace.begin(0, i, false).pause_ms, RecoveryPace::kPauseWithProgressMs);
    pace.end(0);
  }
  RecoveryPace searching;
  for (int i = 0; i < 12; ++i) {
    EXPECT_LE(searching.begin(0, 0, true).pause_ms, RecoveryPace::kPauseWithProgressMs);
    searching.end(0);
  }
}

TEST(RecoveryPace, AnotherFaultLaterBeginsAnew) {
  RecoveryPace pace;
  pace.begin(0, 5, false);
  pace.end(100);
  EXPECT_EQ(pace.begin(1000, 6, false).number, 2);
  pace.end(2000);
  EXPECT_EQ(pace.begin(10000, 7, false).number, 1);
}

TEST(RecoveryPace, IsOverWhenArticlesAreFinishedAgain) {
  RecoveryPace pace;
  pace.begin(0, 5, false);
  pace.end(100);
  EXPECT_FALSE(pace.is_over(1100, 6, false));
  EXPECT_TRUE(pace.is_over(1101, 6, false));
  EXPECT_FALSE(pace.is_over(1101, 5, false));
  EXPECT_TRUE(pace.is_over(1101, 5, true));
}

TEST(FencedWindow, FiveTimesInTenMinutesAreNoAccident) {
  FencedWindow window;
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(window.count(i));
  EXPECT_TRUE(window.count(5));
  EXPECT_FALSE(window.count(5 + FencedWindow::kWindowMs + 1));
}

}  // namespace
}  // namespace wirewatch
