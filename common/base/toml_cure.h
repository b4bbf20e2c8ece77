// What to do about a file that is no TOML. The parser says what it met; people who write profiles
// and configurations need to be told what to write instead.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wirewatch {

// `description` of toml++, followed by "; " and the cure, where one is known. `text` is the whole
// file; line and column, counted from 1 and in code points, are where the parser stopped.
[[nodiscard]] std::string with_toml_cure(std::string_view description, std::string_view text,
                                         std::size_t line, std::size_t column);

}  // namespace wirewatch
