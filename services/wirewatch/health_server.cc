#include "services/wirewatch/health_server.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "common/kafka/clocks.h"

namespace wirewatch {

namespace {

constexpr std::int64_t kHeartbeatMaxMs = 300000;  // max.poll.interval.ms

// 200 and `good`, or 503 and why not.
HttpResponse answer(const char* why_not, const char* good) {
  const bool is_good = *why_not == '\0';
  return {is_good ? 200 : 503, "text/plain; charset=utf-8",
          std::string(is_good ? good : why_not) + "\n"};
}

}  // namespace

std::string metrics_url(const Config& config, const HttpServer& server) {
  const bool is_v6 = config.http_address.find(':') != std::string::npos;
  return "http://" + (is_v6 ? "[" + config.http_address + "]" : config.http_address) + ":" +
         std::to_string(server.port()) + "/metrics";
}

std::unique_ptr<HttpServer> serve_health(const Config& config, Metrics& metrics,
                                         ServiceHealth health) {
  if (!config.http_enabled) return nullptr;
  const auto asked = std::make_shared<const ServiceHealth>(std::move(health));
  const auto live = [asked] {
    const std::int64_t heartbeat = asked->heartbeat_ms();
    const bool polls = heartbeat == 0 || steady_ms() - heartbeat < kHeartbeatMaxMs;
    return answer(polls ? asked->not_alive() : "the poll loop stands still", "ok");
  };
  const auto ready = [asked] { return answer(asked->not_ready(), "ready"); };
  const auto expose = [&metrics, asked] {
    metrics.ready(*asked->not_ready() == '\0');
    return HttpResponse{200, "text/plain; version=0.0.4; charset=utf-8", metrics.expose()};
  };
  std::map<std::string, HttpServer::Handler> routes = {{"/metrics", expose}, {"/livez", live},
                                                       {"/healthz", live},   {"/-/healthy", live},
                                                       {"/readyz", ready},   {"/-/ready", ready}};
  return std::make_unique<HttpServer>(
      config.http_address, static_cast<std::uint16_t>(config.http_port), std::move(routes));
}

std::unique_ptr<HttpServer> serve_health(const Config& config, Metrics& metrics,
                                         const EnricherProgress& progress) {
  ServiceHealth asked;
  asked.heartbeat_ms = [&progress] {
    const EnricherHealth* health = progress.health;
    return health == nullptr ? 0 : health->heartbeat_ms.load();
  };
  asked.not_alive = [&progress] {
    const EnricherHealth* health = progress.health;
    return health != nullptr && health->stalled ? "there is something to read and nothing moves"
                                                : "";
  };
  asked.not_ready = [&progress] {
    const EnricherHealth* health = progress.health;
    if (health == nullptr) return progress.waiting.load();
    const char* waiting = health->waiting;
    return health->draining     ? "draining"
           : health->failed     ? "failed"
           : waiting != nullptr ? waiting
           : health->poisoned   ? "poison breaker: most articles are dead letters"
           : !health->assigned  ? "no partitions assigned yet"
                                : "";
  };
  return serve_health(config, metrics, std::move(asked));
}

}  // namespace wirewatch
