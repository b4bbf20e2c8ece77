#include "common/gazetteer/gazetteer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

namespace wirewatch {

namespace {

constexpr std::pair<std::string_view, PlaceClass> kKinds[] = {
    {"country", PlaceClass::kCountry},         {"demonym", PlaceClass::kDemonym},
    {"capital", PlaceClass::kCapital},         {"city", PlaceClass::kCity},
    {"subdivision", PlaceClass::kSubdivision}, {"government", PlaceClass::kGovernment},
    {"leader", PlaceClass::kLeader},           {"organisation", PlaceClass::kOrganisation},
    {"metonym", PlaceClass::kMetonym},         {"area", PlaceClass::kArea},
};

// Country and city names that are people's names too. Our own list.
constexpr std::string_view kGivenNames[] = {
    "jordan",  "georgia",    "chad",       "paris",    "austin",  "brooklyn", "florence",
    "sydney",  "kenya",      "israel",     "chelsea",  "dallas",  "houston",  "orlando",
    "phoenix", "sofia",      "petra",      "india",    "holland", "ireland",  "london",
    "england", "virginia",   "carolina",   "dakota",   "kent",    "adelaide", "santiago",
    "francia", "lima",       "wellington", "denver",   "france",  "cuba",     "montana",
    "vienna",  "savannah",   "brazil",     "scotland", "memphis", "germany",  "spain",
    "wales",   "washington", "tripoli",    "milan",    "lyon",    "roma",
};

bool is_latin_folded(std::string_view word) {
  return !word.empty() && static_cast<unsigned char>(word[0]) < 0x80;
}

// Arabic writes "and", "by", "for", "so", "like" onto the word; these forms are names too.
void add_arabic_forms(std::string_view name, std::vector<std::string>& forms) {
  if (name.size() < 6) return;
  const auto lead = static_cast<unsigned char>(name[0]);
  if (lead != 0xD8 && lead != 0xD9) return;
  for (const std::string_view prefix : {"و", "ب", "ف", "ك"}) {
    forms.push_back(std::string(prefix).append(name));
  }
  constexpr std::string_view kArticle = "ال";
  if (name.starts_with(kArticle)) {
    forms.push_back(std::string("لل").append(name.substr(kArticle.size())));
    forms.push_back(std::string("ولل").append(name.substr(kArticle.size())));
  } else {
    forms.push_back(std::string("ل").append(name));
  }
}

template <typename T>
bool number(std::string_view text, T& out) {
  if (text.empty()) return true;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::expected<Gazetteer, std::string> Gazetteer::parse(std::span<const std::string_view> files) {
  Gazetteer gazetteer;
  LexiconBuilder builder;
  std::vector<std::vector<PlaceId>> candidates;
  std::set<std::uint32_t> blocked;
  gazetteer.texts_.reserve(files.size());
  for (std::size_t file = 0; file < files.size(); ++file) {
    gazetteer.texts_.emplace_back(files[file]);
    const std::string_view text = gazetteer.texts_.back();
    std::size_t line_number = 0;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      std::string_view line = text.substr(at, end - at);
      at = end + 1;
      ++line_number;
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.empty() || line[0] == '#') continue;
      const auto fail = [&](std::string_view what) {
        return std::unexpected("gazetteer file " + std::to_string(file + 1) + ", line " +
                               std::to_string(line_number) + ": " + std::string(what));
      };
      std::array<std::string_view, 9> columns;
      std::size_t count = 0;
      for (std::size_t from = 0; count < columns.size(); ++count) {
        const std::size_t tab =
            count + 1 < columns.size() ? line.find('\t', from) : std::string_view::npos;
        columns[count] = line.substr(from, tab == std::string_view::npos ? tab : tab - from);
        if (tab == std::string_view::npos) {
          ++count;
          break;
        }
        from = tab + 1;
      }
      if (count != columns.size()) {
        return fail(
            "there are " + std::to_string(count) +
            " columns instead of 9 (kind, country, admin1, latitude, longitude, GeoNames id, "
            "population, English name, names by '|')");
      }
      const bool blocks = columns[0] == "blocked";
      const auto* kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                      [&](const auto& k) { return k.first == columns[0]; });
      if (!blocks && kind == std::end(kKinds)) {
        return fail("kind \"" + std::string(columns[0]) +
                    "\" is unknown; use country, demonym, capital, city, subdivision, government, "
                    "leader, organisation, metonym, area or blocked");
      }
      Place place;
      if (!blocks) {
        place.kind = kind->second;
        if (columns[1].size() == 2) {
          place.country[0] = columns[1][0];
          place.country[1] = columns[1][1];
        } else if (!columns[1].empty()) {
          return fail("country \"" + std::string(columns[1]) + "\" is no ISO 3166-1 alpha-2 code");
        }
        place.admin1 = columns[2];
        place.has_coordinates = !columns[3].empty();
        if (!number(columns[3], place.latitude) || !number(columns[4], place.longitude) ||
            !number(columns[5], place.geonames_id) || !number(columns[6], place.population)) {
          return fail("latitude, longitude, GeoNames id and population must be numbers or empty");
        }
        place.name = columns[7];
        gazetteer.places_.push_back(place);
      }
      const PlaceId id(static_cast<std::uint32_t>(gazetteer.places_.size() - 1));
      std::vector<std::string> forms;
      const std::string_view names = columns[8];
      for (std::size_t from = 0; from <= names.size();) {
        const std::size_t bar = std::min(names.find('|', from), names.size());
        const std::string_view name = names.substr(from, bar - from);
        from = bar + 1;
        if (name.empty()) continue;
        forms.clear();
        forms.emplace_back(name);
        add_arabic_forms(name, forms);
        for (const std::string& form : forms) {
          const auto phrase = builder.add(form);
          if (!phrase) {
            return fail("name \"" + form + "\" has no letters, too many words or too short a stem");
          }
          const std::uint32_t index = phrase->value();
          if (index == candidates.size()) {
            candidates.emplace_back();
            std::string folded;
            fold(form, folded);
            const std::size_t begin = folded.find_first_of("abcdefghijklmnopqrstuvwxyz0123456789");
            PhraseFlags flags;
            const bool one_word = folded.find_first_of(" -'.,*\x01") == std::string::npos;
            std::size_t letters = 0;
            for (const char c : folded) letters += static_cast<std::size_t>(c >= 'a' && c <= 'z');
            const bool latin = begin != std::string::npos && is_latin_folded(folded);
            flags.latin_word =
                latin && (one_word || letters <= 4 || folded.find(' ') == std::string::npos);
            flags.short_latin = latin && letters <= 3;
            const std::string_view bare = std::string_view(folded).substr(0, folded.find('*'));
            flags.given_name = std::find(std::begin(kGivenNames), std::end(kGivenNames), bare) !=
                               std::end(kGivenNames);
            gazetteer.flags_.push_back(flags);
          }
          if (blocks) {
            blocked.insert(index);
          } else if (std::find(candidates[index].begin(), candidates[index].end(), id) ==
                     candidates[index].end()) {
            candidates[index].push_back(id);
          }
        }
      }
    }
  }
  // The likeliest first: countries, then the government's and demonyms, capitals, then by
  // population.
  const auto rank = [&](PlaceId id) {
    const Place& place = gazetteer.places_[id.value()];
    switch (place.kind) {
      case PlaceClass::kCountry:
        return std::pair(0, 0U);
      case PlaceClass::kDemonym:
        return std::pair(1, 0U);
      case PlaceClass::kCapital:
        return std::pair(2, 0U);
      case PlaceClass::kSubdivision:
        return std::pair(4, 0U);
      case PlaceClass::kCity:
        return std::pair(5, 0xFFFFFFFFU - place.population);
      default:
        return std::pair(3, 0U);
    }
  };
  gazetteer.offsets_.push_back(0);
  for (std::uint32_t index = 0; index < candidates.size(); ++index) {
    if (!blocked.contains(index)) {
      auto& list = candidates[index];
      std::stable_sort(list.begin(), list.end(), [&](PlaceId a, PlaceId b) {
        // With coordinates before without, in one rank: a capital of the additions knows more.
        return rank(a) < rank(b);
      });
      gazetteer.candidates_.insert(gazetteer.candidates_.end(), list.begin(), list.end());
    }
    gazetteer.offsets_.push_back(static_cast<std::uint32_t>(gazetteer.candidates_.size()));
  }
  gazetteer.lexicon_ = builder.build();
  return gazetteer;
}

}  // namespace wirewatch
