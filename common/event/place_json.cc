#include "common/event/place_json.h"

#include <algorithm>
#include <cstring>

#include "common/base/hash.h"

namespace wirewatch::event_internal {

PlaceJson::PlaceJson() : slots_(kSlots) {
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    kinds_[i] =
        JsonFragment("\"kind\":\"" + std::string(to_string(static_cast<PlaceKind>(i))) + "\"");
  }
}

void PlaceJson::forget() {
  for (Slot& slot : slots_) slot.size = 0;
}

std::size_t PlaceJson::slot_of(const Mention& mention) {
  const std::uint64_t hash = mix64(reinterpret_cast<std::uintptr_t>(mention.name.data()),
                                   0x9E3779B97F4A7C15ULL + std::uint64_t{mention.geonames_id} * 32 +
                                       static_cast<std::uint64_t>(mention.kind));
  return hash % kSlots;
}

void PlaceJson::prefetch(const Mention& mention) const {
  const char* slot = reinterpret_cast<const char*>(&slots_[slot_of(mention)]);
  for (std::size_t line = 0; line < 3; ++line) __builtin_prefetch(slot + line * 64);
}

std::string_view PlaceJson::of(const Mention& mention) {
  const Key key{.name = mention.name,
                .admin1 = mention.admin1,
                .latitude = mention.latitude,
                .longitude = mention.longitude,
                .geonames_id = mention.geonames_id,
                .country = mention.country,
                .kind = mention.kind,
                .has_coordinates = mention.has_coordinates};
  Slot& slot = slots_[slot_of(mention)];
  if (slot.size == 0 || !slot.key.is(key)) {
    write(mention);
    if (written_.size() > kJsonBytesMax) {
      written_.reserve(written_.size() + JsonText::kChunk);
      return written_;
    }
    slot.key = key;
    slot.size = static_cast<std::uint8_t>(written_.size());
    std::memcpy(slot.json.data(), written_.data(), written_.size());
  }
  return {slot.json.data(), slot.size};
}

void PlaceJson::write(const Mention& mention) {
  written_.clear();
  JsonWriter json(written_);
  json.fragment(kinds_[static_cast<std::size_t>(mention.kind)]);
  if (!mention.country.empty()) json.key("country").plain(mention.country.text());
  if (!mention.admin1.empty()) json.key("admin1").plain(mention.admin1);
  json.member("name", mention.name);
  if (mention.has_coordinates) {
    json.key("lat").decimal(static_cast<double>(mention.latitude), 4);
    json.key("lon").decimal(static_cast<double>(mention.longitude), 4);
  }
  if (mention.geonames_id != 0) json.key("geonames_id").number(mention.geonames_id);
}

CountryJson::CountryJson() : rows_(kCountryIndexCount + 1) {
  std::string regions;
  std::string name;
  for (std::uint32_t index = 0; index < kCountryIndexCount; ++index) {
    const CountryCode country = CountryCode::from_index(index);
    Row& row = rows_[index];
    regions.clear();
    JsonWriter json(regions);
    json.begin_array();
    for (const std::string_view region : m49_regions(country)) json.plain(region);
    json.end_array();
    regions = R"(,"m49":)" + regions + "}";
    name.clear();
    JsonWriter(name).begin_array().string(country_name(country)).end_array();
    name = name.substr(2, name.size() - 3) + R"(,"rel":"about"})";  // Of ["…"].
    if (country_name(country).empty() || regions.size() > row.regions.size() ||
        name.size() > row.name.size())
      continue;
    std::copy(regions.begin(), regions.end(), row.regions.begin());
    std::copy(name.begin(), name.end(), row.name.begin());
    row.regions_size = static_cast<std::uint8_t>(regions.size());
    row.name_size = static_cast<std::uint8_t>(name.size());
  }
}

}  // namespace wirewatch::event_internal
