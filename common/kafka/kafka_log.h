// Where librdkafka's own log lines go: what it says of brokers, connections and groups, and all
// that `kafka.properties.debug` asks for.
//
// One destination for all clients of the process. Lines come on librdkafka's threads, some of which
// hold its locks: a destination is brief and calls nothing of Kafka. The lines show no secret:
// librdkafka redacts the properties that are some, and logs no credentials.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace wirewatch {

enum class KafkaLogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError };

// One line at a time; `text` names the client and librdkafka's facility and has no line's end.
using KafkaLog = std::function<void(KafkaLogLevel level, std::string_view text)>;

// From now on; empty drops them, as it is at the start. Returns when no line is with the one before
// any more. From any thread but from within a destination.
void set_kafka_log(KafkaLog log);

// Lets a line of a kind through once in ten seconds, so that a broker that is away does not fill
// the log; texts of a kind differ in digits alone. Lines for debugging all pass: somebody asked for
// them. At most kKinds lines in ten seconds, whatever comes. One thread.
class KafkaLogLimit {
 public:
  static constexpr std::size_t kKinds = 64;

  struct Verdict {
    bool passes = false;
    std::uint64_t left_out = 0;  // Like it, since the last that passed.
  };
  // `now_ms` is of a steady clock and not negative.
  [[nodiscard]] Verdict judge(KafkaLogLevel level, std::string_view text, std::int64_t now_ms);

 private:
  struct Kind {
    std::int64_t passed_ms = -1;  // Never.
    std::uint64_t left_out = 0;
  };
  std::array<Kind, kKinds> kinds_{};  // Kinds may share one.
};

}  // namespace wirewatch
