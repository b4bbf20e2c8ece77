#include "common/kafka/kafka_log.h"

#include <mutex>
#include <utility>

#include "common/kafka/clocks.h"
#include "common/kafka/rdkafka_handles.h"

namespace wirewatch {

namespace {

constexpr std::int64_t kEveryMs = 10000;

struct Destination {
  std::mutex mutex;  // Of all below.
  KafkaLog log;
  KafkaLogLimit limit;
};

// Never destroyed: a client that takes too long to close may log while the process ends.
Destination& destination() {
  static auto* const kDestination = new Destination;
  return *kDestination;
}

// Properties are offered to consumers and producers alike, which say so of each that is none of
// theirs; and producers have an experimental one of ours.
bool is_meant(std::string_view text) {
  return text.find("will be ignored by this") != std::string_view::npos ||
         text.find("enable.gapless.guarantee is experimental") != std::string_view::npos;
}

KafkaLogLevel level_of(int syslog_level, std::string_view facility, std::string_view text) {
  constexpr int kError = 3;
  constexpr int kWarning = 4;
  constexpr int kInfo = 6;
  if (syslog_level > kInfo) return KafkaLogLevel::kDebug;
  if (facility == "CONFWARN" && is_meant(text)) return KafkaLogLevel::kDebug;
  // That a broker older than Kafka 0.11 may make the topics it is asked for. There is but one such
  // left: the embedded one, which `wirewatch tap` reads from another shell.
  if (facility == "AUTOCREATE") return KafkaLogLevel::kDebug;
  if (syslog_level <= kError) return KafkaLogLevel::kError;
  return syslog_level == kWarning ? KafkaLogLevel::kWarn : KafkaLogLevel::kInfo;
}

void log_line(const rd_kafka_t* client, int syslog_level, std::string_view facility,
              std::string_view text) {
  const KafkaLogLevel level = level_of(syslog_level, facility, text);
  std::string line = "librdkafka ";
  if (client != nullptr) line.append(rd_kafka_name(client)).push_back(' ');
  line.append(facility).append(": ").append(text);
  Destination& to = destination();
  const std::lock_guard lock(to.mutex);
  if (!to.log) return;
  const KafkaLogLimit::Verdict verdict = to.limit.judge(level, line, steady_ms());
  if (!verdict.passes) return;
  if (verdict.left_out > 0)
    line += " (and " + std::to_string(verdict.left_out) + " more like it before)";
  to.log(level, line);
}

}  // namespace

void set_kafka_log(KafkaLog log) {
  Destination& to = destination();
  const std::lock_guard lock(to.mutex);
  to.log = std::move(log);
  to.limit = {};
}

KafkaLogLimit::Verdict KafkaLogLimit::judge(KafkaLogLevel level, std::string_view text,
                                            std::int64_t now_ms) {
  if (level == KafkaLogLevel::kDebug) return {.passes = true};
  std::uint64_t hash = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') hash = hash * 31 + static_cast<unsigned char>(c);
  }
  Kind& kind = kinds_[hash % kKinds];
  if (kind.passed_ms >= 0 && now_ms - kind.passed_ms < kEveryMs) {
    ++kind.left_out;
    return {};
  }
  kind.passed_ms = now_ms;
  return {.passes = true, .left_out = std::exchange(kind.left_out, 0)};
}

namespace rdkafka {

void on_log(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  log_line(client, level, facility, text);
}

void on_log_beside_errors(const rd_kafka_t* client, int level, const char* facility,
                          const char* text) {
  constexpr int kDebug = 7;
  if (level < kDebug && std::string_view(facility) == "FAIL") return;
  log_line(client, level, facility, text);
}

}  // namespace rdkafka

}  // namespace wirewatch
