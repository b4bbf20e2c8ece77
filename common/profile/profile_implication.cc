#include "common/profile/profile_implication.h"

#include <algorithm>
#include <limits>

#include "common/profile/code_point.h"
#include "common/text/article_text.h"

namespace wirewatch::profile_internal {

namespace {

constexpr std::size_t kComparisonMax = 20'000;  // Per question.

bool has_degree(NodeKind kind) {
  return kind == NodeKind::kRegion || kind == NodeKind::kMentions || kind == NodeKind::kTopic ||
         kind == NodeKind::kLabel;
}

// Whether `part` stands within every place of `whole`.
bool has_within(const SoughtWords& whole, const SoughtWords& part) {
  if (part.empty()) return false;
  for (std::size_t at = 0; at + part.size() <= whole.size(); ++at) {
    const bool here =
        std::equal(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>(at),
                   [](const SoughtWord& a, const SoughtWord& b) { return a.covers(b); });
    if (here) return true;
  }
  return false;
}

}  // namespace

SoughtWords sought_words(std::string_view term) {
  std::string folded;
  fold(term, folded);
  SoughtWords words;
  for (std::size_t at = 0; at < folded.size();) {
    if (std::string_view("?%/*").find(folded[at]) != std::string_view::npos) return {};
    const std::size_t begin = at;
    while (at < folded.size() && is_word_byte(folded[at])) ++at;
    if (at == begin) {
      ++at;
      continue;
    }
    SoughtWord& word = words.emplace_back();
    word.text = folded.substr(begin, at - begin);
    word.open = at < folded.size() && folded[at] == '*';
    if (word.open) ++at;
    if (word.open && at < folded.size() && is_word_byte(folded[at])) return {};
  }
  return words;
}

bool covers(const SoughtWords& outer, const SoughtWords& inner) {
  return !outer.empty() &&
         std::ranges::equal(outer, inner,
                            [](const SoughtWord& a, const SoughtWord& b) { return a.covers(b); });
}

Degrees degrees_of(const Predicate& predicate, bool counted) {
  constexpr float kMost = std::numeric_limits<float>::max();
  Degrees all = counted ? Degrees{1, kMost} : Degrees{0, 1, false};
  Degrees some = {-kMost, kMost};
  switch (predicate.comparison) {
    case Comparison::kNone:
      return all;
    case Comparison::kLess:
      some.with_high = false;
      [[fallthrough]];
    case Comparison::kLessEqual:
      some.high = predicate.value;
      break;
    case Comparison::kEqual:
      some = {predicate.value, predicate.value};
      break;
    case Comparison::kGreater:
      some.with_low = false;
      [[fallthrough]];
    case Comparison::kGreaterEqual:
      some.low = predicate.value;
      break;
  }
  if (!all.within({some.low, kMost, some.with_low})) {
    all.low = some.low;
    all.with_low = some.with_low;
  }
  if (!all.within({-kMost, some.high, true, some.with_high})) {
    all.high = some.high;
    all.with_high = some.with_high;
  }
  return all;
}

bool Implication::holds(std::uint32_t a, std::uint32_t b) {
  left_ = kComparisonMax;
  return implies(a, b);
}

bool Implication::implies(std::uint32_t a, std::uint32_t b) {
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
  if (from.kind == to.kind && has_degree(from.kind)) {
    return degree_implies(from.kind, set_.predicates[from.payload], set_.predicates[to.payload]);
  }
  if (from.kind == NodeKind::kAnd || is_together(from.kind)) {
    return std::any_of(from_children.begin(), from_children.end(),
                       [&](std::uint32_t child) { return implies(child, b); });
  }
  if (from.kind == NodeKind::kTimes || is_apart(from.kind)) return implies(from_children[0], b);
  return false;
}

bool Implication::degree_implies(NodeKind kind, const Predicate& a, const Predicate& b) const {
  const bool counted = kind == NodeKind::kMentions;
  const bool places = counted || kind == NodeKind::kRegion;
  // Of places that are counted together more may be within the greater area.
  const bool part = places && !(counted && b.comparison != Comparison::kNone &&
                                b.comparison != Comparison::kGreater &&
                                b.comparison != Comparison::kGreaterEqual);
  const bool same =
      kind == NodeKind::kLabel ? set_.text(a.text) == set_.text(b.text) : a.number == b.number;
  const bool covered = part && (set_.country_sets[a.number] & ~set_.country_sets[b.number]).none();
  return (same || covered) && (a.zones & ~b.zones) == 0 &&
         degrees_of(a, counted).within(degrees_of(b, counted));
}

bool Implication::term_implies(const Term& a, const Term& b) {
  if (b.exact || (a.zones & ~b.zones) != 0) return false;
  if (b.language != kNone && a.language != b.language) return false;
  const bool same = a.feature == b.feature || covers(words(b), words(a));
  if (same) {
    return (b.first_words == 0 || (a.first_words > 0 && a.first_words <= b.first_words)) &&
           (b.exclusion == kNone || a.exclusion == b.exclusion);
  }
  // A part of a phrase may lie behind the first words or in an exclusion where the phrase is not.
  return b.first_words == 0 && b.exclusion == kNone && has_within(words(a), words(b));
}

const SoughtWords& Implication::words(const Term& term) {
  std::optional<SoughtWords>& known = words_[static_cast<std::size_t>(&term - set_.terms.data())];
  if (!known) known = term.pattern ? SoughtWords() : sought_words(set_.text(term.text));
  return *known;
}

}  // namespace wirewatch::profile_internal
