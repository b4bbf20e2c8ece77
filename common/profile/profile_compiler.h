// Turns profiles into the graph of profile_tables.h. See README.md, "How it scales".
//
// Internal to common/profile.

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <expected>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/hash.h"
#include "common/base/index_table.h"
#include "common/profile/profile_tables.h"
#include "common/profile/word_frequencies.h"
#include "common/text/article_text.h"

namespace wirewatch::profile_internal {

class Compiler {
 public:
  // `frequencies` may be null.
  explicit Compiler(const WordFrequencies* frequencies);
  // Appends the outsides of the profiles to `profiles`.
  std::expected<std::shared_ptr<const ProfileSet::Compiled>, std::vector<ProfileError>> compile(
      std::span<const ProfileSource* const> sources, std::vector<Profile>& profiles);

 private:
  static constexpr std::uint8_t kNodeDepthMax = 200;

  // What surrounds an expression and is resolved into its leaves.
  struct Context {
    std::uint8_t zones = kZonesDefault;
    bool zoned = false;
    std::uint32_t first_words = 0;
  };
  // A term's surroundings: its language, and where to point when it is wrong.
  struct Place {
    const ProfileText& text;
    std::size_t offset = 0;
    std::string_view language;
  };
  struct Failure {};  // The error has been recorded.
  using Result = std::expected<std::uint32_t, Failure>;
  using Children = std::vector<std::uint32_t>;

  void compile_profile(const ProfileSource& source);
  bool know_id(std::string_view id);
  void check_header(const ProfileSource& source);
  void compile_unused_names(const ProfileSource& source);
  std::unexpected<Failure> fail(const ProfileText& where, std::size_t offset, std::string message,
                                const std::string& cure);

  Result query(const ProfileText& text, const Context& context);
  Result expression(const QueryTree& tree, std::uint32_t index, const ProfileText& text,
                    const Context& context);
  std::expected<Children, Failure> expressions(const QueryTree& tree, const QueryNode& node,
                                               const ProfileText& text, const Context& context);
  Result reference(const QueryNode& node, const ProfileText& text, const Context& context);
  Result list(const ProfileTermList& list, std::string_view language, const Context& context);
  Result weighted(const ProfileTermList& list, const Children& children,
                  const std::vector<float>& weights);
  Result with_position(std::uint32_t node);
  Result proximity(NodeKind kind, const QueryTree& tree, const QueryNode& node,
                   const ProfileText& text, const Context& context);
  Result zone(const QueryTree& tree, const QueryNode& node, const ProfileText& text,
              Context context);
  Result times(const QueryTree& tree, const QueryNode& node, const ProfileText& text,
               const Context& context);
  Result at_least(const QueryTree& tree, const QueryNode& node, const ProfileText& text,
                  const Context& context);
  Result predicate(const QueryNode& node, const ProfileText& text, const Context& context);
  std::expected<Node, Failure> resolve(const QueryNode& query_node, const ProfileText& text,
                                       std::string& value, Predicate& made);
  std::uint32_t country_set(const CountrySet& set);
  Result term(std::string_view words, bool exact, const Place& place, const Context& context);
  Result phrase(std::string_view words, bool exact, const Place& place, const Context& context);
  Result regex(const QueryNode& node, const ProfileText& text, const Context& context);
  Result pattern(WordPattern compiled, std::string_view shown, const Place& place,
                 const Context& context);
  Result neighbours(const Children& parts, std::string_view words);
  Result conjunction(const Children& children);
  Result disjunction(const Children& children);
  Result negation(std::uint32_t child);
  Result leaf_term(Term term, std::string_view shown, std::string_view language, float frequency,
                   const Context& context);
  // The node equal to `node`, made when there is none yet: `hash` and `same`, asked for a node of
  // the same kind, are of what else must be equal beside number and children.
  template <typename Same>
  Result intern(Node node, std::span<const std::uint32_t> children, std::uint64_t hash,
                const Same& same);
  Result intern(Node node, std::span<const std::uint32_t> children);
  [[nodiscard]] bool is_window(const Node& node, std::span<const std::uint32_t> children) const;
  [[nodiscard]] bool same_term(const Term& a, const Term& b, std::string_view shown) const;
  [[nodiscard]] bool same_list(const WeightedList& a, const ProfileTermList& b,
                               std::span<const float> weights) const;
  Children flatten(NodeKind kind, const Children& children) const;
  std::uint32_t exclusion_set(const ProfileSource& source);
  bool is_plain(const ProfileText& exclusion);
  std::unexpected<Failure> fail_ending(const ProfileText& where, std::size_t offset,
                                       std::string_view word);
  std::uint32_t language_index(std::string_view code);
  void know_phrase(PhraseId id, std::string_view words);
  void add_attached_forms();
  std::uint32_t keep_names();
  TextRange keep(std::string_view text);
  TextRange keep_languages(const ProfileTermList& list);
  std::uint64_t version_of(const ProfileSource& source) const;

  const WordFrequencies* const frequencies_;
  std::unique_ptr<ProfileSet::Compiled> set_;
  LexiconBuilder lexicon_;
  std::vector<std::pair<std::string, PhraseId>> forms_;  // Of phrases, to be added at the end.
  std::vector<ProfileError> errors_;
  std::vector<Profile>* profiles_ = nullptr;

  // Of the whole set.
  IndexTable interned_;  // Nodes.
  IndexTable texts_;     // Of kept_.
  std::vector<TextRange> kept_;
  // What words and phrases are, by what the editor wrote: most stand in many profiles.
  struct KnownPhrase {
    TextRange text;
    std::uint32_t feature = 0;
    float frequency = 0;
  };
  std::expected<KnownPhrase, Failure> known_phrase(std::string_view words, const Place& place);
  IndexTable phrase_ids_;  // Of phrases_.
  std::vector<KnownPhrase> phrases_;
  std::unordered_map<std::string, std::uint32_t> pattern_ids_;  // By what the editor wrote.
  std::map<std::vector<std::uint32_t>, std::uint32_t> exclusion_ids_;
  std::unordered_map<std::string, std::uint32_t> country_set_ids_;
  std::unordered_map<std::string, std::uint32_t> languages_;
  IndexTable ids_;  // Of the profiles that have been looked at.
  std::vector<std::string_view> id_names_;

  // Of the profile being compiled.
  const ProfileSource* source_ = nullptr;
  std::string_view origin_;  // File of what is being compiled: the profile's or a shared one.
  std::uint32_t exclusion_ = kNone;
  std::map<std::string, std::uint32_t> expanded_;  // Name and context → node.
  std::set<std::string, std::less<>> used_;        // Names, for the version.
  std::vector<std::string_view> open_;             // Names being expanded, against circles.
  std::vector<NamedNode> names_;                   // What they stand for.
};

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
               is_phrase(other) == is_phrase(node) &&
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

[[nodiscard]] inline std::string folded(std::string_view text) {
  std::string out;
  fold(text, out);
  return out;
}

// The bytes of a value, to tell keys and versions apart.
template <typename Value>
void append_bytes(std::string& key, const Value& value) {
  std::array<char, sizeof(Value)> bytes{};
  std::memcpy(bytes.data(), &value, sizeof(Value));
  key.append(bytes.data(), bytes.size());
}

// Estimated share of articles that contain a folded word or phrase ("north korea", "missile*").
// `sample` may be null.
[[nodiscard]] float estimate_frequency(std::string_view folded, const WordFrequencies* sample);

// Files every profile under the rarest things that it requires, and the alternatives of wide nodes
// under theirs. The rest of the set is complete by then.
void build_presearch(ProfileSet::Compiled& set);

}  // namespace wirewatch::profile_internal
