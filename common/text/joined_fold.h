// Folding of scripts without spaces, eight characters at a time with AVX2.
//
// Internal to common/text. Han, hiragana and Hangul have three bytes, and nearly all of them are
// their own folded form: what is left to do is to check that, and to put a joint before each.

#pragma once

#if defined(__AVX2__)

#include <bit>
#include <cstddef>
#include <cstdint>

#include <immintrin.h>

#include "common/text/fold.h"

namespace wirewatch::text_internal {

inline constexpr std::size_t kJoinedCharacters = 8;
inline constexpr std::ptrdiff_t kJoinedReadable = 28;  // Bytes from a block's beginning on.

// Characters that are their own folded form, by their three bytes as one number.
struct JoinedRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;
};
inline constexpr JoinedRange kHan = {0xE4B880, 0xE9BFBF};       // U+4E00 to U+9FFF
inline constexpr JoinedRange kHiragana = {0xE38181, 0xE38296};  // U+3041 to U+3096
inline constexpr JoinedRange kHangul = {0xEAB080, 0xED9EA3};    // U+AC00 to U+D7A3

struct JoinedBlock {
  __m256i folded;         // Four bytes each: a joint, and the character.
  std::size_t count = 0;  // Of the first characters, that are of the kind: 0 to kJoinedCharacters.
};

// `kind` is kSingle or kHangul.
[[gnu::always_inline]] inline JoinedBlock fold_joined(const char* at, FoldKind kind) {
  const __m256i bytes = _mm256_set_m128i(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 12)),
                                         _mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
  const __m256i spread =
      _mm256_shuffle_epi8(bytes, _mm256_broadcastsi128_si256(_mm_setr_epi8(
                                     -1, 0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11)));
  const __m256i number =
      _mm256_shuffle_epi8(bytes, _mm256_broadcastsi128_si256(_mm_setr_epi8(
                                     2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9, -1)));
  const auto all = [](std::uint32_t value) { return _mm256_set1_epi32(static_cast<int>(value)); };
  const auto is_in = [&](const JoinedRange& range) {
    return _mm256_andnot_si256(_mm256_cmpgt_epi32(number, all(range.last)),
                               _mm256_cmpgt_epi32(number, all(range.first - 1)));
  };
  const __m256i is_character =
      _mm256_cmpeq_epi32(_mm256_and_si256(number, all(0xF0C0C0)), all(0xE08080));
  const __m256i is_kind =
      kind == FoldKind::kHangul ? is_in(kHangul) : _mm256_or_si256(is_in(kHan), is_in(kHiragana));
  const auto fits = static_cast<unsigned>(
      _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_and_si256(is_character, is_kind))));
  return {_mm256_or_si256(spread, all(static_cast<std::uint32_t>(kInnerJoint))),
          static_cast<std::size_t>(std::countr_one(fits))};
}

}  // namespace wirewatch::text_internal

#endif
