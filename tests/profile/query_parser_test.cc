// What the parser refuses, where it points, and that nothing can exhaust it.

#include "common/profile/query_parser.h"

#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "tests/profile/profile_test_support.h"

namespace wirewatch {
namespace {

struct Case {
  const char* name;
  const char* query;
  std::size_t line;
  std::size_t column;
  const char* message;  // Part of it.
  const char* cure;     // Part of it.
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name << ": " << row.query;
}

class QueryErrors : public testing::TestWithParam<Case> {};

TEST_P(QueryErrors, NamePlaceAndCure) {
  const Case& row = GetParam();
  const ProfileSource source = make_profile("p", row.query);
  const auto set = ProfileSet::compile({&source, 1});
  ASSERT_FALSE(set);
  const ProfileError& error = set.error().front();
  EXPECT_EQ(error.line, row.line) << error.message;
  EXPECT_EQ(error.column, row.column) << error.message;
  EXPECT_TRUE(says(error.message, row.message));
  EXPECT_TRUE(says(error.message, row.cure));
}

constexpr Case kCases[] = {
    {"Empty", "", 1, 1, "empty", "write what"},
    {"OpenParenthesis", "a AND (b OR c", 1, 7, "never closed", ")"},
    {"CloseParenthesis", "a)", 1, 2, "without '('", "remove"},
    {"OpenQuote", "a \"b c", 1, 3, "never closed", "\""},
    {"MissingOperand", "a AND", 1, 6, "before the end", "finish"},
    {"DoubleOperator", "a AND OR b", 1, 7, "before 'OR'", "operators stand between"},
    {"SecondLine", "missile\n  AND hedline:launch", 2, 7, "unknown name 'hedline'",
     "did you mean headline"},
    {"ColumnsCountCharacters", "북한 AND foo:x", 1, 8, "unknown name", "zones"},
    {"NameOfOthers", "title:korea", 1, 1, "unknown name 'title'", "did you mean headline"},
    {"UnknownRegion", "region:\"Nort Korea\"", 1, 1, "unknown region", "North Korea"},
    {"RegionInTwoDigits", "region:30", 1, 1, "unknown region", "three digits: 030"},
    {"RegionOfBritain", "mentions:UK", 1, 1, "unknown region", "is GB"},
    {"LowerCaseAlpha3", "region:prk", 1, 1, "unknown region", "PRK"},
    {"LowerCaseRegion", "region:kp", 1, 1, "unknown region", "KP"},
    {"UnknownTopic", "topic:politcs", 1, 1, "unknown topic", "politics"},
    {"UnknownName", "$nothing", 1, 1, "no expression or list", "define"},
    {"NearWithoutNumber", "a NEAR/ b", 1, 7, "needs a number", "NEAR/5"},
    {"NearOfPredicate", "a NEAR/3 region:KP", 1, 10, "no position", "AND outside"},
    {"NearOfNegation", "a NEAR/3 (NOT b)", 1, 11, "no position", "AND outside"},
    {"ZoneOfPredicate", "headline:region:KP", 1, 10, "zones apply", "outside the zone"},
    {"ZoneInZone", "headline:(a AND body:b)", 1, 17, "another zone", "side by side"},
    {"ShortPrefix", "k*", 1, 1, "too few letters", "two letters"},
    {"ShortPattern", "*ab*", 1, 1, "every word", "three letters"},
    {"EndingBehindSign", "nato-*", 1, 1, "'-' parts words", "write nato,"},
    {"EndingBehindQuote", "\"the nato’*\"", 1, 1, "'’' parts words", "or nato*"},
    {"RegexTwoWords", "/north korea/", 1, 7, "one word", "ONEAR/0"},
    {"RegexAnchors", "/^korea/", 1, 2, "anchors", "leave it out"},
    {"RegexGroupOpen", "/kor(ea/", 1, 8, "'(' without ')'", "close"},
    {"RegexOpen", "/korea", 1, 1, "never closed", "/"},
    {"HangulSuffix", "*북한", 1, 1, "Hangul", "compounds"},
    {"ExactWildcard", "=kore*", 1, 1, "no wildcards", "remove"},
    {"NothingToSearch", "a AND \"...\"", 1, 7, "nothing to search for", "letter"},
    {"OnlyWildcards", "a AND **", 1, 7, "every word", "letters"},
    {"QuorumTooHigh", "at least 3 of (a, b)", 1, 1, "never hold", "commas"},
    {"QuorumZero", "at least 0 of (a, b)", 1, 10, "always holds", "at least 1"},
    {"UnknownSignal", "signal:flash", 1, 1, "unknown signal", "correction"},
    {"LanguageName", "lang:Korean", 1, 1, "no language", "BCP 47"},
    {"InAlone", "a IN b", 1, 3, "NOT IN", "quotes"},
    {"SlashInWord", "and/or", 1, 4, "'/' in the middle", "quotes"},
    {"SourceDegree", "source:x>2", 1, 10, "no degree", "source:value"},
    {"TopicInPercent", "topic:politics>=80", 1, 17, "between 0 and 1", "write 0.8"},
    {"RegionInPercent", "region:KP>=45", 1, 12, "between 0 and 1", "write 0.45"},
    {"TopicAboveOne", "a AND topic:politics>=1.5", 1, 23, "between 0 and 1", "write 0.8"},

    {"MinusBeforeWord", "korea -japan", 1, 7, "'-' is no operator", "NOT"},
    {"MinusBeforePhrase", "korea -\"north japan\"", 1, 7, "'-' is no operator", "NOT"},
    {"MinusBeforeGroup", "korea -(japan OR china)", 1, 7, "'-' is no operator", "NOT"},
    {"DashBeforeWord", "북한 –japan", 1, 4, "'–' is no operator", "NOT"},
    {"ExclamationBeforeWord", "korea !japan", 1, 7, "'!' is no operator", "NOT"},
    {"ExclamationBehindWord", "terroris!", 1, 9, "'!' is no operator", "korea*"},
    {"PlusBeforeWord", "+korea", 1, 1, "'+' is no operator", "AND"},
    {"PlusInWord", "korea+japan", 1, 6, "'+' is no operator", "AND"},
    {"TildeBehindPhrase", "\"missile was\"~2", 1, 14, "'~' is no operator", "NEAR/2"},
    {"TildeBehindWord", "missile~ launch", 1, 8, "'~' is no operator", "NEAR/2"},
    {"Boost", "korea^3", 1, 6, "'^' is no operator", "[weighted.name]"},
    {"SingleQuotes", "'North Korea'", 1, 1, "''' is no operator", "double quotes"},
    {"CurlySingleQuotes", "‘North Korea’", 1, 1, "'‘' is no operator", "double quotes"},
    {"Guillemets", "«North Korea»", 1, 1, "'«' is no operator", "double quotes"},
    {"CornerBrackets", "「北朝鮮」", 1, 1, "'「' is no operator", "double quotes"},
    {"Brackets", "[korea]", 1, 1, "'[' is no operator", "parentheses"},
    {"Braces", "missile {korea}", 1, 9, "'{' is no operator", "parentheses"},
    {"WideParenthesis", "（北朝鮮 OR 韓国）", 1, 1, "'（' is no operator", "Latin keyboard"},
    {"Semicolon", "korea; japan", 1, 6, "';' is no operator", "AND or OR"},
    {"DoubleAmpersand", "korea && japan", 1, 7, "'&&' is no operator", "AND"},
    {"DoubleBar", "korea || japan", 1, 7, "'||' is no operator", "OR"},
    {"NearAlone", "a NEAR b", 1, 3, "'NEAR' is no operator", "NEAR/5"},
    {"NearWithDigit", "a NEAR5 b", 1, 3, "'NEAR5' is no operator", "NEAR/5"},
    {"Within", "a WITHIN SENTENCE b", 1, 3, "'WITHIN' is no operator", "a SENTENCE b"},
    {"Adjacent", "a ADJ3 b", 1, 3, "'ADJ3' is no operator", "ONEAR/0"},
    {"CapitalisedOr", "korea Or japan", 1, 7, "'Or' is no operator", "write OR"},
    {"CapitalisedAnd", "korea And japan", 1, 7, "'And' is no operator", "quotes"},
    {"CapitalisedNot", "Not japan", 1, 1, "'Not' is no operator", "write NOT"},
    {"CommaInGroup", "headline:(korea, japan)", 1, 16, "a comma stands only", "with OR"},
    {"CommaOutside", "region:KP,KR", 1, 10, "a comma stands only", "with OR"},
    {"NumberInLetters", "at least two of (a, b)", 1, 19, "n a number", "at least 2 of"},
    {"GroupAsValue", "korea region:(KP OR KR)", 1, 14, "no group", "(region:a OR region:b)"},
    {"StarAsWord", "\"minister * on monday\"", 1, 1, "'*' stands for no word", "ONEAR/1"},
};

INSTANTIATE_TEST_SUITE_P(Table, QueryErrors, testing::ValuesIn(kCases), kNameOfRow);

TEST(QueryParser, TakesSignsThatBelongToWords) {
  for (const char* query :
       {"COVID-19", "l'Aquila",        "l’Aquila", "AT&T",     "U.S.",  "workers'",   "LGBTQ+",
        "\"P5+1\"", "\"'Ndrangheta\"", "=NEAR",    "\"NEAR\"", "near",  "within",     "NEARBY",
        "\"Or\"",   "\"Yahoo!\"",      "5%",       "a & b",    "a | b", "朝鲜·金正恩"}) {
    const ProfileSource source = make_profile("p", query);
    EXPECT_TRUE(ProfileSet::compile({&source, 1})) << query;
  }
}

TEST(QueryParser, RefusesWhatIsNestedTooDeeply) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '(') + "a" + std::string(depth, ')');
  };
  EXPECT_TRUE(profile_internal::parse_query(nested(50)));
  EXPECT_FALSE(profile_internal::parse_query(nested(25'000)));
  std::string negations;
  std::string chain = "a";
  for (int i = 0; i < 5000; ++i) {
    negations += "NOT ";
    chain += " NEAR/1 a";
  }
  EXPECT_FALSE(profile_internal::parse_query(negations + "a"));
  EXPECT_FALSE(profile_internal::parse_query(chain));
}

TEST(QueryParser, TakesLongFlatListsUpToItsLimit) {
  std::string query = "a0";
  for (int i = 1; i < 5000; ++i) query += " OR a" + std::to_string(i);
  EXPECT_TRUE(profile_internal::parse_query(query));
  for (int i = 0; i < 20'000; ++i) query += " b";
  EXPECT_FALSE(profile_internal::parse_query(query));
}

TEST(ProfileNames, CirclesAreRefused) {
  ProfileSource source = make_profile("p", "$a");
  source.expressions = {{"a", {"x OR $b", 3, 5}, false}, {"b", {"y OR $a", 4, 5}, false}};
  const auto set = ProfileSet::compile({&source, 1});
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error().front().line, 4U);
  EXPECT_TRUE(says(set.error().front().message, "made from itself"));
}

TEST(ProfileNames, DoublingNamesCostNothing) {
  ProfileSource source = make_profile("p", "$a39");
  source.expressions.push_back({"a0", {"x0 OR y0", 1, 1}, false});
  for (int i = 1; i < 40; ++i) {
    const std::string before = "$a" + std::to_string(i - 1);
    source.expressions.push_back({"a" + std::to_string(i),
                                  {"(" + before + " NEAR/1 x) OR (" + before + " NEAR/2 y)", 1, 1},
                                  false});
  }
  EXPECT_LT(compile({source}).node_count(), 200U);
}

}  // namespace
}  // namespace wirewatch
