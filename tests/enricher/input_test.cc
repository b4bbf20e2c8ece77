// The consumer of articles as the enricher has it.

#include "services/enricher/input.h"

#include <gtest/gtest.h>

#include "tests/support/no_rebalance.h"

namespace wirewatch {
namespace {

class InputTest : public testing::Test {
 protected:
  InputTest() {
    broker_.create_topic("articles.raw", 1);
    options_.brokers = broker_.bootstrap_servers();
    options_.embedded = true;
    options_.client_id = "input-test";
    options_.group_id = "input-test";
    options_.topic_raw = "articles.raw";
    options_.inflight_bytes_max = 1000;
  }

  [[nodiscard]] bool is_shown_as_paused() const {
    return metrics_.expose().find("\nwirewatch_backpressure_paused 1\n") != std::string::npos;
  }

  EmbeddedBroker broker_;
  EnricherOptions options_;
  Metrics metrics_;
  NoRebalance listener_;
  Input input_{options_, metrics_, {.listener = listener_, .on_statistics = {}, .on_error = {}}};
};

TEST_F(InputTest, ANewConsumerIsNotPaused) {
  ASSERT_EQ(input_.open(), "");
  input_.set_paused(true);
  EXPECT_TRUE(is_shown_as_paused());
  ASSERT_EQ(input_.open(), "");
  EXPECT_FALSE(input_.is_paused());
  EXPECT_FALSE(is_shown_as_paused());
}

TEST_F(InputTest, WhatIsFullForAMomentIsShownAndNotPaused) {
  ASSERT_EQ(input_.open(), "");
  EXPECT_FALSE(input_.is_full_for_now(999, false, 10));
  EXPECT_FALSE(is_shown_as_paused());
  // As it is with a slow cluster: an acknowledgement makes room, which is taken at once.
  for (std::int64_t now = 100; now < 10000; now += 1000) {
    EXPECT_TRUE(input_.is_full_for_now(1000, false, now));
    EXPECT_TRUE(is_shown_as_paused());
    EXPECT_TRUE(input_.is_full_for_now(1000, false, now + 900));
    EXPECT_FALSE(input_.is_full_for_now(999, false, now + 950));
    EXPECT_FALSE(is_shown_as_paused());
    EXPECT_FALSE(input_.is_paused());
  }
}

TEST_F(InputTest, WhatStaysFullIsPausedUntilHalfIsDone) {
  ASSERT_EQ(input_.open(), "");
  EXPECT_TRUE(input_.is_full_for_now(1000, false, 100));
  EXPECT_FALSE(input_.is_full_for_now(1000, false, 2100));
  EXPECT_TRUE(input_.is_paused());
  EXPECT_FALSE(input_.is_full_for_now(500, false, 2200));
  EXPECT_TRUE(is_shown_as_paused());
  EXPECT_FALSE(input_.is_full_for_now(499, false, 2300));
  EXPECT_FALSE(input_.is_paused());
  EXPECT_FALSE(is_shown_as_paused());
  // Held for another reason: at once.
  EXPECT_FALSE(input_.is_full_for_now(0, true, 2400));
  EXPECT_TRUE(input_.is_paused());
}

}  // namespace
}  // namespace wirewatch
