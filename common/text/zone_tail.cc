#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "common/text/zone_work.h"

namespace wirewatch {

namespace {

using text_internal::ends_sentence;

constexpr std::uint32_t kCueTokensMax = 90;    // A paragraph longer than this is no notice …
constexpr std::uint32_t kShareTokensMax = 45;  // … this, no invitation to subscribe.
constexpr std::uint32_t kFlashTokensMin = 5;   // Fewer words after a notice are none of a story.
constexpr std::uint32_t kNameTokensMax = 6;    // Of who sends a press release, with an article.
constexpr std::uint32_t kSenderTokensMax = 250;
constexpr std::uint32_t kNoteTokensMax = 70;
constexpr std::size_t kNoteBytesMax = 1000;  // From the text's end to where an address may stand.
constexpr std::size_t kNotesMax = 2;         // On the author, at the end, with their colleagues'.

// The sign of copyright is no word, and the one in a circle is folded to a letter, which begins
// "C'est".
bool begins_with_copyright(const ArticleText& text, std::uint32_t token) {
  const std::string_view word = text.source(text.source_span(token, token + 1));
  std::string_view before =
      text.body().substr(0, static_cast<std::size_t>(word.data() - text.body().data()));
  while (before.ends_with(' ')) before.remove_suffix(1);
  if (before.ends_with("©") || word.starts_with("ⓒ")) return true;
  return text.folded(token) == "c" && before.ends_with('(') && token + 1 < text.token_count() &&
         text.gap_before(token + 1).starts_with(')');
}

constexpr text_internal::Cue kCopyright{
    .word_begin = 0, .word_count = 1, .kind = text_internal::CueKind::kLegal, .anywhere = false};

}  // namespace

const text_internal::Cue* ZoneLabeler::Impl::cue_at(const Work& work, std::uint32_t token,
                                                    std::uint32_t end) const {
  const Cue* cue = cues_.cue_at(work.hashes, token, end);
  if (cue == nullptr || !cue->colon || token + cue->word_count == end) return cue;
  const std::string_view gap = work.text.gap_before(token + cue->word_count);
  return gap.find_first_of(":\n") != std::string_view::npos ? cue : nullptr;
}

// True where another story's headline follows the cue and its colon: "Read more: Peru elects …".
bool ZoneLabeler::Impl::is_link(const Work& work, const Paragraph& paragraph, const Cue& cue) {
  const std::uint32_t next = paragraph.token_begin + cue.word_count;
  return cue.kind == CueKind::kRelated && next < paragraph.token_end &&
         work.text.gap_before(next).find_first_of(":|") != std::string_view::npos;
}

// A cue inside of a paragraph that may stand there.
const text_internal::Cue* ZoneLabeler::Impl::cue_inside(const Work& work,
                                                        const Paragraph& paragraph) const {
  const std::vector<std::uint32_t>& tokens = work.scratch.cue_tokens;
  for (auto token = std::lower_bound(tokens.begin(), tokens.end(), paragraph.token_begin);
       token != tokens.end() && *token < paragraph.token_end; ++token) {
    const Cue* cue = cue_at(work, *token, paragraph.token_end);
    if (cue != nullptr && cue->anywhere) return cue;
  }
  return nullptr;
}

// The cue that makes a paragraph tail, or null. A notice is short; "Subscribe" in a long paragraph
// is a word of the story.
const text_internal::Cue* ZoneLabeler::Impl::cue_of(const Work& work,
                                                    const Paragraph& paragraph) const {
  const std::uint32_t size = work.size_of(paragraph);
  if (!paragraph.continued && size <= kCueTokensMax &&
      begins_with_copyright(work.text, paragraph.token_begin)) {
    return &kCopyright;
  }
  const Cue* cue = paragraph.continued ? nullptr  // "… per preferred / share."
                                       : cue_at(work, paragraph.token_begin, paragraph.token_end);
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
      // In the middle of a story: the lines that follow and read like headlines. Behind a link the
      // story goes on with the next sentence, however short.
      const bool link = is_link(work, paragraph, *cue);
      for (std::size_t j = i + 1; j < work.last; ++j) {
        if (paragraphs[j].prose && (prose_after >= 2 || link)) break;
        if (link && (paragraphs[j].zone == Zone::kTail ||
                     ends_sentence(work.line_of(paragraphs[j]).after))) {
          break;
        }
        paragraphs[j].zone = Zone::kTail;
      }
      continue;
    }
    if (paragraph.prose && !paragraph.repeated) {
      ++prose_after;
      list_open = false;
    }
    if (list_open && i > first_prose && !paragraph.prose) paragraph.zone = Zone::kTail;
  }
}

// A single short last line is no list: it stays text unless it follows a tail.
void ZoneLabeler::Impl::keep_last_line(Work& work) const {
  if (work.last - work.first < 2) return;
  Paragraph& last = work.paragraphs[work.last - 1];
  const Paragraph& before = work.paragraphs[work.last - 2];
  if (last.zone != Zone::kTail || before.zone == Zone::kTail || last.repeated) return;
  if (cue_of(work, last) != nullptr) return;
  if (cue_inside(work, last) == nullptr && work.size_of(last) > 3) last.zone = Zone::kBody;
}

// What a press release ends with: who has sent it. "About Acme Corp." before "Acme Corp. is …".
void ZoneLabeler::Impl::mark_sender(Work& work) {
  std::vector<Paragraph>& paragraphs = work.paragraphs;
  bool prose_before = false;
  for (std::size_t i = work.first; i + 1 < work.last; ++i) {
    const Paragraph& heading = paragraphs[i];
    prose_before = prose_before || (i > work.first && paragraphs[i - 1].prose);
    if (!prose_before || heading.prose || !paragraphs[i + 1].prose) continue;
    if (!is_heading_about(work.line_of(heading))) continue;
    if (paragraphs[work.last - 1].token_end - heading.token_begin > kSenderTokensMax) continue;
    // "The Acme Group is", behind "About the Acme Group".
    const std::uint64_t name = work.hashes[heading.token_end - 1];
    const std::uint32_t begin = paragraphs[i + 1].token_begin;
    const auto words =
        work.hashes.subspan(begin, std::min(work.size_of(paragraphs[i + 1]), kNameTokensMax));
    if (std::find(words.begin(), words.end(), name) == words.end()) continue;
    for (std::size_t j = i; j < work.last; ++j) paragraphs[j].zone = Zone::kTail;
    return;
  }
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

}  // namespace wirewatch
