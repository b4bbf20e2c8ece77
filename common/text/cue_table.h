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
  bool colon = false;     // It is one before a colon or at the end of a line alone.
};

class CueTable {
 public:
  CueTable();

  // Overwrites `tokens` with the places in [begin, hashes.size()) where a cue stands. `hashes` are
  // an ArticleText's, whose kReadableTokens are read. About a dozen instructions per token.
  void find(std::span<const std::uint64_t> hashes, std::uint32_t begin,
            std::vector<std::uint32_t>& tokens) const;

  // The longest cue whose words stand at `token` and end by `end`, or null. Whether a colon follows
  // where the cue wants one is for the caller to see.
  [[nodiscard]] const Cue* cue_at(std::span<const std::uint64_t> hashes, std::uint32_t token,
                                  std::uint32_t end) const;

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  // For some thousand cues: of words that begin none about one in thirty passes.
  static constexpr std::uint32_t kFilterWords = 2048;

  // A cue has a bit in the word of the filter that its first word says: of one word which bit, that
  // word says too, of several the second. Many begin with the most frequent words there are. All is
  // told by the halves of hashes, of one word or of eight at once.
  template <typename Number>
  static void find_filter_word(const Number& first_lower, Number& word) {
    word = first_lower & (kFilterWords - 1);
  }
  template <typename Number>
  static void find_bit(const Number& first_upper, Number& bit) {
    bit = first_upper & 31;
  }
  template <typename Number>
  static void find_bit(const Number& first_upper, const Number& second_lower, Number& bit) {
    bit = ((first_upper >> 16) + (second_lower >> 16)) & 31;
  }
  // A bit for each of `count` words, at most kBlock, that may begin a cue with the next one.
  static constexpr std::uint32_t kBlock = 64;
  [[nodiscard]] std::uint64_t may_begin(const std::uint64_t* hashes, std::uint32_t count) const;
  // Index of the first cue that begins with the word, or kNone.
  [[nodiscard]] std::uint32_t first_cue(std::uint64_t hash) const;

  std::array<std::uint32_t, kFilterWords> filter_{};
  std::vector<Cue> cues_;  // Those of one first word together, the longest first.
  std::vector<std::uint64_t> words_;
  std::vector<std::uint32_t> slots_;  // Open-addressed, by first word.
};

}  // namespace wirewatch::text_internal
