// Date-times of news feeds: RFC 3339, ISO 8601's basic form, RFC 822/2822, English dates with the
// month's name, and seconds to nanoseconds since 1970.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wirewatch {

// Milliseconds since 1970-01-01T00:00:00Z of a date-time. A date alone is its midnight in UTC; a
// time without a zone is taken as UTC; zones may have the names of RFC 822. White space around it
// is ignored. nullopt for anything else, dates such as 20/11/2026 or 11/20/2026 among them, which
// only their writer can tell apart, and for years before 1900 or after 9999.
[[nodiscard]] std::optional<std::int64_t> parse_date_time(std::string_view text);

// The same of a date-time of RFC 3339 as JSON Schema's "date-time" wants it, and of nothing else.
[[nodiscard]] std::optional<std::int64_t> parse_rfc3339(std::string_view text);

// "2026-11-24T06:30:00.250Z"; the fraction is left out when it is zero. Appends to `out`.
void append_rfc3339(std::int64_t milliseconds, std::string& out);

}  // namespace wirewatch
