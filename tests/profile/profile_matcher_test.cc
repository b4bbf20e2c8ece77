// Predicates, lists, evidence, sharing and presearch of the matcher.

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/profile/word_frequencies.h"
#include "tests/profile/profile_test_support.h"

namespace wirewatch {
namespace {

using Strings = std::vector<std::string>;

constexpr const char* kBody =
    "SEOUL, Nov. 24 (Yonhap) -- North Korea fired two missiles on Monday, and the sea was "
    "closed.\n\n"
    "Japan protested against the launch. North Korea did not comment.";

struct Case {
  const char* name;
  const char* query;
  bool expected;
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.query;
}

class ProfilePredicates : public testing::TestWithParam<Case> {};

TEST_P(ProfilePredicates, Hold) {
  TestArticle article("Missiles over Japan", kBody);
  article.about("KP", 0.61F).about("JP", 0.2F);
  article.mention("KP", Field::kBody, "North Korea").mention("JP", Field::kHeadline, "Japan");
  article.mention("KR", Field::kBody, "SEOUL", false);
  article.topic(11000000, 0.93F).topic(16000000, 0.4F);
  article.topics().language = "en";
  article.article().source = "Yonhap News Agency";
  article.article().source_uri = "https://en.yna.co.kr/";
  article.article().urgency = 2;
  article.article().signal = Signal::kCorrection;
  article.article().carried.push_back({"genres", R"([{"name":"Opinion","uri":"x"}])"});
  article.topics().labels.push_back({"reuters", "crude", 0.8F});
  EXPECT_EQ(matches(make_profile("p", GetParam().query), article), GetParam().expected);
}

constexpr Case kPredicates[] = {
    {"Region", "region:KP", true},
    {"RegionAbsent", "region:US", false},
    {"RegionByName", "region:\"North Korea\"", true},
    {"RegionByAlpha3", "region:PRK", true},
    {"RegionByNumber", "region:408", true},
    {"RegionByNumberOfAnother", "region:840", false},
    {"RegionGroup", "region:030", true},
    {"RegionGroupByName", "region:\"Eastern Asia\"", true},
    {"RegionGroupAbsent", "region:Africa", false},
    {"RegionSalience", "region:KP>=0.5", true},
    {"RegionSalienceTooLow", "region:JP>=0.5", false},
    {"RegionBelow", "region:JP<0.5", true},
    {"Mentions", "mentions:JP", true},
    {"MentionsNotCounted", "mentions:KR", false},
    {"MentionsInDateline", "dateline:mentions:KR", true},
    {"MentionsInHeadline", "headline:mentions:JP", true},
    {"MentionsNotInHeadline", "headline:mentions:KP", false},
    {"MentionsCount", "mentions:KP>=2", false},
    {"MentionsNear", "mentions:KP NEAR/2 missiles", true},
    {"MentionsNotNear", "mentions:JP NEAR/2 launch", false},
    {"Topic", "topic:politics", true},
    {"TopicById", "topic:medtop:16000000", true},
    {"TopicByNumber", "topic:11000000", true},
    {"TopicConfidence", "topic:conflict>=0.5", false},
    {"TopicAbsent", "topic:sport", false},
    {"Label", "label:crude", true},
    {"LabelOfScheme", "label:reuters:crude", true},
    {"LabelOfAnotherScheme", "label:desk:crude", false},
    {"LabelConfidence", "label:reuters:crude>0.9", false},
    {"Language", "lang:en", true},
    {"LanguageOther", "lang:ko", false},
    {"Source", "source:yonhap", true},
    {"SourcePhrase", "source:\"Yonhap News\"", true},
    {"SourceDomain", "source:\"yna.co.kr\"", true},
    {"SourcePartOfWord", "source:yon", false},
    {"SourceOtherSigns", "source:\"Yonhap-News, Agency.\"", true},
    {"SourceCurlyQuotes", "source:“Yonhap News”", true},
    {"RegionCurlyQuotes", "region:“North Korea”", true},
    {"Urgency", "urgency<=3", true},
    {"UrgencyEqual", "urgency:2", true},
    {"UrgencyOther", "urgency>2", false},
    {"Signal", "signal:correction", true},
    {"SignalOther", "signal:kill", false},
    {"Genre", "genre:opinion", true},
    {"GenreOther", "genre:op", false},
    {"GenreNameOfAMember", "genre:name", false},
    {"Combined", "region:KP missil* NOT genre:opinion", false},
};

// Each name stands twice in the next: evidence at every place that the first one has in the query
// would take longer than the universe is old.
TEST(ProfileMatcher, NamesMadeOfNamesAreLookedAtOnce) {
  constexpr int kLevels = 60;
  ProfileSource source = make_profile("p", "$n" + std::to_string(kLevels));
  source.expressions.push_back({"n0", {"alpha OR gamma", 1, 1}});
  for (int i = 1; i <= kLevels; ++i) {
    const std::string name = "$n" + std::to_string(i - 1);
    const std::string number = std::to_string(i);
    source.expressions.push_back(
        {"n" + number,
         {"(" + name + " OR x" + number + ") AND (" + name + " OR y" + number + ")", 1, 1}});
  }
  EXPECT_TRUE(matches(source, TestArticle("Alpha", "")));
  EXPECT_FALSE(matches(source, TestArticle("Beta", "")));
  const auto set = ProfileSet::compile({&source, 1});
  ASSERT_TRUE(set);
  ProfileScratch scratch;
  const TestArticle alpha("Alpha", "");
  const TestArticle beta("Beta", "");
  EXPECT_NE(ProfileMatcher(*set).explain(ProfileIndex(0), alpha.input(), scratch).find("p matches"),
            std::string::npos);
  EXPECT_NE(
      ProfileMatcher(*set).explain(ProfileIndex(0), beta.input(), scratch).find("does not match"),
      std::string::npos);
}

// Every pair of places is asked whether it lies in one sentence. A walk from the one to the other
// each time would take minutes here.
TEST(ProfileMatcher, LongSentencesAreWalkedOnce) {
  constexpr int kWords = 180'000;
  std::string body;
  for (int i = 0; i < kWords; ++i) body += "alpha ";
  const TestArticle right("", body + "omega");
  const TestArticle left("", "omega " + body);
  const TestArticle apart("", body + "beta. " + "omega");
  for (const TestArticle* article : {&right, &left}) {
    EXPECT_TRUE(matches(make_profile("p", "alpha SENTENCE omega"), *article));
    EXPECT_TRUE(matches(make_profile("p", "omega PARAGRAPH alpha"), *article));
    EXPECT_FALSE(matches(make_profile("p", "alpha NOT SENTENCE omega"), *article));
    EXPECT_FALSE(matches(make_profile("p", "alpha NOT PARAGRAPH omega"), *article));
  }
  EXPECT_FALSE(matches(make_profile("p", "alpha SENTENCE omega"), apart));
  EXPECT_TRUE(matches(make_profile("p", "alpha NOT SENTENCE omega"), apart));
}

INSTANTIATE_TEST_SUITE_P(Table, ProfilePredicates, testing::ValuesIn(kPredicates), kNameOfRow);

TEST(ProfileLists, PlainListHasAnyOfItsTerms) {
  ProfileSource source = make_profile("p", "headline:$dprk");
  source.term_lists.push_back(make_list("dprk", {"north korea*", "=DPRK", "북한"}));
  EXPECT_TRUE(matches(source, TestArticle("North Korean envoy", "")));
  EXPECT_TRUE(matches(source, TestArticle("DPRK envoy", "")));
  EXPECT_FALSE(matches(source, TestArticle("The dprk envoy", "")));
  EXPECT_FALSE(matches(source, TestArticle("Envoy", "North Korea sent him.")));
}

TEST(ProfileLists, TermsOfOneLanguage) {
  ProfileSource source = make_profile("p", "$poison");
  source.term_lists.push_back(make_list("poison", {"poison", "gift"}));
  source.term_lists[0].terms[1].language = "de";
  TestArticle english("A gift for the king", "");
  english.topics().language = "en";
  TestArticle german("Gift im Wasser", "");
  german.topics().language = "de";
  EXPECT_FALSE(matches(source, english));
  EXPECT_TRUE(matches(source, german));
  EXPECT_TRUE(matches(source, TestArticle("Gift", "")));  // Of unknown language.
  source.query.text = "$poison.de";
  EXPECT_TRUE(matches(source, english));  // Asked for by name, they count in any article.
}

TEST(ProfileLists, TermsOfOneLanguageAreAskedForByIt) {
  ProfileSource source = make_profile("p", "$names.ko");
  source.term_lists.push_back(make_list("names", {"korea", "북한"}));
  source.term_lists[0].terms[0].listed = "en";
  source.term_lists[0].terms[1].listed = "ko";
  EXPECT_TRUE(matches(source, TestArticle("북한 발사", "")));
  EXPECT_FALSE(matches(source, TestArticle("Korea", "")));
}

// Norwegian is stated as "no", "nb" and "nn".
TEST(ProfileLists, CodesOfOneLanguageAreOne) {
  ProfileSource source = make_profile("p", "$rates");
  source.term_lists.push_back(make_list("rates", {"renten"}));
  source.term_lists[0].terms[0].language = "no";
  TestArticle article("Renten settes opp", "");
  article.topics().language = "nb";
  EXPECT_TRUE(matches(source, article));
  EXPECT_TRUE(matches(make_profile("p", "lang:no"), article));
  EXPECT_TRUE(matches(make_profile("p", "lang:nb"), article));
  article.topics().language = "de";
  EXPECT_FALSE(matches(source, article));
  EXPECT_FALSE(matches(make_profile("p", "lang:nb"), article));
}

ProfileSource quake_profile() {
  ProfileSource source = make_profile("quakes", "$quake");
  ProfileTermList list =
      make_list("quake", {"earthquake*", "magnitude", "epicent*", "film", "tsunami"});
  list.weighted = true;
  list.threshold = 4;
  const std::vector<float> weights = {3, 1, 2, -5, 3};
  for (std::size_t i = 0; i < weights.size(); ++i) list.terms[i].weight = weights[i];
  source.term_lists.push_back(list);
  return source;
}

TEST(ProfileLists, WeightsAddUpToTheThreshold) {
  const ProfileSource source = quake_profile();
  EXPECT_FALSE(matches(source, TestArticle("Earthquake", "It was felt.")));
  EXPECT_TRUE(matches(source, TestArticle("Earthquake", "Its magnitude was 6.")));
  EXPECT_FALSE(matches(source, TestArticle("Earthquake film", "Its magnitude was 6.")));
  const ProfileMatches result =
      match(compile({source}), TestArticle("Earthquake, tsunami", "magnitude 7, magnitude 8"));
  ASSERT_EQ(result.matches.size(), 1U);
  EXPECT_FLOAT_EQ(result.matches[0].score, 7);
  EXPECT_FLOAT_EQ(result.matches[0].threshold, 4);
}

// In floats 0.7 and 0.9 are less than 1.6; editors count in decimals.
TEST(ProfileLists, DecimalWeightsReachTheSumThatTheyAre) {
  ProfileSource source = make_profile("decimal", "$words");
  ProfileTermList list = make_list("words", {"quake", "tremor", "film"});
  list.weighted = true;
  list.threshold = 1.6F;
  const std::vector<float> weights = {0.7F, 0.9F, -0.1F};
  for (std::size_t i = 0; i < weights.size(); ++i) list.terms[i].weight = weights[i];
  source.term_lists.push_back(list);
  EXPECT_TRUE(matches(source, TestArticle("Quake and tremor", "")));
  EXPECT_FALSE(matches(source, TestArticle("Tremor", "")));
  EXPECT_FALSE(matches(source, TestArticle("Quake and tremor on film", "")));
  // The same where the profile's own threshold is compared with the weights of a list's terms.
  source.term_lists[0].threshold = 0.7F;
  source.query.text = "$words OR volcano";
  source.threshold = 1.6;
  EXPECT_TRUE(matches(source, TestArticle("Quake and tremor", "")));
  EXPECT_FALSE(matches(source, TestArticle("Tremor", "")));
}

TEST(ProfileLists, OccurrencesCountUpToTheLimit) {
  ProfileSource source = quake_profile();
  source.term_lists[0].occurrence_max = 2;
  EXPECT_TRUE(matches(source, TestArticle("Earthquake", "A second earthquake.")));
  EXPECT_FALSE(matches(source, TestArticle("Magnitude", "magnitude magnitude magnitude")));
}

TEST(ProfileLists, APlaceCountsOnceForTheLongestTerm) {
  ProfileSource source = make_profile("p", "$bank");
  ProfileTermList list =
      make_list("bank", {"interest rate", "rate", "film", "film festival", "rates*", "rates"});
  list.weighted = true;
  const std::vector<float> weights = {3, 2, -5, 1, 1, 2};
  for (std::size_t i = 0; i < weights.size(); ++i) list.terms[i].weight = weights[i];
  list.occurrence_max = 2;
  source.term_lists.push_back(list);
  const ProfileSet set = compile({source});
  const auto score = [&](const char* headline) {
    const ProfileMatches result = match(set, TestArticle(headline, ""));
    return result.matches.empty() ? 0.0F : result.matches[0].score;
  };
  EXPECT_FLOAT_EQ(score("Interest rate"), 3);
  EXPECT_FLOAT_EQ(score("Interest rate, birth rate"), 5);
  EXPECT_FLOAT_EQ(score("Interest rate, birth rate, death rate, tax rate"), 7);
  EXPECT_FLOAT_EQ(score("Film festival"), 1);  // Not the negative term inside it.
  EXPECT_FLOAT_EQ(score("Rates"), 2);          // Of equal places the greater weight.
}

TEST(ProfileLists, WeightedListsStandInProximityByTheirPositiveTerms) {
  ProfileSource source = quake_profile();
  source.query.text = "$quake NEAR/2 chile";
  EXPECT_TRUE(matches(source, TestArticle("Tsunami off Chile", "")));
  EXPECT_FALSE(matches(source, TestArticle("A film on Chile", "")));
  source.query.text = "times/2:$quake";
  EXPECT_TRUE(matches(source, TestArticle("Tsunami after earthquake", "")));
  EXPECT_FALSE(matches(source, TestArticle("Tsunami film", "")));
}

TEST(ProfileLists, UnreachableThresholdIsRefused) {
  ProfileSource source = quake_profile();
  source.term_lists[0].threshold = 50;
  const auto set = ProfileSet::compile({&source, 1});
  ASSERT_FALSE(set);
  EXPECT_TRUE(says(set.error()[0].message, "cannot reach"));
}

// As the region matcher finds a country's name behind "and", "by", "for" and the article.
TEST(ProfileTerms, AreFoundWithWhatIsWrittenOntoThem) {
  struct Row {
    const char* query;
    const char* headline;
    const char* language;
    bool expected;
  };
  for (const Row& row :
       {Row{"أوكرانيا", "دعم وأوكرانيا", "ar", true}, Row{"أوكرانيا", "دعم لأوكرانيا", "", true},
        Row{"صاروخ", "سقط الصاروخ", "ar", true}, Row{"صاروخ*", "هجوم بالصاروخية", "ar", true},
        Row{"الصين", "زيارة للصين", "ar", true},
        Row{"\"كوريا الشمالية\"", "زيارة لكوريا الشمالية", "ar", true},
        Row{"\"كوريا الشمالية\" NEAR/1 زيارة", "زيارة وكوريا الشمالية", "ar", true},
        Row{"times/2:صاروخ", "صاروخ والصاروخ", "ar", true},
        Row{"אוקראינה", "שיגור באוקראינה", "he", true},
        Row{"=أوكرانيا", "دعم وأوكرانيا", "ar", false},
        Row{"أوكرانيا", "دعم وأوكرانيا", "fa", false},  // Persian has no such forms.
        Row{"حرب", "خبرحرب", "ar", false}}) {
    TestArticle article(row.headline, "");
    article.topics().language = row.language;
    EXPECT_EQ(matches(make_profile("p", row.query), article), row.expected)
        << row.query << " in " << row.headline;
  }
  ProfileSource source = make_profile("p", "كوريا");
  source.exclude = {{"بيت كوريا", 1, 1}};
  EXPECT_FALSE(matches(source, TestArticle("في وبيت كوريا", "")));
  // A term counts once, whatever its form.
  source = make_profile("p", "صاروخ");
  source.threshold = 4;
  EXPECT_FALSE(matches(source, TestArticle("صاروخ", "سقط الصاروخ")));
}

TEST(ProfileExclusions, OccurrencesInsideThemDoNotCount) {
  ProfileSource source = make_profile("p", "korea OR strik*");
  source.exclude = {{"Korea House", 1, 1}, {"strikes deal", 1, 1}};
  EXPECT_FALSE(matches(source, TestArticle("Fans meet at Korea House", "")));
  EXPECT_TRUE(matches(source, TestArticle("Fans from Korea meet at Korea House", "")));
  EXPECT_FALSE(matches(source, TestArticle("OpenAI strikes deal", "")));
  EXPECT_TRUE(matches(source, TestArticle("Strikes hit port", "")));
}

TEST(ProfileExclusions, SpareALongerTermThatHasAllOfThem) {
  ProfileSource source = make_profile("p", "korea OR \"korea house\" OR \"house of korea house\"");
  source.exclude = {{"korea", 1, 1}};
  EXPECT_FALSE(matches(source, TestArticle("Fans from Korea", "")));
  EXPECT_TRUE(matches(source, TestArticle("Fans meet at Korea House", "")));
  source.exclude.push_back({"korea house", 1, 1});
  EXPECT_FALSE(matches(source, TestArticle("Fans meet at Korea House", "")));
  source.exclude.push_back({"house of korea", 1, 1});
  EXPECT_TRUE(matches(source, TestArticle("Fans meet at House of Korea House", "")));
  source.exclude.push_back({"korea house fans", 1, 1});  // Of which the term has two words.
  EXPECT_FALSE(matches(source, TestArticle("Meeting house of Korea House fans", "")));
}

TEST(ProfileExclusions, HaveNoWildcardsButOpenEndings) {
  const auto said = [](const char* exclusion) {
    ProfileSource source = make_profile("p", "korea");
    source.exclude = {{exclusion, 4, 12}};
    const auto set = ProfileSet::compile({&source, 1});
    return set ? std::string() : to_text(set.error().front());
  };
  EXPECT_TRUE(says(said("k?rea house"), ":4:12: an exclusion has no wildcard but '*'"));
  EXPECT_TRUE(says(said("new *korea"), "write '*korea' out"));
  EXPECT_TRUE(says(said("Korea-*"), ":4:12: '-' parts words, and '*' ends one; write Korea,"));
  for (const char* plain : {"korea hous*", "Who Wants Korea?", "5% of Korea", "\u671d\u9c9c*"})
    EXPECT_EQ(said(plain), "") << plain;
}

TEST(ProfileScore, MustReachTheThreshold) {
  ProfileSource source = make_profile("p", "korea OR \"north korea\" OR missiles");
  source.threshold = 3;
  EXPECT_TRUE(matches(source, TestArticle("Korea", "")));
  EXPECT_TRUE(matches(source, TestArticle("Launch", kBody)));  // Two terms of the lede.
  // The shorter of two terms at one place adds nothing.
  EXPECT_FALSE(matches(source, TestArticle("Launch", "North Korea spoke.")));
  source.query.text = "region:KP";
  TestArticle article("Launch", kBody);
  EXPECT_TRUE(matches(source, article.about("KP", 0.5F)));  // No terms to weigh.
}

TEST(ProfileScore, APhraseWithWildcardsIsOneTerm) {
  const TestArticle article("Fukushima plant", "");
  const auto score = [&](const char* query) {
    const ProfileMatches result = match(compile({make_profile("p", query)}), article);
    return result.matches.empty() ? 0.0F : result.matches[0].score;
  };
  EXPECT_FLOAT_EQ(score("\"fukushima plant\""), 3);
  EXPECT_FLOAT_EQ(score("\"*shima plant\""), 3);
  EXPECT_FLOAT_EQ(score("\"fuku?hima pl?nt\" OR \"*shima plant\""), 3);
  EXPECT_FLOAT_EQ(score("*shima ONEAR/0 plant"), 6);  // Two terms, as they are written.
  EXPECT_FLOAT_EQ(score("\"*shima plant\" OR (*shima ONEAR/0 plant)"), 3);  // Inside the longer.
}

Strings evidence_of(const ProfileSet& set, const TestArticle& article) {
  const ProfileMatches result = match(set, article);
  Strings out;
  for (const Evidence& evidence : result.evidence_of(result.matches.at(0))) {
    out.push_back(std::string(evidence.clause) + "@" + std::string(to_string(evidence.zone)) + "=" +
                  std::string(article.text().source(evidence.span)));
  }
  return out;
}

TEST(ProfileEvidence, BestZoneFirstAndOneOfEachClauseFirst) {
  const ProfileSet set = compile({make_profile("p", "\"north korea\" AND missil* AND NOT flood")});
  EXPECT_EQ(evidence_of(set, TestArticle("North Korea protests", kBody)),
            (Strings{"north korea@headline=North Korea", "missil*@lede=missiles",
                     "north korea@lede=North Korea", "north korea@body=North Korea"}));
}

TEST(ProfileEvidence, OneTermAtOnePlaceIsToldOnce) {
  const auto set = compile({make_profile("p", "headline:korea OR (korea AND lede:launch)")});
  EXPECT_EQ(evidence_of(set, TestArticle("Korea protests", "The launch was on Friday.")),
            (Strings{"korea@headline=Korea", "launch@lede=launch"}));
}

TEST(ProfileEvidence, ProximityShowsThePairAndNotOtherOccurrences) {
  const ProfileSet set = compile({make_profile("p", "korea NEAR/3 comment")});
  EXPECT_EQ(evidence_of(set, TestArticle("Launch", kBody)),
            (Strings{"korea@body=Korea", "comment@body=comment"}));
}

TEST(ProfileEvidence, APhraseWithWildcardsIsToldAsAWhole) {
  const ProfileSet set = compile({make_profile("p", "\"nort? k*rea pro*ts\" AND protests")});
  EXPECT_EQ(
      evidence_of(set, TestArticle("North Korea protests", "")),
      (Strings{"nort? k*rea pro*ts@headline=North Korea protests", "protests@headline=protests"}));
}

TEST(ProfileEvidence, RegionShowsItsMentions) {
  const ProfileSet set = compile({make_profile("p", "region:KP")});
  TestArticle article("Launch", kBody);
  article.about("KP", 0.5F).mention("KP", Field::kBody, "North Korea");
  EXPECT_EQ(evidence_of(set, article), (Strings{"region:KP@lede=North Korea"}));
  EXPECT_FLOAT_EQ(match(set, article).evidence[0].weight, 0.5F);
}

// "clause: step > step" of every piece.
Strings paths_of(const ProfileSource& source, const TestArticle& article) {
  const ProfileSet set = compile({source});
  const ProfileMatches result = match(set, article);
  Strings out;
  for (const Evidence& evidence : result.evidence_of(result.matches.at(0))) {
    std::string text(evidence.clause);
    for (std::uint32_t i = evidence.path_begin; i < evidence.path_end; ++i) {
      text += (i == evidence.path_begin ? ": " : " > ") + std::string(result.path[i]);
    }
    out.push_back(text);
  }
  return out;
}

TEST(ProfileEvidence, PathTellsOperatorsAndNames) {
  const TestArticle article("Launch", "Korea fired missiles.");
  EXPECT_EQ(paths_of(make_profile("p", "korea"), article), (Strings{"korea"}));
  EXPECT_EQ(paths_of(make_profile("p", "korea AND missiles"), article),
            (Strings{"korea", "missiles"}));
  EXPECT_EQ(paths_of(make_profile("p", "korea AND (flood OR fired NEAR/3 missiles)"), article),
            (Strings{"korea", "fired: AND > OR > NEAR/3", "missiles: AND > OR > NEAR/3"}));
  EXPECT_EQ(paths_of(make_profile("p", "at least 2 of (korea, times/1:missiles, storm)"), article),
            (Strings{"korea: at least 2 of", "missiles: at least 2 of"}));
}

TEST(ProfileEvidence, PathTellsNamesThatTheQueryTakesIn) {
  const TestArticle article("Launch", "Korea fired missiles at Japan.");
  ProfileSource source = make_profile("p", "$places AND ($arms OR flood)");
  source.term_lists = {make_list("north", {"pyongyang", "korea"}),
                       make_list("rockets", {"missiles", "rockets"})};
  source.expressions = {{"places", {"$north OR japan", 2, 1}, false},
                        {"arms", {"$rockets NEAR/3 (fired OR seoul)", 3, 1}, false}};
  EXPECT_EQ(paths_of(source, article),
            (Strings{"korea: AND > $places > $north", "fired: AND > OR > $arms > NEAR/3 > OR",
                     "missiles: AND > OR > $arms > NEAR/3 > $rockets", "japan: AND > $places"}));
  // A name for a clause, and one for the whole query.
  source.query.text = "$all";
  source.expressions = {{"all", {"$one AND $rockets", 2, 1}, false},
                        {"one", {"korea", 3, 1}, false}};
  EXPECT_EQ(paths_of(source, article),
            (Strings{"korea: $all > $one", "missiles: $all > $rockets"}));
}

TEST(ProfileEvidence, PresearchNamesTheClauseThatFoundTheProfile) {
  TestArticle article("Launch", kBody);
  article.about("KP", 0.5F);
  const auto found_by = [&](const char* query) {
    const ProfileSet set = compile({make_profile("p", query)});
    const ProfileMatches result = match(set, article);
    return result.matches.size() == 1 ? std::string(result.matches[0].presearch) : "no match";
  };
  EXPECT_EQ(found_by("korea AND protest*"), "protest*");
  EXPECT_EQ(found_by("flood OR =Japan OR storm"), "Japan");
  EXPECT_EQ(found_by("region:KP AND the"), "region:KP");
  EXPECT_EQ(found_by("region:US OR region:030 OR flood"), "region:030");
  EXPECT_EQ(found_by("NOT flood"), "");
}

TEST(ProfileEvidence, IsBounded) {
  std::string query = "w0";
  std::string body = "w0";
  for (int i = 1; i < 100; ++i) {
    query += " OR w" + std::to_string(i);
    body += " w" + std::to_string(i) + " w" + std::to_string(i);
  }
  EXPECT_EQ(match(compile({make_profile("p", query)}), TestArticle("x", body)).evidence.size(),
            ProfileMatcher::kEvidenceMax);
}

TEST(ProfileSetTest, ProfilesAndFind) {
  ProfileSource source = make_profile("north-korea", "korea");
  source.title = "North Korea";
  source.level = AlertLevel::kUrgent;
  source.destination = "alerts.asia";
  const ProfileSet set = compile({source});
  const auto index = set.find("north-korea");
  ASSERT_TRUE(index);
  EXPECT_EQ(set.profile(*index).title, "North Korea");
  EXPECT_EQ(set.profile(*index).level, AlertLevel::kUrgent);
  EXPECT_EQ(set.profile(*index).destination, "alerts.asia");
  EXPECT_EQ(set.profile(*index).version.text().size(), 16U);
  EXPECT_FALSE(set.find("south-korea"));
}

TEST(ProfileSetTest, VersionFollowsTheContent) {
  const auto version = [](const ProfileSource& source) {
    return std::string(compile({source}).profiles()[0].version.text());
  };
  ProfileSource source = make_profile("p", "$a");
  source.term_lists = {make_list("a", {"x"}), make_list("b", {"y"})};
  source.term_lists[1].shared = true;
  const std::string before = version(source);
  source.description = "Only words for people";
  source.term_lists[1].terms[0].text.text = "z";  // Not used by the query.
  EXPECT_EQ(version(source), before);
  source.term_lists[0].terms[0].text.text = "z";
  EXPECT_NE(version(source), before);
}

TEST(ProfileSetTest, DuplicateIdsAreRefused) {
  const std::vector<ProfileSource> sources = {make_profile("p", "a"), make_profile("p", "b")};
  const auto set = ProfileSet::compile(sources);
  ASSERT_FALSE(set);
  EXPECT_TRUE(says(set.error()[0].message, "taken"));
}

TEST(ProfileSetTest, EqualSubExpressionsAreOne) {
  std::vector<ProfileSource> sources;
  for (int i = 0; i < 50; ++i) {
    const std::string number = std::to_string(i);
    sources.push_back(
        make_profile("p" + number, "(korea OR corea) AND (missile* OR rocket*) AND x" + number));
  }
  // Four words, two alternatives, and for each profile a word and a conjunction.
  EXPECT_EQ(compile(sources).node_count(), 6U + 100U);
}

TEST(ProfilePresearch, OnlyProfilesWhoseRarePartIsThereAreLookedAt) {
  const ProfileSet set = compile(
      {make_profile("a", "said AND ballistic"), make_profile("b", "said AND photosynthesis"),
       make_profile("c", "region:KP AND said"), make_profile("d", "headline:korea"),
       make_profile("e", "urgency<=2"),
       make_profile("f", "at least 2 of (said, korea, photosynthesis)")});
  TestArticle article("Launch", "Korea said the ballistic test went well.");
  article.about("KP", 0.5F);
  const ProfileMatches result = match(set, article);
  Strings candidates;
  for (const ProfileCandidate& candidate : result.candidates) {
    candidates.push_back(set.profile(candidate.profile).id);
    EXPECT_GT(candidate.steps, 0U);
  }
  EXPECT_EQ(candidates, (Strings{"a", "c", "e", "f"}));
  EXPECT_FALSE(set.profile(*set.find("e")).anchored);
  EXPECT_EQ(result.matches.size(), 3U);
}

TEST(ProfilePresearch, AlternativesAndPredicatesThatAreRequiredAreAskedForToo) {
  const ProfileSet set =
      compile({make_profile("a", "ballistic AND (photosynthesis OR chlorophyll)"),
               make_profile("b", "ballistic NEAR/9 (launches OR photosynthesis)"),
               make_profile("c", "ballistic AND region:KP"),
               make_profile("d", "ballistic AND region:JP AND NOT chlorophyll"),
               make_profile("e", "ballistic AND at least 2 of (chlorophyll, launches, starch)")});
  TestArticle article("Launch", "Two ballistic launches were seen.");
  article.about("KP", 0.5F);
  Strings candidates;
  for (const ProfileCandidate& candidate : match(set, article).candidates)
    candidates.push_back(set.profile(candidate.profile).id);
  EXPECT_EQ(candidates, (Strings{"b", "c", "e"}));
}

TEST(ProfilePresearch, FilesUnderTheWordsThatASampleHasLeast) {
  // By their forms "war" is common and "photosynthesis" rare; the articles of this desk differ.
  auto frequencies = std::make_shared<WordFrequencies>();
  for (int i = 0; i < 50; ++i) {
    const TestArticle article("Photosynthesis", i == 0 ? "war" : "Leaves and light.");
    frequencies->add(article.text());
  }
  frequencies->finish();
  EXPECT_EQ(frequencies->article_count(), 50U);
  const std::vector<ProfileSource> sources = {make_profile("p", "war AND photosynthesis")};
  const TestArticle article("Photosynthesis", "Leaves in the war.");
  const ProfileSet guessed = compile(sources);
  EXPECT_EQ(match(guessed, article).matches[0].presearch, "photosynthesis");
  const auto set = ProfileSet::compile(sources, frequencies);
  ASSERT_TRUE(set);
  EXPECT_EQ(match(*set, article).matches[0].presearch, "war");
  const auto later = ProfileSet::compile(sources, *set);
  ASSERT_TRUE(later);
  EXPECT_EQ(match(*later, article).matches[0].presearch, "war");
}

TEST(WordFrequenciesTest, SharesAreThoseOfTheSample) {
  WordFrequencies frequencies;
  for (int i = 0; i < 990; ++i) {
    const TestArticle article("Missile test", i % 2 == 0 ? "missiles and missiles 朝鲜" : "鲜");
    frequencies.add(article.text());
  }
  frequencies.finish();
  EXPECT_FLOAT_EQ(frequencies.share("missile", false, 0), 0.99F);
  EXPECT_FLOAT_EQ(frequencies.share("missiles", false, 0), 0.495F);
  EXPECT_FLOAT_EQ(frequencies.share("missil", true, 0), 0.99F);
  EXPECT_FLOAT_EQ(frequencies.share("missil", false, 0), 0);
  EXPECT_FLOAT_EQ(frequencies.share("absent", false, 0.1F), 0.001F);
  EXPECT_GT(frequencies.share("absent", false, 0.2F), frequencies.share("lacking", false, 0.1F));
  // Characters are words there.
  EXPECT_FLOAT_EQ(frequencies.share("朝", false, 0), 0.495F);
  EXPECT_LT(frequencies.share("朝鲜", false, 0), frequencies.share("朝", false, 0));
}

TEST(ProfileScratchTest, ServesSetsAndArticlesOfAllSizes) {
  const ProfileSet small = compile({make_profile("p", "korea")});
  std::vector<ProfileSource> sources;
  for (int i = 0; i < 100; ++i) {
    sources.push_back(make_profile("p" + std::to_string(i), "w" + std::to_string(i)));
  }
  const ProfileSet large = compile(sources);
  const ProfileSet none;
  const TestArticle article("Korea w7 w99", "");
  const TestArticle empty("", "");
  ProfileScratch scratch;
  ProfileMatches out;
  for (int round = 0; round < 3; ++round) {
    ProfileMatcher(small).match(article.input(), scratch, out);
    EXPECT_EQ(out.matches.size(), 1U);
    ProfileMatcher(large).match(article.input(), scratch, out);
    EXPECT_EQ(out.matches.size(), 2U);
    ProfileMatcher(large).match(empty.input(), scratch, out);
    EXPECT_TRUE(out.matches.empty());
    ProfileMatcher(none).match(article.input(), scratch, out);
    EXPECT_TRUE(out.matches.empty());
  }
}

}  // namespace
}  // namespace wirewatch
