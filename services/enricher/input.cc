#include "services/enricher/input.h"

namespace wirewatch {

namespace {

// Two of one name fence each other as often as they send heartbeats, every few seconds. Brokers
// that fail one after the other make a member fence itself less often.
constexpr std::int64_t kRejoinMs = 30000;
constexpr std::int64_t kFullBeforePauseMs = 2000;

}  // namespace

std::string Input::open() {
  consumer_.reset();
  paused_ = false;
  full_since_ms_ = -1;
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

// A cluster that takes outputs slowly keeps it full, but with every acknowledgement not quite: the
// metric tells of that as well, though the partitions are never paused.
bool Input::is_full_for_now(std::int64_t bytes, bool held, std::int64_t now_ms) {
  const std::int64_t limit = options_.inflight_bytes_max;
  const bool full = held || bytes >= limit;
  if (!full) full_since_ms_ = -1;
  if (full && !paused_) {
    if (full_since_ms_ < 0) full_since_ms_ = now_ms;
    if (!held && now_ms - full_since_ms_ < kFullBeforePauseMs) {
      metrics_.paused(true);
      return true;
    }
    set_paused(true);
  }
  if (paused_ && !held && bytes < limit / 2) set_paused(false);
  metrics_.paused(paused_);
  return false;
}

void Input::set_paused(bool paused) {
  full_since_ms_ = -1;
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
