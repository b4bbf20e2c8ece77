// What a service of ours says of itself at /metrics, as far as `wirewatch top` shows it.
//
// Pure: from the text of an answer to values.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace wirewatch {

// A histogram's counters: of observations up to each bound, in seconds, the last without one.
struct Buckets {
  std::vector<double> bounds;  // Ascending; the last is infinity.
  std::vector<double> counts;  // As many; each counts those before it, too.
};

// At one time. Counters are sums since the process started.
struct ServiceReading {
  std::map<std::string, double> articles;   // By outcome: "enriched", "dead".
  std::map<std::string, double> dead;       // By reason.
  std::map<std::string, double> alerts;     // By profile.
  std::map<std::string, double> countries;  // Articles by ISO 3166-1 code.
  std::map<std::string, double> subjects;   // Articles by Media Topic of level 1.
  Buckets latency;                          // From a record's timestamp until all is acknowledged.
  Buckets canary;                           // Round trips.
  double canary_lost = 0;
  double lag_records = 0;
  double inflight_bytes = 0;
  double cpu_s = 0;
  double memory_bytes = 0;
  // What is wrong, in words; of a fault its name: "waits: temporary".
  std::vector<std::string> troubles;
};

// Reads the text format of Prometheus 0.0.4. Lines that are none, and metrics that are not ours,
// are passed over.
[[nodiscard]] ServiceReading read_service(std::string_view metrics);

// Of the observations between two readings of a histogram, interpolated within the bucket as
// Prometheus' histogram_quantile() does; 0 where there are none. `quantile` is in (0, 1).
[[nodiscard]] double quantile_between(const Buckets& from, const Buckets& to, double quantile);

}  // namespace wirewatch
