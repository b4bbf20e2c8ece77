// The HTTP port of a service: /metrics, /livez and /readyz, and their older names.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/config/config.h"
#include "common/http/http_server.h"
#include "common/telemetry/telemetry.h"
#include "services/enricher/enricher.h"

namespace wirewatch {

// What a service is asked for at its port. The functions are called on the server's threads and
// must outlive it.
struct ServiceHealth {
  std::function<std::int64_t()>
      heartbeat_ms;  // When its loop last went round, by the steady clock; 0: not yet.
  std::function<const char*()> not_alive;  // Why it is not, "" when it is.
  std::function<const char*()> not_ready;  // The same.
};

// Nothing where http.enabled is off. Throws std::runtime_error when the address cannot be listened
// on. `metrics` must outlive it.
[[nodiscard]] std::unique_ptr<HttpServer> serve_health(const Config& config, Metrics& metrics,
                                                       ServiceHealth health);

// Where a server's metrics are, for people.
[[nodiscard]] std::string metrics_url(const Config& config, const HttpServer& server);

// An enricher before it works and then.
struct EnricherProgress {
  std::atomic<const char*> waiting = "starting";        // For what, until it works.
  std::atomic<const EnricherHealth*> health = nullptr;  // Once it does.
};

// The same of an enricher. `progress` must outlive it.
[[nodiscard]] std::unique_ptr<HttpServer> serve_health(const Config& config, Metrics& metrics,
                                                       const EnricherProgress& progress);

}  // namespace wirewatch
