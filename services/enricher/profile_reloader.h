// Takes changed profiles into use while a service runs.
//
// A thread of its own looks at the folder. When it has changed and come to rest, or when asked, the
// profiles are loaded, compiled and, those that differ, held against their own examples, aside and
// at low priority, so that articles go before; only a set without a fault is handed over. A set
// with faults is refused: the log names each, and the old one stays. So is an empty one while
// others are in use.

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/pipeline/processor.h"
#include "common/profile_store/profile_store.h"
#include "common/telemetry/telemetry.h"

namespace wirewatch {

struct ProfileReloaderOptions {
  std::string directory;
  // Gives what stands in for files of the folder; called at every look, on the reloader's thread.
  // May be empty.
  std::function<ProfileTexts()> texts;
  // profiles_fingerprint() of what is in use, taken before it was read.
  std::uint64_t fingerprint = 0;
  std::chrono::milliseconds period{1000};  // Between looks; 0: only when asked.
  // After a change of few profiles among thousands, all are compiled as one when nothing has
  // changed for so long: articles then pass one set of tables again.
  std::chrono::milliseconds settle{60'000};
  ProcessorOptions processor;  // With which the examples are processed.
};

class ProfileReloader {
 public:
  // Called on the reloader's thread with a valid set.
  using Use = std::function<void(std::shared_ptr<const RuleSet>)>;

  // `metrics` must outlive it.
  ProfileReloader(ProfileReloaderOptions options, std::shared_ptr<const RuleSet> in_use,
                  Metrics& metrics, Use use);
  // Waits for a reload that is under way.
  ~ProfileReloader();
  ProfileReloader(const ProfileReloader&) = delete;
  ProfileReloader& operator=(const ProfileReloader&) = delete;

  // Reloads soon, changed or not. From any thread, also in a signal handler.
  void request() { requested_ = true; }

 private:
  void run();
  [[nodiscard]] ProfileTexts texts() const;
  void reload(const ProfileTexts& texts);
  void settle();
  void use(std::shared_ptr<const RuleSet> rules);
  [[nodiscard]] std::shared_ptr<const RuleSet> build(const ProfileTexts& texts,
                                                     std::vector<std::string>& faults) const;
  void let_go();

  ProfileReloaderOptions options_;
  std::shared_ptr<const RuleSet> in_use_;
  bool examples_hold_ = false;  // Of the rules in use.
  // Let go here once nobody else has them, not by a worker between its articles: to destroy a large
  // set takes milliseconds.
  std::vector<std::shared_ptr<const RuleSet>> retired_;
  Metrics& metrics_;
  Use use_;
  std::chrono::steady_clock::time_point changed_{};  // The rules in use.
  std::atomic<bool> requested_ = false;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

}  // namespace wirewatch
