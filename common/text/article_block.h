// Where the article lies among the lines of a page.
//
// Internal to common/text. The text of a whole page is menus, teasers of other stories, the
// article, comments and a legal notice, a line each. The article is the run of lines that has the
// greatest score, where lines of running text count for and short lines against: maximum
// subsequence segmentation (Pasternack and Roth, WWW 2009) over the shallow features of
// Kohlschütter, Fankhauser and Nejdl (WSDM 2010). A run that follows the headline's repetition on
// the page is preferred; headings of other stories and of comments end a run.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace wirewatch::text_internal {

struct PageLine {
  std::uint32_t token_count = 0;
  bool ends_sentence = false;
  bool repeated = false;  // The page has the same line again.
  bool title = false;     // It is the headline, or most of it.
  bool comments = false;  // The heading of the readers' comments.
  bool other = false;     // The heading of other stories, or a legal notice.
};

struct LineRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// True for the lines of a whole page: many, and a good part of them of a word or a few.
[[nodiscard]] bool is_page(std::span<const PageLine> lines);

// The article's lines; nothing when there is too little running text to tell. Linear time.
[[nodiscard]] std::optional<LineRange> find_article_block(std::span<const PageLine> lines);

}  // namespace wirewatch::text_internal
