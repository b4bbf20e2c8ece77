#include <algorithm>
#include <iostream>
#include <optional>
#include <string>

#include "common/kafka/kafka.h"
#include "services/wirewatch/commands.h"
#include "services/wirewatch/event_text.h"
#include "services/wirewatch/stop_signals.h"
#include "services/wirewatch/topic_bound.h"

namespace wirewatch {

namespace {

constexpr int kPollMs = 100;

const std::string& topic_of(const Config& config, const std::string& name) {
  if (name == "enriched") return config.kafka_topic_enriched;
  return name == "dead" ? config.kafka_topic_dead : config.kafka_topic_alerts;
}

// The canary's alerts come every few seconds and are no news.
bool is_wanted(const Config& config, const TapOptions& options, std::string_view profile) {
  if (options.profiles.empty()) return profile != config.canary_profile;
  return std::ranges::find(options.profiles, profile) != options.profiles.end();
}

// nullopt for a record that is no event of the topic's kind.
std::optional<std::string> text_of(const TapOptions& options, const KafkaRecord& record) {
  if (options.json) return std::string(record.value()) + "\n";
  if (options.topic == "dead") return dead_text(record);
  if (options.topic == "enriched") return enriched_text(record.value());
  const auto text = alert_text(record.value());
  return text ? std::optional(text->alert + text->origin) : std::nullopt;
}

void show(const Config& config, const TapOptions& options, const KafkaRecord& record) {
  const bool is_alert = options.topic == "alerts";
  const auto profile = is_alert ? profile_of(record.value()) : std::optional<std::string>("");
  if (is_alert && profile && !is_wanted(config, options, *profile)) return;
  const auto text = profile ? text_of(options, record) : std::nullopt;
  if (!text) {
    std::cerr << record.topic() << "/" << record.partition() << "@" << record.offset()
              << " is no event of Wirewatch; is another program writing to this topic?\n";
    return;
  }
  std::cout << *text << std::flush;
}

}  // namespace

int command_tap(const Config& config, const TapOptions& options) {
  if (config.kafka_brokers.empty()) {
    std::cerr << "no broker is named; --set kafka.brokers=host:9092\n";
    return kExitUsage;
  }
  if (!options.profiles.empty() && options.topic != "alerts") {
    std::cerr << "--profile is of alerts; " << options.topic << " has all articles\n";
    return kExitUsage;
  }
  std::optional<KafkaBound> from;
  if (!options.once) from = KafkaBound{.value = KafkaBound::kEnd};
  if (!options.from.empty()) {
    const auto bound = parse_topic_bound(options.from);
    if (!bound) {
      std::cerr << "--from " << bound.error() << "\n";
      return kExitUsage;
    }
    from = *bound;
  }
  const auto range = KafkaRange::create({.brokers = config.kafka_brokers,
                                         .client_id = config.kafka_client_id + "-tap",
                                         .topic = topic_of(config, options.topic),
                                         .from = from,
                                         .to = {},
                                         .follow = !options.once,
                                         .properties = config.kafka_properties});
  if (!range) {
    std::cerr << range.error() << "\n";
    return kExitUnavailable;
  }
  install_stop_signals();
  KafkaRecord record;
  // A reader that has seen enough (`| head`) ends it too.
  while (!stop_requested() && std::cout.good() && !(options.once && (*range)->is_complete())) {
    if ((*range)->poll(kPollMs, record)) show(config, options, record);
  }
  return kExitOk;
}

}  // namespace wirewatch
