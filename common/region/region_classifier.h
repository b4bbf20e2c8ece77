// Decides which countries an article is about, and which places it mentions.
//
// A country scores by the names of its places: more in the headline and at the beginning of the
// text, nothing in the tail, in a repeated paragraph, or in a dateline that the text does not bear
// out. The rules, with worked examples, are in README.md; the names are data, see gazetteer.h.
//
//   const RegionClassifier classifier(gazetteer);
//   classifier.classify(text, {.language = "en"}, scratch, result);
//
// Pure: equal input gives equal output. Const calls from any thread, one scratch and result each.
// Cost: linear in the text plus the names found; nothing is allocated once the buffers have grown.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "common/gazetteer/gazetteer.h"
#include "common/region/region.h"
#include "common/text/article_text.h"

namespace wirewatch {

struct RegionClassifierOptions {
  double salience_min = 0.25;  // Share of the best country's score that another one needs. [0, 1].
  double headline_weight = 3.0;   // A name in the headline equals this many in the body. >= 1.
  double opening_weight = 2.0;    // In the lede and the first tenth of the text. >= 1.
  std::size_t about_max = 8;      // Countries given at most. >= 1.
  std::size_t mention_max = 500;  // Mentions given at most, which bounds the output. >= 1.
};

// What is known of an article beside its text. May all be empty.
struct RegionContext {
  std::string_view language;  // BCP 47.
  std::string_view
      located;  // Where the content originates; a hint only when the text has no place.
};

struct RegionScratch {
  std::vector<PhraseHit> hits;
  std::array<double, kCountryIndexCount> score{};
  std::array<std::uint32_t, kCountryIndexCount> count{};
  std::vector<CountryCode> seen;
  std::vector<std::uint64_t> persons;  // Hashes of names that were people's.
};

class RegionClassifier {
 public:
  // Options out of range are a programmer's error and end the process.
  explicit RegionClassifier(const Gazetteer& gazetteer, RegionClassifierOptions options = {});
  RegionClassifier(Gazetteer&&, RegionClassifierOptions = {}) = delete;  // Would dangle.

  // Overwrites `result`. The zones of `text` must have been labelled.
  void classify(const ArticleText& text, const RegionContext& context, RegionScratch& scratch,
                RegionResult& result) const;

 private:
  const Gazetteer& gazetteer_;
  RegionClassifierOptions options_;
};

}  // namespace wirewatch
