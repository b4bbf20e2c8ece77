// Upper and lower case of ASCII letters, for terms of formats and protocols; other bytes stay.

#pragma once

#include <algorithm>
#include <string_view>

namespace wirewatch {

[[nodiscard]] constexpr char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

// Whether a text is, in any case of its letters, one that has small letters alone.
[[nodiscard]] constexpr bool equals_lower(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, {}, ascii_lower);
}

}  // namespace wirewatch
