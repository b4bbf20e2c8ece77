#include "tests/quality/naive_regions.h"

#include <algorithm>

namespace wirewatch::quality {

namespace {

CountryCode code_of(const Place& place) {
  return CountryCode(std::string_view(place.country, 2));
}

}  // namespace

std::vector<NaiveMention> NaiveRegions::mentions(const ArticleText& text) const {
  std::vector<PhraseHit> hits;
  gazetteer_.lexicon().find(text, hits);
  std::vector<NaiveMention> found;
  std::uint32_t covered = 0;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    if (i + 1 < hits.size() && hits[i + 1].token_begin == hits[i].token_begin) continue;
    const auto candidates = gazetteer_.candidates(hits[i].phrase);
    if (candidates.empty() || hits[i].token_begin < covered) continue;
    covered = hits[i].token_end;
    found.push_back(
        {hits[i].token_begin, hits[i].token_end, gazetteer_.place(candidates.front())});
  }
  return found;
}

std::vector<CountryCode> NaiveRegions::countries(const ArticleText& text, double share) const {
  std::map<CountryCode, double> weights;
  const std::uint32_t opening =
      text.headline_token_count() + (text.token_count() - text.headline_token_count()) / 10;
  for (const NaiveMention& mention : mentions(text)) {
    const CountryCode country = code_of(mention.place);
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
    const CountryCode country = code_of(mention.place);
    if (mention.place.kind == PlaceClass::kCountry && !country.empty() &&
        std::find(countries.begin(), countries.end(), country) == countries.end()) {
      countries.push_back(country);
    }
  }
  return countries;
}

}  // namespace wirewatch::quality
