#include "common/profile/pattern_index.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "common/base/check.h"
#include "common/base/hash.h"
#include "common/base/utf8.h"

namespace wirewatch::profile_internal {

namespace {

constexpr std::uint32_t kLeadBitsMax = 16;
constexpr std::uint32_t kLeadBitsMin = 10;

// Bytes [at, at + 8) of a word, zeros where it has ended.
std::uint64_t window(std::string_view word, std::size_t at) {
  std::uint64_t bytes = 0;
  if (at + 8 <= word.size()) {
    std::memcpy(&bytes, word.data() + at, 8);
  } else if (word.size() >= 8) {
    if (at >= word.size()) return 0;
    std::memcpy(&bytes, word.data() + word.size() - 8, 8);
    bytes >>= 8 * (at + 8 - word.size());
  } else if (at < word.size()) {
    std::memcpy(&bytes, word.data() + at, word.size() - at);
  }
  return bytes;
}

std::uint64_t low_bytes(std::uint64_t bytes, std::size_t count) {
  return count >= 8 ? bytes : bytes & ((std::uint64_t{1} << (8 * count)) - 1);
}

std::uint32_t lead_at(std::string_view word, std::size_t at, std::size_t size) {
  return static_cast<std::uint32_t>(low_bytes(window(word, at), size));
}

std::uint64_t filter_bits(std::uint64_t key) {
  return (std::uint64_t{1} << (key & 63U)) | (std::uint64_t{1} << (key >> 6 & 63U));
}

}  // namespace

PatternIndex::Anchor PatternIndex::anchor_of(const WordPattern& pattern) {
  // A fixed place selects like another letter does.
  const std::string_view head = pattern.prefix();
  const std::string_view tail = pattern.suffix();
  const std::string_view inner = pattern.run();
  Anchor best;
  std::size_t best_value = 0;
  const auto consider = [&](Kind kind, std::string_view letters, std::size_t value) {
    if (value <= best_value) return;
    best = {kind, letters};
    best_value = value;
  };
  if (count_code_points(head) >= kHeadLeadBytes) {
    consider(kHead, head.substr(0, kAnchorBytesMax), count_code_points(head) + 1);
  }
  if (tail.size() >= kLeadBytes) {
    consider(kTail, tail.substr(tail.size() - std::min(tail.size(), kAnchorBytesMax)),
             count_code_points(tail) + 1);
  }
  if (inner.size() >= kLeadBytes) {
    consider(kInner, inner.substr(0, kAnchorBytesMax), count_code_points(inner));
  }
  return best;
}

bool PatternIndex::can_file(const WordPattern& pattern) {
  return !anchor_of(pattern).letters.empty();
}

std::uint64_t PatternIndex::key_of(Kind kind, std::string_view word, std::size_t at,
                                   std::size_t size) {
  const std::uint64_t first = low_bytes(window(word, at), size);
  const std::uint64_t second = size > 8 ? low_bytes(window(word, at + 8), size - 8) : 0;
  return mix64(first ^ 0x9E3779B97F4A7C15ULL,
               second + 0xD1B54A32D192ED03ULL + 0x1000193 * size + (std::uint64_t{kind} << 56)) |
         1;
}

PatternIndex::PatternIndex(std::span<const WordPattern> patterns) {
  if (patterns.empty()) return;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> keys;  // (key, pattern)
  std::array<std::vector<std::pair<std::uint32_t, std::size_t>>, kKindCount> leads;
  word_bytes_min_ = kAnchorBytesMax;
  for (std::uint32_t i = 0; i < patterns.size(); ++i) {
    const auto [kind, letters] = anchor_of(patterns[i]);
    WIREWATCH_CHECK(!letters.empty());
    keys.emplace_back(key_of(kind, letters, 0, letters.size()), i);
    const std::size_t lead = kind == kHead ? kHeadLeadBytes : kLeadBytes;
    const std::size_t at = kind == kTail ? letters.size() - lead : 0;
    leads[kind].emplace_back(lead_at(letters, at, lead), letters.size());
    word_bytes_min_ = std::min(word_bytes_min_, letters.size());
  }
  for (std::size_t kind = 0; kind < kKindCount; ++kind) {
    auto& of_kind = leads[kind];
    std::sort(of_kind.begin(), of_kind.end());
    of_kind.erase(std::unique(of_kind.begin(), of_kind.end()), of_kind.end());
    if (of_kind.empty()) continue;
    const auto bits = static_cast<std::uint32_t>(std::bit_width(of_kind.size() * 8));
    lead_shift_[kind] = 32 - std::clamp(bits, kLeadBitsMin, kLeadBitsMax);
    lengths_[kind].resize(std::size_t{1} << (32 - lead_shift_[kind]));
    for (const auto& [lead, size] : of_kind) {
      lengths_at(static_cast<Kind>(kind), lead) |= static_cast<std::uint16_t>(1U << (size - 1));
    }
  }
  static_assert(kHeadLeadBytes == 2, "Or may_match() looks at other bytes.");
  heads_only_ = leads[kTail].empty() && leads[kInner].empty();
  std::sort(keys.begin(), keys.end());
  slots_.resize(std::bit_ceil(keys.size() * 2));
  filter_.resize(std::bit_ceil(keys.size() * 16 / 64 + 1));
  filed_.reserve(keys.size());
  for (std::size_t i = 0; i < keys.size();) {
    const std::uint64_t key = keys[i].first;
    Slot made{key, static_cast<std::uint32_t>(filed_.size()), 0};
    for (; i < keys.size() && keys[i].first == key; ++i) filed_.push_back(keys[i].second);
    made.end = static_cast<std::uint32_t>(filed_.size());
    std::size_t at = key >> 20 & (slots_.size() - 1);
    while (slots_[at].key != 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = made;
    filter_[key >> 12 & (filter_.size() - 1)] |= filter_bits(key);
  }
}

std::uint32_t PatternIndex::try_anchor(std::uint64_t key, std::string_view word,
                                       std::span<const WordPattern> patterns,
                                       std::vector<std::uint32_t>& found) const {
  const std::uint64_t bits = filter_bits(key);
  if ((filter_[key >> 12 & (filter_.size() - 1)] & bits) != bits) return 0;
  std::size_t at = key >> 20 & (slots_.size() - 1);
  while (slots_[at].key != key) {
    if (slots_[at].key == 0) return 0;
    at = (at + 1) & (slots_.size() - 1);
  }
  for (std::uint32_t i = slots_[at].begin; i < slots_[at].end; ++i) {
    if (patterns[filed_[i]].matches(word)) found.push_back(filed_[i]);
  }
  return slots_[at].end - slots_[at].begin;
}

std::uint32_t PatternIndex::find(std::string_view word, std::span<const WordPattern> patterns,
                                 std::vector<std::uint32_t>& found) const {
  if (slots_.empty() || word.size() < word_bytes_min_) return 0;
  const std::size_t before = found.size();
  std::uint32_t tried = 0;
  const auto try_lengths = [&](Kind kind, std::size_t at, std::uint32_t lengths) {
    for (; lengths != 0; lengths &= lengths - 1) {
      const auto size = static_cast<std::size_t>(std::countr_zero(lengths)) + 1;
      if (kind == kTail) {
        if (size > word.size()) return;
        tried += try_anchor(key_of(kind, word, word.size() - size, size), word, patterns, found);
      } else {
        if (at + size > word.size()) return;
        tried += try_anchor(key_of(kind, word, at, size), word, patterns, found);
      }
    }
  };
  if (!lengths_[kHead].empty() && word.size() >= kHeadLeadBytes) {
    try_lengths(kHead, 0, lengths_at(kHead, lead_at(word, 0, kHeadLeadBytes)));
  }
  if (!lengths_[kTail].empty() && word.size() >= kLeadBytes) {
    try_lengths(kTail, 0, lengths_at(kTail, lead_at(word, word.size() - kLeadBytes, kLeadBytes)));
  }
  if (!lengths_[kInner].empty()) {
    for (std::size_t at = 0; at + kLeadBytes <= word.size(); ++at) {
      try_lengths(kInner, at, lengths_at(kInner, lead_at(word, at, kLeadBytes)));
    }
  }
  // A word may have an anchor twice.
  const auto first = found.begin() + static_cast<std::ptrdiff_t>(before);
  if (found.end() - first > 1) {
    std::sort(first, found.end());
    found.erase(std::unique(first, found.end()), found.end());
  }
  return tried;
}

std::size_t PatternIndex::memory_bytes() const {
  std::size_t bytes = filter_.capacity() * sizeof(std::uint64_t) +
                      slots_.capacity() * sizeof(Slot) + filed_.capacity() * sizeof(std::uint32_t);
  for (const auto& table : lengths_) bytes += table.capacity() * sizeof(std::uint16_t);
  return bytes;
}

}  // namespace wirewatch::profile_internal
