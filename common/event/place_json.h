// JSON that tells of places and countries, written once and then copied.
//
// An article names few places many times, and so do the articles of a day; what an event tells of a
// place is the same each time. So it is written once and then copied. What is kept lies in one row
// of slots, in which a later place takes the one of an earlier place with the same hash.
//
// Internal to common/event. Threads: one object per thread. Memory: 256 KB, of which only what is
// in use is touched; nothing is allocated after construction once a scratch string has grown.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/json_writer.h"
#include "common/region/region.h"

namespace wirewatch::event_internal {

class PlaceJson {
 public:
  PlaceJson();

  static constexpr std::size_t kPiece = 128;
  // `"kind":"city","country":"KR",…,"geonames_id":1835848`: members with commas between, as
  // JsonText::padded<kPiece>() reads them. Valid until the next call.
  [[nodiscard]] std::string_view of(const Mention& mention);
  // Asks the memory for what of() will read: the row is larger than the caches keep from one
  // article to the next.
  void prefetch(const Mention& mention) const;

  // Must be called before the first mention of another gazetteer: places are told apart by where
  // their names are kept.
  void forget();

 private:
  static constexpr std::size_t kSlots = 1024;  // A power of two.
  static constexpr std::size_t kJsonBytesMax = 192;
  static_assert(kJsonBytesMax % JsonText::kChunk == 0 && kJsonBytesMax >= kPiece);

  // All of a mention that the JSON tells.
  struct Key {
    std::string_view name;
    std::string_view admin1;
    float latitude = 0;
    float longitude = 0;
    std::uint32_t geonames_id = 0;
    CountryCode country;
    PlaceKind kind = PlaceKind::kCountry;
    bool has_coordinates = false;

    // Of strings that are kept for good: the same ones, not equal ones.
    [[nodiscard]] bool is(const Key& other) const {
      const auto same = [](std::string_view a, std::string_view b) {
        return a.data() == b.data() && a.size() == b.size();
      };
      return same(name, other.name) && same(admin1, other.admin1) && latitude == other.latitude &&
             longitude == other.longitude && geonames_id == other.geonames_id &&
             country == other.country && kind == other.kind &&
             has_coordinates == other.has_coordinates;
    }
  };
  struct alignas(64) Slot {
    Key key;
    std::uint8_t size = 0;  // Of `json`; 0 = free.
    std::array<char, kJsonBytesMax> json{};
  };

  [[nodiscard]] static std::size_t slot_of(const Mention& mention);
  void write(const Mention& mention);

  std::array<JsonFragment, kMentionKindCount> kinds_;  // `"kind":"city"`, by the kind's number.
  std::vector<Slot> slots_;
  std::string written_;
};

// What events tell of a country that an article is about, the same in each: a cache line for each
// of its two pieces.
class CountryJson {
 public:
  CountryJson();

  // As JsonText::padded<kPiece>() reads them; empty for a country that has no name or a long one.
  static constexpr std::size_t kPiece = 32;
  // `,"m49":["030","142","001"]}`
  [[nodiscard]] std::string_view regions(CountryCode country) const {
    const Row& row = row_of(country);
    return {row.regions.data(), row.regions_size};
  }
  // `North Korea","rel":"about"}`
  [[nodiscard]] std::string_view name(CountryCode country) const {
    const Row& row = row_of(country);
    return {row.name.data(), row.name_size};
  }
  void prefetch(CountryCode country) const {
    const char* row = row_of(country).regions.data();
    __builtin_prefetch(row);
    __builtin_prefetch(row + 64);
  }

 private:
  struct alignas(128) Row {
    std::array<char, 64> regions{};
    std::array<char, 62> name{};
    std::uint8_t regions_size = 0;
    std::uint8_t name_size = 0;
  };
  static_assert(sizeof(Row) == 128);

  [[nodiscard]] const Row& row_of(CountryCode country) const {
    return rows_[country.empty() ? kCountryIndexCount : country.index()];
  }

  std::vector<Row> rows_;  // By the country's index; the last one is no country's.
};

}  // namespace wirewatch::event_internal
