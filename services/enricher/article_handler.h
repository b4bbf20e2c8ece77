// What a worker does with an article: processes it, publishes what came of it, counts what it
// brought for editors.
//
// While a fault is being recovered from, articles are let go untouched; they are read again. An
// article that Kafka was found to refuse becomes a dead letter instead of its outputs.
//
// Threads: each worker has its own.

#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "common/pipeline/processor.h"
#include "common/telemetry/telemetry.h"
#include "services/enricher/acknowledgements.h"
#include "services/enricher/article_workers.h"
#include "services/enricher/enricher.h"
#include "services/enricher/faults.h"
#include "services/enricher/in_flight.h"
#include "services/enricher/newsroom_signals.h"
#include "services/enricher/outputs.h"
#include "services/enricher/profile_series.h"

namespace wirewatch {

class ArticleHandler final : public ArticleWorkers::Handler {
 public:
  // All must outlive it.
  struct Parts {
    const EnricherOptions& options;
    Metrics& metrics;
    NewsroomSignals& newsroom;
    const ProfileSeries& series;
    const Faults& faults;
    Outputs& outputs;
    Acknowledgements& acknowledgements;
    InFlightTotals& totals;
  };
  explicit ArticleHandler(const Parts& parts);

  void use_rules(const std::shared_ptr<const RuleSet>& rules) override;
  void handle(InFlight* in_flight) override;
  void idle() override { metrics_.hand_over(); }

 private:
  void process(InFlight& in_flight);
  // The time of an article's stages; that of matching also by profile, by what each took.
  void count_stages(const Outcome& outcome);
  // Counts what an article brought, once, and shows it to who wants to see it.
  void tell(const Outcome& outcome);

  const Parts parts_;
  WorkerMetrics metrics_;
  Outputs::Publisher publisher_;
  std::unique_ptr<Processor> processor_;  // Made with the first rules.
  std::vector<HeaderView> headers_;
};

}  // namespace wirewatch
