// What the identification of languages reads of a text: the script of its words, the words, their
// character trigrams, and the marked letters, which folding leaves without their marks. Internal to
// the identifier and to the program that trains it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "common/base/hash.h"
#include "common/base/utf8.h"
#include "common/text/article_text.h"

namespace wirewatch::language_internal {

// Scripts by the languages that they leave open. Values stand in the model file (level of a class).
enum class Script : std::uint8_t {
  kNone,  // Digits, and scripts that are not listed.
  kLatin,
  kCyrillic,
  kArabic,
  kDevanagari,
  kEthiopic,
  kHan,
  kKana,
  kHangul,
  kGreek,
  kHebrew,
  kArmenian,
  kGeorgian,
  kBengali,
  kGurmukhi,
  kGujarati,
  kOriya,
  kTamil,
  kTelugu,
  kKannada,
  kMalayalam,
  kSinhala,
  kThai,
  kLao,
  kTibetan,
  kMyanmar,
  kKhmer,
};
inline constexpr std::size_t kScriptCount = 27;

// How far, times the root of the number of its known features, the fit of a text may be below its
// language's threshold.
inline constexpr float kFitSpread = 2;

[[nodiscard]] Script script_of(std::uint32_t code_point);

// Decodes the character of well-formed UTF-8 at `at` and moves behind it. `at` < word.size().
[[nodiscard]] inline std::uint32_t next_character(std::string_view word, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(word[at++]);
  if (lead < 0x80) return lead;
  std::uint32_t code_point = lead < 0xE0 ? lead & 0x1FU : lead < 0xF0 ? lead & 0x0FU : lead & 7U;
  while (at < word.size() && is_continuation(word[at])) {
    code_point = (code_point << 6) | (static_cast<unsigned char>(word[at++]) & 0x3FU);
  }
  return code_point;
}

// The feature of three neighbouring characters; 0 stands for the space around a word.
[[nodiscard]] inline std::uint64_t trigram_feature(std::uint64_t first, std::uint64_t second,
                                                   std::uint64_t third) {
  constexpr std::uint64_t kTrigramSalt = 0x5851F42D4C957F2DULL;
  return mix64(((first << 42) | (second << 21) | third) ^ kTrigramSalt, 0xDA942042E4DD58B5ULL);
}

// Calls visit(std::uint64_t feature) for each trigram of a folded word with a space before and
// after.
template <typename Visit>
void for_each_trigram(std::string_view word, Visit&& visit) {
  if (word.empty()) return;
  std::size_t at = 0;
  std::uint32_t first = 0;
  std::uint32_t second = next_character(word, at);
  while (at < word.size()) {
    const std::uint32_t third = next_character(word, at);
    visit(trigram_feature(first, second, third));
    first = second;
    second = third;
  }
  visit(trigram_feature(first, second, 0));
}

// A feature of the language model for the whole word, apart from the topics' features.
[[nodiscard]] inline std::uint64_t word_feature(std::uint64_t token_hash) {
  return token_hash;
}

// The small letter of a Latin or Cyrillic letter that folding would give without its mark or in
// another shape ("Ő", "å", "Ў", "đ"); 0 for all other characters.
[[nodiscard]] std::uint32_t marked_letter(std::uint32_t code_point);

// The feature of a marked letter.
[[nodiscard]] inline std::uint64_t mark_feature(std::uint64_t letter) {
  constexpr std::uint64_t kMarkSalt = 0x2127599BF4325C37ULL;
  return mix64(letter ^ kMarkSalt, 0x880355F21E6D1965ULL);
}

// Calls visit(std::uint64_t feature) for the marked letters of a script in a text as it was
// written.
template <typename Visit>
void for_each_mark(std::string_view source, Script script, Visit&& visit) {
  if (script != Script::kLatin && script != Script::kCyrillic) return;
  for (std::size_t at = 0; at < source.size();) {
    if (static_cast<unsigned char>(source[at]) < 0xC0) {
      ++at;
      continue;
    }
    const std::uint32_t letter = marked_letter(next_character(source, at));
    if (letter != 0 && script_of(letter) == script) visit(mark_feature(letter));
  }
}

// Appends the words among tokens [begin, end) that are of the script: the most telling features,
// and a fifth of all.
void add_words(const ArticleText& text, std::uint32_t begin, std::uint32_t end, Script script,
               std::vector<std::uint64_t>& features);

// Appends the features of tokens [begin, end), which lie in one field, that are of the script.
void add_features(const ArticleText& text, std::uint32_t begin, std::uint32_t end, Script script,
                  std::vector<std::uint64_t>& features);

}  // namespace wirewatch::language_internal
