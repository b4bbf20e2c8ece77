// The language of an article as feeds write it → a tag of BCP 47.

#pragma once

#include <string>
#include <string_view>

namespace wirewatch {

// Appends to `out` the language that `text` states, as a well-formed tag in the case and with the
// shortest codes that BCP 47 asks for: "en-US" of "EN_us", "pt-BR" of "pt_BR.UTF-8", "de" of "ger",
// "id" of "in". The English name of a language and its own ("German", "Deutsch") are taken too, and
// the codes of countries that some news APIs give for languages and that are none ("jp"). Gives
// false, and appends nothing, where that states no language: "", "und", "x-default", "en,fr".
// Of a tag whose end is malformed the beginning is taken. Cost: a table or two, no allocation but
// of `out`.
bool append_language_tag(std::string_view text, std::string& out);

}  // namespace wirewatch
