// What is a URI, for ids and addresses that feeds state.

#pragma once

#include <string_view>

namespace wirewatch {

// Whether `text` is "scheme:rest" with a scheme of RFC 3986 and none of the characters that no URI
// has (white space, quotes, <>\\^`{|}).
[[nodiscard]] bool is_uri(std::string_view text);

}  // namespace wirewatch
