// Evaluates nodes of the compiled graph on one article.
//
// Every node's truth is computed at most once per article, and so are its positions, which only
// proximity, counting, exact terms and evidence ask for. Positions of a node are minimal: sorted
// spans of tokens of which none contains another.
//
// Internal to common/profile.

#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/lexicon/lexicon.h"
#include "common/profile/profile.h"
#include "common/profile/profile_tables.h"

namespace wirewatch {

struct ProfileScratch::Buffers {
  // Tokens [begin, end).
  struct Span {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };
  struct Range {
    std::uint32_t begin = 0;  // Of `spans`, `places` or `positions`.
    std::uint32_t end = 0;
  };
  // A position of a term in the source.
  struct Place {
    SourceSpan span;
    Zone zone = Zone::kBody;
    std::uint32_t evidence = profile_internal::kNone;  // Of ProfileMatches::evidence, once told.
  };
  // What has been found of a feature; valid when its epoch is the current one.
  struct FeatureState {
    std::uint32_t epoch = 0;
    std::uint32_t first = 0;  // Indexes into hits.
    std::uint32_t last = 0;
    std::uint8_t zones = 0;  // Zones in which it occurs.
  };
  // The patterns that a word matches, remembered from article to article: most words of a text are
  // not new. `slots` is indexed by the word's hash, a later word takes the place of an earlier one,
  // and when `patterns` is full all are forgotten, so that it never grows beyond kMemoPatterns.
  struct WordMemo {
    struct Slot {
      std::uint64_t word = 0;
      std::uint32_t begin = 0;
      std::uint32_t count = kUnknown;
    };
    static constexpr std::uint32_t kUnknown = 0xFFFFFFFF;

    std::uint64_t patterns_hash = 0;  // Of the set that it holds for.
    std::vector<Slot> slots;
    std::vector<std::uint32_t> patterns;
  };
  // A group of profiles, and the leaf by which the article selects it.
  struct Selected {
    std::uint32_t group = 0;
    std::uint32_t leaf = 0;
  };
  struct GroupState {
    std::uint32_t epoch = 0;
    std::uint32_t leaf = 0;
  };
  // A profile to be looked at. A plain one comes with the leaf by which it was selected.
  struct Candidate {
    std::uint32_t leaf = profile_internal::kNone;  // kNone: its query is to be evaluated.
    profile_internal::Member member;
  };
  struct NodeState {
    std::uint32_t truth_epoch = 0;
    std::uint32_t span_epoch = 0;
    std::uint32_t place_epoch = 0;
    Range spans;
    Range places;
    bool truth = false;
  };
  // The children of a wide node that can hold, of `positions`.
  struct WideState {
    std::uint32_t epoch = 0;
    Range possible;
  };
  // A node on the way from the query to its clauses, where its clauses were looked for, and the
  // step before it.
  struct Step {
    std::uint32_t node = 0;
    std::uint32_t outer = 0;
    Span window;
  };
  struct Found {
    Evidence evidence;
    std::uint32_t node = 0;
    std::uint32_t step = 0;  // Of `trail`: the last before `node`.
    std::uint32_t rank = 0;  // 0 for the best occurrence of a clause.
    bool scored = true;      // Adds to the score.
  };
  // Where a place stands among those of a match: small, so that it is sorted in few steps.
  struct FoundOrder {
    std::uint64_t worth = 0;  // Its rank, then its weight, the greatest first.
    std::uint64_t place = 0;  // Field, begin, then end, the greatest first.
    std::uint32_t node = 0;
    std::uint32_t index = 0;  // Of `found`.

    friend auto operator<=>(const FoundOrder&, const FoundOrder&) = default;
  };

  // A place of a term of a weighted list, by its position among the list's terms.
  struct ListPlace {
    Span span;
    std::uint32_t position = 0;
  };

  std::uint32_t epoch = 0;
  std::vector<PhraseHit> hits;
  std::vector<PhraseHit> hits_before;   // While forms are put beside them.
  std::vector<std::uint32_t> next_hit;  // Next hit of the same feature.
  std::vector<std::uint8_t> hit_zone;   // Zone bit.
  std::vector<FeatureState> features;
  std::vector<std::uint32_t> present;       // Features that the article shows.
  std::vector<std::uint64_t> present_bits;  // A bit per feature's low bits.
  std::vector<std::uint64_t> shown_bits;    // The same of nodes with postings.
  WordMemo memo;
  std::vector<NodeState> nodes;
  std::vector<Span> spans;
  std::vector<Place> places;
  std::vector<ListPlace> list_places;  // Those that count, of the list that was weighed last.
  std::vector<std::uint32_t> exclusion_epoch;
  std::vector<Range> exclusion_spans;
  std::vector<GroupState> groups;
  std::vector<Selected> selected;
  std::vector<Candidate> candidates;  // Each profile once; room behind them.
  std::size_t candidate_count = 0;
  // In order of the profile set: a profile's position in it, above the candidate's index.
  std::vector<std::uint64_t> order;
  std::vector<std::uint64_t> order_room;  // For sorting.
  std::vector<WideState> wide;            // By row of Compiled::wide.
  std::vector<std::uint32_t> positions;   // Of the wide nodes looked at so far, each in a row.
  std::vector<Found> found;
  std::vector<std::uint32_t> found_nodes;  // Their nodes again, close together.
  std::vector<FoundOrder> found_order;
  std::vector<Step> trail;         // Of `found`; every step after its outer one.
  std::vector<std::uint32_t> way;  // The nodes of one path.
  std::string folded;
};

}  // namespace wirewatch

namespace wirewatch::profile_internal {

class Evaluator {
 public:
  using Buffers = ProfileScratch::Buffers;
  using Span = Buffers::Span;

  Evaluator(const ProfileSet::Compiled& set, const ProfileInput& input, Buffers& buffers);

  // Finds all terms; before anything else, once per article.
  void find_terms();
  // Fills buffers.candidates and their order. `positions` are those of ProfileSet::Data::Layer.
  void select_candidates(std::span<const std::uint32_t> positions);
  // The same with every profile, none of them as a plain one.
  void select_all(std::span<const std::uint32_t> positions);
  // Asks the memory for what the candidates after the i-th of the order will need: thousands of
  // them lie all over the set.
  void prefetch(std::size_t i) const;

  [[nodiscard]] bool holds(std::uint32_t node);
  // Only for positional nodes. Valid until the next call of spans() or holds().
  [[nodiscard]] std::span<const Span> spans(std::uint32_t node);
  // Sum of a weighted list. Of terms of which one stands inside the other's place only the longer
  // counts there; of equal places the greater weight, positive or negative. What counts is left in
  // buffers.list_places when terms of the list may overlap.
  [[nodiscard]] float list_score(std::uint32_t node);

  // Of a term that none but its zone restricts: its first places, of buffers.places; none where it
  // does not hold.
  [[nodiscard]] Buffers::Range first_places(std::uint32_t node);

  // Overwrites buffers.found with the places that make a node hold.
  void collect(std::uint32_t node);
  // Appends what stands around a clause that was found for a profile: see Evidence.
  void append_path(const Root& root, const Buffers::Found& found,
                   std::vector<std::string_view>& path);
  // The leaf by which the article has selected a profile, or kNone.
  [[nodiscard]] std::uint32_t selected_by(const Root& root) const;

  // For explanations: occurrences of a term's words, whether they count or not.
  [[nodiscard]] const Buffers::FeatureState* found_anywhere(const Term& term) const;
  // Why one of them does not count, in the order in which that is looked at; kNothing says no more
  // than that nothing about the occurrence by itself stands against it.
  enum class Refusal : std::uint8_t { kZone, kLaterWords, kSpelling, kNothing };
  [[nodiscard]] Refusal refusal(const Term& term, std::uint32_t hit) const;
  [[nodiscard]] bool language_fits(std::uint32_t language) const;
  // Words between the nearest positions of two nodes; kNone when none share a field.
  [[nodiscard]] std::uint32_t distance(std::uint32_t a, std::uint32_t b);

  // Nodes evaluated and occurrences visited since construction.
  [[nodiscard]] std::uint32_t steps() const { return steps_; }

 private:
  using Range = Buffers::Range;

  void add_attached();
  void find_patterns();
  void prepare_memo();
  [[nodiscard]] std::span<const std::uint32_t> patterns_of(std::uint32_t token);
  void index_hits();
  static constexpr std::uint32_t kPresentBits = 65'536;  // Of features; a power of two; 8 KB.
  // Whether something that has postings is there, where two may share a bit. kNone always is.
  static constexpr std::uint32_t kShownBits = 32'768;  // A power of two; 4 KB.
  void clear_shown() {
    buffers_.shown_bits.assign(kShownBits / 64, 0);
    mark_shown(kNone);
  }
  void mark_shown(std::uint32_t node) {
    const std::uint32_t bit = node & (kShownBits - 1);
    buffers_.shown_bits[bit / 64] |= std::uint64_t{1} << (bit % 64);
  }
  [[nodiscard]] bool may_be_shown(std::uint32_t node) const {
    const std::uint32_t bit = node & (kShownBits - 1);
    return (buffers_.shown_bits[bit / 64] >> (bit % 64) & 1U) != 0;
  }
  void select(const Posting& posting) {
    mark_shown(posting.node);
    if (posting.group != kNone) buffers_.selected.push_back({posting.group, posting.node});
  }
  void add_selected();
  void add_members(std::uint32_t group, std::uint32_t leaf);
  [[nodiscard]] Buffers::Candidate* room_for(std::size_t count);
  void add_candidate(std::uint32_t profile);
  void order_candidates(std::span<const std::uint32_t> positions);

  // Calls `visit(child, position)` for the children that can hold, as far as the terms found tell,
  // in their order, until it returns false.
  template <typename Visit>
  void each_possible(const Node& node, Visit visit);
  [[nodiscard]] Range possible(std::uint32_t wide);
  void push_possible(std::uint32_t wide);
  void push_present(const WideRun& run);

  [[nodiscard]] bool compute_truth(const Node& node, std::uint32_t index);
  [[nodiscard]] bool predicate_holds(const Node& node);
  [[nodiscard]] bool quorum_holds(const Node& node);
  [[nodiscard]] bool mentions_hold(const Predicate& predicate) const;
  [[nodiscard]] bool region_holds(const Predicate& predicate) const;
  [[nodiscard]] bool topic_holds(const Predicate& predicate) const;
  [[nodiscard]] bool label_holds(const Predicate& predicate) const;
  [[nodiscard]] bool source_holds(const Predicate& predicate);
  [[nodiscard]] bool genre_holds(const Predicate& predicate) const;
  [[nodiscard]] bool counted(const Mention& mention, const Predicate& predicate) const;

  Range range_of(std::uint32_t node);
  void append_spans(const Node& node, std::uint32_t index);
  void append_child(std::uint32_t child);
  void append_term(const Term& term);
  void append_mentions(const Predicate& predicate);
  void append_both(std::span<const std::uint32_t> children);
  void append_last_before(Range outer, Range inner);
  void append_together(const Node& node);
  void append_enclosing(const Node& node, Range windows, Range inner);
  void append_apart(const Node& node);
  // Tokens [begin, end) are known to lie in one sentence or paragraph.
  struct Stretch {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    bool is_whole = false;  // The token at `end` begins another one.
  };
  // The stretches that begin with the place before, and with the one that is looked at.
  struct Apart {
    Stretch before;
    Stretch after;
  };
  [[nodiscard]] bool conflicts(const Node& node, const Span& x, Range others, Apart& known) const;
  Range exclusion(std::uint32_t set);
  [[nodiscard]] bool is_excluded(const Span& span, Range excluded);
  void make_minimal(std::uint32_t begin);
  [[nodiscard]] bool in_one_place(NodeKind kind, std::uint32_t first, std::uint32_t last,
                                  Stretch& stretch) const;
  [[nodiscard]] bool related(const Node& node, const Span& a, const Span& b,
                             Stretch& stretch) const;
  [[nodiscard]] bool same_field(std::uint32_t a, std::uint32_t b) const;
  [[nodiscard]] std::uint32_t occurrences(std::uint32_t node, std::uint32_t most);
  [[nodiscard]] float overlapping_score(const Node& node, const WeightedList& list);
  void keep_outer_places(const WeightedList& list);
  [[nodiscard]] bool in_first_words(std::uint32_t token, std::uint32_t words) const;
  [[nodiscard]] bool exact_text(const Term& term, const PhraseHit& hit) const;

  void collect_within(std::uint32_t node, Span window, float weight);
  [[nodiscard]] bool was_collected(std::uint32_t node, Span window) const;
  void collect_parts(const Node& node, std::uint32_t index, Span window, float weight);
  void append_names(const Root& root, std::uint32_t node, std::uint32_t inner,
                    std::vector<std::string_view>& path) const;
  [[nodiscard]] bool has_child(const Node& node, std::uint32_t child) const;
  void collect_term(std::uint32_t node, Span window, float weight);
  void collect_mentions(std::uint32_t node, Span window, float weight);
  void add_found(std::uint32_t node, SourceSpan span, Zone zone, float weight, bool scored);

  const ProfileSet::Compiled& set_;
  const ArticleText& text_;
  const ProfileInput& input_;
  Buffers& buffers_;
  std::string_view language_;     // Primary subtag of BCP 47; empty when unknown.
  std::uint32_t text_begin_ = 0;  // First token after headline and dateline.
  std::uint32_t steps_ = 0;
  std::uint32_t step_ = kNone;  // Of the trail: in which it collects.
};

template <typename Visit>
void Evaluator::each_possible(const Node& node, Visit visit) {
  const auto children = set_.children_of(node);
  const std::uint32_t wide =
      node.kind == NodeKind::kWeighted ? set_.weighted[node.payload].wide : node.payload;
  if (wide == kNone) {
    for (std::uint32_t i = 0; i < children.size(); ++i) {
      if (!visit(children[i], i)) return;
    }
    return;
  }
  const Range range = possible(wide);
  for (std::uint32_t i = range.begin; i < range.end; ++i) {
    // What is visited may push positions of its own, so that the row moves.
    const std::uint32_t position = buffers_.positions[i];
    if (!visit(children[position], position)) return;
  }
}

// Bit of a zone in a mask.
[[nodiscard]] std::uint8_t zone_bit(Zone zone);
// Weight of evidence found in a zone when no list says otherwise.
[[nodiscard]] float zone_weight(Zone zone);
// `value` against what a predicate asks; true without a comparison.
[[nodiscard]] bool compares(float value, Comparison comparison, float limit);
// Score of what collect() has found, which it sorts: the best first.
[[nodiscard]] float score_found(ProfileScratch::Buffers& buffers);

}  // namespace wirewatch::profile_internal
