// Folding of scripts whose letters have two bytes (Greek, Cyrillic, Armenian, Hebrew, Arabic), 32
// bytes at a time with AVX2.
//
// Internal to common/text. The first bytes of such letters come in fours that differ in their last
// two bits, and a script has one four, or most of it. A letter is then told by eight bits: two of
// its first byte, six of its second; so is its folded form, where it is of two bytes and of the
// same four. That is a table of 256 bytes, looked up 16 of them at a time by shuffles (as in Muła
// and Lemire, "Base64 encoding and decoding at almost the speed of a memory copy", 2019). ASCII in
// between is folded along. All else ends the block.

#pragma once

#if defined(__AVX2__)

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <immintrin.h>

namespace wirewatch::text_internal {

// 32 bytes of ASCII: their folded form, and 0xFF where a letter was a capital. Bytes of other
// characters stay as they are.
struct AsciiBlock {
  __m256i folded;
  __m256i capitals;
};
[[gnu::always_inline]] inline AsciiBlock fold_ascii_block(__m256i bytes) {
  const __m256i upper = _mm256_and_si256(_mm256_cmpgt_epi8(bytes, _mm256_set1_epi8('A' - 1)),
                                         _mm256_cmpgt_epi8(_mm256_set1_epi8('Z' + 1), bytes));
  const __m256i lower = _mm256_or_si256(bytes, _mm256_and_si256(upper, _mm256_set1_epi8(0x20)));
  // As signed numbers the bytes of other characters are below 0x20 too.
  const __m256i control = _mm256_or_si256(
      _mm256_andnot_si256(_mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\n')), bytes),
                          _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), bytes)),
      _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(0x7F)));
  return {_mm256_blendv_epi8(lower, _mm256_set1_epi8(' '), control), upper};
}

// What the letters of one four become.
class LeadFour {
 public:
  // A letter, by its number in the four, whose folded form has another number.
  constexpr void set(std::uint32_t letter, std::uint32_t form, bool upper) {
    forms_[letter / 16][letter % 16] = static_cast<std::uint8_t>(form);
    const auto bit = static_cast<std::uint8_t>(1U << (letter / 16 % 8));
    valid_[letter / 128][letter % 16] |= bit;
    if (upper) upper_[letter / 128][letter % 16] |= bit;
  }

  struct Block {
    __m256i folded;
    __m256i capitals;      // Not zero where a capital begins, zero at all other bytes.
    std::size_t size = 0;  // So many bytes, from a character's beginning to another's.
    bool more = false;     // What follows is worth another block.
  };
  // Folds the 32 bytes at `at`, where a character begins, as far as they are ASCII and letters of
  // the four that `lead` belongs to, which is this one.
  [[nodiscard, gnu::always_inline]] Block fold(const char* at, char lead) const {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    const __m256i first = _mm256_set1_epi8(static_cast<char>(lead & 0xFC));
    const __m256i is_lead = _mm256_cmpeq_epi8(
        _mm256_and_si256(bytes, _mm256_set1_epi8(static_cast<char>(0xFC))), first);
    // At the second bytes.
    const __m256i low = _mm256_set1_epi8(0x3F);
    const __m256i letter =
        _mm256_or_si256(_mm256_and_si256(bytes, low),
                        _mm256_andnot_si256(low, _mm256_slli_epi16(byte_before(bytes), 6)));
    const std::uint32_t leads = bits(is_lead);
    const std::uint32_t high = bits(_mm256_slli_epi16(bytes, 6)) & leads;
    const __m256i form = high == 0       ? look_up<0, 8>(letter)
                         : high == leads ? look_up<8, 16>(letter)
                                         : look_up<0, 16>(letter);
    const __m256i form_after = byte_after(form);
    const __m256i folded_lead = _mm256_or_si256(
        first, _mm256_and_si256(_mm256_srli_epi16(form_after, 6), _mm256_set1_epi8(3)));
    const __m256i folded_second =
        _mm256_or_si256(_mm256_and_si256(form, low), _mm256_set1_epi8(static_cast<char>(0x80)));
    const AsciiBlock ascii = fold_ascii_block(bytes);
    const __m256i bit =
        _mm256_shuffle_epi8(_mm256_set1_epi64x(static_cast<long long>(0x8040201008040201ULL)),
                            _mm256_and_si256(_mm256_srli_epi16(letter, 4), _mm256_set1_epi8(7)));
    const __m256i upper = byte_after(has(upper_, letter, bit));
    const std::size_t size = size_of(bytes, leads, bits(has(valid_, letter, bit)));
    return {.folded = _mm256_blendv_epi8(
                ascii.folded, _mm256_blendv_epi8(folded_second, folded_lead, is_lead), bytes),
            .capitals = _mm256_or_si256(ascii.capitals, _mm256_and_si256(upper, is_lead)),
            .size = size,
            .more = size >= 31 && leads != 0};
  }

 private:
  using Sets = std::array<std::array<std::uint8_t, 16>, 2>;

  static std::uint32_t bits(__m256i bytes) {  // The sign bit of each byte.
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(bytes));
  }
  // At each byte the one before it, or the one after it; 0 where there is none.
  static __m256i byte_before(__m256i bytes) {
    return _mm256_alignr_epi8(bytes, _mm256_permute2x128_si256(bytes, bytes, 0x08), 15);
  }
  static __m256i byte_after(__m256i bytes) {
    return _mm256_alignr_epi8(_mm256_permute2x128_si256(bytes, bytes, 0x81), bytes, 1);
  }
  static __m256i both_lanes(const std::array<std::uint8_t, 16>& row) {
    return _mm256_broadcastsi128_si256(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(row.data())));
  }

  // The forms of the letters with numbers in [16 · kBegin, 16 · kEnd), 0 for others. A shuffle
  // gives 0 where its index has the sign bit: those of other rows do after the addition.
  template <std::size_t kBegin, std::size_t kEnd>
  [[gnu::always_inline]] __m256i look_up(__m256i letter) const {
    __m256i form = _mm256_setzero_si256();
#pragma GCC unroll 16
    for (std::size_t row = kBegin; row < kEnd; ++row) {
      const __m256i in_row =
          _mm256_xor_si256(letter, _mm256_set1_epi8(static_cast<char>(row * 16)));
      form = _mm256_or_si256(form,
                             _mm256_shuffle_epi8(both_lanes(forms_[row]),
                                                 _mm256_adds_epu8(in_row, _mm256_set1_epi8(0x70))));
    }
    return form;
  }

  // 0xFF where the letter is in the set; `bit` is that of its row among eight.
  static __m256i has(const Sets& sets, __m256i letter, __m256i bit) {
    const __m256i column = _mm256_and_si256(letter, _mm256_set1_epi8(0x0F));
    const __m256i rows =
        _mm256_blendv_epi8(_mm256_shuffle_epi8(both_lanes(sets[0]), column),
                           _mm256_shuffle_epi8(both_lanes(sets[1]), column), letter);
    return _mm256_cmpeq_epi8(_mm256_and_si256(rows, bit), bit);
  }

  static std::size_t size_of(__m256i bytes, std::uint32_t leads, std::uint32_t valid) {
    const std::uint32_t seconds =
        bits(_mm256_cmpgt_epi8(_mm256_set1_epi8(-64), bytes));  // 0x80 to 0xBF.
    const std::uint32_t others = bits(bytes) & ~(leads | seconds);
    const std::uint32_t bad = others | ((leads << 1) ^ seconds) | (seconds & ~valid);
    const auto size = static_cast<std::size_t>(std::countr_zero(bad));  // 32 where all is well.
    // A letter whose second byte is bad, or lies behind the block.
    return size > 0 && (leads >> (size - 1) & 1) != 0 ? size - 1 : size;
  }

  std::array<std::array<std::uint8_t, 16>, 16> forms_{};
  Sets valid_{};
  Sets upper_{};
};

}  // namespace wirewatch::text_internal

#endif
