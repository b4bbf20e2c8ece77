// What `wirewatch top` shows: readings of services as a table, and what the last minute brought.
//
// Pure: from readings to lines.

#pragma once

#include <optional>
#include <span>
#include <string>

#include "services/wirewatch/service_reading.h"

namespace wirewatch {

// A service at an address, now and before.
struct Observed {
  std::string address;
  std::string state;                  // "ready", or why not, or why nothing is known.
  std::optional<ServiceReading> now;  // Nothing where it did not answer.
  // Earlier, by so many seconds; 0 at first: then there are no rates.
  ServiceReading before;
  double seconds = 0;
  ServiceReading minute_before;
  double minute_seconds = 0;
};

// Lines of up to 120 columns: a row for each service, one for all where there are several, what is
// wrong with any, and the most frequent profiles, countries, subjects and reasons of dead letters.
[[nodiscard]] std::string top_text(std::span<const Observed> services);

}  // namespace wirewatch
