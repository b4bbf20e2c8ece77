// Events of ours as an editor or operator reads them: what `up` and `tap` print.
//
// Each function takes a record's value, an event as deploy/schemas has it, and gives lines that end
// in a line's end. nullopt when it is no such event. From any thread.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/kafka/kafka.h"

namespace wirewatch {

struct AlertText {
  // Two lines: level, profile and headline; what matched, where, and the score. WITHDRAWN instead
  // of ALERT for a story that was killed.
  std::string alert;
  // Another line, of where the story comes from: source, time, address.
  std::string origin;
};
[[nodiscard]] std::optional<AlertText> alert_text(std::string_view alert);
// One line: the headline, countries, topics and profiles that matched.
[[nodiscard]] std::optional<std::string> enriched_text(std::string_view event);
// Two lines: reason, where the message came from and the detail; the message's beginning.
[[nodiscard]] std::string dead_text(const KafkaRecord& record);

// The profile of an alert; nullopt when it is none.
[[nodiscard]] std::optional<std::string> profile_of(std::string_view alert);

}  // namespace wirewatch
