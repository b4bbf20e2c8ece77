// Wildcards and regular expressions over one word, and the letters by which they are found.

#include "common/profile/word_pattern.h"

#include <ostream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/profile/profile_test_support.h"

namespace wirewatch::profile_internal {
namespace {

struct Case {
  const char* name;
  const char* pattern;  // A regular expression when it begins with '/'.
  const char* word;
  bool expected;
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name << ": " << row.pattern << " on " << row.word;
}

class Patterns : public testing::TestWithParam<Case> {};

TEST_P(Patterns, Match) {
  const std::string_view text(GetParam().pattern);
  const auto pattern = text.starts_with('/') ? WordPattern::from_regex(text.substr(1))
                                             : WordPattern::from_wildcard(text);
  ASSERT_TRUE(pattern) << pattern.error().message;
  EXPECT_EQ(pattern->matches(GetParam().word), GetParam().expected);
}

constexpr Case kCases[] = {
    {"Literal", "korea", "korea", true},
    {"LiteralShorter", "korea", "kore", false},
    {"LiteralLonger", "korea", "koreas", false},
    {"Star", "k*a", "korea", true},
    {"StarOfNothing", "korea*", "korea", true},
    {"TwoStars", "*or*", "korea", true},
    {"EndingOnly", "*rea", "korea", true},
    {"EndingOnlyIsTheWord", "*korea", "korea", true},
    {"EndingOnlyElsewhere", "*rea", "reality", false},
    {"InsideOnly", "*ore*", "korea", true},
    {"InsideOnlyAbsent", "*oro*", "korea", false},
    {"EndingAndQuestion", "*r?a", "korea", true},
    {"InsideAndQuestion", "*o?e*", "korea", true},
    {"Question", "k?rea", "korea", true},
    {"QuestionIsOneCharacter", "k?rea", "kooreaa", false},
    {"QuestionIsACodePoint", "к?рея", "корея", true},
    {"Percent", "colo%r", "color", true},
    {"PercentOne", "colo%r", "colour", true},
    {"Folds", "KORÉA", "korea", true},
    {"Alternatives", "/korea|corea", "corea", true},
    {"AlternativesWhole", "/korea|corea", "koreacorea", false},
    {"Group", "/kor(ea|ean)s?", "koreans", true},
    {"GroupRepeated", "/(na)+", "nanana", true},
    {"GroupRepeatedCut", "/(na)+", "nanan", false},
    {"Class", "/[kc]orea", "corea", true},
    {"ClassNegated", "/[^k]orea", "korea", false},
    {"ClassRange", "/h[0-9]n[0-9]{1,2}", "h5n1", true},
    {"Counted", "/a{2,3}", "aa", true},
    {"CountedTooMany", "/a{2,3}", "aaaa", false},
    {"CountedNone", "/ba{0,1}", "b", true},
    {"Digit", "/covid\\d+", "covid19", true},
    {"Any", "/k..ea", "korea", true},
    {"EmptyWord", "/a*", "", true},
    {"NestedGroups", "/((a|b)c)*d", "acbcd", true},
};

INSTANTIATE_TEST_SUITE_P(Table, Patterns, testing::ValuesIn(kCases), kNameOfRow);

TEST(WordPattern, KnowsItsRequiredLetters) {
  const auto required = [](std::string_view text) {
    const auto pattern = WordPattern::from_regex(text);
    EXPECT_TRUE(pattern);
    return pattern->prefix() + "|" + pattern->run() + "|" + pattern->suffix();
  };
  EXPECT_EQ(required("korea"), "korea|korea|korea");
  EXPECT_EQ(required("koreas?"), "korea|korea|");
  EXPECT_EQ(required("kor(e|i)abcd"), "kor|abcd|abcd");
  EXPECT_EQ(required(".*shima"), "|shima|shima");
  EXPECT_EQ(required("(a|b)nuclear[a-z]"), "|nuclear|");
  EXPECT_EQ(required("ab{2}cdef"), "a|cdef|cdef");
  EXPECT_EQ(required("nuclear|atomic"), "||");
}

TEST(WordPattern, IsBounded) {
  EXPECT_FALSE(WordPattern::from_regex(std::string(65, 'a')));
  EXPECT_FALSE(WordPattern::from_regex("(a{10}){10}"));
  EXPECT_FALSE(WordPattern::from_regex(std::string(1000, '(') + std::string(1000, ')')));
  const auto slow = WordPattern::from_regex("(a|a)*(a|a)*(a|a)*b");
  ASSERT_TRUE(slow);
  EXPECT_FALSE(slow->matches(std::string(100'000, 'a')));
}

}  // namespace
}  // namespace wirewatch::profile_internal
