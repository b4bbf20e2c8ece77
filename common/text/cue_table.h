// The phrases that begin or mark what is not the article: "read more", "all rights reserved".
//
// Internal to common/text. Phrases are those of zone_cues.inc, compared by the hashes of their
// words. Immutable after construction; const calls from any thread.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace wirewatch::text_internal {

enum class CueKind : std::uint8_t {
  kRelated,   // Other stories.
  kLegal,     // Legal notices.
  kShare,     // Newsletters, sharing.
  kSignOff,   // Agencies' sign-offs.
  kComments,  // The readers' comments.
};

struct Cue {
  std::uint32_t word_begin = 0;  // Into the table's words.
  std::uint32_t word_count = 0;
  CueKind kind = CueKind::kRelated;
  bool anywhere = false;  // It may also stand inside of a line.
};

class CueTable {
 public:
  CueTable();

  // Overwrites `tokens` with the places in [begin, hashes.size()) where a cue stands. About two
  // nanoseconds per token.
  void find(std::span<const std::uint64_t> hashes, std::uint32_t begin,
            std::vector<std::uint32_t>& tokens) const;

  // The cue whose words stand at `token` and end by `end`, or null.
  [[nodiscard]] const Cue* cue_at(std::span<const std::uint64_t> hashes, std::uint32_t token,
                                  std::uint32_t end) const;

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  // For some thousand cues: of words that begin none about one in thirty passes.
  static constexpr std::size_t kFilterWords = 1024;

  // A cue has a bit in the word of the filter that its first word says: of one word which bit, that
  // word says too, of several the second. Many begin with the most frequent words there are.
  [[nodiscard]] static std::size_t filter_word(std::uint64_t first) { return first % kFilterWords; }
  [[nodiscard]] static std::uint64_t bit_of(std::uint64_t first) { return first >> 32 & 63; }
  [[nodiscard]] static std::uint64_t bit_of(std::uint64_t first, std::uint64_t second) {
    return ((first >> 48) + (second >> 16)) & 63;
  }
  [[nodiscard]] bool may_begin(std::uint64_t first, std::uint64_t second) const {
    const std::uint64_t bits = filter_[filter_word(first)];
    return ((bits >> bit_of(first) | bits >> bit_of(first, second)) & 1) != 0;
  }
  // Index of the first cue that begins with the word, or kNone.
  [[nodiscard]] std::uint32_t first_cue(std::uint64_t hash) const;

  std::array<std::uint64_t, kFilterWords> filter_{};
  std::vector<Cue> cues_;  // Those of one first word together, in the order of zone_cues.inc.
  std::vector<std::uint64_t> words_;
  std::vector<std::uint32_t> slots_;  // Open-addressed, by first word.
};

}  // namespace wirewatch::text_internal
