// Hashes of bytes: stable over runs and machines, so that they may be stored and compared.
//
// Not for secrets. hash_bytes reads 8 bytes at a time and mixes by a 64×64→128 bit multiplication
// (the construction of wyhash, Wang Yi 2019).

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#if defined(__BMI2__)
#include <immintrin.h>
#endif

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

// hash_bytes of the same bytes under several seeds, in about the time of one: the chains of
// multiplications run side by side.
template <std::size_t N>
[[nodiscard]] std::array<std::uint64_t, N> hash_bytes(std::string_view bytes,
                                                      const std::array<std::uint64_t, N>& seeds) {
  std::array<std::uint64_t, N> hashes = seeds;
  const auto mix_all = [&](std::uint64_t word, std::uint64_t factor) {
    for (std::uint64_t& hash : hashes) hash = mix64(hash ^ word, factor);
  };
  for (std::uint64_t& hash : hashes) hash ^= 0xA0761D6478BD642FULL;
  const char* data = bytes.data();
  std::size_t left = bytes.size();
  while (left >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, data, 8);
    mix_all(word, 0xE7037ED1A0B428DBULL);
    data += 8;
    left -= 8;
  }
  std::uint64_t tail = 0;
  if (left > 0) std::memcpy(&tail, data, left);
  mix_all(tail, 0x8EBC6AF09C88C6E3ULL);
  mix_all(bytes.size(), 0x589965CC75374CC3ULL);
  return hashes;
}

[[nodiscard]] inline std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed = 0) {
  return hash_bytes(bytes, std::array{seed})[0];
}

// Unaligned, in the machine's order.
[[nodiscard]] inline std::uint64_t load8(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof(word));
  return word;
}

// Keeps the first `count` bytes of a little-endian word; all from 8 on.
[[nodiscard]] inline std::uint64_t keep_bytes(std::uint64_t word, std::size_t count) {
#if defined(__BMI2__)
  return _bzhi_u64(word, static_cast<unsigned>(count * 8));
#else
  return count >= 8 ? word : word & ((std::uint64_t{1} << (count * 8)) - 1);
#endif
}

// A hash of few bytes in few steps, another one than hash_bytes. At least 16 bytes must be readable
// at `at`, whatever `size` is.
[[nodiscard]] inline std::uint64_t hash_padded(const char* at, std::size_t size,
                                               std::uint64_t seed) {
  if (size <= 16) [[likely]] {
    const std::uint64_t first = keep_bytes(load8(at), size);
    const std::uint64_t second = keep_bytes(load8(at + 8), size > 8 ? size - 8 : 0);
    return mix64(first ^ seed, second ^ 0xE7037ED1A0B428DBULL ^ size);
  }
  return hash_bytes({at, size}, seed);
}

}  // namespace wirewatch
