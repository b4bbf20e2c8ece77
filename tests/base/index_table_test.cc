#include "common/base/index_table.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/base/hash.h"

namespace wirewatch {
namespace {

TEST(IndexTable, GivesEqualThingsOneIndex) {
  IndexTable table;
  std::vector<std::string> names;
  const auto add = [&](const std::string& name, std::uint64_t hash) {
    const auto [index, added] = table.find_or_add(
        hash, names.size(), [&](std::uint32_t other) { return names[other] == name; });
    if (added) names.push_back(name);
    return index;
  };
  constexpr std::uint32_t kNames = 10'000;
  for (int round = 0; round < 2; ++round) {
    for (std::uint32_t i = 0; i < kNames; ++i) {
      const std::string name = "n" + std::to_string(i);
      EXPECT_EQ(add(name, hash_bytes(name)), i);
    }
  }
  EXPECT_EQ(names.size(), kNames);
  const auto find = [&](const std::string& name) {
    return table.find(hash_bytes(name), [&](std::uint32_t other) { return names[other] == name; });
  };
  EXPECT_EQ(find("n7"), 7U);
  EXPECT_EQ(find("absent"), std::nullopt);
}

TEST(IndexTable, TellsThingsOfOneHashApart) {
  IndexTable table;
  for (std::uint32_t i = 0; i < 100; ++i) {
    const auto is_i = [i](std::uint32_t other) { return other == i; };
    EXPECT_EQ(table.find(42, is_i), std::nullopt);
    EXPECT_EQ(table.find_or_add(42, i, is_i), (std::pair{i, true}));
    EXPECT_EQ(table.find_or_add(42, 1000, is_i), (std::pair{i, false}));
  }
}

}  // namespace
}  // namespace wirewatch
