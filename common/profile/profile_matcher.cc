#include <algorithm>

#include "common/profile/profile.h"
#include "common/profile/profile_evaluator.h"

namespace wirewatch {

namespace {

using namespace profile_internal;
using Found = ProfileScratch::Buffers::Found;

// Best first: of each clause its best place before a second one of any.
void sort_found(std::vector<Found>& found) {
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
    const SourceSpan& left = a.evidence.span;
    const SourceSpan& right = b.evidence.span;
    if (a.rank != b.rank) return a.rank < b.rank;
    if (a.evidence.weight != b.evidence.weight) return a.evidence.weight > b.evidence.weight;
    if (left.field != right.field) return left.field < right.field;
    if (left.begin != right.begin) return left.begin < right.begin;
    // The longer of two first: the shorter one, inside it, adds nothing to the score.
    return left.end != right.end ? left.end > right.end : a.node < b.node;
  });
}

bool is_inside(const SourceSpan& inner, const SourceSpan& outer) {
  return inner.field == outer.field && outer.begin <= inner.begin && inner.end <= outer.end;
}

// Sum over the clauses of their best place.
float score_of(const std::vector<Found>& found) {
  float score = 0;
  for (std::size_t i = 0; i < found.size() && found[i].rank == 0; ++i) {
    if (!found[i].scored) continue;
    const SourceSpan& span = found[i].evidence.span;
    const bool inside = std::any_of(
        found.begin(), found.begin() + static_cast<std::ptrdiff_t>(i),
        [&](const Found& other) { return other.scored && is_inside(span, other.evidence.span); });
    if (!inside) score += found[i].evidence.weight;
  }
  return score;
}

// Adds the match when its score reaches the threshold.
void report(std::uint32_t index, const ProfileSet::Compiled& set, Evaluator& evaluator,
            std::vector<Found>& found, ProfileMatches& out) {
  found.clear();
  const Root& root = set.roots[index];
  evaluator.collect(root.node);
  sort_found(found);
  ProfileMatch match;
  match.profile = ProfileIndex(index);
  if (root.weighted != kNone) {
    match.score = evaluator.list_score(root.weighted);
    match.threshold = set.weighted[set.nodes[root.weighted].payload].threshold;
  } else {
    match.score = score_of(found);
    match.threshold = root.threshold;
    // A profile of predicates alone has no terms to weigh.
    const bool weighed =
        std::any_of(found.begin(), found.end(), [](const Found& entry) { return entry.scored; });
    if (weighed && match.score < match.threshold) return;
  }
  match.evidence_begin = static_cast<std::uint32_t>(out.evidence.size());
  for (const Found& entry : found) {
    if (out.evidence.size() - match.evidence_begin == ProfileMatcher::kEvidenceMax) break;
    const auto begin = out.evidence.begin() + static_cast<std::ptrdiff_t>(match.evidence_begin);
    // One term in two zones of a query ("headline:$names OR lede:$names") is one reason.
    const bool told = std::any_of(begin, out.evidence.end(), [&](const Evidence& other) {
      return other.span == entry.evidence.span && other.clause == entry.evidence.clause;
    });
    if (!told) out.evidence.push_back(entry.evidence);
  }
  match.evidence_end = static_cast<std::uint32_t>(out.evidence.size());
  out.matches.push_back(match);
}

void verify(const ProfileSet::Compiled& set, Evaluator& evaluator, ProfileScratch::Buffers& buffers,
            ProfileMatches& out) {
  out.matches.clear();
  out.evidence.clear();
  out.candidates.clear();
  for (std::size_t i = 0; i < buffers.candidates.size(); ++i) {
    evaluator.prefetch(i);
    const std::uint32_t index = buffers.candidates[i];
    const std::uint32_t before = evaluator.steps();
    const bool holds = evaluator.holds(set.roots[index].node);
    out.candidates.push_back({ProfileIndex(index), evaluator.steps() - before});
    if (holds) report(index, set, evaluator, buffers.found, out);
  }
  out.candidate_count = static_cast<std::uint32_t>(out.candidates.size());
}

}  // namespace

void ProfileMatcher::match(const ProfileInput& input, ProfileScratch& scratch,
                           ProfileMatches& matches) const {
  Evaluator evaluator(set_.compiled(), input, scratch.buffers());
  evaluator.find_terms();
  evaluator.select_candidates();
  verify(set_.compiled(), evaluator, scratch.buffers(), matches);
}

void ProfileMatcher::match_all(const ProfileInput& input, ProfileScratch& scratch,
                               ProfileMatches& matches) const {
  Evaluator evaluator(set_.compiled(), input, scratch.buffers());
  evaluator.find_terms();
  std::vector<std::uint32_t>& candidates = scratch.buffers().candidates;
  candidates.resize(set_.profiles().size());
  for (std::uint32_t i = 0; i < candidates.size(); ++i) candidates[i] = i;
  verify(set_.compiled(), evaluator, scratch.buffers(), matches);
}

}  // namespace wirewatch
