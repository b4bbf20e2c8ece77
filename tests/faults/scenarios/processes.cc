// Enrichers that are killed, stopped, started and added.

#include <algorithm>
#include <array>
#include <csignal>

#include "tests/faults/scenarios/families.h"

namespace wirewatch::faults {

namespace {

void kill_9(World& world) {
  // The broker learns of a transaction when its records go out, at the latest after a tenth of a
  // second. So most of the kills hit one that is open there.
  if (world.exactly_once()) world.settings.emplace_back("kafka.transaction_ms=1000");
  world.aborts_wanted = world.exactly_once();
  // The embedded broker keeps five megabytes of each partition.
  begin(world, world.is_mock() ? 60 : kRate);
  const int kills = world.brief() ? 4 : world.is_mock() ? 15 : 50;
  double resume_max_s = 0;
  for (int i = 0; i < kills; ++i) {
    sleep_ms(world.random(1200));
    world.kill();
    const std::int64_t begun = steady_ms();
    world.start();
    // Some are killed again before they have begun.
    if (world.random(8) == 0) {
      sleep_ms(world.random(1500));
      continue;
    }
    world.require(world.await_progress(), "no restart");
    resume_max_s = std::max(resume_max_s, static_cast<double>(steady_ms() - begun) / 1000);
  }
  world.healed();
  world.recovered();
  world.note("longest restart until it reads " + std::to_string(resume_max_s).substr(0, 4) + " s");
  world.require(resume_max_s <= 10 || world.is_mock(), "a restart took longer than 10 s");
}

void sigterm(World& world) {
  world.no_duplicates();
  begin(world);
  for (int i = 0; i < (world.brief() ? 2 : 8); ++i) {
    sleep_ms(world.random(1000));
    world.fault();
    const std::int64_t begun = steady_ms();
    const auto status = world.stop();
    world.require(status == 0, "SIGTERM did not end it with 0");
    world.require(steady_ms() - begun <= 15000, "SIGTERM took longer than drain and close");
    world.start();
    world.require(world.await_progress(), "no restart");
  }
}

void sigterm_early(World& world) {
  world.static_members = false;
  world.create_topics();
  world.begin_load(kRate);
  for (const int after_ms : {50, 200, 400, 700, 1000, 1500}) {
    world.start();
    sleep_ms(after_ms);
    world.fault();
    const auto status = world.stop();
    // Before its handler stands, the signal ends the process at once.
    world.require(status == 0 || status == 128 + SIGTERM,
                  "SIGTERM after " + std::to_string(after_ms) +
                      " ms: " + (status ? std::to_string(*status) : "hangs"));
  }
  world.start();
  world.require(world.await_progress(), "no restart");
  world.fault();
  world.enricher().signal(SIGTERM);
  sleep_ms(20);
  world.enricher().signal(SIGTERM);  // The second one does not wait.
  const auto status = world.enricher().wait(5000);
  world.require(status == 130 || status == 0, "a second SIGTERM did not end it");
  // While the group rebalances.
  world.start(0);
  world.start(1);
  world.require(world.await_progress(0) || world.await_progress(1), "no restart of two");
  world.start(2);
  World::await(30000, [&] { return http_get(world.port(2), "/livez").status == 200; });
  sleep_ms(500);
  world.fault();
  world.require(world.stop(0) == 0, "SIGTERM during a rebalance");
  world.require(world.stop(2) == 0, "SIGTERM during a rebalance, of the newest");
  world.healed();
  world.recovered();
}

// A process that stood still for longer than its session comes back.
void zombie(World& world) {
  world.static_members = false;
  world.create_topics();
  world.begin_load(kRate);
  world.start(0);
  world.start(1);
  world.require(world.await_progress(0) && world.await_progress(1), "two members did not begin");
  for (int i = 0; i < (world.brief() ? 1 : 3); ++i) {
    sleep_ms(2000);
    world.fault();
    world.enricher(0).signal(SIGSTOP);
    sleep_ms(12000);
    world.enricher(0).signal(SIGCONT);
    world.healed();
    world.recovered();
  }
  world.require(world.enricher(0).runs(), "the one that stood still has ended");
  if (!world.exactly_once()) return;
  // Another process takes its name meanwhile: then the first must write nothing more, and end.
  world.fault();
  world.enricher(0).signal(SIGSTOP);
  const pid_t first = world.enricher(0).pid();
  ProcessOptions successor;
  world.start(2, {});  // A member of its own name, to keep reading.
  world.settings.emplace_back("kafka.instance_id=desk-0");
  world.start(3);
  world.settings.pop_back();
  world.require(world.await_ready(3), "the successor did not become ready");
  sleep_ms(3000);
  kill(first, SIGCONT);
  const auto status = world.enricher(0).wait(60000);
  world.require(status.has_value() && *status != 0, "the fenced one did not end with a failure");
  world.healed();
  world.recovered();
}

void rolling_restart(World& world) {
  world.no_duplicates();
  world.partitions = 6;
  world.create_topics();
  world.begin_load(kRate);
  for (int i = 0; i < 3; ++i) world.start(i);
  for (int i = 0; i < 3; ++i)
    world.require(world.await_progress(i), "member " + std::to_string(i) + " did not begin");
  sleep_ms(3000);
  const auto revokes = [&](int index) {
    return std::max(0.0, world.metric("wirewatch_rebalances_total{type=\"revoked\"}", index)) +
           std::max(0.0, world.metric("wirewatch_rebalances_total{type=\"lost\"}", index));
  };
  std::array<double, 3> before{};
  for (int i = 0; i < 3; ++i) before[static_cast<std::size_t>(i)] = revokes(i);
  for (int i = 0; i < 3; ++i) {
    world.fault();
    world.require(world.stop(i) == 0, "SIGTERM did not end it with 0");
    world.start(i);
    world.require(world.await_progress(i), "no restart");
    for (int other = 0; other < 3; ++other) {
      if (other == i) continue;
      const double now = revokes(other);
      world.require(
          now <= before[static_cast<std::size_t>(other)] || other < i,
          "restart of " + std::to_string(i) + " took partitions from " + std::to_string(other));
    }
    before[static_cast<std::size_t>(i)] = revokes(i);
  }
}

void scale(World& world, const std::string& assignor) {
  world.static_members = false;
  world.settings.push_back("kafka.properties.partition.assignment.strategy=" + assignor);
  world.partitions = 6;
  begin(world);
  for (int i = 1; i < 3; ++i) {
    world.fault();
    world.start(i);
    world.require(world.await_progress(i), "member " + std::to_string(i) + " did not begin");
    sleep_ms(2000);
  }
  for (int i = 1; i < 3; ++i) {
    world.fault();
    world.require(world.stop(i) == 0, "SIGTERM did not end it with 0");
    sleep_ms(2000);
  }
  world.healed();
  world.recovered();
}
void scale_range(World& world) {
  scale(world, "range");
}
void scale_cooperative(World& world) {
  scale(world, "cooperative-sticky");
}

}  // namespace

std::vector<Scenario> process_faults() {
  using enum Broker;
  return {
      {.number = 1,
       .name = "kill_9",
       .what = "SIGKILL at random points under load",
       .brokers = {kOne, kMock},
       .brief = true,
       .run = kill_9},
      {.number = 2,
       .name = "sigterm",
       .what = "SIGTERM under load, again and again",
       .brokers = {kOne, kMock},
       .brief = true,
       .run = sigterm},
      {.number = 3,
       .name = "sigterm_early",
       .what = "SIGTERM before the first assignment, twice, in a rebalance",
       .brokers = {kOne, kMock},
       .run = sigterm_early},
      {.number = 4,
       .name = "zombie",
       .what = "SIGSTOP beyond the session, SIGCONT; a successor of the same name",
       .brokers = {kOne},
       .run = zombie},
      {.number = 5,
       .name = "rolling_restart",
       .what = "three static members restarted in turn",
       .brokers = {kOne},
       .run = rolling_restart},
      {.number = 6,
       .name = "scale_range",
       .what = "one to three members and back, range",
       .brokers = {kOne},
       .run = scale_range},
      {.number = 6,
       .name = "scale_cooperative",
       .what = "one to three members and back, cooperative-sticky",
       .brokers = {kOne},
       .run = scale_cooperative},
  };
}

}  // namespace wirewatch::faults
