// Which profiles an article makes candidates, and in which order they are looked at.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "common/profile/profile_evaluator.h"

namespace wirewatch::profile_internal {

namespace {

constexpr std::size_t kSortedByComparing = 256;  // More are sorted by their digits.
constexpr unsigned kDigitBits = 11;
constexpr std::size_t kDigits = std::size_t{1} << kDigitBits;

// Sorts by the upper 32 bits, of which only the lowest `bits` are in use, digit by digit. `room` is
// as large as `values`.
void sort_by_digits(std::vector<std::uint64_t>& values, std::vector<std::uint64_t>& room,
                    unsigned bits) {
  for (unsigned shift = 32; shift < 32 + bits; shift += kDigitBits) {
    const auto digit = [shift](std::uint64_t value) { return value >> shift & (kDigits - 1); };
    std::array<std::uint32_t, kDigits> next{};
    for (const std::uint64_t value : values) ++next[digit(value)];
    std::uint32_t sum = 0;
    for (std::uint32_t& begin : next) sum += std::exchange(begin, sum);
    for (const std::uint64_t value : values) room[next[digit(value)]++] = value;
    values.swap(room);
  }
}

}  // namespace

void Evaluator::select_candidates(std::span<const std::uint32_t> positions) {
  // Those of features are there already; of all some are there twice.
  const auto select_row = [&](std::span<const Posting> row) {
    for (const Posting& posting : row) select(posting);
  };
  for (const CountryScore& score : input_.regions.about) {
    if (!score.country.empty()) select_row(set_.about_postings.row(score.country.index()));
  }
  if (!set_.mention_postings.values.empty()) {
    for (const Mention& mention : input_.regions.mentions) {
      if (!mention.country.empty()) select_row(set_.mention_postings.row(mention.country.index()));
    }
  }
  for (const TopicScore& topic : input_.topics.topics) {
    auto at = std::lower_bound(
        set_.topic_postings.begin(), set_.topic_postings.end(), topic.id.value(),
        [](const auto& entry, std::uint32_t value) { return entry.first < value; });
    for (; at != set_.topic_postings.end() && at->first == topic.id.value(); ++at) {
      select(at->second);
    }
  }
  add_selected();
  for (const std::uint32_t profile : set_.unanchored) add_candidate(profile);
  order_candidates(positions);
}

void Evaluator::select_all(std::span<const std::uint32_t> positions) {
  for (std::uint32_t profile = 0; profile < set_.roots.size(); ++profile) add_candidate(profile);
  order_candidates(positions);
}

// The members of every selected group, once.
void Evaluator::add_selected() {
  constexpr std::size_t kBeginAhead = 8;
  constexpr std::size_t kRowAhead = 4;
  const std::span<const Buffers::Selected> selected = buffers_.selected;
  const Rows<Member>& members = set_.group_profiles;
  for (std::size_t i = 0; i < selected.size(); ++i) {
    if (i + kBeginAhead < selected.size()) {
      __builtin_prefetch(&buffers_.groups[selected[i + kBeginAhead].group]);
      __builtin_prefetch(&members.begins[selected[i + kBeginAhead].group]);
    }
    if (i + kRowAhead < selected.size()) {
      __builtin_prefetch(members.values.data() + members.begins[selected[i + kRowAhead].group]);
    }
    const auto [group, leaf] = selected[i];
    Buffers::GroupState& state = buffers_.groups[group];
    if (state.epoch == buffers_.epoch) continue;
    state = {buffers_.epoch, leaf};
    add_members(group, leaf);
  }
}

// Those of which all that they require may be there. Most are not, which nobody can foresee: each
// is written, and the next in its place.
void Evaluator::add_members(std::uint32_t group, std::uint32_t leaf) {
  const std::span<const Member> row = set_.group_profiles.row(group);
  Buffers::Candidate* const candidates = room_for(row.size());
  std::size_t count = 0;
  for (const Member& member : row) {
    candidates[count] = {member.is_plain() ? leaf : kNone, member};
    const std::size_t first = may_be_shown(member.required[0]) ? 1 : 0;
    const std::size_t second = may_be_shown(member.required[1]) ? 1 : 0;
    count += first & second;
  }
  buffers_.candidate_count += count;
}

// Behind the candidates there are.
Evaluator::Buffers::Candidate* Evaluator::room_for(std::size_t count) {
  std::vector<Buffers::Candidate>& candidates = buffers_.candidates;
  const std::size_t size = buffers_.candidate_count + count;
  if (candidates.size() < size) candidates.resize(std::max(size, candidates.size() * 2));
  return candidates.data() + buffers_.candidate_count;
}

void Evaluator::add_candidate(std::uint32_t profile) {
  *room_for(1) = {.leaf = kNone, .member = {.profile = profile}};
  ++buffers_.candidate_count;
}

std::uint32_t Evaluator::selected_by(const Root& root) const {
  if (root.anchor < kManyLeaves || root.anchor == kNone) return root.anchor;
  const Buffers::GroupState& state = buffers_.groups[root.anchor - kManyLeaves];
  return state.epoch == buffers_.epoch ? state.leaf : kNone;
}

// Those that the set has no more are left out.
void Evaluator::order_candidates(std::span<const std::uint32_t> positions) {
  constexpr std::size_t kAhead = 16;
  const auto candidates = std::span(buffers_.candidates).first(buffers_.candidate_count);
  std::vector<std::uint64_t>& order = buffers_.order;
  std::uint32_t greatest = 0;
  for (std::uint32_t i = 0; i < candidates.size(); ++i) {
    std::uint32_t position = candidates[i].member.profile;
    if (!positions.empty()) {
      if (i + kAhead < candidates.size()) {
        __builtin_prefetch(&positions[candidates[i + kAhead].member.profile]);
      }
      position = positions[position];
      if (position == kNone) continue;
    }
    greatest = std::max(greatest, position);
    order.push_back(std::uint64_t{position} << 32 | i);
  }
  if (order.size() <= kSortedByComparing) {
    std::sort(order.begin(), order.end());
    return;
  }
  buffers_.order_room.resize(order.size());
  sort_by_digits(order, buffers_.order_room, static_cast<unsigned>(std::bit_width(greatest)));
}

void Evaluator::prefetch(std::size_t i) const {
  constexpr std::size_t kRootAhead = 12;
  constexpr std::size_t kNodeAhead = 8;
  constexpr std::size_t kChildrenAhead = 4;
  const std::vector<std::uint64_t>& order = buffers_.order;
  // Null for plain ones, which are all there.
  const auto root = [&](std::size_t at) -> const Root* {
    if (at >= order.size()) return nullptr;
    const Buffers::Candidate& candidate =
        buffers_.candidates[static_cast<std::uint32_t>(order[at])];
    return candidate.leaf == kNone ? &set_.roots[candidate.member.profile] : nullptr;
  };
  if (const Root* next = root(i + kRootAhead)) __builtin_prefetch(next);
  if (const Root* next = root(i + kNodeAhead)) {
    __builtin_prefetch(&set_.nodes[next->node]);
    __builtin_prefetch(&buffers_.nodes[next->node]);
  }
  if (const Root* next = root(i + kChildrenAhead)) {
    const Node& node = set_.nodes[next->node];
    const bool wide = node.kind == NodeKind::kOr && node.payload != kNone;
    if (wide) __builtin_prefetch(set_.wide.values.data() + set_.wide.begins[node.payload]);
    __builtin_prefetch(set_.children.data() + node.children);
  }
}

}  // namespace wirewatch::profile_internal
