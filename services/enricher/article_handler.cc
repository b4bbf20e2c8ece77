#include "services/enricher/article_handler.h"

#include <array>

#include "services/enricher/clocks.h"

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
    processor_.emplace(rules, parts_.options.processor);
  }
  std::vector<std::string_view> ids;
  for (const Profile& profile : rules->profiles().profiles()) ids.push_back(profile.id);
  metrics_.use_profiles(ids);
}

void ArticleHandler::handle(InFlight* in_flight) {
  if (parts_.faults.is_raised()) {
    in_flight->failed = true;
  } else {
    process(*in_flight);
  }
  --parts_.totals.queued;
  parts_.acknowledgements.release(in_flight);
}

void ArticleHandler::process(InFlight& in_flight) {
  headers_.clear();
  for (const KafkaHeader& header : in_flight.record.headers())
    headers_.push_back({header.key, header.value});
  const Outcome& outcome = processor_->process(in_flight.record.value(), headers_);
  for (const ProfileCandidate& candidate : processor_->match_result().candidates)
    metrics_.candidate(candidate.profile.value(), candidate.steps);
  metrics_.observe(processor_->stage_ns());
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

void ArticleHandler::tell(const Outcome& outcome) {
  parts_.newsroom.observe(*processor_, wall_ms());
  if (outcome.replaced_characters > 0)
    parts_.metrics.replaced_characters(outcome.replaced_characters);
  for (std::size_t i = 0; i < outcome.alert_count; ++i) {
    const AlertOut& alert = outcome.alerts[i];
    parts_.metrics.alert(alert.profile_id, alert.level);
    if (parts_.options.on_alert)
      parts_.options.on_alert(outcome, alert, processor_->article().headline);
  }
}

}  // namespace wirewatch
