// Decoding of base64, RFC 4648.

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace wirewatch {

// The most bytes that `encoded_size` characters can stand for.
[[nodiscard]] constexpr std::size_t base64_bytes_max(std::size_t encoded_size) {
  return encoded_size / 4 * 3 + 3;
}

// Decodes `encoded`, in the standard alphabet or the one for URLs (section 5), up to its end or the
// first "=", into `out`, which has room for base64_bytes_max(). Gives the number of bytes; nothing
// when any other character occurs or a single one is left over.
[[nodiscard]] std::optional<std::size_t> decode_base64(std::string_view encoded, char* out);

}  // namespace wirewatch
