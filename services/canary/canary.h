// A canary: an article of our own that travels the way of every alert, again and again, and is
// timed.
//
// It is sent to the topic of articles, read by an enricher, matched by the profile `canary`
// (deploy/profiles/canary.toml), and comes back as an alert. What fails anywhere on that way, or is
// slow, shows, whatever other metrics say: partitions that nobody reads, rules without profiles,
// topics that cannot be written. Every article has a key of its own, so that in time every
// partition is tried.
//
// Readers of alerts.matched leave out the key `canary`; readers of articles.enriched the uris that
// begin with kCanaryUriPrefix.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/telemetry/telemetry.h"

namespace wirewatch {

inline constexpr std::string_view kCanaryUriPrefix = "urn:wirewatch:canary:";

struct CanaryOptions {
  std::string brokers;
  bool embedded = false;
  std::string client_id;
  std::string topic_raw;
  std::string topic_alerts;
  std::string profile = "canary";
  std::int64_t interval_ms = 5000;
  std::int64_t timeout_ms = 30000;  // Later it counts as lost, even if it should still come.
  std::vector<std::pair<std::string, std::string>> kafka_properties;
};

// What /livez and /readyz report.
struct CanaryHealth {
  std::atomic<std::int64_t> heartbeat_ms = 0;  // Steady clock, of the poll loop.
  std::atomic<bool> assigned = false;
};

class Canary {
 public:
  Canary(CanaryOptions options, Metrics& metrics);
  ~Canary();

  // Until `finished`, which is asked after every poll. Empty on a clean end, else what went wrong.
  // Until the first has come back nothing counts as lost: the enricher may still be starting.
  [[nodiscard]] std::string run(const std::function<bool()>& finished);

  [[nodiscard]] const CanaryHealth& health() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wirewatch
