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
        {"ContradictoryEnding", "korea AND NOT korea*", {"contradictory"}},
        {"ContradictoryPart", "\"north korea\" AND NOT korea", {"contradictory"}},
        {"ContradictoryPartWithEnding", "\"north koreans\" AND NOT korea*", {"contradictory"}},
        {"NotContradictoryWhole", "korea AND NOT \"north korea\"", {}},
        {"NotContradictoryLonger", "korea* AND NOT korea", {}},
        {"NotContradictoryWildcard", "\"north korea\" AND NOT ko?ea AND missile", {}},
        {"NotInItself", "korea NOT IN \"korea\"", {"contradictory"}},
        {"NotInEnding", "korea NOT IN \"korea*\"", {"contradictory"}},
        {"NotInLonger", "korea NOT IN \"north korea\"", {}},
        {"TwoLanguages", "korea lang:de lang:en", {"contradictory"}},
        {"OneOfTwoLanguages", "korea (lang:de OR lang:en)", {}},
        {"TwoSignals", "korea signal:kill signal:update", {"contradictory"}},
        {"UrgenciesApart", "korea urgency<=3 urgency>=5", {"contradictory"}},
        {"UrgenciesTogether", "korea urgency<=5 urgency>=3", {}},
        {"UrgencyOfNone", "korea urgency<=0", {"unreachable"}},
        {"UnknownLanguage", "korea lang:qq", {"unreachable"}},
        {"SourceWithWildcard", "korea source:\"Reu*\"", {"literal"}},
        {"WordsAmongAlternatives", "korea OR north japan OR china", {"side-by-side"}},
        {"PhraseAmongAlternatives", "korea OR \"north japan\" OR china", {}},
        {"GroupAmongAlternatives", "korea OR (north japan) OR china", {}},
        {"AndAmongAlternatives", "korea OR north AND japan OR china", {}},
        {"SalienceAboveOne", "korea region:KP>1", {"unreachable"}},
        {"SalienceOfOne", "korea region:KP>=1", {}},
        {"ConfidenceOfNone", "korea topic:politics<=0", {"unreachable"}},
        {"NoMentions", "korea mentions:KP<1", {"unreachable"}},
        {"OneMention", "korea mentions:KP<2", {}},
        {"DegreesApart", "korea topic:politics>=0.8 NOT topic:politics", {"contradictory"}},
        {"DegreesApartBelow", "korea region:KP>=0.5 NOT region:KP>=0.3", {"contradictory"}},
        {"DegreesTogether", "korea topic:politics NOT topic:politics>=0.8", {}},
        {"RegionWithinExcluded", "korea region:KP NOT region:Asia", {"contradictory"}},
        {"RegionBesideExcluded", "korea region:KP NOT region:Europe", {}},
        {"RegionAroundExcluded", "korea region:Asia NOT region:KP", {}},
        {"FewMentionsOfMore", "korea mentions:KP<3 NOT mentions:Asia<3", {}},
        {"HeadlineNearBody", "headline:korea NEAR/5 body:missile", {"contradictory"}},
        {"HeadlineWithLede", "lede:(korea OR japan) SENTENCE headline:missile", {"contradictory"}},
        {"HeadlineNearTop", "headline:korea NEAR/5 top:missile", {}},
        {"DatelineNearLede", "dateline:seoul NEAR/5 lede:missile", {}},
        {"WordsAlone", "north japan", {}},
    }),
    kNameOfRow);

TEST(Lint, NamesWhatAnotherProfileSubsumes) {
  EXPECT_EQ(lints_of({with_examples(make_profile("wide", "headline:korea OR headline:japan")),
                      with_examples(make_profile("narrow", "headline:korea AND missile"))}),
            (Strings{"subsumed"}));
}

TEST(Lint, NamesAThresholdThatNothingReaches) {
  ProfileSource source = with_examples(make_profile("p", "korea AND body:missile"));
  source.threshold = 5;
  EXPECT_EQ(lints_of({source}), Strings{});
  source.threshold = 5.5;
  EXPECT_EQ(lints_of({source}), (Strings{"unreachable"}));
  source.query.text = "korea OR region:KP";  // Where there is no term the threshold does not count.
  EXPECT_EQ(lints_of({source}), Strings{});
}

TEST(Lint, NamesATermThatIsExcluded) {
  ProfileSource source = with_examples(make_profile("p", "korea AND missile"));
  source.exclude = {{"Korea House", 2, 12}, {"Korea*", 3, 4}};
  const ProfileSet set = compile({source});
  const auto warnings = lint_profiles(set, {&source, 1});
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].lint, ProfileLint::kContradictory);
  EXPECT_EQ(warnings[0].text.line, 3U);
  EXPECT_TRUE(says(warnings[0].text.message, "korea never counts"));
}

TEST(Lint, NamesWhatAnotherProfileSubsumesByDegree) {
  EXPECT_EQ(lints_of({with_examples(make_profile("wide", "headline:korea AND region:Asia")),
                      with_examples(make_profile("narrow", "headline:korea AND region:KP>=0.5"))}),
            (Strings{"subsumed"}));
}

TEST(Lint, NamesLabelsWithoutAModel) {
  const ProfileSource source = with_examples(make_profile("p", "korea label:crude"));
  const ProfileSet set = compile({source});
  EXPECT_TRUE(lint_profiles(set, {&source, 1}).empty());
  const auto warnings = lint_profiles(set, {&source, 1}, {.labels = false});
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].lint, ProfileLint::kUnreachable);
}

TEST(Lint, NamesOperatorsAmongTheTermsOfAList) {
  ProfileSource source = with_examples(make_profile("p", "$q"));
  source.term_lists.push_back(
      make_list("q", {"korea NEAR/3 launched", "Korea and Japan", "BORN IN KOREA"}));
  EXPECT_EQ(lints_of({source}), (Strings{"literal"}));
  source.term_lists[0].terms[0].text.text = "Korea AND Japan";
  EXPECT_EQ(lints_of({source}), (Strings{"literal"}));
}

TEST(Lint, NamesAnUnknownLanguageOfTermsOnce) {
  ProfileSource source = with_examples(make_profile("p", "$q"));
  source.term_lists.push_back(make_list("q", {"korea", "japan"}));
  for (ProfileTerm& term : source.term_lists[0].terms) term.language = "qq";
  EXPECT_EQ(lints_of({source}), (Strings{"unreachable"}));
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
