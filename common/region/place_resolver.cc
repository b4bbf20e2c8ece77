#include <algorithm>
#include <cmath>

#include "common/region/region_work.h"

namespace wirewatch {

namespace {

// What speaks for one of several places of a name, in decimal orders of population.
constexpr float kCountrySupport = 1.0F;
constexpr float kAdmin1Support = 1.0F;
constexpr float kNearSupport = 0.8F;
constexpr float kHomeCountry = 1.0F;
constexpr float kHomeAdmin1 = 2.0F;
constexpr float kNearDegrees = 1.5F;
constexpr float kDistrictPriorMax = 5.0F;
constexpr float kTownPriorMax = 5.5F;      // Under about 300,000 people.
constexpr std::size_t kNearGroupMax = 64;  // Names that are asked what lies near.

bool is_near(const Candidate& a, const Candidate& b) {
  const float north = a.latitude - b.latitude;
  const float east = (a.longitude - b.longitude) * 0.7F;
  return north * north + east * east <= kNearDegrees * kNearDegrees;
}

// Small enough for what lies near to say something.
bool is_local(const Candidate& candidate) {
  return candidate.has_coordinates &&
         (is_populated(candidate.kind) ||
          (candidate.kind == NameKind::kSubdivision && candidate.prior < kDistrictPriorMax));
}

// True for a name that must be borne out by others.
bool is_doubtful(const Group& group, const Candidate& candidate) {
  return has(candidate, NameFlag::kAmbiguous) || has(candidate, NameFlag::kNeedsContext) ||
         (candidate.kind == NameKind::kCity && !group.plain_capital && group.capital &&
          candidate.prior < kTownPriorMax);
}

}  // namespace

// "Paris, Texas", "Atlanta, Ga.", "Tripoli, Lebanon": the larger place tells the smaller, and is
// told by it.
void RegionClassifier::link_neighbours(Work& work) const {
  RegionScratch& scratch = work.scratch;
  for (Name& name : scratch.names) {
    if (!name.dropped) ++scratch.groups[name.group].count;
  }
  for (std::size_t i = 0; i + 1 < scratch.names.size(); ++i) {
    Name& small = scratch.names[i];
    Name& large = scratch.names[i + 1];
    if (small.dropped || large.dropped || small.token_end != large.token_begin) continue;
    const std::string_view gap = work.text.gap_before(large.token_begin);
    if (!is_comma(gap) && !is_space(gap)) continue;
    const auto inside = work.candidates(scratch.groups[small.group]);
    const auto around = work.candidates(scratch.groups[large.group]);
    float best = -1;
    for (std::size_t a = 0; a < around.size(); ++a) {
      const bool state = around[a].kind == NameKind::kSubdivision;
      if (!state && around[a].kind != NameKind::kCountry) continue;
      for (std::size_t b = 0; b < inside.size(); ++b) {
        if (inside[b].country != around[a].country || inside[b].place == around[a].place) continue;
        if (state
                ? (inside[b].admin1 != around[a].admin1 || inside[b].kind == NameKind::kSubdivision)
                : inside[b].kind == NameKind::kCountry) {
          continue;
        }
        if (!is_populated(inside[b].kind) && inside[b].kind != NameKind::kSubdivision) continue;
        const float score = inside[b].prior + (state ? 1.0F : 0.0F);
        if (score <= best) continue;
        best = score;
        small.forced = static_cast<std::int32_t>(b);
        large.forced = static_cast<std::int32_t>(a);
      }
    }
  }
  // What is told once holds for the other names alike.
  for (const Name& name : scratch.names) {
    if (name.forced < 0 || name.dropped) continue;
    Group& group = scratch.groups[name.group];
    if (!group.forced) group.chosen = name.forced;
    group.forced = true;
  }
}

void RegionClassifier::choose_places(Work& work) const {
  RegionScratch& scratch = work.scratch;
  scratch.admin1_support.resize(gazetteer_.admin1_count(), 0);
  const auto support = [&](const Group& group, const Candidate& candidate, float weight) {
    if (candidate.country == Place::kNoCountry) return;
    weight *= 1 + std::log(static_cast<float>(std::max(group.count, 1U))) / 2;
    scratch.country_support[candidate.country] += weight;
    if (candidate.admin1 != 0) scratch.admin1_support[candidate.admin1] += weight;
  };
  // What is without doubt speaks first.
  for (Group& group : scratch.groups) {
    if (group.count == 0) continue;
    const auto candidates = work.candidates(group);
    if (group.forced) {
      support(group, candidates[static_cast<std::size_t>(group.chosen)], 1);
      continue;
    }
    const Candidate& first = candidates.front();
    if (is_doubtful(group, first)) continue;
    if (candidates.size() == 1) {
      group.chosen = 0;
      support(group, first, 1);
    } else if (std::all_of(candidates.begin(), candidates.end(), [&](const Candidate& other) {
                 return other.country == first.country;
               })) {
      if (first.country != Place::kNoCountry) {
        scratch.country_support[first.country] += 1 + std::log(static_cast<float>(group.count)) / 2;
      }
    }
  }
  const std::size_t near_count = std::min(scratch.groups.size(), kNearGroupMax);
  for (int round = 0; round < 2; ++round) {
    for (std::size_t g = 0; g < scratch.groups.size(); ++g) {
      Group& group = scratch.groups[g];
      const auto candidates = work.candidates(group);
      if (group.count == 0 || group.forced) continue;
      const bool doubtful = candidates.size() > 1 || is_doubtful(group, candidates.front());
      if (!doubtful) continue;
      // Its own voice from the first round does not count in the second.
      if (round > 0 && group.chosen >= 0) {
        support(group, candidates[static_cast<std::size_t>(group.chosen)], -0.5F);
      }
      float best = -1;
      std::int32_t chosen = -1;
      for (std::size_t c = 0; c < candidates.size(); ++c) {
        const Candidate& candidate = candidates[c];
        float score = candidate.prior;
        float country = 0;
        float admin1 = 0;
        int near = 0;
        if (has(candidate, NameFlag::kOverride)) score += 100;
        if (candidate.country != Place::kNoCountry) {
          country = std::max(0.0F, scratch.country_support[candidate.country]);
          score += kCountrySupport * std::log1p(country);
        }
        if (candidate.admin1 != 0) {
          admin1 = std::max(0.0F, scratch.admin1_support[candidate.admin1]);
          score += kAdmin1Support * std::log1p(admin1);
        }
        if (is_local(candidate)) {
          for (std::size_t other = 0; other < near_count && near < 3; ++other) {
            const Group& neighbour = scratch.groups[other];
            if (other == g || neighbour.chosen < 0 || neighbour.count == 0) continue;
            const Candidate& place =
                work.candidates(neighbour)[static_cast<std::size_t>(neighbour.chosen)];
            if (is_local(place) && place.place != candidate.place && is_near(place, candidate)) {
              ++near;
            }
          }
          score += kNearSupport * static_cast<float>(near);
        }
        bool at_home = false;
        if (work.home && candidate.country == work.home->country) {
          score += kHomeCountry;
          if (work.home->admin1 != 0 && work.home->admin1 == candidate.admin1) {
            score += kHomeAdmin1;
            at_home = true;
          }
        }
        if (has(candidate, NameFlag::kNeedsContext) && admin1 <= 0.01F && near == 0 && !at_home) {
          continue;
        }
        // A lesser town that is only seen where any word has a capital.
        if (candidate.kind == NameKind::kCity && !group.plain_capital && group.capital &&
            candidate.prior < kTownPriorMax && country <= 0.01F && near == 0 && !at_home) {
          continue;
        }
        if (has(candidate, NameFlag::kAmbiguous)) {
          const bool local = admin1 > 0.01F || near > 0 || at_home;
          const bool known = country > 0.01F && !has(candidate, NameFlag::kGivenName) &&
                             (group.plain_capital || !is_populated(candidate.kind));
          if (!local && !known) continue;
        }
        if (score > best) {
          best = score;
          chosen = static_cast<std::int32_t>(c);
        }
      }
      group.chosen = chosen;
      if (chosen >= 0) support(group, candidates[static_cast<std::size_t>(chosen)], 0.5F);
    }
  }
  for (const Candidate& candidate : scratch.candidates) {
    scratch.admin1_support[candidate.admin1] = 0;
    if (candidate.country != Place::kNoCountry) scratch.country_support[candidate.country] = 0;
  }
}

}  // namespace wirewatch
