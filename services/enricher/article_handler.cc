#include "services/enricher/article_handler.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "common/kafka/clocks.h"

namespace wirewatch {

namespace {

std::array<std::string_view, kStageCount> stage_names() {
  std::array<std::string_view, kStageCount> names;
  for (std::size_t i = 0; i < kStageCount; ++i) names[i] = to_string(static_cast<Stage>(i));
  return names;
}

}  // namespace

ArticleHandler::ArticleHandler(const Parts& parts)
    : parts_(parts), metrics_(parts.metrics, stage_names()), publisher_(parts.outputs) {}

void ArticleHandler::use_rules(const std::shared_ptr<const RuleSet>& rules) {
  if (processor_) {
    processor_->use(rules);
  } else {
    processor_ = std::make_unique<Processor>(rules, parts_.options.processor);
  }
  metrics_.use_profiles(parts_.series.of(*rules));
}

void ArticleHandler::handle(InFlight* in_flight) {
  if (parts_.faults.is_raised()) {
    in_flight->failed = true;
  } else {
    process(*in_flight);
  }
  // The outputs of what is handled together go out together. Before it counts as handled: then the
  // producer may be replaced.
  if (--parts_.totals.unproduced == 0) parts_.outputs.send();
  --parts_.totals.queued;
  parts_.acknowledgements.release(in_flight);
}

void ArticleHandler::process(InFlight& in_flight) {
  headers_.clear();
  for (const KafkaHeader& header : in_flight.record.headers())
    headers_.push_back({header.key, header.value});
  const Outcome& outcome = processor_->process(in_flight.record.value(), headers_);
  count_stages(outcome);
  if (outcome.dead) {
    in_flight.dead = true;
    in_flight.reason = to_string(outcome.error.reason);
    publisher_.publish_dead(in_flight, outcome.error.detail, outcome.error.position);
  } else if (in_flight.refused) {
    in_flight.dead = true;
    in_flight.reason = "output_refused";
    publisher_.publish_dead(in_flight,
                            "Kafka refuses an output of this article, e.g. as too large.", 0);
  } else {
    publisher_.publish(in_flight, outcome, headers_);
    if (!in_flight.told) tell(outcome);
    in_flight.told = true;
  }
}

void ArticleHandler::count_stages(const Outcome& outcome) {
  if (!outcome.dead) {
    const auto& candidates = processor_->match_result().candidates;
    std::uint64_t steps = 0;
    for (const ProfileCandidate& candidate : candidates) steps += candidate.steps;
    const auto match_ns = processor_->stage_ns()[static_cast<std::size_t>(Stage::kMatch)];
    const double step_ns =
        static_cast<double>(match_ns) / static_cast<double>(std::max<std::uint64_t>(steps, 1));
    for (const auto& [profile, its_steps] : candidates)
      metrics_.candidate(profile.value(), its_steps, its_steps * step_ns);
  }
  metrics_.observe(processor_->stage_ns());
}

void ArticleHandler::tell(const Outcome& outcome) {
  parts_.newsroom.observe(*processor_, wall_ms());
  const Article& article = processor_->article();
  parts_.metrics.repaired(article.replaced_characters, article.invalid_dates, article.text_cut);
  for (std::size_t i = 0; i < outcome.alert_count; ++i) {
    const AlertOut& alert = outcome.alerts[i];
    parts_.metrics.alert(alert.profile_id, alert.level);
    if (parts_.options.on_alert) parts_.options.on_alert(alert);
  }
}

}  // namespace wirewatch
