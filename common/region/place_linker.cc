// What names side by side tell of each other: "Paris, Texas", "New York's governor", a list of
// states. What they leave open is chosen in place_resolver.cc.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/region/region_work.h"

namespace wirewatch {

namespace {

constexpr float kShireDegrees = 0.8F;
constexpr float kPartDegrees = 0.25F;
constexpr float kNamesakePriorMax = 5.7F;  // About 500,000 people.

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

// "Jamaica, Queens": a part of a great city, or a town at its edge.
bool lies_in_city(const Candidate& part, const Candidate& city) {
  return part.kind == NameKind::kCity && city.kind == NameKind::kCity &&
         city.prior >= kGreatCityPriorMin && part.admin1 != 0 && part.admin1 == city.admin1 &&
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

}  // namespace

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
    const bool city = around[a].kind == NameKind::kCity && around[a].prior >= kGreatCityPriorMin;
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

}  // namespace wirewatch
