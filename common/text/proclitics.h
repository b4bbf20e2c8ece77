// The small words that some languages write onto the next one: Arabic "and", "by", "for", "so" and
// the article, Hebrew "in", "to", "from", "and", "the", "that", Amharic "in", "of", "for", "from",
// "about". A name is found with them: "وأوكرانيا" has "أوكرانيا".

#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace wirewatch {

// Persian and Urdu share Arabic's letters, Tigrinya Amharic's, but write no word onto the next:
// "کمین" is an ambush, not "as Maine".
inline constexpr std::array<std::string_view, 3> kProcliticLanguages = {"ar", "he", "am"};

struct ProcliticOptions {
  bool article = false;  // Arabic's too, before what does not begin with it.
  bool pairs = false;    // More of two such words, in Hebrew.
};

// Appends to `forms` the forms of a word or phrase (its first word) that begin so; none of other
// scripts, and of words so short that another one would be meant.
void append_proclitic_forms(std::string_view name, ProcliticOptions options,
                            std::vector<std::string>& forms);

}  // namespace wirewatch
