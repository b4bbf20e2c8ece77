// Texts of feeds for a terminal, which obeys control characters: a headline could clear the screen
// or write over a line before it.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wirewatch {

// UTF-8 of several lines: control characters other than line ends are spaces.
[[nodiscard]] inline std::string printable_lines(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (byte == 0xC2 && next >= 0x80 && next < 0xA0) {  // U+0080 to U+009F.
      out += ' ';
      ++i;
    } else {
      const bool control = (byte < 0x20 && byte != '\n') || byte == 0x7F;
      out += control ? ' ' : text[i];
    }
  }
  return out;
}

// The same on one line.
[[nodiscard]] inline std::string printable(std::string_view text) {
  std::string out = printable_lines(text);
  for (char& c : out) {
    if (c == '\n') c = ' ';
  }
  return out;
}

}  // namespace wirewatch
