// The faults, by name.

#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "tests/faults/world.h"

namespace wirewatch::faults {

struct Scenario {
  int number = 0;  // Of what is to be shown, 1 to 29.
  std::string_view name;
  std::string_view what;        // One line for people.
  std::vector<Broker> brokers;  // One run on each.
  bool at_least_once = true;
  bool exactly_once = true;  // Not on the embedded broker, which has no transactions.
  bool brief = false;        // Part of --short, on the first broker.
  void (*run)(World&) = nullptr;
};

[[nodiscard]] const std::vector<Scenario>& scenarios();

// Random faults for so long.
void soak(World& world, std::int64_t seconds);

}  // namespace wirewatch::faults
