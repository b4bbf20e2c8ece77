#include "services/wirewatch/topic_bound.h"

#include <charconv>
#include <system_error>

#include "common/article/date_time.h"

namespace wirewatch {

std::expected<KafkaBound, std::string> parse_topic_bound(const std::string& text) {
  if (!text.empty() && text.find_first_not_of("0123456789") == std::string::npos) {
    KafkaBound bound;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), bound.value);
    if (end.ec == std::errc()) return bound;
  } else if (const auto time_ms = parse_date_time(text)) {
    return KafkaBound{*time_ms, true};
  }
  return std::unexpected(text +
                         " is neither an offset nor a time; write 1041, 2026-11-20 or "
                         "2026-11-20T06:00:00Z");
}

}  // namespace wirewatch
