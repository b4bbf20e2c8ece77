// What the commands share: exit statuses, loading of rules and configuration, reading of NDJSON.

#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/config/config.h"
#include "common/pipeline/processor.h"
#include "common/profile/profile.h"
#include "common/profile_store/profile_store.h"

namespace wirewatch {

enum ExitStatus : int {
  kExitOk = 0,
  kExitFailure = 1,
  kExitUsage = 2,
  kExitFindings = 3,
  kExitUnavailable = 69,
  kExitConfig = 78,
};

struct GlobalOptions {
  std::vector<std::string> config_files;
  std::vector<std::string> settings;  // KEY=VALUE
};

// Folder of a kind of data ("profiles", "sample-news", "data"): share/wirewatch/KIND beside the
// program's folder, wherever the tree has been put. The build tree has the same shape.
[[nodiscard]] std::string data_path(const std::string& kind);

// Loads the configuration or prints every error to standard error.
[[nodiscard]] std::expected<Config, ExitStatus> load(const GlobalOptions& options);

struct Rules {
  std::shared_ptr<const RuleSet> set;
  std::vector<ProfileSource> sources;
  std::string profiles_directory;
  std::uint64_t profiles_fingerprint = 0;  // Taken before they were read.
};
// Loads gazetteer, topic words and profiles or prints every error.
// `texts` stand in for files of the folder of profiles.
[[nodiscard]] std::expected<Rules, ExitStatus> load_rules(const Config& config,
                                                          const ProfileTexts& texts = {});

// The topics of articles and what comes of them: without any of these an enricher does not work.
[[nodiscard]] std::vector<std::string> article_topics(const Config& config);

[[nodiscard]] ProcessorOptions processor_options(const Config& config);

// Calls f(line) for every line of a file, "-" being standard input. False, after a message, when it
// cannot be read.
bool for_each_line(const std::string& file, const std::function<void(std::string_view)>& f);

}  // namespace wirewatch
