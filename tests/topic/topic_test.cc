#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "common/text/zone_labeler.h"
#include "common/topic/topic_classifier.h"

namespace wirewatch {
namespace {

const TopicLexicon& lexicon() {
  static const TopicLexicon instance = [] {
    std::ifstream file(WIREWATCH_SOURCE_DIR "/common/topic/data/seed_words.tsv");
    std::stringstream text;
    text << file.rdbuf();
    auto parsed = TopicLexicon::parse(text.str());
    if (!parsed) {
      ADD_FAILURE() << parsed.error();
      std::abort();
    }
    return std::move(*parsed);
  }();
  return instance;
}

struct Case {
  const char* name;
  const char* headline;
  const char* body;
  std::uint32_t topic;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

class Topics : public testing::TestWithParam<Case> {};

TEST_P(Topics, BestIs) {
  ArticleText text;
  TextAnalyzer().analyze(GetParam().headline, GetParam().body, text);
  ZoneLabeler().label(text);
  TopicScratch scratch;
  TopicResult result;
  TopicClassifier(lexicon()).classify(text, "", scratch, result);
  ASSERT_FALSE(result.topics.empty());
  EXPECT_EQ(result.topics[0].id.value(), GetParam().topic);
  EXPECT_LE(result.topics[0].confidence, 1);
}

INSTANTIATE_TEST_SUITE_P(
    Table, Topics,
    testing::Values(
        Case{"economy", "Central bank raises rates",
             "The bank raised its interest rate to curb inflation.", 4000000},
        Case{"football", "Late goal decides final",
             "The striker scored in the last minute of the match.", 15000000},
        Case{"war", "Missiles hit port", "Troops fired missiles at the port during the offensive.",
             16000000},
        Case{"quake", "Strong earthquake shakes coast",
             "Rescuers searched the rubble after the quake.", 3000000},
        Case{"health", "Cholera outbreak spreads", "Hospitals treated hundreds of patients.",
             7000000},
        Case{"german", "Zentralbank erhöht Leitzins", "Die Inflation bleibt hoch, sagten Banken.",
             4000000},
        Case{"russian", "Землетрясение на Камчатке", "Спасатели сообщили о разрушениях.", 3000000},
        Case{"korean", "한국은행, 기준금리 인상", "물가 상승을 막기 위해 금리를 올렸다.", 4000000},
        Case{"chinese", "足球比赛结果", "球队在比赛中获胜，教练表示满意。", 15000000},
        Case{"arabic", "زلزال يضرب المدينة", "قالت فرق إنقاذ إن الزلزال دمر منازل.", 3000000},
        Case{"hindi", "भूकंप के झटके", "बचाव दल मौके पर पहुंचा।", 3000000}),
    [](const testing::TestParamInfo<Case>& row) { return std::string(row.param.name); });

TEST(TopicLexicon, ErrorsNameTheLine) {
  const auto parsed = TopicLexicon::parse("# x\n99000000\tword\n");
  ASSERT_FALSE(parsed);
  EXPECT_NE(parsed.error().find("line 2"), std::string::npos);
}

TEST(Topic, NamesOfIptc) {
  EXPECT_EQ(topic_name(TopicId(11000000)), "politics and government");
  EXPECT_EQ(topic_name(TopicId(1)), "");
}

}  // namespace
}  // namespace wirewatch
