// Suggestions for mistyped names.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace wirewatch {

// The known name closest to `name` by edit distance (Levenshtein 1966), the case of ASCII letters
// aside; the first of equals. Empty when none is close: a third of the characters, or `least` when
// that is more, may have to be changed. Names of more than 64 bytes are close to none. Allocates;
// for messages.
[[nodiscard]] std::string_view closest_name(std::string_view name,
                                            std::span<const std::string_view> known,
                                            std::size_t least = 1);

// The end of a message about an unknown name, `; did you mean "NAME"?` with the closest_name(), or
// nothing. Allocates.
[[nodiscard]] std::string did_you_mean(std::string_view name,
                                       std::span<const std::string_view> known,
                                       std::size_t least = 1);

}  // namespace wirewatch
