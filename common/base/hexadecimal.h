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
  for (std::size_t i = digits.size(); i > 0; --i) {
    digits[i - 1] = kDigits[value & T{15}];
    value = static_cast<T>(value >> 4U);
  }
  return digits;
}

}  // namespace wirewatch
