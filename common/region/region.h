// The vocabulary of regions: countries, places mentioned in a text, and what an article is about.

#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/text/article_text.h"

namespace wirewatch {

// ISO 3166-1 alpha-2 ("KP"), plus "XK" (Kosovo, user-assigned). Two upper-case letters.
class CountryCode {
 public:
  constexpr CountryCode() = default;
  // `letters` must be two upper-case ASCII letters; anything else gives the empty code.
  constexpr explicit CountryCode(std::string_view letters) {
    if (letters.size() == 2 && letters[0] >= 'A' && letters[0] <= 'Z' && letters[1] >= 'A' &&
        letters[1] <= 'Z') {
      letters_ = {letters[0], letters[1]};
    }
  }
  // The code that index() gives; the empty one for what is no index.
  [[nodiscard]] static constexpr CountryCode from_index(std::uint32_t index) {
    const char letters[] = {static_cast<char>('A' + index / 26),
                            static_cast<char>('A' + index % 26)};
    return index < 26 * 26 ? CountryCode(std::string_view(letters, 2)) : CountryCode();
  }
  [[nodiscard]] constexpr bool empty() const { return letters_[0] == '\0'; }
  [[nodiscard]] constexpr std::string_view text() const {
    return {letters_.data(), empty() ? 0U : 2U};
  }
  // Dense index in [0, 676): (first - 'A') * 26 + (second - 'A'). Only for codes that are not
  // empty.
  [[nodiscard]] constexpr std::uint32_t index() const {
    return static_cast<std::uint32_t>((letters_[0] - 'A') * 26 + (letters_[1] - 'A'));
  }
  friend constexpr bool operator==(CountryCode, CountryCode) = default;
  friend constexpr auto operator<=>(CountryCode, CountryCode) = default;

 private:
  std::array<char, 2> letters_{};
};
inline constexpr std::size_t kCountryIndexCount = 676;

enum class PlaceKind : std::uint8_t {
  kCountry,
  kDemonym,
  kCapital,
  kCity,
  kSubdivision,
  kGovernment,
  kLeader,
  kOrganisation,
  kMetonym,
  kArea,  // Seas, islands, regions below or across countries ("Kashmir", "Gaza").
  kSite,  // A building or a street without a name in the data, at the town that it is told of.
};
inline constexpr std::size_t kMentionKindCount = 11;
[[nodiscard]] std::string_view to_string(PlaceKind kind);

// A place that the text names.
struct Mention {
  SourceSpan span;
  std::uint32_t token_begin = 0;
  std::uint32_t token_end = 0;
  Zone zone = Zone::kBody;
  PlaceKind kind = PlaceKind::kCountry;
  // False in a repeated paragraph, in a bare dateline, in the name of something else ("Boston
  // Globe"), for a site, and for a small town that nothing else bears out. The tail mentions
  // nothing.
  bool counts = true;
  CountryCode country;      // Empty for what lies in no one country.
  std::string_view admin1;  // ISO 3166-2 ("KP-01") or empty. Lives as long as the gazetteer.
  // The usual English name of the place that is meant: of a leader's or a government's country.
  // Lives as long as the gazetteer.
  std::string_view name;
  bool has_coordinates = false;
  float latitude = 0;  // Degrees, WGS 84.
  float longitude = 0;
  std::uint32_t geonames_id = 0;  // 0 when unknown.
};

// A country that the article is about.
struct CountryScore {
  CountryCode country;
  float salience = 0;               // In (0, 1].
  std::uint32_t mention_count = 0;  // Mentions that back it; 0 when only context does.
};

// A country that the newsroom calls otherwise than country_name() does.
struct RenamedCountry {
  CountryCode country;
  std::string_view name;
};

// Everything the region classifier says. Vectors are reused from article to article.
struct RegionResult {
  // By salience, ties in order of code; but of those that are within 0.02 of the best, the one that
  // the text names first leads.
  std::vector<CountryScore> about;
  std::vector<Mention> mentions;  // In text order.

  [[nodiscard]] bool is_about(CountryCode country) const;
};

// UN M49 codes of the regions that contain a country, from the smallest to the world:
// KP → {"030", "142", "001"}. Empty for an unknown code.
[[nodiscard]] std::span<const std::string_view> m49_regions(CountryCode country);
// English short name ("North Korea"); empty for an unknown code.
[[nodiscard]] std::string_view country_name(CountryCode country);

}  // namespace wirewatch
