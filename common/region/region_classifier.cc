#include "common/region/region_classifier.h"

#include <algorithm>

#include "common/base/check.h"

namespace wirewatch {

namespace {

constexpr double kDatelineWeight = 1.0;
constexpr double kCityWeight = 0.8;       // A city says less than its country's name.
constexpr double kContextSalience = 0.3;  // Of a country that only the dateline or `located` names.

PlaceKind kind_of(PlaceClass kind) {
  return static_cast<PlaceKind>(kind);
}

// Words before a name that say that a place follows, in the languages with given-name trouble.
bool is_place_preposition(std::string_view word) {
  for (const std::string_view known :
       {"in",      "of",      "from", "to",   "near",  "at",   "for",   "with",
        "and",     "the",     "by",   "on",   "en",    "de",   "a",     "desde",
        "in",      "aus",     "nach", "von",  "da",    "do",   "em",    "across",
        "against", "between", "over", "into", "leave", "left", "visit", "via"}) {
    if (word == known) return true;
  }
  return false;
}

bool same_line(std::string_view gap) {
  return gap == " " || gap == "\n";
}

// Words that follow a place without making a person of it: "in Paris Friday".
bool is_calendar_word(std::string_view word) {
  for (const std::string_view known :
       {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january",
        "february", "march", "april", "may", "june", "july", "august", "september", "october",
        "november", "december"}) {
    if (word == known) return true;
  }
  return false;
}

// "Jordan Peele", "Michael Jordan": a capitalised neighbour without a comma makes a person; before
// the name only where no preposition stands. Headlines capitalise everything and prove nothing.
bool is_person(const ArticleText& text, const PhraseHit& hit) {
  if (hit.token_begin < text.headline_token_count()) return false;
  const std::uint32_t after = hit.token_end;
  if (after < text.token_count() && same_line(text.gap_before(after)) &&
      text.is_capitalized(after) && !text.is_all_caps(after) &&
      !is_calendar_word(text.folded(after))) {
    return true;
  }
  if (hit.token_begin == text.headline_token_count()) return false;
  const std::uint32_t before = hit.token_begin - 1;
  return !is_place_preposition(text.folded(before)) &&
         same_line(text.gap_before(hit.token_begin)) && text.is_capitalized(before) &&
         text.folded(before).size() > 2;
}

}  // namespace

RegionClassifier::RegionClassifier(const Gazetteer& gazetteer, RegionClassifierOptions options)
    : gazetteer_(gazetteer), options_(options) {
  WIREWATCH_CHECK(options.salience_min >= 0 && options.salience_min <= 1);
  WIREWATCH_CHECK(options.headline_weight >= 1 && options.opening_weight >= 1);
  WIREWATCH_CHECK(options.about_max >= 1 && options.mention_max >= 1);
}

void RegionClassifier::classify(const ArticleText& text, const RegionContext& context,
                                RegionScratch& scratch, RegionResult& result) const {
  result.about.clear();
  result.mentions.clear();
  gazetteer_.lexicon().find(text, scratch.hits);
  const std::span<const ZoneSpan> zones = text.zones();
  // Demonyms begin with a capital in English, and elsewhere when in doubt ("turkey", "polish").
  const bool english = context.language.empty() || context.language.starts_with("en");
  scratch.persons.clear();

  // Leftmost longest: hits come by beginning, the longest of one beginning last.
  std::uint32_t covered = 0;
  std::size_t zone = 0;
  for (std::size_t i = 0; i < scratch.hits.size() && result.mentions.size() < options_.mention_max;
       ++i) {
    std::size_t longest = i;
    bool found = false;
    std::size_t last = i;
    while (last + 1 < scratch.hits.size() &&
           scratch.hits[last + 1].token_begin == scratch.hits[i].token_begin)
      ++last;
    for (std::size_t k = last + 1; k-- > i && !found;) {
      const PhraseHit& hit = scratch.hits[k];
      if (hit.token_begin < covered) break;
      const std::span<const PlaceId> candidates = gazetteer_.candidates(hit.phrase);
      if (candidates.empty()) {  // Blocked: the words are taken, nothing is named.
        covered = hit.token_end;
        break;
      }
      const PhraseFlags flags = gazetteer_.flags(hit.phrase);
      const Place& first = gazetteer_.place(candidates.front());
      if (flags.short_latin && !text.is_all_caps(hit.token_begin)) continue;
      if (flags.latin_word && (first.kind != PlaceClass::kDemonym || english) &&
          !text.is_capitalized(hit.token_begin)) {
        continue;
      }
      if (flags.given_name && is_person(text, hit)) {
        scratch.persons.push_back(text.hashes()[hit.token_begin]);
        covered = hit.token_end;
        break;
      }
      longest = k;
      found = true;
    }
    const PhraseHit hit = scratch.hits[longest];
    i = last;
    if (!found) continue;
    covered = hit.token_end;
    while (zone + 1 < zones.size() && zones[zone].token_end <= hit.token_begin) ++zone;
    const ZoneSpan& where = zones[zone];
    Mention mention;
    mention.token_begin = hit.token_begin;
    mention.token_end = hit.token_end;
    mention.span = text.source_span(hit.token_begin, hit.token_end);
    mention.zone = where.zone;
    mention.counts = where.zone != Zone::kTail && where.zone != Zone::kDateline && !where.repeated;
    // The candidate is chosen below, when all countries are known; its id waits in geonames_id.
    mention.geonames_id = hit.phrase.value();
    result.mentions.push_back(mention);
  }

  // Who is a person once is one everywhere in the article, also in the headline.
  if (!scratch.persons.empty()) {
    std::erase_if(result.mentions, [&](const Mention& mention) {
      return mention.token_end == mention.token_begin + 1 &&
             std::find(scratch.persons.begin(), scratch.persons.end(),
                       text.hashes()[mention.token_begin]) != scratch.persons.end();
    });
  }

  // Countries named without doubt decide between the places of an ambiguous name.
  scratch.seen.clear();
  const auto touch = [&](CountryCode country) {
    const std::uint32_t index = country.index();
    if (scratch.count[index] == 0 && scratch.score[index] == 0) {
      if (std::find(scratch.seen.begin(), scratch.seen.end(), country) == scratch.seen.end()) {
        scratch.seen.push_back(country);
      }
    }
    return index;
  };
  const auto code_of = [](const Place& place) {
    return CountryCode(std::string_view(place.country, 2));
  };
  for (const Mention& mention : result.mentions) {
    const auto candidates = gazetteer_.candidates(PhraseId(mention.geonames_id));
    const CountryCode country = code_of(gazetteer_.place(candidates.front()));
    const bool sure = std::all_of(candidates.begin(), candidates.end(), [&](PlaceId id) {
      return code_of(gazetteer_.place(id)) == country;
    });
    if (sure && mention.zone != Zone::kTail && !country.empty()) scratch.count[touch(country)] += 1;
  }
  const auto opening = static_cast<std::uint32_t>(
      text.headline_token_count() + (text.token_count() - text.headline_token_count()) / 10);
  for (Mention& mention : result.mentions) {
    const auto candidates = gazetteer_.candidates(PhraseId(mention.geonames_id));
    PlaceId chosen = candidates.front();
    std::uint32_t best = 0;
    for (const PlaceId id : candidates) {
      const CountryCode country = code_of(gazetteer_.place(id));
      const std::uint32_t support = country.empty() ? 0 : scratch.count[country.index()];
      if (support > best) {
        best = support;
        chosen = id;
      }
    }
    // Of one country's places, the one that knows where it lies.
    for (const PlaceId id : candidates) {
      const Place& place = gazetteer_.place(id);
      const Place& current = gazetteer_.place(chosen);
      if (code_of(place) == code_of(current) && place.kind == PlaceClass::kCapital &&
          (current.kind == PlaceClass::kCity || current.kind == PlaceClass::kDemonym ||
           (current.kind == PlaceClass::kCapital && current.admin1.empty() &&
            !place.admin1.empty()))) {
        chosen = id;
      }
    }
    const Place& place = gazetteer_.place(chosen);
    mention.kind = kind_of(place.kind);
    mention.country = code_of(place);
    mention.admin1 = place.admin1;
    mention.name = place.name;
    mention.has_coordinates = place.has_coordinates;
    mention.latitude = place.latitude;
    mention.longitude = place.longitude;
    mention.geonames_id = place.geonames_id;
    if (!mention.counts || mention.country.empty()) continue;
    double weight = 1.0;
    if (mention.zone == Zone::kHeadline) {
      weight = options_.headline_weight;
    } else if (mention.zone == Zone::kLede || mention.token_begin < opening) {
      weight = options_.opening_weight;
    }
    if (place.kind == PlaceClass::kCity || place.kind == PlaceClass::kSubdivision)
      weight *= kCityWeight;
    scratch.score[touch(mention.country)] += weight;
  }
  // A dateline names the newsroom; it counts where the text names the country too.
  for (Mention& mention : result.mentions) {
    if (mention.zone != Zone::kDateline || mention.country.empty()) continue;
    double& score = scratch.score[touch(mention.country)];
    if (score > 0) {
      score += kDatelineWeight;
      mention.counts = true;
    }
  }

  double total = 0;
  double best = 0;
  for (const CountryCode country : scratch.seen) {
    total += scratch.score[country.index()];
    best = std::max(best, scratch.score[country.index()]);
  }
  for (const CountryCode country : scratch.seen) {
    const double score = scratch.score[country.index()];
    if (score > 0 && score >= best * options_.salience_min) {
      std::uint32_t count = 0;
      for (const Mention& mention : result.mentions) {
        count += static_cast<std::uint32_t>(mention.counts && mention.country == country);
      }
      result.about.push_back({country, static_cast<float>(score / total), count});
    }
    scratch.score[country.index()] = 0;
    scratch.count[country.index()] = 0;
  }
  std::sort(result.about.begin(), result.about.end(),
            [](const CountryScore& a, const CountryScore& b) {
              return a.salience != b.salience ? a.salience > b.salience : a.country < b.country;
            });
  if (result.about.size() > options_.about_max) result.about.resize(options_.about_max);
  // No place in the text at all: the dateline is the best guess.
  if (result.about.empty()) {
    for (const Mention& mention : result.mentions) {
      if (mention.zone == Zone::kDateline && !mention.country.empty()) {
        result.about.push_back({mention.country, static_cast<float>(kContextSalience), 0});
        break;
      }
    }
  }
}

}  // namespace wirewatch
