#include "common/text/zone_labeler.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string>

#include "common/base/hash.h"

namespace wirewatch {

namespace {

enum CueKind : std::uint8_t { kRelated, kLegal, kShare, kSignOff };

struct CueRow {
  const char* phrase;
  CueKind kind;
  bool anywhere = false;
};

#include "common/text/zone_cues.inc"

constexpr std::size_t kCueWordMax = 16;
constexpr std::size_t kParagraphMax = 4096;    // Further lines belong to the last paragraph.
constexpr std::size_t kCompareMax = 256;       // Paragraphs that are compared for repetition.
constexpr std::uint32_t kRepeatTokensMin = 5;  // Shorter paragraphs repeat by chance.
constexpr std::uint32_t kHeadTokens = 8;
constexpr std::size_t kDatelineBytesMax = 140;
constexpr std::uint32_t kLedeTokensMin = 10;  // A shorter first paragraph takes the next one along.
constexpr std::uint32_t kProseTokensMin = 20;  // Running text, with or without a full stop.
constexpr std::uint32_t kCueTokensMax = 90;    // A paragraph longer than this is no notice.

struct Cue {
  std::array<std::uint64_t, kCueWordMax> words{};
  std::uint32_t word_count = 0;
  CueKind kind = kRelated;
  bool anywhere = false;
};

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

bool starts(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// Length of a dash or the like that closes a dateline, at the beginning of `text`; 0 when none.
std::size_t closing_dash(std::string_view text) {
  for (const std::string_view dash : {"---", "--", "—", "–", "-", "_", ":", "="}) {
    if (!starts(text, dash)) continue;
    const std::string_view rest = text.substr(dash.size());
    if (rest.empty() || is_space(rest[0]) || dash == "—" || dash == "--") return dash.size();
  }
  return 0;
}

std::size_t skip_spaces(std::string_view text, std::size_t at) {
  while (at < text.size()) {
    if (is_space(text[at])) {
      ++at;
    } else if (starts(text.substr(at), "\u3000")) {
      at += 3;
    } else if (starts(text.substr(at), "\u00a0")) {
      at += 2;
    } else {
      break;
    }
  }
  return at;
}

bool is_upper_ascii(char c) {
  return c >= 'A' && c <= 'Z';
}

// True when `text` reads like "GROSSETO, Italy" or "SEOUL, Nov. 24" or "МОСКВА, 20 ноября": words
// that begin with a capital or a digit or are short, nothing that ends a sentence.
bool is_place_and_date(std::string_view text) {
  if (text.empty() || text.size() > 90) return false;
  std::size_t words = 0;
  std::size_t lower = 0;
  bool first = true;
  for (std::size_t at = 0; at < text.size();) {
    while (at < text.size() && (is_space(text[at]) || text[at] == ',' || text[at] == '.' ||
                                text[at] == '/' || text[at] == '\'' || text[at] == '-')) {
      ++at;
    }
    if (at >= text.size()) break;
    const char lead = text[at];
    std::size_t end = at;
    while (end < text.size() && !is_space(text[end]) && text[end] != ',' && text[end] != '/') ++end;
    const bool ascii_lower = lead >= 'a' && lead <= 'z';
    if (first && ascii_lower) return false;
    if (lead == '!' || lead == '?' || lead == '"' || lead == ';') return false;
    first = false;
    ++words;
    lower += static_cast<std::size_t>(ascii_lower);
    at = end;
  }
  return words >= 1 && words <= 9 && lower <= 2;
}

// Bytes at the beginning of `text` that are a dateline, closing dash and space included; 0 when
// none. Forms as in README.md.
std::size_t dateline_size(std::string_view whole) {
  const std::string_view text = whole.substr(0, kDatelineBytesMax);
  if (starts(text, "【")) {  // 【ソウル共同】, 【北京＝…】
    const std::size_t close = text.find("】");
    return close == std::string_view::npos || close > 90 ? 0 : skip_spaces(text, close + 3);
  }
  if (starts(text, "(") || starts(text, "（") || starts(text, "[")) {
    const std::size_t open = text[0] == '(' || text[0] == '[' ? 1 : 3;
    std::size_t close = text.find_first_of(")]", open);
    std::size_t close_size = 1;
    if (const std::size_t wide = text.find("）", open); wide < close) {
      close = wide;
      close_size = 3;
    }
    if (close == std::string_view::npos || close > 70) return 0;
    const std::string_view inside = text.substr(open, close - open);
    const std::size_t after = skip_spaces(text, close + close_size);
    if (inside.find('=') != std::string_view::npos || inside.find("＝") != std::string_view::npos) {
      // (서울=연합뉴스) 홍길동 기자 =
      const std::size_t equals = text.find("= ", after);
      return equals == std::string_view::npos || equals - after > 60
                 ? after
                 : skip_spaces(text, equals + 1);
    }
    // (ANSA) - ROMA, 20 NOV -
    const std::size_t dash = closing_dash(text.substr(after));
    if (dash == 0 || inside.size() > 30) return 0;
    const std::size_t place = skip_spaces(text, after + dash);
    for (const std::string_view mark : {" - ", " – ", " — ", " -- "}) {
      const std::size_t second = text.find(mark, place);
      if (second != std::string_view::npos &&
          is_place_and_date(text.substr(place, second - place))) {
        return skip_spaces(text, second + mark.size());
      }
    }
    return place;
  }
  // 新华社北京11月20日电: an agency's name that ends in 社 or 网, a place, a date, "telegram" or
  // "news".
  for (const std::string_view office : {"社", "网", "網"}) {
    const std::size_t agency = text.find(office);
    if (agency == std::string_view::npos || agency == 0 || agency > 18) continue;
    for (const std::string_view mark : {"日电", "日電", "日讯", "日訊", "电 ", "電 "}) {
      const std::size_t telegram = text.find(mark);
      if (telegram == std::string_view::npos || telegram <= agency || telegram > 70) continue;
      std::size_t at = telegram + (mark[mark.size() - 1] == ' ' ? 3 : 6);
      // (记者 …)
      if (starts(text.substr(skip_spaces(text, at)), "（")) {
        const std::size_t close = text.find("）", at);
        if (close != std::string_view::npos) at = close + 3;
      }
      return skip_spaces(text, at);
    }
  }
  // PLACE, date (AGENCY) -    МОСКВА, 20 ноября. /ТАСС/.
  std::size_t open = text.find_first_of("(/");
  while (open != std::string_view::npos && open > 0 && open <= 90) {
    const char closing = text[open] == '(' ? ')' : '/';
    const std::size_t close = text.find(closing, open + 1);
    if (close == std::string_view::npos) break;
    const bool agency = close - open - 1 >= 2 && close - open - 1 <= 40;
    std::size_t after = skip_spaces(text, close + 1);
    if (after < text.size() && text[after] == '.') after = skip_spaces(text, after + 1);
    const std::size_t dash = closing_dash(text.substr(after));
    if (agency && (dash > 0 || closing == '/') && is_place_and_date(text.substr(0, open))) {
      return skip_spaces(text, after + dash);
    }
    open = text.find_first_of("(/", close + 1);
  }
  // Sydney, July 30 AAP -    GENEVA —    ANKARA -
  for (const std::string_view mark : {" - ", " — ", " – ", " -- "}) {
    const std::size_t dash = text.find(mark);
    if (dash == std::string_view::npos || dash > 60) continue;
    const std::string_view before = text.substr(0, dash);
    if (!is_place_and_date(before)) continue;
    const std::size_t last = before.find_last_of(' ');
    const std::string_view agency =
        last == std::string_view::npos ? before : before.substr(last + 1);
    const auto all_caps = [](std::string_view word) {
      return word.size() >= 2 &&
             std::all_of(word.begin(), word.end(),
                         [](char c) {
                           return is_upper_ascii(c) || c == ',' || c == '.' ||
                                  static_cast<unsigned char>(c) >= 0x80;
                         }) &&
             is_upper_ascii(word[0]);
    };
    const std::string_view first = before.substr(0, before.find_first_of(" ,"));
    if (all_caps(agency) || (all_caps(first) && first.size() >= 3)) {
      return skip_spaces(text, dash + mark.size());
    }
  }
  return 0;
}

}  // namespace

class ZoneLabeler::Impl {
 public:
  Impl() {
    for (const CueRow& row : kCues) {
      std::string folded;
      fold(row.phrase, folded);
      Cue cue;
      cue.kind = row.kind;
      cue.anywhere = row.anywhere;
      ArticleText words;
      TextAnalyzer().analyze(row.phrase, "", words);
      for (const std::uint64_t hash : words.hashes()) {
        if (cue.word_count < kCueWordMax) cue.words[cue.word_count++] = hash;
      }
      if (cue.word_count > 0) cues_.push_back(cue);
    }
    std::stable_sort(cues_.begin(), cues_.end(),
                     [](const Cue& a, const Cue& b) { return a.words[0] < b.words[0]; });
    slots_.assign(std::bit_ceil(cues_.size() * 4), kNone);
    for (std::uint32_t i = 0; i < cues_.size(); ++i) {
      if (i > 0 && cues_[i].words[0] == cues_[i - 1].words[0]) continue;
      std::size_t slot = cues_[i].words[0] & (slots_.size() - 1);
      while (slots_[slot] != kNone) slot = (slot + 1) & (slots_.size() - 1);
      slots_[slot] = i;
    }
  }

  // The cue whose words stand at `token`, or null.
  [[nodiscard]] const Cue* cue_at(const ArticleText& text, std::uint32_t token,
                                  std::uint32_t end) const {
    const std::span<const std::uint64_t> hashes = text.hashes();
    const std::uint64_t hash = hashes[token];
    for (std::size_t slot = hash & (slots_.size() - 1); slots_[slot] != kNone;
         slot = (slot + 1) & (slots_.size() - 1)) {
      std::uint32_t index = slots_[slot];
      if (cues_[index].words[0] != hash) continue;
      for (; index < cues_.size() && cues_[index].words[0] == hash; ++index) {
        const Cue& cue = cues_[index];
        if (token + cue.word_count > end) continue;
        bool equal = true;
        for (std::uint32_t i = 1; i < cue.word_count && equal; ++i) {
          equal = hashes[token + i] == cue.words[i];
        }
        if (equal) return &cue;
      }
      return nullptr;
    }
    return nullptr;
  }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  std::vector<Cue> cues_;  // Sorted by first word.
  std::vector<std::uint32_t> slots_;
};

ZoneLabeler::ZoneLabeler() : impl_(std::make_unique<const Impl>()) {}
ZoneLabeler::~ZoneLabeler() = default;

namespace {

std::size_t count_newlines(std::string_view gap) {
  return static_cast<std::size_t>(std::count(gap.begin(), gap.end(), '\n'));
}

bool ends_sentence(std::string_view gap) {
  return gap.find_first_of(".!?") != std::string_view::npos;
}

}  // namespace

void ZoneLabeler::label(ArticleText& text) const {
  text.zones_.clear();
  text.paragraphs_.clear();
  const std::uint32_t body_begin = text.headline_token_count();
  const std::uint32_t count = text.token_count();
  if (body_begin > 0) {
    ZoneSpan zone;
    zone.zone = Zone::kHeadline;
    zone.span = {Field::kHeadline, 0, static_cast<std::uint32_t>(text.headline_size_)};
    zone.token_begin = 0;
    zone.token_end = body_begin;
    text.zones_.push_back(zone);
  }
  if (body_begin == count) return;

  // Hard-wrapped text: lines end inside of sentences and blank lines part the paragraphs.
  std::size_t line_ends = 0;
  std::size_t open_line_ends = 0;
  if (text.has_blank_lines_ || text.body().size() > 400) {
    for (std::uint32_t token = body_begin + 1; token < count; ++token) {
      if (text.begins_[token] - text.ends_[token - 1] < 1) continue;
      const std::string_view gap = text.gap_before(token);
      if (count_newlines(gap) != 1) continue;
      ++line_ends;
      const bool continues = gap.size() == 1 && !text.is_capitalized(token);
      open_line_ends += static_cast<std::size_t>(continues);
    }
  }
  const bool hard_wrapped = line_ends >= 4 && open_line_ends * 10 >= line_ends * 5;
  const std::size_t newlines_min = hard_wrapped ? 2 : 1;

  // Paragraphs; a notice glued onto running text begins its own at the sentence.
  auto& paragraphs = text.paragraphs_;
  paragraphs.push_back({.token_begin = body_begin});
  for (std::uint32_t token = body_begin + 1; token < count; ++token) {
    const std::uint32_t gap_size = text.begins_[token] - text.ends_[token - 1];
    const char single = text.folded_[text.ends_[token - 1]];
    if (gap_size == 1 && single != '\n') continue;
    const std::string_view gap = text.gap_before(token);
    bool splits = count_newlines(gap) >= newlines_min;
    if (!splits && (ends_sentence(gap) || gap.find('|') != std::string_view::npos)) {
      const Cue* cue = impl_->cue_at(text, token, count);
      splits =
          cue != nullptr && (cue->kind != kShare || cue->word_count > 1) &&
          text.is_capitalized(token) | (static_cast<unsigned char>(text.folded(token)[0]) >= 0x80);
    }
    if (splits && paragraphs.size() < kParagraphMax) {
      paragraphs.back().token_end = token;
      paragraphs.push_back({.token_begin = token});
    }
  }
  paragraphs.back().token_end = count;

  // Dateline: before the first running text, perhaps after a byline or a note to editors.
  const std::string_view body = text.body();
  const auto paragraph_offset = [&](std::uint32_t token) {
    std::uint32_t at = text.source_span(token, token + 1).begin;
    while (at > 0 && !is_space(body[at - 1])) --at;
    return at;
  };
  std::size_t dateline_paragraph = paragraphs.size();
  std::uint32_t dateline_end_token = 0;
  std::uint32_t dateline_begin = 0;
  std::uint32_t dateline_end = 0;
  for (std::size_t i = 0; i < std::min<std::size_t>(paragraphs.size(), 6); ++i) {
    const std::uint32_t at = paragraph_offset(paragraphs[i].token_begin);
    const std::size_t size = dateline_size(body.substr(at));
    if (size > 0) {
      const std::uint32_t after =
          text.token_at(Field::kBody, at + static_cast<std::uint32_t>(size));
      if (after < paragraphs[i].token_end) {
        dateline_paragraph = i;
        dateline_begin = at;
        dateline_end = at + static_cast<std::uint32_t>(size);
        dateline_end_token = after;
        break;
      }
    }
    if (paragraphs[i].token_end - paragraphs[i].token_begin >= kProseTokensMin) break;
  }

  // Repetitions, of an earlier paragraph or of the headline.
  const std::span<const std::uint64_t> hashes = text.hashes();
  const auto hash_range = [&](std::uint32_t begin, std::uint32_t end) {
    std::uint64_t hash = 0x243F6A8885A308D3ULL;
    for (std::uint32_t token = begin; token < end; ++token)
      hash = hash_combine(hash, hashes[token]);
    return hash;
  };
  const std::uint64_t headline_hash = hash_range(0, body_begin);
  for (std::size_t i = 0; i < paragraphs.size(); ++i) {
    auto& paragraph = paragraphs[i];
    const std::uint32_t begin =
        i == dateline_paragraph ? dateline_end_token : paragraph.token_begin;
    const std::uint32_t size = paragraph.token_end - begin;
    const std::string_view after =
        paragraph.token_end < count ? text.gap_before(paragraph.token_end)
                                    : std::string_view(text.folded_).substr(text.ends_[count - 1]);
    paragraph.prose = size >= kProseTokensMin || (size >= 6 && ends_sentence(after));
    if (size < kRepeatTokensMin) continue;
    paragraph.hash = hash_range(begin, paragraph.token_end);
    paragraph.head_hash = hash_range(begin, std::min(paragraph.token_end, begin + kHeadTokens));
    if (paragraph.hash == headline_hash) paragraph.repeated = true;
    for (std::size_t j = 0; j < std::min(i, kCompareMax) && !paragraph.repeated; ++j) {
      if (paragraphs[j].head_hash != paragraph.head_hash || paragraphs[j].head_hash == 0) continue;
      const std::uint32_t other = paragraphs[j].token_end - paragraphs[j].token_begin;
      // The same beginning and most of the length: the shorter is a cut copy of the longer.
      paragraph.repeated =
          paragraphs[j].hash == paragraph.hash ||
          (size >= kHeadTokens && std::min(size, other) * 10 >= std::max(size, other) * 6);
    }
  }

  // Tail: notices alone, and everything after the heading of other stories.
  std::size_t prose_after = 0;
  std::size_t first_prose = paragraphs.size();
  for (std::size_t i = 0; i < paragraphs.size(); ++i) {
    if (paragraphs[i].prose) {
      first_prose = i;
      break;
    }
  }
  bool list_open = true;  // From the end: only lines that are no prose so far.
  for (std::size_t i = paragraphs.size(); i-- > 0;) {
    auto& paragraph = paragraphs[i];
    const std::uint32_t size = paragraph.token_end - paragraph.token_begin;
    const Cue* cue = impl_->cue_at(text, paragraph.token_begin, paragraph.token_end);
    if (cue == nullptr && size <= kCueTokensMax) {
      for (std::uint32_t token = paragraph.token_begin + 1;
           token < paragraph.token_end && cue == nullptr; ++token) {
        const Cue* inside = impl_->cue_at(text, token, paragraph.token_end);
        if (inside != nullptr && inside->anywhere) cue = inside;
      }
    }
    // A notice is short; "Subscribe" in a long paragraph is a word of the story.
    if (cue != nullptr && !cue->anywhere && size > kCueTokensMax) cue = nullptr;
    if (cue != nullptr && cue->kind == kShare && size > 45) cue = nullptr;
    if (cue != nullptr && i < first_prose && prose_after > 0 && cue->kind == kRelated)
      cue = nullptr;
    if (cue != nullptr) {
      paragraph.zone = Zone::kTail;
      if (cue->kind == kRelated && prose_after < 2) {
        for (std::size_t j = i; j < paragraphs.size(); ++j) paragraphs[j].zone = Zone::kTail;
      }
      if (cue->kind == kRelated) {
        // In the middle of a story: the lines that follow and read like headlines.
        for (std::size_t j = i + 1; j < paragraphs.size() && !paragraphs[j].prose; ++j) {
          paragraphs[j].zone = Zone::kTail;
        }
      }
      continue;
    }
    if (paragraph.prose && !paragraph.repeated) {
      ++prose_after;
      list_open = false;
    }
    if (list_open && i > first_prose && !paragraph.prose) paragraph.zone = Zone::kTail;
  }
  // A single short last line is no list: it stays text unless it follows a tail.
  if (paragraphs.size() >= 2) {
    auto& last = paragraphs.back();
    const auto& before = paragraphs[paragraphs.size() - 2];
    if (last.zone == Zone::kTail && before.zone != Zone::kTail && !last.repeated &&
        impl_->cue_at(text, last.token_begin, last.token_end) == nullptr) {
      bool marked = false;
      for (std::uint32_t token = last.token_begin; token < last.token_end; ++token) {
        const Cue* cue = impl_->cue_at(text, token, last.token_end);
        marked = marked || (cue != nullptr && cue->anywhere);
      }
      if (!marked && last.token_end - last.token_begin > 3) last.zone = Zone::kBody;
    }
  }

  // Lede: the paragraph of the dateline, else the first that reads like running text.
  std::size_t lede = dateline_paragraph;
  for (std::size_t i = 0; i < paragraphs.size() && lede == paragraphs.size(); ++i) {
    if (paragraphs[i].zone == Zone::kTail || paragraphs[i].repeated) continue;
    if (paragraphs[i].prose || i + 1 == paragraphs.size()) lede = i;
  }
  if (lede == paragraphs.size()) {
    lede = 0;
    while (lede + 1 < paragraphs.size() && paragraphs[lede].zone == Zone::kTail) ++lede;
  }
  if (lede < paragraphs.size() && paragraphs[lede].zone != Zone::kTail) {
    paragraphs[lede].zone = Zone::kLede;
    const std::uint32_t from = std::max(paragraphs[lede].token_begin, dateline_end_token);
    if (paragraphs[lede].token_end - from < kLedeTokensMin && lede + 1 < paragraphs.size() &&
        paragraphs[lede + 1].zone == Zone::kBody && !paragraphs[lede + 1].repeated) {
      paragraphs[lede + 1].zone = Zone::kLede;
    }
  }

  // Spans: neighbours of one kind become one.
  const auto add = [&](Zone zone, bool repeated, std::uint32_t token_begin, std::uint32_t token_end,
                       std::uint32_t begin, std::uint32_t end) {
    if (token_begin == token_end) return;
    if (!text.zones_.empty()) {
      ZoneSpan& last = text.zones_.back();
      if (last.zone == zone && last.repeated == repeated && last.span.field == Field::kBody) {
        last.token_end = token_end;
        last.span.end = end;
        return;
      }
    }
    text.zones_.push_back({zone, {Field::kBody, begin, end}, token_begin, token_end, repeated});
  };
  for (std::size_t i = 0; i < paragraphs.size(); ++i) {
    const auto& paragraph = paragraphs[i];
    std::uint32_t begin = paragraph_offset(paragraph.token_begin);
    std::uint32_t end = text.source_span(paragraph.token_end - 1, paragraph.token_end).end;
    while (end < body.size() && !is_space(body[end])) ++end;
    std::uint32_t token_begin = paragraph.token_begin;
    if (i == lede && dateline_end_token > token_begin) {
      add(Zone::kDateline, false, token_begin, dateline_end_token, dateline_begin, dateline_end);
      token_begin = dateline_end_token;
      begin = dateline_end;
    }
    add(paragraph.zone, paragraph.repeated && paragraph.zone == Zone::kBody, token_begin,
        paragraph.token_end, begin, std::max(begin, end));
  }
}

}  // namespace wirewatch
