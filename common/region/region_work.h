// The steps of RegionClassifier::classify share this; it is no public header.
//
//   name_finder.cc        find_names: which words are names, and of what
//   name_conditions.cc    seldom_flags_in_text: conditions that few names have
//   stem_endings.cc       drop_stems, begins_a_word: what only begins like a name
//   namesake_finder.cc    apply_suffix, names_street, drop_ships: what is called after a place
//   person_finder.cc      is_person, drop_persons: names of people
//   site_finder.cc        add_site, add_hamlet_before …: places that the data lacks
//   word_sense.cc         is_word_here, drop_words: names that are words in this text
//   institution_finder.cc is_anothers, find_owners, place_institutions: what many countries have
//   surname_finder.cc     add_surnames, take_adjectives_of_leaders: leaders by their surname alone
//   place_linker.cc       link_neighbours: what names side by side tell of each other
//   place_resolver.cc     choose_places: which place each other name means
//   listing_finder.cc     find_listings: codes of firms' shares
//   region_classifier.cc  classify, home_of, write_mentions
//   country_scorer.cc     tally_mention, score_countries: which countries the article is about,
//                         by salience_model.cc and word_model.cc

#pragma once

#include <algorithm>
#include <bit>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/base/hash.h"
#include "common/region/region_classifier.h"

namespace wirewatch {

using Candidate = RegionScratch::Candidate;
using Group = RegionScratch::Group;
using Name = RegionScratch::Name;
using Tally = RegionScratch::Tally;

constexpr std::uint16_t bit(NameFlag flag) {
  return static_cast<std::uint16_t>(flag);
}

constexpr std::uint32_t bit(NameKind kind) {
  return std::uint32_t{1} << static_cast<unsigned>(kind);
}

// What makes a name doubtful.
constexpr unsigned kAnyDoubt =
    bit(NameFlag::kGivenName) | bit(NameFlag::kAmbiguous) | bit(NameFlag::kNeedsContext);

constexpr float kTownPriorMax = 5.0F;       // Of a lesser town: 100,000 people.
constexpr float kDistrictPriorMax = 5.0F;   // Of a county, not a state.
constexpr float kStatePriorMin = 5.5F;      // Of a great state: 300,000 people.
constexpr float kGreatCityPriorMin = 6.0F;  // A million people.
constexpr float kCapitalBonus = 2.5F;       // Of a capital's prior, above its people's.

// Of a town that only begins sentences: 100,000 people; at home in the language 70,000; in a
// language whose ordinary words are not known 300,000, but where it is at home 30,000.
constexpr float kTownPriorMin = 5.0F;
constexpr float kHomeTownPriorMin = 4.85F;
constexpr float kUnknownTownPriorMin = 5.5F;
constexpr float kTownOfFewPriorMin = 4.5F;

inline bool has(const Candidate& candidate, NameFlag flag) {
  return (candidate.flags & bit(flag)) != 0;
}

inline bool is_populated(NameKind kind) {
  return kind == NameKind::kCity || kind == NameKind::kCapital;
}

using CountrySet = std::bitset<kCountryIndexCount>;

// Of codes apart by a blank: "KP KR".
inline CountrySet countries_of(std::string_view codes) {
  CountrySet countries;
  for (std::size_t i = 0; i + 2 <= codes.size(); i += 3) {
    countries.set(CountryCode(codes.substr(i, 2)).index());
  }
  return countries;
}

// Of Place::kNoCountry, too: in none.
inline bool contains(const CountrySet& countries, std::uint16_t country) {
  return country < countries.size() && countries.test(country);
}

// What many countries have, and the language's newsrooms mean at home: 대법원, the Supreme Court.
inline bool is_institution(const Candidate& candidate) {
  return candidate.kind == NameKind::kGovernment && has(candidate, NameFlag::kAmbiguous);
}

// Small enough for what lies near to say something.
inline bool is_local(const Candidate& candidate) {
  return candidate.has_coordinates &&
         (is_populated(candidate.kind) ||
          (candidate.kind == NameKind::kSubdivision && candidate.prior < kDistrictPriorMax));
}

constexpr float kEastShrink = 0.7F;  // Of a degree of longitude, where most news is made.

// Distances need no more than this: a flat map, in degrees of latitude.
inline bool lies_within(float degrees, const Candidate& place, float latitude, float longitude) {
  const float north = place.latitude - latitude;
  const float east = (place.longitude - longitude) * kEastShrink;
  return north * north + east * east <= degrees * degrees;
}

// A fixed list of words, asked by the hash that a token has already.
class WordSet {
 public:
  template <std::size_t kSize>
  explicit WordSet(const std::string_view (&words)[kSize]) : slots_(std::bit_ceil(kSize * 4)) {
    for (const std::string_view word : words) {
      const std::uint64_t hash = token_hash(word);
      std::size_t slot = slot_of(hash);
      while (slots_[slot] != 0 && slots_[slot] != hash) slot = (slot + 1) & (slots_.size() - 1);
      slots_[slot] = hash;
    }
  }
  [[nodiscard]] bool contains(std::uint64_t hash) const {
    for (std::size_t slot = slot_of(hash); slots_[slot] != 0;
         slot = (slot + 1) & (slots_.size() - 1)) {
      if (slots_[slot] == hash) return true;
    }
    return false;
  }

 private:
  [[nodiscard]] std::size_t slot_of(std::uint64_t hash) const {
    return static_cast<std::size_t>(hash) & (slots_.size() - 1);
  }

  std::vector<std::uint64_t> slots_;  // A quarter of them taken; 0 = free.
};

// The first capitalised word of [token, end), or a token behind the last. `end` may be any number.
inline std::uint32_t next_capital(const ArticleText& text, std::uint32_t token, std::uint32_t end) {
  const std::span<const std::uint8_t> capitals = text.capitals();
  end = std::min(end, text.token_count());
  for (; token + 8 <= end; token += 8) {
    const std::uint64_t eight = load8(reinterpret_cast<const char*>(capitals.data()) + token);
    if (eight != 0) return token + static_cast<std::uint32_t>(std::countr_zero(eight)) / 8;
  }
  while (token < end && capitals[token] == 0) ++token;
  return token;
}

// Gaps that hold two words together: "New\nYork" in hard-wrapped text too.
inline bool is_space(std::string_view gap) {
  return gap == " " || gap == "\n";
}

// True for a dot before a token, as between the parts of a foreign name in Chinese and Japanese:
// "诺曼·兰姆", "ジャック・ロンドン", "エル・パソ". Folded it is a comma.
[[nodiscard]] bool is_dot_before(const ArticleText& text, std::uint32_t token);

inline bool is_comma(std::string_view gap) {
  return gap == ", " || gap == "," || gap == ",\n" || gap == " (";
}

// Before the last of a list of names.
inline bool joins_list(std::string_view word) {
  return word == "and" || word == "or";
}

// What words before a name say, from the weakest to the surest:
// - kPlaceWords (is_place_word): no part of a person's name, as in "But Lincoln", "from Paris". Of
//   English, with what begins a sentence.
// - stands_in_place(): behind "in", "near", "at" and "from" this one is a place, even if a person
//   of the text has the name. Of English.
// - kInWords (is_told_place): "in" and "near" of many languages; a town that is mostly a surname is
//   meant. Not "at" and "from", which stand before people too.
// - kWhereWords, kTellingWords: between a place that the data lacks and what tells where it lies.
[[nodiscard]] bool is_place_word(const ArticleText& text, std::uint32_t token);
// True for a word of another script than Latin.
inline bool is_other_script(std::string_view folded) {
  constexpr unsigned char kFirst = 0xCD;  // The lead of Greek; the letters of Latin are before it.
  return static_cast<unsigned char>(folded.front()) >= kFirst;
}
// Words beside a name that make no person of it: "police", "northern".
[[nodiscard]] bool is_public_word(const ArticleText& text, std::uint32_t token);

// Whether the language writes a street and its name as one word: "Londenstraat".
[[nodiscard]] bool joins_street(std::string_view language);

// All phrases that stand at the same words, and what they may mean.
struct RegionClassifier::Meanings {
  std::span<const PhraseHit> phrases;
  std::size_t candidate_begin = 0;
  bool blocked = false;            // The words name no place …
  bool organisation = false;       // … but something that is called after one: "Boston Globe".
  bool silenced = false;           // … because the newsroom says so.
  bool everywhere = false;         // … nor does a part of them elsewhere: "Jack London".
  bool own = false;                // The newsroom says what they mean.
  bool given = false;              // A given name …
  bool sure_given = false;         // … even before a great city.
  std::uint8_t given_letters = 0;  // Of the given name.
  bool adjective = false;          // A town's adjective, be it one that names nothing here …
  bool demonym = false;            // … or a country's.
  // Of the candidates, so that what is asked of all of them needs no look at each.
  std::uint32_t kinds = 0;   // Bits of NameKind.
  std::uint16_t flags = 0;   // Those that any has.
  std::uint64_t places = 0;  // Bits of their places, modulo 64.

  [[nodiscard]] std::uint32_t token_begin() const { return phrases.front().token_begin; }
  [[nodiscard]] std::uint32_t token_end() const { return phrases.front().token_end; }
  [[nodiscard]] std::span<Candidate> candidates(RegionScratch& scratch) const {
    return std::span(scratch.candidates).subspan(candidate_begin);
  }
  void note(const Candidate& candidate) {
    kinds |= bit(candidate.kind);
    flags |= candidate.flags;
    places |= std::uint64_t{1} << (candidate.place % 64);
  }
  // When one of them has changed or is gone.
  void note_all(RegionScratch& scratch) {
    kinds = 0;
    flags = 0;
    places = 0;
    for (const Candidate& candidate : candidates(scratch)) note(candidate);
  }
  [[nodiscard]] bool has_kind(std::uint32_t any) const { return (kinds & any) != 0; }
  [[nodiscard]] bool is_demonym() const {  // Not "Киева", which begins like one.
    return demonym && !has_kind(bit(NameKind::kCapital) | bit(NameKind::kCity));
  }
  // "Israel Gaza talks": what stands behind a country's name is no surname for that.
  [[nodiscard]] bool precedes_surname() const {
    return given && !has_kind(bit(NameKind::kCountry));
  }
};

struct RegionClassifier::Work {
  const ArticleText& text;
  const RegionContext& context;
  RegionScratch& scratch;
  RegionResult& result;
  RegionExplanation* explanation;
  std::optional<Place> home{};
  std::string_view language{};  // Its first subtag: "es" of "es-MX", but "est" of "est".
  std::uint64_t languages = ~std::uint64_t{0};
  // Where most newsrooms of the language are.
  std::uint16_t spoken_country = Place::kNoCountry;
  const CountrySet* spoken_countries = nullptr;  // Of a language of many countries.
  bool labels_found = false;                     // The countries that the feed names.
  bool lower_case = false;                       // The text has no capitals at all.
  bool knows_words = false;     // The gazetteer marks the language's words that are towns.
  bool loud_headline = false;   // The headline is all capitals …
  bool plain_headline = false;  // … or spelt as a sentence, where capitals are names.
  bool speaks_any = false;      // Its language is unknown, or has no names of its own.
  bool institutions = false;    // It names what many countries have: 대법원, a court.
  bool governments = false;     // It names institutions of one.
  // What the last name was of which the words before it told that it is another country's.
  std::optional<std::uint32_t> told_phrase{};
  std::uint16_t told_country = Place::kNoCountry;
  std::optional<bool> football{};      // Whether it is news of football, once that was asked.
  std::uint32_t covered_end = 0;       // Behind the last name …
  std::uint32_t given_end = 0;         // … the last given name …
  bool sure_given = false;             // … that is one even before a great city …
  bool given_is_place = false;         // … and the name of a place, too …
  std::uint32_t title_end = 0;         // … the last title …
  std::uint32_t street_end = 0;        // … the last words before a street's name …
  std::uint32_t organisation_end = 0;  // … and the last name of what is called after a place.
  bool street_adjective = false;       // … which stand before adjectives alone …
  bool street_accord = false;          // … or before an accord's town.
  bool joins_streets = false;          // The language writes "Londenstraat".
  std::size_t aside = 0;               // The next that is written.
  std::size_t names_left = 0;          // Names that are still to be written.
  std::int32_t town = -1;              // The last mention of a town or county.
  std::uint32_t article_tokens = 0;    // Of the headline and the article.
  std::uint32_t first_begin = 0;       // The text's first sentence, the dateline aside …
  std::uint32_t first_end = 0;         // … and its end.
  std::size_t zones_behind = 0;        // Those that end before what was placed last, …
  std::uint32_t tokens_beside = 0;     // … and the tokens of those of them that lie beside it.

  void ignore(std::uint32_t token_begin, std::uint32_t token_end, IgnoredReason reason) const {
    if (explanation == nullptr) return;
    explanation->ignored.push_back({text.source_span(token_begin, token_end), reason});
  }
  [[nodiscard]] std::span<Candidate> candidates(const Group& group) const {
    return std::span(scratch.candidates).subspan(group.candidate_begin, group.candidate_count);
  }
  // What the names of a group are held to mean so far, or null.
  [[nodiscard]] const Candidate* chosen(const Group& group) const {
    if (group.chosen < 0 || group.count == 0) return nullptr;
    return &candidates(group)[static_cast<std::size_t>(group.chosen)];
  }
  // A lesser town that is only seen where any word has a capital.
  [[nodiscard]] bool is_hardly_a_town(const Group& group, const Candidate& candidate) const {
    const bool at_home = candidate.country == spoken_country;
    const float known = at_home ? kHomeTownPriorMin : kTownPriorMin;
    const float unknown = at_home ? kTownOfFewPriorMin : kUnknownTownPriorMin;
    const float prior_min = knows_words ? known : unknown;
    return ((candidate.kind == NameKind::kCity) & !group.plain_capital & group.capital &
            (candidate.prior < prior_min)) != 0;
  }
  // Whether the text's language is at home in a country.
  [[nodiscard]] bool is_spoken_in(std::uint16_t country) const {
    return country == spoken_country ||
           (spoken_countries != nullptr && contains(*spoken_countries, country));
  }
  // What lies before, in and behind the article: the tail, and what says nothing new.
  [[nodiscard]] static bool is_beside(const ZoneSpan& zone) {
    return zone.zone == Zone::kTail || zone.repeated;
  }
  void measure_article() {
    article_tokens = text.token_count();
    for (const ZoneSpan& zone : text.zones()) {
      if (is_beside(zone)) article_tokens -= zone.token_end - zone.token_begin;
      if (zone.zone == Zone::kLede && first_end == 0 && zone.token_begin < zone.token_end) {
        first_begin = zone.token_begin;
        first_end = text.sentence_end(first_begin, zone.token_end - 1);
      }
    }
  }
  // Place of an article's token among the article's. Of tokens that rise from call to call.
  [[nodiscard]] std::uint32_t article_place(std::uint32_t token) {
    const std::span<const ZoneSpan> zones = text.zones();
    for (; zones_behind < zones.size() && zones[zones_behind].token_end <= token; ++zones_behind) {
      const ZoneSpan& zone = zones[zones_behind];
      if (is_beside(zone)) tokens_beside += zone.token_end - zone.token_begin;
    }
    return token - tokens_beside;
  }
  [[nodiscard]] bool begins_sentence(std::uint32_t token) const {
    return token == 0 || token == text.headline_token_count() ||
           !text.same_sentence(token - 1, token);
  }
};

}  // namespace wirewatch
