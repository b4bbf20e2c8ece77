// Explanations name what is there, what is missing and how near it was.

#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "tests/profile/profile_test_support.h"

namespace wirewatch {
namespace {

struct Case {
  const char* name;
  const char* query;
  const char* part;  // Of the explanation.
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.query;
}

std::string explain(const ProfileSource& source, const TestArticle& article) {
  const ProfileSet set = compile({source});
  ProfileScratch scratch;
  return ProfileMatcher(set).explain(ProfileIndex(0), article.input(), scratch);
}

class Explanations : public testing::TestWithParam<Case> {};

TEST_P(Explanations, Say) {
  TestArticle article(
      "Missiles over Japan",
      "SEOUL, Nov. 24 (Yonhap) -- North Korea fired two missiles on Monday, and the sea was "
      "closed.\n\nThe launch was condemned. Tokyo spoke of us and them.");
  article.about("JP", 0.7F).mention("KP", Field::kBody, "North Korea").topic(11000000, 0.9F);
  article.article().source = "Yonhap";
  article.article().signal = Signal::kUpdate;
  article.article().carried.push_back({"genres", R"([{"name":"Opinion","uri":"x:1"}])"});
  article.topics().labels.push_back({"desk", "crude", 0.8F});
  EXPECT_TRUE(says(explain(make_profile("p", GetParam().query), article), GetParam().part));
}

constexpr Case kCases[] = {
    {"Match", "missiles", "p matches, score 3, threshold 1"},
    {"MatchShowsPlace", "missiles", "+ \"missiles\" in the headline 0-8: \"Missiles over Japan\""},
    {"MatchShowsAbsence", "missiles NOT flood", "+ absent, as wanted: \"flood\""},
    {"Miss", "flood", "p does not match"},
    {"MatchShowsPresearch", "missiles AND korea", "found by \"missiles\""},
    {"MatchShowsEvidence", "missiles AND korea", "missiles in the headline 0-8, weight 3\n"},
    {"MatchShowsPath", "missiles AND (flood OR korea)",
     "korea in the lede 33-38, weight 2, within AND > OR\n"},
    {"MissNoCandidate", "flood",
     "not looked at further: it requires \"flood\", which is not there"},
    {"MissNoCandidateOfMany", "flood OR storm OR region:US",
     "\"storm\", region:US, none of which is there"},
    {"MissSecondTerm", "korea AND missiles AND condemned AND protested",
     " is there, but not all else that it requires"},
    {"MissTerm", "flood", "\"flood\" does not occur"},
    {"MissZone", "headline:korea", "occurs only in the lede, which does not count here"},
    {"MissZoneShowsText", "headline:korea", "Korea fired"},
    {"MissExact", "=US", "is spelled differently"},
    {"MissAll", "missiles AND flood", "needs all of 2 parts; 1 is missing"},
    {"MissAny", "flood OR storm", "none of 2 alternatives holds"},
    {"MissNear", "korea NEAR/1 missiles", "the nearest are 2 words apart"},
    {"MissOrder", "missiles ONEAR/5 korea", "not in this order"},
    {"MissSentence", "launch SENTENCE tokyo", "never in one sentence"},
    {"MissSide", "korea NEAR/3 flood", "a side is missing"},
    {"MissNotNear", "korea NOT NEAR/3 missiles", "every occurrence is ruled out"},
    {"MissNot", "launch NOT korea", "excluded by \"korea\""},
    {"MissNotShowsWhich", "launch NOT (flood OR tokyo)", "\n      + \"tokyo\" in the body"},
    {"MissRegion", "region:KP", "the article is about JP (0.7); it is mentioned 1 time"},
    {"MissTopic", "topic:sport", "the topics are politics"},
    {"MissQuorum", "at least 2 of (korea, flood, storm)", "1 of the 2 wanted of 3 parts hold"},
    {"MissTimes", "times/3:korea", "found 1 time of 3"},
    {"MissUrgency", "urgency<=2", "no urgency"},
    {"MissTopicConfidence", "topic:politics>=0.95", "the topics are politics and government (0.9)"},
    {"MissGenre", "genre:analysis", "the genres are Opinion, x:1"},
    {"MissLabel", "label:grain", "the labels are desk:crude (0.8)"},
    {"MissLanguage", "lang:ko", "the language is unknown"},
    {"MissSignal", "signal:kill", "the signal is update"},
    {"MatchShowsTopic", "topic:politics",
     "+ topic:politics: the topics are politics and government (0.9)\n"},
    {"MatchShowsRegion", "region:JP", "+ region:JP: the article is about JP (0.7); it is"},
    {"MatchShowsSource", "missiles source:Yonhap", "+ source:Yonhap: the source is Yonhap\n"},
    {"MatchShowsGenre", "genre:opinion", "+ genre:opinion: the genres are Opinion"},
    {"MatchShowsLabel", "label:crude", "+ label:crude: the labels are desk:crude (0.8)\n"},
    {"MatchOfPredicates", "topic:politics", "no term is there to be weighed"},
};

INSTANTIATE_TEST_SUITE_P(Table, Explanations, testing::ValuesIn(kCases), kNameOfRow);

TEST(Explanation, ShowsAListsScoreAndTerms) {
  ProfileSource source = make_profile("p", "$quake");
  ProfileTermList list = make_list("quake", {"earthquake*", "magnitude", "tsunami"});
  list.weighted = true;
  list.threshold = 3;
  source.term_lists.push_back(list);
  const std::string text = explain(source, TestArticle("Earthquake", "The magnitude was 4."));
  EXPECT_TRUE(says(text, "- $quake reaches 2 of 3"));
  EXPECT_TRUE(says(text, "+ \"magnitude\", weight 1"));
}

TEST(Explanation, SaysWhereACountryIsNamedFirstOfAll) {
  TestArticle article("Missiles over Japan", "The missiles crossed Japan.");
  article.about("JP", 0.7F);
  article.mention("JP", Field::kHeadline, "Japan").mention("JP", Field::kBody, "Japan");
  EXPECT_TRUE(says(explain(make_profile("p", "region:JP"), article),
                   "it is mentioned 2 times, foremost in the headline 14-19: \"Missiles over"));
}

TEST(Explanation, SaysWhenTheScoreIsTooLow) {
  ProfileSource source = make_profile("p", "korea");
  source.threshold = 4;
  EXPECT_TRUE(says(explain(source, TestArticle("Korea", "")), "under the threshold: score 3 of 4"));
}

TEST(Explanation, CountsCharacters) {
  const std::string text = explain(make_profile("p", "북한"), TestArticle("오늘 북한이 발사", ""));
  EXPECT_TRUE(says(text, "+ \"북한\" in the headline 3-5: "));
  EXPECT_TRUE(says(text, "북한 in the headline 3-5, weight 3\n"));
}

TEST(Explanation, SaysWhyAListsTermsDoNotCount) {
  ProfileSource source = make_profile("p", "$poison");
  ProfileTermList list = make_list("poison", {"gift", "toxin"});
  list.terms[0].language = "de";
  list.weighted = true;
  source.term_lists.push_back(list);
  TestArticle article("A gift", "");
  article.topics().language = "en";
  const std::string text = explain(source, article);
  EXPECT_TRUE(says(text, "- $poison reaches 0 of 1"));
  EXPECT_TRUE(says(text, "- \"gift\" counts only in articles in 'de'"));
}

TEST(Explanation, TellsWhichTermOfAListStandsInsideAnother) {
  ProfileSource source = make_profile("p", "$bank");
  ProfileTermList list = make_list("bank", {"interest rate", "rate"});
  list.weighted = true;
  source.term_lists.push_back(list);
  const std::string text = explain(source, TestArticle("Interest rate cut", ""));
  EXPECT_TRUE(says(text, "+ $bank reaches 1 of 1"));
  EXPECT_TRUE(says(text, "+ \"rate\", weight 1, only inside other terms, adds nothing,"));
}

// Lists of twenty languages written out say nothing to anybody.
TEST(Explanation, CallsListsByTheirNames) {
  ProfileSource source = make_profile("p", "$craft NEAR/5 top:$fall NOT $film");
  source.term_lists.push_back(make_list("craft", {"plane", "vliegtuig*"}));
  source.term_lists.push_back(make_list("fall", {"crash*", "neergestort"}));
  source.term_lists.push_back(make_list("film", {"film", "movie"}));
  const std::string missed = explain(source, TestArticle("Plane lands", ""));
  EXPECT_TRUE(says(missed, "- ($craft NEAR/5 top:$fall): a side is missing"));
  EXPECT_TRUE(says(missed, "- none of the 2 of top:$fall holds: top:\"crash*\""));
  EXPECT_TRUE(says(missed, "+ NOT $film"));
  const std::string excluded = explain(source, TestArticle("Film of a plane crash", ""));
  EXPECT_TRUE(says(excluded, "- excluded by $film in the headline 0-4"));
}

TEST(Explanation, TellsWhichListsHaveNoTermsOfTheArticlesLanguage) {
  ProfileSource source = make_profile("p", "$craft $fall NOT $film");
  source.term_lists.push_back(make_list("craft", {"plane", "fly"}));
  source.term_lists[0].terms[0].listed = "en";
  source.term_lists[0].terms[1].listed = "no";
  source.term_lists.push_back(make_list("fall", {"crash"}));
  source.term_lists[1].terms[0].listed = "en";
  source.term_lists.push_back(make_list("film", {"film", "movie"}));
  for (ProfileTerm& term : source.term_lists[2].terms) term.listed = "en";
  TestArticle article("Fly styrtet", "");
  article.topics().language = "nb";
  EXPECT_TRUE(says(explain(source, article),
                   "the article is in 'no', of which there are no terms in $fall\n"));
  article.topics().language = "en";
  EXPECT_FALSE(says(explain(source, article), "of which there are no terms"));
}

TEST(Explanation, ShowsAPhraseWithWildcardsAsItIsWritten) {
  const ProfileSource source = make_profile("p", "headline:\"*shima plant\"");
  EXPECT_TRUE(says(explain(source, TestArticle("Fukushima plant", "")),
                   "+ headline:\"*shima plant\" in the headline 0-15"));
  const std::string missed = explain(source, TestArticle("Fukushima", ""));
  EXPECT_TRUE(says(missed, "- headline:\"*shima plant\": a word is missing"));
  EXPECT_TRUE(says(missed, "- headline:\"plant\" does not occur"));
}

TEST(Explanation, NamesTheExcludedPhrase) {
  ProfileSource source = make_profile("p", "korea");
  source.exclude = {{"Korea House", 1, 1}};
  EXPECT_TRUE(says(explain(source, TestArticle("Fans at Korea House", "")),
                   "occurs only in words of an excluded phrase"));
}

// Of several conditions the one that failed is named, of several occurrences the one that came
// nearest.
TEST(Explanation, NamesTheConditionThatATermFailed) {
  ProfileSource source = make_profile("p", "=Korea");
  source.exclude = {{"Korea House", 1, 1}};
  EXPECT_TRUE(says(explain(source, TestArticle("Fans at Korea House", "")),
                   "in words of an excluded phrase: \"Fans at Korea House\""));
  EXPECT_TRUE(says(explain(source, TestArticle("Fans of korea", "")), "is spelled differently"));
  source.query.text = "first/2:korea";
  EXPECT_TRUE(says(explain(source, TestArticle("Fans", "Korea House is closed")),
                   "in words of an excluded phrase"));
  source.query.text = "headline:=Korea";
  EXPECT_TRUE(says(explain(source, TestArticle("Fans of korea", "Korea won")),
                   "is spelled differently: \"Fans of korea\""));
}

}  // namespace
}  // namespace wirewatch
