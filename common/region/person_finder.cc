// Which names are those of people.

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "common/base/hash.h"
#include "common/region/region_work.h"

namespace wirewatch {

namespace {

// Words that are no part of a person's name, whatever name follows: see is_place_word().
constexpr std::string_view kPlaceWords[] = {
    "in",    "of",      "from",    "to",    "near",    "at",      "for",    "with",   "and",
    "the",   "by",      "on",      "en",    "de",      "a",       "desde",  "aus",    "nach",
    "von",   "da",      "do",      "em",    "via",     "into",    "over",   "leave",  "against",
    "visit", "across",  "between", "than",  "around",  "or",      "but",    "as",     "that",
    "while", "when",    "if",      "under", "outside", "after",   "before", "during", "without",
    "about", "because", "how",     "what",  "this",    "only",    "even",   "now",    "then",
    "both",  "more",    "some",    "no",    "every",   "through", "says",   "since",  "like",
    "where", "its",     "than",    "not",   "also"};

// Capitalised neighbours that make no person of a name: "in Paris Friday", "Northern Virginia",
// "Georgia State".
constexpr std::string_view kPublicWords[] = {
    "monday",      "tuesday",    "wednesday",   "thursday",   "friday",    "saturday",
    "sunday",      "january",    "february",    "march",      "april",     "may",
    "june",        "july",       "august",      "september",  "october",   "november",
    "december",    "north",      "south",       "east",       "west",      "northern",
    "southern",    "eastern",    "western",     "central",    "upper",     "lower",
    "greater",     "downtown",   "state",       "county",     "city",      "university",
    "college",     "police",     "department",  "government", "airport",   "river",
    "valley",      "bank",       "republic",    "parliament", "congress",  "senate",
    "house",       "governor",   "gov",         "attorney",   "supreme",   "court",
    "legislature", "assembly",   "district",    "region",     "province",  "international",
    "national",    "federal",    "public",      "high",       "school",    "board",
    "council",     "commission", "association", "institute",  "center",    "centre",
    "museum",      "hospital",   "railway",     "airlines",   "stock",     "exchange",
    "power",       "gas",        "oil",         "pacific",    "atlantic",  "bay",
    "beach",       "tech",       "dome",        "army",       "navy",      "air",
    "defense",     "defence",    "foreign",     "minister",   "ministry",  "prime",
    "president",   "king",       "republicans", "republican", "democrats", "democrat",
    "democratic",  "party",      "union",       "times",      "post",      "news",
    "press",       "journal",    "tribune",     "herald",     "bulldogs",  "tech",
    "tigers",      "united",     "fc",          "dc",         "s"};

// Words between a given name and a surname.
constexpr std::string_view kParticles[] = {"van", "von", "bin", "ibn"};

bool is_particle(const ArticleText& text, std::uint32_t token) {
  static const WordSet kWords(kParticles);
  return kWords.contains(text.hashes()[token]);
}

// Titles of people, of which none names what a country has: not "President", nor "Miss".
constexpr std::string_view kPersonsTitles[] = {
    "judge",   "mr",        "mrs",  "ms",  "sgt",      "sergeant", "officer", "detective",
    "sheriff", "professor", "prof", "rev", "reverend", "monsieur", "herr",    "frau"};

bool is_persons_title(const ArticleText& text, std::uint32_t token) {
  static const WordSet kWords(kPersonsTitles);
  return kWords.contains(text.hashes()[token]);
}

// Units of a person's age, as folded.
constexpr std::string_view kYears[] = {"years", "year", "anni", "anos",  "ans",  "ani",
                                       "jahre", "jaar", "år",   "lat",   "eves", "let",
                                       "лет",   "года", "год",  "років", "роки", "години"};

// "Callum France, 29, of Rhuthun", "Gavino Spagna, 49 anni": who has an age is a person, where a
// capitalised word that begins no place's name stands before the name.
bool has_age(const ArticleText& text, std::uint32_t token) {
  static const WordSet kUnits(kYears);
  const std::uint32_t age = token + 1;
  const std::uint32_t behind = token + 2;
  if (token == 0 || behind >= text.token_count() || !is_comma(text.gap_before(age)) ||
      !is_space(text.gap_before(token)) || !text.is_capitalized(token - 1) ||
      is_place_word(text, token - 1) || is_public_word(text, token - 1)) {
    return false;
  }
  const std::string_view digits = text.folded(age);
  if (digits.size() != 2 || digits.find_first_not_of("0123456789") != std::string_view::npos) {
    return false;
  }
  return text.gap_before(behind).starts_with(", ") ||  // Not "Arena Munich, 70,000".
         (is_space(text.gap_before(behind)) && kUnits.contains(text.hashes()[behind]));
}

// "in Paris": what is named so here is no person, whoever bears the name elsewhere.
constexpr std::string_view kBeforePlaces[] = {"in", "near", "at",   "from", "في", "در", "в",  "во",
                                              "у",  "στη",  "στην", "στο",  "在", "驻", "赴", "抵"};

bool stands_in_place(const ArticleText& text, std::uint32_t token) {
  static const WordSet kWords(kBeforePlaces);
  if (token == 0 || token == text.headline_token_count()) return false;
  if (!is_space(text.gap_before(token)) && text.starts_word(token)) {
    return false;  // "… a cross in. Israel will get better."
  }
  return kWords.contains(text.hashes()[token - 1]);
}

// Endings that a capitalised word inside a sentence has as a surname, be it a country's stem, too:
// "Маликов" of Мали, "Virolainen" of Viro.
constexpr std::string_view kSlavicSurnames[] = {"ов", "овым", "овы", "овых"};

bool is_surname_of_stem(std::string_view language, std::string_view word) {
  if (language == "fi") return word.ends_with("nen");
  if (language != "ru" && language != "uk" && language != "bg") return false;
  return std::any_of(std::begin(kSlavicSurnames), std::end(kSlavicSurnames),
                     [&](std::string_view ending) { return word.ends_with(ending); });
}

// Of all words of a name, which scripts that write words without spaces have more than one of.
std::uint64_t name_hash(const ArticleText& text, std::uint32_t begin, std::uint32_t end) {
  std::uint64_t hash = text.hashes()[begin];
  for (std::uint32_t token = begin + 1; token < end; ++token) {
    hash = hash_combine(hash, text.hashes()[token]);
  }
  return hash;
}

// "Umut Ankara'da": a word that begins a sentence may be a given name, too.
constexpr float kGreatPriorMin = 5.7F;  // About 500,000 people.

bool is_great(std::span<const Candidate> candidates) {
  return std::any_of(candidates.begin(), candidates.end(), [](const Candidate& c) {
    const bool capital = c.kind == NameKind::kCapital;
    return c.prior - (capital ? kCapitalBonus : 0) >= kGreatPriorMin;
  });
}

}  // namespace

bool is_dot_before(const ArticleText& text, std::uint32_t token) {
  constexpr std::string_view kDots[] = {"·", "・", "‧", "•", "･"};
  if (token == 0 || token == text.headline_token_count() || token >= text.token_count() ||
      text.gap_before(token).find(',') == std::string_view::npos) {
    return false;
  }
  SourceSpan gap = text.source_span(token, token + 1);
  gap.end = gap.begin;
  gap.begin = text.source_span(token - 1, token).end;
  return std::find(std::begin(kDots), std::end(kDots), text.source(gap)) != std::end(kDots);
}

bool is_place_word(const ArticleText& text, std::uint32_t token) {
  static const WordSet kWords(kPlaceWords);
  return kWords.contains(text.hashes()[token]);
}

bool is_public_word(const ArticleText& text, std::uint32_t token) {
  static const WordSet kWords(kPublicWords);
  return kWords.contains(text.hashes()[token]);
}

void RegionClassifier::note_given(Work& work, const Meanings& meanings, bool is_place) {
  if (!meanings.precedes_surname()) return;
  work.given_is_place = is_place;
  work.given_end = meanings.token_end();
  work.sure_given = meanings.sure_given;
}

// True where a single word is the name of a person. Headlines capitalise everything and prove
// nothing.
bool RegionClassifier::is_person(const Work& work, const Meanings& meanings,
                                 std::span<const PhraseHit> behind) const {
  const ArticleText& text = work.text;
  const std::uint32_t token = meanings.token_begin();
  const std::uint32_t headline = text.headline_token_count();
  if (is_other_script(text.folded(token)) && is_person_abroad(work, meanings, behind)) return true;
  if (meanings.own || meanings.token_end() != token + 1 || work.lower_case ||
      token < work.organisation_end) {
    return false;
  }
  const bool name_like = (meanings.flags & bit(NameFlag::kGivenName)) != 0;
  if ((name_like || meanings.given) && precedes_surname(work, token)) return true;
  if (!work.begins_sentence(token) && text.is_capitalized(token) &&
      meanings.has_kind(bit(NameKind::kCountry) | bit(NameKind::kDemonym)) &&
      is_surname_of_stem(work.language, text.folded(token))) {
    return true;
  }
  if (work.language == "hu" && precedes_given_name(work, token, behind)) return true;
  if (token < headline) return false;
  const bool towns = !meanings.has_kind(bit(NameKind::kCountry) | bit(NameKind::kDemonym) |
                                        bit(NameKind::kGovernment) | bit(NameKind::kLeader) |
                                        bit(NameKind::kMetonym));
  if (name_like && token > headline + 1 && text.gap_before(token) == ". " &&
      text.folded(token - 1).size() == 1 && text.is_capitalized(token - 2) &&
      is_space(text.gap_before(token - 1))) {
    return true;  // "Jon R. Taylor"
  }
  if (work.title_end == token && token > headline && is_space(text.gap_before(token)) &&
      is_persons_title(text, token - 1)) {
    return true;  // "Judge Ireland"
  }
  if (work.title_end == token && token > headline && text.is_all_caps(token - 1)) {
    return true;  // "USS Georgia"
  }
  if (token > headline + 1 && text.gap_before(token) == "-" && work.given_end + 1 == token &&
      is_space(text.gap_before(token - 1)) && text.is_capitalized(token - 1) &&
      text.folded(token - 1).size() > 1) {
    return true;  // "Diego Pol-Wales", not "Ricky Moye, D-Raleigh"
  }
  if (token > headline && has_age(text, token)) return true;
  if (bears_countrys_name(work, meanings)) return true;
  const bool people = meanings.demonym && text.is_capitalized(token);  // "Anna Schweizer"
  if (token > headline && is_space(text.gap_before(token)) && (name_like || towns || people)) {
    const bool likely = (name_like || towns) && !is_great(meanings.candidates(work.scratch));
    if (work.given_end == token && (work.sure_given || likely)) return true;
    if (work.title_end == token && (name_like || towns)) return true;
    if (is_surname_after(work, token, name_like)) return true;
  }
  // "Jordan Smith", where Smith may be a town, but hardly so.
  if (!meanings.given || !name_like) return false;
  if (!meanings.sure_given && is_great(meanings.candidates(work.scratch))) return false;
  if (token + 1 >= text.token_count() || !is_space(text.gap_before(token + 1)) ||
      !text.is_capitalized(token + 1) || text.is_all_caps(token + 1) ||
      is_public_word(text, token + 1)) {
    return false;
  }
  for (const PhraseHit& hit : behind) {
    if (hit.token_begin != token + 1) break;
    for (const GazetteerName& name : gazetteer_.names(hit.phrase)) {
      if (is_place(name.kind) && !name.has(NameFlag::kGivenName) &&
          !name.has(NameFlag::kNeedsContext) && !name.has(NameFlag::kListed)) {
        return false;
      }
    }
  }
  return true;
}

// "Engineer Peter Austria said": a given name makes a surname of a country's, too, inside a
// sentence, where "Will" and "Grant" are no verbs, if it names no place itself, as in "Florence
// Italy", and the country was not named before.
bool RegionClassifier::bears_countrys_name(const Work& work, const Meanings& meanings) {
  const ArticleText& text = work.text;
  const std::uint32_t token = meanings.token_begin();
  if (!meanings.has_kind(bit(NameKind::kCountry)) || work.given_end != token || !work.sure_given ||
      work.given_is_place || token <= text.headline_token_count() ||
      !is_space(text.gap_before(token)) || !text.is_capitalized(token) || text.is_all_caps(token) ||
      work.begins_sentence(token - 1)) {
    return false;
  }
  const std::vector<Name>& names = work.scratch.names;
  return std::none_of(names.begin(), names.end(), [&](const Name& name) {
    return text.hashes()[name.token_begin] == text.hashes()[token];
  });
}

// "Дензел Вашингтон", "ジャック・ロンドン", "诺曼·兰姆": foreigners in scripts of which the rules
// for Latin letters know nothing. In Chinese the dot alone tells; in Japanese it parts the words of
// lists, too, so that a given name must stand before it.
bool RegionClassifier::is_person_abroad(const Work& work, const Meanings& meanings,
                                        std::span<const PhraseHit> behind) const {
  constexpr std::uint32_t kTowns =
      bit(NameKind::kCity) | bit(NameKind::kCapital) | bit(NameKind::kSubdivision);
  if (meanings.own) return false;
  const ArticleText& text = work.text;
  const std::uint32_t begin = meanings.token_begin();
  const std::uint32_t end = meanings.token_end();
  const std::uint32_t headline = text.headline_token_count();
  const bool chinese = work.language == "zh";
  const bool first = begin == 0 || begin == headline;
  const bool joined = is_dot_before(text, begin);
  if (!first && meanings.has_kind(kTowns | bit(NameKind::kDemonym))) {
    if (work.given_end == begin && (joined || is_space(text.gap_before(begin)))) return true;
    const std::vector<Name>& names = work.scratch.names;
    if (chinese && joined && meanings.has_kind(kTowns) &&
        (names.empty() || names.back().token_end != begin))
      return true;
  }
  // "チャド・リー", "华盛顿·戈麦斯": before a surname that is no place.
  if (joined || !(chinese || meanings.given) || end >= text.token_count() || end == headline ||
      !meanings.has_kind(kTowns | bit(NameKind::kCountry)) || !is_dot_before(text, end)) {
    return false;
  }
  for (const PhraseHit& hit : behind) {
    if (hit.token_begin > end) break;
    const auto names = gazetteer_.names(hit.phrase);
    if (hit.token_begin == end && std::any_of(names.begin(), names.end(), [](const auto& name) {
          return is_place(name.kind);
        })) {
      return false;
    }
  }
  return true;
}

// Notes that what is named here is a person, for other sentences, which may have but the surname.
void RegionClassifier::note_person(Work& work, const Meanings& meanings) {
  const ArticleText& text = work.text;
  const std::uint32_t end = meanings.token_end();
  if (is_dot_before(text, end)) return;
  if (work.lower_case && meanings.is_demonym()) return;  // "محمد المصري", "الجيش المصري"
  work.scratch.persons.push_back(name_hash(text, meanings.token_begin(), end));
}

// "Magyar Péter", not "Magyar Nemzeti Bank": Hungarian puts the surname first.
bool RegionClassifier::precedes_given_name(const Work& work, std::uint32_t token,
                                           std::span<const PhraseHit> behind) const {
  const ArticleText& text = work.text;
  const std::uint32_t next = token + 1;
  if (next >= text.token_count() || next == text.headline_token_count() ||
      !text.is_capitalized(token) || !is_space(text.gap_before(next)) ||
      !text.is_capitalized(next)) {
    return false;
  }
  for (const PhraseHit& hit : behind) {
    if (hit.token_begin > next) break;
    if (hit.token_end != next + 1) continue;
    for (const GazetteerName& name : gazetteer_.names(hit.phrase)) {
      if (name.kind == NameKind::kRoleGiven && (gazetteer_.languages(name) & work.languages) != 0) {
        return true;
      }
    }
  }
  return false;
}

// True where the word before makes a surname of a name: "Chrystia Freeland", "Roger van Boxtel".
bool RegionClassifier::is_surname_after(const Work& work, std::uint32_t token, bool name_like) {
  const ArticleText& text = work.text;
  const std::vector<Name>& names = work.scratch.names;
  const std::string_view before = text.folded(token - 1);
  if (is_particle(text, token - 1) && token >= 2 && text.is_capitalized(token - 2)) {
    return work.language == "en";  // "Bürger von Jena"
  }
  if (!name_like || !text.is_capitalized(token - 1)) return false;
  if (!names.empty() && names.back().token_end == token) return false;
  return !text.is_all_caps(token - 1) && before.size() > 2 && !is_place_word(text, token - 1) &&
         !is_public_word(text, token - 1) && !work.begins_sentence(token - 1);
}

// Who is a person once is one everywhere in the article, also in the headline, unless the same name
// stands where only a place can.
void RegionClassifier::drop_persons(Work& work) {
  RegionScratch& scratch = work.scratch;
  if (scratch.persons.empty()) return;
  const auto hash_of = [&](const Name& name) {
    return name_hash(work.text, name.token_begin, name.token_end);
  };
  for (const Name& name : scratch.names) {
    if (stands_in_place(work.text, name.token_begin)) {
      std::erase(scratch.persons, hash_of(name));
    }
  }
  for (Name& name : scratch.names) {
    if (name.dropped) continue;
    if (name.demonym && !work.text.is_capitalized(name.token_begin)) continue;  // "a magyar"
    if (std::find(scratch.persons.begin(), scratch.persons.end(), hash_of(name)) ==
        scratch.persons.end()) {
      continue;
    }
    name.dropped = true;
    work.ignore(name.token_begin, name.token_end, IgnoredReason::kPerson);
  }
}

}  // namespace wirewatch
