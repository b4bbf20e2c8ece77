// The commands of `wirewatch`; main.cc maps arguments to them. Each returns an exit status.

#pragma once

#include <expected>
#include <string>
#include <vector>

#include "services/wirewatch/setup.h"

namespace wirewatch {

struct UpOptions {
  bool once = false;  // End after the sample, with a summary.
};

int command_up(const Config& config, const UpOptions& options);
int command_run_enricher(const Config& config);
int command_run_canary(const Config& config);
// One output per input line: the enriched event, or {"dead": …}. `json` off: readable lines.
// kExitFailure when a file cannot be read or has no article.
int command_classify(const Config& config, const std::vector<std::string>& files, bool json);
int command_explain(const Config& config, const std::string& profile, const std::string& file);
struct BacktestOptions {
  std::string profile;                // File of the profile as it is to be.
  std::string id;                     // Of the running one that it is held against; "": its own.
  std::vector<std::string> archives;  // NDJSON files; none: standard input.
  bool topic = false;                 // The topic of raw articles instead.
  // Where its range begins and ends (not included), in every partition: an offset or a time,
  // "2026-11-20T06:00:00Z" or "2026-11-20". Empty: all that is there.
  std::string from;
  std::string to;
  std::size_t shown_max = 20;  // Gained and lost alerts that are shown.
};
// Replays articles through a changed profile and through the running profile of the same id, and
// prints the alerts that are gained and lost.
int command_backtest(const Config& config, const BacktestOptions& options);
struct TapOptions {
  std::string topic = "alerts";       // "alerts", "enriched" or "dead".
  std::vector<std::string> profiles;  // Alerts of these alone; none: of all but the canary's.
  // Where it begins, in every partition: an offset or a time, "2026-11-20T06:00:00Z". Empty: with
  // what comes from now on; with `once` where Kafka's topic begins.
  std::string from;
  bool once = false;  // End when all that is there has been shown.
  bool json = false;  // The events themselves, one per line.
};
// Shows what the enrichers publish, as it comes, until it is told to stop. It belongs to no
// consumer group and commits nothing.
int command_tap(const Config& config, const TapOptions& options);
struct CheckOptions {
  std::string sample;   // NDJSON on which over-broad profiles are measured; may be empty.
  bool strict = false;  // Doubts about profiles are findings.
};
// Checks configuration, data, profiles with their examples and doubts about them, and the broker:
// what `run` refuses is refused here.
int command_check(const Config& config, const CheckOptions& options);
// Runs the examples of the profiles of these ids, or of all.
int command_test(const Config& config, const std::vector<std::string>& profiles);
// Prints id, level and title of every profile, parted by tabs.
int command_profiles(const Config& config);
int command_version();
// What command_version() prints, without the line's end.
[[nodiscard]] std::string version_text();
// Asks the service on this machine, at http.port, and prints its answer: for containers without
// curl. `path` is /readyz or /livez.
int command_probe(const Config& config, const std::string& path);
// Where a service that listens as configured is reached from its own machine; the error says why
// none can listen there.
[[nodiscard]] std::expected<std::string, std::string> own_host(const Config& config);
struct TopOptions {
  // HOST:PORT, HOST, or the URL of /metrics; none: the service on this machine, at http.port.
  std::vector<std::string> addresses;
  double every_s = 2;
  bool once = false;  // One picture, of `every_s` seconds.
};
// Shows what services do, from their /metrics, until it is told to stop. kExitFailure when with
// `once` none answers.
int command_top(const Config& config, const TopOptions& options);

}  // namespace wirewatch
