// What single characters and words are, for the steps that tell zones apart.
//
// Internal to common/text. Pure.

#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string_view>

namespace wirewatch::text_internal {

[[nodiscard]] inline bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

// Of what stands between two words.
[[nodiscard]] inline bool ends_sentence(std::string_view gap) {
  return std::any_of(gap.begin(), gap.end(),
                     [](char c) { return c == '.' || c == '!' || c == '?'; });
}

template <std::size_t N>
[[nodiscard]] bool is_one_of(std::string_view word, const std::string_view (&words)[N]) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

}  // namespace wirewatch::text_internal
