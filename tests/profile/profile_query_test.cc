// The query language by examples: one row per rule of the README's grammar.

#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "tests/profile/profile_test_support.h"

namespace wirewatch {
namespace {

struct Case {
  const char* name;
  const char* query;
  const char* headline;
  const char* body;
  bool expected;
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.name << ": " << row.query;
}

class ProfileQuery : public testing::TestWithParam<Case> {};

TEST_P(ProfileQuery, Matches) {
  const Case& row = GetParam();
  EXPECT_EQ(matches(make_profile("p", row.query), TestArticle(row.headline, row.body)),
            row.expected);
}

constexpr const char* kTitle = "Launch";
constexpr const char* kMissiles =
    "SEOUL, Nov. 24 (Yonhap) -- North Korea fired two missiles on Monday, and the sea was "
    "closed.\n\n"
    "The launch came days after talks failed. Japan protested.\n\n"
    "Officials said the US would respond.";

constexpr Case kCases[] = {
    {"Word", "missiles", kTitle, kMissiles, true},
    {"WordIgnoresCase", "MISSILES", kTitle, kMissiles, true},
    {"WordIsWhole", "missile", kTitle, kMissiles, false},
    {"Phrase", "\"north korea\"", kTitle, kMissiles, true},
    {"PhraseOrder", "\"korea north\"", kTitle, kMissiles, false},
    {"JuxtapositionIsAnd", "missiles talks", kTitle, kMissiles, true},
    {"JuxtapositionNeedsAll", "missiles tsunami", kTitle, kMissiles, false},
    {"And", "missiles AND talks", kTitle, kMissiles, true},
    {"LowerCaseOperators", "tsunami or missiles and not flood", kTitle, kMissiles, true},
    {"Or", "tsunami OR missiles", kTitle, kMissiles, true},
    {"OrBindsLooser", "missiles tsunami OR talks launch", kTitle, kMissiles, true},
    {"Not", "missiles NOT japan", kTitle, kMissiles, false},
    {"NotOfAbsent", "missiles NOT china", kTitle, kMissiles, true},
    {"Parentheses", "missiles (tsunami OR talks)", kTitle, kMissiles, true},
    {"QuotedOperator", "\"and\"", "Bread and butter", "", true},
    {"Comment", "missiles # the word\n talks", kTitle, kMissiles, true},
    {"TypographicQuotes", "“north korea”", kTitle, kMissiles, true},

    {"PrefixWildcard", "missil*", kTitle, kMissiles, true},
    {"PrefixInPhrase", "\"north kor*\"", kTitle, kMissiles, true},
    {"SuffixWildcard", "*iles", kTitle, kMissiles, true},
    {"SuffixWildcardMisses", "*ilex", kTitle, kMissiles, false},
    {"InfixWildcard", "*ssil*", kTitle, kMissiles, true},
    {"OneCharacter", "missile?", kTitle, kMissiles, true},
    {"OneCharacterIsNotNone", "missiles?", kTitle, kMissiles, false},
    {"OneOrNone", "missiles%", kTitle, kMissiles, true},
    {"WildcardInsidePhrase", "\"north k?rea fired\"", kTitle, kMissiles, true},
    {"WildcardInsidePhraseNeedsNeighbour", "\"fired k?rea\"", kTitle, kMissiles, false},
    {"Regex", "/missiles?|rockets?/ fired", kTitle, kMissiles, true},
    {"RegexWithPrefix", "/miss(ile|ive)s?/", kTitle, kMissiles, true},
    {"RegexClassAndCount", "/miss[a-m]{3}s/", kTitle, kMissiles, true},
    {"RegexIsWholeWord", "/missil/", kTitle, kMissiles, false},
    {"PercentOfNumberIsText", "\"5%\"", "Rates up 5 points", "", true},

    {"ExactWord", "=US", kTitle, kMissiles, true},
    {"ExactWordCase", "=US", "Tell us more", "They told us.", false},
    {"ExactPhrase", "=\"White House\"", "White House reacts", "", true},
    {"ExactPhraseCase", "=\"White House\"", "The white house on the hill", "", false},

    {"Near", "korea NEAR/3 missiles", kTitle, kMissiles, true},
    {"NearTooFar", "korea NEAR/1 missiles", kTitle, kMissiles, false},
    {"NearEitherOrder", "missiles NEAR/3 korea", kTitle, kMissiles, true},
    {"OrderedNear", "korea ONEAR/3 missiles", kTitle, kMissiles, true},
    {"OrderedNearWrongOrder", "missiles ONEAR/3 korea", kTitle, kMissiles, false},
    {"NearNotAcrossFields", "launch NEAR/9 korea", kTitle, "Korea", false},
    {"NearOverAlternatives", "(china OR korea) NEAR/3 (rockets OR missil*)", kTitle, kMissiles,
     true},
    {"NearOverConjunction", "(korea AND missiles) NEAR/2 monday", kTitle, kMissiles, true},
    {"NearOverConjunctionTooFar", "(korea AND missiles) NEAR/2 japan", kTitle, kMissiles, false},
    {"NearInsideConjunction", "(korea AND monday) NEAR/0 missiles", kTitle, kMissiles, true},
    {"NearChain", "north NEAR/0 korea NEAR/0 fired", kTitle, kMissiles, true},
    {"NearChainInBetween", "north NEAR/3 fired NEAR/3 korea", kTitle, kMissiles, true},
    {"NearNotItself", "korea NEAR/5 korea", kTitle, "Korea spoke.", false},
    {"NotNear", "missiles NOT NEAR/5 japan", kTitle, kMissiles, true},
    {"NotNearRuledOut", "missiles NOT NEAR/5 korea", kTitle, kMissiles, false},
    {"NotIn", "korea NOT IN \"north korea\"", kTitle, kMissiles, false},
    {"NotInOtherOccurrence", "korea NOT IN \"north korea\"", "Korea talks", kMissiles, true},
    {"Sentence", "korea SENTENCE missiles", kTitle, kMissiles, true},
    {"SentenceCrossed", "talks SENTENCE japan", kTitle, kMissiles, false},
    {"Paragraph", "talks PARAGRAPH japan", kTitle, kMissiles, true},
    {"ParagraphCrossed", "missiles PARAGRAPH japan", kTitle, kMissiles, false},
    {"NotSentence", "japan NOT SENTENCE talks", kTitle, kMissiles, true},
    {"NotParagraph", "japan NOT PARAGRAPH talks", kTitle, kMissiles, false},

    {"Headline", "headline:launch", kTitle, kMissiles, true},
    {"HeadlineOnly", "headline:missiles", kTitle, kMissiles, false},
    {"HeadlineGroup", "headline:(rocket OR launch)", kTitle, kMissiles, true},
    {"Lede", "lede:missiles", kTitle, kMissiles, true},
    {"LedeOnly", "lede:japan", kTitle, kMissiles, false},
    {"Body", "body:japan", kTitle, kMissiles, true},
    {"BodyHasTheLede", "body:missiles", kTitle, kMissiles, true},
    {"BodyNotHeadline", "body:rocket", "Rocket", "Nothing more.", false},
    {"Top", "top:(launch AND missiles)", kTitle, kMissiles, true},
    {"TopNotBody", "top:japan", kTitle, kMissiles, false},
    {"DatelineIsNotDefault", "seoul", kTitle, kMissiles, false},
    {"Dateline", "dateline:seoul", kTitle, kMissiles, true},
    {"Anywhere", "anywhere:seoul", kTitle, kMissiles, true},
    {"ZonedNear", "lede:(korea NEAR/3 missiles)", kTitle, kMissiles, true},
    {"FirstWords", "first/3:korea", kTitle, kMissiles, true},
    {"FirstWordsPassed", "first/3:missiles", kTitle, kMissiles, false},
    {"FirstWordsHasHeadline", "first/3:launch", kTitle, kMissiles, true},

    {"AtLeast", "at least 2 of (korea, japan, china)", kTitle, kMissiles, true},
    {"AtLeastUpperCase", "AT LEAST 2 OF (korea, japan, china)", kTitle, kMissiles, true},
    {"AtLeastTooFew", "at least 2 of (korea, chile, china)", kTitle, kMissiles, false},
    {"AtLeastOfExpressions", "at least 2 of (korea AND talks, chile, \"the launch\")", kTitle,
     kMissiles, true},
    {"AtAsWord", "at launch", "Smoke at launch", "", true},
    {"Times", "times/2:(korea OR japan)", kTitle, kMissiles, true},
    {"TimesTooFew", "times/2:japan", kTitle, kMissiles, false},

    {"Korean", "북한", "북한에서 미사일 발사", "", true},
    {"KoreanWithStar", "북한*", "북한에서 미사일 발사", "", true},
    {"KoreanInsideWord", "북한", "주북한 대사관", "", false},
    {"Chinese", "北朝鲜", "金正恩：北朝鲜将发射卫星", "", true},
    {"ChineseInsideRun", "朝鲜", "金正恩：北朝鲜将发射卫星", "", true},
    {"ChineseWithStars", "*朝鲜*", "金正恩：北朝鲜将发射卫星", "", true},
    {"Japanese", "ミサイル", "北朝鮮がミサイル発射", "", true},
    {"RussianStems", "\"северн* коре*\"", "Запуск в Северной Корее", "", true},
    {"RussianSuffix", "*рее", "Запуск в Северной Корее", "", true},
    {"Arabic", "\"كوريا الشمالية\"", "كوريا الشمالية تطلق صاروخا", "", true},
    {"Turkish", "\"kuzey kore*\"", "Kuzey Kore'nin füzesi", "", true},
    {"DiacriticsFold", "francia NEAR/2 musil", "Francia y Müsil", "", true},
    {"Hindi", "\"उत्तर कोरिया\"", "उत्तर कोरिया ने मिसाइल दागी", "", true},
    {"Thai", "เกาหลีเหนือ", "เกาหลีเหนือยิงขีปนาวุธ", "", true},
    {"Hyphen", "covid-19", "Covid 19 spreads", "", true},
};

INSTANTIATE_TEST_SUITE_P(Table, ProfileQuery, testing::ValuesIn(kCases), kNameOfRow);

TEST(ProfileQueryZones, TailAndRepeatedParagraphsDoNotCountByDefault) {
  const TestArticle article("Launch",
                            "North Korea fired a missile, the South's military said on Monday.\n\n"
                            "North Korea fired a missile, the South's military said on Monday.\n\n"
                            "The launch was condemned in many capitals around the world.\n\n"
                            "Related stories:\n\nTsunami warning lifted in Chile");
  EXPECT_FALSE(matches(make_profile("p", "tsunami"), article));
  EXPECT_TRUE(matches(make_profile("p", "tail:tsunami"), article));
  EXPECT_FALSE(matches(make_profile("p", "times/2:missile"), article));
  EXPECT_TRUE(matches(make_profile("p", "times/2:anywhere:missile"), article));
}

}  // namespace
}  // namespace wirewatch
