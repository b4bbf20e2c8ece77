#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <optional>
#include <string_view>

#include "common/base/eight.h"
#include "common/region/region_work.h"

namespace wirewatch {

namespace {

// What speaks for one of several places of a name, in decimal orders of population.
constexpr float kCountrySupport = 1.0F;
// Of a small town: its state is named beside it, or the newsroom is near. "The U.S. said in
// Geneva".
constexpr float kSmallCountrySupport = 0.5F;
constexpr float kKnownTownPriorMin = 4.5F;  // About 30,000 people.
constexpr float kAdmin1Support = 1.0F;
constexpr float kChosenSupport = 0.5F;  // Of a name that might mean another place.
constexpr float kOthersMin = 3.0F;      // Of another country, for a small town to be doubted.
constexpr float kHintSupport = 0.5F;    // Of names that may lie there.
constexpr float kNearSupport = 1.0F;
constexpr float kHomeCountry = 1.5F;
constexpr float kHomeAdmin1 = 2.0F;
constexpr float kHomeNear = 2.0F;
constexpr float kSpokenCountry = 0.5F;  // A French text's Brest is not in Belarus.
constexpr float kLabelSupport = 0.5F;   // A country that the feed names, of one in the text.
constexpr float kNearDegrees = 1.5F;
constexpr float kAtHomeDegrees = 0.1F;      // The newsroom is in the town itself.
constexpr float kLocalTownPriorMin = 4.2F;  // About 15,000 people.
constexpr float kBritishPriorMin = 5.6F;    // Wales, not Norfolk.
constexpr float kAbroadPriorMin = 4.7F;     // About 50,000 people.
// What a candidate may gain beside the names of its country and subdivision.
constexpr float kHomeMax = kHomeCountry + kHomeAdmin1 + kHomeNear;
constexpr std::size_t kLabelSizeMax = 64;  // Of a country's name.
constexpr std::size_t kNearGroupMax = 64;  // Names that are asked what lies near.
constexpr int kNearMax = 3;                // Places near that count.
constexpr float kNearSupportMax = kNearSupport * kNearMax;
constexpr float kGreatestLead = 0.8F;  // Of a name's likeliest place above the next.
constexpr float kRoundingMax = 0.01F;  // And more than that.
// When a capital is no likelier than its people make it.
constexpr float kNamesakeLarger = 0.3F;      // A town of that name has twice its people.
constexpr float kNamesakeComparable = 1.0F;  // A tenth of them, in a country that is named.
constexpr float kNamedSupport = 0.45F;
constexpr float kUnnamedSupport = 0.01F;
constexpr float kNamedGain = 0.5F;
constexpr float kSureSupport = 0.9F;       // A state that is named.
constexpr float kGreatCapitalLoss = 4.0F;  // Of the millions, too.
constexpr float kCapitalPeopleMin = 3.0F;  // A thousand.

// Countries whose towns share their names; the data has the small ones of all of them.
bool shares_names(std::uint16_t country) {
  static const CountrySet kCountries = countries_of("AU CA GB IE NZ US ZA");
  return contains(kCountries, country);
}

// "Hampstead" in a paper of London is a part of it that the data lacks, hardly a town of Maryland.
bool is_small_abroad(const std::optional<Place>& home, const Candidate& candidate) {
  return home && candidate.kind == NameKind::kCity && candidate.prior < kAbroadPriorMin &&
         candidate.country != home->country && shares_names(candidate.country) &&
         shares_names(home->country);
}

// ln(1 + sum), within 1e-6, of a sum that may be anything not greater than zero for nothing: by the
// exponent, and the series of the inverse hyperbolic tangent for the mantissa. Hundreds of them are
// asked for in an article; the library's takes several times as long and differs by library.
float log1p_of(float sum) {
  const auto bits = std::bit_cast<std::uint32_t>(1 + std::max(sum, 0.0F));
  const auto exponent = static_cast<float>(static_cast<std::int32_t>(bits >> 23) - 127);
  const float mantissa = std::bit_cast<float>((bits & 0x7FFFFF) | 0x3F800000);
  const float s = (mantissa - 1) / (mantissa + 1);
  const float q = s * s;
  const float series =
      1 + q * (1 / 3.0F + q * (1 / 5.0F + q * (1 / 7.0F + q * (1 / 9.0F + q * (1 / 11.0F)))));
  return exponent * std::numbers::ln2_v<float> + 2 * s * series;
}

void add_support(RegionScratch::Support& support, float weight) {
  support.sum += weight;
  support.gain = -1;
}

float gain_of(RegionScratch::Support& support) {
  if (support.gain < 0) support.gain = log1p_of(support.sum);
  return support.gain;
}

// True where the likeliest place of a name has six times the people of the next one elsewhere: a
// town and its district are one.
bool has_greatest(std::span<const Candidate> meanings) {
  const Candidate& first = meanings.front();
  const auto next = std::find_if(meanings.begin(), meanings.end(), [&](const Candidate& other) {
    return other.admin1 != first.admin1 || other.country != first.country;
  });
  return next == meanings.end() || first.prior >= next->prior + kGreatestLead;
}

// Cells of a coarse grid in which something may lie near to one of the places that were added: most
// candidates lie in none of them.
class Reach {
 public:
  void add(const Candidate& place) {
    const std::size_t east = column_of(place.longitude + kEastDegrees);
    const std::uint64_t columns = (std::uint64_t{2} << east) - 1;
    const std::size_t west = column_of(place.longitude - kEastDegrees);
    const std::size_t north = row_of(place.latitude + kNorthDegrees);
    for (std::size_t row = row_of(place.latitude - kNorthDegrees); row <= north; ++row) {
      rows_[row] |= columns >> west << west;
    }
  }
  [[nodiscard]] bool has(const Candidate& place) const {
    return (rows_[row_of(place.latitude)] >> column_of(place.longitude) & 1) != 0;
  }

 private:
  // As lies_within() says, and a little more, so that no rounding leaves a cell out.
  static constexpr float kNorthDegrees = kNearDegrees + 0.01F;
  static constexpr float kEastDegrees = kNearDegrees / kEastShrink + 0.01F;
  static constexpr float kRowCount = 64;
  static constexpr float kColumnCount = 64;

  static std::size_t cell_of(float degrees, float half, float count) {
    const float cell = (degrees + half) * (count / (2 * half));
    return static_cast<std::size_t>(static_cast<int>(std::clamp(cell, 0.0F, count - 1)));
  }
  static std::size_t row_of(float latitude) { return cell_of(latitude, 90, kRowCount); }
  static std::size_t column_of(float longitude) { return cell_of(longitude, 180, kColumnCount); }

  std::array<std::uint64_t, static_cast<std::size_t>(kRowCount)> rows_{};  // A bit for each column.
};

}  // namespace

// The places that the names of an article mean so far, side by side, as each of many candidates is
// held against all of them.
class RegionClassifier::Neighbours {
 public:
  explicit Neighbours(const Work& work)
      : size_(std::min(work.scratch.groups.size(), kNearGroupMax)) {
    for (Block& block : blocks_) block.latitude += kNowhere;
    for (std::size_t g = 0; g < size_; ++g) note(work, g);
  }

  // Takes what a name is held to mean now.
  void note(const Work& work, std::size_t g) {
    if (g >= size_) return;
    const Group& group = work.scratch.groups[g];
    leave_out(g);
    const Candidate* place = work.chosen(group);
    // A country's capital is named everywhere.
    if (place == nullptr || place->kind == NameKind::kCapital || !is_local(*place)) return;
    Block& block = blocks_[g / kEight];
    block.latitude[g % kEight] = place->latitude;
    block.longitude[g % kEight] = place->longitude;
    block.place[g % kEight] = static_cast<std::int32_t>(place->place);
    reach_.add(*place);
  }

  // What a name means says nothing of itself.
  void leave_out(std::size_t g) {
    if (g < size_) blocks_[g / kEight].latitude[g % kEight] = kNowhere;
  }

  // False where none of the places lies near a candidate.
  [[nodiscard]] bool may_be_near(const Candidate& candidate) const {
    return is_local(candidate) && reach_.has(candidate);
  }

  // How many of them do, where any may; three are enough.
  [[nodiscard]] int count_near(const Candidate& candidate) const {
    EightIntegers counts{};
    for (std::size_t b = 0; b * kEight < size_; ++b) {
      const EightFloats north = blocks_[b].latitude - candidate.latitude;
      const EightFloats east = (blocks_[b].longitude - candidate.longitude) * kEastShrink;
      const EightIntegers here = north * north + east * east <= kNearDegrees * kNearDegrees;
      counts -= here & (blocks_[b].place != static_cast<std::int32_t>(candidate.place));
    }
    int near = 0;
    for (std::size_t lane = 0; lane < kEight; ++lane) near += counts[lane];
    return std::min(near, kNearMax);
  }

 private:
  static constexpr float kNowhere = std::numeric_limits<float>::infinity();

  struct Block {
    EightFloats latitude{};
    EightFloats longitude{};
    EightIntegers place{};
  };
  std::size_t size_;
  Reach reach_;
  Block blocks_[(kNearGroupMax + kEight - 1) / kEight];
};

// True for a name that must be borne out by others.
bool RegionClassifier::is_doubtful(const Work& work, const Group& group,
                                   const Candidate& candidate) {
  constexpr unsigned kDoubts = bit(NameFlag::kAmbiguous) | bit(NameFlag::kNeedsContext);
  return (candidate.flags & kDoubts) != 0 || work.is_hardly_a_town(group, candidate) ||
         is_small_abroad(work.home, candidate);
}

// True for a name of which it has to be found out what it means, if anything.
bool RegionClassifier::leaves_choice(const Work& work, const Group& group) {
  if (group.count == 0 || group.forced) return false;
  const auto candidates = work.candidates(group);
  return candidates.size() > 1 || is_doubtful(work, group, candidates.front());
}

// Adds to (or with a negative weight takes from) what speaks for a place's country and subdivision.
void RegionClassifier::support(RegionScratch& scratch, Group& group, const Candidate& candidate,
                               float weight) {
  if (candidate.country == Place::kNoCountry) return;
  if (group.count > 1) weight *= 1 + std::log(static_cast<float>(group.count)) / 2;
  group.support += weight;
  add_support(scratch.country_support[candidate.country], weight);
  if (candidate.admin1 != 0) add_support(scratch.admin1_support[candidate.admin1], weight);
}

// The country of which words are a name, if they are no state's as well: of "Spain", not of
// "Georgia", nor of "Spain travel".
std::uint16_t RegionClassifier::country_called(std::string_view label,
                                               RegionScratch& scratch) const {
  std::uint16_t country = Place::kNoCountry;
  if (label.size() > kLabelSizeMax) return country;
  look_up(label, false, scratch);
  for (const PhraseHit& hit : scratch.hits) {
    if (hit.token_begin > 0 || hit.token_end < scratch.located.token_count()) continue;
    for (const GazetteerName& name : gazetteer_.names(hit.phrase)) {
      if (name.has(NameFlag::kCapital) && !scratch.located.is_capitalized(0)) continue;
      if (name.kind == NameKind::kSubdivision && name.magnitude >= kStatePriorMin) {
        return Place::kNoCountry;
      }
      if (name.kind == NameKind::kCountry && country == Place::kNoCountry) country = name.country;
    }
  }
  return country;
}

// Finds the countries that the feed names, which takes as long as a sentence of the text for each
// label: only where they are asked for.
void RegionClassifier::find_labels(Work& work) const {
  if (work.labels_found) return;
  work.labels_found = true;
  RegionScratch& scratch = work.scratch;
  for (const std::string_view label : work.context.labels) {
    const std::uint16_t country = country_called(label, scratch);
    if (country == Place::kNoCountry) continue;
    const auto& known = scratch.labels;
    if (std::find(known.begin(), known.end(), country) != known.end()) continue;
    scratch.labels.push_back(country);
  }
}

// What the feed says counts where a name leaves a choice.
void RegionClassifier::support_by_labels(Work& work) const {
  RegionScratch& scratch = work.scratch;
  const bool choosing = std::any_of(scratch.groups.begin(), scratch.groups.end(),
                                    [&](const Group& group) { return leaves_choice(work, group); });
  if (!choosing) return;
  find_labels(work);
  for (const std::uint16_t country : scratch.labels) {
    add_support(scratch.country_support[country], kLabelSupport);
  }
}

// What is without doubt speaks first; names of many places hint at each of their subdivisions.
void RegionClassifier::support_by_certain_names(Work& work) const {
  RegionScratch& scratch = work.scratch;
  scratch.admin1_support.resize(gazetteer_.admin1_count());
  scratch.admin1_hints.resize(gazetteer_.admin1_count(), 0);
  for (Group& group : scratch.groups) {
    if (group.count == 0) continue;
    const auto candidates = work.candidates(group);
    if (group.forced) {
      support(scratch, group, candidates[static_cast<std::size_t>(group.chosen)], 1);
      continue;
    }
    group.hint = 1 / static_cast<float>(candidates.size());
    for (const Candidate& candidate : candidates) {
      if (is_local(candidate)) scratch.admin1_hints[candidate.admin1] += group.hint;
    }
    const Candidate& first = candidates.front();
    if (is_doubtful(work, group, first)) continue;
    if (candidates.size() == 1) {
      group.chosen = 0;
      support(scratch, group, first, 1);
    } else if (first.country != Place::kNoCountry &&
               std::all_of(candidates.begin(), candidates.end(), [&](const Candidate& other) {
                 return other.country == first.country;
               })) {
      support(scratch, group, {.country = first.country}, 1);
    }
  }
}

// True of a small town that bears the name of a country, or of one of Britain's, where its newsroom
// is not in it and nothing beside the name tells it: a paper of Texas that writes of China does not
// mean the town of China, however many towns of Texas it names.
bool RegionClassifier::gives_way_to_country(const Work& work, const Group& group,
                                            const Candidate& candidate) {
  static const auto kBritain = static_cast<std::uint16_t>(CountryCode("GB").index());
  if (candidate.kind != NameKind::kCity || candidate.prior >= kLocalTownPriorMin) return false;
  const Candidate& first = work.candidates(group).front();
  const bool british = first.kind == NameKind::kSubdivision && first.country == kBritain &&
                       first.prior >= kBritishPriorMin && candidate.country != kBritain;
  if (first.kind != NameKind::kCountry && !british) return false;
  return !work.home || !work.home->has_coordinates ||
         !lies_within(kAtHomeDegrees, candidate, work.home->latitude, work.home->longitude);
}

// How much speaks for a candidate, or a negative number where too little does, or not as much as
// for another, which has `best`. `near` is how many places lie near it.
float RegionClassifier::score_candidate(const Work& work, const Neighbours& neighbours,
                                        const Group& group, const Candidate& candidate, float best,
                                        int& near) {
  if (gives_way_to_country(work, group, candidate)) return -1;
  RegionScratch& scratch = work.scratch;
  float score = candidate.prior;
  if (candidate.kind == NameKind::kCity && work.is_spoken_in(candidate.country)) {
    score += kSpokenCountry;
  }
  float country = 0;
  float admin1 = 0;
  float hints = 0;
  if (has(candidate, NameFlag::kOverride)) score += 100;
  if (candidate.country != Place::kNoCountry) {
    RegionScratch::Support& support = scratch.country_support[candidate.country];
    country = std::max(0.0F, support.sum);
    const bool told =
        candidate.kind != NameKind::kCity || candidate.prior >= kKnownTownPriorMin ||
        (candidate.admin1 != 0 && scratch.admin1_support[candidate.admin1].sum > kUnnamedSupport) ||
        (work.home && work.home->country == candidate.country);
    score += (told ? kCountrySupport : kSmallCountrySupport) * gain_of(support);
  }
  const bool local = is_local(candidate);
  if (candidate.admin1 != 0) {
    RegionScratch::Support& support = scratch.admin1_support[candidate.admin1];
    admin1 = std::max(0.0F, support.sum);
    score += kAdmin1Support * gain_of(support);
    hints = scratch.admin1_hints[candidate.admin1] - (local ? group.hint : 0);
  }
  const bool in_country = work.home && candidate.country == work.home->country;
  // Most candidates end here: log1p(x) <= x, and nothing else gives more than this.
  const bool may_be_near = neighbours.may_be_near(candidate);
  if (score + kHintSupport * std::max(0.0F, hints) + (may_be_near ? kNearSupportMax : 0) +
          (in_country ? kHomeMax : 0) + kRoundingMax <
      best) {
    return -1;
  }
  score += kHintSupport * log1p_of(hints);
  near = may_be_near ? neighbours.count_near(candidate) : 0;
  score += kNearSupport * static_cast<float>(near);
  bool at_home = false;
  if (in_country) {
    score += kHomeCountry;
    if (work.home->admin1 != 0 && work.home->admin1 == candidate.admin1) {
      score += kHomeAdmin1;
      at_home = true;
    }
    if (local && work.home->has_coordinates && is_populated(work.home->kind) &&
        lies_within(kNearDegrees, candidate, work.home->latitude, work.home->longitude)) {
      score += kHomeNear;
      at_home = true;
    }
  }
  const bool alone = near == 0 && !at_home;
  if (has(candidate, NameFlag::kNeedsContext) && admin1 <= 0.01F && alone) return -1;
  if (work.is_hardly_a_town(group, candidate) && country <= 0.01F && alone) return -1;
  if (has(candidate, NameFlag::kAmbiguous) && admin1 <= 0.01F && alone) {
    // A surname is no town of a country that is named too, but may be a state or capital.
    const bool known =
        country > 0.01F && (candidate.kind == NameKind::kCity
                                ? group.plain_capital && !has(candidate, NameFlag::kGivenName)
                                : group.plain_capital || candidate.kind != NameKind::kCapital);
    if (!known) return -1;
  }
  return score;
}

// What a capital loses of its prior where its name is another town's too and the text is not about
// its country: San Jose and Victoria are mostly the greater ones, Tripoli is Lebanon's and Kingston
// Canada's where these are named, Panama City Florida's where Florida is.
float RegionClassifier::capital_loss(const Work& work, const Neighbours& neighbours,
                                     const Group& group) {
  RegionScratch& scratch = work.scratch;
  const auto candidates = work.candidates(group);
  const Candidate& capital = candidates.front();
  if (capital.kind != NameKind::kCapital || capital.country == Place::kNoCountry ||
      scratch.country_support[capital.country].sum > kUnnamedSupport ||
      (work.home && work.home->country == capital.country)) {
    return 0;
  }
  const float people = capital.prior - kCapitalBonus;
  if (people < kCapitalPeopleMin) return 0;  // "The town of Washington": it has lost already.
  for (const Candidate& other : candidates.subspan(1)) {
    if (other.kind != NameKind::kCity || other.country == capital.country) continue;
    if (other.prior >= people + kNamesakeLarger) return kCapitalBonus;
    if (scratch.country_support[other.country].sum < kNamedSupport) continue;
    const float state = other.admin1 == 0 ? 0 : scratch.admin1_support[other.admin1].sum;
    const bool subdivision = people < kGreatCityPriorMin && state >= kNamedSupport;
    // "From Pullman he drove to Moscow, Idaho's police said": the state and a town beside it.
    if (people >= kGreatCityPriorMin && state >= kSureSupport && neighbours.may_be_near(other) &&
        neighbours.count_near(other) > 0) {
      return kGreatCapitalLoss;
    }
    if (subdivision || other.prior >= people - kNamesakeComparable)
      return kCapitalBonus + kNamedGain;
  }
  return 0;
}

// True where nothing else in the text is in the country of a small town abroad.
bool RegionClassifier::is_unsure_abroad(const Work& work, const Candidate& candidate) {
  return is_small_abroad(work.home, candidate) &&
         work.scratch.country_support[candidate.country].sum <= 0.01F;
}

// A small town that is the only name of its country says nothing, and is hardly meant, where
// another country is named three times as much: "Koshi" in news of Nepal is no town of Japan.
void RegionClassifier::doubt_towns_abroad(Work& work) {
  RegionScratch& scratch = work.scratch;
  float most = 0;
  for (const Group& group : scratch.groups) {
    const Candidate* place = work.chosen(group);
    if (place == nullptr || place->country == Place::kNoCountry) continue;
    most = std::max(most, scratch.country_support[place->country].sum);
  }
  for (Group& group : scratch.groups) {
    const Candidate* place = work.chosen(group);
    if (place == nullptr || place->kind != NameKind::kCity || place->prior >= kAbroadPriorMin ||
        place->country == Place::kNoCountry || group.forced || has(*place, NameFlag::kOverride) ||
        (work.home && work.home->country == place->country)) {
      continue;
    }
    const float others = scratch.country_support[place->country].sum - group.support;
    if (others <= kRoundingMax && most >= kOthersMin * group.support) group.unsure = true;
  }
}

void RegionClassifier::choose_places(Work& work) const {
  RegionScratch& scratch = work.scratch;
  scratch.labels.clear();
  support_by_labels(work);
  support_by_certain_names(work);
  Neighbours neighbours(work);
  // At first those of which one is by far the greatest, then the others, then all once more.
  for (int round = 0; round < 3; ++round) {
    for (std::size_t g = 0; g < scratch.groups.size(); ++g) {
      Group& group = scratch.groups[g];
      if (!leaves_choice(work, group)) continue;
      const auto candidates = work.candidates(group);
      if (round == 0) group.leads = has_greatest(candidates);
      if (round < 2 && group.leads != (round == 0)) continue;
      // Its own voice from the first time does not count in the second.
      if (round == 2 && group.chosen >= 0 && !group.unsure) {
        support(scratch, group, candidates[static_cast<std::size_t>(group.chosen)],
                -kChosenSupport);
      }
      float best = -1;
      int best_near = 0;
      group.chosen = -1;
      neighbours.leave_out(g);
      const float loss = capital_loss(work, neighbours, group);
      for (std::size_t c = 0; c < candidates.size(); ++c) {
        int near = 0;
        // Moscow is a subdivision, too.
        const bool loses = candidates[c].kind == NameKind::kCapital ||
                           (candidates[c].kind == NameKind::kSubdivision &&
                            candidates[c].country == candidates.front().country);
        const float lost = loses ? loss : 0;
        const float score =
            score_candidate(work, neighbours, group, candidates[c], best + lost, near) - lost;
        if (score <= best) continue;
        best = score;
        best_near = near;
        group.chosen = static_cast<std::int32_t>(c);
      }
      group.unsure = group.chosen >= 0 && best_near == 0 &&
                     is_unsure_abroad(work, candidates[static_cast<std::size_t>(group.chosen)]);
      if (group.chosen >= 0 && !group.unsure) {
        support(scratch, group, candidates[static_cast<std::size_t>(group.chosen)], kChosenSupport);
      }
      neighbours.note(work, g);
    }
  }
  doubt_towns_abroad(work);
  for (const Group& group : scratch.groups) {  // The likeliest have been fetched.
    if (group.chosen <= 0) continue;
    const Candidate& chosen = work.candidates(group)[static_cast<std::size_t>(group.chosen)];
    gazetteer_.fetch(chosen.place, chosen.admin1);
  }
  for (const Candidate& candidate : scratch.candidates) {
    scratch.admin1_support[candidate.admin1] = {};
    scratch.admin1_hints[candidate.admin1] = 0;
    if (candidate.country != Place::kNoCountry) scratch.country_support[candidate.country] = {};
  }
  for (const std::uint16_t country : scratch.labels) scratch.country_support[country] = {};
}

}  // namespace wirewatch
