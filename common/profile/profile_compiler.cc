#include "common/profile/profile_compiler.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>
#include <utility>

#include "common/base/closest_name.h"
#include "common/base/hash.h"
#include "common/profile/code_point.h"
#include "common/text/article_text.h"

namespace wirewatch::profile_internal {

namespace {

constexpr std::uint8_t kNodeDepthMax = 200;
constexpr std::size_t kListTermMax = 50'000;
constexpr std::size_t kTermBytesMax = 512;

bool is_word_byte(char c) {
  return static_cast<unsigned char>(c) >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

std::string folded(std::string_view text) {
  std::string out;
  fold(text, out);
  return out;
}

bool has_word(std::string_view folded_text) {
  return std::any_of(folded_text.begin(), folded_text.end(), is_word_byte);
}

template <typename Value>
void append_bytes(std::string& key, const Value& value) {
  std::array<char, sizeof(Value)> bytes{};
  std::memcpy(bytes.data(), &value, sizeof(Value));
  key.append(bytes.data(), bytes.size());
}

// Scripts whose words are single characters to the analyzer: a wildcard beside them is idle.
bool is_unspaced(std::uint32_t code) {
  return (code >= 0x0E00 && code <= 0x0EFF) || (code >= 0x1000 && code <= 0x109F) ||
         (code >= 0x1780 && code <= 0x17FF) || (code >= 0x3040 && code <= 0x309F) ||
         (code >= 0x2E80 && code <= 0x2FDF) || (code >= 0x3400 && code <= 0x9FFF) ||
         (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
         (code >= 0x20000 && code <= 0x3FFFF);
}
bool is_hangul(std::uint32_t code) {
  return code >= 0xAC00 && code <= 0xD7A3;
}

// Code points of UTF-8 text; other bytes come out as themselves.
std::vector<std::uint32_t> code_points(std::string_view text) {
  std::vector<std::uint32_t> out;
  for (std::size_t at = 0; at < text.size();) {
    out.push_back(next_code_point(text, at));
  }
  return out;
}

// The wildcards of one blank-separated word: none, a plain ending "korea*", or more.
enum class Wildness : std::uint8_t { kNone, kPrefix, kPattern, kUnspaced, kHangulEnding };

Wildness wildness(std::string_view word) {
  const std::size_t first = word.find_first_of("*?%");
  if (first == std::string_view::npos) return Wildness::kNone;
  const std::vector<std::uint32_t> codes = code_points(word);
  if (std::any_of(codes.begin(), codes.end(), is_unspaced)) {
    const bool ending = word[0] == '*' && codes.size() > 1 && is_hangul(codes[1]);
    return ending ? Wildness::kHangulEnding : Wildness::kUnspaced;
  }
  return first + 1 == word.size() && word[first] == '*' ? Wildness::kPrefix : Wildness::kPattern;
}

// "5%" is text: a percent sign is a wildcard only beside a letter.
std::string without_percent_signs(std::string_view word) {
  std::string out;
  for (std::size_t at = 0; at < word.size(); ++at) {
    const bool of_number = word[at] == '%' && at > 0 && word[at - 1] >= '0' && word[at - 1] <= '9';
    if (!of_number) out.push_back(word[at]);
  }
  return out;
}

std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < text.size();) {
    while (at < text.size() && is_space(text[at])) ++at;
    const std::size_t begin = at;
    while (at < text.size() && !is_space(text[at])) ++at;
    if (at > begin) words.push_back(text.substr(begin, at - begin));
  }
  return words;
}

// A zone makes a term rarer.
float zone_share(std::uint8_t zones) {
  if ((zones & kZoneBody) != 0) return 1.0F;
  return (zones & kZoneLede) != 0 ? 0.4F : 0.2F;
}

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

bool is_plain_name(std::string_view name, std::string_view extra) {
  constexpr std::size_t kNameMax = 200;
  return !name.empty() && name.size() <= kNameMax &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                  extra.find(c) != std::string_view::npos;
         });
}

}  // namespace

Compiler::Compiler(const WordFrequencies* frequencies)
    : frequencies_(frequencies), set_(std::make_unique<ProfileSet::Compiled>()) {
  set_->names.begins = {0};
}

std::expected<std::shared_ptr<const ProfileSet::Compiled>, std::vector<ProfileError>>
Compiler::compile(std::span<const ProfileSource* const> sources, std::vector<Profile>& profiles) {
  profiles_ = &profiles;
  for (const ProfileSource* source : sources) {
    compile_profile(*source);
    if (errors_.size() >= ProfileSet::kErrorMax) break;
  }
  if (!errors_.empty()) return std::unexpected(std::move(errors_));
  set_->lexicon = lexicon_.build();
  // Patterns are features after the phrases, whose number is only known now.
  for (Term& term : set_->terms) {
    if (term.pattern) term.feature += set_->phrase_count;
  }
  set_->pattern_index = PatternIndex(set_->patterns);
  build_presearch(*set_);
  // They grow by doubling, and live long.
  const auto shrink = [](auto&... tables) { (tables.shrink_to_fit(), ...); };
  shrink(set_->nodes, set_->children, set_->terms, set_->predicates, set_->weights, set_->roots,
         set_->names.values, set_->names.begins, set_->texts);
  return std::shared_ptr<const ProfileSet::Compiled>(std::move(set_));
}

std::unexpected<Compiler::Failure> Compiler::fail(const ProfileText& where, std::size_t offset,
                                                  std::string message, const std::string& cure) {
  if (errors_.size() >= ProfileSet::kErrorMax) return std::unexpected(Failure{});
  ProfileError error{std::string(origin_), where.line, where.column, std::move(message)};
  if (!cure.empty()) error.message += "; " + cure;
  if (where.line > 0) {
    for (const char c : std::string_view(where.text).substr(0, offset)) {
      if (c == '\n') {
        ++error.line;
        error.column = 1;
      } else if (!is_continuation(c)) {
        ++error.column;
      }
    }
  }
  // What profiles share is at fault for each of them, and told once.
  const bool told = std::any_of(errors_.begin(), errors_.end(), [&](const ProfileError& other) {
    return other.origin == error.origin && other.line == error.line &&
           other.column == error.column && other.message == error.message;
  });
  if (!told) errors_.push_back(std::move(error));
  return std::unexpected(Failure{});
}

TextRange Compiler::keep(std::string_view text) {
  const auto [index, added] =
      texts_.find_or_add(hash_bytes(text), kept_.size(),
                         [&](std::uint32_t other) { return set_->text(kept_[other]) == text; });
  if (added) {
    kept_.push_back(
        {static_cast<std::uint32_t>(set_->texts.size()), static_cast<std::uint32_t>(text.size())});
    set_->texts += text;
  }
  return kept_[index];
}

std::uint32_t Compiler::language_index(std::string_view language) {
  const auto next = static_cast<std::uint32_t>(set_->languages.size());
  const auto [where, inserted] = languages_.try_emplace(std::string(language), next);
  if (inserted) set_->languages.emplace_back(language);
  return where->second;
}

void Compiler::know_phrase(PhraseId id) {
  set_->phrase_count = std::max(set_->phrase_count, id.value() + 1);
}

// ---- Profiles ----

// False when another profile has it.
bool Compiler::know_id(std::string_view id) {
  const bool added = ids_.find_or_add(hash_bytes(id), id_names_.size(),
                                      [&](std::uint32_t other) { return id_names_[other] == id; })
                         .second;
  if (added) id_names_.push_back(id);
  return added;
}

void Compiler::check_header(const ProfileSource& source) {
  const ProfileText top{"", source.line, 1};
  if (!is_plain_name(source.id, "")) {
    fail(top, 0, "the id '" + source.id + "' is not usable",
         "lower-case letters, digits and hyphens, e.g. north-korea");
  } else if (!know_id(source.id)) {
    fail(top, 0, "the id '" + source.id + "' is taken by another profile",
         "give every beat its own id");
  }
  if (source.title.empty()) fail(top, 0, "the title is missing", "title = \"North Korea\"");
  if (!source.destination.empty() &&
      !is_plain_name(source.destination, "._ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
    fail(top, 0, "the destination '" + source.destination + "' is no Kafka topic name",
         "letters, digits, '.', '_' and '-'");
  }
  if (!(source.threshold >= 0)) {
    fail(top, 0, "the threshold must be 0 or more", "2 leaves out a passing mention");
  }
}

void Compiler::compile_profile(const ProfileSource& source) {
  source_ = &source;
  origin_ = source.origin;
  expanded_.clear();
  used_.clear();
  open_.clear();
  names_.clear();
  const std::size_t errors_before = errors_.size();
  check_header(source);
  exclusion_ = exclusion_set(source);
  const Result root = query(source.query, {});
  const std::uint32_t names = keep_names();
  compile_unused_names(source);
  if (!root || errors_.size() > errors_before) return;
  profiles_->push_back({.id = source.id,
                        .title = source.title,
                        .destination = source.destination,
                        .threshold = source.threshold,
                        .version = hex(version_of(source)),
                        .cooldown_s = source.cooldown_s,
                        .level = source.level});
  // The score is that of a weighted list which the query is or requires.
  Children required = {*root};
  if (set_->nodes[*root].kind == NodeKind::kAnd) {
    const auto children = set_->children_of(set_->nodes[*root]);
    required.assign(children.begin(), children.end());
  }
  const auto list = std::find_if(required.begin(), required.end(), [this](std::uint32_t child) {
    return set_->nodes[child].kind == NodeKind::kWeighted;
  });
  set_->roots.push_back({*root, list == required.end() ? kNone : *list,
                         static_cast<float>(source.threshold), names, kNone});
}

// The row of the names that the query has used, kNone without any: what stands for more first, of
// equals the one that was complete later.
std::uint32_t Compiler::keep_names() {
  if (names_.empty()) return kNone;
  std::reverse(names_.begin(), names_.end());
  std::stable_sort(names_.begin(), names_.end(), [this](const NamedNode& a, const NamedNode& b) {
    return set_->nodes[a.node].child_count > set_->nodes[b.node].child_count;
  });
  set_->names.values.insert(set_->names.values.end(), names_.begin(), names_.end());
  set_->names.begins.push_back(static_cast<std::uint32_t>(set_->names.values.size()));
  return static_cast<std::uint32_t>(set_->names.begins.size() - 2);
}

// Names that the query does not use are compiled too, so that a typing error in them is seen today
// and not when somebody begins to use them.
void Compiler::compile_unused_names(const ProfileSource& source) {
  const std::set<std::string, std::less<>> used = used_;
  for (const ProfileExpression& expression : source.expressions) {
    if (expression.shared || used.contains(expression.name)) continue;
    QueryNode node;
    node.op = QueryOp::kReference;
    node.text = expression.name;
    static_cast<void>(reference(node, expression.query, {}));
  }
  used_ = used;
}

std::uint32_t Compiler::exclusion_set(const ProfileSource& source) {
  std::vector<std::uint32_t> features;
  for (const ProfileText& exclusion : source.exclude) {
    const std::optional<PhraseId> id = lexicon_.add(exclusion.text);
    if (!id) {
      fail(exclusion, 0, "this exclusion has nothing to search for",
           "write a phrase, e.g. \"Korea House\"");
      continue;
    }
    know_phrase(*id);
    features.push_back(id->value());
  }
  if (features.empty()) return kNone;
  std::sort(features.begin(), features.end());
  features.erase(std::unique(features.begin(), features.end()), features.end());
  const auto next = static_cast<std::uint32_t>(set_->exclusions.size());
  const auto [where, inserted] = exclusion_ids_.try_emplace(features, next);
  if (inserted) set_->exclusions.push_back(std::move(features));
  return where->second;
}

std::uint64_t Compiler::version_of(const ProfileSource& source) const {
  std::string content;
  const auto add = [&content](std::string_view part) {
    append_bytes(content, part.size());
    content += part;
  };
  add(source.id);
  add(source.title);
  add(source.destination);
  add(to_string(source.level));
  append_bytes(content, source.cooldown_s);
  append_bytes(content, source.threshold);
  add(source.query.text);
  for (const ProfileText& exclusion : source.exclude) add(exclusion.text);
  for (const ProfileExpression& expression : source.expressions) {
    if (!used_.contains(expression.name)) continue;
    add(expression.name);
    add(expression.query.text);
  }
  for (const ProfileTermList& terms : source.term_lists) {
    if (!used_.contains(terms.name)) continue;
    add(terms.name);
    append_bytes(content, terms.threshold);
    append_bytes(content, terms.occurrence_max);
    append_bytes(content, terms.weighted);
    for (const ProfileTerm& term : terms.terms) {
      add(term.text.text);
      add(term.language);
      append_bytes(content, term.weight);
    }
  }
  return hash_bytes(content);
}

// ---- Expressions ----

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
    names_.push_back({*result, keep("$" + std::string(name))});
  }
  return result;
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
    if (!language.empty() && entry.language != language) continue;
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
  if (reachable < list.threshold) {
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

// ---- Leaves ----

// Most terms are plain; a phrase with wildcards inside its words becomes a chain of neighbours.
Compiler::Result Compiler::term(std::string_view words, bool exact, const Place& place,
                                const Context& context) {
  if (words.size() > kTermBytesMax) {
    return fail(place.text, place.offset, "the term is too long", "at most 512 bytes");
  }
  Children parts;
  std::string plain;
  bool failed = false;
  const auto keep_part = [&](const Result& part) {
    failed = failed || !part;
    if (part) parts.push_back(*part);
  };
  const auto flush = [&] {
    if (!plain.empty()) keep_part(phrase(plain, exact, place, context));
    plain.clear();
  };
  for (const std::string_view raw : split_words(words)) {
    std::string word = without_percent_signs(raw);
    const Wildness wild =
        exact && raw.find('*') == std::string_view::npos ? Wildness::kNone : wildness(word);
    if (exact && wild != Wildness::kNone) {
      return fail(place.text, place.offset, "a term taken letter for letter has no wildcards",
                  "remove '=' or the wildcard");
    }
    if (raw.size() < words.size() && raw.find_first_not_of("*?%") == std::string_view::npos) {
      return fail(place.text, place.offset, "'" + std::string(raw) + "' stands for no word",
                  "a wildcard stands with letters; for any word between write "
                  "\"minister\" ONEAR/1 \"on monday\"");
    }
    if (wild == Wildness::kHangulEnding) {
      return fail(place.text, place.offset, "Hangul terms begin at the beginning of a word",
                  "remove the '*' before the word and list the compounds");
    }
    if (wild == Wildness::kPattern) {
      flush();
      auto compiled = WordPattern::from_wildcard(word);
      if (!compiled) {
        return fail(place.text, place.offset, compiled.error().message, compiled.error().cure);
      }
      keep_part(pattern(std::move(*compiled), word, place, context));
      continue;
    }
    if (wild == Wildness::kUnspaced) {
      // 朝鲜* finds what 朝鲜 finds: terms of unspaced scripts match inside a run anyway.
      const std::size_t first = word.find_first_not_of("*?%");
      const std::size_t last = word.find_last_not_of("*?%");
      word = word.substr(first, last - first + 1);
      if (word.find_first_of("*?%") != std::string::npos) {
        return fail(place.text, place.offset, "no wildcard inside words of this script",
                    "join the parts with ONEAR/1");
      }
    }
    plain += (plain.empty() ? "" : " ") + word;
  }
  flush();
  if (failed) return std::unexpected(Failure{});
  if (parts.empty()) {
    return fail(place.text, place.offset, "there is nothing to search for",
                "a term has at least one letter or digit");
  }
  return neighbours(parts);
}

Compiler::Result Compiler::neighbours(const Children& parts) {
  std::uint32_t chain = parts[0];
  for (std::size_t i = 1; i < parts.size(); ++i) {
    Node node;
    node.kind = NodeKind::kOrderedNear;
    node.positional = true;
    node.frequency = std::min(set_->nodes[chain].frequency, set_->nodes[parts[i]].frequency) * 0.2F;
    const std::array<std::uint32_t, 2> children = {chain, parts[i]};
    const Result next = intern(node, children);
    if (!next) return next;
    chain = *next;
  }
  return chain;
}

std::expected<Compiler::KnownPhrase, Compiler::Failure> Compiler::known_phrase(
    std::string_view words, const Place& place) {
  const auto is_same = [&](std::uint32_t other) {
    return set_->text(phrases_[other].text) == words;
  };
  const std::uint64_t hash = hash_bytes(words);
  if (const auto known = phrase_ids_.find(hash, is_same)) return phrases_[*known];
  const std::string folded_words = folded(words);
  if (!has_word(folded_words)) {
    return fail(place.text, place.offset, "there is nothing to search for",
                "a term has at least one letter or digit");
  }
  const std::optional<PhraseId> id = lexicon_.add(words);
  if (!id) {
    if (words.find('*') != std::string_view::npos) {
      return fail(place.text, place.offset, "too few letters before '*'",
                  "at least two letters, and at most 60 bytes");
    }
    return fail(place.text, place.offset, "the phrase has too many words",
                "at most 40; join two phrases with ONEAR/0");
  }
  know_phrase(*id);
  phrase_ids_.find_or_add(hash, phrases_.size(), is_same);
  phrases_.push_back({keep(words), id->value(), estimate_frequency(folded_words, frequencies_)});
  return phrases_.back();
}

Compiler::Result Compiler::phrase(std::string_view words, bool exact, const Place& place,
                                  const Context& context) {
  const auto known = known_phrase(words, place);
  if (!known) return std::unexpected(Failure{});
  Term leaf;
  leaf.feature = known->feature;
  leaf.exact = exact;
  std::string shown(words);
  if (exact) {
    // Compared with the source of a hit, which begins and ends with a letter or digit.
    ArticleText text;
    TextAnalyzer().analyze(words, "", text);
    if (text.token_count() > 0) shown = text.source(text.source_span(0, text.token_count()));
  }
  const float frequency = known->frequency * (exact ? 0.5F : 1.0F);
  return leaf_term(leaf, shown, place.language, frequency, context);
}

// Alternatives at the top of an expression are patterns of their own, so that each is found by its
// own letters.
Compiler::Result Compiler::regex(const QueryNode& node, const ProfileText& text,
                                 const Context& context) {
  const std::string_view whole = node.text;
  Children children;
  std::size_t begin = 0;
  int depth = 0;
  for (std::size_t at = 0; at <= whole.size(); ++at) {
    const bool end = at == whole.size();
    if (!end && (whole[at] == '(' || whole[at] == '[')) ++depth;
    if (!end && (whole[at] == ')' || whole[at] == ']')) --depth;
    if (!end && (whole[at] != '|' || depth != 0)) continue;
    const std::string_view part = whole.substr(begin, at - begin);
    const std::size_t offset = node.begin + 1 + begin;
    auto compiled = WordPattern::from_regex(part);
    if (!compiled) {
      return fail(text, offset + compiled.error().offset, compiled.error().message,
                  compiled.error().cure);
    }
    const std::string shown = "/" + std::string(part) + "/";
    const Result child = pattern(std::move(*compiled), shown, {text, offset, {}}, context);
    if (!child) return child;
    children.push_back(*child);
    begin = at + 1;
  }
  return disjunction(children);
}

Compiler::Result Compiler::pattern(WordPattern compiled, std::string_view shown, const Place& place,
                                   const Context& context) {
  if (!PatternIndex::can_file(compiled)) {
    return fail(place.text, place.offset, "this pattern would have to be tried on every word",
                "it needs two letters at its beginning or three letters in a row that every match "
                "has");
  }
  // As rare as a word with an ending left open that has the longest of its runs of letters.
  const float frequency = estimate_frequency(compiled.run() + "*", frequencies_);
  const auto next = static_cast<std::uint32_t>(set_->patterns.size());
  const auto [known, inserted] = pattern_ids_.try_emplace(std::string(shown), next);
  if (inserted) {
    set_->patterns.push_back(std::move(compiled));
    set_->patterns_hash = hash_bytes(shown, set_->patterns_hash + 1);
  }
  Term leaf;
  leaf.pattern = true;
  leaf.feature = known->second;
  return leaf_term(leaf, shown, place.language, frequency, context);
}

Compiler::Result Compiler::leaf_term(Term term, std::string_view shown, std::string_view language,
                                     float frequency, const Context& context) {
  term.zones = context.zones;
  term.first_words = context.first_words;
  term.exclusion = exclusion_;
  if (!language.empty()) term.language = language_index(language);
  Node node;
  node.kind = NodeKind::kTerm;
  node.positional = true;
  node.payload = static_cast<std::uint32_t>(set_->terms.size());
  node.frequency = frequency * zone_share(term.zones);
  const std::size_t before = set_->nodes.size();
  const std::uint64_t marks = std::uint64_t{term.feature} << 32 | std::uint64_t{term.zones} << 8 |
                              (term.pattern ? 2U : 0U) | (term.exact ? 1U : 0U);
  const std::uint64_t around = std::uint64_t{term.exclusion} << 32 | term.language;
  const std::uint64_t hash = hash_combine(hash_combine(marks, around), term.first_words);
  const Result result = intern(node, {}, hash, [&](const Node& other) {
    return same_term(set_->terms[other.payload], term, shown);
  });
  if (set_->nodes.size() > before) {
    term.text = keep(shown);
    set_->terms.push_back(term);
  }
  return result;
}

bool Compiler::same_term(const Term& a, const Term& b, std::string_view shown) const {
  return a.feature == b.feature && a.zones == b.zones && a.exact == b.exact &&
         a.pattern == b.pattern && a.first_words == b.first_words && a.exclusion == b.exclusion &&
         a.language == b.language && (!a.exact || set_->text(a.text) == shown);
}

// Fills in what a predicate asks for, by its kind: `value` becomes its normal form.
std::expected<Node, Compiler::Failure> Compiler::resolve(const QueryNode& query_node,
                                                         const ProfileText& text,
                                                         std::string& value, Predicate& made) {
  const auto wrong = [&](std::string message, const std::string& cure) {
    return fail(text, query_node.begin, std::move(message), cure);
  };
  Node node;
  node.frequency = 0.1F;
  switch (query_node.predicate) {
    case PredicateKind::kRegion:
    case PredicateKind::kMentions: {
      const auto set = resolve_region(value);
      if (!set) return wrong("unknown region '" + value + "'", set.error());
      const bool mentions = query_node.predicate == PredicateKind::kMentions;
      node.kind = mentions ? NodeKind::kMentions : NodeKind::kRegion;
      node.positional = mentions;
      const float share = std::min(0.02F * static_cast<float>(set->count()), 0.45F);
      node.frequency = mentions ? share * 2 : share;
      made.number = country_set(*set);
      break;
    }
    case PredicateKind::kTopic: {
      const auto id = resolve_topic(value);
      if (!id) return wrong("unknown topic '" + value + "'", id.error());
      node.kind = NodeKind::kTopic;
      made.number = *id;
      break;
    }
    case PredicateKind::kLabel:
      node.kind = NodeKind::kLabel;
      break;
    case PredicateKind::kLanguage:
      node.kind = NodeKind::kLanguage;
      for (char& c : value) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      if (value.size() < 2 || value.size() > 3 ||
          value.find_first_not_of("abcdefghijklmnopqrstuvwxyz") != std::string::npos) {
        return wrong("'" + query_node.text + "' is no language",
                     "use a primary subtag of BCP 47: en, ko, pt, zh");
      }
      node.frequency = value == "en" ? 0.5F : 0.1F;
      break;
    case PredicateKind::kSource:
      node.kind = NodeKind::kSource;
      value = folded(value);
      if (!has_word(value)) return wrong("the source has no letters", "source:\"Yonhap\"");
      break;
    case PredicateKind::kUrgency:
      node.kind = NodeKind::kUrgency;
      node.frequency = 0.3F;
      break;
    case PredicateKind::kSignal: {
      const auto signal = resolve_signal(value);
      if (!signal) {
        return wrong("unknown signal '" + value + "'",
                     "none, update, correction, refile, repeat or kill");
      }
      node.kind = NodeKind::kSignal;
      made.number = static_cast<std::uint32_t>(*signal);
      break;
    }
    case PredicateKind::kGenre:
      node.kind = NodeKind::kGenre;
      break;
  }
  return node;
}

std::uint32_t Compiler::country_set(const CountrySet& set) {
  const auto next = static_cast<std::uint32_t>(set_->country_sets.size());
  const auto [known, inserted] = country_set_ids_.try_emplace(set.to_string(), next);
  if (inserted) set_->country_sets.push_back(set);
  return known->second;
}

Compiler::Result Compiler::predicate(const QueryNode& query_node, const ProfileText& text,
                                     const Context& context) {
  const bool mentions = query_node.predicate == PredicateKind::kMentions;
  if (context.zoned && !mentions) {
    return fail(text, query_node.begin, "zones apply to words and mentions:, not to this",
                "write it outside the zone, or mentions:KP for places named there");
  }
  Predicate made;
  made.comparison = query_node.comparison;
  made.value = query_node.value;
  std::string value = query_node.text;
  auto node = resolve(query_node, text, value, made);
  if (!node) return std::unexpected(Failure{});
  if (mentions || node->kind == NodeKind::kRegion) made.zones = context.zones;
  // Kinds whose number does not say all have it in their text.
  const bool named = node->kind == NodeKind::kLabel || node->kind == NodeKind::kLanguage ||
                     node->kind == NodeKind::kSource || node->kind == NodeKind::kGenre;
  std::uint64_t hash = named ? hash_bytes(value) : made.number;
  hash = hash_combine(hash, std::bit_cast<std::uint32_t>(made.value));
  hash = hash_combine(hash,
                      std::uint64_t{made.zones} << 8 | static_cast<std::uint64_t>(made.comparison));
  node->payload = static_cast<std::uint32_t>(set_->predicates.size());
  const std::size_t before = set_->nodes.size();
  const Result result = intern(*node, {}, hash, [&](const Node& other) {
    const Predicate& known = set_->predicates[other.payload];
    return known.zones == made.zones && known.comparison == made.comparison &&
           known.value == made.value && known.number == made.number &&
           (!named || set_->text(known.text) == value);
  });
  if (set_->nodes.size() > before) {
    std::string_view shown(text.text);
    shown = shown.substr(query_node.begin, query_node.end - query_node.begin);
    made.text = keep(value);
    made.shown = keep(shown);
    set_->predicates.push_back(made);
  }
  return result;
}

Compiler::Result Compiler::intern(Node node, std::span<const std::uint32_t> children) {
  return intern(node, children, 0, [](const Node&) { return true; });
}

// Whether positions of such a node span what lies between its parts.
bool Compiler::is_window(const Node& node, std::span<const std::uint32_t> children) const {
  const auto child_is = [this](std::uint32_t child) { return set_->nodes[child].window; };
  if (node.kind == NodeKind::kOr || node.kind == NodeKind::kAtLeast) {
    return std::any_of(children.begin(), children.end(), child_is);
  }
  if (node.kind == NodeKind::kTimes || is_apart(node.kind)) return child_is(children[0]);
  return node.kind == NodeKind::kAnd || is_together(node.kind);
}

template <typename Same>
Compiler::Result Compiler::intern(Node node, std::span<const std::uint32_t> children,
                                  std::uint64_t hash, const Same& same) {
  std::vector<Node>& nodes = set_->nodes;
  hash =
      hash_combine(hash, std::uint64_t{node.number} << 8 | static_cast<std::uint64_t>(node.kind));
  unsigned depth = 1;
  for (const std::uint32_t child : children) {
    hash = hash_combine(hash, child);
    depth = std::max(depth, nodes[child].depth + 1U);
  }
  if (depth > kNodeDepthMax) {
    return fail(source_->query, 0, "expressions are nested too deeply",
                "at most 200 levels with all names expanded");
  }
  const auto [index, added] =
      interned_.find_or_add(hash, nodes.size(), [&](std::uint32_t candidate) {
        const Node& other = nodes[candidate];
        return other.kind == node.kind && other.number == node.number &&
               std::ranges::equal(set_->children_of(other), children) && same(other);
      });
  if (!added) return index;
  if (!children.empty() && node.kind != NodeKind::kWeighted) {
    TextRange& known = node.number == 0 ? set_->plain_operators[static_cast<std::size_t>(node.kind)]
                                        : set_->operators[{node.kind, node.number}];
    if (known.size == 0) known = keep(operator_text(node));
  }
  node.depth = static_cast<std::uint8_t>(depth);
  node.window = is_window(node, children);
  node.children = static_cast<std::uint32_t>(set_->children.size());
  node.child_count = static_cast<std::uint32_t>(children.size());
  set_->children.insert(set_->children.end(), children.begin(), children.end());
  nodes.push_back(node);
  return index;
}

}  // namespace wirewatch::profile_internal
