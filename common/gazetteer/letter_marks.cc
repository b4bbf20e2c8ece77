// Which marks the letters of a name have: "Bỉ" is Belgium, "bị" is not.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>

#include "common/base/utf8.h"
#include "common/gazetteer/gazetteer.h"

namespace wirewatch {

namespace {

// The small form of a Latin letter with marks; of pairs the even one is the capital, but for those
// where it is the odd one.
std::uint32_t small_letter(std::uint32_t c) {
  constexpr std::uint32_t kCapitalHornU = 0x1AF;
  if (c >= 0xC0 && c <= 0xDE) return c + 0x20;
  if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E) || c == kCapitalHornU) {
    return (c + 1) & ~1U;
  }
  if (c == kCapitalHornU + 1) return c;
  return (c >= 0x100 && c <= 0x24F) || (c >= 0x1E00 && c <= 0x1EFF) ? c | 1U : c;
}

// A number for a small letter's marks, which of all Vietnamese forms of one letter differs.
std::uint32_t mark_of(std::uint32_t c) {
  constexpr std::uint32_t kFirst = 0x1EA1;  // Those with two marks, in order of the letter.
  constexpr std::uint32_t kLast = 0x1EF9;
  constexpr std::uint32_t kLetterBegins[] = {0, 12, 20, 22, 34, 41};  // a, e, i, o, u, y
  if (c >= kFirst && c <= kLast) {
    const std::uint32_t index = (c - kFirst) / 2;
    const auto* letter =
        std::upper_bound(std::begin(kLetterBegins), std::end(kLetterBegins), index);
    return 1 + index - *(letter - 1);
  }
  if (c >= 0xE0 && c <= 0xEF) return 13 + (c & 3U);                     // à á â ã, è é ê, ì í
  if (c >= 0xF2 && c <= 0xFD) return 13 + c - 0xF2U;                    // ò ó ô õ, ù ú, ý
  if (c == 0x103 || c == 0x129 || c == 0x169 || c == 0x1A1) return 17;  // ă, ĩ, ũ, ơ
  if (c == 0x1B0) return 18;                                            // ư
  return 19 + c % 11;
}

}  // namespace

std::uint16_t marks_of(std::string_view text) {
  std::uint32_t sum = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0xC2) continue;
    std::uint32_t c = lead < 0xE0 ? lead & 0x1FU : lead & 0x0FU;
    while (at + 1 < text.size() && is_continuation(text[at + 1])) {
      c = (c << 6) | (static_cast<unsigned char>(text[++at]) & 0x3FU);
    }
    constexpr std::uint32_t kMarksFirst = 0x300;
    constexpr std::uint32_t kMarksLast = 0x36F;
    if (c >= kMarksFirst && c <= kMarksLast) return kAnyMarks;
    sum += mark_of(small_letter(c));
  }
  return sum == 0 ? 0 : static_cast<std::uint16_t>(1 + sum % (kAnyMarks - 1));
}

}  // namespace wirewatch
