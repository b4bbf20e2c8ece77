#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "common/region/region_work.h"
#include "common/region/salience_model.h"

namespace wirewatch {

namespace {

// Weights of names by where they stand.
constexpr float kHeadlineWeight = 3.0F;
constexpr float kOpeningWeight = 2.0F;  // The lede and the first tenth.
constexpr float kDatelineWeight = 1.0F;
constexpr float kCityWeight = 0.8F;  // A city says less than its country's name.
constexpr float kWeakWeight = 0.5F;
constexpr float kContextSalience = 0.3F;  // Of a country that only dateline or source tell.
// What a text says of the dateline's country without naming it, where it names others.
constexpr float kWordsMin = 0.4F;
constexpr std::uint32_t kWordsRankMax = 3;
constexpr float kTokensMax = 100;        // Longer articles are alike.
constexpr float kEqualSalience = 0.02F;  // Countries that differ by less are equally salient.
constexpr float kRunnerUpMin = 0.15F;    // Salience of the best country where none is salient.

// "100 mln Australian dlrs" is a sum of money and says little of Australia.
constexpr std::string_view kMoneyWords[] = {
    "dlr",    "dlrs",   "dollar", "dollars", "franc",     "francs", "crown",
    "crowns", "mark",   "marks",  "pound",   "pounds",    "peso",   "pesos",
    "lira",   "krona",  "krone",  "kronor",  "kroner",    "yen",    "won",
    "rupee",  "rupees", "rand",   "ringgit", "schilling", "cents",  "cent"};

// Words of news about what is issued and dealt in on a financial market. The dateline tells which.
constexpr std::string_view kMarketWords[] = {
    "bond",         "bonds",      "eurobond",      "eurobonds", "coupon",     "coupons",
    "priced",       "issuing",    "issuer",        "maturity",  "maturing",   "redemption",
    "warrants",     "callable",   "dealers",       "brokers",   "syndicated", "underwriting",
    "syndicate",    "refinance",  "denominations", "futures",   "equity",     "dividend",
    "shareholders", "securities", "stockbrokers"};
constexpr std::size_t kMarketWordsMin = 2;  // Different ones.

// What a text says of the place that it is told from: "will meet here", or the market there.
bool speaks_of_dateline(const ArticleText& text) {
  static const WordSet kMarket(kMarketWords);
  static const std::uint64_t kHere = token_hash("here");
  std::array<std::uint64_t, kMarketWordsMin> found{};
  std::size_t count = 0;
  for (const ZoneSpan& zone : text.zones()) {
    if (!zone.counts()) continue;
    for (std::uint32_t token = zone.token_begin; token < zone.token_end; ++token) {
      const std::uint64_t hash = text.hashes()[token];
      if (hash == kHere) return true;
      if (!kMarket.contains(hash)) continue;
      if (std::find(found.begin(), found.end(), hash) != found.end()) continue;
      found[count++] = hash;
      if (count == kMarketWordsMin) return true;
    }
  }
  return false;
}

// Words of a sentence about a firm or a sum of money. Who is named there only once (a parent firm's
// home, a currency) is seldom a second country of the story. Folded; of the languages that write
// words apart.
constexpr std::string_view kFirmWords[] = {
    "inc", "corp", "corporation", "ltd", "limited", "co", "company", "plc", "llc", "unit", "units",
    "subsidiary", "holdings", "holding", "bank", "banks", "bankers", "banking", "firm", "firms",
    "shares", "share", "stake", "shareholder", "issue", "issues", "issuing", "bond", "bonds",
    "notes", "eurobond", "dealers", "brokers", "traders", "market", "dlr", "dlrs", "dollar",
    "dollars", "mln", "pct", "franc", "francs", "yen", "stg", "profit", "profits", "net", "sales",
    "merger", "acquire", "acquires", "acquired", "acquisition",
    // German, Dutch, Swedish, Danish, Norwegian
    "konzern", "unternehmen", "aktien", "aktie", "gmbh", "ag", "gewinn", "umsatz", "ubernahme",
    "tochter", "borse", "bedrijf", "concern", "aandelen", "winst", "beurs", "bolag", "bolaget",
    "aktier", "vinst", "aksjer", "selskabet", "selskapet",
    // French, Spanish, Italian, Portuguese, Romanian
    "societe", "entreprise", "actions", "banque", "filiale", "benefice", "bourse", "empresa",
    "compania", "acciones", "banco", "filial", "beneficio", "beneficios", "bolsa", "azienda",
    "societa", "azioni", "banca", "utile", "borsa", "companhia", "acoes", "lucro",
    // Polish, Czech, Turkish, Indonesian
    "spolka", "spolki", "akcje", "zysk", "gielda", "spolecnost", "akcie", "zisk", "sirket",
    "sirketi", "hisse", "banka", "bankasi", "kar", "perusahaan", "saham", "laba",
    // Russian, Ukrainian
    "компания", "компании", "акции", "акций", "банк", "банка", "прибыль", "биржа", "рынок",
    "компанія", "компанії", "акцій", "прибуток", "ринок"};
// What a person did once or where they come from, before a country: "a brewer who learned in
// Belgium".
constexpr std::string_view kOriginWords[] = {
    "who",     "whose",   "born",  "holiday", "studied", "learned", "learnt",  "trained", "once",
    "native",  "geboren", "qui",   "nee",     "que",     "nacido",  "nacida",  "che",     "nata",
    "nascido", "nascida", "ktory", "ktora",   "которыи", "родился", "которая", "родилась"};
constexpr std::uint32_t kOriginTokensMax = 8;

bool tells_origin(const ArticleText& text, std::uint32_t begin, const Mention& mention) {
  static const WordSet kWords(kOriginWords);
  const std::uint32_t end = mention.token_begin;
  for (std::uint32_t token = std::max(begin, end - std::min(end, kOriginTokensMax)); token < end;
       ++token) {
    if (kWords.contains(text.hashes()[token])) return true;
  }
  return false;
}

// True where headline or first sentence speak of a firm or of money.
bool speaks_of_firms(const ArticleText& text, std::uint32_t begin, std::uint32_t end) {
  static const WordSet kWords(kFirmWords);
  const auto hashes = text.hashes();
  const auto is_firms = [&](std::uint64_t hash) { return kWords.contains(hash); };
  return std::any_of(hashes.begin(), hashes.begin() + text.headline_token_count(), is_firms) ||
         std::any_of(hashes.begin() + begin, hashes.begin() + end, is_firms);
}

bool names_money(const ArticleText& text, std::uint32_t token) {
  static const WordSet kWords(kMoneyWords);
  return token < text.token_count() && kWords.contains(text.hashes()[token]);
}

// Countries of the United Kingdom say as much as its name does: "England lost to Australia".
constexpr std::string_view kHomeNations[] = {"England", "Scotland", "Wales", "Northern Ireland"};

bool is_subdivision_or_city(const Candidate& candidate, std::string_view name) {
  if (candidate.kind == NameKind::kCity) return true;
  if (candidate.kind != NameKind::kSubdivision) return false;
  static const auto kBritain = static_cast<std::uint16_t>(CountryCode("GB").index());
  return candidate.country != kBritain ||
         std::find(std::begin(kHomeNations), std::end(kHomeNations), name) ==
             std::end(kHomeNations);
}

}  // namespace

struct RegionClassifier::Totals {
  explicit Totals(const RegionScratch& scratch) {
    for (const std::uint16_t country : scratch.seen) {
      const Tally& tally = scratch.tallies[country];
      score += tally.score;
      best = std::max(best, tally.score);
      strong += static_cast<float>(tally.strong);
      opening_names_one = opening_names_one || tally.headline + tally.lede > 0;
      country_count += tally.count > 0 ? 1U : 0U;
      in_headline += tally.headline > 0 ? 1U : 0U;
      in_opening += tally.lede > 0 ? 1U : 0U;
      in_dateline += tally.dateline ? 1U : 0U;
    }
  }

  float score = 0;
  float best = 0;
  float strong = 0;
  bool opening_names_one = false;   // Headline or opening have a name.
  std::uint32_t country_count = 0;  // That not only the dateline names.
  std::uint32_t in_headline = 0;    // Countries with a name there …
  std::uint32_t in_opening = 0;
  std::uint32_t in_dateline = 0;
};

// Adds the mention that was written last to its country's score.
void RegionClassifier::tally_mention(Work& work, const Candidate& candidate) const {
  const ArticleText& text = work.text;
  RegionScratch& scratch = work.scratch;
  const Mention& mention = work.result.mentions.back();
  if (!mention.counts || mention.country.empty()) {
    if (work.explanation != nullptr) work.explanation->weights.push_back(0);
    return;
  }
  const std::uint32_t body_tokens = work.article_tokens - text.headline_token_count();
  const std::uint32_t opening = text.headline_token_count() + body_tokens / 10;
  const std::uint32_t place = work.article_place(mention.token_begin);
  float weight = 1;
  Tally& tally = scratch.tallies[candidate.country];
  if (!tally.seen) {
    tally = {};
    tally.seen = true;
    tally.first_token = place;
    scratch.seen.push_back(candidate.country);
  }
  tally.last_token = place;
  const bool lesser = is_subdivision_or_city(candidate, mention.name);
  const bool strong = candidate.kind != NameKind::kMetonym && !lesser;
  if (mention.zone == Zone::kHeadline) {
    weight = kHeadlineWeight;
    tally.headline += 1;
    tally.headline_strong += strong ? 1.0F : 0.0F;
  } else if (mention.zone == Zone::kLede || place < opening) {
    weight = kOpeningWeight;
    tally.lede += 1;
  }
  if (lesser) weight *= kCityWeight;
  if (has(candidate, NameFlag::kWeak)) weight *= kWeakWeight;
  tally.score += weight;
  ++tally.count;
  tally.strong += strong ? 1U : 0U;
  if (candidate.kind == NameKind::kCountry && mention.token_begin >= work.first_begin &&
      mention.token_begin < work.first_end && !tells_origin(text, work.first_begin, mention)) {
    ++tally.opens;
  }
  tally.named += candidate.kind == NameKind::kCountry ? 1U : 0U;
  tally.capitals += candidate.kind == NameKind::kCapital ? 1U : 0U;
  tally.demonyms += candidate.kind == NameKind::kDemonym ? 1U : 0U;
  tally.money += names_money(text, mention.token_end) ? 1U : 0U;
  if (work.explanation != nullptr) work.explanation->weights.push_back(weight);
}

// A dateline names the newsroom; it counts where the text names the country too.
void RegionClassifier::tally_datelines(Work& work) const {
  RegionScratch& scratch = work.scratch;
  for (Mention& mention : work.result.mentions) {
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
}

// What the salience of a country is computed from.
SalienceFeatures RegionClassifier::features_of(const Work& work, std::uint16_t country,
                                               const Totals& totals, const WordEvidence& words) {
  const RegionScratch& scratch = work.scratch;
  const Tally& tally = scratch.tallies[country];
  std::uint32_t rank = 0;
  for (const std::uint16_t other : scratch.seen) {
    rank += scratch.tallies[other].score > tally.score ? 1U : 0U;
  }
  const std::uint32_t headline_others = totals.in_headline - (tally.headline > 0 ? 1U : 0U);
  const std::uint32_t opening_others = totals.in_opening - (tally.lede > 0 ? 1U : 0U);
  const bool dateline_elsewhere = totals.in_dateline > (tally.dateline ? 1U : 0U);
  const bool bare = tally.count == 0;
  const auto tokens = static_cast<float>(std::max(work.article_tokens, 1U));
  const auto count = static_cast<float>(tally.count);
  const auto share = [](float part, float whole) { return whole > 0 ? part / whole : 0; };
  SalienceFeatures features{.country = CountryCode::from_index(country)};
  const auto set = [&](SalienceFeature which, float value) {
    features.values[static_cast<std::size_t>(which)] = value;
  };
  set(SalienceFeature::kShare, share(tally.score, totals.score));
  set(SalienceFeature::kOfBest, share(tally.score, totals.best));
  set(SalienceFeature::kScore, tally.score);
  set(SalienceFeature::kHeadline, tally.headline);
  set(SalienceFeature::kHeadlineStrong, tally.headline_strong);
  set(SalienceFeature::kOpening, tally.lede);
  set(SalienceFeature::kCount, count);
  set(SalienceFeature::kStrong, static_cast<float>(tally.strong));
  set(SalienceFeature::kDateline, tally.dateline ? (bare ? 2.0F : 1.0F) : 0.0F);
  set(SalienceFeature::kOthers, static_cast<float>(totals.country_count - (bare ? 0U : 1U)));
  set(SalienceFeature::kFirst, bare ? 1 : static_cast<float>(tally.first_token) / tokens);
  set(SalienceFeature::kLast, bare ? 1 : static_cast<float>(tally.last_token) / tokens);
  const bool at_home = work.home && work.home->country == country;
  set(SalienceFeature::kHome, !work.home ? 0.0F : at_home ? 1.0F : -1.0F);
  set(SalienceFeature::kTokens, std::min(tokens, kTokensMax));
  set(SalienceFeature::kRank, static_cast<float>(rank));
  set(SalienceFeature::kHeadlineOthers, static_cast<float>(headline_others));
  set(SalienceFeature::kOpeningOthers, static_cast<float>(opening_others));
  set(SalienceFeature::kDatelineElsewhere, dateline_elsewhere ? 1.0F : 0.0F);
  set(SalienceFeature::kMoneyShare, share(static_cast<float>(tally.money), count));
  set(SalienceFeature::kNotMoney, count - static_cast<float>(tally.money));
  set(SalienceFeature::kCountryNames, static_cast<float>(tally.named));
  set(SalienceFeature::kDemonyms, static_cast<float>(tally.demonyms));
  set(SalienceFeature::kCapitals, static_cast<float>(tally.capitals));
  set(SalienceFeature::kBestShare, share(totals.best, totals.score));
  set(SalienceFeature::kStrongShare,
      share(static_cast<float>(tally.strong), std::max(totals.strong, 1.0F)));
  set(SalienceFeature::kHeadlineTokens, static_cast<float>(work.text.headline_token_count()));
  set(SalienceFeature::kWords, words.weight);
  set(SalienceFeature::kWordsRank, static_cast<float>(words.rank));
  return features;
}

// Where the article comes from: by the dateline, else the home of the source.
CountryCode RegionClassifier::context_of(Work& work) const {
  for (const Mention& mention : work.result.mentions) {
    if (mention.zone == Zone::kDateline && !mention.country.empty()) return mention.country;
  }
  find_labels(work);
  // Of several the feed does not tell which one it is about.
  if (work.scratch.labels.size() == 1) return CountryCode::from_index(work.scratch.labels.front());
  return work.home ? CountryCode::from_index(work.home->country) : CountryCode();
}

// Of countries that are as salient as the first, the one that the text names first leads.
void RegionClassifier::prefer_first_named(const RegionScratch& scratch,
                                          std::vector<CountryScore>& about) {
  const auto named_at = [&](const CountryScore& score) {
    const Tally& tally = scratch.tallies[score.country.index()];
    return tally.count > 0 ? tally.first_token : std::numeric_limits<std::uint32_t>::max();
  };
  const auto end = std::find_if(about.begin(), about.end(), [&](const CountryScore& score) {
    return score.salience <= about.front().salience - kEqualSalience;
  });
  const auto first = std::min_element(
      about.begin(), end, [&](const auto& a, const auto& b) { return named_at(a) < named_at(b); });
  if (first != end) std::rotate(about.begin(), first, first + 1);
}

// True for the second of two countries that the first sentence names, be it once: "Kenyan police
// will lead a mission in Haiti". Where firms are spoken of, it is a parent's home or a market.
bool RegionClassifier::is_partner(const Work& work, const Tally& tally, const Totals& totals) {
  return tally.opens > 0 && totals.country_count == 2 &&
         !speaks_of_firms(work.text, work.first_begin, work.first_end);
}

void RegionClassifier::score_countries(Work& work) const {
  RegionScratch& scratch = work.scratch;
  RegionResult& result = work.result;
  if (work.explanation != nullptr && work.home)
    work.explanation->home = CountryCode::from_index(work.home->country);
  tally_datelines(work);
  const Totals totals(scratch);
  scratch.features.clear();
  bool counted = false;
  bool spoken_of = false;
  const bool english = work.language.empty() || work.language == "en";  // Of the word model.
  for (const std::uint16_t country : scratch.seen) {
    const Tally& tally = scratch.tallies[country];
    if (totals.country_count == 0) break;  // Nothing but the dateline: below.
    const bool bare = tally.count == 0;
    WordEvidence words;
    if (bare) {
      if (english && !counted) {
        scratch.words.count(work.text);
        spoken_of = speaks_of_dateline(work.text);
      }
      counted = true;
      if (english) words = scratch.words.of(CountryCode::from_index(country));
      // "LONDON (AP) - Protests in Peru": what the story is about is said at its beginning, unless
      // the rest of it speaks of sterling and the Commons.
      if (totals.opening_names_one && !spoken_of &&
          (words.weight < kWordsMin || words.rank > kWordsRankMax)) {
        continue;
      }
    }
    scratch.features.push_back(features_of(work, country, totals, words));
  }
  find_saliences(scratch.features, scratch.saliences);
  if (work.explanation != nullptr) work.explanation->features = scratch.features;
  const auto salience_min = static_cast<float>(options_.salience_min);
  CountryScore runner_up;
  for (std::size_t i = 0; i < scratch.features.size(); ++i) {
    const CountryCode country = scratch.features[i].country;
    const float salience = is_partner(work, scratch.tallies[country.index()], totals)
                               ? std::max(scratch.saliences[i], salience_min)
                               : scratch.saliences[i];
    const CountryScore score{country, salience, scratch.tallies[country.index()].count};
    if (salience >= salience_min) {
      result.about.push_back(score);
    } else if (salience > runner_up.salience ||
               (salience == runner_up.salience && score.country < runner_up.country)) {
      runner_up = score;
    }
  }
  for (const std::uint16_t country : scratch.seen) scratch.tallies[country].seen = false;
  scratch.seen.clear();
  std::sort(result.about.begin(), result.about.end(),
            [](const CountryScore& a, const CountryScore& b) {
              return a.salience != b.salience ? a.salience > b.salience : a.country < b.country;
            });
  if (result.about.size() > options_.about_max) result.about.resize(options_.about_max);
  prefer_first_named(scratch, result.about);
  if (!result.about.empty()) return;
  const CountryCode context = context_of(work);
  // A country that is hardly spoken of says less than where the article comes from.
  if (runner_up.salience >= (context.empty() ? kRunnerUpMin : kContextSalience)) {
    result.about.push_back(runner_up);
  } else if (!context.empty()) {
    result.about.push_back({context, kContextSalience, 0});
  }
}

}  // namespace wirewatch
