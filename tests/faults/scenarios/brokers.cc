// Brokers that die and stand still.

#include "tests/faults/scenarios/families.h"

namespace wirewatch::faults {

namespace {

void broker_bounce(World& world) {
  begin(world);
  const int bounces = world.brief() ? 2 : 5;
  for (int i = 0; i < bounces; ++i) {
    // In turn whoever leads a partition of the outputs, and the group's coordinator.
    int node = i % 2 == 0 ? world.probe().leaders(world.topic("enriched"))[i % world.partitions]
                          : world.probe().coordinator();
    if (node < 1) node = 1 + i % world.kafka().size();
    world.fault();
    const bool hard = i % 2 == 0;
    hard ? world.kafka().kill(node) : world.kafka().terminate(node);
    sleep_ms(world.kafka().size() == 1 ? 2000 : 12000);  // Long enough for new leaders.
    world.require(world.kafka().restart(node), "the broker did not start again");
    world.healed();
    world.recovered();
    world.require(world.enricher().runs(), "the enricher ended");
  }
}

void broker_freeze(World& world) {
  begin(world);
  int node = world.probe().leaders(world.topic("enriched"))[0];
  if (node < 1) node = 1;
  sleep_ms(3000);
  const std::int64_t before = world.enricher().rss_kb();
  world.fault();
  world.kafka().freeze(node);
  sleep_ms(world.brief() ? 20000 : 90000);
  const std::int64_t after = world.enricher().rss_kb();
  world.kafka().thaw(node);
  world.healed();
  world.recovered();
  world.require(world.enricher().runs(), "the enricher ended");
  world.note("RSS " + std::to_string(before / 1024) + " → " + std::to_string(after / 1024) + " MB");
  world.require(after - before < 300 * 1024, "memory grew while a broker stood still");
}

}  // namespace

std::vector<Scenario> broker_faults() {
  using enum Broker;
  return {
      {.number = 7,
       .name = "broker_bounce",
       .what = "leader killed, coordinator stopped, in turn",
       .brokers = {kThree},
       .run = broker_bounce},
      {.number = 8,
       .name = "broker_freeze",
       .what = "leader SIGSTOPped for 90 s",
       .brokers = {kThree},
       .run = broker_freeze},
  };
}

}  // namespace wirewatch::faults
