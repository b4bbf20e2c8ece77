// Words that say of which country a text speaks where it names none: a back-off for the names.
//
// Newsmap's method (Watanabe, 2018, doi:10.1080/21670811.2017.1293487): texts are labelled by the
// countries that they name, and a word's weight for a country is the logarithm of how much more
// often it stands in texts that name it than in others. No text is labelled by hand; see
// MODEL_CARD.md.
//
// For the region classifier alone. Pure. About 5 ns per word, and only for articles that need it.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/region/region.h"
#include "common/text/article_text.h"

namespace wirewatch {

// One word: the upper bits of its hash, and up to three countries with weights. The trainer writes
// them in the order in which word_slot() and its successors find them; zero is an empty slot.
inline constexpr std::size_t kWordCountryMax = 3;
inline constexpr unsigned kWordWeightBits = 4;
inline constexpr unsigned kWordCountryBits = 10;
inline constexpr unsigned kWordEntryBits = kWordWeightBits + kWordCountryBits;
inline constexpr unsigned kWordTagShift = kWordEntryBits * kWordCountryMax;
inline constexpr float kWordWeightUnit = 0.2F;  // Of the logarithm.

constexpr std::uint64_t word_tag(std::uint64_t hash) {
  return hash >> kWordTagShift << kWordTagShift;
}

struct WordEvidence {
  float weight = 0;        // >= 0; the sum over different words by the root of the number of all.
  std::uint32_t rank = 0;  // Countries with more.
};

// One article's evidence, and memory that is reused.
class WordScratch {
 public:
  // Counts the different words of `text`, whose zones must have been labelled; the dateline and the
  // tail say nothing.
  void count(const ArticleText& text);
  [[nodiscard]] WordEvidence of(CountryCode country) const;

 private:
  std::array<float, kCountryIndexCount> weights_{};  // Zero but for countries_.
  std::vector<std::uint16_t> countries_;
  std::vector<std::uint64_t> seen_;  // A bit for each slot.
  float words_ = 0;
};

}  // namespace wirewatch
