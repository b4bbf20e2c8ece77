// Doubts about profiles that compile.

#include "common/profile/profile_lint.h"

#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/profile/profile_test_support.h"

namespace wirewatch {
namespace {

using Strings = std::vector<std::string>;

struct Case {
  const char* name;
  const char* query;
  Strings lints;
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.query;
}

ProfileSource with_examples(ProfileSource source) {
  for (const bool must_match : {true, true, false, false}) {
    source.examples.push_back({must_match, "x", "", "", 1});
  }
  return source;
}

Strings lints_of(const std::vector<ProfileSource>& sources) {
  Strings lints;
  for (const ProfileWarning& warning : lint_profiles(compile(sources), sources)) {
    lints.emplace_back(to_string(warning.lint));
  }
  return lints;
}

class Lints : public testing::TestWithParam<Case> {};

TEST_P(Lints, Are) {
  EXPECT_EQ(lints_of({with_examples(make_profile("p", GetParam().query))}), GetParam().lints);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Lints,
    testing::ValuesIn(std::vector<Case>{
        {"Clean", "\"north korea\" AND missil*", {}},
        {"Unanchored", "NOT flood", {"unanchored", "over-broad"}},
        {"UrgencyAlone", "urgency<=1", {"unanchored", "over-broad"}},
        {"LanguageAndUrgency", "lang:ko AND urgency<=2", {"unanchored"}},
        {"UnanchoredAlternative", "korea OR NOT flood", {"unanchored", "over-broad"}},
        {"Contradictory", "missile AND korea AND NOT korea", {"contradictory"}},
        {"ContradictoryList", "headline:korea AND NOT (korea OR japan)", {"contradictory"}},
        {"ContradictoryNear", "(korea NEAR/3 missile) AND NOT missile", {"contradictory"}},
        {"NotContradictory", "korea AND NOT headline:korea", {}},
        {"OverBroad", "the", {"over-broad"}},
    }),
    kNameOfRow);

TEST(Lint, NamesWhatAnotherProfileSubsumes) {
  EXPECT_EQ(lints_of({with_examples(make_profile("wide", "headline:korea OR headline:japan")),
                      with_examples(make_profile("narrow", "headline:korea AND missile"))}),
            (Strings{"subsumed"}));
}

TEST(Lint, NamesUnusedNamesAndFewExamples) {
  ProfileSource source = make_profile("p", "$a");
  source.expressions = {{"a", {"$b", 2, 1}, false},
                        {"b", {"korea", 3, 1}, false},
                        {"c", {"japan", 4, 1}, false},
                        {"d", {"china", 5, 1}, true}};
  EXPECT_EQ(lints_of({source}), (Strings{"unused-expression", "too-few-examples"}));
}

}  // namespace
}  // namespace wirewatch
