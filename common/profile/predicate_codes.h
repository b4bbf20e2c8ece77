// Names and codes that queries use in region:, mentions: and topic:, resolved at compile time.
//
// Internal to common/profile.

#pragma once

#include <bitset>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "common/article/article.h"
#include "common/region/region.h"

namespace wirewatch::profile_internal {

// By CountryCode::index().
using CountrySet = std::bitset<kCountryIndexCount>;

// "KP", "North Korea", "030", "Eastern Asia". The error is a cure: what was perhaps meant.
[[nodiscard]] std::expected<CountrySet, std::string> resolve_region(std::string_view name);

// "politics", "11000000", "medtop:11000000", "politics and government".
[[nodiscard]] std::expected<std::uint32_t, std::string> resolve_topic(std::string_view name);

// "correction"; nothing for a name that is no signal.
[[nodiscard]] std::optional<Signal> resolve_signal(std::string_view name);
[[nodiscard]] std::string_view signal_name(Signal signal);

}  // namespace wirewatch::profile_internal
