// Eight 32-bit numbers that are computed at once, by the vector extension of GCC and Clang.
//
// Operators work number by number; a comparison gives a mask (-1 or 0) for `mask ? a : b`. Numbers
// are handed over by reference: how such a type is passed by value depends on the compiler's
// options. Every function gives the same on every machine.

#pragma once

#include <cstdint>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace wirewatch {

using Eight [[gnu::vector_size(32)]] = std::uint32_t;
using EightIntegers [[gnu::vector_size(32)]] = std::int32_t;
using EightFloats [[gnu::vector_size(32)]] = float;
inline constexpr std::uint32_t kEight = 8;

// Unaligned.
inline void load(const std::uint32_t* from, Eight& eight) {
  std::memcpy(&eight, from, sizeof(eight));
}
inline void store(const Eight& eight, std::uint32_t* to) {
  std::memcpy(to, &eight, sizeof(eight));
}

// Eight small numbers.
inline void load_bytes(const std::uint8_t* from, Eight& eight) {
  using Bytes [[gnu::vector_size(8)]] = std::uint8_t;
  Bytes bytes;
  std::memcpy(&bytes, from, sizeof(bytes));
  eight = __builtin_convertvector(bytes, Eight);
}

// The lower and the upper halves of eight numbers of 64 bits.
inline void load_halves(const std::uint64_t* from, Eight& lower, Eight& upper) {
  Eight some;
  Eight others;
  std::memcpy(&some, from, sizeof(some));
  std::memcpy(&others, from + kEight / 2, sizeof(others));
  lower = __builtin_shufflevector(some, others, 0, 2, 4, 6, 8, 10, 12, 14);
  upper = __builtin_shufflevector(some, others, 1, 3, 5, 7, 9, 11, 13, 15);
}

// The lowest bits, the first number's lowest.
inline std::uint64_t low_bits(const Eight& eight) {
  const Eight upper = eight << 31;
#if defined(__AVX2__)
  __m256 floats;
  std::memcpy(&floats, &upper, sizeof(floats));
  return static_cast<std::uint32_t>(_mm256_movemask_ps(floats));
#else
  std::uint64_t bits = 0;
  for (std::uint32_t i = 0; i < kEight; ++i) bits |= std::uint64_t{upper[i] >> 31} << i;
  return bits;
#endif
}

}  // namespace wirewatch
