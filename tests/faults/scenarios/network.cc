// What happens on the way to Kafka and back, by the fault proxy.

#include <csignal>

#include "tests/faults/scenarios/families.h"

namespace wirewatch::faults {

namespace {

void network(World& world, const ProxyFaults& faults, int seconds, int rounds = 1) {
  begin(world);
  for (int i = 0; i < rounds; ++i) {
    sleep_ms(1500);
    world.fault();
    world.kafka().set_proxies(faults);
    // Each reset is a fault of its own.
    for (int at = faults.reset_every_ms; faults.reset_every_ms > 0 && at < seconds * 1000;
         at += faults.reset_every_ms) {
      sleep_ms(faults.reset_every_ms);
      world.fault();
    }
    if (faults.reset_every_ms == 0) sleep_ms(seconds * 1000);
    world.require(world.kafka().struck() > 0, "the fault met no connection");
    world.kafka().set_proxies({});
    world.healed();
    world.recovered();
    world.require(world.enricher().runs(), "the enricher ended");
  }
}
void reset_peer(World& world) {
  network(world, {.reset_every_ms = 700}, world.brief() ? 6 : 20);
}
void refused(World& world) {
  network(world, {.refuse = true}, 15, world.brief() ? 1 : 2);
}
void blackhole(World& world) {
  network(world, {.blackhole = true}, world.brief() ? 15 : 30);
}
void half_open(World& world) {
  network(world, {.half_open = true}, world.brief() ? 15 : 30);
}
void latency(World& world) {
  network(world, {.latency_ms = 500, .jitter_ms = 200}, world.brief() ? 8 : 30);
}
void bandwidth(World& world) {
  network(world, {.bytes_per_s = 100'000}, world.brief() ? 8 : 30);
}
void slicer(World& world) {
  network(world, {.slice_bytes = 30}, world.brief() ? 6 : 20);
}

// Only what carries outputs stands still; what carries articles and heartbeats does not.
void producer_cut(World& world) {
  begin(world);
  sleep_ms(2000);
  world.fault();
  const double before = world.metric("wirewatch_rebalances_total{type=\"assigned\"}");
  world.kafka().set_proxies({.freeze_request = kProduce});
  const bool not_ready =
      World::await(40000, [&] { return http_get(world.port(), "/readyz").status == 503; });
  world.require(not_ready, "/readyz stayed good while outputs stood still");
  sleep_ms(3000);
  const std::string consumed =
      "wirewatch_records_consumed_total{topic=\"" + world.topic("raw") + "\"}";
  const double consumed_before = world.metric(consumed);
  sleep_ms(5000);
  world.require(world.metric(consumed) == consumed_before, "it went on reading");
  world.require(world.metric("wirewatch_assigned_partitions") == world.partitions,
                "it lost its partitions");
  world.require(world.metric("wirewatch_rebalances_total{type=\"assigned\"}") == before,
                "the group rebalanced");
  world.kafka().set_proxies({});
  world.healed();
  world.recovered();
}

// Partitions that are paused go to another member and come back: they must be read again.
void rebalance_while_paused(World& world) {
  world.static_members = false;
  begin(world);
  sleep_ms(1500);
  world.fault();
  world.kafka().set_proxies({.freeze_request = kProduce});
  world.require(
      World::await(40000, [&] { return http_get(world.port(), "/readyz").status == 503; }),
      "/readyz stayed good while outputs stood still");
  world.fault();  // Of what is in flight now, the other member knows nothing.
  world.start(1);
  World::await(30000, [&] { return world.metric("wirewatch_assigned_partitions", 1) > 0; });
  world.kafka().set_proxies({});
  sleep_ms(2000);
  world.require(world.stop(1) == 0, "SIGTERM did not end it with 0");
  world.healed();
  world.recovered();
}

// Kafka has taken the request; the answer does not come.
void answer_lost(World& world) {
  world.no_duplicates();  // The idempotent producer, at least once too.
  begin(world);
  for (int i = 0; i < (world.brief() ? 3 : 10); ++i) {
    world.fault();
    world.kafka().set_proxies(
        {.mute_request = kProduce, .mute_reset_ms = 300, .request_faults_max = 1});
    // After a reset the producer may wait ten seconds before it connects again.
    world.require(World::await(20000, [&] { return world.kafka().proxy().struck() > 0; }),
                  "no output was on its way");
    sleep_ms(500 + world.random(700));
  }
  world.kafka().set_proxies({});
  world.healed();
  world.recovered();
}

void commit_answer_lost(World& world) {
  begin(world);
  for (int i = 0; i < (world.brief() ? 2 : 10); ++i) {
    world.fault();
    world.kafka().set_proxies(
        {.mute_request = kEndTxn, .mute_reset_ms = 300, .request_faults_max = 1});
    world.require(World::await(20000, [&] { return world.kafka().proxy().struck() > 0; }),
                  "no transaction was ended");
    sleep_ms(1000 + world.random(500));
  }
  world.kafka().set_proxies({});
  world.healed();
  world.recovered();
}

// A commit reaches Kafka when its sender has long given it up and begun another transaction.
void commit_late(World& world) {
  begin(world);
  const int rounds = world.brief() ? 1 : 4;
  for (int i = 0; i < rounds; ++i) {
    sleep_ms(1000);
    world.fault();
    const int hold_ms = world.brief() ? 22000 : 18000 + 4000 * i;
    world.kafka().set_proxies(
        {.hold_request = kEndTxn, .hold_ms = hold_ms, .request_faults_max = 1});
    world.require(World::await(20000, [&] { return world.kafka().proxy().struck() > 0; }),
                  "no transaction was ended");
    sleep_ms(hold_ms + 1500);
    world.kafka().set_proxies({});
    world.healed();
    world.recovered();
  }
}

void queue_full(World& world) {
  world.settings.emplace_back("kafka.properties.queue.buffering.max.messages=60");
  begin(world);
  world.fault();
  world.kafka().set_proxies({.latency_ms = 150});
  sleep_ms(world.brief() ? 6000 : 20000);
  world.require(world.kafka().struck() > 0, "the fault met no connection");
  world.note("in flight " +
             std::to_string(static_cast<int>(world.metric("wirewatch_inflight_records"))));
  world.kafka().set_proxies({});
  world.healed();
  world.recovered();
}

}  // namespace

std::vector<Scenario> network_faults() {
  using enum Broker;
  return {
      {.number = 9,
       .name = "reset_peer",
       .what = "every connection reset at 0.7 s of age",
       .brokers = {kOne},
       .brief = true,
       .run = reset_peer},
      {.number = 9,
       .name = "refused",
       .what = "connections refused",
       .brokers = {kOne},
       .run = refused},
      {.number = 9,
       .name = "blackhole",
       .what = "nothing passes, nothing is closed",
       .brokers = {kOne},
       .run = blackhole},
      {.number = 9,
       .name = "half_open",
       .what = "the broker's side closed, the client not told",
       .brokers = {kOne},
       .run = half_open},
      {.number = 9,
       .name = "latency",
       .what = "500 ± 200 ms each way",
       .brokers = {kOne},
       .run = latency},
      {.number = 9,
       .name = "bandwidth",
       .what = "100 kB/s for each connection",
       .brokers = {kOne},
       .run = bandwidth},
      {.number = 9,
       .name = "slicer",
       .what = "pieces of 1 to 30 bytes",
       .brokers = {kOne},
       .run = slicer},
      {.number = 10,
       .name = "producer_cut",
       .what = "outputs stand still, input does not",
       .brokers = {kOne},
       .run = producer_cut},
      {.number = 10,
       .name = "rebalance_while_paused",
       .what = "outputs stand still, and partitions go to another member and come back",
       .brokers = {kOne},
       .run = rebalance_while_paused},
      {.number = 19,
       .name = "queue_full",
       .what = "a local queue of 60 records, 150 ms each way",
       .brokers = {kOne},
       .run = queue_full},
      {.number = 20,
       .name = "answer_lost",
       .what = "Produce is applied, its answer lost",
       .brokers = {kOne},
       .brief = true,
       .run = answer_lost},
      {.number = 21,
       .name = "commit_answer_lost",
       .what = "EndTxn is applied, its answer lost",
       .brokers = {kOne},
       .at_least_once = false,
       .brief = true,
       .run = commit_answer_lost},
      {.number = 21,
       .name = "commit_late",
       .what = "EndTxn arrives after the next transaction has begun (KAFKA-17754)",
       .brokers = {kOne},
       .at_least_once = false,
       .run = commit_late},
  };
}

}  // namespace wirewatch::faults
