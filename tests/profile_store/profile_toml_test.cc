// The file format: what it gives, what it refuses and where it points.

#include "common/profile_store/profile_toml.h"

#include <ostream>
#include <string>

#include <gtest/gtest.h>

namespace wirewatch {
namespace {

constexpr const char* kWhole = R"(title = "North Korea"
description = "All about it"
owner = "asia-desk"
level = "urgent"
destination = "alerts.asia"
cooldown = "10m"
threshold = 2
query = """
headline:$names OR
lede:$names OR $quake
"""
exclude = ["Korea House"]

[expressions]
weapons = 'missil* NEAR/5 test*'

[terms.names]
en = ["North Korea*", "=DPRK"]
de-only = ["Norden"]

[terms]
plain = ["a", "b"]

[weighted.quake]
threshold = 4
occurrence_max = 2
terms = [["earthquake*", 3], ["film", -5.5, "en"]]

[[examples]]
match = true
headline = "Pyongyang speaks"

[[examples]]
match = false
language = "en"
headline = "Seoul speaks"
body = "Text"
)";

TEST(ProfileToml, ReadsEveryKey) {
  const auto parsed = parse_profile(kWhole, "north-korea", "north-korea.toml");
  ASSERT_TRUE(parsed) << parsed.error()[0].message;
  const ProfileSource& profile = *parsed;
  EXPECT_EQ(profile.id, "north-korea");
  EXPECT_EQ(profile.title, "North Korea");
  EXPECT_EQ(profile.owner, "asia-desk");
  EXPECT_EQ(profile.level, AlertLevel::kUrgent);
  EXPECT_EQ(profile.destination, "alerts.asia");
  EXPECT_EQ(profile.cooldown_s, 600U);
  EXPECT_DOUBLE_EQ(profile.threshold, 2);
  EXPECT_EQ(profile.query.line, 9U);  // Behind the quotes' line end.
  EXPECT_EQ(profile.query.column, 1U);
  ASSERT_EQ(profile.exclude.size(), 1U);
  EXPECT_EQ(profile.exclude[0].column, 13U);
  ASSERT_EQ(profile.expressions.size(), 1U);
  EXPECT_EQ(profile.expressions[0].query.line, 15U);
  EXPECT_EQ(profile.expressions[0].query.column, 12U);
  ASSERT_EQ(profile.term_lists.size(), 3U);
  const ProfileTermList& names = profile.term_lists[0];
  EXPECT_EQ(names.name, "names");
  ASSERT_EQ(names.terms.size(), 3U);
  EXPECT_EQ(names.terms[0].language, "de");
  EXPECT_EQ(names.terms[1].language, "");
  EXPECT_EQ(names.terms[0].listed, "de");
  EXPECT_EQ(names.terms[1].listed, "en");
  const ProfileTermList& quake = profile.term_lists[2];
  EXPECT_TRUE(quake.weighted);
  EXPECT_FLOAT_EQ(quake.threshold, 4);
  EXPECT_EQ(quake.occurrence_max, 2U);
  EXPECT_FLOAT_EQ(quake.terms[1].weight, -5.5F);
  EXPECT_EQ(quake.terms[1].language, "en");
  ASSERT_EQ(profile.examples.size(), 2U);
  EXPECT_TRUE(profile.examples[0].must_match);
  EXPECT_EQ(profile.examples[0].line, 29U);
  EXPECT_FALSE(profile.examples[1].must_match);
  EXPECT_TRUE(ProfileSet::compile({&profile, 1}));
}

TEST(ProfileToml, ErrorsOfQueriesPointIntoTheFile) {
  auto parsed =
      parse_profile("title = \"X\"\nquery = '''\nkorea AND\n  hedline:x'''\n", "x", "x.toml");
  ASSERT_TRUE(parsed);
  auto set = ProfileSet::compile({&*parsed, 1});
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error()[0].origin, "x.toml");
  EXPECT_EQ(set.error()[0].line, 4U);
  EXPECT_EQ(set.error()[0].column, 3U);
  parsed = parse_profile("title = \"X\"\nquery = \"korea AND hedline:x\"\n", "x", "x.toml");
  set = ProfileSet::compile({&*parsed, 1});
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error()[0].line, 2U);
  EXPECT_EQ(set.error()[0].column, 20U);
}

struct Case {
  const char* name;
  const char* toml;
  std::size_t line;
  const char* message;
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.toml;
}

class ProfileTomlErrors : public testing::TestWithParam<Case> {};

TEST_P(ProfileTomlErrors, AreNamed) {
  const auto parsed =
      parse_profile("title = \"X\"\nquery = \"x\"\n" + std::string(GetParam().toml), "x", "x.toml");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error()[0].line, GetParam().line) << parsed.error()[0].message;
  EXPECT_NE(parsed.error()[0].message.find(GetParam().message), std::string::npos)
      << parsed.error()[0].message;
}

constexpr Case kCases[] = {
    {"Syntax", "level = ", 3, ""},
    {"SyntaxHasCure", "level = urgent", 3, "; a text stands in quotes"},
    {"CurlyQuotes", "level = “urgent”", 3, "; write the straight quotes"},
    {"OpenText", "level = \"urgent\nowner = \"x\"", 3, "; close the text on its line"},
    {"Backslash", "owner = \"a\\w\"", 3, "; put texts that have backslashes between '''"},
    {"Comma", "exclude = [\"a\" \"b\"]", 3, "; separate the entries by commas"},
    {"BooleanInCapitals", "[[examples]]\nmatch = True", 4, "; write true or false"},
    {"OpenTripleQuotes", "description = \"\"\"x\n\n", 4, "the \"\"\" of line 3 are never closed"},
    {"NotUtf8", "owner = \"Jos\xE9\"", 3, "; save the file as UTF-8"},
    {"UnknownKey", "treshold = 2", 3, "did you mean 'threshold'?"},
    {"UnknownLevel", "level = \"urgant\"", 3, "did you mean 'urgent'?"},
    {"LevelNoText", "level = 3", 3, "must be a text"},
    {"Cooldown", "cooldown = \"soon\"", 3, "30m"},
    {"CooldownTooLong", "cooldown_s = 9999999", 3, "604800"},
    {"Threshold", "threshold = -1", 3, "0 or more"},
    {"Exclude", "exclude = \"x\"", 3, "list of texts"},
    {"Expressions", "expressions = 1", 3, "must be a table"},
    {"ExpressionName", "[expressions]\n\"a b\" = \"x\"", 4, "no usable name"},
    {"NameTwice", "[expressions]\na = \"x\"\n[terms]\na = [\"x\"]", 6, "used twice"},
    {"Language", "[terms.a]\nKorean = [\"x\"]", 4, "no language"},
    {"WeightedTerm", "[weighted.a]\nthreshold = 1\nterms = [\"x\"]", 5, "[term, weight]"},
    {"WeightedThreshold", "[weighted.a]\nterms = [[\"x\", 1]]", 3, "no threshold"},
    {"WeightNumber", "[weighted.a]\nthreshold = 1\nterms = [[\"x\", \"y\"]]", 5, "number"},
    {"CooldownTwice", "cooldown = \"10m\"\ncooldown_s = 600", 4,
     "cooldown_s and cooldown (line 3) are the same setting"},
    {"LanguageNameHasCure", "[terms.a]\nKorean-only = [\"x\"]", 4, "did you mean 'ko'?"},
    {"WeightedLanguage", "[weighted.a]\nthreshold = 1\nterms = [[\"x\", 1, \"klingon\"]]", 5,
     "'klingon' is no language; the third part"},
    {"WeightedLanguageName", "[weighted.a]\nthreshold = 1\nterms = [[\"x\", 1, \"English\"]]", 5,
     "did you mean 'en'?"},
    {"WeightedLanguageRegion", "[weighted.a]\nthreshold = 1\nterms = [[\"x\", 1, \"pt-BR\"]]", 5,
     "did you mean 'pt'?"},
    {"WeightedLanguageEmpty", "[weighted.a]\nthreshold = 1\nterms = [[\"x\", 1, \"\"]]", 5,
     "'' is no language"},
    {"Example", "[[examples]]\nheadline = \"x\"", 3, "match = true"},
    {"ExampleKey", "[[examples]]\nmatch = true\nhedline = \"x\"", 5, "did you mean 'headline'?"},
    {"ExampleEmpty", "[[examples]]\nmatch = true", 3, "no text"},
};

INSTANTIATE_TEST_SUITE_P(Table, ProfileTomlErrors, testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(ProfileToml, SaysWhereAQueryHasSlipped) {
  for (const char* toml : {"title = \"X\"\n[expressions]\na = \"x\"\nquery = \"$a\"",
                           "title = \"X\"\n[terms.a]\nen = [\"x\"]\nquery = \"$a\"",
                           "title = \"X\"\n[[examples]]\nmatch = true\nquery = \"x\""}) {
    const auto parsed = parse_profile(toml, "x", "x.toml");
    ASSERT_FALSE(parsed) << toml;
    EXPECT_EQ(parsed.error()[0].line, 4U) << toml;
    EXPECT_NE(parsed.error()[0].message.find("put it before the first line in brackets"),
              std::string::npos)
        << parsed.error()[0].message;
  }
}

TEST(ProfileToml, NamesAWrongTypeOnce) {
  for (const char* toml :
       {"title = \"X\"\nquery = [\"x\"]", "title = 1\nquery = \"x\"",
        "title = \"X\"\nquery = \"x\"\nlevel = 3", "title = \"X\"\nquery = \"x\"\ncooldown = 10"}) {
    const auto parsed = parse_profile(toml, "x", "x.toml");
    ASSERT_FALSE(parsed) << toml;
    EXPECT_EQ(parsed.error().size(), 1U) << toml;
  }
}

}  // namespace
}  // namespace wirewatch
