#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/base/hash.h"
#include "common/text/dateline.h"
#include "common/text/zone_work.h"

namespace wirewatch {

namespace {

constexpr std::size_t kCompareMax = 256;       // Paragraphs that are compared for repetition.
constexpr std::uint32_t kRepeatTokensMin = 5;  // Shorter paragraphs repeat by chance …
constexpr std::uint32_t kTitleTokensMin = 3;   // … but for the headline before all text.
constexpr std::uint32_t kHeadTokens = 8;
constexpr std::size_t kDatelineParagraphs = 6;  // Perhaps after a byline or a note to editors.
constexpr std::uint32_t kLedeTokensMin = 10;  // A shorter first paragraph takes the next one along.

}  // namespace

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
  mark_captions(work);
  mark_standfirst(work);
  mark_sender(work);
  mark_notes(work);
  keep_flash(work);
  mark_lede(work);
  write_zones(work);
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
    if (words.size() < (prose_before ? kRepeatTokensMin : kTitleTokensMin)) continue;
    paragraph.repeated = std::equal(words.begin(), words.end(), headline.begin(), headline.end());
    if (words.size() < kRepeatTokensMin && !paragraph.repeated) continue;
    std::uint64_t head = 1;
    for (std::size_t k = 0; k < std::min<std::size_t>(words.size(), kHeadTokens); ++k)
      head = hash_combine(head, words[k]);
    paragraph.head_hash = head;
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
  // What stands between two zones is of the one that it sticks to. In scripts without spaces it may
  // be both: then of the first.
  bool after_dateline = false;
  std::uint32_t last_end = 0;
  for (ZoneSpan& zone : std::span(zones).subspan(first)) {
    if (zone.zone == Zone::kDateline) {
      zone.span.begin = std::max(work.dateline_begin, last_end);
      zone.span.end = work.dateline_end;
    } else {
      zone.span.begin =
          after_dateline ? work.dateline_end : std::max(work.offset_of(zone.token_begin), last_end);
      const std::uint32_t end = work.end_offset_of(zone.token_end - 1);
      zone.span.end =
          std::max(zone.span.begin, std::min(end, work.begin_offset_of(zone.token_end)));
    }
    last_end = zone.span.end;
    after_dateline = zone.zone == Zone::kDateline;
  }
}

}  // namespace wirewatch
