// What is wrong with a message that simdjson refuses or that has no text, and the one fault that
// can be mended.
//
// Internal to common/article. All run on the rare way only, and walk the message once more.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "common/article/article_parser.h"

namespace wirewatch {

// The error of a message `text` that MessageReader refused with `code` at `position`.
[[nodiscard]] ParseError describe_json_fault(simdjson::error_code code, std::string_view text,
                                             std::size_t position);

// Appends to `out` which members the object `text` has, which `wrapper` names within the message
// ("payload.after", or empty): "The message has: a, b." Gives whether one is a list of objects.
bool describe_members(std::string_view text, std::string_view wrapper, std::string& out);

// Puts U+FFFD in place of escapes of lone surrogates in the first `size` bytes of `text`. Gives
// their number; 0 when there are none, or an escape is bad otherwise.
std::uint32_t replace_lone_surrogates(std::string& text, std::size_t size);

}  // namespace wirewatch
