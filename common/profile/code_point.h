// Characters of folded text, which is valid UTF-8 apart from cut ends. Internal to the module.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wirewatch::profile_internal {

// Length of the UTF-8 sequence that begins with `lead`; 1 for anything else.
[[nodiscard]] inline std::size_t sequence_size(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  if (byte >= 0xF0) return 4;
  if (byte >= 0xE0) return 3;
  return byte >= 0xC0 ? 2 : 1;
}

// Decodes the character at `at`, which must be within the text, and puts `at` behind it; a byte
// that begins none comes out as itself.
[[nodiscard]] inline std::uint32_t next_code_point(std::string_view text, std::size_t& at) {
  const std::size_t size = std::min(sequence_size(text[at]), text.size() - at);
  const auto lead = static_cast<unsigned char>(text[at]);
  std::uint32_t code = lead;
  if (size > 1) code = lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    code = code << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
  }
  at += size;
  return code;
}

// Whether a byte of folded text belongs to a word.
[[nodiscard]] inline bool is_word_byte(char c) {
  return static_cast<unsigned char>(c) >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// Leaves of a folded text its words, a space between them.
inline void keep_words(std::string& folded) {
  std::size_t kept = 0;
  for (const char c : folded) {
    if (is_word_byte(c)) {
      folded[kept++] = c;
    } else if (kept > 0 && folded[kept - 1] != ' ') {
      folded[kept++] = ' ';
    }
  }
  if (kept > 0 && folded[kept - 1] == ' ') --kept;
  folded.resize(kept);
}

}  // namespace wirewatch::profile_internal
