// The places that make a node hold, and what stands around them in the query.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/profile/profile_evaluator.h"

namespace wirewatch::profile_internal {

namespace {

constexpr std::size_t kFoundMax = 256;          // Places looked at per match.
constexpr std::uint32_t kOccurrencesShown = 3;  // Of one clause.
constexpr std::uint32_t kWindowsShown = 2;      // Of one proximity.
constexpr float kZoneDecides = -1;              // Weight of evidence outside weighted lists.

}  // namespace

void Evaluator::collect(std::uint32_t node) {
  buffers_.found.clear();
  buffers_.found_nodes.clear();
  buffers_.trail.clear();
  collect_within(node, {0, text_.token_count()}, kZoneDecides);
}

void Evaluator::collect_within(std::uint32_t index, Span window, float weight) {
  const Node& node = set_.nodes[index];
  if (buffers_.found.size() >= kFoundMax || !holds(index)) return;
  if (node.kind == NodeKind::kTerm || is_phrase(node)) return collect_term(index, window, weight);
  if (node.kind == NodeKind::kMentions || node.kind == NodeKind::kRegion) {
    return collect_mentions(index, window, weight);
  }
  if (was_collected(index, window)) return;
  const std::uint32_t outer = step_;
  step_ = static_cast<std::uint32_t>(buffers_.trail.size());
  buffers_.trail.push_back({index, outer, window});
  collect_parts(node, index, window, weight);
  step_ = outer;
}

// A part that stands at many places of a query has the same evidence at each. Names made from names
// can double the places with each level; of few steps it does not matter.
bool Evaluator::was_collected(std::uint32_t node, Span window) const {
  constexpr std::size_t kFewSteps = 64;
  const std::vector<Buffers::Step>& trail = buffers_.trail;
  return trail.size() >= kFewSteps &&
         std::any_of(trail.begin(), trail.end(), [&](const Buffers::Step& step) {
           return step.node == node && step.window.begin == window.begin &&
                  step.window.end == window.end;
         });
}

void Evaluator::collect_parts(const Node& node, std::uint32_t index, Span window, float weight) {
  const auto children = set_.children_of(node);
  switch (node.kind) {
    case NodeKind::kAnd:
    case NodeKind::kTimes:
      for (const std::uint32_t child : children) collect_within(child, window, weight);
      return;
    case NodeKind::kOr:
    case NodeKind::kAtLeast:
      return each_possible(node, [&](std::uint32_t child, std::uint32_t /*position*/) {
        collect_within(child, window, weight);
        return true;
      });
    case NodeKind::kWeighted: {
      const WeightedList& list = set_.weighted[node.payload];
      return each_possible(node, [&](std::uint32_t child, std::uint32_t position) {
        const float own = set_.weights[list.weights + position];
        if (own > 0) collect_within(child, window, own);
        return true;
      });
    }
    default:
      break;
  }
  if (!is_together(node.kind) && !is_apart(node.kind)) return;
  // Only what stands in one of the positions, not every occurrence of the parts.
  const Range range = range_of(index);
  std::uint32_t shown = 0;
  for (std::uint32_t i = range.begin; i < range.end && shown < kWindowsShown; ++i) {
    const Span hull = buffers_.spans[i];
    if (hull.begin < window.begin || hull.end > window.end) continue;
    ++shown;
    collect_within(children[0], hull, weight);
    if (is_together(node.kind)) collect_within(children[1], hull, weight);
  }
}

void Evaluator::append_path(const Root& root, const Buffers::Found& found,
                            std::vector<std::string_view>& path) {
  // A term, or one AND or OR of terms, without names: the path would tell nothing.
  const Node& top = set_.nodes[root.node];
  const bool joins = top.kind == NodeKind::kAnd || top.kind == NodeKind::kOr;
  if (root.names == kNone && top.depth <= (joins ? 2 : 1)) return;
  std::vector<std::uint32_t>& way = buffers_.way;
  way.assign(1, found.node);
  for (std::uint32_t step = found.step; step != kNone; step = buffers_.trail[step].outer) {
    way.push_back(buffers_.trail[step].node);
  }
  const std::size_t begin = path.size();
  for (std::size_t i = way.size() - 1; i > 0; --i) {
    const std::size_t before = path.size();
    append_names(root, way[i], way[i - 1], path);
    const NodeKind kind = set_.nodes[way[i]].kind;
    const bool told = path.size() > before && (kind == NodeKind::kAnd || kind == NodeKind::kOr);
    if (!told && kind != NodeKind::kWeighted) path.push_back(set_.joint(way[i]));
  }
  append_names(root, found.node, kNone, path);
  const bool plain = path.size() == begin + 1 && way.size() == 2 && !path.back().starts_with('$') &&
                     set_.nodes[way[1]].kind <= NodeKind::kOr;
  if (plain) path.pop_back();
}

// Names that stand for a node, or for some of its children of which `inner` is one: an OR within an
// OR has become part of it.
void Evaluator::append_names(const Root& root, std::uint32_t node, std::uint32_t inner,
                             std::vector<std::string_view>& path) const {
  if (root.names == kNone) return;
  const Node& whole = set_.nodes[node];
  const bool joins = whole.kind == NodeKind::kAnd || whole.kind == NodeKind::kOr;
  const bool has_parts = joins && inner != kNone;
  for (const NamedNode& name : set_.names.row(root.names)) {
    const bool may_be_part = has_parts && name.kind == whole.kind && name.child_min <= inner &&
                             inner <= name.child_max && name.child_count < whole.child_count;
    if (name.node == node || (may_be_part && has_child(set_.nodes[name.node], inner))) {
      path.push_back(set_.text(name.name));
    }
  }
}

// Of an AND or OR, whose children are in order of frequency.
bool Evaluator::has_child(const Node& node, std::uint32_t child) const {
  const float wanted = set_.nodes[child].frequency;
  const bool rising = node.kind == NodeKind::kAnd;
  const auto children = set_.children_of(node);
  const auto at = std::partition_point(children.begin(), children.end(), [&](std::uint32_t other) {
    const float frequency = set_.nodes[other].frequency;
    if (frequency != wanted) return rising ? frequency < wanted : frequency > wanted;
    return other < child;
  });
  return at != children.end() && *at == child;
}

void Evaluator::add_found(std::uint32_t node, SourceSpan span, Zone zone, float weight,
                          bool scored) {
  std::uint32_t rank = 0;
  for (std::size_t i = 0; i < buffers_.found_nodes.size(); ++i) {
    if (buffers_.found_nodes[i] != node) continue;
    if (buffers_.found[i].evidence.span == span) return;
    ++rank;
  }
  if (buffers_.found.size() >= kFoundMax) return;
  buffers_.found_nodes.push_back(node);
  buffers_.found.push_back({{set_.clause(node), span, zone, weight}, node, step_, rank, scored});
}

void Evaluator::collect_term(std::uint32_t index, Span window, float weight) {
  const auto weight_in = [weight](Zone zone) {
    return weight == kZoneDecides ? zone_weight(zone) : weight;
  };
  if (window.begin == 0 && window.end == text_.token_count()) {
    const Range range = first_places(index);
    for (std::uint32_t i = range.begin; i < range.end; ++i) {
      const Buffers::Place& place = buffers_.places[i];
      add_found(index, place.span, place.zone, weight_in(place.zone), true);
    }
    return;
  }
  const Range range = range_of(index);
  std::uint32_t shown = 0;
  for (std::uint32_t i = range.begin; i < range.end && shown < kOccurrencesShown; ++i) {
    const Span span = buffers_.spans[i];
    if (span.begin < window.begin || span.end > window.end) continue;
    const Zone zone = text_.zone_of(span.begin);
    ++shown;
    add_found(index, text_.source_span(span.begin, span.end), zone, weight_in(zone), true);
  }
}

// Where a term's first occurrences stand in the source: found once, however many profiles share it.
// Text order is the order of the zones' weights, but for the dateline.
Evaluator::Range Evaluator::first_places(std::uint32_t index) {
  Buffers::NodeState& state = buffers_.nodes[index];
  if (state.place_epoch == buffers_.epoch) return state.places;
  const Range range = range_of(index);
  const auto begin = static_cast<std::uint32_t>(buffers_.places.size());
  const std::uint32_t end = std::min(range.end, range.begin + kOccurrencesShown);
  for (std::uint32_t i = range.begin; i < end; ++i) {
    const Span span = buffers_.spans[i];
    buffers_.places.push_back({text_.source_span(span.begin, span.end), text_.zone_of(span.begin)});
  }
  state.place_epoch = buffers_.epoch;
  state.places = {begin, static_cast<std::uint32_t>(buffers_.places.size())};
  return state.places;
}

void Evaluator::collect_mentions(std::uint32_t index, Span window, float weight) {
  const Node& node = set_.nodes[index];
  const Predicate& predicate = set_.predicates[node.payload];
  const CountrySet& countries = set_.country_sets[predicate.number];
  const bool region = node.kind == NodeKind::kRegion;
  std::uint32_t shown = 0;
  for (const Mention& mention : input_.regions.mentions) {
    if (shown >= kOccurrencesShown) return;
    if (mention.token_begin < window.begin || mention.token_end > window.end) continue;
    if (region) {
      if (!mention.counts || mention.country.empty()) continue;
      if (!countries.test(mention.country.index())) continue;
      const auto& about = input_.regions.about;
      const auto score = std::find_if(about.begin(), about.end(), [&](const CountryScore& entry) {
        return entry.country == mention.country;
      });
      if (score == about.end()) continue;
      add_found(index, mention.span, mention.zone, score->salience, false);
    } else {
      if (!counted(mention, predicate)) continue;
      add_found(index, mention.span, mention.zone,
                weight == kZoneDecides ? zone_weight(mention.zone) : weight, true);
    }
    ++shown;
  }
}

}  // namespace wirewatch::profile_internal
