// Topics that vanish, grow, or take no more.

#include <csignal>

#include "tests/faults/scenarios/families.h"

namespace wirewatch::faults {

namespace {

// An output topic vanishes before anything is in it, and comes back.
void topic_away(World& world, const std::string& kind) {
  world.create_topics();
  world.start();
  world.require(world.await_ready(), "the enricher did not become ready");
  world.fault();
  std::string error = world.probe().delete_topic(world.topic(kind));
  world.require(error.empty(), "deleting the topic: " + error);
  world.begin_load(kRate);
  world.require(
      World::await(30000, [&] { return http_get(world.port(), "/readyz").status == 503; }),
      "/readyz stayed good without " + kind);
  sleep_ms(world.brief() ? 2000 : 10000);
  world.require(world.enricher().runs(), "the enricher ended");
  World::await(30000, [&] {
    error = world.probe().create_topic(world.topic(kind), world.partitions, world.kafka().size());
    return error.empty();
  });
  world.require(error.empty(), "creating the topic: " + error);
  world.healed();
  world.recovered();
  world.require(
      World::await(20000, [&] { return http_get(world.port(), "/readyz").status == 200; }),
      "/readyz stayed bad afterwards");
}
void alerts_missing(World& world) {
  topic_away(world, "alerts");
}
void dead_missing(World& world) {
  topic_away(world, "dead");
}

// The outputs of some articles are larger than their topic takes.
void too_large(World& world) {
  world.topic_config["enriched"] = {{"max.message.bytes", "100000"}};
  world.refusals = true;
  begin(world, 100);
  world.fault();
  for (int i = 0; i < (world.brief() ? 2 : 6); ++i) {
    std::string noise;  // That does not compress.
    for (int n = 0; n < 60000; ++n) noise += "word" + std::to_string(world.random(1000000)) + " ";
    world.send_article("{@ID@,\"title\":\"Large\",\"text\":\"" + noise + "\"}", false);
    sleep_ms(500);
  }
  world.healed();
  world.recovered();
  world.require(world.metric("wirewatch_dead_letter_records_total{reason=\"output_refused\"}") > 0,
                "no dead letter of a refused output");
}

void partitions_added(World& world) {
  world.settings.emplace_back("kafka.properties.topic.metadata.refresh.interval.ms=3000");
  begin(world);
  world.fault();
  const std::string error = world.probe().add_partitions(world.topic("raw"), 8);
  world.require(error.empty(), "adding partitions: " + error);
  world.require(
      World::await(20000, [&] { return world.metric("wirewatch_assigned_partitions") == 8; }),
      "the new partitions are not read");
  world.healed();
  world.recovered();
}

void input_recreated(World& world) {
  world.is_recreated = true;
  world.settings.emplace_back("kafka.properties.topic.metadata.refresh.interval.ms=3000");
  world.create_topics();
  world.start();
  world.require(world.await_ready(), "the enricher did not become ready");
  world.fault();
  std::string error = world.probe().delete_topic(world.topic("raw"));
  world.require(error.empty(), "deleting the topic: " + error);
  sleep_ms(8000);
  world.require(world.enricher().runs(), "the enricher ended");
  World::await(30000, [&] {
    error = world.probe().create_topic(world.topic("raw"), world.partitions, world.kafka().size());
    return error.empty();
  });
  world.begin_load(kRate);
  sleep_ms(2000);
  world.healed();
  world.recovered();
}

// Articles are deleted before anybody has read them.
void retention_passed(World& world) {
  begin(world);
  sleep_ms(2000);
  const auto lose = [&] {
    world.require(world.stop() == 0, "SIGTERM did not end it with 0");
    sleep_ms(3000);
    world.end_load();
    const auto committed = world.probe().committed(world.topic("raw"));
    auto targets = world.probe().ends(world.topic("raw"));
    world.require(committed && targets, "no broker tells offsets");
    std::int64_t count = 0;
    if (!committed || !targets) return count;
    for (auto& [partition, offset] : *targets) {
      const std::int64_t next = committed->at(partition);
      offset = next + (offset - next) / 2;
      count += offset - next;
    }
    world.require(count > 0, "there was nothing to delete");
    world.remember_inputs();
    const std::string error = world.probe().delete_records(world.topic("raw"), *targets);
    world.require(error.empty(), "deleting records: " + error);
    world.forget(*committed, *targets);
    return count;
  };
  world.fault();
  const std::int64_t lost = lose();
  world.begin_load(kRate);
  world.start();
  world.require(world.await_progress(), "it did not read on");
  sleep_ms(2000);
  world.note(std::to_string(lost) + " deleted and counted");
  world.require(
      world.metric("wirewatch_records_missed_total") == static_cast<double>(lost),
      std::to_string(lost) + " were deleted, counted: " +
          std::to_string(static_cast<int>(world.metric("wirewatch_records_missed_total"))));
  world.healed();
  world.recovered();
  // Who prefers a stop gets one.
  world.fault();
  (void)lose();
  world.settings.emplace_back("kafka.properties.auto.offset.reset=error");
  world.start();
  world.settings.pop_back();
  const auto status = world.enricher().wait(60000);
  world.require(status == 1, "auto.offset.reset=error did not end it with 1");
  world.start();
  world.begin_load(kRate);
  world.require(world.await_progress(), "it did not read on");
}

}  // namespace

std::vector<Scenario> topic_faults() {
  using enum Broker;
  return {
      {.number = 13,
       .name = "retention_passed",
       .what = "articles deleted before they are read; auto.offset.reset=error",
       .brokers = {kOne},
       .run = retention_passed},
      {.number = 14,
       .name = "too_large",
       .what = "events larger than their topic takes",
       .brokers = {kOne},
       .run = too_large},
      {.number = 14,
       .name = "alerts_missing",
       .what = "the alert topic is deleted and created",
       .brokers = {kOne},
       .run = alerts_missing},
      {.number = 15,
       .name = "dead_missing",
       .what = "the dead-letter topic is deleted and created",
       .brokers = {kOne},
       .run = dead_missing},
      {.number = 23,
       .name = "partitions_added",
       .what = "the input gets partitions",
       .brokers = {kOne},
       .run = partitions_added},
      {.number = 23,
       .name = "input_recreated",
       .what = "the input is deleted and created",
       .brokers = {kOne},
       .run = input_recreated},
  };
}

}  // namespace wirewatch::faults
