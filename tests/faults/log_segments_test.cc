#include "tests/faults/log_segments.h"

#include <gtest/gtest.h>

namespace wirewatch::faults {
namespace {

std::string number(std::int64_t value, int size) {
  std::string out;
  for (int i = size - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
  return out;
}

std::string batch(std::int64_t base, std::int64_t records, std::int64_t producer,
                  std::int64_t attributes, const std::string& body = "") {
  const std::string rest = number(0, 4) + number(2, 1) + number(0, 4) + number(attributes, 2) +
                           number(records - 1, 4) + number(0, 8) + number(0, 8) +
                           number(producer, 8) + number(0, 2) + number(0, 4) + number(records, 4) +
                           body;
  return number(base, 8) + number(static_cast<std::int64_t>(rest.size()), 4) + rest;
}

std::string marker(std::int64_t base, std::int64_t producer, std::int64_t type) {
  // Length, attributes, two deltas, the key's length 4 (as zigzag 8), version, type.
  return batch(base, 1, producer, 0x30,
               std::string("\x10\0\0\0\x08", 5) + number(0, 2) + number(type, 2));
}

TEST(LogSegments, TellAbortedFromCommitted) {
  const std::string log = batch(0, 3, 1, 0x10) + batch(3, 2, 2, 0x10) + marker(5, 1, 0) +
                          batch(6, 1, 1, 0x10) + marker(7, 2, 1) + marker(8, 1, 1) +
                          batch(9, 4, -1, 0);
  const TransactionLog found = transactions_of(log);
  EXPECT_EQ(found.aborted, (std::set<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(found.aborts, 1);
  EXPECT_EQ(found.commits, 2);
}

TEST(LogSegments, EndAtATornBatch) {
  const std::string log = batch(0, 1, 1, 0x10) + marker(1, 1, 0);
  EXPECT_EQ(transactions_of(log.substr(0, log.size() - 1)).aborts, 0);
  EXPECT_EQ(transactions_of(log).aborts, 1);
  EXPECT_EQ(transactions_of("").commits, 0);
  EXPECT_EQ(transactions_of(std::string(100, '\xff')).commits, 0);
}

}  // namespace
}  // namespace wirewatch::faults
