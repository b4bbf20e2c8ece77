// Where nodes stand in the text. Positions of a node are minimal, see profile_evaluator.h.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/profile/profile_evaluator.h"

namespace wirewatch::profile_internal {

std::span<const Evaluator::Span> Evaluator::spans(std::uint32_t node) {
  const Range range = range_of(node);
  return std::span(buffers_.spans).subspan(range.begin, range.end - range.begin);
}

Evaluator::Range Evaluator::range_of(std::uint32_t index) {
  Buffers::NodeState& state = buffers_.nodes[index];
  if (state.span_epoch == buffers_.epoch) return state.spans;
  const Node& node = set_.nodes[index];
  // What the node needs first, so that its own spans lie in one piece.
  if (node.kind == NodeKind::kOr || node.kind == NodeKind::kAtLeast) {
    each_possible(node, [&](std::uint32_t child, std::uint32_t /*position*/) {
      if (set_.nodes[child].positional) static_cast<void>(range_of(child));
      return true;
    });
  } else {
    for (const std::uint32_t child : set_.children_of(node)) {
      if (set_.nodes[child].positional) static_cast<void>(range_of(child));
    }
  }
  if (node.kind == NodeKind::kAnd || node.kind == NodeKind::kAtLeast) {
    static_cast<void>(holds(index));
  }
  if (node.kind == NodeKind::kTerm) {
    const Term& term = set_.terms[node.payload];
    if (term.exclusion != kNone) static_cast<void>(exclusion(term.exclusion));
  }
  const auto begin = static_cast<std::uint32_t>(buffers_.spans.size());
  append_spans(node, index);
  make_minimal(begin);
  const auto end = static_cast<std::uint32_t>(buffers_.spans.size());
  steps_ += end - begin;
  state.span_epoch = buffers_.epoch;
  state.spans = {begin, end};
  return state.spans;
}

void Evaluator::append_child(std::uint32_t child) {
  const Range range = range_of(child);
  for (std::uint32_t i = range.begin; i < range.end; ++i) {
    const Span span = buffers_.spans[i];
    buffers_.spans.push_back(span);
  }
}

void Evaluator::append_spans(const Node& node, std::uint32_t index) {
  const auto children = set_.children_of(node);
  switch (node.kind) {
    case NodeKind::kTerm:
      return append_term(set_.terms[node.payload]);
    case NodeKind::kMentions:
      return append_mentions(set_.predicates[node.payload]);
    case NodeKind::kAtLeast:
      if (!holds(index)) return;
      [[fallthrough]];
    case NodeKind::kOr:
      return each_possible(node, [&](std::uint32_t child, std::uint32_t /*position*/) {
        append_child(child);
        return true;
      });
    case NodeKind::kTimes: {
      const Range range = range_of(children[0]);
      if (range.end - range.begin >= node.number) append_child(children[0]);
      return;
    }
    case NodeKind::kAnd:
      if (holds(index)) append_both(children);
      return;
    default:
      return is_apart(node.kind) ? append_apart(node) : append_together(node);
  }
}

void Evaluator::append_term(const Term& term) {
  const Buffers::FeatureState* feature = found_anywhere(term);
  if (feature == nullptr || (feature->zones & term.zones) == 0) return;
  if (!language_fits(term.language)) return;
  std::vector<Span>& spans = buffers_.spans;
  const Range excluded = term.exclusion == kNone ? Range{} : exclusion(term.exclusion);
  std::uint32_t next_excluded = excluded.begin;
  for (std::uint32_t i = feature->first; i != kNone; i = buffers_.next_hit[i]) {
    const PhraseHit& hit = buffers_.hits[i];
    ++steps_;
    if (refusal(term, i) != Refusal::kNothing) continue;
    while (next_excluded < excluded.end && spans[next_excluded].end <= hit.token_begin) {
      ++next_excluded;
    }
    const Span span{hit.token_begin, hit.token_end};
    if (!is_excluded(span, {next_excluded, excluded.end})) spans.push_back(span);
  }
}

// Whether it has words of one of the excluded phrases, in order of their begin. Not so a term that
// is longer and has the whole phrase: who excludes "press corps" does not mean "press corps
// leader".
bool Evaluator::is_excluded(const Span& span, Range excluded) {
  for (std::uint32_t i = excluded.begin; i < excluded.end; ++i) {
    const Span& phrase = buffers_.spans[i];
    if (phrase.begin >= span.end) return false;
    ++steps_;
    const bool has_all = span.begin <= phrase.begin && phrase.end <= span.end;
    const bool longer = span.end - span.begin > phrase.end - phrase.begin;
    if (phrase.end > span.begin && !(has_all && longer)) return true;
  }
  return false;
}

Evaluator::Refusal Evaluator::refusal(const Term& term, std::uint32_t index) const {
  const PhraseHit& hit = buffers_.hits[index];
  if ((buffers_.hit_zone[index] & term.zones) == 0) return Refusal::kZone;
  if (term.first_words > 0 && !in_first_words(hit.token_begin, term.first_words)) {
    return Refusal::kLaterWords;
  }
  return term.exact && !exact_text(term, hit) ? Refusal::kSpelling : Refusal::kNothing;
}

bool Evaluator::in_first_words(std::uint32_t token, std::uint32_t words) const {
  return token < text_begin_ || token - text_begin_ < words;
}

// Letter for letter; where one has white space, the other has some.
bool Evaluator::exact_text(const Term& term, const PhraseHit& hit) const {
  const std::string_view wanted = set_.text(term.text);
  const std::string_view found = text_.source(text_.source_span(hit.token_begin, hit.token_end));
  const auto space = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  std::size_t a = 0;
  std::size_t b = 0;
  while (a < wanted.size() && b < found.size()) {
    if (space(wanted[a]) && space(found[b])) {
      while (a < wanted.size() && space(wanted[a])) ++a;
      while (b < found.size() && space(found[b])) ++b;
    } else if (wanted[a++] != found[b++]) {
      return false;
    }
  }
  return a == wanted.size() && b == found.size();
}

// Occurrences of a set of exclusion phrases, in any zone, joined where they overlap.
Evaluator::Range Evaluator::exclusion(std::uint32_t set) {
  if (buffers_.exclusion_epoch[set] == buffers_.epoch) return buffers_.exclusion_spans[set];
  std::vector<Span>& spans = buffers_.spans;
  const auto begin = static_cast<std::uint32_t>(spans.size());
  for (const std::uint32_t phrase : set_.exclusions[set]) {
    const Buffers::FeatureState& feature = buffers_.features[phrase];
    ++steps_;
    if (feature.epoch != buffers_.epoch) continue;
    for (std::uint32_t i = feature.first; i != kNone; i = buffers_.next_hit[i]) {
      spans.push_back({buffers_.hits[i].token_begin, buffers_.hits[i].token_end});
    }
  }
  std::sort(spans.begin() + begin, spans.end(),
            [](const Span& a, const Span& b) { return a.begin < b.begin; });
  buffers_.exclusion_epoch[set] = buffers_.epoch;
  buffers_.exclusion_spans[set] = {begin, static_cast<std::uint32_t>(spans.size())};
  return buffers_.exclusion_spans[set];
}

void Evaluator::append_mentions(const Predicate& predicate) {
  if (!mentions_hold(predicate)) return;
  for (const Mention& mention : input_.regions.mentions) {
    if (counted(mention, predicate) && mention.token_begin < mention.token_end &&
        mention.token_end <= text_.token_count()) {
      buffers_.spans.push_back({mention.token_begin, mention.token_end});
    }
  }
}

bool Evaluator::same_field(std::uint32_t a, std::uint32_t b) const {
  return (a < text_.headline_token_count()) == (b < text_.headline_token_count());
}

// Whether tokens `first` to `last` lie in one sentence or paragraph, for operators that ask so.
// `stretch` is what is known of it: the text is walked once for all questions whose tokens rise.
bool Evaluator::in_one_place(NodeKind kind, std::uint32_t first, std::uint32_t last,
                             Stretch& stretch) const {
  const bool sentence = kind == NodeKind::kSentence || kind == NodeKind::kNotSentence;
  if (!sentence && kind != NodeKind::kParagraph && kind != NodeKind::kNotParagraph) {
    return same_field(first, last);
  }
  if (first < stretch.begin || first >= stretch.end) stretch = {first, first + 1, false};
  if (last >= stretch.end && !stretch.is_whole) {
    stretch.end = sentence ? text_.sentence_end(stretch.end - 1, last)
                           : text_.paragraph_end(stretch.end - 1, last);
    stretch.is_whole = stretch.end <= last;
  }
  return last < stretch.end;
}

// `a` ends before `b` begins.
bool Evaluator::related(const Node& node, const Span& a, const Span& b, Stretch& stretch) const {
  const bool distance = node.kind == NodeKind::kNear || node.kind == NodeKind::kOrderedNear;
  if (distance && b.begin - a.end > node.number) return false;
  return in_one_place(node.kind, a.begin, b.end - 1, stretch);
}

// Both sides are sorted and minimal, so that the nearest neighbour on either side gives every
// minimal hull of a pair.
void Evaluator::append_together(const Node& node) {
  const auto children = set_.children_of(node);
  const Range left = range_of(children[0]);
  const Range right = range_of(children[1]);
  std::vector<Span>& spans = buffers_.spans;
  std::uint32_t after = right.begin;
  std::uint32_t before = right.begin;  // One past the last that ends before x.
  Stretch to_right;
  Stretch to_left;
  for (std::uint32_t i = left.begin; i < left.end; ++i) {
    const Span x = spans[i];
    while (after < right.end && spans[after].begin < x.end) ++after;
    if (after < right.end) {
      const Span y = spans[after];
      if (related(node, x, y, to_right)) spans.push_back({x.begin, y.end});
    }
    if (node.kind == NodeKind::kOrderedNear) continue;
    while (before < right.end && spans[before].end <= x.begin) ++before;
    if (before > right.begin) {
      const Span y = spans[before - 1];
      if (related(node, y, x, to_left)) spans.push_back({y.begin, x.end});
    }
  }
  if (node.kind == NodeKind::kOrderedNear) return;
  // "a NEAR/5 b NEAR/5 c" where c stands between a and b.
  if (set_.nodes[children[0]].window) append_enclosing(node, left, right);
  if (set_.nodes[children[1]].window) append_enclosing(node, right, left);
}

// Windows with one of `inner` strictly inside.
void Evaluator::append_enclosing(const Node& node, Range windows, Range inner) {
  std::vector<Span>& spans = buffers_.spans;
  std::uint32_t at = inner.begin;
  Stretch stretch;
  for (std::uint32_t i = windows.begin; i < windows.end; ++i) {
    const Span window = spans[i];
    while (at < inner.end && spans[at].begin <= window.begin) ++at;
    if (at == inner.end) return;
    if (spans[at].end < window.end &&
        in_one_place(node.kind, window.begin, window.end - 1, stretch)) {
      spans.push_back(window);
    }
  }
}

// One of the others after the other, as what is known of the text around one helps with its next
// place: those that it rules out are dropped from the left side.
void Evaluator::append_apart(const Node& node) {
  const auto children = set_.children_of(node);
  const auto begin = static_cast<std::uint32_t>(buffers_.spans.size());
  append_child(children[0]);
  for (const std::uint32_t child : children.subspan(1)) {
    const Range others = range_of(child);
    Apart known;
    std::uint32_t kept = begin;
    for (std::uint32_t i = begin; i < buffers_.spans.size(); ++i) {
      const Span x = buffers_.spans[i];
      if (!conflicts(node, x, others, known)) buffers_.spans[kept++] = x;
    }
    buffers_.spans.resize(kept);
  }
}

// Whether one of `others` is too near to `x`. They are sorted, so that the nearest decide.
bool Evaluator::conflicts(const Node& node, const Span& x, Range others, Apart& known) const {
  const auto begin = buffers_.spans.begin() + others.begin;
  const auto end = buffers_.spans.begin() + others.end;
  if (node.kind == NodeKind::kNotIn) {
    const auto y =
        std::partition_point(begin, end, [&](const Span& span) { return span.end <= x.begin; });
    return y != end && y->begin < x.end;
  }
  if (node.kind == NodeKind::kNotNear) {
    const auto y = std::partition_point(begin, end, [&](const Span& span) {
      const bool other_field = span.begin < x.begin && !same_field(span.begin, x.begin);
      return other_field || span.end + node.number < x.begin;
    });
    return y != end && same_field(x.begin, y->begin) && y->begin <= x.end + node.number;
  }
  const auto together = [&](const Span& y, Stretch& stretch) {
    return in_one_place(node.kind, std::min(x.begin, y.begin), std::max(x.end, y.end) - 1, stretch);
  };
  const auto y =
      std::partition_point(begin, end, [&](const Span& span) { return span.begin <= x.begin; });
  return (y != begin && together(*(y - 1), known.before)) ||
         (y != end && together(*y, known.after));
}

// Minimal windows that hold something of every positional child: child after child, the windows of
// what came before with the next.
void Evaluator::append_both(std::span<const std::uint32_t> children) {
  std::vector<Span>& spans = buffers_.spans;
  const auto own = static_cast<std::uint32_t>(spans.size());
  bool first = true;
  for (const std::uint32_t child : children) {
    if (!set_.nodes[child].positional) continue;
    if (first) {
      append_child(child);
      first = false;
      continue;
    }
    const Range range = range_of(child);
    const auto begin = static_cast<std::uint32_t>(spans.size());
    const Range windows{own, begin};
    // Whichever ends last, of the other the last one that ends no later is nearest.
    append_last_before(windows, range);
    append_last_before(range, windows);
    make_minimal(begin);
    spans.erase(spans.begin() + own, spans.begin() + begin);
  }
}

void Evaluator::append_last_before(Range outer, Range inner) {
  std::vector<Span>& spans = buffers_.spans;
  std::uint32_t at = inner.begin;
  for (std::uint32_t i = outer.begin; i < outer.end; ++i) {
    const Span x = spans[i];
    while (at < inner.end && spans[at].end <= x.end) ++at;
    if (at == inner.begin) continue;
    const Span y = spans[at - 1];
    if (same_field(x.begin, y.begin)) spans.push_back({std::min(x.begin, y.begin), x.end});
  }
}

// Sorts spans from `begin` on and drops those that contain another.
void Evaluator::make_minimal(std::uint32_t begin) {
  std::vector<Span>& spans = buffers_.spans;
  const auto first = spans.begin() + begin;
  const auto out_of_order = std::adjacent_find(
      first, spans.end(),
      [](const Span& a, const Span& b) { return b.begin <= a.begin || b.end <= a.end; });
  if (out_of_order == spans.end()) return;
  std::sort(first, spans.end(), [](const Span& a, const Span& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
  });
  auto kept = spans.end();
  std::uint32_t end_min = kNone;
  for (auto at = spans.end(); at != first;) {
    --at;
    if (at->end >= end_min) continue;
    end_min = at->end;
    *--kept = *at;
  }
  spans.erase(first, kept);
}

std::uint32_t Evaluator::distance(std::uint32_t a, std::uint32_t b) {
  const Range left = range_of(a);
  const Range right = range_of(b);
  const auto begin = buffers_.spans.begin() + right.begin;
  const auto end = buffers_.spans.begin() + right.end;
  std::uint32_t nearest = kNone;
  for (std::uint32_t i = left.begin; i < left.end; ++i) {
    const Span x = buffers_.spans[i];
    const auto after =
        std::partition_point(begin, end, [&](const Span& y) { return y.begin < x.end; });
    if (after != end && same_field(x.begin, after->begin)) {
      nearest = std::min(nearest, after->begin - x.end);
    }
    const auto before =
        std::partition_point(begin, end, [&](const Span& y) { return y.end <= x.begin; });
    if (before != begin && same_field(x.begin, (before - 1)->begin)) {
      nearest = std::min(nearest, x.begin - (before - 1)->end);
    }
  }
  return nearest;
}

}  // namespace wirewatch::profile_internal
