#include "services/enricher/input.h"

namespace wirewatch {

namespace {

// Two of one name fence each other as often as they send heartbeats, every few seconds. Brokers
// that fail one after the other make a member fence itself less often.
constexpr std::int64_t kRejoinMs = 30000;

}  // namespace

std::string Input::open() {
  consumer_.reset();
  paused_ = false;
  metrics_.paused(false);
  must_rejoin_ = false;
  auto consumer = KafkaConsumer::create({.brokers = options_.brokers,
                                         .client_id = options_.client_id,
                                         .group_id = options_.group_id,
                                         .topic = options_.topic_raw,
                                         .instance_id = options_.instance_id,
                                         .embedded = options_.embedded,
                                         .transactional = options_.exactly_once,
                                         .properties = options_.kafka_properties,
                                         .on_statistics = callbacks_.on_statistics,
                                         .on_error = callbacks_.on_error},
                                        callbacks_.listener);
  if (!consumer) return consumer.error();
  consumer_ = std::move(*consumer);
  return {};
}

Input::Remedy Input::remedy_for(const KafkaFailure& failure, std::int64_t now_ms) {
  if (must_rejoin_) return Remedy::kNone;  // Known.
  if (failure.fault != KafkaFault::kFatal && failure.fault != KafkaFault::kFenced)
    return Remedy::kNone;
  if (failure.fault == KafkaFault::kFatal || now_ms - rejoined_ms_ < kRejoinMs) return Remedy::kEnd;
  rejoined_ms_ = now_ms;
  must_rejoin_ = true;
  return Remedy::kRejoin;
}

void Input::set_paused(bool paused) {
  if (paused == paused_) return;
  paused_ = paused;
  if (paused) {
    consumer_->pause_all();
  } else {
    consumer_->resume_all();
  }
  metrics_.paused(paused);
}

}  // namespace wirewatch
