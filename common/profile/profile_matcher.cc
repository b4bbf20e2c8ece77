#include <algorithm>
#include <bit>
#include <numeric>
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
    if (told) continue;
    Evidence& evidence = out.evidence.emplace_back(entry.evidence);
    evidence.path_begin = static_cast<std::uint32_t>(out.path.size());
    evaluator.append_path(root, entry, out.path);
    evidence.path_end = static_cast<std::uint32_t>(out.path.size());
  }
  match.evidence_end = static_cast<std::uint32_t>(out.evidence.size());
  const std::uint32_t leaf = evaluator.selected_by(root);
  if (leaf != kNone) match.presearch = set.clause(leaf);
  out.matches.push_back(match);
}

void verify(const ProfileSet::Data::Layer& layer, Evaluator& evaluator,
            ProfileScratch::Buffers& buffers, ProfileMatches& out) {
  const ProfileSet::Compiled& set = *layer.compiled;
  for (std::size_t i = 0; i < buffers.candidates.size(); ++i) {
    evaluator.prefetch(i);
    const std::uint32_t position = layer.position(buffers.candidates[i]);
    if (position == kNone) continue;
    const Root& root = set.roots[buffers.candidates[i]];
    const std::uint32_t before = evaluator.steps();
    if (evaluator.holds(root.node)) {
      report(set, root, ProfileIndex(position), evaluator, buffers, out);
    }
    out.candidates.push_back({ProfileIndex(position), evaluator.steps() - before});
  }
}

// `select` fills the candidates of a layer.
template <typename Select>
void match_layers(const ProfileSet::Data& set, const ProfileInput& input, ProfileScratch& scratch,
                  ProfileMatches& out, const Select& select) {
  out.matches.clear();
  out.evidence.clear();
  out.path.clear();
  out.candidates.clear();
  for (std::size_t i = 0; i < set.layers.size(); ++i) {
    ProfileScratch::Buffers& buffers = scratch.buffers(i);
    Evaluator evaluator(*set.layers[i].compiled, input, buffers);
    evaluator.find_terms();
    select(evaluator, *set.layers[i].compiled, buffers);
    verify(set.layers[i], evaluator, buffers, out);
  }
  if (set.layers.size() > 1) {
    const auto in_order = [](const auto& a, const auto& b) {
      return a.profile.value() < b.profile.value();
    };
    std::sort(out.matches.begin(), out.matches.end(), in_order);
    std::sort(out.candidates.begin(), out.candidates.end(), in_order);
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
  match_layers(set_.data(), input, scratch, matches,
               [](Evaluator& evaluator, const ProfileSet::Compiled& /*set*/,
                  ProfileScratch::Buffers& /*buffers*/) { evaluator.select_candidates(); });
}

void ProfileMatcher::match_all(const ProfileInput& input, ProfileScratch& scratch,
                               ProfileMatches& matches) const {
  match_layers(set_.data(), input, scratch, matches,
               [](Evaluator& /*evaluator*/, const ProfileSet::Compiled& set,
                  ProfileScratch::Buffers& buffers) {
                 buffers.candidates.resize(set.roots.size());
                 std::iota(buffers.candidates.begin(), buffers.candidates.end(), 0U);
               });
}

}  // namespace wirewatch
