#include "common/profile/profile_lint.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "common/base/check.h"
#include "common/profile/profile_tables.h"
#include "common/profile/query_parser.h"

namespace wirewatch {

namespace {

using namespace profile_internal;

constexpr float kOverBroadFrequency = 0.25F;
constexpr std::size_t kImplicationBudget = 20'000;     // Comparisons per question.
constexpr std::size_t kSubsumptionProfileMax = 2'000;  // Every profile is held against every other.
constexpr std::size_t kExamplesWanted = 2;

// Decides by form alone whether one node's truth implies another's: sound, not complete.
class Implication {
 public:
  explicit Implication(const ProfileSet::Compiled& set) : set_(set) {}

  bool holds(std::uint32_t a, std::uint32_t b) {
    left_ = kImplicationBudget;
    return implies(a, b);
  }

 private:
  bool implies(std::uint32_t a, std::uint32_t b) {
    if (a == b) return true;
    if (left_ == 0) return false;
    --left_;
    const Node& from = set_.nodes[a];
    const Node& to = set_.nodes[b];
    const auto from_children = set_.children_of(from);
    const auto to_children = set_.children_of(to);
    if (from.kind == NodeKind::kOr) {
      return std::all_of(from_children.begin(), from_children.end(),
                         [&](std::uint32_t child) { return implies(child, b); });
    }
    if (to.kind == NodeKind::kAnd) {
      return std::all_of(to_children.begin(), to_children.end(),
                         [&](std::uint32_t child) { return implies(a, child); });
    }
    if (to.kind == NodeKind::kOr &&
        std::any_of(to_children.begin(), to_children.end(),
                    [&](std::uint32_t child) { return implies(a, child); })) {
      return true;
    }
    if (from.kind == NodeKind::kNot && to.kind == NodeKind::kNot) {
      return implies(to_children[0], from_children[0]);
    }
    if (from.kind == NodeKind::kTerm && to.kind == NodeKind::kTerm) {
      return term_implies(set_.terms[from.payload], set_.terms[to.payload]);
    }
    if (from.kind == NodeKind::kAnd || is_together(from.kind)) {
      return std::any_of(from_children.begin(), from_children.end(),
                         [&](std::uint32_t child) { return implies(child, b); });
    }
    if (from.kind == NodeKind::kTimes || is_apart(from.kind)) return implies(from_children[0], b);
    return false;
  }

  static bool term_implies(const Term& a, const Term& b) {
    const bool words = a.feature == b.feature && !b.exact;
    const bool zones = (a.zones & ~b.zones) == 0;
    const bool first = b.first_words == 0 || (a.first_words > 0 && a.first_words <= b.first_words);
    const bool exclusion = b.exclusion == kNone || a.exclusion == b.exclusion;
    const bool language = b.language == kNone || a.language == b.language;
    return words && zones && first && exclusion && language;
  }

  const ProfileSet::Compiled& set_;
  std::size_t left_ = 0;
};

class Linter {
 public:
  Linter(const ProfileSet& set, std::span<const ProfileSource> sources)
      : set_(*set.data().layers[0].compiled), sources_(sources), implication_(set_) {
    // Children have smaller numbers, so that theirs are known when they are asked for.
    breadths_.reserve(set_.nodes.size());
    for (const Node& node : set_.nodes) breadths_.push_back(breadth_of(node));
  }

  std::vector<ProfileWarning> run() {
    for (index_ = 0; index_ < sources_.size(); ++index_) {
      source_ = &sources_[index_];
      const std::uint32_t root = set_.roots[index_].node;
      if (set_.roots[index_].anchor == kNone) {
        warn(ProfileLint::kUnanchored, source_->query,
             "nothing that it requires can be searched for, so it is verified for every article; "
             "require a word, a region: or a topic:");
      }
      if (breadths_[root] > kOverBroadFrequency) {
        warn(ProfileLint::kOverBroad, source_->query,
             "it would match a large share of all articles; require rarer words, a zone "
             "(headline:, top:) or a region:");
      }
      std::set<std::uint32_t> seen;
      contradictions(root, seen);
      subsumption();
      unused();
      examples();
    }
    return std::move(warnings_);
  }

 private:
  void warn(ProfileLint lint, const ProfileText& where, std::string message) {
    warnings_.push_back({lint,
                         ProfileIndex(index_),
                         {source_->origin, where.line, where.column, std::move(message)}});
  }

  // Estimated share of articles in which a node holds by its commonest alternative alone. The sum
  // over alternatives would blame every list of names in twenty languages.
  [[nodiscard]] float breadth_of(const Node& node) const {
    const auto children = set_.children_of(node);
    if (children.empty()) return node.frequency;
    const auto narrower = [this](std::uint32_t a, std::uint32_t b) {
      return breadths_[a] < breadths_[b];
    };
    if (node.kind == NodeKind::kNot) return 1 - breadths_[children[0]];
    if (node.kind == NodeKind::kOr || node.kind == NodeKind::kWeighted) {
      return breadths_[*std::max_element(children.begin(), children.end(), narrower)];
    }
    if (is_apart(node.kind)) return breadths_[children[0]];
    return breadths_[*std::min_element(children.begin(), children.end(), narrower)];
  }

  // A conjunction with a part that rules out another.
  void contradictions(std::uint32_t index, std::set<std::uint32_t>& seen) {
    if (!seen.insert(index).second) return;
    const Node& node = set_.nodes[index];
    const auto children = set_.children_of(node);
    for (const std::uint32_t child : children) contradictions(child, seen);
    if (node.kind != NodeKind::kAnd) return;
    for (const std::uint32_t excluded : children) {
      if (set_.nodes[excluded].kind != NodeKind::kNot) continue;
      const std::uint32_t inner = set_.children_of(set_.nodes[excluded])[0];
      const auto wanted = std::find_if(children.begin(), children.end(), [&](std::uint32_t child) {
        return child != excluded && implication_.holds(child, inner);
      });
      if (wanted == children.end()) continue;
      constexpr std::size_t kShownBytes = 80;
      std::string text;
      set_.describe(*wanted, text, kShownBytes);
      warn(ProfileLint::kContradictory, source_->query,
           "it requires " + text + " and excludes it, which can never hold; remove one of the two");
      return;
    }
  }

  void subsumption() {
    if (sources_.size() > kSubsumptionProfileMax) return;
    for (std::uint32_t other = 0; other < sources_.size(); ++other) {
      if (other == index_ || sources_[other].destination != source_->destination) continue;
      if (sources_[other].threshold > source_->threshold) continue;
      const std::uint32_t own_root = set_.roots[index_].node;
      const std::uint32_t other_root = set_.roots[other].node;
      // Of two equal profiles the later one is named.
      const bool within =
          own_root == other_root ? other < index_ : implication_.holds(own_root, other_root);
      if (!within) continue;
      warn(ProfileLint::kSubsumed, source_->query,
           "it matches only where " + sources_[other].id +
               " matches; drop one of the two, or give them different destinations");
      return;
    }
  }

  static void references(std::string_view text, std::set<std::string, std::less<>>& out) {
    const auto tree = parse_query(text);
    if (!tree) return;
    for (const QueryNode& node : tree->nodes) {
      if (node.op != QueryOp::kReference) continue;
      out.insert(node.text);
      out.insert(node.text.substr(0, node.text.find('.')));
    }
  }

  void unused() {
    std::set<std::string, std::less<>> used;
    references(source_->query.text, used);
    for (std::size_t before = 0; before != used.size();) {
      before = used.size();
      for (const ProfileExpression& expression : source_->expressions) {
        if (used.contains(expression.name)) references(expression.query.text, used);
      }
    }
    const auto report = [&](const std::string& name, bool shared, const ProfileText& where) {
      if (shared || used.contains(name)) return;
      warn(ProfileLint::kUnusedExpression, where,
           "$" + name + " is never used; use it in the query or remove it");
    };
    for (const ProfileExpression& expression : source_->expressions) {
      report(expression.name, expression.shared, expression.query);
    }
    for (const ProfileTermList& list : source_->term_lists) {
      report(list.name, list.shared, {"", list.line, list.column});
    }
  }

  void examples() {
    const auto& all = source_->examples;
    const auto positive = static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(), [](const ProfileExample& example) { return example.must_match; }));
    const std::size_t negative = all.size() - positive;
    if (positive >= kExamplesWanted && negative >= kExamplesWanted) return;
    warn(ProfileLint::kTooFewExamples, {"", source_->line, 1},
         "it has " + std::to_string(positive) + " examples that must match and " +
             std::to_string(negative) + " that must not; add two of each at least");
  }

  const ProfileSet::Compiled& set_;
  std::span<const ProfileSource> sources_;
  std::uint32_t index_ = 0;
  const ProfileSource* source_ = nullptr;
  Implication implication_;
  std::vector<float> breadths_;  // By node.
  std::vector<ProfileWarning> warnings_;
};

}  // namespace

std::string_view to_string(ProfileLint lint) {
  switch (lint) {
    case ProfileLint::kUnanchored:
      return "unanchored";
    case ProfileLint::kContradictory:
      return "contradictory";
    case ProfileLint::kOverBroad:
      return "over-broad";
    case ProfileLint::kSubsumed:
      return "subsumed";
    case ProfileLint::kUnusedExpression:
      return "unused-expression";
    case ProfileLint::kTooFewExamples:
      return "too-few-examples";
  }
  return "unanchored";
}

std::vector<ProfileWarning> lint_profiles(const ProfileSet& set,
                                          std::span<const ProfileSource> sources) {
  WIREWATCH_CHECK(set.profiles().size() == sources.size() && set.data().layers.size() == 1);
  return Linter(set, sources).run();
}

}  // namespace wirewatch
