// Lines of a page that are none of the article's text, told by their shape.

#include "common/text/aside_line.h"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

#include "common/text/article_text.h"
#include "common/text/zone_labeler.h"

namespace wirewatch {
namespace {

using text_internal::LineWords;

struct LineCase {
  const char* line;
  // Letters: a heading of what is said about who sends it, b byline, c head of a comment, d day and
  // time, h heading of what follows an article, k link all in capitals, l link, n note on the
  // author, p words under a picture, w with an address to write to.
  const char* kinds;
};

class AsideLine : public testing::TestWithParam<LineCase> {};

TEST_P(AsideLine, IsToldByItsShape) {
  const TextAnalyzer analyzer;
  ArticleText text;
  std::string body = GetParam().line;
  body += "\nEnd";
  analyzer.analyze("", body, text);
  const std::uint32_t end = text.token_count() - 1;
  const LineWords line{text, 0, end, text.gap_before(end)};
  std::string kinds;
  if (is_heading_about(line)) kinds += 'a';
  if (is_byline(line)) kinds += 'b';
  if (is_comment_head(line)) kinds += 'c';
  if (is_day_and_time(line)) kinds += 'd';
  if (is_closing_heading(line)) kinds += 'h';
  if (is_loud_link(line)) kinds += 'k';
  if (is_headline_link(line)) kinds += 'l';
  if (is_note_on_author(line)) kinds += 'n';
  if (is_caption(line)) kinds += 'p';
  if (has_address(line)) kinds += 'w';
  EXPECT_EQ(kinds, GetParam().kinds) << GetParam().line;
}

INSTANTIATE_TEST_SUITE_P(
    All, AsideLine,
    testing::Values(
        LineCase{"By Jo Doe", "b"}, LineCase{"Von Jo Doe", "b"}, LineCase{"by the river", ""},
        LineCase{"Associated Press November 19, 2019, 9:02 AM", "bdl"},
        LineCase{"Published 2:16 AM EST Nov 20, 2019", "bd"},
        LineCase{"by ライトハウス / 2016.12.01", "b"}, LineCase{"21/06/2014 Jo Doe", "b"},
        LineCase{"The school opened on November 19, 2019.", ""},
        LineCase{"— Governor Jo Doe (@jodoe) November 18, 2019", "w"},
        LineCase{"In 2019 it opened", ""},
        LineCase{"Jo Doe on September 12, 2018 at 4:47 pm said:", "bcd"}, LineCase{"He said:", ""},
        LineCase{"Mayor's Plan to Close the Old School Suffers Setback Over Costs", "l"},
        LineCase{"Steelers’ Mike Tomlin admits club’s role in the long affair", ""},
        LineCase{"Still Four Ports", ""}, LineCase{"August 22, 2018 at 7:19 am", "bd"},
        LineCase{"More in Amsterdam", "h"}, LineCase{"About Jo Doe", "ah"},
        LineCase{"À propos de Nordgrid", "a"}, LineCase{"About the new school", ""},
        LineCase{"About 300 Pupils came on Friday.", ""}, LineCase{"More schools", ""},
        LineCase{"The Mayor Said That He Would Close the Old School.", ""},
        LineCase{"市长星期五出席了新学校的开学典礼", ""},
        LineCase{"Jo Doe is a freelance writer based in Lima.", "n"},
        LineCase{"Jo ist Redakteurin der Zeitung in Leeds.", "n"},
        LineCase{"The writer is a former ambassador to Kenya.", "n"},
        LineCase{"The writers of the school paper met on Friday.", ""},
        LineCase{"Write to Jo Doe at jo.doe@example.org", "w"},
        LineCase{"MAYOR OPENS SCHOOL AFTER YEARS", "k"},
        LineCase{"MAYOR OPENS SCHOOL AFTER YEARS.", ""}, LineCase{"UN NATO EU meet", ""},
        LineCase{"Pupils wait for the mayor (Photo by Jo Doe/Getty Images)", "p"},
        LineCase{"Pupils wait for the mayor. Jo Doe | Bloomberg | Getty Images", "p"},
        LineCase{"Pupils wait for the mayor (AP)", "p"},
        LineCase{"Pupils wait for the mayor (submitted photo)", "p"},
        LineCase{"Image caption Pupils wait for the mayor", "p"},
        LineCase{"Pupils wait for the mayor to show a photo of the school.", ""},
        LineCase{"Lima is a city where reporters wait for the mayor of the town.", ""},
        LineCase{"The mayor is a friend of pupils and parents in the town.", ""}));

TEST(ZoneLabeler, StandfirstAndNotesOnTheAuthorSayNothing) {
  std::string body;
  for (int i = 0; i < 20; ++i) body += "Menu " + std::to_string(i) + "\n";
  body +=
      "The mayor opens a new school\n"
      "Parents in the town have waited for the school for years, and so has Peru, they say.\n"
      "By Jo Doe\n"
      "The mayor opened the new school on Friday with a speech to parents and pupils of the town.\n"
      "Parents had waited for the school for more than four years, and they said so to the mayor.\n"
      "Mayor of Lima Plans to Close Ten Schools at Once\n"
      "Pupils will use the new rooms from Monday on, when their old ones are to be torn down.\n"
      "The old school, on the other bank of the river, was built a hundred and ten years ago.\n"
      "Jo Doe is a freelance writer based in Lima. Her work has appeared in several papers.\n";
  const TextAnalyzer analyzer;
  ArticleText text;
  analyzer.analyze("The mayor opens a new school", body, text);
  ZoneLabeler().label(text);
  std::string zones;
  for (const ZoneSpan& zone : text.zones()) {
    if (!zones.empty()) zones += ' ';
    zones += to_string(zone.zone);
    if (zone.repeated) zones += '*';
  }
  EXPECT_EQ(zones, "headline tail body* lede body tail body tail");
}

}  // namespace
}  // namespace wirewatch
