// The plain gazetteer look-up that the region classifier has to beat.
//
// Every name counts wherever it stands, the longest first, and means its likeliest place; no rule
// about capitals, persons, context, datelines or tails. The weights are those of the literature's
// simplest system: three for a headline, two for the first tenth, one for the rest.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/gazetteer/gazetteer.h"
#include "common/region/region.h"
#include "common/text/article_text.h"

namespace wirewatch::quality {

struct NaiveMention {
  std::uint32_t token_begin = 0;
  std::uint32_t token_end = 0;
  NameKind kind = NameKind::kCountry;
  Place place;
  CountryCode country;
};

class NaiveRegions {
 public:
  explicit NaiveRegions(const Gazetteer& gazetteer) : gazetteer_(gazetteer) {}

  // All names, the longest first.
  [[nodiscard]] std::vector<NaiveMention> mentions(const ArticleText& text) const;
  // Countries with at least `share` of the best one's weight; 0 gives all.
  [[nodiscard]] std::vector<CountryCode> countries(const ArticleText& text, double share) const;
  // Countries by their own names alone.
  [[nodiscard]] std::vector<CountryCode> named(const ArticleText& text) const;

 private:
  const Gazetteer& gazetteer_;
};

}  // namespace wirewatch::quality
