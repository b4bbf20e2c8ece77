#include "services/enricher/partition_positions.h"

#include <array>
#include <map>

#include <gtest/gtest.h>

#include "tests/enricher/articles.h"

namespace wirewatch {
namespace {

using Offsets = std::map<std::int32_t, std::int64_t>;

Offsets as_map(const std::vector<PartitionOffset>& offsets) {
  Offsets map;
  for (const PartitionOffset& o : offsets) map[o.partition] = o.offset;
  EXPECT_EQ(map.size(), offsets.size());
  return map;
}

class PartitionPositionsTest : public testing::Test {
 protected:
  void assign(PartitionPositions& positions) {
    positions.assign(std::array<std::int32_t, 2>{3, 7});
  }
  InFlight& take(PartitionPositions& positions, std::int32_t partition, std::int64_t offset,
                 std::int64_t now_ms = 0) {
    articles_.push_back(article(partition, offset));
    EXPECT_TRUE(positions.take(*articles_.back(), now_ms));
    return *articles_.back();
  }
  static Offsets finish(PartitionPositions& positions, const std::vector<InFlight*>& articles,
                        std::int64_t now_ms = 0) {
    std::vector<PartitionOffset> moved;
    positions.finish(articles, now_ms, moved);
    return as_map(moved);
  }

  std::vector<std::unique_ptr<InFlight>> articles_;
};

TEST_F(PartitionPositionsTest, StoresWhatIsContiguousOncePerPartition) {
  PartitionPositions positions(false);
  assign(positions);
  InFlight& a = take(positions, 3, 10);
  InFlight& b = take(positions, 3, 11);
  InFlight& c = take(positions, 3, 12);
  InFlight& d = take(positions, 7, 5);
  EXPECT_EQ(finish(positions, {&b}), Offsets{});
  EXPECT_EQ(finish(positions, {&a, &d, &c}), (Offsets{{3, 13}, {7, 6}}));
}

TEST_F(PartitionPositionsTest, WhatIsNotOursIsNotTaken) {
  PartitionPositions positions(false);
  assign(positions);
  const auto other = article(4, 0);
  EXPECT_FALSE(positions.take(*other, 0));
  InFlight& late = take(positions, 3, 10);
  positions.revoke(std::array{std::int32_t{3}});
  EXPECT_EQ(finish(positions, {&late}), Offsets{});
  positions.assign(std::array{std::int32_t{3}});  // Ours again: what is late stays ignored.
  take(positions, 3, 10);
  EXPECT_EQ(finish(positions, {&late}), Offsets{});
  EXPECT_EQ(positions.lowest(), 3);
  EXPECT_EQ(positions.count(), 2U);
}

TEST_F(PartitionPositionsTest, ReadsOnFromTheFirstUnfinishedAndSendsNothingTwice) {
  PartitionPositions positions(false);
  assign(positions);
  InFlight& a = take(positions, 3, 10);
  InFlight& b = take(positions, 3, 11);
  InFlight& c = take(positions, 3, 12);
  a.failed = true;
  a.acknowledged = 0b101;
  a.told = true;
  c.failed = true;
  finish(positions, {&a, &b, &c});
  positions.pass_over(7, 20);
  positions.pass_over(7, 21);
  EXPECT_EQ(as_map(positions.restart_offsets()), (Offsets{{3, 10}, {7, 20}}));
  positions.restarted();

  InFlight& again = take(positions, 3, 10);
  EXPECT_EQ(again.before, 0b101U);
  EXPECT_TRUE(again.told);
  EXPECT_EQ(take(positions, 3, 11).before, kAllAcknowledged);
  EXPECT_EQ(take(positions, 3, 12).before, 0U);
  EXPECT_EQ(finish(positions, {&a}), Offsets{});  // Of the attempt before.
  EXPECT_EQ(finish(positions, {&again}), (Offsets{{3, 11}}));
}

TEST_F(PartitionPositionsTest, ADeadLetterIsSentWhateverTheEventHadSent) {
  PartitionPositions positions(false);
  assign(positions);
  InFlight& a = take(positions, 3, 10);
  a.failed = true;
  a.acknowledged = 1;
  a.found_refused = true;
  finish(positions, {&a});
  (void)positions.restart_offsets();
  positions.restarted();
  EXPECT_EQ(take(positions, 3, 10).before, 0U);
}

TEST_F(PartitionPositionsTest, ATransactionHasItsFirstAndItsNextRecord) {
  PartitionPositions positions(true);
  assign(positions);
  InFlight& a = take(positions, 3, 10);
  a.told = true;
  take(positions, 3, 14);
  EXPECT_EQ(finish(positions, {&a}), Offsets{});  // Offsets go with the transaction.
  EXPECT_EQ(as_map(positions.transaction_offsets()), (Offsets{{3, 15}}));
  positions.remember_told(std::array{&a});
  EXPECT_EQ(as_map(positions.restart_offsets()), (Offsets{{3, 10}}));
  positions.restarted();
  InFlight& again = take(positions, 3, 10);
  EXPECT_TRUE(again.told);
  EXPECT_EQ(again.before, 0U);  // It was aborted.
  positions.transaction_ended();
  EXPECT_EQ(as_map(positions.transaction_offsets()), Offsets{});
}

TEST_F(PartitionPositionsTest, APartitionThatBeginsAnewIsFollowed) {
  PartitionPositions positions(false);
  assign(positions);
  InFlight& a = take(positions, 3, 1000);
  InFlight& b = take(positions, 3, 1001);
  a.failed = true;
  a.acknowledged = 1;
  EXPECT_EQ(finish(positions, {&a}), Offsets{});
  // The topic was made anew, or a leader lost its end: Kafka gives lower offsets.
  InFlight& c = take(positions, 3, 0);
  InFlight& d = take(positions, 3, 1);
  EXPECT_EQ(finish(positions, {&b}), Offsets{});  // No longer there.
  EXPECT_EQ(finish(positions, {&d}), Offsets{});
  EXPECT_EQ(finish(positions, {&c}), (Offsets{{3, 2}}));
  EXPECT_FALSE(positions.is_held_up(99999, 5000));
  EXPECT_EQ(take(positions, 3, 1000).before, 0U);  // Another record of that offset.
}

TEST_F(PartitionPositionsTest, IsHeldUpByTheFirstRecordOnly) {
  PartitionPositions positions(false);
  assign(positions);
  InFlight& a = take(positions, 3, 10, 1000);
  InFlight& b = take(positions, 3, 11, 4000);
  EXPECT_FALSE(positions.is_held_up(6000, 5000));
  EXPECT_TRUE(positions.is_held_up(6001, 5000));
  finish(positions, {&a}, 6001);
  EXPECT_FALSE(positions.is_held_up(11001, 5000));
  finish(positions, {&b}, 11001);
  EXPECT_FALSE(positions.is_held_up(99999, 5000));
}

}  // namespace
}  // namespace wirewatch
