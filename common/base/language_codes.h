// Which codes of languages there are, and which mean the same: for articles, models, names and
// profiles alike.

#pragma once

#include <string_view>

namespace wirewatch {

// The code as a view that lives for ever, in lower case ("en" of "EN"); empty for what is neither
// of ISO 639-1 nor a longer code of a language without one that newspapers are written in.
[[nodiscard]] std::string_view known_language(std::string_view primary_subtag);

// The code that BCP 47 asks for: "de" of "ger", "he" of "iw", "ja" of "jp"; the given one where
// that is as it should be, or unknown. In lower case.
[[nodiscard]] std::string_view shortest_language_code(std::string_view code);

// The code that stands for all of which some mean the same to a reader: "no" for "nb" and "nn",
// "tl" for "fil", and whatever shortest_language_code() gives. Articles and profiles that state
// different ones of them are in the same language.
[[nodiscard]] std::string_view same_language(std::string_view code);

}  // namespace wirewatch
