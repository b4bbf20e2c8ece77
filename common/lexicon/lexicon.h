// Finds which of up to millions of phrases occur in an article, in one pass over its token hashes.
//
// A phrase is a sequence of words, folded as TextAnalyzer folds; the last character of a word may
// be '*', which stands for any ending ("korea*", "северн* коре*"). A phrase of unspaced script
// matches inside a run of characters; in Hangul it starts at a word's start and may end before a
// particle. Phrases do not match over a blank line or from the headline into the body.
//
//   LexiconBuilder builder;
//   const PhraseId id = builder.add("North Korea");
//   const Lexicon lexicon = builder.build();
//   lexicon.find(text, hits);
//
// Method: a hash trie over tokens with two roots (first word; first two words), behind gates of two
// bits a word and blocked Bloom filters (Putze, Sanders, Singler 2007) by group; prefixes behind a
// table of their first bytes. Tokens are asked for eight at a time. Linear in the text plus the
// hits.
//
// Threads: find() from any thread; it allocates nothing but room for hits. Memory: about 20 bytes
// per phrase.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/strong_id.h"
#include "common/text/article_text.h"

namespace wirewatch {

// Dense: phrases are numbered 0, 1, 2 … in the order in which they were first added.
using PhraseId = StrongId<struct PhraseIdTag>;

// Which occurrences of a phrase count.
struct PhraseUse {
  std::uint64_t groups = ~std::uint64_t{0};  // Bits, whose meaning is the caller's.
  bool needs_capital = false;                // Only those whose first word begins with a capital.
};

// Which phrases are asked for.
struct PhraseSelection {
  std::uint64_t groups = ~std::uint64_t{0};  // Those that are in any of these.
  bool any_case = true;                      // Those that need a capital without one too.
};

struct PhraseHit {
  PhraseId phrase;
  std::uint32_t token_begin = 0;  // [token_begin, token_end) of the ArticleText.
  std::uint32_t token_end = 0;

  friend bool operator==(const PhraseHit&, const PhraseHit&) = default;
};

namespace lexicon_internal {
struct Tables;
}

class Lexicon {
 public:
  Lexicon();  // Finds nothing.
  ~Lexicon();
  Lexicon(Lexicon&&) noexcept;
  Lexicon& operator=(Lexicon&&) noexcept;

  // Overwrites `hits` with every occurrence of every phrase, also overlapping ones, in order of
  // token_begin, then token_end, then phrase. Occurrences that are not asked for may be left out,
  // which saves the work that they would make, or not: whoever must know asks again.
  void find(const ArticleText& text, std::vector<PhraseHit>& hits,
            PhraseSelection selection = {}) const;

  [[nodiscard]] std::size_t phrase_count() const;
  [[nodiscard]] std::size_t memory_bytes() const;

  // The tables as one block of bytes, little-endian, for a file.
  [[nodiscard]] std::string serialize() const;
  // A lexicon over such bytes without copying them: `bytes` must be aligned to 8 and outlive it.
  // nullopt when they are no lexicon of this version; the tables are bounds-checked, so that a
  // damaged file cannot make find() read outside of them.
  [[nodiscard]] static std::optional<Lexicon> view(std::string_view bytes);

 private:
  friend class LexiconBuilder;
  explicit Lexicon(std::nullptr_t);  // Without tables, to be filled at once.
  std::unique_ptr<const lexicon_internal::Tables> tables_;
};

class LexiconBuilder {
 public:
  LexiconBuilder();
  ~LexiconBuilder();

  // Returns the phrase's id: the same id for a phrase that folds to the same words as an earlier
  // one. nullopt when it has no word at all, more than kPhraseWordMax words, or a prefix ("*") of
  // fewer than two characters or more than 63 bytes.
  // A phrase added again is in the groups of all times, and needs a capital if it did each time.
  std::optional<PhraseId> add(std::string_view phrase, PhraseUse use = {});

  // The builder is empty afterwards. The phrases keep their ids, or get those of `ids`: one for
  // each, below kPhraseMax, in rising order. More phrases than that end the process.
  [[nodiscard]] Lexicon build(std::span<const PhraseId> ids = {});

  static constexpr std::size_t kPhraseWordMax = 64;
  static constexpr std::uint32_t kPhraseMax = (1U << 23) - 1;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wirewatch
