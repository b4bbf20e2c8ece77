#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "common/base/hash.h"
#include "common/text/article_block.h"
#include "common/text/zone_work.h"

namespace wirewatch {

namespace {

using text_internal::ends_sentence;
using text_internal::PageLine;

constexpr std::size_t kCommentLinesMax = 8;       // Of one comment.
constexpr std::size_t kStoryParagraphsMin = 2;    // A caption with less beside it may be the story.
constexpr std::size_t kStandfirstParagraphs = 8;  // Up to the byline.
constexpr std::uint32_t kStandfirstTokensMax = 120;
constexpr std::size_t kTitleWordsMax = 64;

// The distinct words of a headline, for comparing lines with it.
class Title {
 public:
  explicit Title(std::span<const std::uint64_t> hashes) : length_(hashes.size()) {
    count_ = distinct(hashes, words_);
  }

  // True when the line is the headline, most of it, or it without the name of the site.
  [[nodiscard]] bool is_in(std::span<const std::uint64_t> line) const {
    if (count_ == 0 || line.size() > 2 * length_ + 4) return false;
    Words words;
    const std::size_t word_count = distinct(line, words);
    const auto common = static_cast<std::size_t>(
        std::count_if(words.begin(), words.begin() + word_count, [&](auto word) {
          return std::binary_search(words_.begin(), words_.begin() + count_, word);
        }));
    if (count_ >= 3 && common * 10 >= count_ * 7 && common * 10 >= word_count * 6) return true;
    return word_count >= 3 && common * 10 >= word_count * 9 && common * 2 >= count_;
  }

 private:
  using Words = std::array<std::uint64_t, 2 * kTitleWordsMax + 4>;

  static std::size_t distinct(std::span<const std::uint64_t> hashes, Words& words) {
    const auto end =
        std::copy_n(hashes.begin(), std::min(hashes.size(), words.size()), words.begin());
    std::sort(words.begin(), end);
    return static_cast<std::size_t>(std::unique(words.begin(), end) - words.begin());
  }

  std::size_t length_;
  Words words_{};
  std::size_t count_ = 0;
};

}  // namespace

// The cue of a line that is a heading: "Related stories", "12 comments".
const text_internal::Cue* ZoneLabeler::Impl::heading_at(const Work& work,
                                                        const Paragraph& paragraph) const {
  if (work.size_of(paragraph) > kHeadingTokensMax + kHeadingTokensMax / 2) return nullptr;
  std::uint32_t token = paragraph.token_begin;
  const char lead = work.text.folded(token)[0];
  if (lead >= '0' && lead <= '9' && token + 1 < paragraph.token_end) ++token;
  const Cue* cue = cue_at(work, token, paragraph.token_end);
  if (cue == nullptr) return nullptr;
  return cue->kind == CueKind::kComments || work.size_of(paragraph) <= kHeadingTokensMax ? cue
                                                                                         : nullptr;
}

// In the text of a whole page: the paragraphs that are the article.
void ZoneLabeler::Impl::find_article(Work& work) const {
  if (work.hard_wrapped) return;
  std::vector<PageLine>& lines = work.scratch.page_lines;
  lines.clear();
  for (const Paragraph& paragraph : work.paragraphs) {
    // Up to the line's end: what follows may be dashes, stars and the like.
    std::string_view gap = work.gap_after(paragraph.token_end - 1);
    gap = gap.substr(0, gap.find('\n'));
    lines.push_back({.token_count = work.size_of(paragraph), .ends_sentence = ends_sentence(gap)});
  }
  if (!text_internal::is_page(lines)) return;
  const Title title(work.hashes.first(work.body_begin));
  std::vector<std::uint64_t>& line_hashes = work.scratch.page_hashes;
  line_hashes.clear();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    Paragraph& paragraph = work.paragraphs[i];
    const auto words = work.hashes.subspan(paragraph.token_begin, lines[i].token_count);
    paragraph.hash = 0;
    for (const std::uint64_t word : words) paragraph.hash = hash_combine(paragraph.hash, word);
    line_hashes.push_back(paragraph.hash);
    if (const Cue* cue = heading_at(work, paragraph); cue != nullptr) {
      lines[i].comments = cue->kind == CueKind::kComments;
      lines[i].other = cue->kind == CueKind::kLegal ||
                       (cue->kind == CueKind::kRelated && !is_link(work, paragraph, *cue));
    }
    lines[i].other = lines[i].other || is_closing_heading(work.line_of(paragraph));
    lines[i].comments = lines[i].comments || is_comment_head(work.line_of(paragraph));
    lines[i].title = !lines[i].comments && title.is_in(words);  // No "12 responses to …".
  }
  mark_dated_comments(work);
  std::sort(line_hashes.begin(), line_hashes.end());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto same =
        std::equal_range(line_hashes.begin(), line_hashes.end(), work.paragraphs[i].hash);
    lines[i].repeated = same.second - same.first > 1;
  }
  const auto block = text_internal::find_article_block(lines);
  if (!block) return;
  work.page = true;
  work.first = block->begin;
  work.last = block->end;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i < work.first || i >= work.last) work.paragraphs[i].zone = Zone::kTail;
  }
}

// Lines with day and time, three close to each other, are those of readers' comments.
void ZoneLabeler::Impl::mark_dated_comments(Work& work) {
  std::vector<PageLine>& lines = work.scratch.page_lines;
  std::array<std::size_t, 3> dated{};  // The last ones.
  std::size_t count = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].token_count > kHeadingTokensMax * 2) continue;
    if (!is_day_and_time(work.line_of(work.paragraphs[i]))) continue;
    dated[count++ % dated.size()] = i;
    const std::size_t first = dated[count % dated.size()];
    if (count < dated.size() || i - first > kCommentLinesMax * (dated.size() - 1)) continue;
    for (const std::size_t line : dated) lines[line].comments = true;
  }
}

// On the page of a site, inside of the article: a caption says nothing new, as a repetition does;
// links to other stories, and what an agency's story has before its dateline, are tail. As long as
// something is left.
void ZoneLabeler::Impl::mark_asides(Work& work) {
  if (!work.page) return;
  std::vector<Paragraph>& paragraphs = work.paragraphs;
  const auto stands_before_dateline = [&](std::size_t i) {
    return work.dateline_paragraph != SIZE_MAX && i < work.dateline_paragraph;
  };
  const auto is_tail = [&](std::size_t i) {
    if (stands_before_dateline(i)) return true;
    if (i == work.dateline_paragraph) return false;
    return is_loud_link(work.line_of(paragraphs[i])) ||
           is_headline_link(work.line_of(paragraphs[i]));
  };
  const auto is_caption_at = [&](std::size_t i) {
    return i != work.dateline_paragraph && is_caption(work.line_of(paragraphs[i]));
  };
  bool left = false;
  for (std::size_t i = work.first; i < work.last && !left; ++i) {
    left = paragraphs[i].zone != Zone::kTail && paragraphs[i].prose && !is_tail(i) &&
           !is_caption_at(i);
  }
  for (std::size_t i = work.first; i < work.last && left; ++i) {
    if (is_caption_at(i) && !stands_before_dateline(i)) {
      paragraphs[i].repeated = true;
    } else if (is_tail(i)) {
      paragraphs[i].zone = Zone::kTail;
    }
  }
}

// In a text that is no page a caption is one where it says so itself, and says nothing new beside a
// story.
void ZoneLabeler::Impl::mark_captions(Work& work) {
  if (work.page) return;
  std::vector<Paragraph>& paragraphs = work.paragraphs;
  const auto is_caption_at = [&](std::size_t i) {
    return i != work.dateline_paragraph && paragraphs[i].zone != Zone::kTail &&
           is_labelled_caption(work.line_of(paragraphs[i]));
  };
  std::size_t story = 0;  // Paragraphs of running text.
  for (std::size_t i = work.first; i < work.last && story < kStoryParagraphsMin; ++i) {
    const Paragraph& paragraph = paragraphs[i];
    const bool counts = paragraph.prose && !paragraph.repeated && paragraph.zone != Zone::kTail;
    if (counts && !is_caption_at(i)) ++story;
  }
  if (story < kStoryParagraphsMin) return;
  for (std::size_t i = work.first; i < work.last; ++i) {
    paragraphs[i].repeated = paragraphs[i].repeated || is_caption_at(i);
  }
}

// On the page of a site, what stands between the headline and the byline sums the article up: it
// says nothing new.
void ZoneLabeler::Impl::mark_standfirst(Work& work) {
  if (!work.page || work.dateline_paragraph != SIZE_MAX) return;
  std::vector<Paragraph>& paragraphs = work.paragraphs;
  const std::size_t end = std::min(work.last, work.first + kStandfirstParagraphs);
  std::size_t after = work.first;  // Behind the byline.
  for (std::size_t i = work.first; i < end; ++i) {
    if (is_byline(work.line_of(paragraphs[i]))) after = i + 1;
  }
  if (after == work.last) return;
  const std::uint32_t begin = paragraphs[work.first].token_begin;
  const std::uint32_t before = paragraphs[after].token_begin - begin;
  const std::uint32_t all = paragraphs[work.last - 1].token_end - begin;
  if (before > kStandfirstTokensMax || before * 4 > all) return;
  for (std::size_t i = work.first; i < after; ++i) paragraphs[i].repeated = true;
}

}  // namespace wirewatch
