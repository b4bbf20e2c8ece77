// Where the characters of UTF-8 begin.

#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace wirewatch {

// Whether a byte goes on with the character before it.
[[nodiscard]] constexpr bool is_continuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

// Of valid UTF-8.
[[nodiscard]] constexpr std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char byte) { return !is_continuation(byte); }));
}

}  // namespace wirewatch
