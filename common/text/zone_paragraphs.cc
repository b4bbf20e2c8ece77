#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "common/text/zone_work.h"

namespace wirewatch {

namespace {

using text_internal::ends_sentence;

constexpr std::uint32_t kStorySentencesMin = 3;  // More than a teaser of another story has …
constexpr std::uint32_t kStoryTokensMax = 512;   // … and where they end at the latest.
constexpr std::size_t kHardWrapBytesMin = 400;   // Of a body without blank lines.
constexpr std::uint32_t kWrappedTokensMin = 4;
constexpr std::uint32_t kBrokenBytesMax = 100;  // Of lines that were broken for their length.
constexpr std::uint32_t kWideLineBytes = 300;   // Of 80 letters of three bytes, and more.
constexpr std::uint32_t kPunctuationBytes = 2;  // Around the words of a line.
constexpr std::uint32_t kSentenceTokensMin = 6;
constexpr std::uint32_t kListTokensMin = 40;  // Of words that are all names.

// Of a word whose capitals have been folded: true where it is of letters that may have any, Latin,
// Greek or Cyrillic.
bool is_small_letter(std::string_view word) {
  const auto first = static_cast<unsigned char>(word[0]);
  return (first >= 'a' && first <= 'z') || (first >= 0xCE && first <= 0xD1);
}

// Of a script that ends its sentences with nothing: Thai and Lao, U+0E00 to U+0EFF. What ends a
// line there tells nothing.
bool has_no_full_stop(std::string_view word) {
  return word.size() > 1 && word[0] == '\xE0' && word[1] >= '\xB8' && word[1] <= '\xBB';
}

}  // namespace

// Lines that end inside of sentences: blank lines part the paragraphs then. In scripts without
// capitals a paragraph without a full stop looks so, too, which many newsrooms leave out, but its
// lines are not all of about one width.
void ZoneLabeler::Impl::find_hard_wrapping(Work& work) {
  const ArticleText& text = work.text;
  if (!text.has_blank_lines_ && text.body().size() <= kHardWrapBytesMin) return;
  std::size_t line_ends = 0;
  std::size_t open = 0;
  std::uint32_t widest = 0;
  std::uint32_t narrowest = UINT32_MAX;
  std::uint32_t previous = work.body_begin;
  for (const Line& line : work.lines()) {
    const std::uint32_t begin = std::exchange(previous, line.token);
    if (line.line_ends != 1) continue;
    ++line_ends;
    // Items of a menu are no line that was broken for its length.
    if (line.token - begin < kWrappedTokensMin || text.gap_before(line.token).size() != 1 ||
        text.is_capitalized(line.token) || has_no_full_stop(text.folded(line.token - 1))) {
      continue;
    }
    ++open;
    if (text.has_capitals()) continue;
    const std::uint32_t width =
        text.source_span(line.token - 1, line.token).end - text.source_span(begin, begin + 1).begin;
    widest = std::max(widest, width);
    narrowest = std::min(narrowest, width);
  }
  work.hard_wrapped = line_ends >= 4 && open * 2 >= line_ends && widest <= kWideLineBytes &&
                      widest <= 2 * std::uint64_t{narrowest};
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
  const std::uint32_t last = std::min(end, next + kStoryTokensMax);
  for (std::uint32_t at = next; at < last && sentences < kStorySentencesMin; ++at) {
    sentences += ends_sentence(work.gap_after(at)) ? 1U : 0U;
  }
  return sentences >= kStorySentencesMin;
}

// A notice that is glued onto running text: it begins like one, and a sentence.
bool ZoneLabeler::Impl::begins_notice(const Work& work, std::uint32_t token,
                                      std::uint32_t end) const {
  const std::string_view gap = work.text.gap_before(token);
  // "5.3" ends nothing, "。版权所有" does.
  const bool spaced = static_cast<unsigned char>(work.text.folded(token)[0]) < 0xE3;
  if ((spaced && gap.size() < 2) ||
      !(ends_sentence(gap) || gap.find('|') != std::string_view::npos)) {
    return false;
  }
  const Cue* cue = cue_at(work, token, work.count);
  if (cue == nullptr || cue->kind == CueKind::kComments) return false;
  if (cue->kind == CueKind::kShare && cue->word_count == 1) return false;
  if (goes_on(work, token, *cue, end)) return false;
  return static_cast<unsigned char>(work.text.folded(token)[0]) >= 0x80 ||
         work.text.is_capitalized(token);
}

// True for what a form lets one choose from: "Afghanistan Albania Algeria …". Words without a
// capital are more than one in eight of any sentence that has capitals at all.
bool ZoneLabeler::Impl::is_list(const Work& work, const Paragraph& paragraph) {
  const std::uint32_t size = work.size_of(paragraph);
  if (size < kListTokensMin) return false;
  std::uint32_t small = 0;
  for (std::uint32_t token = paragraph.token_begin; token < paragraph.token_end; ++token) {
    if (ends_sentence(work.gap_after(token))) return false;  // "THE MAYOR OPENED. PARENTS CAME"
    small += work.text.is_capitalized(token) ? 0U : 1U;
  }
  return small * 8 < size;
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
    const bool sentence = ends_sentence(work.gap_after(paragraph.token_end - 1));
    paragraph.prose = (size >= kProseTokensMin && (sentence || !is_list(work, paragraph))) ||
                      (size >= kSentenceTokensMin && sentence);
  }
  work.last = paragraphs.size();
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

}  // namespace wirewatch
