// The article among the lines of a page, and the rules that find it one by one.

#include "common/text/article_block.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/text/article_text.h"
#include "common/text/zone_labeler.h"

namespace wirewatch {
namespace {

using text_internal::find_article_block;
using text_internal::is_page;
using text_internal::PageLine;

// Lines by letters: m menu, p prose, s a short sentence, b a brief one, d a long line without a
// full stop that is no prose, r repeated prose, t the headline, c a heading of comments, o one of
// other stories.
std::vector<PageLine> lines_of(std::string_view letters) {
  std::vector<PageLine> lines;
  for (const char letter : letters) {
    PageLine line{.token_count = 2};
    switch (letter) {
      case 'p':
        line = {.token_count = 30, .ends_sentence = true};
        break;
      case 's':
        line = {.token_count = 9, .ends_sentence = true};
        break;
      case 'b':
        line = {.token_count = 4, .ends_sentence = true};
        break;
      case 'd':
        line.token_count = 14;
        break;
      case 'r':
        line = {.token_count = 30, .ends_sentence = true, .repeated = true};
        break;
      case 't':
        line = {.token_count = 9, .title = true};
        break;
      case 'c':
        line.comments = true;
        break;
      case 'o':
        line.other = true;
        break;
      default:
        break;
    }
    lines.push_back(line);
  }
  return lines;
}

// The block as letters, with what is before and after parted by bars.
std::string block_of(std::string_view letters) {
  const auto block = find_article_block(lines_of(letters));
  if (!block) return "none";
  std::string out(letters);
  out.insert(block->end, "|");
  return out.insert(block->begin, "|");
}

TEST(ArticleBlock, IsTheRunOfProseAmongMenus) {
  EXPECT_EQ(block_of("mmmmpppspppmmmm"), "mmmm|pppsppp|mmmm");
}

TEST(ArticleBlock, HasShortLinesInside) {
  EXPECT_EQ(block_of("mmmmpppmpppmdppmmmmmmm"), "mmmm|pppmpppmdpp|mmmmmmm");
}

TEST(ArticleBlock, HasBriefSentencesInside) {
  EXPECT_EQ(block_of("mmmmtsbmbsbbmmmmm"), "mmmmt|sbmbsbb|mmmmm");
}

TEST(ArticleBlock, LeavesOutTeasersFarAway) {
  EXPECT_EQ(block_of("pmmmmmpppppmmmmmmmmpmmpmm"), "pmmmmm|ppppp|mmmmmmmmpmmpmm");
}

TEST(ArticleBlock, FollowsTheHeadlineEvenWhenCommentsAreLonger) {
  EXPECT_EQ(block_of("mmmtmppcpmpppppppppppp"), "mmmtm|pp|cpmpppppppppppp");
}

TEST(ArticleBlock, ChoosesTheHeadlineThatAnArticleFollows) {
  EXPECT_EQ(block_of("tmmmmmsmmmmmmmmmmmmmmmmmmmmmmmtmpppp"),
            "tmmmmmsmmmmmmmmmmmmmmmmmmmmmmmtm|pppp|");
}

TEST(ArticleBlock, DistrustsAHeadlineBeforeNextToNothing) {
  EXPECT_EQ(block_of("tsmmmmmmmmmmmmmmmmpppppppp"), "tsmmmmmmmmmmmmmmmm|pppppppp|");
}

TEST(ArticleBlock, EndsAtTheHeadingOfOtherStories) {
  EXPECT_EQ(block_of("mmpppopmpm"), "mm|ppp|opmpm");
}

TEST(ArticleBlock, DoesNotCountWhatThePageHasTwice) {
  EXPECT_EQ(block_of("rrrrrmmmmmppp"), "rrrrrmmmmm|ppp|");
}

TEST(ArticleBlock, IsNowhereWithoutProse) {
  EXPECT_EQ(block_of("mmmmmmdmmm"), "none");
  EXPECT_EQ(block_of(""), "none");
}

TEST(ArticleBlock, PagesHaveManyShortLines) {
  EXPECT_TRUE(is_page(lines_of("mmmmmmmmpppppppppppp")));
  EXPECT_FALSE(is_page(lines_of("mmmmmmmppppppppppppp")));
  EXPECT_FALSE(is_page(lines_of("mmmmmmmmmmppppppppp")));  // Too few lines.
  EXPECT_FALSE(is_page(lines_of("ssssssssssssssssssss")));
}

constexpr std::string_view kMenu =
    "Home\nWorld\nAfrica\nFrance\nGermany\nSport\nWeather\nSign in\nSearch\nVideo\n";
constexpr std::string_view kStory =
    "Rescue teams reached the last of the villages cut off by the flood on Friday, the governor of "
    "the province said.\n"
    "More than four hundred people had waited on roofs for two days, according to the fire "
    "service.\n"
    "Aid\n"
    "The road will stay closed for weeks because two of its bridges were carried away by the "
    "water, engineers said after a first look.\n";

// Text of the zones of a kind, a bar between them.
std::string text_in(Zone zone, std::string_view headline, std::string_view body) {
  ArticleText text;
  TextAnalyzer().analyze(headline, body, text);
  ZoneLabeler().label(text);
  std::string out;
  for (const ZoneSpan& span : text.zones()) {
    if (span.zone != zone) continue;
    if (!out.empty()) out.push_back('|');
    out += text.source(span.span);
  }
  return out;
}

// Thai ends sentences with nothing, so that no line of it ends inside of one.
TEST(Pages, LinesOfThaiAreParagraphs) {
  const std::string lede = "ทหารไทยเหยียบกับระเบิดที่ชายแดน กองทัพกล่าวเมื่อวันศุกร์";
  const std::string next = "นายกรัฐมนตรีสั่งชะลอการปล่อยตัวเชลยศึก 18 นายออกไปก่อน";
  const std::string related = "ข่าวที่เกี่ยวข้อง: ไต้หวันเตรียมรับมือไต้ฝุ่นลูกใหม่";
  const std::string body = lede + "\n" + next + "\nด่านปอยเปตจะยังไม่เปิด รัฐบาลย้ำ\n" +
                           "ชาวบ้านสองฝั่งต้องรออีกหลายวัน\n" + related;
  EXPECT_EQ(text_in(Zone::kLede, "ทหารเหยียบกับระเบิด", body), lede);
  EXPECT_EQ(text_in(Zone::kTail, "ทหารเหยียบกับระเบิด", body), related);
}

// Where no letters are capitals, lines without full stops are broken for their length only if they
// are about as wide as each other.
TEST(Pages, LinesWithoutFullStopsAreParagraphs) {
  const std::string lede =
      "قال متحدث باسم الجيش يوم الجمعة إن القوات سيطرت على البلدة بعد قتال استمر ثلاثة أيام في "
      "ضواحيها الشرقية";
  const std::string story =
      "وأضاف أن السكان عادوا إلى منازلهم\n"
      "وكانت منظمات الإغاثة قد حذرت من نقص الغذاء والدواء في المخيمات "
      "القريبة من الحدود خلال الأسبوع الماضي\n"
      "ولم يصدر تعليق من الطرف الآخر\n";
  const std::string related = "اقرأ أيضا: فيضانات في الهند تشرد الآلاف";
  const std::string body = lede + "\n" + story + related;
  EXPECT_EQ(text_in(Zone::kLede, "الجيش يسيطر على البلدة", body), lede);
  EXPECT_EQ(text_in(Zone::kTail, "الجيش يسيطر على البلدة", body), related);
  const std::string wrapped =
      "قال متحدث باسم الجيش يوم الجمعة إن القوات سيطرت\n"
      "على البلدة بعد قتال استمر ثلاثة أيام في ضواحيها\n"
      "الشرقية وإن السكان عادوا إلى منازلهم بعد هدنة\n"
      "قصيرة رعتها الأمم المتحدة بين الطرفين المتحاربين\n"
      "وكانت منظمات الإغاثة قد حذرت من نقص الغذاء فيها";
  EXPECT_EQ(text_in(Zone::kLede, "الجيش يسيطر على البلدة", wrapped), wrapped);
}

TEST(Pages, MenusAndTeasersAreTail) {
  const std::string headline = "Flood rescue ends in the last villages";
  const std::string page = std::string(kMenu) + headline + " - Example News\nBy A. Writer\n" +
                           std::string(kStory) +
                           "More stories\nCanada votes for a new parliament on Sunday, and a close "
                           "race is expected by all pollsters in the country.\nSport\nPeru\nChile\n"
                           "Terms of use\n";
  const std::string tail = text_in(Zone::kTail, headline, page);
  EXPECT_NE(tail.find("Germany"), std::string::npos);
  EXPECT_NE(tail.find("Canada"), std::string::npos);
  EXPECT_NE(tail.find("Peru"), std::string::npos);
  EXPECT_EQ(tail.find("governor"), std::string::npos);
  EXPECT_EQ(text_in(Zone::kLede, headline, page), std::string(kStory.substr(0, kStory.find('\n'))));
  EXPECT_NE(text_in(Zone::kBody, headline, page).find("bridges"), std::string::npos);
}

TEST(Pages, ATeaserOfTheStoryDoesNotMakeTheStoryARepetition) {
  const std::string lede(kStory.substr(0, kStory.find('\n')));
  const std::string page = std::string(kMenu) + lede + "\n" + std::string(kMenu) + "Flood\n" +
                           std::string(kStory) + std::string(kMenu);
  EXPECT_EQ(text_in(Zone::kLede, "Flood", page).substr(0, 12), "More than fo");
  EXPECT_NE(text_in(Zone::kBody, "Flood", page).find("bridges"), std::string::npos);
}

TEST(Pages, AnArticleOfItsOwnIsNoPage) {
  EXPECT_EQ(text_in(Zone::kTail, "Flood rescue ends", kStory), "");
}

TEST(Pages, ATableOfResultsStaysText) {
  std::string body(kStory);
  for (int i = 0; i < 30; ++i)
    body += "Peru " + std::to_string(i) + " Chile 0, after extra time.\n";
  body += "The next round of the cup is played on Sunday in the capital, the federation said.";
  EXPECT_EQ(text_in(Zone::kTail, "Cup results", body), "");
}

TEST(Comments, TheirHeadingIsTailAndTheWordInTheStoryIsNot) {
  EXPECT_EQ(text_in(Zone::kTail, "Head", std::string(kStory) + "\n12 comments"), "12 comments");
  EXPECT_EQ(text_in(Zone::kTail, "Head",
                    "Comments by the minister on Friday drew an angry answer from the union of "
                    "the teachers.\n\nThe strike goes on, its chairman said in the evening."),
            "");
}

}  // namespace
}  // namespace wirewatch
