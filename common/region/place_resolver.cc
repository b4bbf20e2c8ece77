#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <optional>
#include <string_view>

#include "common/region/lanes.h"
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
constexpr float kHintSupport = 0.5F;  // Of names that may lie there.
constexpr float kNearSupport = 1.0F;
constexpr float kHomeCountry = 1.5F;
constexpr float kHomeAdmin1 = 2.0F;
constexpr float kHomeNear = 2.0F;
constexpr float kSpokenCountry = 0.5F;  // A French text's Brest is not in Belarus.
constexpr float kLabelSupport = 0.5F;   // A country that the feed names, of one in the text.
constexpr float kNearDegrees = 1.5F;
constexpr float kShireDegrees = 0.8F;
constexpr float kPartDegrees = 0.25F;
constexpr float kStatePriorMin = 5.5F;
constexpr float kEastShrink = 0.7F;        // Of a degree of longitude, where most news is made.
constexpr float kNamesakePriorMax = 5.7F;  // About 500,000 people.
constexpr float kAbroadPriorMin = 4.7F;    // About 50,000 people.
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
constexpr float kGreatCapital = 6.0F;      // A million people.

bool lies_within(float degrees, const Candidate& place, float latitude, float longitude) {
  const float north = place.latitude - latitude;
  const float east = (place.longitude - longitude) * kEastShrink;
  return north * north + east * east <= degrees * degrees;
}

// Countries whose towns share their names; the data has the small ones of all of them.
constexpr std::string_view kSharingCountries[] = {"AU", "CA", "GB", "IE", "NZ", "US", "ZA"};

bool shares_names(std::uint16_t country) {
  static const auto kCountries = [] {
    std::bitset<kCountryIndexCount> countries;
    for (const std::string_view code : kSharingCountries) {
      countries.set(CountryCode(code).index());
    }
    return countries;
  }();
  return country < kCountries.size() && kCountries.test(country);
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

// Behind a state's name: what a state has and a city has not.
constexpr std::string_view kStateWords[] = {"governor", "gov", "legislature", "lawmakers",
                                            "legislators"};

// Before it: "upstate New York", "eastern Washington".
constexpr std::string_view kPartWords[] = {"upstate", "northern", "southern", "eastern", "western"};

// True where the words beside a name say that it is a state: "New York state", "New York's attorney
// general", "upstate New York".
bool is_called_state(const ArticleText& text, const Name& name) {
  static const WordSet kState(kStateWords);
  static const WordSet kPart(kPartWords);
  const std::uint32_t begin = name.token_begin;
  if (begin > 0 && is_space(text.gap_before(begin)) && kPart.contains(text.hashes()[begin - 1])) {
    return true;
  }
  std::uint32_t next = name.token_end;
  const std::uint32_t count = text.token_count();
  if (next + 1 < count && text.folded(next) == "s" && !is_space(text.gap_before(next))) ++next;
  if (next >= count || !is_space(text.gap_before(next))) return false;
  const std::string_view word = text.folded(next);
  if (word == "attorney") return next + 1 < count && text.folded(next + 1) == "general";
  if (kState.contains(text.hashes()[next])) return true;
  return next == name.token_end && !text.is_capitalized(next) &&  // "Washington State University"
         (word == "state" || word == "province");
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

// "Jamaica, Queens": a part of a great city, or a town at its edge.
bool lies_in_city(const Candidate& part, const Candidate& city) {
  return part.kind == NameKind::kCity && city.kind == NameKind::kCity &&
         city.prior >= kGreatCapital && part.admin1 != 0 && part.admin1 == city.admin1 &&
         part.place != city.place && part.prior < city.prior && part.has_coordinates &&
         city.has_coordinates && lies_within(kPartDegrees, city, part.latitude, part.longitude);
}

// "Georgia beats Alabama": a country's name that a great state bears too, where the text names
// another of those states, and neither another country nor anything else of this one.
bool stands_for_state(const RegionScratch& scratch, std::uint32_t number, const Candidate& state) {
  bool among_states = false;
  for (std::uint32_t g = 0; g < scratch.groups.size(); ++g) {
    const Group& group = scratch.groups[g];
    if (g == number || group.count == 0) continue;
    const Candidate& other = scratch.candidates[group.candidate_begin];
    if (has(other, NameFlag::kAmbiguous) || has(other, NameFlag::kNeedsContext)) continue;
    if (other.country == state.country) {
      among_states =
          among_states || (other.kind == NameKind::kSubdivision && other.prior >= kStatePriorMin);
    } else if (other.country != Place::kNoCountry && other.kind != NameKind::kCity) {
      return false;
    }
  }
  return among_states;
}

// The great state that bears a country's name too, or -1.
std::int32_t state_beside_country(std::span<const Candidate> meanings) {
  if (meanings.size() == 1 || meanings.front().kind != NameKind::kCountry) return -1;
  for (std::size_t i = 1; i < meanings.size(); ++i) {
    if (meanings[i].kind == NameKind::kSubdivision && meanings[i].prior >= kStatePriorMin &&
        meanings[i].country != meanings.front().country) {
      return static_cast<std::int32_t>(i);
    }
  }
  return -1;
}

// The greatest subdivision among several meanings of a name, or -1. None where a country is one.
std::int32_t greatest_state(std::span<const Candidate> meanings) {
  std::int32_t best = -1;
  if (meanings.size() == 1) return best;
  for (std::size_t i = 0; i < meanings.size(); ++i) {
    if (meanings[i].kind == NameKind::kCountry) return -1;
    if (meanings[i].kind != NameKind::kSubdivision) continue;
    if (meanings[i].prior < kStatePriorMin || has(meanings[i], NameFlag::kListed)) continue;
    if (best < 0 || meanings[i].prior > meanings[static_cast<std::size_t>(best)].prior) {
      best = static_cast<std::int32_t>(i);
    }
  }
  return best;
}

// True for a name within a list: "Norfolk, North Carolina and Kentucky", "Kent, Norfolk, Virginia".
bool stands_in_list(const ArticleText& text, const Name& first, const Name& last) {
  const std::uint32_t begin = first.token_begin;
  const std::uint32_t end = last.token_end;
  if (begin > 0 && (is_comma(text.gap_before(begin)) || joins_list(text.folded(begin - 1)))) {
    return true;
  }
  if (end >= text.token_count()) return false;
  return joins_list(text.folded(end)) &&
         (is_space(text.gap_before(end)) || is_comma(text.gap_before(end)));
}

// "The town of Paris, Wisconsin".
constexpr std::string_view kSmallPlaceWords[] = {"town", "village", "city", "township", "hamlet"};

// Parts of a country that are no subdivisions of ISO 3166-2, as the English shires: "Whitby,
// Yorkshire".
bool is_shire(const Candidate& area) {
  return area.kind == NameKind::kArea && area.country != Place::kNoCountry && area.has_coordinates;
}

bool lies_around(const Candidate& shire, const Candidate& town) {
  return is_populated(town.kind) && town.has_coordinates &&
         lies_within(kShireDegrees, shire, town.latitude, town.longitude);
}

// "The town of Paris, Wisconsin, has …": the state stands between commas or ends the sentence, and
// no other name follows, as one would in a list.
bool closes_apposition(const ArticleText& text, const Name& small, const Name& large) {
  static const WordSet kWords(kSmallPlaceWords);
  const std::uint32_t begin = small.token_begin;
  const std::uint32_t next = large.token_end;
  if (begin == 0 || !is_space(text.gap_before(begin))) return false;
  const bool told =
      begin > 1 && text.folded(begin - 1) == "of" && kWords.contains(text.hashes()[begin - 2]);
  if (!told && text.folded(begin - 1) != "in" && text.folded(begin - 1) != "near") return false;
  if (next >= text.token_count()) return true;
  if (!text.same_sentence(next - 1, next)) return true;
  return is_comma(text.gap_before(next)) && !text.is_capitalized(next);
}

// "Bradford, Ontario" where all Bradfords that are known lie elsewhere: a lesser one that the data
// lacks, in what follows.
bool is_unknown_town(const ArticleText& text, const Name& small, const Name& large,
                     std::span<const Candidate> inside, std::span<const Candidate> around) {
  constexpr unsigned kDoubts = bit(NameFlag::kAmbiguous) | bit(NameFlag::kNeedsContext);
  const Candidate& state = around.front();
  if (state.kind != NameKind::kSubdivision && !is_shire(state)) return false;
  if ((state.flags & kDoubts) != 0) return false;
  if (!is_comma(text.gap_before(large.token_begin))) return false;
  const auto known =
      std::max_element(inside.begin(), inside.end(),
                       [](const Candidate& a, const Candidate& b) { return a.prior < b.prior; });
  if (!is_populated(known->kind)) return false;  // Not "Dorset, England".
  const bool great = known->kind == NameKind::kCapital || known->prior >= kNamesakePriorMax;
  return (!great || closes_apposition(text, small, large)) && !stands_in_list(text, small, large);
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
    if (group.chosen < 0 || group.count == 0) return;
    const Candidate& place = work.candidates(group)[static_cast<std::size_t>(group.chosen)];
    // A country's capital is named everywhere.
    if (place.kind == NameKind::kCapital || !is_local(place)) return;
    Block& block = blocks_[g / kLanes];
    block.latitude[g % kLanes] = place.latitude;
    block.longitude[g % kLanes] = place.longitude;
    block.place[g % kLanes] = static_cast<std::int32_t>(place.place);
    reach_.add(place);
  }

  // What a name means says nothing of itself.
  void leave_out(std::size_t g) {
    if (g < size_) blocks_[g / kLanes].latitude[g % kLanes] = kNowhere;
  }

  // False where none of the places lies near a candidate.
  [[nodiscard]] bool may_be_near(const Candidate& candidate) const {
    return is_local(candidate) && reach_.has(candidate);
  }

  // How many of them do, where any may; three are enough.
  [[nodiscard]] int count_near(const Candidate& candidate) const {
    IntLanes counts{};
    for (std::size_t b = 0; b * kLanes < size_; ++b) {
      const FloatLanes north = blocks_[b].latitude - candidate.latitude;
      const FloatLanes east = (blocks_[b].longitude - candidate.longitude) * kEastShrink;
      const IntLanes here = north * north + east * east <= kNearDegrees * kNearDegrees;
      counts -= here & (blocks_[b].place != static_cast<std::int32_t>(candidate.place));
    }
    int near = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane) near += counts[lane];
    return std::min(near, kNearMax);
  }

 private:
  static constexpr float kNowhere = std::numeric_limits<float>::infinity();

  struct Block {
    FloatLanes latitude{};
    FloatLanes longitude{};
    IntLanes place{};
  };
  std::size_t size_;
  Reach reach_;
  Block blocks_[(kNearGroupMax + kLanes - 1) / kLanes];
};

// "Missouri, New York and Virginia", "New York, New Jersey and Connecticut": in a list of states
// each is one.
bool RegionClassifier::stands_among_states(const Work& work, std::size_t number) {
  const std::vector<Name>& names = work.scratch.names;
  const auto kind_of = [&](std::size_t first, std::size_t second) {
    const std::uint32_t end = names[first].token_end;
    const std::uint32_t begin = names[second].token_begin;
    const bool listed =
        (begin == end && is_comma(work.text.gap_before(begin))) ||
        (begin == end + 1 && joins_list(work.text.folded(end)) &&
         (is_space(work.text.gap_before(end)) || is_comma(work.text.gap_before(end))));
    const std::size_t other = first == number ? second : first;
    if (!listed || names[other].dropped) return NameKind::kRoleBlock;
    return work.candidates(work.scratch.groups[names[other].group]).front().kind;
  };
  const NameKind before = number > 0 ? kind_of(number - 1, number) : NameKind::kRoleBlock;
  const NameKind behind =
      number + 1 < names.size() ? kind_of(number, number + 1) : NameKind::kRoleBlock;
  return (before == NameKind::kSubdivision || behind == NameKind::kSubdivision) &&
         !is_populated(before) && !is_populated(behind);
}

// How likely a place lies in another, or a negative number where it does not: the greater one, and
// of those of a county or shire, which shares its subdivision with others, one near its middle.
float RegionClassifier::containment_of(const Candidate& inside, const Candidate& around) {
  const bool state = around.kind == NameKind::kSubdivision;
  const bool shire = is_shire(around);
  if (inside.country != around.country || inside.place == around.place) return -1;
  if (!is_populated(inside.kind) && (inside.kind != NameKind::kSubdivision || state || shire) &&
      (inside.kind != NameKind::kArea || !state)) {
    return -1;
  }
  if (state && inside.admin1 != around.admin1) return -1;
  if (!state && !shire) return inside.prior;
  const bool near = (shire || around.prior < kStatePriorMin) && lies_around(around, inside);
  return inside.prior + (near ? 2.0F : 1.0F);
}

// Of two names side by side, "Paris, Texas", what each means if the second tells the first. False
// where no place of the first lies in one of the second.
bool RegionClassifier::link_pair(Name& small, Name& large, std::span<const Candidate> inside,
                                 std::span<const Candidate> around) {
  // "Togo, Niger, Nigeria" is a list: what may be a country lies in no other.
  const bool lists_countries =
      std::any_of(inside.begin(), inside.end(),
                  [](const Candidate& place) { return place.kind == NameKind::kCountry; });
  // "Taichung, Taiwan": the country, not a part of it that has its name.
  const auto is_countrys_name = [&](const Candidate& part) {
    return std::any_of(around.begin(), around.end(), [&](const Candidate& place) {
      return place.kind == NameKind::kCountry && place.country == part.country;
    });
  };
  float best = -1;
  for (std::size_t a = 0; a < around.size(); ++a) {
    const bool country = around[a].kind == NameKind::kCountry && !lists_countries;
    const bool city = around[a].kind == NameKind::kCity && around[a].prior >= kGreatCapital;
    if (!country && around[a].kind != NameKind::kSubdivision && !is_shire(around[a]) && !city) {
      continue;
    }
    if (!country && !lists_countries && is_countrys_name(around[a])) continue;
    for (std::size_t b = 0; b < inside.size(); ++b) {
      const float part = lies_in_city(inside[b], around[a]) ? inside[b].prior : -1;
      const float score = city ? part : containment_of(inside[b], around[a]);
      if (score <= best) continue;
      best = score;
      small.forced = static_cast<std::int32_t>(b);
      large.forced = static_cast<std::int32_t>(a);
    }
  }
  return best >= 0;
}

// "Paris, Texas", "Atlanta, Ga.", "Tripoli, Lebanon": the larger place tells the smaller, and is
// told by it.
void RegionClassifier::link_neighbours(Work& work) const {
  RegionScratch& scratch = work.scratch;
  for (Name& name : scratch.names) {
    if (!name.dropped) ++scratch.groups[name.group].count;
  }
  const std::size_t known_asides = scratch.asides.size();
  for (std::size_t i = 0; i + 1 < scratch.names.size(); ++i) {
    Name& small = scratch.names[i];
    Name& large = scratch.names[i + 1];
    if (small.dropped || large.dropped || small.token_end != large.token_begin) continue;
    const std::string_view gap = work.text.gap_before(large.token_begin);
    if (!is_comma(gap) && !is_space(gap)) continue;
    const auto inside = work.candidates(scratch.groups[small.group]);
    const auto around = work.candidates(scratch.groups[large.group]);
    if (link_pair(small, large, inside, around) || work.lower_case ||
        !is_unknown_town(work.text, small, large, inside, around)) {
      continue;
    }
    small.dropped = true;
    --scratch.groups[small.group].count;
    scratch.asides.push_back({.token_begin = small.token_begin,
                              .token_end = small.token_end,
                              .country = {},
                              .name = static_cast<std::int32_t>(i + 1)});
  }
  if (scratch.asides.size() > known_asides) {
    std::sort(scratch.asides.begin(), scratch.asides.end(),
              [](const auto& a, const auto& b) { return a.token_begin < b.token_begin; });
  }
  // What is told once holds for the other names alike.
  for (const Name& name : scratch.names) {
    if (name.forced < 0 || name.dropped) continue;
    Group& group = scratch.groups[name.group];
    if (!group.forced) group.chosen = name.forced;
    group.forced = true;
  }
  for (std::size_t i = 0; i < scratch.names.size(); ++i) {
    Name& name = scratch.names[i];
    if (name.dropped || name.forced >= 0) continue;
    const std::int32_t state = greatest_state(work.candidates(scratch.groups[name.group]));
    if (state < 0) continue;
    if (is_called_state(work.text, name) || stands_among_states(work, i)) name.forced = state;
  }
  for (std::uint32_t g = 0; g < scratch.groups.size(); ++g) {
    Group& group = scratch.groups[g];
    if (group.forced || group.count == 0) continue;
    const auto candidates = work.candidates(group);
    const std::int32_t state = state_beside_country(candidates);
    if (state < 0 || !stands_for_state(scratch, g, candidates[static_cast<std::size_t>(state)])) {
      continue;
    }
    group.chosen = state;
    group.forced = true;
  }
}

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
void RegionClassifier::support(RegionScratch& scratch, const Group& group,
                               const Candidate& candidate, float weight) {
  if (candidate.country == Place::kNoCountry) return;
  if (group.count > 1) weight *= 1 + std::log(static_cast<float>(group.count)) / 2;
  add_support(scratch.country_support[candidate.country], weight);
  if (candidate.admin1 != 0) add_support(scratch.admin1_support[candidate.admin1], weight);
}

// The country of which words are a name, if they are no state's as well: of "Spain", not of
// "Georgia", nor of "Spain travel".
std::uint16_t RegionClassifier::country_called(std::string_view label,
                                               RegionScratch& scratch) const {
  std::uint16_t country = Place::kNoCountry;
  if (label.size() > kLabelSizeMax) return country;
  analyzer_.analyze(label, "", scratch.located);
  gazetteer_.find(scratch.located, ~std::uint64_t{0}, false, scratch.hits, scratch.spare);
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
void RegionClassifier::hear_the_feed(Work& work) const {
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
void RegionClassifier::hear_the_sure(Work& work) const {
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

// How much speaks for a candidate, or a negative number where too little does, or not as much as
// for another, which has `best`. `near` is how many places lie near it.
float RegionClassifier::score_candidate(const Work& work, const Neighbours& neighbours,
                                        const Group& group, const Candidate& candidate, float best,
                                        int& near) {
  RegionScratch& scratch = work.scratch;
  float score = candidate.prior;
  if (candidate.kind == NameKind::kCity && candidate.country == work.spoken_country) {
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
    const bool subdivision = people < kGreatCapital && state >= kNamedSupport;
    // "From Pullman he drove to Moscow, Idaho's police said": the state and a town beside it.
    if (people >= kGreatCapital && state >= kSureSupport && neighbours.may_be_near(other) &&
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

void RegionClassifier::choose_places(Work& work) const {
  RegionScratch& scratch = work.scratch;
  scratch.labels.clear();
  hear_the_feed(work);
  hear_the_sure(work);
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
        support(scratch, group, candidates[static_cast<std::size_t>(group.chosen)], -0.5F);
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
        support(scratch, group, candidates[static_cast<std::size_t>(group.chosen)], 0.5F);
      }
      neighbours.note(work, g);
    }
  }
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
