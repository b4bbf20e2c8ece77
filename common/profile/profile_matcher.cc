#include <algorithm>
#include <bit>
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

// Adds the match when its score reaches the threshold.
void report(std::uint32_t index, const ProfileSet::Compiled& set, Evaluator& evaluator,
            ProfileScratch::Buffers& buffers, ProfileMatches& out) {
  const Root& root = set.roots[index];
  evaluator.collect(root.node);
  sort_found(buffers);
  ProfileMatch match;
  match.profile = ProfileIndex(index);
  if (root.weighted != kNone) {
    match.score = evaluator.list_score(root.weighted);
    match.threshold = set.weighted[set.nodes[root.weighted].payload].threshold;
  } else {
    match.score = score_of(buffers);
    match.threshold = root.threshold;
    // A profile of predicates alone has no terms to weigh.
    const bool weighed = std::any_of(buffers.found.begin(), buffers.found.end(),
                                     [](const Found& entry) { return entry.scored; });
    if (weighed && match.score < match.threshold) return;
  }
  match.evidence_begin = static_cast<std::uint32_t>(out.evidence.size());
  for (const auto& order : buffers.found_order) {
    if (out.evidence.size() - match.evidence_begin == ProfileMatcher::kEvidenceMax) break;
    const Found& entry = buffers.found[order.index];
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
    if (holds) report(index, set, evaluator, buffers, out);
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
