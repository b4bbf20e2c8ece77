// Text without the white space around it.

#pragma once

#include <cstddef>
#include <string_view>

namespace wirewatch {

// What JSON and HTTP have for white space: spaces, tabs, line ends.
inline constexpr std::string_view kSpaces = " \t\r\n";

// A view into `text`; empty where it is white space alone.
[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) + 1 - first);
}

}  // namespace wirewatch
