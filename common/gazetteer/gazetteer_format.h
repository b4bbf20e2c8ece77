// The compiled gazetteer's layout: a header, the lexicon, whose lines lie so on the cache's, then
// arrays in the header's order, each aligned to 8 bytes. The lexicon's ids are the numbers of the
// phrases' first names.
//
// Internal to common/gazetteer. Little-endian; the version changes with the layout, and with the
// kinds and roles of names that there are.

#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "common/gazetteer/gazetteer.h"

namespace wirewatch::gazetteer_internal {

inline constexpr std::uint64_t kMagic = 0x0031'5A41'4757'57ULL;  // "WWGAZ1"
inline constexpr std::uint32_t kVersion = 10;

struct Header {
  std::uint64_t magic = kMagic;
  std::uint32_t version = kVersion;
  std::uint32_t place_count = 0;         // PlaceRecord
  std::uint32_t name_count = 0;          // GazetteerName, those of a phrase side by side
  std::uint32_t language_set_count = 0;  // std::uint64_t; GazetteerName::languages; the first: all
  std::uint32_t admin1_count = 0;        // Text; entry 0 is empty
  std::uint32_t language_count = 0;      // Text
  std::uint32_t member_count = 0;        // std::uint16_t
  std::uint32_t source_count = 0;        // SourceRecord, in order of hash
  std::uint32_t string_bytes = 0;
  std::uint32_t unused = 0;
  std::uint64_t lexicon_bytes = 0;
  std::uint64_t content_hash = 0;  // Of everything after the header.
};

struct Text {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
};

// Where a source of news is at home.
struct SourceRecord {
  std::uint64_t hash = 0;  // Of its name or domain in lower case.
  std::uint32_t place = 0;
  std::uint32_t unused = 0;
};

// Half a line of the cache, so that a look at one fetches no second line.
struct PlaceRecord {
  float latitude = 0;
  float longitude = 0;
  std::uint32_t population = 0;
  std::uint32_t geonames_id = 0;
  std::uint32_t english_offset = 0;
  std::uint16_t english_size = 0;
  std::uint16_t country = 0;
  std::uint16_t admin1 = 0;
  std::uint16_t member_begin = 0;
  std::uint8_t member_count = 0;
  std::uint8_t kind = 0;
  std::uint8_t has_coordinates = 0;
  std::uint8_t unused = 0;

  [[nodiscard]] Text english() const { return {english_offset, english_size}; }
};
static_assert(sizeof(PlaceRecord) == 32);

// False for what is no number, too.
inline bool is_on_earth(float latitude, float longitude) {
  return std::fabs(latitude) <= 90 && std::fabs(longitude) <= 180;
}

// What a name repeats of its place.
inline void copy_place(const PlaceRecord& place, GazetteerName& name) {
  name.has_coordinates = place.has_coordinates != 0;
  name.country = place.country;
  name.admin1 = place.admin1;
  name.latitude = place.latitude;
  name.longitude = place.longitude;
  name.magnitude = std::log10(static_cast<float>(std::max(place.population, 100U)));
}

constexpr std::uint64_t aligned(std::uint64_t size) {
  return (size + 7) / 8 * 8;
}

}  // namespace wirewatch::gazetteer_internal
