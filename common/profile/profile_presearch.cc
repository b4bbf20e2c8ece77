// Which profiles an article makes candidates: every profile is filed under its anchor.
//
// The anchor of a profile is a part of its query that must hold for the query to hold and that is
// found by searching: a term, a mention, a region, a topic, or alternatives of them. Of a
// conjunction's parts the rarest is taken, of alternatives all. Profiles with one anchor form a
// group. Beside each of them stand the next rarest parts that it requires, terms or alternatives:
// looks into a table that fits the processor's cache spare most of the group the way through their
// queries, and of one to three terms they are the query.

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/profile/profile_compiler.h"

namespace wirewatch::profile_internal {

namespace {

constexpr float kNoAnchor = std::numeric_limits<float>::infinity();

template <typename Value>
Rows<Value> to_rows(const std::vector<std::pair<std::uint32_t, Value>>& pairs,
                    std::size_t row_count) {
  Rows<Value> rows;
  rows.begins.assign(row_count + 1, 0);
  for (const auto& pair : pairs) ++rows.begins[pair.first + 1];
  std::partial_sum(rows.begins.begin(), rows.begins.end(), rows.begins.begin());
  rows.values.resize(pairs.size());
  std::vector<std::uint32_t> next(rows.begins.begin(), rows.begins.end() - 1);
  for (const auto& [key, value] : pairs) rows.values[next[key]++] = value;
  return rows;
}

class Anchors {
 public:
  explicit Anchors(const ProfileSet::Compiled& set) : set_(set) {
    // Children have smaller numbers, so that their costs are known when they are asked for.
    costs_.reserve(set.nodes.size());
    for (const Node& node : set.nodes) costs_.push_back(cost_of(node));
  }

  // Sum of the estimated frequencies of what would be searched for.
  [[nodiscard]] float cost(std::uint32_t node) const { return costs_[node]; }

  // Follows conjunctions down to the part that anchors them.
  [[nodiscard]] std::uint32_t anchor(std::uint32_t index) const {
    for (;;) {
      const Node& node = set_.nodes[index];
      const auto children = set_.children_of(node);
      if (node.kind == NodeKind::kAnd || is_together(node.kind)) {
        index = *std::min_element(
            children.begin(), children.end(),
            [this](std::uint32_t a, std::uint32_t b) { return costs_[a] < costs_[b]; });
      } else if (node.kind == NodeKind::kTimes || is_apart(node.kind)) {
        index = children[0];
      } else {
        return index;
      }
    }
  }

  void gather_leaves(std::uint32_t index, std::vector<std::uint32_t>& leaves) const {
    const std::uint32_t anchored = anchor(index);
    const Node& node = set_.nodes[anchored];
    if (node.kind == NodeKind::kOr) {
      for (const std::uint32_t child : set_.children_of(node)) gather_leaves(child, leaves);
    } else if (node.kind == NodeKind::kAtLeast || node.kind == NodeKind::kWeighted) {
      for (const std::uint32_t child : indispensable(node)) gather_leaves(child, leaves);
    } else {
      leaves.push_back(anchored);
    }
  }

 private:
  [[nodiscard]] float cost_of(const Node& node) const {
    const auto children = set_.children_of(node);
    float cost = kNoAnchor;
    switch (node.kind) {
      case NodeKind::kTerm:
      case NodeKind::kMentions:
      case NodeKind::kRegion:
      case NodeKind::kTopic:
        return node.frequency;
      case NodeKind::kAnd:
      case NodeKind::kNear:
      case NodeKind::kOrderedNear:
      case NodeKind::kSentence:
      case NodeKind::kParagraph:
        for (const std::uint32_t child : children) cost = std::min(cost, costs_[child]);
        return cost;
      case NodeKind::kOr:
        cost = 0;
        for (const std::uint32_t child : children) cost += costs_[child];
        return cost;
      case NodeKind::kAtLeast:
      case NodeKind::kWeighted:
        cost = 0;
        for (const std::uint32_t child : indispensable(node)) cost += costs_[child];
        return cost;
      case NodeKind::kTimes:
      case NodeKind::kNotNear:
      case NodeKind::kNotSentence:
      case NodeKind::kNotParagraph:
      case NodeKind::kNotIn:
        return costs_[children[0]];
      default:
        return kNoAnchor;
    }
  }

  // Of a quorum or weighted list: the children of which one at least must be there, when the
  // commonest that may all be missing are left out.
  [[nodiscard]] std::vector<std::uint32_t> indispensable(const Node& node) const {
    const auto children = set_.children_of(node);
    std::vector<std::uint32_t> order(children.size());
    std::iota(order.begin(), order.end(), 0U);
    std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return costs_[children[a]] > costs_[children[b]];
    });
    std::vector<std::uint32_t> kept;
    if (node.kind == NodeKind::kAtLeast) {
      for (std::size_t i = node.number - 1; i < order.size(); ++i) {
        kept.push_back(children[order[i]]);
      }
      return kept;
    }
    const WeightedList& list = set_.weighted[node.payload];
    float missing = 0;
    for (const std::uint32_t i : order) {
      const float weight = set_.weights[list.weights + i];
      if (weight <= 0) continue;
      const float most = weight * static_cast<float>(list.occurrence_max);
      if (!reaches(missing + most, list.threshold)) {
        missing += most;
      } else {
        kept.push_back(children[i]);
      }
    }
    return kept;
  }

  const ProfileSet::Compiled& set_;
  std::vector<float> costs_;
};

// The rarest parts, other than `anchor`, without which `index` cannot hold, the rarest first.
void add_required(const ProfileSet::Compiled& set, const Anchors& anchors, std::uint32_t index,
                  std::uint32_t anchor, std::array<std::uint32_t, Member::kRequiredMax>& rarest) {
  // What nearly every article shows is not worth the postings of its alternatives.
  constexpr float kAlternativesMax = 0.5F;
  if (index == anchor) return;
  const Node& node = set.nodes[index];
  if (node.kind == NodeKind::kAnd || is_together(node.kind)) {
    for (const std::uint32_t child : set.children_of(node))
      add_required(set, anchors, child, anchor, rarest);
  } else if (node.kind == NodeKind::kTimes || is_apart(node.kind)) {
    add_required(set, anchors, set.children_of(node)[0], anchor, rarest);
  } else if (node.kind == NodeKind::kTerm || anchors.cost(index) < kAlternativesMax) {
    if (std::ranges::find(rarest, index) != rarest.end()) return;
    std::uint32_t added = index;
    for (std::uint32_t& known : rarest) {
      if (known == kNone || anchors.cost(added) < anchors.cost(known)) std::swap(added, known);
      if (added == kNone) return;
    }
  }
}

// See Member. Terms of one feature are left out: their places are the same.
bool is_plain(const ProfileSet::Compiled& set, const Root& root) {
  if (root.names != kNone) return false;
  const Node& node = set.nodes[root.node];
  const std::uint32_t self = root.node;
  const bool joins = node.kind == NodeKind::kAnd;
  const std::span terms = joins ? set.children_of(node) : std::span(&self, 1);
  if (terms.size() > 1 + Member::kRequiredMax) return false;
  std::array<std::uint32_t, 1 + Member::kRequiredMax> features{};
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const Node& child = set.nodes[terms[i]];
    if (child.kind != NodeKind::kTerm) return false;
    const Term& term = set.terms[child.payload];
    const auto end = features.begin() + static_cast<std::ptrdiff_t>(i);
    if (!term.only_zones() || std::find(features.begin(), end, term.feature) != end) return false;
    features[i] = term.feature;
  }
  return true;
}

// Nodes with more children than this are entered by what the article shows.
constexpr std::uint32_t kWideChildren = 6;

void add_runs(ProfileSet::Compiled& set, std::span<const std::uint32_t> children) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> by_feature;  // (feature, position)
  for (std::uint32_t i = 0; i < children.size(); ++i) {
    const Node& child = set.nodes[children[i]];
    by_feature.emplace_back(
        child.kind == NodeKind::kTerm ? set.terms[child.payload].feature : kNone, i);
  }
  std::sort(by_feature.begin(), by_feature.end());
  const std::size_t first = set.wide.values.size();
  for (const auto& [feature, position] : by_feature) {
    const bool follows = set.wide.values.size() > first && [&] {
      const WideRun& run = set.wide.values.back();
      return run.feature == kNone ? feature == kNone : feature == run.feature + run.count;
    }();
    if (!follows) {
      const auto begin = static_cast<std::uint32_t>(set.wide_positions.size());
      set.wide.values.push_back({feature, begin, 0});
    }
    ++set.wide.values.back().count;
    set.wide_positions.push_back(position);
  }
}

void build_wide(ProfileSet::Compiled& set) {
  set.wide.begins = {0};
  for (Node& node : set.nodes) {
    const bool alternatives = node.kind == NodeKind::kOr || node.kind == NodeKind::kAtLeast;
    if (alternatives) node.payload = kNone;
    if (!alternatives && node.kind != NodeKind::kWeighted) continue;
    if (node.child_count < kWideChildren) continue;
    const auto row = static_cast<std::uint32_t>(set.wide.begins.size() - 1);
    add_runs(set, set.children_of(node));
    set.wide.begins.push_back(static_cast<std::uint32_t>(set.wide.values.size()));
    (alternatives ? node.payload : set.weighted[node.payload].wide) = row;
  }
}

// Puts every profile into the group of its anchor. Returns the groups' anchors; until the groups
// are filed, the root of a profile has its group for its anchor.
std::vector<std::uint32_t> group_profiles(ProfileSet::Compiled& set, const Anchors& anchors) {
  std::unordered_map<std::uint32_t, std::uint32_t> groups;  // Anchor → group.
  std::vector<std::uint32_t> group_anchors;
  std::vector<std::pair<std::uint32_t, Member>> members;
  for (std::uint32_t i = 0; i < set.roots.size(); ++i) {
    Root& root = set.roots[i];
    if (anchors.cost(root.node) == kNoAnchor) {
      set.unanchored.push_back(i);
      continue;
    }
    const std::uint32_t anchor = anchors.anchor(root.node);
    const auto next = static_cast<std::uint32_t>(group_anchors.size());
    const auto [where, inserted] = groups.try_emplace(anchor, next);
    if (inserted) group_anchors.push_back(anchor);
    Member member{.profile = i};
    add_required(set, anchors, root.node, anchor, member.required);
    if (is_plain(set, root)) member.threshold = root.threshold;
    members.emplace_back(where->second, member);
    root.anchor = where->second;
  }
  set.group_profiles = to_rows(members, group_anchors.size());
  return group_anchors;
}

// Files groups under the leaves of their anchors, and what else their members require.
class Filing {
 public:
  Filing(ProfileSet::Compiled& set, const Anchors& anchors) : set_(set), anchors_(anchors) {}

  // Gives the leaf if there is but one, else kNone.
  std::uint32_t file_group(std::uint32_t group, std::uint32_t anchor) {
    for (const std::uint32_t leaf : leaves_of(anchor)) file(leaf, {group, leaf});
    return leaves_.size() == 1 ? leaves_[0] : kNone;
  }

  // After the groups, as leaves that have postings need no others.
  void file_required() {
    std::vector<bool> filed(set_.nodes.size());
    for (const auto& [feature, posting] : features_) filed[posting.node] = true;
    for (const Member& member : set_.group_profiles.values) {
      for (const std::uint32_t node : member.required) {
        if (node == kNone || filed[node]) continue;
        filed[node] = true;
        for (const std::uint32_t leaf : leaves_of(node)) file(leaf, {kNone, node});
      }
    }
  }

  void finish() {
    set_.feature_postings = to_rows(features_, set_.phrase_count + set_.patterns.size());
    set_.about_postings = to_rows(about_, kCountryIndexCount);
    set_.mention_postings = to_rows(mentioned_, kCountryIndexCount);
    std::stable_sort(set_.topic_postings.begin(), set_.topic_postings.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
  }

 private:
  using Postings = std::vector<std::pair<std::uint32_t, Posting>>;

  // Valid until the next call.
  std::span<const std::uint32_t> leaves_of(std::uint32_t node) {
    leaves_.clear();
    anchors_.gather_leaves(node, leaves_);
    std::sort(leaves_.begin(), leaves_.end());
    leaves_.erase(std::unique(leaves_.begin(), leaves_.end()), leaves_.end());
    return leaves_;
  }

  void file(std::uint32_t leaf, Posting posting) {
    const Node& node = set_.nodes[leaf];
    if (node.kind == NodeKind::kTerm) {
      const Term& term = set_.terms[node.payload];
      posting.zones = term.zones;
      features_.emplace_back(term.feature, posting);
      return;
    }
    const std::uint32_t number = set_.predicates[node.payload].number;
    if (node.kind == NodeKind::kTopic) {
      set_.topic_postings.emplace_back(number, posting);
      return;
    }
    for (std::uint32_t country = 0; country < kCountryIndexCount; ++country) {
      if (!set_.country_sets[number].test(country)) continue;
      auto& postings = node.kind == NodeKind::kRegion ? about_ : mentioned_;
      postings.emplace_back(country, posting);
    }
  }

  ProfileSet::Compiled& set_;
  const Anchors& anchors_;
  std::vector<std::uint32_t> leaves_;
  Postings features_;
  Postings about_;
  Postings mentioned_;
};

}  // namespace

void build_presearch(ProfileSet::Compiled& set) {
  build_wide(set);
  const Anchors anchors(set);
  std::vector<std::uint32_t> filed = group_profiles(set, anchors);
  Filing filing(set, anchors);
  for (std::uint32_t group = 0; group < filed.size(); ++group) {
    const std::uint32_t leaf = filing.file_group(group, filed[group]);
    filed[group] = leaf != kNone ? leaf : kManyLeaves + group;
  }
  filing.file_required();
  filing.finish();
  for (Root& root : set.roots) {
    if (root.anchor != kNone) root.anchor = filed[root.anchor];
  }
}

}  // namespace wirewatch::profile_internal
