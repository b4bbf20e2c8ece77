// The gazetteer's table of text → the bytes that Gazetteer::from_bytes() uses in place.
//
// A program of the build runs it once (tools/compile_gazetteer.cc); tests compile tables of a few
// lines. The table's columns are described in README.md.

#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace wirewatch {

// `origin` names the table in errors, which tell the line and the cure. Equal tables give equal
// bytes.
[[nodiscard]] std::expected<std::string, std::string> compile_gazetteer(std::string_view table,
                                                                        std::string_view origin);

}  // namespace wirewatch
