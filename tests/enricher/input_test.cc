// The consumer of articles as the enricher has it.

#include "services/enricher/input.h"

#include <gtest/gtest.h>

#include "tests/support/no_rebalance.h"

namespace wirewatch {
namespace {

TEST(Input, ANewConsumerIsNotPaused) {
  EmbeddedBroker broker;
  broker.create_topic("articles.raw", 1);
  EnricherOptions options;
  options.brokers = broker.bootstrap_servers();
  options.embedded = true;
  options.client_id = "input-test";
  options.group_id = "input-test";
  options.topic_raw = "articles.raw";
  Metrics metrics;
  NoRebalance listener;
  Input input(options, metrics, {.listener = listener, .on_statistics = {}, .on_error = {}});
  const auto shown_as_paused = [&] {
    return metrics.expose().find("\nwirewatch_backpressure_paused 1\n") != std::string::npos;
  };
  ASSERT_EQ(input.open(), "");
  input.set_paused(true);
  EXPECT_TRUE(shown_as_paused());
  ASSERT_EQ(input.open(), "");
  EXPECT_FALSE(input.is_paused());
  EXPECT_FALSE(shown_as_paused());
}

}  // namespace
}  // namespace wirewatch
