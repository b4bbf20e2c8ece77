// Messages that are no articles.

#include "tests/faults/scenarios/families.h"

namespace wirewatch::faults {

namespace {

// Large ones only where the input is not cut to five megabytes for each partition.
std::vector<std::string> poisons(bool large) {
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "[";
  std::string many = "{\"title\":\"x\"";
  for (int i = 0; i < (large ? 1000000 : 20000); ++i) many += ",\"k" + std::to_string(i) + "\":1";
  return {"",
          "null",
          "[]",
          "{\"title\":",
          "{\"title\":\"\xff\xfe\",\"text\":\"\xc3\x28\"}",
          "{\"a\":" + deep,
          std::string("\0\0\0", 3),
          "{\"title\":NaN,\"text\":\"x\"}",
          "{\"title\":\"x\"} trailing",
          "{\"title\":\"" + std::string(large ? 5'000'000 : 300'000, 'x') + "\"}",
          many};  // Without its end.
}

void poison(World& world) {
  if (world.is_mock()) world.settings.emplace_back("enricher.message_bytes_max=262144");
  for (const char* kind : {"raw", "dead"})
    world.topic_config[kind] = {{"max.message.bytes", "20000000"}};
  begin(world, 150);
  world.fault();
  const double slow = world.metric("wirewatch_stalled");
  for (const std::string& value : poisons(!world.is_mock())) {
    world.send_article(value, true);
    sleep_ms(200);
  }
  // Odd, and still articles.
  world.send_article("{@ID@,\"title\":\"One\",\"title\":\"Two\",\"text\":\"Twice the same name.\"}",
                     false);
  world.send_article("{@ID@,\"title\":\"NUL \\u0000 inside\",\"text\":\"Some text.\"}", false);
  world.healed();
  world.recovered();
  world.require(slow == 0 && world.metric("wirewatch_stalled") == 0, "it stalled");
}

void all_poison(World& world) {
  world.poison_percent = 100;
  begin(world);
  world.fault();
  world.require(
      World::await(30000, [&] { return world.metric("wirewatch_poison_breaker_open") == 1; }),
      "the poison breaker did not open");
  world.require(http_get(world.port(), "/readyz").status == 503, "/readyz stayed good");
  sleep_ms(world.brief() ? 2000 : 60000);
  world.require(world.enricher().runs(), "the enricher ended");
  world.healed();
  world.recovered();
}

}  // namespace

std::vector<Scenario> input_faults() {
  using enum Broker;
  return {
      {.number = 16,
       .name = "poison",
       .what = "eleven kinds of broken message, two odd ones",
       .brokers = {kMock, kOne},
       .brief = true,
       .run = poison},
      {.number = 17,
       .name = "all_poison",
       .what = "nothing but broken messages",
       .brokers = {kMock},
       .exactly_once = false,
       .brief = true,
       .run = all_poison},
  };
}

}  // namespace wirewatch::faults
