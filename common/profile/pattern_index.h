// Which of very many word patterns a word matches: "*shima", "inter*tion", /miss(ile|ive)s?/.
//
// Every pattern is filed under its anchor: the longest run of letters that all its matches begin
// with, end in, or contain. find() asks for each place of a word which lengths of anchors begin
// with the three bytes there (a table small enough for the cache), and only then for the anchor
// itself, by its hash behind a Bloom filter. Patterns under one anchor are tried one by one, so
// that a word costs its length plus the patterns whose anchor it has, not the number of patterns.
// Where all anchors are beginnings, may_match() spares most words even that.
//
// Immutable once built; find() from any thread. Memory: about 40 bytes per anchor.
//
// Internal to common/profile.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/profile/word_pattern.h"

namespace wirewatch::profile_internal {

class PatternIndex {
 public:
  // True when the pattern has letters to file it under: two at the beginning, or kLeadBytes bytes
  // at the end or anywhere.
  [[nodiscard]] static bool can_file(const WordPattern& pattern);

  PatternIndex() = default;  // Finds nothing.
  // Every pattern must be one that can be filed. `patterns` is not kept.
  explicit PatternIndex(std::span<const WordPattern> patterns);

  [[nodiscard]] bool empty() const { return slots_.empty(); }
  // No shorter word matches anything.
  [[nodiscard]] std::size_t word_bytes_min() const { return word_bytes_min_; }
  // False where no pattern matches a word that begins with these bytes, the first one lowest, as
  // ArticleText::first_bytes() has them. Cost: a look at a table; true where any pattern is filed
  // under another anchor than its beginning.
  [[nodiscard]] bool may_match(std::uint64_t first_bytes) const {
    return !heads_only_ || lengths_at(kHead, static_cast<std::uint32_t>(first_bytes & 0xFFFF)) != 0;
  }

  // Appends the indexes of the patterns that the folded word matches, each once, ascending.
  // `patterns` are those of the constructor. Returns the number of patterns tried.
  std::uint32_t find(std::string_view word, std::span<const WordPattern> patterns,
                     std::vector<std::uint32_t>& found) const;

  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  enum Kind : std::uint8_t { kHead, kTail, kInner };
  static constexpr std::size_t kKindCount = 3;
  static constexpr std::size_t kLeadBytes = 3;      // Of tails and inner anchors …
  static constexpr std::size_t kHeadLeadBytes = 2;  // … and of heads.
  static constexpr std::size_t kAnchorBytesMax = 16;

  struct Anchor {
    Kind kind = kHead;
    std::string_view letters;
  };
  // Patterns [begin, end) of `filed_`.
  struct Slot {
    std::uint64_t key = 0;  // Hash of kind and letters; 0 = free.
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
  };

  [[nodiscard]] static Anchor anchor_of(const WordPattern& pattern);
  [[nodiscard]] static std::uint64_t key_of(Kind kind, std::string_view word, std::size_t at,
                                            std::size_t size);
  [[nodiscard]] std::uint16_t& lengths_at(Kind kind, std::uint32_t lead) {
    return lengths_[kind][lead * 0x9E3779B1U >> lead_shift_[kind]];
  }
  [[nodiscard]] std::uint16_t lengths_at(Kind kind, std::uint32_t lead) const {
    return lengths_[kind][lead * 0x9E3779B1U >> lead_shift_[kind]];
  }

  std::uint32_t try_anchor(std::uint64_t key, std::string_view word,
                           std::span<const WordPattern> patterns,
                           std::vector<std::uint32_t>& found) const;

  // By hashed lead: bit n is set when an anchor of n + 1 bytes begins (a tail: ends) so.
  std::array<std::vector<std::uint16_t>, kKindCount> lengths_;
  std::array<std::uint32_t, kKindCount> lead_shift_{};
  std::vector<std::uint64_t> filter_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> filed_;
  std::size_t word_bytes_min_ = 0;
  bool heads_only_ = false;  // There are patterns, and all have their anchor at the beginning.
};

}  // namespace wirewatch::profile_internal
