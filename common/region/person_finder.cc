// Which names are those of people.

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

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

// "in Paris": what is named so here is no person, whoever bears the name elsewhere.
bool stands_in_place(const ArticleText& text, std::uint32_t token) {
  if (token == 0 || token == text.headline_token_count()) return false;
  if (!is_space(text.gap_before(token))) return false;  // "… a cross in. Israel will get better."
  const std::string_view before = text.folded(token - 1);
  return before == "in" || before == "near" || before == "at" || before == "from";
}

}  // namespace

bool is_place_word(const ArticleText& text, std::uint32_t token) {
  static const WordSet kWords(kPlaceWords);
  return kWords.contains(text.hashes()[token]);
}

bool is_public_word(const ArticleText& text, std::uint32_t token) {
  static const WordSet kWords(kPublicWords);
  return kWords.contains(text.hashes()[token]);
}

// True where a single word is the name of a person. Headlines capitalise everything and prove
// nothing.
bool RegionClassifier::is_person(const Work& work, const Meanings& meanings,
                                 std::span<const PhraseHit> behind) const {
  const ArticleText& text = work.text;
  const std::uint32_t token = meanings.token_begin();
  const std::uint32_t headline = text.headline_token_count();
  if (meanings.own || meanings.token_end() != token + 1 || work.lower_case ||
      token < work.organisation_end) {
    return false;
  }
  const bool name_like = (meanings.flags & bit(NameFlag::kGivenName)) != 0;
  if ((name_like || meanings.given) && precedes_surname(work, token)) return true;
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
  if (token > headline && is_space(text.gap_before(token)) && (name_like || towns)) {
    if (work.given_end == token || work.title_end == token) return true;
    if (is_surname_after(work, token, name_like)) return true;
  }
  // "Jordan Smith", where Smith may be a town, but hardly so.
  if (!meanings.given || !name_like || token + 1 >= text.token_count() ||
      !is_space(text.gap_before(token + 1)) || !text.is_capitalized(token + 1) ||
      text.is_all_caps(token + 1) || is_public_word(text, token + 1)) {
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
  const auto hash_of = [&](const Name& name) { return work.text.hashes()[name.token_begin]; };
  for (const Name& name : scratch.names) {
    if (name.token_end == name.token_begin + 1 && stands_in_place(work.text, name.token_begin)) {
      std::erase(scratch.persons, hash_of(name));
    }
  }
  for (Name& name : scratch.names) {
    if (name.token_end != name.token_begin + 1 || name.dropped) continue;
    if (std::find(scratch.persons.begin(), scratch.persons.end(), hash_of(name)) ==
        scratch.persons.end()) {
      continue;
    }
    name.dropped = true;
    work.ignore(name.token_begin, name.token_end, IgnoredReason::kPerson);
  }
}

}  // namespace wirewatch
