#include "tests/faults/scenarios.h"

#include <algorithm>
#include <iterator>

#include "tests/faults/scenarios/families.h"

namespace wirewatch::faults {

// One enricher under load, reading.
void begin(World& world, int rate) {
  world.create_topics();
  world.begin_load(rate);
  world.start();
  world.require(world.await_progress(), "the enricher did not begin to read");
}

const std::vector<Scenario>& scenarios() {
  static const std::vector<Scenario> kAll = [] {
    std::vector<Scenario> joined;
    for (const auto family : {process_faults, broker_faults, network_faults, broker_error_faults,
                              topic_faults, credential_faults, input_faults, internal_faults}) {
      std::vector<Scenario> more = family();
      joined.insert(joined.end(), std::make_move_iterator(more.begin()),
                    std::make_move_iterator(more.end()));
    }
    std::stable_sort(joined.begin(), joined.end(),
                     [](const Scenario& a, const Scenario& b) { return a.number < b.number; });
    return joined;
  }();
  return kAll;
}

}  // namespace wirewatch::faults
