#include "services/enricher/stream_watch.h"

#include <spdlog/spdlog.h>

namespace wirewatch {

namespace {

constexpr std::int64_t kPoisonPauseMs = 10000;
// librdkafka tells an error that persists every thirty seconds.
constexpr std::int64_t kDeniedMs = 45000;
constexpr std::int64_t kAwayMs = 10000;

const char* waiting_text(KafkaFault fault) {
  switch (fault) {
    case KafkaFault::kRecord:
      return "waiting: Kafka refuses a record";
    case KafkaFault::kUnauthorised:
      return "waiting: Kafka denies access";
    case KafkaFault::kMissingTopic:
      return "waiting: an output topic is missing";
    case KafkaFault::kFenced:
      return "waiting: fenced by another client";
    case KafkaFault::kNone:
    case KafkaFault::kTemporary:
    case KafkaFault::kFatal:
      break;
  }
  return "waiting: Kafka does not acknowledge";
}

}  // namespace

StreamWatch::StreamWatch(Options options, EnricherHealth& health, Metrics& metrics)
    : options_(options), health_(health), metrics_(metrics), breaker_(options.poison_percent) {}

void StreamWatch::count_finished(std::uint64_t articles, std::uint64_t dead, std::int64_t now_ms) {
  finished_ += articles;
  const std::lock_guard lock(breaker_mutex_);
  for (std::uint64_t i = 0; i < articles; ++i) breaker_.count(now_ms, i < dead);
}

void StreamWatch::note_error(const KafkaFailure& failure, std::int64_t now_ms) {
  metrics_.kafka_error(to_string(failure.fault));
  if (failure.fault == KafkaFault::kUnauthorised) {
    moves_at_denial_ = moves_.load();
    denied_ms_ = now_ms;
  }
  const std::lock_guard lock(errors_mutex_);
  if (errors_limit_.judge(KafkaLogLevel::kWarn, failure.text, now_ms).passes)
    spdlog::warn("Kafka: {}", failure.text);
}

void StreamWatch::note_connection(bool connected, std::int64_t now_ms) {
  if (connected)
    away_since_ms_ = -1;
  else if (away_since_ms_ < 0)
    away_since_ms_ = now_ms;
}

void StreamWatch::wait_for(KafkaFault fault) {
  wait(waiting_text(fault), fault);
}

void StreamWatch::wait(const char* text, KafkaFault fault) {
  if (health_.waiting == nullptr) spdlog::warn("{}", text);
  health_.waiting = text;
  metrics_.waiting(to_string(fault));
}

void StreamWatch::look(bool held_up, bool recovered, std::int64_t now_ms) {
  if (held_up != held_up_) {
    held_up_ = held_up;
    if (held_up) spdlog::warn("outputs are not acknowledged; reading waits for them");
  }
  const bool denied = now_ms - denied_ms_ < kDeniedMs && moves_ == moves_at_denial_;
  const bool away = away_since_ms_ >= 0 && now_ms - away_since_ms_ >= kAwayMs;
  if (denied) {
    wait_for(KafkaFault::kUnauthorised);
  } else if (away) {
    wait("waiting: no broker answers", KafkaFault::kTemporary);
  } else if (held_up) {
    wait_for(KafkaFault::kTemporary);
  } else if (health_.waiting != nullptr && recovered) {
    health_.waiting = nullptr;
    metrics_.waiting("");
    spdlog::info("no longer waiting");
  }
  look_for_poison(now_ms);
}

void StreamWatch::look_for_poison(std::int64_t now_ms) {
  bool poisoned = false;
  {
    const std::lock_guard lock(breaker_mutex_);
    poisoned = breaker_.open(now_ms);
    if (poisoned && options_.poison_pause && now_ms >= poison_pause_until_ms_) {
      poison_pause_until_ms_ = now_ms + kPoisonPauseMs;
      breaker_.reset();  // Then it looks again.
    }
  }
  poisoned = poisoned || now_ms < poison_pause_until_ms_;
  if (poisoned == health_.poisoned) return;
  health_.poisoned = poisoned;
  metrics_.poison_breaker(poisoned);
  if (poisoned) {
    spdlog::warn("poison breaker: over {} % of the articles are dead letters{}",
                 options_.poison_percent, options_.poison_pause ? "; reading pauses" : "");
  } else {
    spdlog::info("poison breaker: closed");
  }
}

void StreamWatch::look_for_stall(bool behind, bool idle, std::int64_t now_ms) {
  const std::uint64_t moves = moves_;
  const bool meant = health_.waiting != nullptr || now_ms < poison_pause_until_ms_;
  if (moved_ms_ < 0 || moves != moves_seen_ || meant || (!behind && idle)) {
    moves_seen_ = moves;
    moved_ms_ = now_ms;
  }
  const bool stalled = now_ms - moved_ms_ > options_.stall_timeout_ms;
  if (stalled && !health_.stalled) {
    spdlog::error("stalled: there is something to read and nothing has moved for {} s",
                  (now_ms - moved_ms_) / 1000);
  }
  health_.stalled = stalled;
  metrics_.stalled(stalled);
}

}  // namespace wirewatch
