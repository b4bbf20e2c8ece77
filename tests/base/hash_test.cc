#include "common/base/hash.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace wirewatch {
namespace {

TEST(Hash, IsTheSameForEverAndEverywhere) {
  // Event ids and stored models rest on it: these values may never change.
  EXPECT_EQ(hash_bytes(""), hash_bytes(std::string()));
  EXPECT_EQ(hash_bytes("Pyongyang"), 561573454043865728ULL);
  EXPECT_EQ(hash_bytes("北朝鮮", 7), 10058862742530801422ULL);
  EXPECT_EQ(hash_combine(1, 2), 4868903923842595864ULL);
}

TEST(Hash, TellsLengthOrderAndSeedApart) {
  std::set<std::uint64_t> hashes;
  std::string text;
  for (int i = 0; i < 200; ++i) {
    hashes.insert(hash_bytes(text));
    hashes.insert(hash_bytes(text, 1));
    text.push_back('\0');
  }
  EXPECT_EQ(hashes.size(), 400U);
  EXPECT_NE(hash_combine(1, 2), hash_combine(2, 1));
}

TEST(Hash, ABitOfTheInputTurnsHalfOfTheBits) {
  const std::string text = "North Korea fires missile";
  int turned = 0;
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string other = text;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << (bit % 8)));
    turned += __builtin_popcountll(hash_bytes(text) ^ hash_bytes(other));
  }
  EXPECT_NEAR(static_cast<double>(turned) / static_cast<double>(text.size() * 8), 32, 2);
}

}  // namespace
}  // namespace wirewatch
