#include <algorithm>
#include <cmath>

#include "common/region/region_work.h"

namespace wirewatch {

namespace {

// Weights of names by where they stand.
constexpr float kHeadlineWeight = 3.0F;
constexpr float kOpeningWeight = 2.0F;  // The lede and the first tenth.
constexpr float kDatelineWeight = 1.0F;
constexpr float kCityWeight = 0.8F;  // A city says less than its country's name.
constexpr float kWeakWeight = 0.5F;
constexpr float kContextSalience = 0.3F;  // Of a country that only dateline or source tell.
constexpr std::uint32_t kRoundUpCountries = 5;
constexpr float kRoundUpShareMax = 0.35F;
constexpr float kRoundUpTokens = 60;  // A page's menu names as many, but in more words.
constexpr float kRoundUpFactor = 0.25F;
constexpr float kRunnerUpMin = 0.15F;  // Salience of the best country where none is salient.

#include "common/region/salience_weights.inc"

}  // namespace

// Adds the mention that was written last to its country's score.
void RegionClassifier::tally_mention(Work& work, const Candidate& candidate, bool page) const {
  const ArticleText& text = work.text;
  RegionScratch& scratch = work.scratch;
  const Mention& mention = work.result.mentions.back();
  if (!mention.counts || mention.country.empty()) {
    if (work.explanation != nullptr) work.explanation->weights.push_back(0);
    return;
  }
  const std::uint32_t body_tokens = text.token_count() - text.headline_token_count();
  const std::uint32_t opening = text.headline_token_count() + body_tokens / 10;
  float weight = 1;
  Tally& tally = scratch.tallies[candidate.country];
  if (!tally.seen) {
    tally = {};
    tally.seen = true;
    tally.first_token = mention.token_begin;
    scratch.seen.push_back(candidate.country);
  }
  if (mention.zone == Zone::kHeadline) {
    weight = kHeadlineWeight;
    tally.headline += 1;
  } else if (mention.zone == Zone::kLede || (!page && mention.token_begin < opening)) {
    weight = kOpeningWeight;
    tally.lede += 1;
  }
  if (candidate.kind == NameKind::kCity || candidate.kind == NameKind::kSubdivision) {
    weight *= kCityWeight;
  }
  if (has(candidate, NameFlag::kWeak)) weight *= kWeakWeight;
  tally.score += weight;
  ++tally.count;
  if (candidate.kind != NameKind::kCity && candidate.kind != NameKind::kSubdivision) ++tally.strong;
  if (work.explanation != nullptr) work.explanation->weights.push_back(weight);
}

void RegionClassifier::score_countries(Work& work) const {
  RegionScratch& scratch = work.scratch;
  RegionResult& result = work.result;
  if (work.explanation != nullptr && work.home)
    work.explanation->home = code_of(work.home->country);
  // A dateline names the newsroom; it counts where the text names the country too.
  for (Mention& mention : result.mentions) {
    if (mention.zone != Zone::kDateline || mention.country.empty()) continue;
    Tally& tally = scratch.tallies[mention.country.index()];
    if (!tally.seen) {
      tally = {};
      tally.seen = true;
      scratch.seen.push_back(static_cast<std::uint16_t>(mention.country.index()));
    }
    tally.dateline = true;
    if (tally.count == 0) continue;
    tally.score += kDatelineWeight;
    ++tally.count;
    mention.counts = true;
  }
  float total = 0;
  float best = 0;
  bool opening_names_one = false;  // Headline or lede name a country itself.
  std::uint32_t named_count = 0;   // Countries that not only the dateline names.
  for (const std::uint16_t country : scratch.seen) {
    const Tally& tally = scratch.tallies[country];
    total += tally.score;
    best = std::max(best, tally.score);
    opening_names_one = opening_names_one || tally.headline + tally.lede > 0;
    named_count += tally.count > 0 ? 1U : 0U;
  }
  const float tokens = static_cast<float>(std::max(work.text.token_count(), 1U));
  // A round-up names many countries once and is about none in particular, so about all of them.
  const bool round_up = named_count >= kRoundUpCountries && best < total * kRoundUpShareMax &&
                        tokens < static_cast<float>(named_count) * kRoundUpTokens;
  const auto salience_min =
      static_cast<float>(options_.salience_min) * (round_up ? kRoundUpFactor : 1.0F);
  CountryScore runner_up;
  for (const std::uint16_t country : scratch.seen) {
    Tally& tally = scratch.tallies[country];
    tally.seen = false;
    if (named_count == 0) continue;  // Nothing but the dateline: below.
    const bool bare = tally.count == 0;
    // "LONDON (AP) - Protests in Peru": what the story is about is said at its beginning.
    if (bare && opening_names_one) continue;
    const float others = static_cast<float>(named_count - (bare ? 0U : 1U));
    const float of_best = best > 0 ? tally.score / best : 0;
    const bool at_home = work.home && work.home->country == country;
    const SalienceFeatures features{
        .country = code_of(country),
        .values = {1.0F, total > 0 ? tally.score / total : 0, of_best, std::log1p(tally.score),
                   tally.headline > 0 ? 1.0F : 0.0F, tally.lede > 0 ? 1.0F : 0.0F,
                   std::log1p(static_cast<float>(tally.count)), tally.strong > 0 ? 1.0F : 0.0F,
                   tally.dateline && !bare ? 1.0F : 0.0F, bare ? 1.0F : 0.0F,
                   bare && named_count > 1 ? 1.0F : 0.0F, std::log1p(others),
                   bare ? 1.0F : static_cast<float>(tally.first_token) / tokens,
                   at_home ? 1.0F : 0.0F, work.home && !at_home ? 1.0F : 0.0F,
                   std::log(tokens) / 10, of_best * std::log1p(others)}};
    float sum = 0;
    for (std::size_t i = 0; i < kSalienceFeatureCount; ++i) {
      sum += features.values[i] * kSalienceWeights[i];
    }
    const float salience = 1 / (1 + std::exp(-sum));
    if (work.explanation != nullptr) work.explanation->features.push_back(features);
    const CountryScore score{code_of(country), salience, tally.count};
    if (salience >= salience_min) {
      result.about.push_back(score);
    } else if (salience > runner_up.salience ||
               (salience == runner_up.salience && score.country < runner_up.country)) {
      runner_up = score;
    }
  }
  scratch.seen.clear();
  std::sort(result.about.begin(), result.about.end(),
            [](const CountryScore& a, const CountryScore& b) {
              return a.salience != b.salience ? a.salience > b.salience : a.country < b.country;
            });
  if (result.about.size() > options_.about_max) result.about.resize(options_.about_max);
  if (!result.about.empty()) return;
  if (named_count > 0) {
    if (runner_up.salience >= kRunnerUpMin) {
      result.about.push_back(runner_up);
      return;
    }
  }
  // No place in the text at all: the dateline, then the source's home, is the best guess.
  for (const Mention& mention : result.mentions) {
    if (mention.zone == Zone::kDateline && !mention.country.empty()) {
      result.about.push_back({mention.country, kContextSalience, 0});
      return;
    }
  }
  if (work.home && work.home->country != Place::kNoCountry) {
    result.about.push_back({code_of(work.home->country), kContextSalience, 0});
  }
}

}  // namespace wirewatch
