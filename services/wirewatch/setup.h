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
  kExitInterrupted = 130,  // By a signal, half done.
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
  std::vector<std::string> ignored;        // Files that look like profiles; have been named.
};
// Loads gazetteer, topic words and profiles or prints every error. That there are no profiles is
// one, unless kafka.topic_profiles may bring some. Files of the folder that look like profiles and
// are none are named on standard error. `texts` stand in for files of the folder of profiles.
[[nodiscard]] std::expected<Rules, ExitStatus> load_rules(const Config& config,
                                                          const ProfileTexts& texts = {});
// The profiles of the folder alone, as their files have them.
[[nodiscard]] std::expected<std::vector<ProfileSource>, ExitStatus> load_profile_sources(
    const Config& config);

// Prints name_faults(). True when there are none.
bool print_name_faults(const Config& config);
// Prints what keeps `run` from starting whatever the broker says: name_faults(), options that need
// others, properties that librdkafka refuses, files of secrets that cannot be read. True when
// nothing does.
bool print_run_faults(const Config& config);

// The topics of articles and what comes of them: without any of these an enricher does not work.
[[nodiscard]] std::vector<std::string> article_topics(const Config& config);

[[nodiscard]] ProcessorOptions processor_options(const Config& config);

// Calls f(line) for every line of a file, "-" being standard input. False, after a message, when it
// cannot be read, as a folder or a compressed file cannot.
bool for_each_line(const std::string& file, const std::function<void(std::string_view)>& f);

// Tells people which messages of their files cannot be read, and once for each file that most of
// it is of another form, e.g. pretty-printed.
class UnreadableLines {
 public:
  // `file` as for for_each_line().
  explicit UnreadableLines(const std::string& file);

  // Of every line, in order, before the others.
  void next() { ++line_; }
  [[nodiscard]] std::uint64_t line() const { return line_; }
  // "FILE:LINE" of the line it is at.
  [[nodiscard]] std::string place() const;
  // The line it is at is no article.
  void unreadable() { ++unreadable_; }
  // At the end. False when there were lines and none of them was an article. When that is so of
  // most, a hint goes to standard error.
  [[nodiscard]] bool conclude() const;

 private:
  std::string file_;
  std::uint64_t line_ = 0;
  std::uint64_t unreadable_ = 0;
};

}  // namespace wirewatch
