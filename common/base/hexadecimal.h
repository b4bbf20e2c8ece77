// Numbers in hexadecimal digits, in small letters: for ids, versions and escapes.

#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <string_view>

namespace wirewatch {

// All digits of the type, leading zeros too: 16 of a std::uint64_t, two of an unsigned char.
template <std::unsigned_integral T>
[[nodiscard]] constexpr std::array<char, 2 * sizeof(T)> hexadecimal(T value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, 2 * sizeof(T)> digits{};
  for (std::size_t i = 0; i < digits.size(); ++i)
    digits[i] = kDigits[value >> (4 * (digits.size() - 1 - i)) & 15U];
  return digits;
}

}  // namespace wirewatch
