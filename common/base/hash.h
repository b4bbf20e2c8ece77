// Hashes of bytes: stable over runs and machines, so that they may be stored and compared.
//
// Not for secrets. hash_bytes reads 8 bytes at a time and mixes by a 64×64→128 bit multiplication
// (the construction of wyhash, Wang Yi 2019).

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace wirewatch {

// Folds the 128-bit product of a and b to 64 bits.
[[nodiscard]] inline std::uint64_t mix64(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Order matters: combine(a, b) != combine(b, a) in general.
[[nodiscard]] inline std::uint64_t hash_combine(std::uint64_t a, std::uint64_t b) {
  return mix64(a ^ 0x9E3779B97F4A7C15ULL, b + 0xD1B54A32D192ED03ULL);
}

[[nodiscard]] inline std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed = 0) {
  std::uint64_t hash = seed ^ 0xA0761D6478BD642FULL;
  const char* data = bytes.data();
  std::size_t left = bytes.size();
  while (left >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, data, 8);
    hash = mix64(hash ^ word, 0xE7037ED1A0B428DBULL);
    data += 8;
    left -= 8;
  }
  std::uint64_t tail = 0;
  if (left > 0) std::memcpy(&tail, data, left);
  hash = mix64(hash ^ tail, 0x8EBC6AF09C88C6E3ULL);
  return mix64(hash ^ bytes.size(), 0x589965CC75374CC3ULL);
}

}  // namespace wirewatch
