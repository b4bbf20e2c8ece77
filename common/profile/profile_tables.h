// The compiled form of all profiles: one graph of shared expressions, and the ways into it.
//
// A node's children have smaller numbers than the node. Equal sub-expressions of all profiles are
// one node. Zones, first/n and exclusions are resolved into the leaves; names are expanded.
//
// Internal to common/profile.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/index_table.h"
#include "common/lexicon/lexicon.h"
#include "common/profile/pattern_index.h"
#include "common/profile/predicate_codes.h"
#include "common/profile/profile.h"
#include "common/profile/query_parser.h"
#include "common/profile/word_frequencies.h"
#include "common/profile/word_pattern.h"

namespace wirewatch::profile_internal {

inline constexpr std::uint32_t kNone = 0xFFFFFFFF;

enum class NodeKind : std::uint8_t {
  kTerm,
  kMentions,
  kRegion,
  kTopic,
  kLabel,
  kLanguage,
  kSource,
  kUrgency,
  kSignal,
  kGenre,
  kAnd,
  kOr,
  kNot,
  kAtLeast,
  kTimes,
  kWeighted,
  kNear,
  kOrderedNear,
  kSentence,
  kParagraph,
  kNotNear,
  kNotSentence,
  kNotParagraph,
  kNotIn,
};
inline constexpr std::size_t kNodeKindCount = static_cast<std::size_t>(NodeKind::kNotIn) + 1;

// NEAR, ONEAR, SENTENCE, PARAGRAPH: two children that must stand together.
[[nodiscard]] inline bool is_together(NodeKind kind) {
  return kind == NodeKind::kNear || kind == NodeKind::kOrderedNear || kind == NodeKind::kSentence ||
         kind == NodeKind::kParagraph;
}
// NOT NEAR, NOT SENTENCE, …: positions of the first child, kept apart from the others.
[[nodiscard]] inline bool is_apart(NodeKind kind) {
  return kind == NodeKind::kNotNear || kind == NodeKind::kNotSentence ||
         kind == NodeKind::kNotParagraph || kind == NodeKind::kNotIn;
}

struct Node {
  NodeKind kind = NodeKind::kTerm;
  bool positional = false;  // Has positions in the text, so that NEAR may take it.
  bool window = false;      // Its positions span what lies between its parts.
  std::uint8_t depth = 1;
  std::uint32_t children = 0;  // Index into Compiled::children …
  std::uint32_t child_count = 0;
  std::uint32_t number = 0;  // Distance, quorum, occurrences.
  // Of terms, predicates (also kMentions) and weighted lists; of kOr and kAtLeast a row of
  // Compiled::wide, or kNone; of kOrderedNear 0, or one more than a place in Compiled::phrases.
  std::uint32_t payload = 0;
  float frequency = 1;  // Estimated share of articles in which it holds.
};

// A phrase with wildcards inside its words: neighbours to find, and one term to everybody else.
[[nodiscard]] inline bool is_phrase(const Node& node) {
  return node.kind == NodeKind::kOrderedNear && node.payload != 0;
}

struct TextRange {
  std::uint32_t begin = 0;
  std::uint32_t size = 0;
};

struct Term {
  std::uint32_t feature = 0;  // Phrase of the lexicon, or phrase count + index of the pattern.
  std::uint8_t zones = kZonesDefault;
  bool exact = false;
  bool pattern = false;             // Found by the pattern index, not through the lexicon.
  std::uint32_t first_words = 0;    // 0: anywhere.
  std::uint32_t exclusion = kNone;  // Index into exclusions.
  std::uint32_t language = kNone;   // Index into languages.
  TextRange text;                   // As the editor wrote it.

  // Nothing but the zone decides whether an occurrence counts.
  [[nodiscard]] bool only_zones() const {
    return !exact && exclusion == kNone && first_words == 0 && language == kNone;
  }
};

struct Predicate {
  std::uint8_t zones = kZonesDefault;  // Of kMentions.
  Comparison comparison = Comparison::kNone;
  float value = 0;
  std::uint32_t number = 0;  // Topic id, Signal, or index into country_sets.
  TextRange text;            // The value; folded words for kSource, lower case for kLanguage.
  TextRange shown;           // As the editor wrote it.
};

struct WeightedList {
  float threshold = 1;
  std::uint32_t occurrence_max = 1;
  std::uint32_t weights = 0;   // Index into Compiled::weights, one per child.
  std::uint32_t wide = kNone;  // Row of Compiled::wide.
  bool overlaps = false;       // A term may stand inside another's place.
  TextRange name;
};

// A name in a profile's query, with '$', and what it stands for there.
struct NamedNode {
  std::uint32_t node = 0;
  TextRange name;
  TextRange languages;  // " en ko ": those of a list's terms, where each has one. Else empty.
  // Of the node, again, and the range of its children: that it is not what is looked for is mostly
  // told by these, and nodes lie far apart.
  std::uint32_t child_count = 0;
  std::uint32_t child_min = kNone;
  std::uint32_t child_max = 0;
  NodeKind kind = NodeKind::kTerm;
};

struct Root {
  std::uint32_t node = 0;
  std::uint32_t weighted = kNone;  // The list whose score the match reports.
  // Of the profile, whose other data a match does not need: of a million they are far apart.
  float threshold = 1;
  std::uint32_t names = kNone;   // Row of Compiled::names.
  std::uint32_t anchor = kNone;  // The leaf under which it is filed, or kManyLeaves + its group.
};
inline constexpr std::uint32_t kManyLeaves = 0x80000000;

// "AND", "NEAR/5", "at least 2 of"; empty for leaves and lists.
[[nodiscard]] std::string operator_text(const Node& node);

// What a leaf of the graph stands for where presearch is concerned; a hit in one of the zones says
// that it is there. A group of profiles that become candidates together is filed under its leaves;
// what its members require beside them, without a group, under the leaves of that.
struct Posting {
  std::uint32_t group = 0;  // kNone: selects none.
  std::uint32_t node = 0;   // The leaf; what is required, of which the leaf is an alternative.
  std::uint8_t zones = 0;   // Of features.
};

// A profile of a group, and the rarest parts of its query without which it cannot match either.
//
// A plain profile asks for one to three terms, of which only the zone decides whether they count:
// that of its group and `required`. So what a member says is all of it, and a match needs no look
// at nodes of its own, which of a million profiles are in no cache.
struct Member {
  static constexpr std::size_t kRequiredMax = 2;
  static constexpr float kNotPlain = -1;

  std::uint32_t profile = 0;
  std::array<std::uint32_t, kRequiredMax> required = {kNone, kNone};  // Nodes.
  float threshold = kNotPlain;  // Of the profile, 0 or more, where it is plain.

  [[nodiscard]] bool is_plain() const { return threshold >= 0; }
};

// Children of a node that has many, by the features without which they cannot hold: those whose
// features follow one another, as they mostly do where the terms of a list are new in it.
struct WideRun {
  std::uint32_t feature = kNone;  // Of the first; kNone: they have to be asked.
  std::uint32_t begin = 0;        // Their positions among the node's children, in wide_positions.
  std::uint32_t count = 0;
};

// Whether weights that were added up reach a threshold. Editors write decimals, of which most have
// no exact float: 0.7 and 0.9 add up to less than 1.6. The slack is far above such errors, and far
// below any difference that an editor would write.
[[nodiscard]] inline bool reaches(float sum, float threshold) {
  constexpr float kSlack = 1.0F / (1 << 20);
  return sum >= threshold - threshold * kSlack;
}

// A phrase of the lexicon that stands for another, of which it is a form: see proclitics.h.
struct AttachedForm {
  std::uint32_t phrase = 0;
  std::uint32_t of = 0;

  friend auto operator<=>(const AttachedForm&, const AttachedForm&) = default;
};

// Rows of values, one row per key.
template <typename Value>
struct Rows {
  std::vector<std::uint32_t> begins;  // One more than rows.
  std::vector<Value> values;

  [[nodiscard]] std::span<const Value> row(std::size_t key) const {
    return std::span(values).subspan(begins[key], begins[key + 1] - begins[key]);
  }
};

}  // namespace wirewatch::profile_internal

namespace wirewatch {

struct ProfileSet::Compiled {
  std::vector<profile_internal::Node> nodes;
  std::vector<std::uint32_t> children;
  std::vector<profile_internal::Term> terms;
  std::vector<profile_internal::Predicate> predicates;
  std::vector<profile_internal::WeightedList> weighted;
  std::vector<float> weights;
  std::vector<profile_internal::WordPattern> patterns;
  std::vector<profile_internal::TextRange> phrases;  // With wildcards inside their words.
  profile_internal::PatternIndex pattern_index;
  // Alternatives of nodes with many: those of features that the article shows and those without are
  // all that can hold.
  profile_internal::Rows<profile_internal::WideRun> wide;
  std::vector<std::uint32_t> wide_positions;
  std::vector<std::vector<std::uint32_t>> exclusions;  // Features, ascending.
  std::vector<profile_internal::CountrySet> country_sets;
  std::vector<std::string> languages;
  std::string texts;                                          // All TextRanges point here.
  profile_internal::Rows<profile_internal::NamedNode> names;  // Outer names first.
  // How operators are written, and those with a number: "NEAR/5".
  std::array<profile_internal::TextRange, profile_internal::kNodeKindCount> plain_operators;
  std::map<std::pair<profile_internal::NodeKind, std::uint32_t>, profile_internal::TextRange>
      operators;

  Lexicon lexicon;
  std::uint32_t phrase_count = 0;
  std::vector<profile_internal::AttachedForm> attached;  // Ascending, each once.
  std::vector<profile_internal::Root> roots;             // One per profile.
  std::uint64_t patterns_hash = 0;                       // Of `patterns`, in their order.

  // Presearch: what an article shows → groups → profiles.
  profile_internal::Rows<profile_internal::Posting> feature_postings;
  profile_internal::Rows<profile_internal::Posting> about_postings;    // By CountryCode::index().
  profile_internal::Rows<profile_internal::Posting> mention_postings;  // By CountryCode::index().
  // By topic, ascending.
  std::vector<std::pair<std::uint32_t, profile_internal::Posting>> topic_postings;
  profile_internal::Rows<profile_internal::Member> group_profiles;
  std::vector<std::uint32_t> unanchored;  // Candidates of every article.

  [[nodiscard]] std::string_view text(profile_internal::TextRange range) const {
    return std::string_view(texts).substr(range.begin, range.size);
  }
  [[nodiscard]] std::span<const std::uint32_t> children_of(
      const profile_internal::Node& node) const {
    return std::span(children).subspan(node.children, node.child_count);
  }
  // What an editor would write for a node; long lists are cut. A node of parts that is one of
  // `shown_by_name` is called by its name, others are written out.
  void describe(std::uint32_t node, std::string& out, std::size_t size_max,
                std::span<const profile_internal::NamedNode> shown_by_name = {}) const;
  // The same for a leaf or list, without zone: a view that lives as long as the set.
  [[nodiscard]] std::string_view clause(std::uint32_t node) const;
  // Of a phrase with wildcards, whose terms are alike but for their words; of a term itself.
  [[nodiscard]] const profile_internal::Term& first_term(std::uint32_t node) const;
  // How a node joins its children, as an editor writes it: "AND", "NEAR/5", "at least 2 of".
  [[nodiscard]] std::string_view joint(std::uint32_t node) const;
};

// A set is compiled as a whole, or it is an older whole and, as a second layer, what has changed
// since.
struct ProfileSet::Data {
  struct Layer {
    std::shared_ptr<const Compiled> compiled;
    // In the set, of its profiles; kNone for those that the set has not. Empty: as they are.
    std::vector<std::uint32_t> positions;

    [[nodiscard]] std::uint32_t position(std::uint32_t profile) const {
      return positions.empty() ? profile : positions[profile];
    }
  };
  struct Place {
    std::uint32_t layer = 0;
    std::uint32_t profile = 0;  // Of the layer.
  };

  std::vector<Layer> layers;  // One or two.
  std::vector<Profile> profiles;
  std::vector<std::uint64_t> contents;  // Hashes of the profiles' sources.
  std::vector<Place> places;            // Of the profiles; empty with one layer.
  IndexTable by_id;                     // Of profiles, by hash_bytes() of their ids.
  std::string version;
  std::shared_ptr<const WordFrequencies> frequencies;  // By which it is filed, or null.

  [[nodiscard]] Place place(std::uint32_t profile) const {
    return places.empty() ? Place{0, profile} : places[profile];
  }
};

}  // namespace wirewatch
