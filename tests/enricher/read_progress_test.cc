#include "services/enricher/read_progress.h"

#include <array>

#include <gtest/gtest.h>

namespace wirewatch {
namespace {

constexpr std::array<std::int32_t, 1> kPartition = {2};

ReadProgress::Ask ask(std::int64_t committed, std::optional<std::int64_t> begin) {
  return {.committed =
              [=](std::span<const std::int32_t> partitions) {
                std::vector<PartitionOffset> offsets;
                for (const std::int32_t p : partitions) offsets.push_back({p, committed});
                return std::optional(offsets);
              },
          .begin_of = [=](std::int32_t) { return begin; }};
}

std::int64_t missed(ReadProgress& progress, const ReadProgress::Ask& asked) {
  std::int64_t sum = 0;
  for (const ReadProgress::Missed& m : progress.check(asked)) sum += m.records;
  return sum;
}

TEST(ReadProgress, CountsARecordOnce) {
  ReadProgress progress;
  progress.assign(kPartition);
  EXPECT_TRUE(progress.read(2, 10, 0));
  EXPECT_TRUE(progress.read(2, 11, 0));
  EXPECT_FALSE(progress.read(2, 10, 0));
  EXPECT_FALSE(progress.read(2, 11, 0));
  EXPECT_TRUE(progress.read(2, 12, 0));
}

TEST(ReadProgress, FindsWhatWasDeletedBeforeTheGroupReadOn) {
  ReadProgress progress;
  progress.assign(kPartition);
  EXPECT_TRUE(progress.has_unchecked());
  EXPECT_EQ(missed(progress, ask(100, 130)), 30);
  EXPECT_FALSE(progress.has_unchecked());
  progress.assign(kPartition);
  EXPECT_EQ(missed(progress, ask(100, 100)), 0);
  progress.assign(kPartition);
  EXPECT_EQ(missed(progress, ask(-1, 130)), 0);  // A group that never committed misses nothing.
}

TEST(ReadProgress, FindsWhatWasDeletedUnderway) {
  ReadProgress progress;
  progress.assign(kPartition);
  EXPECT_EQ(missed(progress, ask(0, 0)), 0);
  progress.read(2, 10, 5000);
  progress.read(2, 50, 5000);
  EXPECT_EQ(missed(progress, ask(0, 50)), 39);
  progress.read(2, 60, 5500);  // Of a topic with gaps Kafka is not asked each time.
  EXPECT_FALSE(progress.has_unchecked());
  progress.read(2, 70, 7000);
  EXPECT_EQ(missed(progress, ask(0, 0)), 0);  // A gap, and all before it is there: transactions.
}

TEST(ReadProgress, WhatKafkaDoesNotTellIsLeftOut) {
  ReadProgress progress;
  progress.assign(kPartition);
  EXPECT_EQ(missed(progress, ask(100, std::nullopt)), 0);
  EXPECT_FALSE(progress.has_unchecked());
  progress.assign(kPartition);
  EXPECT_TRUE(
      progress.check({.committed = [](auto) { return std::nullopt; }, .begin_of = {}}).empty());
  progress.assign(kPartition);
  progress.revoke(kPartition);
  EXPECT_FALSE(progress.has_unchecked());
}

}  // namespace
}  // namespace wirewatch
