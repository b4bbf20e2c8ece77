// The pattern index finds exactly the patterns that match when each is tried.

#include "common/profile/pattern_index.h"

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wirewatch::profile_internal {
namespace {

WordPattern pattern(const std::string& text) {
  auto made = text[0] == '/' ? WordPattern::from_regex(std::string_view(text).substr(1))
                             : WordPattern::from_wildcard(text);
  EXPECT_TRUE(made) << text;
  return std::move(*made);
}

std::vector<std::uint32_t> found(const std::vector<WordPattern>& patterns, std::string_view word) {
  std::vector<std::uint32_t> ids;
  PatternIndex(patterns).find(word, patterns, ids);
  return ids;
}

// Few letters of one to three bytes, so that anchors are shared and words contain them twice.
const std::vector<std::string> kLetters = {"a", "b", "n", "к", "о", "é", "क"};

TEST(PatternIndex, AgreesWithTryingEveryPattern) {
  std::mt19937 random(7);
  const auto below = [&](std::size_t limit) { return random() % limit; };
  const auto letters = [&](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += kLetters[below(kLetters.size())];
    return text;
  };
  std::vector<WordPattern> patterns;
  while (patterns.size() < 700) {
    std::string text;
    for (std::size_t part = 0, parts = 1 + below(3); part < parts; ++part) {
      if (part > 0 || below(2) == 0) text += below(3) == 0 ? "?" : below(2) == 0 ? "*" : "%";
      text += letters(1 + below(below(4) == 0 ? 20 : 4));
    }
    if (below(2) == 0) text += "*";
    if (below(8) == 0) text = "/(" + letters(1) + "|" + letters(2) + ")" + letters(3) + ".?";
    WordPattern made = pattern(text);
    if (PatternIndex::can_file(made)) patterns.push_back(std::move(made));
  }
  const PatternIndex index(patterns);
  std::size_t hits = 0;
  for (int i = 0; i < 1500; ++i) {
    std::string word = letters(1 + below(below(5) == 0 ? 60 : 8));
    if (below(3) == 0) word += patterns[below(patterns.size())].run();
    std::vector<std::uint32_t> expected;
    for (std::uint32_t p = 0; p < patterns.size(); ++p) {
      if (patterns[p].matches(word)) expected.push_back(p);
    }
    std::vector<std::uint32_t> got;
    index.find(word, patterns, got);
    ASSERT_EQ(got, expected) << word;
    hits += got.size();
  }
  EXPECT_GT(hits, 1000U);
}

std::uint64_t first_bytes(std::string_view word) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, word.data(), std::min<std::size_t>(word.size(), 8));
  return bytes;
}

TEST(PatternIndex, TellsByTheFirstBytesWhatNoBeginningMatches) {
  const std::vector<WordPattern> years = {pattern("/17[0-9][0-9]"), pattern("/19[1-9][0-9]"),
                                          pattern("ко?т")};
  const PatternIndex index(years);
  EXPECT_TRUE(index.may_match(first_bytes("1789")));
  EXPECT_TRUE(index.may_match(first_bytes("1914")));
  EXPECT_FALSE(index.may_match(first_bytes("2026")));
  EXPECT_FALSE(index.may_match(first_bytes("the")));
  EXPECT_FALSE(index.may_match(first_bytes("1")));
  std::size_t passed = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string word = std::to_string(i);
    const bool matches = !found(years, word).empty();
    EXPECT_TRUE(!matches || index.may_match(first_bytes(word))) << word;
    passed += index.may_match(first_bytes(word)) ? 1U : 0U;
  }
  EXPECT_LT(passed, 1000U);
}

TEST(PatternIndex, MayMatchAnyWordWherePatternsBeginWithAnything) {
  const PatternIndex index(std::vector<WordPattern>{pattern("/19[1-9][0-9]"), pattern("*shima")});
  EXPECT_TRUE(index.may_match(first_bytes("hiroshima")));
  EXPECT_TRUE(index.may_match(first_bytes("the")));
}

TEST(PatternIndex, FindsAWordThatHasTheAnchorTwiceOnce) {
  const std::vector<WordPattern> patterns = {pattern("*ana*")};
  EXPECT_EQ(found(patterns, "banana"), std::vector<std::uint32_t>{0});
}

TEST(PatternIndex, FindsAnchorsLongerThanItLooksAt) {
  const std::vector<WordPattern> patterns = {pattern("*abcdefghijklmnopqrstuvwxyz"),
                                             pattern("?bcdefghijklmnopqrstuvwx*")};
  EXPECT_EQ(found(patterns, "abcdefghijklmnopqrstuvwxyz"), (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(found(patterns, "bbcdefghijklmnopqrstuvwxyz"), std::vector<std::uint32_t>{1});
  EXPECT_TRUE(found(patterns, "klmnopqrstuvwxyz").empty());
}

TEST(PatternIndex, FilesWhatHasLetters) {
  EXPECT_TRUE(PatternIndex::can_file(pattern("ab?d")));
  EXPECT_TRUE(PatternIndex::can_file(pattern("?abc?")));
  EXPECT_FALSE(PatternIndex::can_file(pattern("a?b?c")));
  EXPECT_FALSE(PatternIndex::can_file(pattern("/(abc)+")));
}

TEST(PatternIndex, OfNothingFindsNothing) {
  std::vector<std::uint32_t> ids;
  const PatternIndex index;
  EXPECT_TRUE(index.empty());
  EXPECT_EQ(index.find("korea", {}, ids), 0U);
  EXPECT_TRUE(ids.empty());
}

}  // namespace
}  // namespace wirewatch::profile_internal
