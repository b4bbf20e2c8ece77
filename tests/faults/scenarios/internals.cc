// The process itself, its files, memory and clock.

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "tests/faults/scenarios/families.h"

namespace wirewatch::faults {

namespace {

void slow_classifier(World& world) {
  world.settings.emplace_back("kafka.properties.max.poll.interval.ms=8000");
  begin(world);
  for (const char* thread : {"worker", "wirewatch"}) {  // Then the poll loop itself.
    world.fault();
    world.require(world.enricher().hold_threads(thread, 14000), std::string("no thread ") + thread);
    world.healed();
    world.recovered();
    world.require(world.enricher().runs(), "the enricher ended");
  }
}

void reload(World& world) {
  const std::filesystem::path shipped =
      std::filesystem::path(world.options().program).parent_path() / "../share/wirewatch/profiles";
  const std::filesystem::path folder =
      std::filesystem::path(world.options().directory) / world.topic("profiles");
  std::filesystem::copy(shipped, folder);
  world.settings.push_back("profiles.directory=" + folder.string());
  world.settings.emplace_back("profiles.reload_ms=200");
  begin(world);
  const auto refused = [&] { return world.metric("wirewatch_profile_reload_refused") == 1; };
  const std::filesystem::path bad = folder / "broken.toml";
  for (const std::string text : {"query = \"((\"", "title = \"Half writ",
                                 "title = \"T\"\nquery = \"nosuch:predicate\"", "\xff\xfe\x00"}) {
    world.fault();
    std::ofstream(bad) << text;
    world.require(World::await(15000, refused), "a broken profile was not refused");
    sleep_ms(300);
    std::filesystem::remove(bad);
    world.require(World::await(15000, [&] { return !refused(); }), "it stayed refused");
  }
  world.fault();
  std::filesystem::rename(folder, folder.string() + ".gone");
  world.require(World::await(15000, refused), "a missing folder was not refused");
  std::filesystem::rename(folder.string() + ".gone", folder);
  world.require(World::await(15000, [&] { return !refused(); }), "it stayed refused");
  world.healed();
  world.recovered();
  std::filesystem::remove_all(folder);
}

void scraped(World& world) {
  begin(world);
  const auto latency = [&] {
    const double sum = world.metric("wirewatch_end_to_end_latency_seconds_sum");
    const double count = world.metric("wirewatch_end_to_end_latency_seconds_count");
    return std::pair(sum, count);
  };
  const auto mean_ms = [](std::pair<double, double> from, std::pair<double, double> to) {
    return static_cast<int>(1000 * (to.first - from.first) /
                            std::max(1.0, to.second - from.second));
  };
  sleep_ms(3000);
  const auto before = latency();
  sleep_ms(5000);
  const auto quiet = latency();
  world.fault();
  std::vector<int> slow;  // Scrapers that ask and never read, or never finish asking.
  for (int i = 0; i < 20; ++i) {
    slow.push_back(connect_to(world.port()));
    const std::string_view request =
        i % 2 == 0 ? "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" : "GET /met";
    (void)!::send(slow.back(), request.data(), request.size(), MSG_NOSIGNAL);
  }
  int answers = 0;
  const std::int64_t until = steady_ms() + 5000;
  while (steady_ms() < until) {
    answers += http_get(world.port(), "/metrics").status == 200 ? 1 : 0;
    sleep_ms(5);
  }
  const auto hammered = latency();
  for (const int socket : slow) close(socket);
  world.note(std::to_string(answers / 5) + " scrapes/s; mean latency " +
             std::to_string(mean_ms(before, quiet)) + " → " +
             std::to_string(mean_ms(quiet, hammered)) + " ms");
  world.require(answers > 0, "no scrape was answered");
  constexpr int kSlowerMaxMs = 200;  // Of a share of the processor; a held lock costs seconds.
  world.require(mean_ms(quiet, hammered) <= mean_ms(before, quiet) + kSlowerMaxMs,
                "articles waited for the scrapes");
  // A port that is taken.
  world.settings.push_back("http.port=" + std::to_string(world.port()));
  world.start(1);
  world.settings.pop_back();
  const auto status = world.enricher(1).wait(30000);
  world.require(status.has_value() && *status != 0 && *status < 128,
                "a taken port did not end the second one cleanly");
}

void resources(World& world) {
  begin(world);
  world.require(world.stop() == 0, "SIGTERM did not end it with 0");
  // Nowhere to log to.
  world.fault();
  world.start(0, {.arguments = {}, .output = "/dev/full"});
  world.require(world.await_progress(), "with a full disk for logs it did not read");
  sleep_ms(1500);
  world.require(world.stop() == 0, "with a full disk for logs it did not end with 0");
  // Few files: works, or ends with a failure that is not a crash.
  for (const std::int64_t files : {64, 16, 10}) {
    world.fault();
    world.start(0, {.arguments = {}, .output = {}, .environment = {}, .files_max = files});
    World::await(8000, [&] { return !world.enricher().runs(); });
    const bool runs = world.enricher().runs();
    world.note(
        std::to_string(files) + " files: " +
        (runs ? "still runs after 8 s" : "ends with " + std::to_string(*world.enricher().wait(0))));
    world.require(runs || (*world.enricher().wait(0) > 0 && *world.enricher().wait(0) < 128),
                  "few files crashed it");
    if (runs) world.require(world.stop() == 0, "with few files it did not end with 0");
  }
  for (const std::int64_t megabytes : {1500, 400, 150}) {
    world.fault();
    world.start(0, {.arguments = {},
                    .output = {},
                    .environment = {},
                    .files_max = 0,
                    .memory_max = megabytes * 1024 * 1024});
    World::await(8000, [&] { return !world.enricher().runs(); });
    const bool runs = world.enricher().runs();
    // librdkafka aborts where an allocation of its own fails, at the start or later.
    const int ended = runs ? 0 : *world.enricher().wait(0);
    world.note(std::to_string(megabytes) + " MB of address space: " +
               (runs                     ? "still runs after 8 s"
                : ended == 128 + SIGABRT ? "librdkafka aborts"
                                         : "ends with " + std::to_string(ended)));
    const auto status = runs ? world.stop() : world.enricher().wait(0);
    world.require(status && (*status < 128 || *status == 128 + SIGABRT),
                  "little memory crashed it");
  }
  world.start(0);
  world.healed();
  world.recovered();
}

void clock_step(World& world) {
  const std::string shift = world.options().directory + "/" + world.topic("clock");
  const auto set = [&](int seconds) { std::ofstream(shift) << seconds << "\n"; };
  set(0);
  world.create_topics();
  world.begin_load(kRate);
  const std::filesystem::path library =
      std::filesystem::path(world.options().program).parent_path() /
      "../lib/libwirewatch_clock_shift.so";
  world.start(0, {.arguments = {},
                  .output = {},
                  .environment = {{"LD_PRELOAD", library.string()}, {"CLOCK_SHIFT_FILE", shift}}});
  world.require(world.await_progress(), "the enricher did not begin to read");
  for (const int seconds : {3600, -3600, 0}) {
    world.fault();
    set(seconds);
    sleep_ms(world.brief() ? 3000 : 8000);
    world.require(world.enricher().runs(), "the enricher ended");
    world.require(world.metric("wirewatch_stalled") == 0, "it stalled");
    world.require(world.metric("wirewatch_end_to_end_latency_seconds_sum") >= 0,
                  "the sum of latencies is negative");
    world.healed();
    world.recovered();
  }
}

}  // namespace

std::vector<Scenario> internal_faults() {
  using enum Broker;
  return {
      {.number = 18,
       .name = "slow_classifier",
       .what = "workers, then the poll loop, stand still beyond max.poll.interval",
       .brokers = {kOne},
       .run = slow_classifier},
      {.number = 25,
       .name = "reload",
       .what = "broken, half-written, vanished profiles",
       .brokers = {kMock},
       .exactly_once = false,
       .run = reload},
      {.number = 26,
       .name = "scraped",
       .what = "/metrics hammered, slow scrapers, port taken",
       .brokers = {kMock},
       .exactly_once = false,
       .run = scraped},
      {.number = 27,
       .name = "resources",
       .what = "no disk for logs, few files, little memory",
       .brokers = {kMock},
       .exactly_once = false,
       .run = resources},
      {.number = 28,
       .name = "clock_step",
       .what = "the wall clock steps by an hour, both ways",
       .brokers = {kMock},
       .exactly_once = false,
       .run = clock_step},
  };
}

}  // namespace wirewatch::faults
