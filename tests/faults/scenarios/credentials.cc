// Credentials that run out.

#include <chrono>
#include <filesystem>
#include <fstream>

#include "tests/faults/scenarios/families.h"

namespace wirewatch::faults {

namespace {

std::string base64url(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) out += kAlphabet[bits >> (count - 6) & 63];
  }
  if (count > 0) out += kAlphabet[bits << (6 - count) & 63];
  return out;
}

// An unsigned token, valid for so long.
void issue(const std::string& file, int seconds) {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  std::ofstream(file + ".new") << base64url(R"({"alg":"none"})") << "."
                               << base64url(R"({"sub":"desk","iat":)" + std::to_string(now - 1) +
                                            R"(,"exp":)" + std::to_string(now + seconds) + "}")
                               << ".";
  std::filesystem::rename(file + ".new", file);
}

// Sessions end after fifteen seconds, tokens after twelve.
void credentials(World& world) {
  const std::string token = world.options().directory + "/" + world.topic("token");
  for (const std::string& property :
       {std::string("security.protocol=SASL_SSL"), std::string("sasl.mechanism=OAUTHBEARER"),
        "ssl.ca.location=" + world.kafka().directory() + "/secure/ca.pem",
        "sasl.oauthbearer.token.command=cat " + token})
    world.settings.push_back("kafka.properties." + property);
  issue(token, 12);
  begin(world);
  for (int i = 0; i < (world.brief() ? 15 : 40); ++i) {
    issue(token, 12);
    if (i % 5 == 0) world.fault();  // Connections are cut meanwhile.
    sleep_ms(1000);
  }
  world.require(world.enricher().runs(), "the enricher ended");
  world.fault();
  std::filesystem::remove(token);
  world.require(
      World::await(60000, [&] { return http_get(world.port(), "/readyz").status == 503; }),
      "/readyz stayed good without a token");
  world.require(http_get(world.port(), "/livez").status == 200, "/livez failed without a token");
  issue(token, 3600);
  world.healed();
  world.recovered();
  world.require(world.kafka().change_certificate(), "no other certificate");
  world.fault();
  world.kafka().kill(1);  // TLS without its farewell.
  world.require(world.kafka().restart(1), "the broker did not start again");
  world.healed();
  world.recovered();
  world.require(world.enricher().runs(), "the enricher ended");
  std::filesystem::remove(token);
}

}  // namespace

std::vector<Scenario> credential_faults() {
  using enum Broker;
  return {
      {.number = 24,
       .name = "credentials",
       .what = "tokens expire, are refused; certificate changed; TLS broken off",
       .brokers = {kSecure},
       .run = credentials},
  };
}

}  // namespace wirewatch::faults
