// Where a range of a topic begins or ends, as it is written on the command line.

#pragma once

#include <expected>
#include <string>

#include "common/kafka/kafka.h"

namespace wirewatch {

// Of "1041", "2026-11-20" or "2026-11-20T06:00:00Z"; an error says what may be written.
[[nodiscard]] std::expected<KafkaBound, std::string> parse_topic_bound(const std::string& text);

}  // namespace wirewatch
