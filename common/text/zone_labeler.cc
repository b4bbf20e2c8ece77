#include "common/text/zone_labeler.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "common/base/hash.h"
#include "common/text/article_block.h"
#include "common/text/aside_line.h"
#include "common/text/cue_table.h"
#include "common/text/dateline.h"
#include "common/text/text_shape.h"

namespace wirewatch {

namespace {

using text_internal::Cue;
using text_internal::CueKind;
using text_internal::ends_sentence;
using text_internal::is_one_of;
using text_internal::is_space;
using text_internal::LineWords;
using text_internal::PageLine;

constexpr std::size_t kParagraphMax = 4096;    // Further lines belong to the last paragraph.
constexpr std::size_t kCompareMax = 256;       // Paragraphs that are compared for repetition.
constexpr std::uint32_t kRepeatTokensMin = 5;  // Shorter paragraphs repeat by chance.
constexpr std::uint32_t kHeadTokens = 8;
constexpr std::size_t kDatelineParagraphs = 6;  // Perhaps after a byline or a note to editors.
constexpr std::uint32_t kLedeTokensMin = 10;  // A shorter first paragraph takes the next one along.
constexpr std::uint32_t kProseTokensMin = 20;    // Running text, with or without a full stop.
constexpr std::uint32_t kStorySentencesMin = 3;  // More than a teaser of another story has.
constexpr std::uint32_t kCueTokensMax = 90;      // A paragraph longer than this is no notice …
constexpr std::uint32_t kShareTokensMax = 45;    // … this, no invitation to subscribe …
constexpr std::uint32_t kFlashTokensMin = 5;     // Fewer words after a notice are none of a story.
constexpr std::uint32_t kHeadingTokensMax = 8;   // … and this, no heading.
constexpr std::size_t kCommentLinesMax = 8;      // Of one comment.
constexpr std::uint32_t kCaptionTokensMax = 70;
constexpr std::uint32_t kCreditTokensMax = 12;  // At the end of a caption.
constexpr std::uint32_t kLinkTokensMin = 4;     // Of a line all in capitals that leads elsewhere.
constexpr std::uint32_t kLinkTokensMax = 30;
constexpr std::size_t kStandfirstParagraphs = 8;  // Up to the byline.
constexpr std::uint32_t kStandfirstTokensMax = 120;
constexpr std::uint32_t kNoteTokensMax = 70;
constexpr std::size_t kNoteBytesMax = 1000;  // From the text's end to where an address may stand.
constexpr std::size_t kNotesMax = 2;         // On the author, at the end, with their colleagues'.
constexpr std::size_t kTitleWordsMax = 64;
constexpr std::size_t kHardWrapBytesMin = 400;  // Of a body without blank lines.
constexpr std::uint32_t kWrappedTokensMin = 4;
constexpr std::uint32_t kBrokenBytesMax = 100;  // Of lines that were broken for their length.
constexpr std::uint32_t kPunctuationBytes = 2;  // Around the words of a line.
constexpr std::uint32_t kSentenceTokensMin = 6;

// Whose pictures newsrooms print, and what they call a picture.
constexpr std::string_view kAgencies[] = {
    "reuters", "ap",     "afp",          "epa",    "efe",       "getty", "pa",     "dpa",
    "alamy",   "xinhua", "shutterstock", "istock", "bloomberg", "photo", "images", "imago"};
constexpr std::string_view kPictureWords[] = {"photo", "photos", "photograph", "picture",
                                              "image", "credit", "foto",       "fotos",
                                              "bild",  "imagen", "imagem",     "photographie"};

constexpr std::string_view kCreditWords[] = {"by",      "courtesy",  "credit",
                                             "caption", "copyright", "source"};

// Of a word whose capitals have been folded: true where it is of letters that may have any, Latin,
// Greek or Cyrillic.
bool is_small_letter(std::string_view word) {
  const auto first = static_cast<unsigned char>(word[0]);
  return (first >= 'a' && first <= 'z') || (first >= 0xCE && first <= 0xD1);
}

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

class ZoneLabeler::Impl {
 public:
  void label(ArticleText& text) const;

 private:
  using Scratch = ArticleText::ZoneScratch;
  using Line = ArticleText::Line;
  using Paragraph = Scratch::Paragraph;

  struct Work {
    ArticleText& text;
    Scratch& scratch;
    std::vector<Paragraph>& paragraphs;
    std::span<const std::uint64_t> hashes;
    std::uint32_t body_begin = 0;  // First token of the body …
    std::uint32_t count = 0;       // … and the end of its tokens.
    bool hard_wrapped = false;
    // The article's paragraphs; what lies before and after on the page of a site is tail.
    std::size_t first = 0;
    std::size_t last = 0;
    // The dateline, when its paragraph is one of the article's.
    std::size_t dateline_paragraph = SIZE_MAX;
    std::uint32_t dateline_end_token = 0;
    std::uint32_t dateline_begin = 0;  // Bytes of the body.
    std::uint32_t dateline_end = 0;
    std::size_t lede = 0;
    bool page = false;  // Of a site, from which the article was cut out.

    [[nodiscard]] std::uint32_t size_of(const Paragraph& paragraph) const {
      return paragraph.token_end - paragraph.token_begin;
    }
    // First token of a paragraph, its dateline left out.
    [[nodiscard]] std::uint32_t begin_of(std::size_t paragraph) const {
      return paragraph == dateline_paragraph ? dateline_end_token
                                             : paragraphs[paragraph].token_begin;
    }
    // The tokens of the body, but for its first one, that begin a line.
    [[nodiscard]] std::span<const Line> lines() const {
      const std::span<const Line> all = text.lines_;
      std::size_t begin = 0;
      while (begin < all.size() && all[begin].token <= body_begin) ++begin;
      std::size_t end = all.size();
      while (end > begin && all[end - 1].token >= count) --end;
      return all.subspan(begin, end - begin);
    }
    // What separates a token from the next one.
    [[nodiscard]] std::string_view gap_after(std::uint32_t token) const {
      return token + 1 < count ? text.gap_before(token + 1)
                               : std::string_view(text.folded_.data() + text.end_of(token),
                                                  text.folded_size_ - text.end_of(token));
    }
    [[nodiscard]] LineWords line_of(const Paragraph& paragraph) const {
      return {text, paragraph.token_begin, paragraph.token_end, gap_after(paragraph.token_end - 1)};
    }
    // Byte of the body where the word of a token begins, and where it ends, with what sticks to it.
    [[nodiscard]] std::uint32_t offset_of(std::uint32_t token) const {
      const std::string_view body = text.body();
      std::uint32_t at = text.source_span(token, token + 1).begin;
      while (at > 0 && !is_space(body[at - 1])) --at;
      return at;
    }
    [[nodiscard]] std::uint32_t end_offset_of(std::uint32_t token) const {
      const std::string_view body = text.body();
      std::uint32_t at = text.source_span(token, token + 1).end;
      while (at < body.size() && !is_space(body[at])) ++at;
      return at;
    }
  };

  static void find_hard_wrapping(Work& work);
  [[nodiscard]] static bool goes_on(const Work& work, std::uint32_t token, const Cue& cue,
                                    std::uint32_t end);
  [[nodiscard]] bool begins_notice(const Work& work, std::uint32_t token, std::uint32_t end) const;
  void split_paragraphs(Work& work) const;
  [[nodiscard]] const Cue* heading_at(const Work& work, const Paragraph& paragraph) const;
  void find_article(Work& work) const;
  static void mark_dated_comments(Work& work);
  static void join_broken_lines(Work& work);
  static void find_dateline(Work& work);
  static void mark_repetitions(Work& work);
  [[nodiscard]] const Cue* cue_inside(const Work& work, const Paragraph& paragraph) const;
  [[nodiscard]] const Cue* cue_of(const Work& work, const Paragraph& paragraph) const;
  void mark_tail(Work& work) const;
  [[nodiscard]] static bool is_caption(const Work& work, const Paragraph& paragraph);
  [[nodiscard]] static bool is_loud_link(const Work& work, const Paragraph& paragraph);
  static void mark_asides(Work& work);
  static void mark_standfirst(Work& work);
  static void mark_notes(Work& work);
  void keep_last_line(Work& work) const;
  void keep_flash(Work& work) const;
  static void mark_lede(Work& work);
  static void write_zones(Work& work);

  text_internal::CueTable cues_;
};

ZoneLabeler::ZoneLabeler() : impl_(std::make_unique<const Impl>()) {}
ZoneLabeler::~ZoneLabeler() = default;

void ZoneLabeler::label(ArticleText& text) const {
  impl_->label(text);
}

void ZoneLabeler::Impl::label(ArticleText& text) const {
  text.zones_.clear();
  text.zone_scratch_.paragraphs.clear();
  Work work{.text = text,
            .scratch = text.zone_scratch_,
            .paragraphs = text.zone_scratch_.paragraphs,
            .hashes = text.hashes(),
            .body_begin = text.headline_token_count(),
            .count = text.token_count()};
  if (work.body_begin > 0) {
    text.zones_.push_back({Zone::kHeadline,
                           {Field::kHeadline, 0, static_cast<std::uint32_t>(text.headline_size_)},
                           0,
                           work.body_begin});
  }
  if (work.body_begin == work.count) return;
  cues_.find(work.hashes, work.body_begin, work.scratch.cue_tokens);
  find_hard_wrapping(work);
  split_paragraphs(work);
  find_article(work);
  join_broken_lines(work);
  find_dateline(work);
  mark_repetitions(work);
  mark_tail(work);
  keep_last_line(work);
  mark_asides(work);
  mark_standfirst(work);
  mark_notes(work);
  keep_flash(work);
  mark_lede(work);
  write_zones(work);
}

// Lines that end inside of sentences: blank lines part the paragraphs then.
void ZoneLabeler::Impl::find_hard_wrapping(Work& work) {
  const ArticleText& text = work.text;
  if (!text.has_blank_lines_ && text.body().size() <= kHardWrapBytesMin) return;
  std::size_t line_ends = 0;
  std::size_t open = 0;
  std::uint32_t previous = work.body_begin;
  for (const Line& line : work.lines()) {
    // Items of a menu are no line that was broken for its length.
    const bool is_long = line.token - previous >= kWrappedTokensMin;
    previous = line.token;
    if (line.line_ends != 1) continue;
    ++line_ends;
    const bool continues =
        is_long && text.gap_before(line.token).size() == 1 && !text.is_capitalized(line.token);
    open += static_cast<std::size_t>(continues);
  }
  work.hard_wrapped = line_ends >= 4 && open * 2 >= line_ends;
}

// True for the words of a link, less the headline that it had, in the middle of a story that goes
// on in the same line with what somebody says or with several sentences: "Read More "We sent …".
bool ZoneLabeler::Impl::goes_on(const Work& work, std::uint32_t token, const Cue& cue,
                                std::uint32_t end) {
  const std::uint32_t next = token + cue.word_count;
  if (cue.kind != CueKind::kRelated || next >= end) return false;
  const std::string_view gap = work.text.gap_before(next);
  if (gap == " \"") return true;
  if (gap != " ") return false;  // "Read more: Peru elects …"
  std::uint32_t sentences = 0;
  for (std::uint32_t at = next; at < end && sentences < kStorySentencesMin; ++at) {
    sentences += ends_sentence(work.gap_after(at)) ? 1U : 0U;
  }
  return sentences >= kStorySentencesMin;
}

// A notice that is glued onto running text: it begins like one, and a sentence.
bool ZoneLabeler::Impl::begins_notice(const Work& work, std::uint32_t token,
                                      std::uint32_t end) const {
  const std::string_view gap = work.text.gap_before(token);
  if (gap.size() < 2 || !(ends_sentence(gap) || gap.find('|') != std::string_view::npos))
    return false;
  const Cue* cue = cues_.cue_at(work.hashes, token, work.count);
  if (cue == nullptr || cue->kind == CueKind::kComments) return false;
  if (cue->kind == CueKind::kShare && cue->word_count == 1) return false;
  if (goes_on(work, token, *cue, end)) return false;
  return static_cast<unsigned char>(work.text.folded(token)[0]) >= 0x80 ||
         work.text.is_capitalized(token);
}

void ZoneLabeler::Impl::split_paragraphs(Work& work) const {
  std::vector<Paragraph>& paragraphs = work.paragraphs;
  paragraphs.push_back({.token_begin = work.body_begin});
  const auto split = [&](std::uint32_t token) {
    if (paragraphs.size() >= kParagraphMax || token <= paragraphs.back().token_begin) return;
    paragraphs.back().token_end = token;
    paragraphs.push_back({.token_begin = token});
  };
  const std::vector<std::uint32_t>& cue_tokens = work.scratch.cue_tokens;
  std::size_t cue = 0;
  const auto split_notices = [&](std::uint32_t end) {
    for (; cue < cue_tokens.size() && cue_tokens[cue] < end; ++cue) {
      if (cue_tokens[cue] > work.body_begin && begins_notice(work, cue_tokens[cue], end))
        split(cue_tokens[cue]);
    }
  };
  const std::uint32_t line_ends_min = work.hard_wrapped ? 2 : 1;
  for (const Line& line : work.lines()) {
    if (line.line_ends < line_ends_min) continue;
    split_notices(line.token);
    split(line.token);
  }
  split_notices(work.count);
  paragraphs.back().token_end = work.count;
  for (Paragraph& paragraph : paragraphs) {
    const std::uint32_t size = work.size_of(paragraph);
    paragraph.prose =
        size >= kProseTokensMin ||
        (size >= kSentenceTokensMin && ends_sentence(work.gap_after(paragraph.token_end - 1)));
  }
  work.last = paragraphs.size();
}

// The cue of a line that is a heading: "Related stories", "12 comments".
const Cue* ZoneLabeler::Impl::heading_at(const Work& work, const Paragraph& paragraph) const {
  if (work.size_of(paragraph) > kHeadingTokensMax + kHeadingTokensMax / 2) return nullptr;
  std::uint32_t token = paragraph.token_begin;
  const char lead = work.text.folded(token)[0];
  if (lead >= '0' && lead <= '9' && token + 1 < paragraph.token_end) ++token;
  const Cue* cue = cues_.cue_at(work.hashes, token, paragraph.token_end);
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
      lines[i].other = cue->kind == CueKind::kRelated || cue->kind == CueKind::kLegal;
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

// Lines that were broken for their length are no headlines: behind each but the last of them no
// word more had room, or the next goes on in a small letter, and the last ends a sentence. Texts of
// few such lines are not known to be hard-wrapped.
void ZoneLabeler::Impl::join_broken_lines(Work& work) {
  std::vector<Paragraph>& lines = work.paragraphs;
  if (work.page || work.hard_wrapped ||
      std::all_of(lines.begin(), lines.end(), [](const Paragraph& line) { return line.prose; })) {
    return;
  }
  const auto begin_of = [&](const Paragraph& line) {
    return work.text.source_span(line.token_begin, line.token_begin + 1).begin;
  };
  const auto end_of = [&](const Paragraph& line) {
    return work.text.source_span(line.token_end - 1, line.token_end).end;
  };
  // Each word has two bytes at least, with the space behind it: most texts need no closer look.
  bool narrow = std::none_of(lines.begin(), lines.end(), [&](const Paragraph& line) {
    return work.size_of(line) > kBrokenBytesMax / 2;
  });
  std::uint32_t width = 0;
  for (std::size_t i = 0; i < lines.size() && narrow; ++i) {
    width = std::max(width, end_of(lines[i]) - begin_of(lines[i]));
    narrow = width <= kBrokenBytesMax;
  }
  const auto goes_on_at = [&](std::size_t i) {
    const Paragraph& before = lines[i - 1];
    const std::uint32_t token = lines[i].token_begin;
    if (work.size_of(before) < kWrappedTokensMin || !work.text.gap_before(token).ends_with('\n'))
      return false;
    if (work.text.has_capitals() && !work.text.is_capitalized(token) &&
        is_small_letter(work.text.folded(token))) {
      return true;
    }
    if (!narrow) return false;
    const SourceSpan word = work.text.source_span(token, token + 1);
    const std::uint32_t with_next = end_of(before) - begin_of(before) + 1 + word.end - word.begin;
    return with_next + kPunctuationBytes >= width;
  };
  for (std::size_t last = lines.size(); last > 0;) {
    std::size_t first = last - 1;
    std::uint32_t size = work.size_of(lines[first]);
    while (first > 0 && goes_on_at(first)) size += work.size_of(lines[--first]);
    if (size >= kSentenceTokensMin &&
        ends_sentence(work.gap_after(lines[last - 1].token_end - 1))) {
      for (std::size_t i = first; i < last; ++i) {
        lines[i].prose = true;
        lines[i].continued = i > first;
      }
    }
    last = first;
  }
}

void ZoneLabeler::Impl::find_dateline(Work& work) {
  const std::string_view body = work.text.body();
  bool begun = false;
  for (std::size_t i = work.first; i < std::min(work.last, work.first + kDatelineParagraphs); ++i) {
    const Paragraph& paragraph = work.paragraphs[i];
    const std::uint32_t at = work.offset_of(paragraph.token_begin);
    // "Amigo and Amigo (Australia) - also known as …" begins no story in the middle of one.
    const bool may_begin = !begun || (work.size_of(paragraph) >= kLedeTokensMin &&
                                      work.text.is_all_caps(paragraph.token_begin));
    const auto size =
        may_begin ? static_cast<std::uint32_t>(text_internal::dateline_size(body.substr(at))) : 0;
    if (size > 0) {
      const std::uint32_t after = work.text.token_at(Field::kBody, at + size);
      if (after < paragraph.token_end) {
        work.dateline_paragraph = i;
        work.dateline_begin = at;
        work.dateline_end = at + size;
        work.dateline_end_token = after;
        return;
      }
    }
    // On a page, key points and a standfirst may precede it.
    if (!work.page && work.size_of(paragraph) >= kProseTokensMin) return;
    begun = begun || paragraph.prose;
  }
}

// Paragraphs that repeat an earlier one, or the headline. What stands before the headline and is no
// running text belongs to the site.
void ZoneLabeler::Impl::mark_repetitions(Work& work) {
  std::vector<Paragraph>& paragraphs = work.paragraphs;
  const auto words_of = [&](std::size_t i) {
    const std::uint32_t begin = work.begin_of(i);
    return work.hashes.subspan(begin, paragraphs[i].token_end - begin);
  };
  const auto headline = work.hashes.first(work.body_begin);
  bool prose_before = false;
  for (std::size_t i = work.first; i < work.last; ++i) {
    Paragraph& paragraph = paragraphs[i];
    const auto words = words_of(i);
    paragraph.head_hash = 0;
    prose_before = prose_before || (i > work.first && paragraphs[i - 1].prose);
    if (words.size() < kRepeatTokensMin) continue;
    std::uint64_t head = 1;
    for (std::size_t k = 0; k < std::min<std::size_t>(words.size(), kHeadTokens); ++k)
      head = hash_combine(head, words[k]);
    paragraph.head_hash = head;
    paragraph.repeated = std::equal(words.begin(), words.end(), headline.begin(), headline.end());
    if (paragraph.repeated && !prose_before) {
      for (std::size_t j = work.first; j < i; ++j) paragraphs[j].zone = Zone::kTail;
    }
    const std::size_t end = std::min(i, work.first + kCompareMax);
    for (std::size_t j = work.first; j < end && !paragraph.repeated; ++j) {
      if (paragraphs[j].head_hash != head) continue;
      // The same beginning and most of the length: the shorter is a cut copy of the longer.
      const std::size_t size = words.size();
      const std::size_t other = work.size_of(paragraphs[j]);
      const auto earlier = words_of(j);
      paragraph.repeated =
          std::equal(words.begin(), words.end(), earlier.begin(), earlier.end()) ||
          (size >= kHeadTokens && std::min(size, other) * 10 >= std::max(size, other) * 6);
    }
  }
}

// A cue inside of a paragraph that may stand there.
const Cue* ZoneLabeler::Impl::cue_inside(const Work& work, const Paragraph& paragraph) const {
  const std::vector<std::uint32_t>& tokens = work.scratch.cue_tokens;
  for (auto token = std::lower_bound(tokens.begin(), tokens.end(), paragraph.token_begin);
       token != tokens.end() && *token < paragraph.token_end; ++token) {
    const Cue* cue = cues_.cue_at(work.hashes, *token, paragraph.token_end);
    if (cue != nullptr && cue->anywhere) return cue;
  }
  return nullptr;
}

// The cue that makes a paragraph tail, or null. A notice is short; "Subscribe" in a long paragraph
// is a word of the story.
const Cue* ZoneLabeler::Impl::cue_of(const Work& work, const Paragraph& paragraph) const {
  const std::uint32_t size = work.size_of(paragraph);
  const Cue* cue = paragraph.continued
                       ? nullptr  // "… per preferred / share."
                       : cues_.cue_at(work.hashes, paragraph.token_begin, paragraph.token_end);
  if (cue == nullptr) return size <= kCueTokensMax ? cue_inside(work, paragraph) : nullptr;
  if (!cue->anywhere && size > kCueTokensMax) return nullptr;
  if (cue->kind == CueKind::kShare && size > kShareTokensMax) return nullptr;
  if (cue->kind == CueKind::kComments && size > kHeadingTokensMax) return nullptr;
  if (goes_on(work, paragraph.token_begin, *cue, paragraph.token_end)) return nullptr;
  return cue;
}

// Notices alone, everything after the heading of other stories, and the list that ends the text.
void ZoneLabeler::Impl::mark_tail(Work& work) const {
  std::vector<Paragraph>& paragraphs = work.paragraphs;
  const auto begin = paragraphs.begin() + static_cast<std::ptrdiff_t>(work.first);
  const auto end = paragraphs.begin() + static_cast<std::ptrdiff_t>(work.last);
  const auto first_prose = static_cast<std::size_t>(
      std::find_if(begin, end, [](const Paragraph& p) { return p.prose; }) - paragraphs.begin());
  std::size_t prose_after = 0;
  bool list_open = true;  // From the end: only lines that are no prose so far.
  for (std::size_t i = work.last; i-- > work.first;) {
    Paragraph& paragraph = paragraphs[i];
    const Cue* cue = cue_of(work, paragraph);
    if (cue != nullptr && i < first_prose && prose_after > 0 && cue->kind == CueKind::kRelated)
      cue = nullptr;
    if (cue != nullptr) {
      paragraph.zone = Zone::kTail;
      if (cue->kind != CueKind::kRelated) continue;
      // In the middle of a story: the lines that follow and read like headlines.
      for (std::size_t j = i + 1; j < work.last && (prose_after < 2 || !paragraphs[j].prose); ++j)
        paragraphs[j].zone = Zone::kTail;
      continue;
    }
    if (paragraph.prose && !paragraph.repeated) {
      ++prose_after;
      list_open = false;
    }
    if (list_open && i > first_prose && !paragraph.prose) paragraph.zone = Zone::kTail;
  }
}

// The words under a picture, told by the credit that ends them ("(Photo by Jo Doe/Getty Images)",
// "Jo Doe | Bloomberg | Getty Images", "(AP)", "Photo: Reuters") or begins them.
bool ZoneLabeler::Impl::is_caption(const Work& work, const Paragraph& paragraph) {
  const ArticleText& text = work.text;
  const std::uint32_t begin = paragraph.token_begin;
  const std::uint32_t end = paragraph.token_end;
  if (end - begin > kCaptionTokensMax) return false;
  // "Photo: ", "Photo by ", "Image caption", "File photo".
  const auto begins_credit = [&](std::uint32_t token) {
    if (token + 1 >= end) return false;
    const std::string_view next = text.folded(token + 1);
    if (text.folded(token) == "file") return next == "photo";
    if (!is_one_of(text.folded(token), kPictureWords)) return false;
    const std::string_view gap = text.gap_before(token + 1);
    return gap.starts_with(':') || gap.starts_with("..") || is_one_of(next, kCreditWords);
  };
  if (begins_credit(begin)) return true;
  if (work.gap_after(end - 1).starts_with(')') && is_one_of(text.folded(end - 1), kPictureWords)) {
    return true;  // "Jo Doe (submitted photo)"
  }
  std::uint32_t token = end - std::min(end - begin, kCreditTokensMax);
  for (token = std::max(token, begin + 1); token < end; ++token) {
    const std::string_view gap = text.gap_before(token);
    if (text.is_capitalized(token) && begins_credit(token)) return true;
    const bool agency = is_one_of(text.folded(token), kAgencies);
    if (agency && text.is_capitalized(token) && gap.find_first_of("/|") != std::string_view::npos)
      return true;
    if (text.folded(token - 1) == "reuters" && gap == "/") return true;
    if (agency && token + 1 == end && gap.ends_with('(') && work.gap_after(token).starts_with(')'))
      return true;
  }
  return false;
}

// A line of a page that is all in capitals and no sentence: a link to another story.
bool ZoneLabeler::Impl::is_loud_link(const Work& work, const Paragraph& paragraph) {
  const std::uint32_t size = work.size_of(paragraph);
  if (size < kLinkTokensMin || size > kLinkTokensMax ||
      ends_sentence(work.gap_after(paragraph.token_end - 1)))
    return false;
  for (std::uint32_t token = paragraph.token_begin; token < paragraph.token_begin + kLinkTokensMin;
       ++token) {
    if (!work.text.is_all_caps(token)) return false;
  }
  return true;
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
    return is_loud_link(work, paragraphs[i]) || is_headline_link(work.line_of(paragraphs[i]));
  };
  const auto is_caption_at = [&](std::size_t i) {
    return i != work.dateline_paragraph && is_caption(work, paragraphs[i]);
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

// The note on the author that ends an article, and where to write to, is none of it.
void ZoneLabeler::Impl::mark_notes(Work& work) {
  const std::string_view body = work.text.body();
  const bool addressed =
      body.find('@', body.size() - std::min(body.size(), kNoteBytesMax)) != std::string_view::npos;
  std::size_t left = kNotesMax;
  for (std::size_t i = work.last; i-- > work.first + 1 && left > 0;) {
    Paragraph& paragraph = work.paragraphs[i];
    if (paragraph.zone == Zone::kTail || !paragraph.prose) continue;
    --left;
    const LineWords line = work.line_of(paragraph);
    if (is_note_on_author(line) ||
        (addressed && line.size() <= kNoteTokensMax && has_address(line))) {
      paragraph.zone = Zone::kTail;
    }
  }
}

// A single short last line is no list: it stays text unless it follows a tail.
void ZoneLabeler::Impl::keep_last_line(Work& work) const {
  if (work.last - work.first < 2) return;
  Paragraph& last = work.paragraphs[work.last - 1];
  const Paragraph& before = work.paragraphs[work.last - 2];
  if (last.zone != Zone::kTail || before.zone == Zone::kTail || last.repeated) return;
  if (cues_.cue_at(work.hashes, last.token_begin, last.token_end) != nullptr) return;
  if (cue_inside(work, last) == nullptr && work.size_of(last) > 3) last.zone = Zone::kBody;
}

// Where all of the body is tail, the sentences after "Follow us." and the like are the story: an
// item of one line.
void ZoneLabeler::Impl::keep_flash(Work& work) const {
  std::vector<Paragraph>& paragraphs = work.paragraphs;
  const auto is_tail = [](const Paragraph& paragraph) { return paragraph.zone == Zone::kTail; };
  if (paragraphs.size() >= kParagraphMax ||
      !std::all_of(paragraphs.begin(), paragraphs.end(), is_tail))
    return;
  for (std::size_t i = work.first; i < work.last; ++i) {
    const Paragraph notice = paragraphs[i];
    const Cue* cue = cue_of(work, notice);
    if (cue == nullptr || cue->kind != CueKind::kShare) continue;
    for (std::uint32_t token = notice.token_begin + 1; token + kFlashTokensMin <= notice.token_end;
         ++token) {
      if (!ends_sentence(work.text.gap_before(token))) continue;
      Paragraph rest = notice;
      rest.token_begin = token;
      rest.zone = Zone::kBody;
      if (cue_of(work, rest) != nullptr) continue;
      paragraphs[i].token_end = token;
      paragraphs.insert(paragraphs.begin() + static_cast<std::ptrdiff_t>(i) + 1, rest);
      ++work.last;
      if (work.dateline_paragraph != SIZE_MAX && work.dateline_paragraph > i)
        ++work.dateline_paragraph;
      return;
    }
  }
}

// The paragraph of the dateline, else the first that reads like running text.
void ZoneLabeler::Impl::mark_lede(Work& work) {
  std::vector<Paragraph>& paragraphs = work.paragraphs;
  work.lede = work.dateline_paragraph;
  for (std::size_t i = work.first; i < work.last && work.lede == SIZE_MAX; ++i) {
    if (paragraphs[i].zone == Zone::kTail || paragraphs[i].repeated) continue;
    if (paragraphs[i].prose || i + 1 == work.last) work.lede = i;
  }
  if (work.lede == SIZE_MAX) {
    work.lede = work.first;
    while (work.lede + 1 < work.last && paragraphs[work.lede].zone == Zone::kTail) ++work.lede;
  }
  if (paragraphs[work.lede].zone == Zone::kTail) return;
  paragraphs[work.lede].zone = Zone::kLede;
  const std::uint32_t from = std::max(paragraphs[work.lede].token_begin, work.dateline_end_token);
  const std::size_t next = work.lede + 1;
  if (paragraphs[work.lede].token_end - from < kLedeTokensMin && next < work.last &&
      paragraphs[next].zone == Zone::kBody && !paragraphs[next].repeated) {
    paragraphs[next].zone = Zone::kLede;
  }
}

// Neighbours of one kind become one zone.
void ZoneLabeler::Impl::write_zones(Work& work) {
  std::vector<ZoneSpan>& zones = work.text.zones_;
  const std::size_t first = zones.size();
  const auto add = [&](Zone zone, bool repeated, std::uint32_t token_begin,
                       std::uint32_t token_end) {
    if (token_begin == token_end) return;
    if (zones.size() > first && zones.back().zone == zone && zones.back().repeated == repeated) {
      zones.back().token_end = token_end;
    } else {
      zones.push_back({zone, {Field::kBody, 0, 0}, token_begin, token_end, repeated});
    }
  };
  for (std::size_t i = 0; i < work.paragraphs.size(); ++i) {
    const Paragraph& paragraph = work.paragraphs[i];
    std::uint32_t token_begin = paragraph.token_begin;
    if (i == work.lede && work.dateline_end_token > token_begin) {
      add(Zone::kDateline, false, token_begin, work.dateline_end_token);
      token_begin = work.dateline_end_token;
    }
    add(paragraph.zone, paragraph.repeated && paragraph.zone == Zone::kBody, token_begin,
        paragraph.token_end);
  }
  bool after_dateline = false;
  for (ZoneSpan& zone : std::span(zones).subspan(first)) {
    if (zone.zone == Zone::kDateline) {
      zone.span.begin = work.dateline_begin;
      zone.span.end = work.dateline_end;
    } else {
      zone.span.begin = after_dateline ? work.dateline_end : work.offset_of(zone.token_begin);
      zone.span.end = std::max(zone.span.begin, work.end_offset_of(zone.token_end - 1));
    }
    after_dateline = zone.zone == Zone::kDateline;
  }
}

}  // namespace wirewatch
