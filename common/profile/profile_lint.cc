#include "common/profile/profile_lint.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "common/base/check.h"
#include "common/base/counted.h"
#include "common/base/language_codes.h"
#include "common/profile/profile_evaluator.h"
#include "common/profile/profile_implication.h"
#include "common/profile/profile_tables.h"
#include "common/profile/query_parser.h"

namespace wirewatch {

namespace {

using namespace profile_internal;

constexpr float kOverBroadFrequency = 0.25F;
constexpr std::size_t kSubsumptionProfileMax = 2'000;  // Every profile is held against every other.
constexpr std::size_t kExamplesWanted = 2;
constexpr std::size_t kUrgencyMax = 9;  // ninjs: 1 to 9.

class Linter {
 public:
  Linter(const ProfileSet& set, std::span<const ProfileSource> sources,
         const ProfileLintOptions& options)
      : set_(*set.data().layers[0].compiled),
        sources_(sources),
        options_(options),
        implication_(set_) {
    // Children have smaller numbers, so that theirs are known when they are asked for.
    breadths_.reserve(set_.nodes.size());
    for (const Node& node : set_.nodes) breadths_.push_back(breadth_of(node));
    for (const Node& node : set_.nodes) needs_term_.push_back(needs_term(node));
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
      inspect(root, seen);
      reachable_score(set_.roots[index_]);
      subsumption();
      unused();
      texts();
      examples();
    }
    return std::move(warnings_);
  }

 private:
  void warn(ProfileLint lint, const ProfileText& where, std::string message) {
    warnings_.push_back({lint,
                         ProfileIndex(index_),
                         {file_ == nullptr ? source_->origin : *file_, where.line, where.column,
                          std::move(message)}});
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

  // Every part of a query once.
  void inspect(std::uint32_t index, std::set<std::uint32_t>& seen) {
    if (!seen.insert(index).second) return;
    const Node& node = set_.nodes[index];
    const auto children = set_.children_of(node);
    for (const std::uint32_t child : children) inspect(child, seen);
    if (node.kind == NodeKind::kAnd) {
      contradictory_parts(children);
      contradictory_values(children);
    } else if (node.kind == NodeKind::kNotIn) {
      always_inside(children);
    } else if (is_together(node.kind)) {
      two_fields(children);
    } else if (node.kind == NodeKind::kTerm) {
      term(set_.terms[node.payload]);
    } else if (children.empty()) {
      value(node);
    }
  }

  // A conjunction with a part that rules out another.
  void contradictory_parts(std::span<const std::uint32_t> children) {
    for (const std::uint32_t excluded : children) {
      if (set_.nodes[excluded].kind != NodeKind::kNot) continue;
      const std::uint32_t inner = set_.children_of(set_.nodes[excluded])[0];
      const auto wanted = std::find_if(children.begin(), children.end(), [&](std::uint32_t child) {
        return child != excluded && implication_.holds(child, inner);
      });
      if (wanted == children.end()) continue;
      return never("it requires " + shown(*wanted) + " and excludes " + shown(inner) +
                   ", which can never hold; remove one of the two");
    }
  }

  // Values of which an article has but one.
  void contradictory_values(std::span<const std::uint32_t> children) {
    std::array<bool, kUrgencyMax + 1> urgencies{};
    urgencies.fill(true);
    std::size_t ranges = 0;
    for (std::size_t i = 0; i < children.size(); ++i) {
      const Node& node = set_.nodes[children[i]];
      if (node.kind == NodeKind::kUrgency) {
        ++ranges;
        for (std::size_t value = 1; value <= kUrgencyMax; ++value) {
          urgencies[value] = urgencies[value] && urgency_fits(node, value);
        }
      }
      if (node.kind != NodeKind::kLanguage && node.kind != NodeKind::kSignal) continue;
      for (std::size_t other = 0; other < i; ++other) {
        if (set_.nodes[children[other]].kind != node.kind) continue;
        return never("it requires " + shown(children[other]) + " and " + shown(children[i]) +
                     ", of which an article has one; join them with OR");
      }
    }
    if (ranges > 1 &&
        std::none_of(urgencies.begin() + 1, urgencies.end(), [](bool b) { return b; })) {
      never("no urgency is in all the ranges that it requires together; join them with OR");
    }
  }

  [[nodiscard]] bool urgency_fits(const Node& node, std::size_t urgency) const {
    const Predicate& predicate = set_.predicates[node.payload];
    return compares(static_cast<float>(urgency), predicate.comparison, predicate.value);
  }

  // headline:a NEAR/5 body:b.
  void two_fields(std::span<const std::uint32_t> children) {
    const std::uint8_t left = zones_of(children[0]);
    const std::uint8_t right = zones_of(children[1]);
    constexpr std::uint8_t kBodyOnly = kZonesAll & ~kZoneHeadline;
    const bool apart = (left == kZoneHeadline && (right & ~kBodyOnly) == 0 && right != 0) ||
                       (right == kZoneHeadline && (left & ~kBodyOnly) == 0 && left != 0);
    if (!apart) return;
    never("the headline is no part of the text below it, so that " + shown(children[0]) + " and " +
          shown(children[1]) + " are never near each other; join them with AND");
  }

  // Where positions of a node can lie.
  [[nodiscard]] std::uint8_t zones_of(std::uint32_t index) const {
    const Node& node = set_.nodes[index];
    if (node.kind == NodeKind::kTerm) return set_.terms[node.payload].zones;
    if (node.kind == NodeKind::kMentions) return set_.predicates[node.payload].zones;
    const auto children = set_.children_of(node);
    std::uint8_t zones = 0;
    for (const std::uint32_t child : is_apart(node.kind) ? children.first(1) : children) {
      zones = static_cast<std::uint8_t>(zones | zones_of(child));
    }
    return zones;
  }

  // a NOT IN "a".
  void always_inside(std::span<const std::uint32_t> children) {
    const Node& inner = set_.nodes[children[0]];
    if (inner.kind != NodeKind::kTerm) return;
    for (const std::uint32_t other : children.subspan(1)) {
      if (set_.nodes[other].kind != NodeKind::kTerm) continue;
      const Term& a = set_.terms[inner.payload];
      const Term& b = set_.terms[set_.nodes[other].payload];
      if (b.exact || (a.zones & ~b.zones) != 0) continue;
      if (!covers(implication_.words(b), implication_.words(a))) continue;
      return never("every " + shown(children[0]) + " lies in " + shown(other) +
                   ", so that NOT IN leaves none; give the longer phrase");
    }
  }

  void term(const Term& term) {
    if (term.exclusion != kNone) {
      for (const ProfileText& exclusion : source_->exclude) {
        if (!covers(sought_words(exclusion.text), implication_.words(term))) continue;
        const std::string text(set_.text(term.text));
        warn(ProfileLint::kContradictory, exclusion,
             "\"" + exclusion.text + "\" is excluded, so that " + text +
                 " never counts; exclude a longer phrase, or remove one of the two");
        break;
      }
    }
    if (term.language != kNone) language(set_.languages[term.language]);
  }

  void language(const std::string& code) {
    if (!known_language(code).empty() || !told_.insert({index_, code}).second) return;
    unreachable("no article is known to be in '" + code +
                "'; use codes of ISO 639-1: en, ko, pt, zh");
  }

  void value(const Node& node) {
    switch (node.kind) {
      case NodeKind::kLanguage:
        return language(std::string(set_.text(set_.predicates[node.payload].text)));
      case NodeKind::kUrgency: {
        bool fits = false;
        for (std::size_t value = 1; value <= kUrgencyMax; ++value) {
          fits = fits || urgency_fits(node, value);
        }
        if (!fits) {
          unreachable("no article has " + text_of(node) +
                      "; urgency is 1, the most urgent, to 9, and urgency<=9 any");
        }
        return;
      }
      case NodeKind::kRegion:
      case NodeKind::kTopic:
      case NodeKind::kMentions:
        return degree(node);
      case NodeKind::kLabel:
        if (options_.labels) return degree(node);
        return unreachable(text_of(node) +
                           " never holds: no model of labels is configured; see data.label_model");
      case NodeKind::kSource:
        if (text_of(node).find_first_of("*?%") == std::string::npos) return;
        return warn(ProfileLint::kLiteral, source_->query,
                    text_of(node) +
                        " has no wildcards: it is found as whole words of the source's name; "
                        "write the words that the name has");
      default:
        return;
    }
  }

  void degree(const Node& node) {
    const bool counted = node.kind == NodeKind::kMentions;
    if (!degrees_of(set_.predicates[node.payload], counted).none()) return;
    unreachable(text_of(node) + " never holds; " +
                (counted ? "a place that is mentioned is so once at least"
                         : "it is compared with a share above 0, and 1 at most"));
  }

  // Terms count once each, at their best place.
  struct BestScores {
    std::map<std::uint32_t, float> of_node;
    std::set<std::pair<std::uint32_t, float>> seen;  // Names may stand for one part many times.
  };
  void best_scores(std::uint32_t index, float weight, BestScores& best) const {
    if (!best.seen.insert({index, weight}).second) return;
    const Node& node = set_.nodes[index];
    const auto children = set_.children_of(node);
    if (node.kind == NodeKind::kTerm || node.kind == NodeKind::kMentions) {
      const std::uint8_t zones = node.kind == NodeKind::kTerm ? set_.terms[node.payload].zones
                                                              : set_.predicates[node.payload].zones;
      const Zone zone = (zones & kZoneHeadline) != 0 ? Zone::kHeadline
                        : (zones & kZoneLede) != 0   ? Zone::kLede
                                                     : Zone::kBody;
      float& known = best.of_node[index];
      known = std::max(known, weight > 0 ? weight : zone_weight(zone));
    } else if (node.kind == NodeKind::kWeighted) {
      for (std::size_t i = 0; i < children.size(); ++i) {
        const float own = set_.weights[set_.weighted[node.payload].weights + i];
        if (own > 0) best_scores(children[i], own, best);
      }
    } else if (node.kind != NodeKind::kNot) {
      const std::size_t count = is_apart(node.kind) ? 1 : children.size();
      for (const std::uint32_t child : children.first(count)) best_scores(child, weight, best);
    }
  }

  // Whether it holds only where a term does, so that there is a score.
  [[nodiscard]] bool needs_term(const Node& node) const {
    const auto children = set_.children_of(node);
    const auto needs = [this](std::uint32_t child) { return needs_term_[child]; };
    if (node.kind == NodeKind::kNot) return false;
    if (node.kind == NodeKind::kOr || node.kind == NodeKind::kAtLeast) {
      return std::all_of(children.begin(), children.end(), needs);
    }
    if (children.empty()) {
      return node.kind == NodeKind::kTerm || node.kind == NodeKind::kMentions;
    }
    return node.kind == NodeKind::kWeighted || std::any_of(children.begin(), children.end(), needs);
  }

  void reachable_score(const Root& root) {
    if (root.weighted != kNone || root.threshold <= zone_weight(Zone::kBody)) return;
    if (!needs_term_[root.node]) return;
    BestScores best;
    best_scores(root.node, 0, best);
    float most = 0;
    for (const auto& [node, score] : best.of_node) most += score;
    if (most >= root.threshold) return;
    constexpr std::size_t kShown = 24;
    std::array<char, kShown> numbers{};
    std::snprintf(numbers.data(), numbers.size(), "%.4g", static_cast<double>(most));
    unreachable("its terms reach a score of " + std::string(numbers.data()) +
                " at most, which is under its threshold; lower the threshold");
  }

  void never(std::string message) {
    warn(ProfileLint::kContradictory, source_->query, std::move(message));
  }
  void unreachable(std::string message) {
    warn(ProfileLint::kUnreachable, source_->query, std::move(message));
  }

  [[nodiscard]] std::string shown(std::uint32_t node) const {
    constexpr std::size_t kShownBytes = 80;
    std::string text;
    set_.describe(node, text, kShownBytes);
    return text;
  }
  [[nodiscard]] std::string text_of(const Node& node) const {
    return std::string(set_.text(set_.predicates[node.payload].shown));
  }

  // ---- What the editor wrote ----

  void texts() {
    side_by_side(source_->query);
    for (const ProfileExpression& expression : source_->expressions) {
      if (is_new(expression)) side_by_side(expression.query);
    }
    for (const ProfileTermList& list : source_->term_lists) {
      if (!is_new(list)) continue;
      for (const ProfileTerm& entry : list.terms) literal_operator(list, entry.text);
    }
    file_ = nullptr;
  }

  // False for what profiles share and an earlier one has had. Warnings point to its file from here.
  template <typename Definition>
  bool is_new(const Definition& definition) {
    file_ = definition.origin.empty() ? nullptr : &definition.origin;
    return !definition.shared || shared_.insert(definition.origin + "$" + definition.name).second;
  }

  // a OR b c OR d
  void side_by_side(const ProfileText& query) {
    const auto tree = parse_query(query.text);
    if (!tree) return;
    for (const QueryNode& node : tree->nodes) {
      if (node.op != QueryOp::kOr) continue;
      for (const std::uint32_t child : node.children) {
        const QueryNode& part = tree->nodes[child];
        if (!part.side_by_side) continue;
        const std::string words = query.text.substr(part.begin, part.end - part.begin);
        warn(ProfileLint::kSideBySide, query,
             "'" + words +
                 "' among the alternatives of OR means all of these words, anywhere; "
                 "write \"" +
                 words + "\" for the phrase, or put them in parentheses");
      }
    }
  }

  // ["korea NEAR/3 launched", 5]
  void literal_operator(const ProfileTermList& list, const ProfileText& entry) {
    static constexpr std::array<std::string_view, 8> kOperators = {
        "AND", "OR", "NOT", "NEAR", "ONEAR", "SENTENCE", "PARAGRAPH", "IN"};
    const std::string& text = entry.text;
    const bool capitals =
        std::none_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (capitals && text.find('/') == std::string::npos) return;  // "BORN IN THE USA"
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find(' ', at), text.size());
      const std::string_view word = std::string_view(text).substr(at, end - at);
      const std::string_view name = word.substr(0, word.find('/'));
      const bool inner = at > 0 || name == "NOT";
      at = end + 1;
      if (!inner || std::ranges::find(kOperators, name) == kOperators.end()) continue;
      return warn(ProfileLint::kLiteral, entry,
                  std::string(word) + " is a word like others in a list, here in $" + list.name +
                      "; write the expression in [expressions] or in the query");
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
         "it has " + counted(positive, "example") + " that must match and " +
             std::to_string(negative) + " that must not; add two of each at least");
  }

  const ProfileSet::Compiled& set_;
  std::span<const ProfileSource> sources_;
  ProfileLintOptions options_;
  std::set<std::pair<std::uint32_t, std::string>> told_;  // Languages, by profile.
  std::set<std::string, std::less<>> shared_;             // Definitions that have been looked at.
  const std::string* file_ = nullptr;                     // Where not the profile's own.
  std::uint32_t index_ = 0;
  const ProfileSource* source_ = nullptr;
  Implication implication_;
  std::vector<float> breadths_;   // By node.
  std::vector<bool> needs_term_;  // By node.
  std::vector<ProfileWarning> warnings_;
};

}  // namespace

std::string_view to_string(ProfileLint lint) {
  switch (lint) {
    case ProfileLint::kUnanchored:
      return "unanchored";
    case ProfileLint::kContradictory:
      return "contradictory";
    case ProfileLint::kUnreachable:
      return "unreachable";
    case ProfileLint::kLiteral:
      return "literal";
    case ProfileLint::kSideBySide:
      return "side-by-side";
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
                                          std::span<const ProfileSource> sources,
                                          const ProfileLintOptions& options) {
  WIREWATCH_CHECK(set.profiles().size() == sources.size() && set.data().layers.size() == 1);
  return Linter(set, sources, options).run();
}

}  // namespace wirewatch
