#include "services/enricher/stream_watch.h"

#include <gtest/gtest.h>

namespace wirewatch {
namespace {

class StreamWatchTest : public testing::Test {
 protected:
  EnricherHealth health_;
  Metrics metrics_;
};

TEST_F(StreamWatchTest, WaitsUntilARecoveryIsOver) {
  StreamWatch watch({}, health_, metrics_);
  watch.wait_for(KafkaFault::kMissingTopic);
  EXPECT_STREQ(health_.waiting, "waiting: an output topic is missing");
  watch.look(false, false, 1000);
  EXPECT_NE(health_.waiting, nullptr);
  watch.look(false, true, 2000);
  EXPECT_EQ(health_.waiting, nullptr);
}

TEST_F(StreamWatchTest, OutputsThatNobodyAcknowledgesHoldReading) {
  StreamWatch watch({}, health_, metrics_);
  EXPECT_FALSE(watch.holds_reading(0));
  watch.look(true, true, 0);
  EXPECT_TRUE(watch.holds_reading(0));
  EXPECT_STREQ(health_.waiting, "waiting: Kafka does not acknowledge");
  watch.look(false, true, 500);
  EXPECT_FALSE(watch.holds_reading(500));
  EXPECT_EQ(health_.waiting, nullptr);
}

TEST_F(StreamWatchTest, WithoutABrokerItWaitsThoughNothingIsInFlight) {
  StreamWatch watch({.stall_timeout_ms = 15000}, health_, metrics_);
  watch.look_for_stall(true, true, 0);
  watch.note_connection(false, 0);
  watch.note_connection(false, 5000);
  watch.look(false, true, 9999);
  EXPECT_EQ(health_.waiting, nullptr);  // A broker that restarts.
  watch.look(false, true, 10000);
  EXPECT_STREQ(health_.waiting, "waiting: no broker answers");
  EXPECT_FALSE(watch.holds_reading(10000));  // It shall read as soon as there is something.
  watch.look_for_stall(true, true, 20000);
  EXPECT_FALSE(health_.stalled);  // It is known why.
  watch.note_connection(true, 20000);
  watch.look(false, true, 20000);
  EXPECT_EQ(health_.waiting, nullptr);
}

TEST_F(StreamWatchTest, DeniedAccessIsWaitingUntilSomethingMoves) {
  StreamWatch watch({}, health_, metrics_);
  watch.note_error({KafkaFault::kUnauthorised, "denied"}, 1000);
  watch.look(false, true, 1500);
  EXPECT_STREQ(health_.waiting, "waiting: Kafka denies access");
  watch.moved();
  watch.look(false, true, 2000);
  EXPECT_EQ(health_.waiting, nullptr);
}

TEST_F(StreamWatchTest, AFloodOfDeadLettersOpensTheBreakerAndMayPause) {
  StreamWatch watch({.poison_percent = 50, .poison_pause = true}, health_, metrics_);
  watch.count_finished(200, 150, 1000);
  EXPECT_EQ(watch.finished(), 200U);
  watch.look(false, true, 1000);
  EXPECT_TRUE(health_.poisoned);
  EXPECT_TRUE(watch.holds_reading(10999));
  EXPECT_FALSE(watch.holds_reading(11000));  // Then it looks again.
  watch.look(false, true, 11000);
  EXPECT_FALSE(health_.poisoned);
}

TEST_F(StreamWatchTest, StandingStillWithoutAReasonIsAStall) {
  StreamWatch watch({.stall_timeout_ms = 10000}, health_, metrics_);
  watch.look_for_stall(true, true, 0);
  watch.look_for_stall(true, true, 10000);
  EXPECT_FALSE(health_.stalled);
  watch.look_for_stall(true, true, 10001);
  EXPECT_TRUE(health_.stalled);
  watch.moved();
  watch.look_for_stall(true, true, 15000);
  EXPECT_FALSE(health_.stalled);
  watch.look_for_stall(false, false, 26000);  // Nothing to read, but something never comes back.
  EXPECT_TRUE(health_.stalled);
  watch.look_for_stall(false, true, 30000);
  EXPECT_FALSE(health_.stalled);
  watch.wait_for(KafkaFault::kTemporary);  // A known reason.
  watch.look_for_stall(true, false, 60000);
  EXPECT_FALSE(health_.stalled);
}

}  // namespace
}  // namespace wirewatch
