// The forms in which agencies say where and when a report was filed.
//
// Internal to common/text.

#pragma once

#include <cstddef>
#include <string_view>

namespace wirewatch::text_internal {

// Bytes at the beginning of `text` that are a dateline, closing dash and space included; 0 when
// there is none. The forms are those of README.md. At most the first 140 bytes are looked at.
[[nodiscard]] std::size_t dateline_size(std::string_view text);

}  // namespace wirewatch::text_internal
