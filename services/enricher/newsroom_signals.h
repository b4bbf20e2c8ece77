// Watches the stream for the newsroom: volumes and bursts, and the silence of sources and profiles.
//
// Workers observe() what they have processed; one thread publish()es now and then. Threads: any; a
// lock is held for less than a microsecond per article. Nothing is allocated per article.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "common/newsroom/arrival_watch.h"
#include "common/newsroom/newsroom_state.h"
#include "common/newsroom/volume_watch.h"
#include "common/pipeline/processor.h"
#include "common/telemetry/telemetry.h"

namespace wirewatch {

struct NewsroomOptions {
  VolumeOptions volume{};
  SourceOptions sources{};
  std::size_t series_max = 200;  // Pairs of country and subject that get time series.
};

class NewsroomSignals {
 public:
  NewsroomSignals(const NewsroomOptions& options, const RuleSet& rules, std::int64_t now_ms);

  // From now on these profiles; of those that stay, nothing is forgotten.
  void use(const RuleSet& rules, std::int64_t now_ms);

  // What `processor` has just found; only for articles that are not dead.
  void observe(const Processor& processor, std::int64_t now_ms);
  // What is remembered, to be kept; and taking it up again, at the start. Merged states only.
  [[nodiscard]] NewsroomState state(std::int64_t now_ms);
  void restore(const NewsroomState& state, std::int64_t now_ms);

  // From one thread.
  void publish(Metrics& metrics, std::int64_t now_ms);

 private:
  void report(std::int64_t now_ms);

  const NewsroomOptions options_;
  NewsroomReport report_;  // Of the thread that publishes.
  std::vector<VolumeRow> rows_;
  std::mutex mutex_;  // Of all below.
  VolumeWatch volume_;
  SourceWatch sources_;
  std::map<std::string, ArrivalClock, std::less<>> profiles_;  // By id.
};

}  // namespace wirewatch
