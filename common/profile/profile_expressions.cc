// How the compiler makes nodes of operators, names and lists.

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <set>
#include <utility>

#include "common/base/closest_name.h"
#include "common/base/hash.h"
#include "common/base/language_codes.h"
#include "common/profile/profile_compiler.h"

namespace wirewatch::profile_internal {

namespace {

constexpr std::size_t kListTermMax = 50'000;

NodeKind kind_of(QueryOp op) {
  switch (op) {
    case QueryOp::kNear:
      return NodeKind::kNear;
    case QueryOp::kOrderedNear:
      return NodeKind::kOrderedNear;
    case QueryOp::kSentence:
      return NodeKind::kSentence;
    case QueryOp::kParagraph:
      return NodeKind::kParagraph;
    case QueryOp::kNotNear:
      return NodeKind::kNotNear;
    case QueryOp::kNotSentence:
      return NodeKind::kNotSentence;
    case QueryOp::kNotParagraph:
      return NodeKind::kNotParagraph;
    default:
      return NodeKind::kNotIn;
  }
}

// Whether a term of the list may stand inside another's place: not when all are words of letters
// that no other term has.
bool may_overlap(const ProfileTermList& list) {
  std::vector<std::string> words;
  for (const ProfileTerm& entry : list.terms) {
    words.push_back(folded(entry.text.text));
    const bool plain = std::all_of(words.back().begin(), words.back().end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    });
    if (!plain) return true;
  }
  std::sort(words.begin(), words.end());
  return std::adjacent_find(words.begin(), words.end()) != words.end();
}

}  // namespace

Compiler::Result Compiler::query(const ProfileText& text, const Context& context) {
  const auto tree = parse_query(text.text);
  if (!tree) return fail(text, tree.error().offset, tree.error().message, tree.error().cure);
  return expression(*tree, tree->root, text, context);
}

Compiler::Result Compiler::expression(const QueryTree& tree, std::uint32_t index,
                                      const ProfileText& text, const Context& context) {
  const QueryNode& node = tree.nodes[index];
  switch (node.op) {
    case QueryOp::kTerm:
      return term(node.text, node.exact, {text, node.begin, {}}, context);
    case QueryOp::kRegex:
      return regex(node, text, context);
    case QueryOp::kReference:
      return reference(node, text, context);
    case QueryOp::kPredicate:
      return predicate(node, text, context);
    case QueryOp::kAnd:
    case QueryOp::kOr: {
      const auto children = expressions(tree, node, text, context);
      if (!children) return std::unexpected(Failure{});
      return node.op == QueryOp::kAnd ? conjunction(*children) : disjunction(*children);
    }
    case QueryOp::kNot: {
      const Result child = expression(tree, node.children[0], text, context);
      return child ? negation(*child) : child;
    }
    case QueryOp::kAtLeast:
      return at_least(tree, node, text, context);
    case QueryOp::kTimes:
      return times(tree, node, text, context);
    case QueryOp::kZone:
      return zone(tree, node, text, context);
    case QueryOp::kFirst: {
      Context inner = context;
      inner.first_words =
          inner.first_words == 0 ? node.number : std::min(inner.first_words, node.number);
      return expression(tree, node.children[0], text, inner);
    }
    default:
      return proximity(kind_of(node.op), tree, node, text, context);
  }
}

// All children, so that every error in them is reported at once.
std::expected<Compiler::Children, Compiler::Failure> Compiler::expressions(const QueryTree& tree,
                                                                           const QueryNode& node,
                                                                           const ProfileText& text,
                                                                           const Context& context) {
  Children children;
  bool failed = false;
  for (const std::uint32_t child : node.children) {
    const Result result = expression(tree, child, text, context);
    failed = failed || !result;
    if (result) children.push_back(*result);
  }
  if (failed) return std::unexpected(Failure{});
  return children;
}

Compiler::Result Compiler::zone(const QueryTree& tree, const QueryNode& node,
                                const ProfileText& text, Context context) {
  context.zones = context.zoned ? context.zones & node.zones : node.zones;
  context.zoned = true;
  if ((context.zones & kZonesAll & ~kZoneRepeated) == 0) {
    return fail(text, node.begin, "this zone lies inside another zone that excludes it",
                "write the zones side by side: headline:(a) AND body:(b)");
  }
  return expression(tree, node.children[0], text, context);
}

// Takes in the children of children of the same kind.
Compiler::Children Compiler::flatten(NodeKind kind, const Children& children) const {
  Children flat;
  for (const std::uint32_t child : children) {
    if (set_->nodes[child].kind == kind) {
      const auto inner = set_->children_of(set_->nodes[child]);
      flat.insert(flat.end(), inner.begin(), inner.end());
    } else {
      flat.push_back(child);
    }
  }
  return flat;
}

Compiler::Result Compiler::conjunction(const Children& children) {
  Children flat = flatten(NodeKind::kAnd, children);
  // Rarest first: most candidates fail at their first child.
  std::sort(flat.begin(), flat.end(), [this](std::uint32_t a, std::uint32_t b) {
    const float left = set_->nodes[a].frequency;
    const float right = set_->nodes[b].frequency;
    return left != right ? left < right : a < b;
  });
  flat.erase(std::unique(flat.begin(), flat.end()), flat.end());
  if (flat.size() == 1) return flat[0];
  Node node;
  node.kind = NodeKind::kAnd;
  node.frequency = set_->nodes[flat[0]].frequency;
  for (std::size_t i = 0; i < flat.size(); ++i) {
    const Node& child = set_->nodes[flat[i]];
    node.positional = node.positional || child.positional;
    if (i > 0) node.frequency *= std::max(child.frequency, 0.3F);
  }
  return intern(node, flat);
}

Compiler::Result Compiler::disjunction(const Children& children) {
  Children flat = flatten(NodeKind::kOr, children);
  // Commonest first: the first that holds decides.
  std::sort(flat.begin(), flat.end(), [this](std::uint32_t a, std::uint32_t b) {
    const float left = set_->nodes[a].frequency;
    const float right = set_->nodes[b].frequency;
    return left != right ? left > right : a < b;
  });
  flat.erase(std::unique(flat.begin(), flat.end()), flat.end());
  if (flat.size() == 1) return flat[0];
  Node node;
  node.kind = NodeKind::kOr;
  node.positional = true;
  node.frequency = 0;
  for (const std::uint32_t child : flat) {
    node.positional = node.positional && set_->nodes[child].positional;
    node.frequency += set_->nodes[child].frequency;
  }
  node.frequency = std::min(node.frequency, 1.0F);
  return intern(node, flat);
}

Compiler::Result Compiler::negation(std::uint32_t child) {
  const Node& inner = set_->nodes[child];
  if (inner.kind == NodeKind::kNot) return set_->children[inner.children];
  Node node;
  node.kind = NodeKind::kNot;
  node.frequency = 1 - inner.frequency;
  const std::array<std::uint32_t, 1> children = {child};
  return intern(node, children);
}

// A weighted list has places where one of its terms of positive weight has; others as they are.
Compiler::Result Compiler::with_position(std::uint32_t node) {
  if (set_->nodes[node].kind != NodeKind::kWeighted) return node;
  const WeightedList& list = set_->weighted[set_->nodes[node].payload];
  const auto terms = set_->children_of(set_->nodes[node]);
  Children positive;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (set_->weights[list.weights + i] > 0) positive.push_back(terms[i]);
  }
  return disjunction(positive);
}

Compiler::Result Compiler::proximity(NodeKind kind, const QueryTree& tree, const QueryNode& node,
                                     const ProfileText& text, const Context& context) {
  const auto compiled = expressions(tree, node, text, context);
  if (!compiled) return std::unexpected(Failure{});
  Children children = *compiled;
  for (std::size_t i = 0; i < children.size(); ++i) {
    const Result placed = with_position(children[i]);
    if (!placed) return placed;
    children[i] = *placed;
    if (set_->nodes[*placed].positional) continue;
    return fail(text, tree.nodes[node.children[i]].begin, "this has no position in the text",
                "NEAR, SENTENCE, PARAGRAPH and NOT IN take words, phrases, lists, mentions:, "
                "times/n, each other, and AND, OR, at least n of them; join the rest with AND "
                "outside");
  }
  Node result;
  result.kind = kind;
  result.positional = true;
  result.number = node.number;
  const Node left = set_->nodes[children[0]];
  const Node right = set_->nodes[children[1]];
  if (is_apart(kind)) {
    result.frequency = left.frequency * 0.8F;
    // "a NOT NEAR (b OR c)" holds b and c apart, so that no alternative hides another.
    if (right.kind == NodeKind::kOr) {
      const auto alternatives = set_->children_of(right);
      const Children flat(alternatives.begin(), alternatives.end());
      children.resize(1);
      children.insert(children.end(), flat.begin(), flat.end());
    }
  } else {
    result.frequency = std::min(left.frequency, right.frequency) * 0.2F;
    if (kind != NodeKind::kOrderedNear) std::sort(children.begin(), children.end());
  }
  return intern(result, children);
}

Compiler::Result Compiler::times(const QueryTree& tree, const QueryNode& node,
                                 const ProfileText& text, const Context& context) {
  Result child = expression(tree, node.children[0], text, context);
  if (child) child = with_position(*child);
  if (!child) return child;
  if (!set_->nodes[*child].positional) {
    return fail(text, tree.nodes[node.children[0]].begin, "this has no occurrences to count",
                "times/n takes words, phrases, lists, mentions:, proximity, and AND, OR, at least "
                "n of them");
  }
  // Parts of a conjunction may hold in different fields, where they have no place together.
  if (node.number == 1 && !set_->nodes[*child].window) return child;
  Node result;
  result.kind = NodeKind::kTimes;
  result.positional = true;
  result.number = node.number;
  result.frequency = set_->nodes[*child].frequency * 0.5F;
  const std::array<std::uint32_t, 1> children = {*child};
  return intern(result, children);
}

Compiler::Result Compiler::at_least(const QueryTree& tree, const QueryNode& node,
                                    const ProfileText& text, const Context& context) {
  const auto compiled = expressions(tree, node, text, context);
  if (!compiled) return std::unexpected(Failure{});
  Children children = *compiled;
  std::sort(children.begin(), children.end());
  if (node.number == 1) return disjunction(children);
  if (node.number == children.size()) return conjunction(children);
  Node result;
  result.kind = NodeKind::kAtLeast;
  result.number = node.number;
  result.positional = true;
  result.frequency = 0;
  for (const std::uint32_t child : children) {
    result.positional = result.positional && set_->nodes[child].positional;
    result.frequency += set_->nodes[child].frequency;
  }
  result.frequency = std::min(result.frequency, 1.0F) * 0.3F;
  return intern(result, children);
}

Compiler::Result Compiler::reference(const QueryNode& node, const ProfileText& text,
                                     const Context& context) {
  // "name", or "name.language" of a list.
  const std::string_view name = node.text;
  const std::string_view stem = name.substr(0, name.find('.'));
  const std::string_view language =
      stem.size() == name.size() ? std::string_view() : name.substr(stem.size() + 1);
  const auto expression_at =
      std::find_if(source_->expressions.begin(), source_->expressions.end(),
                   [&](const ProfileExpression& entry) { return entry.name == name; });
  const auto list_at =
      std::find_if(source_->term_lists.begin(), source_->term_lists.end(),
                   [&](const ProfileTermList& entry) { return entry.name == stem; });
  const bool is_expression = expression_at != source_->expressions.end();
  if (!is_expression && list_at == source_->term_lists.end()) {
    std::vector<std::string_view> known;
    for (const ProfileExpression& entry : source_->expressions) known.push_back(entry.name);
    for (const ProfileTermList& entry : source_->term_lists) known.push_back(entry.name);
    const std::string close(closest_name(name, known));
    return fail(
        text, node.begin, "there is no expression or list named $" + std::string(name),
        close.empty() ? "define it in [expressions] or [terms]" : "did you mean $" + close + "?");
  }
  if (std::find(open_.begin(), open_.end(), name) != open_.end()) {
    return fail(text, node.begin, "$" + std::string(name) + " is made from itself",
                "break the circle");
  }
  used_.insert(std::string(is_expression ? name : stem));
  std::string key(name);
  append_bytes(key, context.zones);
  append_bytes(key, context.zoned);
  append_bytes(key, context.first_words);
  if (const auto done = expanded_.find(key); done != expanded_.end()) return done->second;
  open_.push_back(name);
  const std::string_view outer = origin_;
  const std::string& file = is_expression ? expression_at->origin : list_at->origin;
  origin_ = file.empty() ? source_->origin : file;
  const Result result =
      is_expression ? query(expression_at->query, context) : list(*list_at, language, context);
  origin_ = outer;
  open_.pop_back();
  if (result) {
    expanded_.emplace(std::move(key), *result);
    const bool has_languages = !is_expression && language.empty();
    names_.push_back({.node = *result,
                      .name = keep("$" + std::string(name)),
                      .languages = has_languages ? keep_languages(*list_at) : TextRange()});
  }
  return result;
}

// Without a language a term may be of any, so that nothing can be said of the list.
TextRange Compiler::keep_languages(const ProfileTermList& list) {
  std::set<std::string_view> languages;
  for (const ProfileTerm& term : list.terms) {
    if (term.listed.empty()) return {};
    languages.insert(same_language(term.listed));
  }
  std::string text = " ";
  for (const std::string_view language : languages) text += std::string(language) + " ";
  return keep(text);
}

Compiler::Result Compiler::list(const ProfileTermList& list, std::string_view language,
                                const Context& context) {
  const ProfileText place{"", list.line, list.column};
  if (list.terms.empty()) {
    return fail(place, 0, "the list $" + list.name + " is empty", "give it at least one term");
  }
  if (list.terms.size() > kListTermMax) {
    return fail(place, 0, "the list $" + list.name + " is too long", "at most 50000 terms");
  }
  Children children;
  std::vector<float> weights;
  bool failed = false;
  for (const ProfileTerm& entry : list.terms) {
    if (!language.empty() && entry.listed != language && entry.language != language) continue;
    std::string_view words = entry.text.text;
    const bool exact = words.starts_with('=');
    if (exact) words.remove_prefix(1);
    // Asked for by its language, a term counts in any article.
    const std::string_view only = language.empty() ? std::string_view(entry.language) : "";
    const Result child = term(words, exact, {entry.text, 0, only}, context);
    failed = failed || !child;
    if (!child) continue;
    children.push_back(*child);
    weights.push_back(entry.weight);
  }
  if (failed) return std::unexpected(Failure{});
  if (children.empty()) {
    return fail(place, 0, "the list $" + list.name + " has no terms of that language",
                "name another language");
  }
  return list.weighted ? weighted(list, children, weights) : disjunction(children);
}

Compiler::Result Compiler::weighted(const ProfileTermList& list, const Children& children,
                                    const std::vector<float>& weights) {
  const ProfileText place{"", list.line, list.column};
  if (!(list.threshold > 0) || list.occurrence_max == 0) {
    return fail(place, 0, "threshold and occurrence_max of $" + list.name + " must be above 0",
                "threshold = 5");
  }
  float reachable = 0;
  Node node;
  node.kind = NodeKind::kWeighted;
  node.frequency = 0;
  std::uint64_t hash = hash_bytes(list.name);
  for (std::size_t i = 0; i < children.size(); ++i) {
    hash = hash_combine(hash, std::bit_cast<std::uint32_t>(weights[i]));
    if (weights[i] <= 0) continue;
    reachable += weights[i] * static_cast<float>(list.occurrence_max);
    node.frequency += set_->nodes[children[i]].frequency;
  }
  if (!reaches(reachable, list.threshold)) {
    return fail(place, 0, "the terms of $" + list.name + " cannot reach its threshold",
                "compare the weights with the threshold");
  }
  node.frequency = std::min(node.frequency, 1.0F) * 0.3F;
  const std::size_t before = set_->nodes.size();
  node.payload = static_cast<std::uint32_t>(set_->weighted.size());
  const Result result = intern(node, children, hash, [&](const Node& other) {
    return same_list(set_->weighted[other.payload], list, weights);
  });
  if (set_->nodes.size() > before) {
    set_->weighted.push_back({list.threshold, list.occurrence_max,
                              static_cast<std::uint32_t>(set_->weights.size()), kNone,
                              may_overlap(list), keep("$" + list.name)});
    set_->weights.insert(set_->weights.end(), weights.begin(), weights.end());
  }
  return result;
}

bool Compiler::same_list(const WeightedList& a, const ProfileTermList& b,
                         std::span<const float> weights) const {
  return a.threshold == b.threshold && a.occurrence_max == b.occurrence_max &&
         set_->text(a.name).substr(1) == b.name &&
         std::equal(weights.begin(), weights.end(),
                    set_->weights.begin() + static_cast<std::ptrdiff_t>(a.weights));
}

}  // namespace wirewatch::profile_internal
