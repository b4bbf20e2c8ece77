// librdkafka's log lines: that they come, of which level, and how many of a kind.

#include "common/kafka/kafka_log.h"

#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "common/kafka/kafka.h"

namespace wirewatch {
namespace {

// Collects lines while it lives.
class Lines {
 public:
  Lines() {
    set_kafka_log([this](KafkaLogLevel level, std::string_view text) {
      const std::lock_guard lock(mutex_);
      lines_.emplace_back(level, text);
    });
  }
  ~Lines() { set_kafka_log({}); }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  [[nodiscard]] std::size_t count(KafkaLogLevel level, std::string_view part) const {
    const std::lock_guard lock(mutex_);
    std::size_t found = 0;
    for (const auto& [its_level, text] : lines_)
      if (its_level == level && text.find(part) != std::string::npos) ++found;
    return found;
  }

  [[nodiscard]] std::string text() const {
    const std::lock_guard lock(mutex_);
    std::string all;
    for (const auto& [level, line] : lines_) all += line + "\n";
    return all;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<KafkaLogLevel, std::string>> lines_;
};

struct NoListener final : RebalanceListener {
  void on_assigned(std::span<const std::int32_t>) override {}
  void on_revoked(std::span<const std::int32_t>, bool) override {}
};

std::unique_ptr<KafkaConsumer> make_consumer(const std::string& brokers, RebalanceListener& to,
                                             KafkaProperties properties) {
  auto made = KafkaConsumer::create({.brokers = brokers,
                                     .client_id = "log-test",
                                     .group_id = "log-test",
                                     .topic = "in",
                                     .instance_id = {},
                                     .embedded = true,
                                     .properties = std::move(properties),
                                     .on_statistics = {},
                                     .on_error = {}},
                                    to);
  EXPECT_TRUE(made) << (made ? "" : made.error());
  return made ? std::move(*made) : nullptr;
}

void poll_for(KafkaConsumer& consumer, int ms) {
  KafkaRecord record;
  KafkaFailure error;
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
  while (std::chrono::steady_clock::now() < until) (void)consumer.poll(50, record, error);
}

// A consumer with one property on the embedded broker, which has polled, and what it has logged.
struct Polled {
  Polled(const std::string& property, const std::string& value)
      : consumer(make_consumer(broker.bootstrap_servers(), listener, {{property, value}})) {
    if (consumer != nullptr) poll_for(*consumer, 300);
  }

  struct Broker : EmbeddedBroker {
    Broker() { create_topic("in", 1); }
  };
  Broker broker;
  Lines lines;
  NoListener listener;
  std::unique_ptr<KafkaConsumer> consumer;
};

TEST(KafkaLogs, WhatDebugAsksForComes) {
  const Polled polled("debug", "cgrp,broker");
  ASSERT_NE(polled.consumer, nullptr);
  EXPECT_GT(polled.lines.count(KafkaLogLevel::kDebug, "librdkafka log-test#consumer-"), 10U);
  EXPECT_EQ(polled.lines.count(KafkaLogLevel::kError, ""), 0U);
}

TEST(KafkaLogs, AQuietClientLogsNothing) {
  // A property of producers: each client says at its making that it is none of its own.
  const Polled polled("linger.ms", "2");
  ASSERT_NE(polled.consumer, nullptr);
  for (const auto level : {KafkaLogLevel::kInfo, KafkaLogLevel::kWarn, KafkaLogLevel::kError})
    EXPECT_EQ(polled.lines.count(level, ""), 0U) << polled.lines.text();
  EXPECT_GE(polled.lines.count(KafkaLogLevel::kDebug, "CONFWARN"), 1U);
}

// The embedded broker, to a client that takes it for a real one. librdkafka 2.8 asks it in another
// way and has nothing to say; 2.0 warns.
TEST(KafkaLogs, ThatABrokerMakesTopicsIsNoWarning) {
  const Polled polled("allow.auto.create.topics", "false");
  ASSERT_NE(polled.consumer, nullptr);
  EXPECT_EQ(polled.lines.count(KafkaLogLevel::kWarn, ""), 0U) << polled.lines.text();
}

TEST(KafkaLogs, SecretsAreNotShown) {
  const Lines lines;
  NoListener listener;
  const auto consumer = make_consumer("127.0.0.1:1", listener,
                                      {{"debug", "all"},
                                       {"security.protocol", "SASL_PLAINTEXT"},
                                       {"sasl.mechanism", "PLAIN"},
                                       {"sasl.username", "wirewatch"},
                                       {"sasl.password", "open-sesame"}});
  ASSERT_NE(consumer, nullptr);
  poll_for(*consumer, 200);
  EXPECT_GE(lines.count(KafkaLogLevel::kDebug, "[redacted]"), 1U);
  EXPECT_EQ(lines.count(KafkaLogLevel::kDebug, "open-sesame"), 0U);
}

TEST(KafkaLogs, ABrokerThatIsAwayIsNotLoggedBesideItsErrors) {
  const Lines lines;
  std::size_t errors = 0;
  NoListener listener;
  auto made = KafkaConsumer::create(
      {.brokers = "127.0.0.1:1",
       .client_id = "log-test",
       .group_id = "log-test",
       .topic = "in",
       .instance_id = {},
       .properties = {{"reconnect.backoff.ms", "10"}, {"reconnect.backoff.max.ms", "20"}},
       .on_statistics = {},
       .on_error = [&](const KafkaFailure&) { ++errors; }},
      listener);
  ASSERT_TRUE(made) << made.error();
  poll_for(**made, 1000);
  EXPECT_GE(errors, 1U);
  EXPECT_LE(lines.count(KafkaLogLevel::kError, ""), 3U);
}

TEST(KafkaLogLimit, AKindPassesOnceInTenSeconds) {
  KafkaLogLimit limit;
  EXPECT_TRUE(limit.judge(KafkaLogLevel::kError, "10.0.0.1:9092: refused after 3 ms", 0).passes);
  for (std::int64_t ms = 1; ms < 10000; ms += 100) {
    EXPECT_FALSE(
        limit.judge(KafkaLogLevel::kError, "10.0.0.2:9093: refused after 40 ms", ms).passes);
  }
  EXPECT_TRUE(limit.judge(KafkaLogLevel::kWarn, "leader is gone", 5000).passes);
  const auto again = limit.judge(KafkaLogLevel::kError, "10.0.0.1:9092: refused after 1 ms", 10000);
  EXPECT_TRUE(again.passes);
  EXPECT_EQ(again.left_out, 100U);
  EXPECT_EQ(limit.judge(KafkaLogLevel::kError, "10.0.0.1:9092: refused after 1 ms", 20000).left_out,
            0U);
}

TEST(KafkaLogLimit, DebuggingPasses) {
  KafkaLogLimit limit;
  for (int i = 0; i < 100; ++i)
    EXPECT_TRUE(limit.judge(KafkaLogLevel::kDebug, "the same", 0).passes);
}

TEST(KafkaLogLimit, ManyKindsAreBounded) {
  KafkaLogLimit limit;
  std::size_t passed = 0;
  for (int i = 0; i < 10000; ++i) {
    std::string text;
    for (int left = i; left > 0; left /= 26) text += static_cast<char>('a' + left % 26);
    if (limit.judge(KafkaLogLevel::kWarn, text, 1000).passes) ++passed;
  }
  EXPECT_LE(passed, KafkaLogLimit::kKinds);
}

}  // namespace
}  // namespace wirewatch
