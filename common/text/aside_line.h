// Which lines among the paragraphs of an article are none of its text: who wrote it and when, links
// to other stories, captions, a note on the author, the name above a reader's comment.
//
// Internal to common/text. A line is told by its shape, numbers and capitals, and by few words.
// Pure; linear in the words of the line.

#pragma once

#include <cstdint>
#include <string_view>

#include "common/text/article_text.h"

namespace wirewatch::text_internal {

// A line of the body: tokens [begin, end), not empty, and what follows the last one up to the next.
struct LineWords {
  const ArticleText& text;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::string_view after;

  [[nodiscard]] std::uint32_t size() const { return end - begin; }
};

// "By Jo Doe", "November 19, 2019, 9:02 AM", "Published 2:16 AM EST Nov 20, 2019".
[[nodiscard]] bool is_byline(const LineWords& line);

// "August 22, 2018 at 7:19 am"
[[nodiscard]] bool is_day_and_time(const LineWords& line);

// "Jo Doe on September 12, 2018 at 4:47 pm said:"
[[nodiscard]] bool is_comment_head(const LineWords& line);

// "Neil Young's Plan to Vote Against Trump Suffers Setback": spelt as American headlines are.
[[nodiscard]] bool is_headline_link(const LineWords& line);

// A line that is all in capitals and no sentence: a link to another story.
[[nodiscard]] bool is_loud_link(const LineWords& line);

// The words under a picture, told by the credit that ends them ("(Photo by Jo Doe/Getty Images)",
// "Jo Doe | Bloomberg | Getty Images", "(AP)", "Photo: Reuters") or begins them.
[[nodiscard]] bool is_caption(const LineWords& line);

// Such words with what they are at their beginning: "Image: A market in Lima", "File photo: …".
[[nodiscard]] bool is_labelled_caption(const LineWords& line);

// "More in Amsterdam", "About Jo Doe": what follows is not the article.
[[nodiscard]] bool is_closing_heading(const LineWords& line);

// "Write to Jo Doe at jo@example.org", "Follow @jodoe."
[[nodiscard]] bool has_address(const LineWords& line);

// "About Acme Corp.", "À propos d'Acme": what follows may say who has sent a press release.
[[nodiscard]] bool is_heading_about(const LineWords& line);

// "Jo Doe is a freelance writer based in Toronto.", "The author is a former ambassador."
[[nodiscard]] bool is_note_on_author(const LineWords& line);

}  // namespace wirewatch::text_internal
