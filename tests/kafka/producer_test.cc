// Bursts of a producer: what waits for those before it, what becomes of it, and in what order.

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "common/kafka/kafka.h"
#include "tests/support/mock_cluster.h"
#include "tests/support/no_rebalance.h"

namespace wirewatch {
namespace {

using Acknowledgements = std::map<std::uintptr_t, KafkaFault>;

// Acknowledges into `acknowledged`; a record's opaque is its number.
std::unique_ptr<KafkaProducer> make_producer(const std::string& brokers, bool embedded,
                                             KafkaProperties properties,
                                             Acknowledgements& acknowledged,
                                             const std::string& transactional_id = {}) {
  auto made = KafkaProducer::create({.brokers = brokers,
                                     .client_id = "producer-test",
                                     .transactional_id = transactional_id,
                                     .embedded = embedded,
                                     .properties = std::move(properties),
                                     .topics = {"out"},
                                     .on_error = {}},
                                    [&](void* opaque, const KafkaFailure& failure) {
                                      acknowledged.emplace(reinterpret_cast<std::uintptr_t>(opaque),
                                                           failure.fault);
                                    });
  EXPECT_TRUE(made) << (made ? "" : made.error());
  return made ? std::move(*made) : nullptr;
}

bool produce(KafkaProducer& producer, std::uintptr_t number, std::string_view value) {
  KafkaFailure failure;
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a number that nobody follows.
  return producer.produce(0, "key", value, {}, reinterpret_cast<void*>(number), failure);
}

// The first record is on its way, and as nobody polls it stays unacknowledged: the next ones wait.
void begin_burst(KafkaProducer& producer) {
  ASSERT_TRUE(produce(producer, 0, "first"));
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
}

void poll_until(KafkaProducer& producer, const Acknowledgements& acknowledged, std::size_t count) {
  for (int i = 0; i < 500 && acknowledged.size() < count; ++i) producer.poll(20);
  ASSERT_EQ(acknowledged.size(), count);
}

TEST(Producer, EverythingIsSentInOrder) {
  EmbeddedBroker broker;
  broker.create_topic("out", 1);
  Acknowledgements acknowledged;
  const auto producer = make_producer(broker.bootstrap_servers(), true, {}, acknowledged);
  constexpr std::size_t kCount = 300;
  for (std::size_t i = 0; i < kCount; ++i) {
    ASSERT_TRUE(produce(*producer, i, std::to_string(i)));
    if (i % 50 == 0) producer->poll(1);
  }
  poll_until(*producer, acknowledged, kCount);
  auto range = KafkaRange::create({.brokers = broker.bootstrap_servers(),
                                   .client_id = "producer-test",
                                   .topic = "out",
                                   .from = {},
                                   .to = {},
                                   .properties = {}});
  ASSERT_TRUE(range) << range.error();
  std::size_t next = 0;
  KafkaRecord record;
  for (int i = 0; i < 2000 && !(*range)->is_complete(); ++i) {
    if (!(*range)->poll(10, record)) continue;
    EXPECT_EQ(record.value(), std::to_string(next++));
  }
  EXPECT_EQ(next, kCount);
  for (const auto& [number, fault] : acknowledged) EXPECT_EQ(fault, KafkaFault::kNone) << number;
}

TEST(Producer, FlushSendsWhatWaits) {
  EmbeddedBroker broker;
  broker.create_topic("out", 1);
  Acknowledgements acknowledged;
  const auto producer = make_producer(broker.bootstrap_servers(), true, {}, acknowledged);
  begin_burst(*producer);
  ASSERT_TRUE(produce(*producer, 1, "second"));
  EXPECT_TRUE(producer->flush(10000));
  EXPECT_EQ(acknowledged, (Acknowledgements{{0, KafkaFault::kNone}, {1, KafkaFault::kNone}}));
}

// librdkafka's mock has transactions enough for this. Were a record sent at once, its
// acknowledgement would be there within a few milliseconds.
TEST(Producer, RecordsOfATransactionWaitForItsEnd) {
  EmbeddedBroker broker;
  broker.create_topic("out", 1);
  Acknowledgements acknowledged;
  const auto producer =
      make_producer(broker.bootstrap_servers(), true, {}, acknowledged, "transactions");
  const TransactionResult ready = producer->init_transactions(10000);
  ASSERT_EQ(ready.step, TransactionStep::kDone) << ready.failure.text;
  ASSERT_EQ(producer->begin().step, TransactionStep::kDone);
  const auto begun = std::chrono::steady_clock::now();
  ASSERT_TRUE(produce(*producer, 0, "first"));
  ASSERT_TRUE(produce(*producer, 1, "second"));
  for (int i = 0; i < 4; ++i) producer->poll(10);
  const std::size_t before_the_end = acknowledged.size();
  const bool in_time = std::chrono::steady_clock::now() - begun < std::chrono::milliseconds(100);
  EXPECT_TRUE(producer->flush(10000));
  EXPECT_EQ(acknowledged, (Acknowledgements{{0, KafkaFault::kNone}, {1, KafkaFault::kNone}}));
  if (!in_time) GTEST_SKIP() << "The machine is too busy: records wait a tenth of a second.";
  EXPECT_EQ(before_the_end, 0U);
}

// A producer that is ready for its first transaction, and a reader of topic "in" for its offsets.
struct TransactionParts {
  MockCluster broker;
  Acknowledgements acknowledged;
  NoRebalance listener;
  std::unique_ptr<KafkaProducer> producer;
  std::unique_ptr<KafkaConsumer> consumer;

  void begin() {
    broker.create_topic("out", 1);
    broker.create_topic("in", 1);
    producer = make_producer(broker.bootstrap_servers(), true, {}, acknowledged, "transactions");
    auto made = KafkaConsumer::create({.brokers = broker.bootstrap_servers(),
                                       .client_id = "producer-test",
                                       .group_id = "producer-test",
                                       .topic = "in",
                                       .instance_id = {},
                                       .embedded = true,
                                       .transactional = true,
                                       .properties = {},
                                       .on_statistics = {},
                                       .on_error = {}},
                                      listener);
    ASSERT_TRUE(made) << made.error();
    consumer = std::move(*made);
    ASSERT_EQ(producer->init_transactions(10000).step, TransactionStep::kDone);
  }
};

// A request with offsets that was sent twice may arrive again in a later transaction.
TEST(Producer, OffsetsOnABrokenConnectionNeedANewProducer) {
  constexpr int kTxnOffsetCommit = 28;
  TransactionParts parts;
  ASSERT_NO_FATAL_FAILURE(parts.begin());
  MockCluster& broker = parts.broker;
  KafkaProducer& producer = *parts.producer;
  const PartitionOffset offsets[] = {{0, 1}};
  for (const bool broken : {false, true}) {
    ASSERT_EQ(producer.begin().step, TransactionStep::kDone);
    ASSERT_TRUE(produce(producer, broken ? 1 : 0, "record"));
    if (broken) broker.answer_with(kTxnOffsetCommit, {RD_KAFKA_RESP_ERR__TRANSPORT});
    const TransactionResult result = producer.commit(*parts.consumer, offsets, 10000);
    EXPECT_EQ(result.step, broken ? TransactionStep::kRebuild : TransactionStep::kDone)
        << result.failure.text;
  }
}

// Makes a producer of bursts whose records wait while `more_come`.
std::unique_ptr<KafkaProducer> make_bursting(const std::string& brokers, int burst_ms,
                                             const std::atomic<bool>& more_come,
                                             std::atomic<int>& acknowledged) {
  auto made = KafkaProducer::create({.brokers = brokers,
                                     .client_id = "producer-test",
                                     .transactional_id = {},
                                     .embedded = true,
                                     .burst_ms = burst_ms,
                                     .more_come = [&] { return more_come.load(); },
                                     .properties = {},
                                     .topics = {"out"},
                                     .on_error = {}},
                                    [&](void*, const KafkaFailure&) { ++acknowledged; });
  EXPECT_TRUE(made) << (made ? "" : made.error());
  return made ? std::move(*made) : nullptr;
}

TEST(Producer, RecordsWaitForThoseThatCome) {
  EmbeddedBroker broker;
  broker.create_topic("out", 1);
  std::atomic<bool> more_come = true;
  std::atomic<int> acknowledged = 0;
  constexpr int kLongMs = 90;  // Below what records are held back for at most.
  const auto producer = make_bursting(broker.bootstrap_servers(), kLongMs, more_come, acknowledged);
  const auto begun = std::chrono::steady_clock::now();
  ASSERT_TRUE(produce(*producer, 0, "first"));
  for (int i = 0; i < 3; ++i) producer->poll(10);
  const int before = acknowledged;
  const bool in_time =
      std::chrono::steady_clock::now() - begun < std::chrono::milliseconds(kLongMs);
  more_come = false;
  ASSERT_TRUE(produce(*producer, 1, "second"));  // The last sends all.
  for (int i = 0; i < 500 && acknowledged < 2; ++i) producer->poll(20);
  EXPECT_EQ(acknowledged, 2);
  if (!in_time) GTEST_SKIP() << "The machine is too busy: records wait less than a tenth second.";
  EXPECT_EQ(before, 0);
}

TEST(Producer, WhatWaitsIsSentWhenNoMoreCome) {
  EmbeddedBroker broker;
  broker.create_topic("out", 1);
  std::atomic<bool> more_come = true;
  std::atomic<int> acknowledged = 0;
  const auto producer = make_bursting(broker.bootstrap_servers(), 1000, more_come, acknowledged);
  ASSERT_TRUE(produce(*producer, 0, "only"));
  more_come = false;
  producer->send();
  for (int i = 0; i < 500 && acknowledged < 1; ++i) producer->poll(20);
  EXPECT_EQ(acknowledged, 1);
}

// librdkafka would wait for as long again before it says so in its own words.
TEST(Producer, ACommitDoesNotWaitTwiceForOutputs) {
  TransactionParts parts;
  ASSERT_NO_FATAL_FAILURE(parts.begin());
  MockCluster& broker = parts.broker;
  KafkaProducer& producer = *parts.producer;
  ASSERT_EQ(producer.begin().step, TransactionStep::kDone);
  for (int i = 0; i < 200; ++i)
    broker.answer_with(MockCluster::kProduce, {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS});
  ASSERT_TRUE(produce(producer, 0, "record"));
  const TransactionResult result =
      producer.commit(*parts.consumer, std::array{PartitionOffset{0, 1}}, 500);
  EXPECT_EQ(result.step, TransactionStep::kRebuild);
  EXPECT_EQ(result.failure.text, "outputs are not acknowledged in time");
  producer.purge();
}

TEST(Producer, RecordsWaitNoLongerThanABurst) {
  EmbeddedBroker broker;
  broker.create_topic("out", 1);
  const std::atomic<bool> more_come = true;
  std::atomic<int> acknowledged = 0;
  const auto producer = make_bursting(broker.bootstrap_servers(), 5, more_come, acknowledged);
  for (std::uintptr_t i = 0; i < 20; ++i) ASSERT_TRUE(produce(*producer, i, "record"));
  for (int i = 0; i < 500 && acknowledged < 20; ++i) producer->poll(20);
  EXPECT_EQ(acknowledged, 20);
}

TEST(Producer, WhatWaitsBehindARefusedRecordDoesNotOvertakeIt) {
  EmbeddedBroker broker;
  broker.create_topic("out", 1);
  Acknowledgements acknowledged;
  const auto producer = make_producer(broker.bootstrap_servers(), true,
                                      {{"message.max.bytes", "2000"}}, acknowledged);
  begin_burst(*producer);
  EXPECT_TRUE(produce(*producer, 1, "small"));
  EXPECT_TRUE(produce(*producer, 2, std::string(5000, 'x')));
  EXPECT_TRUE(produce(*producer, 3, "behind"));
  poll_until(*producer, acknowledged, 4);
  EXPECT_EQ(acknowledged, (Acknowledgements{{0, KafkaFault::kNone},
                                            {1, KafkaFault::kNone},
                                            {2, KafkaFault::kRecord},
                                            {3, KafkaFault::kTemporary}}));
}

// The broker takes it, whether its answer is waited for or not: given up, it would come twice.
TEST(Producer, PurgeUnsentLeavesWhatIsOnItsWay) {
  MockCluster broker;
  broker.create_topic("out", 1);
  Acknowledgements acknowledged;
  const auto producer = make_producer(broker.bootstrap_servers(), true, {}, acknowledged);
  ASSERT_TRUE(produce(*producer, 100, "connects"));
  ASSERT_TRUE(producer->flush(10000));
  acknowledged.clear();
  rd_kafka_mock_broker_set_rtt(broker.native(), 1, 500);
  begin_burst(*producer);
  EXPECT_TRUE(produce(*producer, 1, "waits"));
  producer->purge_unsent();
  EXPECT_TRUE(producer->is_unanswered());
  EXPECT_FALSE(produce(*producer, 2, "too late"));
  poll_until(*producer, acknowledged, 2);
  EXPECT_EQ(acknowledged, (Acknowledgements{{0, KafkaFault::kNone}, {1, KafkaFault::kTemporary}}));
  EXPECT_FALSE(producer->is_unanswered());
}

TEST(Producer, PurgeGivesUpWhatWaits) {
  Acknowledgements acknowledged;
  const auto producer = make_producer("127.0.0.1:1", false, {}, acknowledged);
  begin_burst(*producer);
  EXPECT_TRUE(produce(*producer, 1, "waits"));
  producer->purge();
  poll_until(*producer, acknowledged, 2);
  for (const auto& [number, fault] : acknowledged)
    EXPECT_EQ(fault, KafkaFault::kTemporary) << number;
  EXPECT_FALSE(produce(*producer, 2, "too late"));
}

}  // namespace
}  // namespace wirewatch
