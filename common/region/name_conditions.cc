// Conditions of names that few of them have, and what the text says of these: "US" in capitals,
// "Szegedi" as an adjective, "Okla." behind a comma.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "common/region/region_work.h"

namespace wirewatch {

namespace {

constexpr std::uint32_t kCountyTokensMax = 40;  // Of a list of counties.

// True for a name in a list of counties: "Clay, Douglas and Grant counties", not "Ohio counties".
bool lists_counties(const ArticleText& text, const PhraseHit& hit) {
  const std::uint32_t begin = hit.token_begin;
  bool several =
      begin > 0 && (is_comma(text.gap_before(begin)) ||
                    (is_space(text.gap_before(begin)) && joins_list(text.folded(begin - 1))));
  const std::uint32_t end = std::min(text.token_count(), hit.token_end + kCountyTokensMax);
  for (std::uint32_t token = hit.token_end; token < end; ++token) {
    const std::string_view gap = text.gap_before(token);
    const std::string_view word = text.folded(token);
    if (is_space(gap) && (word == "counties" || word == "parishes")) return several;
    if (!is_space(gap) && !is_comma(gap)) return false;
    if (!text.is_capitalized(token) && !joins_list(word)) return false;
    several = several || !is_space(gap) || joins_list(word);
  }
  return false;
}

// First bytes of the characters of three bytes that are syllables of Hangul, and that are Han.
bool is_hangul(std::string_view folded) {
  return static_cast<unsigned char>(folded.front()) - 0xEAU < 4;
}

bool is_han(std::string_view folded) {
  return static_cast<unsigned char>(folded.front()) - 0xE4U < 6;
}

// What Korean writes onto a name: "한미는", "한중간".
constexpr std::string_view kEndings[] = {"은", "는", "이", "가", "을", "를", "의", "에", "와",
                                         "과", "도", "로", "만", "간", "측", "발", "서"};

// "12日米": the day of a month.
bool is_behind_a_number(const ArticleText& text, std::uint32_t token) {
  if (token == 0 || token == text.headline_token_count()) return false;
  const char last = text.folded(token - 1).back();
  return last >= '0' && last <= '9' &&
         text.source_span(token - 1, token).end == text.source_span(token, token + 1).begin;
}

// True where no other word is attached to a name of a script that may write words without spaces
// between them: 中美贸易, 한미 정상, not 其中美元, 12日米, 한미약품.
bool stands_alone(const ArticleText& text, const PhraseHit& hit) {
  static const WordSet kWords(kEndings);
  const std::uint32_t begin = hit.token_begin;
  const std::uint32_t end = hit.token_end;
  if (!text.starts_word(begin) && is_han(text.folded(begin - 1))) return false;
  if (is_behind_a_number(text, begin)) return false;
  const auto is_attached = [&](std::uint32_t token) {
    return token < text.token_count() && !text.starts_word(token);
  };
  if (!is_attached(end)) return true;
  if (is_hangul(text.folded(end - 1)) && is_hangul(text.folded(end))) {
    return kWords.contains(text.hashes()[end]) && !is_attached(end + 1);
  }
  return end > begin + 1 || !is_han(text.folded(end));  // 北 alone, not 北東
}

}  // namespace

// Of a name that has some of them: its flags, or nullopt where they do not hold.
std::optional<std::uint16_t> RegionClassifier::seldom_flags_in_text(const Work& work,
                                                                    const GazetteerName& name,
                                                                    const PhraseHit& hit) {
  const ArticleText& text = work.text;
  const std::uint32_t begin = hit.token_begin;
  std::uint16_t flags = name.flags;
  if (name.has(NameFlag::kAllCapitals)) {
    if (!text.is_all_caps(begin)) return std::nullopt;
    if (hit.token_end < text.token_count() && text.gap_before(hit.token_end).starts_with('$')) {
      return std::nullopt;  // "US$1 million"
    }
    const bool loud = begin < text.headline_token_count() && work.loud_headline;
    if (loud && text.folded(begin).size() <= 3) flags |= bit(NameFlag::kAmbiguous);
  }
  if (name.has(NameFlag::kDiacritic)) {
    const auto wanted = static_cast<std::uint16_t>(flags >> kMarksShift);
    const std::uint16_t marks = marks_of(text.source(text.source_span(begin, hit.token_end)));
    const bool fits = wanted == marks || (marks == kAnyMarks && wanted != 0) ||
                      (wanted == kAnyMarks && marks != 0);
    if (!fits) return std::nullopt;
  }
  const std::vector<Name>& names = work.scratch.names;
  if (name.has(NameFlag::kAfterComma) &&
      (names.empty() || names.back().token_end != begin || !is_comma(text.gap_before(begin))) &&
      !is_state_alone(work, hit)) {
    return std::nullopt;
  }
  if (is_adjective(flags) && is_place(name.kind) &&
      !stands_as_adjective(work, hit, name.has(NameFlag::kCapital))) {
    return std::nullopt;
  }
  if (name.has(NameFlag::kListed) && !lists_counties(text, hit)) return std::nullopt;
  if (name.has(NameFlag::kShared) && (flags & kSharedAlone) != 0 && !stands_alone(text, hit)) {
    return std::nullopt;
  }
  return flags;
}

// "Szegedi rendőrség", "die Münchner Polizei", not "Szegedi Attila" nor "die Münchner": adjectives
// of towns are surnames, too, where they have a capital. `capitalised` are those of German. Who is
// named so once may begin other sentences alone.
bool RegionClassifier::stands_as_adjective(const Work& work, const PhraseHit& hit,
                                           bool capitalised) {
  const ArticleText& text = work.text;
  const std::uint32_t begin = hit.token_begin;
  const std::uint32_t headline = text.headline_token_count();
  const auto precedes = [&](std::uint32_t token, bool capital) {
    return token < text.token_count() && token != headline && is_space(text.gap_before(token)) &&
           text.is_capitalized(token) == capital;
  };
  if (capitalised) return precedes(hit.token_end, true);
  if (work.lower_case || !text.is_capitalized(begin)) return true;
  if (begin < headline && work.loud_headline) return true;
  if (!work.begins_sentence(begin) || !precedes(hit.token_end, false)) return false;
  for (std::uint32_t token = next_capital(text, 0, text.token_count()); token < text.token_count();
       token = next_capital(text, token + 1, text.token_count())) {
    if (text.hashes()[token] != text.hashes()[begin]) continue;
    const bool name = !work.begins_sentence(token) || precedes(token + 1, true);
    if (name && (token >= headline || !work.loud_headline)) return false;
  }
  return true;
}

// "Missing Ill. man", "D-Calif.", "Thackerville, Okla.": an abbreviation that stands for a state
// although no town that is known precedes it.
bool RegionClassifier::is_state_alone(const Work& work, const PhraseHit& hit) {
  const ArticleText& text = work.text;
  const std::uint32_t begin = hit.token_begin;
  const std::uint32_t end = hit.token_end;
  if (begin == 0 || begin == text.headline_token_count() || work.lower_case) return false;
  const std::string_view before = text.gap_before(begin);
  const std::string_view party = text.folded(begin - 1);
  if (before == "-") return party == "d" || party == "r" || party == "i";
  if (end >= text.token_count()) return false;
  const std::string_view behind = text.gap_before(end);
  if (!behind.starts_with('.')) return false;
  if (is_comma(before) && text.is_capitalized(begin - 1)) return true;
  return behind == ". " && is_space(before) && !text.is_capitalized(end);
}

}  // namespace wirewatch
