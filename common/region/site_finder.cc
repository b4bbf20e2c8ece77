// Places that the data lacks but the words beside them tell: "the village of Nagrig",
// "Thackerville, Okla.", "St. Mary's Hospital", "the Russian Embassy in Minsk". Each becomes an
// aside; where it lies is found when all names have their places (write_site).

#include <algorithm>

#include "common/region/region_work.h"

namespace wirewatch {

namespace {

constexpr std::uint32_t kSiteTokensMax = 5;  // Before "Hospital".
constexpr std::uint32_t kRunTokensMax = 4;   // Of a hamlet's name.
constexpr int kHamletsMax = 8;               // "The villages of Nuli, Avnevi and Prisi".

// Words before the name of a town that its state or country follows.
constexpr std::string_view kWhereWords[] = {"in", "at", "near", "of", "from", "outside"};

// Small words inside of a place's name.
constexpr std::string_view kInnerWords[] = {"de",   "del", "la",  "le",  "el",  "al", "di",
                                            "da",   "do",  "dos", "du",  "des", "am", "an",
                                            "upon", "on",  "of",  "the", "och", "sur"};

// What begins with a capital and stands after "in" or "of" like a place.
constexpr std::string_view kTimeWords[] = {
    "monday",  "tuesday",   "wednesday", "thursday", "friday",   "saturday",  "sunday",
    "january", "february",  "march",     "april",    "may",      "june",      "july",
    "august",  "september", "october",   "november", "december", "christmas", "easter",
    "spring",  "summer",    "autumn",    "fall",     "winter",   "congress",  "parliament"};

bool is_where_word(const ArticleText& text, std::uint32_t token) {
  static const WordSet kWords(kWhereWords);
  return kWords.contains(text.hashes()[token]);
}

bool is_inner_word(const ArticleText& text, std::uint32_t token) {
  static const WordSet kWords(kInnerWords);
  return kWords.contains(text.hashes()[token]);
}

bool is_time_word(const ArticleText& text, std::uint32_t token) {
  static const WordSet kWords(kTimeWords);
  return kWords.contains(text.hashes()[token]);
}

// True where two words are written as parts of one name: "Baden-Baden", "St. Ives", "Land's End".
bool joins_name(const ArticleText& text, std::uint32_t token) {
  const std::string_view gap = text.gap_before(token);
  return is_space(gap) || gap == "-" || gap == "'" ||
         (gap == ". " && text.folded(token - 1).size() <= 2);
}

// The end of the capitalised words that begin at a token, or the token itself.
std::uint32_t end_of_capitals(const ArticleText& text, std::uint32_t begin) {
  std::uint32_t end = begin;
  std::uint32_t token = begin;
  while (token < text.token_count() && token - begin < kRunTokensMax) {
    if (token > begin && !joins_name(text, token)) break;
    if (text.is_capitalized(token)) {
      end = token + 1;
    } else if (token == begin || !is_inner_word(text, token)) {
      break;
    }
    ++token;
  }
  // Of "Nagrig's" the s belongs to none.
  if (end > begin + 1 && text.folded(end - 1) == "s" && !is_space(text.gap_before(end - 1))) --end;
  return end;
}

}  // namespace

// "St. Mary's Hospital", "Elm Street", "Motutapu island": capitalised words before what is built or
// lies somewhere. A word in small letters says what it is and is no part of its name.
void RegionClassifier::add_site(Work& work, const PhraseHit& hit) {
  const ArticleText& text = work.text;
  const std::uint32_t end = hit.token_begin;
  const std::uint32_t first = std::max(
      {work.covered_end, text.headline_token_count(), end - std::min(end, kSiteTokensMax)});
  std::uint32_t begin = end;
  while (begin > first) {
    const std::uint32_t token = begin - 1;
    const std::string_view gap = text.gap_before(begin);
    const bool possessive = text.folded(token) == "s" && text.gap_before(token).size() == 1;
    const bool initial = gap == ". " && text.folded(token).size() <= 2;
    if (!is_space(gap) && !initial && !(text.folded(begin) == "s" && gap.size() == 1)) break;
    if (!possessive && !text.is_capitalized(token)) break;
    begin = token;
  }
  std::int32_t told = -1;
  // "British International School": what precedes is a part of its name.
  const std::vector<Name>& names = work.scratch.names;
  if (begin == work.covered_end && begin > text.headline_token_count() && !names.empty() &&
      names.back().token_end == begin && is_space(text.gap_before(begin))) {
    begin = names.back().token_begin;
    const NameKind kind = work.candidates(work.scratch.groups[names.back().group]).front().kind;
    if (is_populated(kind) || kind == NameKind::kSubdivision) {  // "Arizona State University"
      told = static_cast<std::int32_t>(names.size() - 1);
    }
  } else if (begin < end && is_place_word(text, begin)) {
    ++begin;  // "The", "At" at a sentence's begin.
  }
  if (begin == end || text.folded(begin) == "s") return;
  const std::uint32_t site_end = text.is_capitalized(hit.token_begin) ? hit.token_end : end;
  work.scratch.asides.push_back(
      {.token_begin = begin, .token_end = site_end, .country = {}, .name = told});
}

// "Lemay, Missouri", of which only the state is known. `covered_end` is the end of what was known
// before the name that was added last.
void RegionClassifier::add_hamlet_before(Work& work, std::uint32_t covered_end) {
  const ArticleText& text = work.text;
  const Name& name = work.scratch.names.back();
  const std::uint32_t end = name.token_begin;
  if (end < 2 || covered_end >= end || !is_comma(text.gap_before(end))) return;
  const NameKind kind = work.candidates(work.scratch.groups[name.group]).front().kind;
  if (kind != NameKind::kSubdivision && kind != NameKind::kCountry) return;
  const std::uint32_t first = std::max(covered_end, end - std::min(end, kRunTokensMax));
  std::uint32_t begin = end;
  while (begin > first && text.is_capitalized(begin - 1) && !text.is_all_caps(begin - 1) &&
         (begin == end || joins_name(text, begin))) {
    --begin;
  }
  if (begin == end || begin == first || work.given_end > begin || is_time_word(text, begin)) return;
  if (!is_space(text.gap_before(begin)) || !is_where_word(text, begin - 1)) return;
  const std::string_view before = text.folded(begin - 1);
  if (kind == NameKind::kCountry && (before == "of" || before == "from")) return;
  // "In Sparta, Texas Gov. …": what follows a state so told begins nothing new.
  const std::uint32_t next = name.token_end;
  if (next < text.token_count() && is_space(text.gap_before(next)) && text.is_capitalized(next)) {
    return;
  }
  work.scratch.asides.push_back({.token_begin = begin,
                                 .token_end = end,
                                 .country = {},
                                 .name = static_cast<std::int32_t>(work.scratch.names.size() - 1)});
}

// "The village of Nagrig", "the villages of Nuli and Avnevi": what follows is a place, whether the
// data has it or not.
void RegionClassifier::add_hamlets_behind(Work& work, const PhraseHit& hit) {
  const ArticleText& text = work.text;
  const bool several = text.folded(hit.token_begin).ends_with('s');
  std::uint32_t begin = hit.token_end;
  for (int i = 0; i < kHamletsMax; ++i) {
    if (begin >= text.token_count() || (i == 0 && !is_space(text.gap_before(begin)))) return;
    const std::uint32_t end = end_of_capitals(text, begin);
    if (end == begin) return;
    work.scratch.asides.push_back({.token_begin = begin, .token_end = end, .country = {}});
    if (!several || end >= text.token_count()) return;
    begin = end;
    if (joins_list(text.folded(begin))) {
      ++begin;
    } else if (!is_comma(text.gap_before(begin))) {
      return;
    }
  }
}

// The number of the name that begins at a token, or -1.
std::int32_t RegionClassifier::name_at(const Work& work, std::uint32_t token) {
  const std::vector<Name>& names = work.scratch.names;
  const auto name = std::lower_bound(
      names.begin(), names.end(), token,
      [](const Name& each, std::uint32_t begin) { return each.token_begin < begin; });
  if (name == names.end() || name->token_begin != token || name->dropped) return -1;
  return static_cast<std::int32_t>(name - names.begin());
}

}  // namespace wirewatch
