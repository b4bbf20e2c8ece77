// Places that the data lacks but the words beside them tell: "the village of Nagrig",
// "Thackerville, Okla.", "St. Mary's Hospital", "the Russian Embassy in Minsk". Each becomes an
// aside; where it lies is found when all names have their places (write_site).

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "common/region/region_work.h"

namespace wirewatch {

namespace {

constexpr std::uint32_t kSiteTokensMax = 5;  // Before "Hospital".
constexpr std::uint32_t kRunTokensMax = 4;   // Of a hamlet's name.
constexpr std::size_t kUnknownMin = 4;       // Letters of an unknown place's first word.
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

// Behind "in" and "near" they begin no place's name: "lives in God".
constexpr std::string_view kNoPlaceWords[] = {
    "class",  "district", "division", "form",  "forms",   "group", "game",   "round",
    "phase",  "chapter",  "section",  "part",  "level",   "stage", "region", "room",
    "series", "season",   "week",     "year",  "love",    "god",   "heaven", "hell",
    "humans", "english",  "latin",    "earth", "internet"};

// Before "in" and "at" they say that a place follows, and no firm, film or team: "lives in".
constexpr std::string_view kStayWords[] = {
    "live",      "lives",        "lived",         "living",   "born",      "raised",
    "died",      "killed",       "shot",          "stabbed",  "arrested",  "buried",
    "located",   "happened",     "occurred",      "crashed",  "landed",    "stayed",
    "arrived",   "gathered",     "camped",        "home",     "homes",     "house",
    "houses",    "farm",         "farms",         "village",  "villages",  "flat",
    "flats",     "apartment",    "church",        "school",   "schools",   "hospital",
    "hospitals", "prison",       "jail",          "camp",     "mosque",    "temple",
    "hotel",     "factory",      "offices",       "office",   "branches",  "headquarters",
    "warehouse", "cemetery",     "station",       "junction", "residents", "villagers",
    "police",    "mayor",        "crash",         "accident", "collision", "blast",
    "explosion", "attack",       "shooting",      "stabbing", "blaze",     "outbreak",
    "outbreaks", "incident",     "landslide",     "race",     "races",     "street",
    "road",      "neighborhood", "neighbourhood", "estate"};

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
    if (token > begin && is_time_word(text, token)) break;  // "Nagrig on Friday"
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

// True where the words around capitalised words behind "in" or "near" say that they name a place:
// "near Kentford", "lives in Cockerham", "in Kentish Town, London". Of shares, films and teams,
// which stand behind "in" too, this is not said.
bool RegionClassifier::tells_unknown(const Work& work, std::uint32_t token, std::uint32_t end) {
  static const WordSet kNone(kNoPlaceWords);
  static const WordSet kStay(kStayWords);
  const ArticleText& text = work.text;
  for (std::uint32_t each = token + 1; each < end; ++each) {
    if (is_time_word(text, each) || kNone.contains(text.hashes()[each])) return false;
  }
  // "Drugs In Raids": a title; "near Nagrig's …": what it has.
  if (text.is_capitalized(token) && !work.begins_sentence(token)) return false;
  const bool ends = end >= text.token_count();
  if (!ends && text.folded(end) == "s" && !is_space(text.gap_before(end))) return false;
  const std::string_view before = text.folded(token);
  if (before == "near" || before == "outside") return true;
  if (token > 0 && kStay.contains(text.hashes()[token - 1])) return true;
  return !ends && is_comma(text.gap_before(end)) && told_behind(work, end) >= 0;
}

// What an English text names as a place is one, whether the data has it or not.
void RegionClassifier::add_unknown(Work& work) {
  if (work.lower_case || work.language != "en") return;
  static const std::uint64_t kIn = token_hash("in");
  static const std::uint64_t kAt = token_hash("at");
  static const std::uint64_t kNear = token_hash("near");
  static const std::uint64_t kOutside = token_hash("outside");
  const ArticleText& text = work.text;
  RegionScratch& scratch = work.scratch;
  const auto begins_before = [](const auto& a, const auto& b) {
    return a.token_begin < b.token_begin;
  };
  std::sort(scratch.asides.begin(), scratch.asides.end(), begins_before);
  const std::size_t known_asides = scratch.asides.size();
  // Of names and what else is known, the first that ends behind the token.
  auto name = scratch.names.begin();
  auto taken = scratch.taken.begin();
  std::size_t aside = 0;
  std::uint32_t added_end = 0;  // Of the aside that was added last.
  for (const ZoneSpan& zone : text.zones()) {
    if (zone.zone == Zone::kTail || zone.zone == Zone::kHeadline) continue;
    const std::uint32_t zone_end = zone.token_end;
    for (std::uint32_t begin = next_capital(text, zone.token_begin + 1, zone_end); begin < zone_end;
         begin = next_capital(text, begin + 1, zone_end)) {
      const std::uint32_t token = begin - 1;
      const std::uint64_t hash = text.hashes()[token];
      if (hash != kIn && hash != kAt && hash != kNear && hash != kOutside) continue;
      const auto is_before = [&](const auto& each) { return each.token_end <= begin; };
      name = std::find_if_not(name, scratch.names.end(), is_before);
      if (name != scratch.names.end() && name->token_begin <= begin) continue;  // Most are known.
      if (text.is_all_caps(begin) || !is_space(text.gap_before(begin)) ||
          text.folded(begin).size() < kUnknownMin) {
        continue;
      }
      taken = std::find_if_not(taken, scratch.taken.end(), is_before);
      while (aside < known_asides && is_before(scratch.asides[aside])) ++aside;
      const std::uint32_t end = end_of_capitals(text, begin);
      if ((name != scratch.names.end() && name->token_begin < end) ||
          (taken != scratch.taken.end() && taken->token_begin < end) || begin < added_end ||
          (aside < known_asides && scratch.asides[aside].token_begin < end)) {
        continue;
      }
      if (!tells_unknown(work, token, end)) continue;
      added_end = end;
      scratch.asides.push_back({.token_begin = begin, .token_end = end, .country = {}});
    }
  }
  if (scratch.asides.size() == known_asides) return;
  std::sort(scratch.asides.begin(), scratch.asides.end(), begins_before);
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
