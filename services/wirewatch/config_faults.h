// What each option alone cannot tell: options that do not fit together, and names that Kafka or the
// machine does not take.

#pragma once

#include <string>
#include <vector>

#include "common/config/config.h"

namespace wirewatch {

// Faults of the names that a service goes by, on whichever broker: its topics, its group, and the
// address that it listens at. Each names the option and the cure.
[[nodiscard]] std::vector<std::string> name_faults(const Config& config);

}  // namespace wirewatch
