#include "common/region/region.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "common/region/country_codes.h"

namespace wirewatch {

namespace {

struct CountryRow {
  std::string_view code;
  std::string_view alpha3;
  std::string_view number;
  std::string_view name;
  std::array<std::string_view, 5> regions;
  std::size_t region_count;
};

#include "common/region/country_table.inc"

constexpr std::size_t kNoRow = 0xFFFF;

// Row by CountryCode::index().
constexpr auto kRowOf = [] {
  std::array<std::uint16_t, kCountryIndexCount> rows{};
  rows.fill(kNoRow);
  for (std::size_t row = 0; row < std::size(kCountries); ++row) {
    rows[CountryCode(kCountries[row].code).index()] = static_cast<std::uint16_t>(row);
  }
  return rows;
}();

const CountryRow* find_country(CountryCode country) {
  if (country.empty()) return nullptr;
  const std::size_t row = kRowOf[country.index()];
  return row == kNoRow ? nullptr : &kCountries[row];
}

}  // namespace

std::string_view to_string(PlaceKind kind) {
  switch (kind) {
    case PlaceKind::kCountry:
      return "country";
    case PlaceKind::kDemonym:
      return "demonym";
    case PlaceKind::kCapital:
      return "capital";
    case PlaceKind::kCity:
      return "city";
    case PlaceKind::kSubdivision:
      return "subdivision";
    case PlaceKind::kGovernment:
      return "government";
    case PlaceKind::kLeader:
      return "leader";
    case PlaceKind::kOrganisation:
      return "organisation";
    case PlaceKind::kMetonym:
      return "metonym";
    case PlaceKind::kArea:
      return "area";
    case PlaceKind::kSite:
      return "site";
  }
  return "area";
}

bool RegionResult::is_about(CountryCode country) const {
  return std::any_of(about.begin(), about.end(),
                     [&](const CountryScore& score) { return score.country == country; });
}

CountryCode country_of_code(std::string_view code) {
  const auto* row = std::ranges::find_if(kCountries, [code](const CountryRow& country) {
    return country.alpha3 == code || country.number == code;
  });
  return row == std::end(kCountries) ? CountryCode() : CountryCode(row->code);
}

std::span<const std::string_view> m49_regions(CountryCode country) {
  const CountryRow* row = find_country(country);
  if (row == nullptr) return {};
  return std::span(row->regions).first(row->region_count);
}

std::string_view country_name(CountryCode country) {
  const CountryRow* row = find_country(country);
  return row == nullptr ? std::string_view() : row->name;
}

}  // namespace wirewatch
