#include "tests/quality/naive_regions.h"

#include <algorithm>

namespace wirewatch::quality {

namespace {

CountryCode code_of(const Place& place) {
  if (place.country == Place::kNoCountry) return {};
  const char letters[2] = {static_cast<char>('A' + place.country / 26),
                           static_cast<char>('A' + place.country % 26)};
  return CountryCode(std::string_view(letters, 2));
}

}  // namespace

std::vector<NaiveMention> NaiveRegions::mentions(const ArticleText& text) const {
  std::vector<PhraseHit> hits;
  std::vector<PhraseHit> spare;
  gazetteer_.find(text, ~std::uint64_t{0}, true, hits, spare);
  std::vector<NaiveMention> found;
  std::uint32_t covered = 0;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    if (i + 1 < hits.size() && hits[i + 1].token_begin == hits[i].token_begin) continue;
    if (hits[i].token_begin < covered) continue;
    const auto names = gazetteer_.names(hits[i].phrase);
    const auto first = std::find_if(names.begin(), names.end(),
                                    [](const GazetteerName& name) { return is_place(name.kind); });
    if (first == names.end()) continue;
    covered = hits[i].token_end;
    const Place place = gazetteer_.place(first->place);
    found.push_back({hits[i].token_begin, hits[i].token_end, first->kind, place, code_of(place)});
  }
  return found;
}

std::vector<CountryCode> NaiveRegions::countries(const ArticleText& text, double share) const {
  std::map<CountryCode, double> weights;
  const std::uint32_t opening =
      text.headline_token_count() + (text.token_count() - text.headline_token_count()) / 10;
  for (const NaiveMention& mention : mentions(text)) {
    const CountryCode country = mention.country;
    if (country.empty()) continue;
    weights[country] += mention.token_begin < text.headline_token_count() ? 3
                        : mention.token_begin < opening                   ? 2
                                                                          : 1;
  }
  std::vector<std::pair<double, CountryCode>> ranked;
  for (const auto& [country, weight] : weights) ranked.emplace_back(-weight, country);
  std::sort(ranked.begin(), ranked.end());
  std::vector<CountryCode> countries;
  for (const auto& [weight, country] : ranked) {
    if (weight <= ranked.front().first * share) countries.push_back(country);
  }
  return countries;
}

std::vector<CountryCode> NaiveRegions::named(const ArticleText& text) const {
  std::vector<CountryCode> countries;
  for (const NaiveMention& mention : mentions(text)) {
    if (mention.kind == NameKind::kCountry && !mention.country.empty() &&
        std::find(countries.begin(), countries.end(), mention.country) == countries.end()) {
      countries.push_back(mention.country);
    }
  }
  return countries;
}

}  // namespace wirewatch::quality
