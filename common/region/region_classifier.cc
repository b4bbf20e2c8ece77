#include "common/region/region_classifier.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <optional>

#include "common/base/check.h"
#include "common/base/language_codes.h"
#include "common/region/region_work.h"

namespace wirewatch {

namespace {

constexpr int kTellingWordsMax = 5;  // Before the name: "in the far north of Italy".

// "The hospital in Leeds", "a village in the north of Italy".
constexpr std::string_view kTellingWords[] = {
    "in",        "at",           "of",           "near",         "outside",
    "the",       "north",        "south",        "east",         "west",
    "far",       "northern",     "southern",     "eastern",      "western",
    "central",   "downtown",     "northeast",    "northwest",    "southeast",
    "southwest", "northeastern", "northwestern", "southeastern", "southwestern"};

bool tells_where(const ArticleText& text, std::uint32_t token) {
  static const WordSet kWords(kTellingWords);
  return kWords.contains(text.hashes()[token]);
}

// Which of a name's candidates it means, or -1: its own choice goes before that of all of its kind.
std::int32_t chosen_of(const Name& name, const Group& group) {
  return name.forced >= 0 ? name.forced : group.chosen;
}

// What the gazetteer says of a place, its country aside.
void lie_at(const Place& place, Mention& mention) {
  mention.admin1 = place.admin1_code;
  mention.name = place.english;
  mention.has_coordinates = place.has_coordinates;
  mention.latitude = place.latitude;
  mention.longitude = place.longitude;
}

// False for what ISO 3166-1 gives to no country, as "UK", "EU" and "ZZ", which sources and domains
// have.
bool is_country(CountryCode code) {
  return !country_name(code).empty();
}

// Why a name that may be a place is held to be none.
IgnoredReason why_nowhere(const Candidate& likeliest) {
  if (has(likeliest, NameFlag::kNeedsContext)) return IgnoredReason::kSmallTown;
  return has(likeliest, NameFlag::kGivenName) ? IgnoredReason::kPerson
                                              : IgnoredReason::kOrdinaryWord;
}

// Where most of a language's newsrooms are. Of languages of several such countries, none.
struct Spoken {
  std::string_view language;
  std::string_view country;  // Or several, apart by a blank.
};
constexpr Spoken kSpoken[] = {{"bg", "BG"}, {"cs", "CZ"}, {"da", "DK"}, {"de", "DE"}, {"el", "GR"},
                              {"fa", "IR"}, {"fi", "FI"}, {"fr", "FR"}, {"he", "IL"}, {"hi", "IN"},
                              {"hr", "HR"}, {"hu", "HU"}, {"id", "ID"}, {"it", "IT"}, {"ja", "JP"},
                              {"nl", "NL"}, {"no", "NO"}, {"pl", "PL"}, {"ro", "RO"}, {"ru", "RU"},
                              {"sk", "SK"}, {"sl", "SI"}, {"sr", "RS"}, {"sv", "SE"}, {"th", "TH"},
                              {"tr", "TR"}, {"uk", "UA"}, {"vi", "VN"}};

// The same of languages whose words the gazetteer does not mark: there only towns at home begin
// sentences, of which there are few, and those declined ("Pärnus", "ბათუმში").
constexpr Spoken kSpokenByFew[] = {{"az", "AZ"}, {"be", "BY"}, {"et", "EE"}, {"hy", "AM"},
                                   {"is", "IS"}, {"ka", "GE"}, {"kk", "KZ"}, {"ky", "KG"},
                                   {"lt", "LT"}, {"lv", "LV"}, {"mk", "MK"}, {"mn", "MN"},
                                   {"sq", "AL"}, {"tg", "TJ"}, {"tk", "TM"}, {"uz", "UZ"}};

// Languages of newsrooms in many countries.
constexpr Spoken kSpokenByMany[] = {
    {"ar", "AE BH DZ EG IQ JO KW LB LY MA MR OM PS QA SA SD SY TN YE"},
    {"es", "AR BO CL CO CR CU DO EC ES GQ GT HN MX NI PA PE PR PY SV UY VE"},
    {"pt", "AO BR CV GW MZ PT ST TL"}};

// Null for any other language.
const CountrySet* countries_spoken_in(std::string_view language) {
  static const auto kSets = [] {
    std::array<CountrySet, std::size(kSpokenByMany)> sets;
    for (std::size_t i = 0; i < sets.size(); ++i) sets[i] = countries_of(kSpokenByMany[i].country);
    return sets;
  }();
  for (std::size_t i = 0; i < kSets.size(); ++i) {
    if (kSpokenByMany[i].language == language) return &kSets[i];
  }
  return nullptr;
}

std::uint16_t country_spoken_in(std::string_view language, std::span<const Spoken> rows) {
  language = same_language(language);
  for (const Spoken& row : rows) {
    if (row.language == language)
      return static_cast<std::uint16_t>(CountryCode(row.country).index());
  }
  return Place::kNoCountry;
}

// True for languages whose ordinary words that are spelt like a town of 100,000 people or more the
// gazetteer marks: those above and the great ones of many countries.
bool knows_words_of(std::string_view language, std::uint16_t spoken_country) {
  return spoken_country != Place::kNoCountry || language == "en" || language == "es" ||
         language == "pt";
}

}  // namespace

std::string_view to_string(IgnoredReason reason) {
  switch (reason) {
    case IgnoredReason::kBlocked:
      return "names no place";
    case IgnoredReason::kPerson:
      return "a person";
    case IgnoredReason::kStreet:
      return "a street, a firm or a ship";
    case IgnoredReason::kOrdinaryWord:
      return "an ordinary word";
    case IgnoredReason::kTail:
      return "in the tail";
    case IgnoredReason::kSmallTown:
      return "a small town, and nothing else points there";
    case IgnoredReason::kSilenced:
      return "silenced by data.gazetteer_overrides";
  }
  return "";
}

RegionClassifier::RegionClassifier(const Gazetteer& gazetteer, RegionClassifierOptions options)
    : gazetteer_(gazetteer), options_(options) {
  WIREWATCH_CHECK(options.salience_min >= 0 && options.salience_min <= 1);
  WIREWATCH_CHECK(options.about_max >= 1 && options.mention_max >= 1);
  for (const auto& [country, name] : gazetteer.own_country_names())
    renamed_countries_.push_back({CountryCode::from_index(country), name});
}

std::string_view RegionClassifier::name_of(CountryCode country) const {
  for (const RenamedCountry& renamed : renamed_countries_) {
    if (renamed.country == country) return renamed.name;
  }
  return country_name(country);
}

void RegionClassifier::classify(const ArticleText& text, const RegionContext& context,
                                RegionScratch& scratch, RegionResult& result,
                                RegionExplanation* explanation) const {
  result.about.clear();
  result.mentions.clear();
  if (explanation != nullptr) *explanation = {};
  Work work{text, context, scratch, result, explanation};
  work.measure_article();
  work.home = home_of(context, scratch);
  work.language = context.language.substr(0, context.language.find_first_of("-_"));
  if (!context.language.empty()) work.languages = gazetteer_.language_bit(context.language);
  work.spoken_country = country_spoken_in(work.language, kSpoken);
  work.knows_words = knows_words_of(work.language, work.spoken_country);
  if (!work.knows_words) work.spoken_country = country_spoken_in(work.language, kSpokenByFew);
  work.spoken_countries = countries_spoken_in(work.language);
  // A language without names of its own still has those that all languages share.
  if (work.languages == 0) work.languages = ~std::uint64_t{0};
  work.speaks_any = work.languages == ~std::uint64_t{0};
  find_names(work);
  add_unknown(work);
  find_listings(work);
  link_neighbours(work);
  choose_places(work);
  write_mentions(work);
  score_countries(work);
}

// Overwrites scratch.located and scratch.hits by names of all languages in words that are no part
// of the article.
void RegionClassifier::look_up(std::string_view words, bool any_case,
                               RegionScratch& scratch) const {
  analyzer_.analyze(words, "", scratch.located);
  gazetteer_.find(scratch.located, ~std::uint64_t{0}, any_case, scratch.hits, scratch.spare);
}

// A country's code, or the first place that the words name; else what the source's name tells.
std::optional<Place> RegionClassifier::home_of(const RegionContext& context,
                                               RegionScratch& scratch) const {
  const CountryCode code(context.located);
  if (is_country(code)) {
    Place country;
    country.country = static_cast<std::uint16_t>(code.index());
    return country;
  }
  if (!context.located.empty()) {
    look_up(context.located, true, scratch);
    for (std::size_t i = scratch.hits.size(); i-- > 0;) {  // "Paris, France": the larger is last.
      for (const GazetteerName& name : gazetteer_.names(scratch.hits[i].phrase)) {
        if (!is_place(name.kind)) continue;
        // "UK" is a country's name, "EU" no town of France.
        if (!code.empty() && name.kind != NameKind::kCountry) continue;
        const Place place = gazetteer_.place(name.place);
        if (place.country != Place::kNoCountry) return place;
      }
    }
  }
  const std::optional<Place> home = gazetteer_.source_home(context.source);
  if (home && !is_country(CountryCode::from_index(home->country))) return std::nullopt;
  return home;
}

void RegionClassifier::write_mentions(Work& work) const {
  const ArticleText& text = work.text;
  RegionScratch& scratch = work.scratch;
  const std::span<const ZoneSpan> zones = text.zones();
  std::size_t zone = 0;
  work.names_left = scratch.names.size();
  for (const Name& name : scratch.names) {
    if (!name.dropped) write_asides(work, name.token_begin);
    --work.names_left;
    if (name.dropped) continue;
    const Group& group = scratch.groups[name.group];
    const std::int32_t chosen = chosen_of(name, group);
    const auto candidates = work.candidates(group);
    if (chosen < 0) {
      work.ignore(name.token_begin, name.token_end, why_nowhere(candidates.front()));
      continue;
    }
    const Candidate& candidate = candidates[static_cast<std::size_t>(chosen)];
    const Place place = gazetteer_.place(candidate.place);
    while (zone + 1 < zones.size() && zones[zone].token_end <= name.token_begin) ++zone;
    if (group.unsure && zones[zone].zone == Zone::kDateline) {  // It names no newsroom abroad.
      work.ignore(name.token_begin, name.token_end, IgnoredReason::kSmallTown);
      continue;
    }
    if (is_local(candidate)) work.town = static_cast<std::int32_t>(work.result.mentions.size());
    Mention& mention = work.result.mentions.emplace_back();
    mention.token_begin = name.token_begin;
    mention.token_end = name.token_end;
    mention.span = text.source_span(name.token_begin, name.token_end);
    mention.zone = zones[zone].zone;
    mention.counts = mention.zone != Zone::kDateline && !zones[zone].repeated && !name.uncounted &&
                     !group.unsure;
    mention.kind = static_cast<PlaceKind>(candidate.kind);
    mention.country = CountryCode::from_index(candidate.country);
    lie_at(place, mention);
    // A government or a leader stands for the country; several share one entry of the gazetteer.
    // A demonym's entry is not the country's, whose name the newsroom may have changed.
    const bool stands_for_country =
        mention.kind == PlaceKind::kGovernment || mention.kind == PlaceKind::kLeader ||
        (mention.kind == PlaceKind::kDemonym && !renamed_countries_.empty());
    if (stands_for_country && !mention.country.empty()) mention.name = name_of(mention.country);
    mention.geonames_id = place.geonames_id;
    tally_mention(work, candidate);
  }
  write_asides(work, text.token_count());
}

// What is told beside the names, up to a token.
void RegionClassifier::write_asides(Work& work, std::uint32_t token_end) const {
  const ArticleText& text = work.text;
  const std::vector<RegionScratch::Aside>& asides = work.scratch.asides;
  for (; work.aside < asides.size() && asides[work.aside].token_begin < token_end; ++work.aside) {
    const RegionScratch::Aside& aside = asides[work.aside];
    const ZoneSpan& zone = text.zones()[text.zone_index(aside.token_begin)];
    const std::size_t mentions_to_be = work.result.mentions.size() + work.names_left;
    if (zone.zone == Zone::kTail || mentions_to_be >= options_.mention_max) continue;
    Mention mention;
    mention.token_begin = aside.token_begin;
    mention.token_end = aside.token_end;
    mention.span = text.source_span(aside.token_begin, aside.token_end);
    mention.zone = zone.zone;
    if (aside.country.empty()) {
      const std::vector<Mention>& mentions = work.result.mentions;
      const bool known = !mentions.empty() && mentions.back().token_end >= aside.token_end;
      if (known || !write_site(work, aside, mention)) continue;
    } else {
      mention.counts = zone.zone != Zone::kDateline && !zone.repeated;
      mention.kind = PlaceKind::kMetonym;
      mention.country = aside.country;
      mention.name = name_of(aside.country);
    }
    work.result.mentions.push_back(mention);
    Candidate candidate{.flags = bit(NameFlag::kWeak), .kind = NameKind::kMetonym};
    if (mention.counts) candidate.country = static_cast<std::uint16_t>(aside.country.index());
    tally_mention(work, candidate);
  }
}

// What a name of the text means, or null where it means nothing.
const Candidate* RegionClassifier::meaning_of(const Work& work, std::int32_t number) {
  if (number < 0) return nullptr;
  const Name& name = work.scratch.names[static_cast<std::size_t>(number)];
  const Group& group = work.scratch.groups[name.group];
  const std::int32_t chosen = chosen_of(name, group);
  if (name.dropped || chosen < 0) return nullptr;
  return &work.candidates(group)[static_cast<std::size_t>(chosen)];
}

// The name behind a token that tells where the words before it lie: "in Leeds", ", near Dublin",
// "in the north of Italy"; or -1.
std::int32_t RegionClassifier::told_behind(const Work& work, std::uint32_t token) {
  const ArticleText& text = work.text;
  const std::uint32_t count = text.token_count();
  if (token >= count || (!is_space(text.gap_before(token)) && !is_comma(text.gap_before(token)))) {
    return -1;
  }
  for (int i = 0; i < kTellingWordsMax && token < count; ++i, ++token) {
    if (i > 0 && !is_space(text.gap_before(token))) return -1;
    const std::int32_t name = name_at(work, token);
    if (name >= 0) return name;
    if (!tells_where(text, token)) return -1;
  }
  return -1;
}

// A building, a street or a hamlet lies in the place that is told behind it ("the School of Music
// in London"), else in the town that was named last, else in the next one, else in whatever is
// named. A town in a country that is told is nearer to it than the country's middle. False where
// there is none.
bool RegionClassifier::write_site(Work& work, const RegionScratch::Aside& aside,
                                  Mention& mention) const {
  mention.kind = PlaceKind::kSite;
  mention.counts = false;
  const Candidate* told =
      meaning_of(work, aside.name >= 0 ? aside.name : told_behind(work, mention.token_end));
  if (told != nullptr && told->country == Place::kNoCountry) told = nullptr;
  const std::vector<Mention>& mentions = work.result.mentions;
  const auto lie_with = [&](const Mention& place) {
    mention.country = place.country;
    mention.admin1 = place.admin1;
    mention.name = place.name;
    mention.has_coordinates = place.has_coordinates;
    mention.latitude = place.latitude;
    mention.longitude = place.longitude;
  };
  if (work.town >= 0) {
    const Mention& town = mentions[static_cast<std::size_t>(work.town)];
    const bool inside =
        told != nullptr && !is_local(*told) && town.country.index() == told->country &&
        (told->admin1 == 0 || town.admin1 == gazetteer_.place(told->place).admin1_code);
    if (told == nullptr || inside) {
      lie_with(town);
      return true;
    }
  }
  const auto& names = work.scratch.names;
  for (std::size_t i = 0; i < names.size() && told == nullptr; ++i) {
    if (names[i].token_begin < mention.token_end) continue;
    const Candidate* next = meaning_of(work, static_cast<std::int32_t>(i));
    if (next != nullptr && is_local(*next)) told = next;
  }
  if (told == nullptr) {
    const auto last = std::find_if(mentions.rbegin(), mentions.rend(), [](const Mention& each) {
      return each.has_coordinates && !each.country.empty();
    });
    if (last == mentions.rend()) return false;
    lie_with(*last);
    return true;
  }
  mention.country = CountryCode::from_index(told->country);
  lie_at(gazetteer_.place(told->place), mention);
  return true;
}

}  // namespace wirewatch
