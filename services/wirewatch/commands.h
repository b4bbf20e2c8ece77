// The commands of `wirewatch`; main.cc maps arguments to them. Each returns an exit status.

#pragma once

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
int command_classify(const Config& config, const std::vector<std::string>& files, bool json);
int command_explain(const Config& config, const std::string& profile, const std::string& file);
// Checks configuration, data and profiles with their examples.
int command_check(const Config& config);
int command_test(const Config& config);
int command_version();
// Asks the service on this machine, at http.port, and prints its answer: for containers without
// curl. `path` is /readyz or /livez.
int command_probe(const Config& config, const std::string& path);

}  // namespace wirewatch
