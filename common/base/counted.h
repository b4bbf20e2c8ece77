// Numbers of things in messages for people.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wirewatch {

// "1 profile", "2 profiles": of a word whose plural has an 's'.
[[nodiscard]] inline std::string counted(std::size_t count, std::string_view one) {
  std::string text = std::to_string(count) + " " + std::string(one);
  if (count != 1) text += "s";
  return text;
}

}  // namespace wirewatch
