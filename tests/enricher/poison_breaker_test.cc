#include "services/enricher/poison_breaker.h"

#include <gtest/gtest.h>

namespace wirewatch {
namespace {

TEST(PoisonBreaker, OpensAtAFloodAndCloses) {
  PoisonBreaker breaker(50);
  for (int i = 0; i < 99; ++i) breaker.count(1000, true);
  EXPECT_FALSE(breaker.open(1000));  // Too few to tell.
  breaker.count(1000, true);
  EXPECT_TRUE(breaker.open(1000));
  for (int i = 0; i < 101; ++i) breaker.count(30000, false);
  EXPECT_FALSE(breaker.open(30000));
  for (int i = 0; i < 2; ++i) breaker.count(40000, true);
  EXPECT_TRUE(breaker.open(40000));
  EXPECT_FALSE(breaker.open(65000));  // The first hundred are more than a minute ago.
  PoisonBreaker never(0);
  for (int i = 0; i < 1000; ++i) never.count(0, true);
  EXPECT_FALSE(never.open(0));
}

}  // namespace
}  // namespace wirewatch
