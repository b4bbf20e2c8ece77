#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "common/profile/profile.h"
#include "common/profile/profile_evaluator.h"

namespace wirewatch {

namespace {

using namespace profile_internal;
using Found = ProfileScratch::Buffers::Found;

// Compares like the numbers themselves, but the greatest first.
std::uint32_t falling_bits(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return (bits & 0x80000000U) != 0 ? bits : ~(bits | 0x80000000U);
}

// Best first: of each clause its best place before a second one of any. Of two at one place the
// longer first: the shorter one, inside it, adds nothing to the score.
void sort_found(ProfileScratch::Buffers& buffers) {
  buffers.found_order.clear();
  for (std::uint32_t i = 0; i < buffers.found.size(); ++i) {
    const Found& found = buffers.found[i];
    const SourceSpan& span = found.evidence.span;
    buffers.found_order.push_back(
        {.worth = std::uint64_t{found.rank} << 32 | falling_bits(found.evidence.weight),
         .place = static_cast<std::uint64_t>(span.field) << 63 | std::uint64_t{span.begin} << 32 |
                  ~span.end,
         .node = found.node,
         .index = i});
  }
  std::sort(buffers.found_order.begin(), buffers.found_order.end());
}

bool is_inside(const SourceSpan& inner, const SourceSpan& outer) {
  return inner.field == outer.field && outer.begin <= inner.begin && inner.end <= outer.end;
}

// Sum over the clauses of their best place, of the places in order.
float score_of(const ProfileScratch::Buffers& buffers) {
  const std::span order = buffers.found_order;
  float score = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Found& found = buffers.found[order[i].index];
    if (found.rank != 0) break;
    if (!found.scored) continue;
    const bool inside =
        std::any_of(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(i),
                    [&](const ProfileScratch::Buffers::FoundOrder& earlier) {
                      const Found& other = buffers.found[earlier.index];
                      return other.scored && is_inside(found.evidence.span, other.evidence.span);
                    });
    if (!inside) score += found.evidence.weight;
  }
  return score;
}

// Adds the places of buffers.found, in their order, to the evidence.
void tell_found(const Root& root, Evaluator& evaluator, ProfileScratch::Buffers& buffers,
                ProfileMatches& out) {
  std::array<const Found*, ProfileMatcher::kEvidenceMax> told{};
  std::size_t count = 0;
  const auto first = static_cast<std::uint32_t>(out.evidence.size());
  for (const auto& order : buffers.found_order) {
    if (count == told.size()) break;
    const Found& entry = buffers.found[order.index];
    bool again = false;
    std::size_t same_way = count;  // The last one that stands in the same as this.
    for (std::size_t i = 0; i < count && !again; ++i) {
      // One term in two zones of a query ("headline:$names OR lede:$names") is one reason. Equal
      // clauses are one text.
      again = told[i]->evidence.span == entry.evidence.span &&
              told[i]->evidence.clause.data() == entry.evidence.clause.data() &&
              told[i]->evidence.clause.size() == entry.evidence.clause.size();
      if (told[i]->node == entry.node && told[i]->step == entry.step) same_way = i;
    }
    if (again) continue;
    Evidence evidence = entry.evidence;
    if (same_way < count) {
      evidence.path_begin = out.evidence[first + same_way].path_begin;
      evidence.path_end = out.evidence[first + same_way].path_end;
    } else {
      evidence.path_begin = static_cast<std::uint32_t>(out.path.size());
      evaluator.append_path(root, entry, out.path);
      evidence.path_end = static_cast<std::uint32_t>(out.path.size());
    }
    told[count++] = &entry;
    out.reasons.push_back(static_cast<std::uint32_t>(out.evidence.size()));
    out.evidence.push_back(evidence);
  }
}

// Adds the match when its score reaches the threshold.
void report(const ProfileSet::Compiled& set, const Root& root, ProfileIndex profile,
            Evaluator& evaluator, ProfileScratch::Buffers& buffers, ProfileMatches& out) {
  evaluator.collect(root.node);
  sort_found(buffers);
  ProfileMatch match;
  match.profile = profile;
  if (root.weighted != kNone) {
    match.score = evaluator.list_score(root.weighted);
    match.threshold = set.weighted[set.nodes[root.weighted].payload].threshold;
  } else {
    match.score = score_of(buffers);
    match.threshold = root.threshold;
    // A profile of predicates alone has no terms to weigh.
    const bool weighed = std::any_of(buffers.found.begin(), buffers.found.end(),
                                     [](const Found& entry) { return entry.scored; });
    if (weighed && !reaches(match.score, match.threshold)) return;
  }
  match.evidence_begin = static_cast<std::uint32_t>(out.reasons.size());
  tell_found(root, evaluator, buffers, out);
  match.evidence_end = static_cast<std::uint32_t>(out.reasons.size());
  const std::uint32_t leaf = evaluator.selected_by(root);
  if (leaf != kNone) match.presearch = set.clause(leaf);
  out.matches.push_back(match);
}

// What a plain profile's evidence is sorted by: places of its terms, as sort_found() has them.
struct PlainPlace {
  std::uint32_t place = 0;  // Of Buffers::places.
  std::uint32_t node = 0;
  float weight = 0;
  SourceSpan span;

  friend bool operator<(const PlainPlace& a, const PlainPlace& b) {
    if (a.weight != b.weight) return a.weight > b.weight;
    if (a.span.field != b.span.field) return a.span.field < b.span.field;
    if (a.span.begin != b.span.begin) return a.span.begin < b.span.begin;
    if (a.span.end != b.span.end) return a.span.end > b.span.end;
    return a.node < b.node;
  }
};

// Decides a plain profile and tells why by the places of its terms, which are the same for every
// profile that has them: neither its query nor anything else of its own is looked at.
class PlainProfile {
 public:
  PlainProfile(const ProfileSet::Compiled& set, Evaluator& evaluator,
               ProfileScratch::Buffers& buffers, ProfileMatches& out)
      : set_(set), evaluator_(evaluator), buffers_(buffers), out_(out) {}

  // Adds the match if there is one. Gives the steps that it took.
  std::uint32_t report(const ProfileScratch::Buffers::Candidate& candidate, ProfileIndex profile) {
    if (!find_places(candidate)) return static_cast<std::uint32_t>(term_count_);
    const auto best = places_of_rank(0);
    ProfileMatch match;
    match.score = score_of_best(best);
    match.threshold = candidate.member.threshold;
    const auto begin = static_cast<std::uint32_t>(out_.reasons.size());
    if (match.score < match.threshold) return static_cast<std::uint32_t>(term_count_);
    match.profile = profile;
    match.evidence_begin = begin;
    tell(best);
    for (std::uint32_t rank = 1; rank < rank_count_; ++rank) tell(places_of_rank(rank));
    match.evidence_end = static_cast<std::uint32_t>(out_.reasons.size());
    match.presearch = out_.evidence[buffers_.places[ranges_[0].begin].evidence].clause;
    out_.matches.push_back(match);
    return static_cast<std::uint32_t>(term_count_) + match.evidence_end - begin;
  }

 private:
  static constexpr std::size_t kTermMax = 1 + Member::kRequiredMax;

  bool find_places(const ProfileScratch::Buffers::Candidate& candidate) {
    term_count_ = 0;
    rank_count_ = 0;
    const auto& required = candidate.member.required;
    for (const std::uint32_t node : {candidate.leaf, required[0], required[1]}) {
      if (node == kNone) break;
      const auto range = evaluator_.first_places(node);
      nodes_[term_count_] = node;
      ranges_[term_count_++] = range;
      if (range.begin == range.end) return false;
      rank_count_ = std::max(rank_count_, range.end - range.begin);
    }
    return true;
  }

  // The places of a rank, one of each term that has so many, in order.
  std::span<const PlainPlace> places_of_rank(std::uint32_t rank) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < term_count_; ++i) {
      const std::uint32_t at = ranges_[i].begin + rank;
      if (at >= ranges_[i].end) continue;
      const ProfileScratch::Buffers::Place& place = buffers_.places[at];
      const PlainPlace added{at, nodes_[i], zone_weight(place.zone), place.span};
      std::size_t to = count++;
      for (; to > 0 && added < sorted_[to - 1]; --to) sorted_[to] = sorted_[to - 1];
      sorted_[to] = added;
    }
    return std::span(sorted_).first(count);
  }

  static float score_of_best(std::span<const PlainPlace> best) {
    float score = 0;
    for (std::size_t i = 0; i < best.size(); ++i) {
      const auto before = best.first(i);
      const bool inside = std::any_of(before.begin(), before.end(), [&](const PlainPlace& other) {
        return is_inside(best[i].span, other.span);
      });
      if (!inside) score += best[i].weight;
    }
    return score;
  }

  void tell(std::span<const PlainPlace> places) {
    for (const PlainPlace& one : places) {
      std::uint32_t& evidence = buffers_.places[one.place].evidence;
      if (evidence == kNone) {
        evidence = static_cast<std::uint32_t>(out_.evidence.size());
        out_.evidence.push_back({.clause = set_.clause(one.node),
                                 .span = one.span,
                                 .zone = buffers_.places[one.place].zone,
                                 .weight = one.weight});
      }
      out_.reasons.push_back(evidence);
    }
  }

  const ProfileSet::Compiled& set_;
  Evaluator& evaluator_;
  ProfileScratch::Buffers& buffers_;
  ProfileMatches& out_;

  // Of the profile being looked at.
  std::size_t term_count_ = 0;
  std::uint32_t rank_count_ = 0;
  std::array<std::uint32_t, kTermMax> nodes_{};
  std::array<ProfileScratch::Buffers::Range, kTermMax> ranges_{};
  std::array<PlainPlace, kTermMax> sorted_{};
};

// A layer's candidates, in the order of the set.
class LayerMatching {
 public:
  LayerMatching(const ProfileSet::Data::Layer& layer, const ProfileInput& input,
                ProfileScratch::Buffers& buffers, ProfileMatches& out)
      : layer_(layer),
        buffers_(buffers),
        out_(out),
        evaluator_(*layer.compiled, input, buffers),
        plain_(*layer.compiled, evaluator_, buffers, out) {}
  LayerMatching(const LayerMatching&) = delete;
  LayerMatching& operator=(const LayerMatching&) = delete;

  void select(bool all) {
    evaluator_.find_terms();
    all ? evaluator_.select_all(layer_.positions) : evaluator_.select_candidates(layer_.positions);
  }
  // Position in the set of the next one to be looked at; kNone when all have been.
  [[nodiscard]] std::uint32_t next() const {
    return next_ < buffers_.order.size() ? static_cast<std::uint32_t>(buffers_.order[next_] >> 32)
                                         : kNone;
  }
  void verify_next() {
    evaluator_.prefetch(next_);
    const ProfileIndex profile(next());
    const auto& candidate =
        buffers_.candidates[static_cast<std::uint32_t>(buffers_.order[next_++])];
    const std::uint32_t steps = candidate.leaf != kNone ? plain_.report(candidate, profile)
                                                        : verify(candidate.member.profile, profile);
    out_.candidates.push_back({profile, steps});
  }

 private:
  std::uint32_t verify(std::uint32_t index, ProfileIndex profile) {
    const ProfileSet::Compiled& set = *layer_.compiled;
    const Root& root = set.roots[index];
    const std::uint32_t before = evaluator_.steps();
    if (evaluator_.holds(root.node)) report(set, root, profile, evaluator_, buffers_, out_);
    return evaluator_.steps() - before;
  }

  const ProfileSet::Data::Layer& layer_;
  ProfileScratch::Buffers& buffers_;
  ProfileMatches& out_;
  Evaluator evaluator_;
  PlainProfile plain_;
  std::size_t next_ = 0;
};

void match_layers(const ProfileSet::Data& set, const ProfileInput& input, ProfileScratch& scratch,
                  bool all, ProfileMatches& out) {
  out.matches.clear();
  out.evidence.clear();
  out.reasons.clear();
  out.path.clear();
  out.candidates.clear();
  LayerMatching first(set.layers[0], input, scratch.buffers(0), out);
  first.select(all);
  if (set.layers.size() == 1) {
    while (first.next() != kNone) first.verify_next();
  } else {
    LayerMatching second(set.layers[1], input, scratch.buffers(1), out);
    second.select(all);
    while (first.next() != kNone || second.next() != kNone) {
      first.next() < second.next() ? first.verify_next() : second.verify_next();
    }
  }
  out.candidate_count = static_cast<std::uint32_t>(out.candidates.size());
}

}  // namespace

float profile_internal::score_found(ProfileScratch::Buffers& buffers) {
  sort_found(buffers);
  return score_of(buffers);
}

void ProfileMatcher::match(const ProfileInput& input, ProfileScratch& scratch,
                           ProfileMatches& matches) const {
  match_layers(set_.data(), input, scratch, false, matches);
}

void ProfileMatcher::match_all(const ProfileInput& input, ProfileScratch& scratch,
                               ProfileMatches& matches) const {
  match_layers(set_.data(), input, scratch, true, matches);
}

}  // namespace wirewatch
