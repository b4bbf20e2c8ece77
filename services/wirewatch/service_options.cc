#include "services/wirewatch/service_options.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <thread>

#include <spdlog/spdlog.h>

namespace wirewatch {

namespace {

FaultPolicy policy(std::string_view text) {
  if (text == "stop") return FaultPolicy::kStop;
  return text == "dead_letter" ? FaultPolicy::kDeadLetter : FaultPolicy::kWait;
}

}  // namespace

CanaryOptions canary_options(const Config& config) {
  CanaryOptions options;
  options.brokers = config.kafka_brokers;
  options.client_id = config.kafka_client_id;
  options.topic_raw = config.kafka_topic_raw;
  options.topic_alerts = config.kafka_topic_alerts;
  options.profile = config.canary_profile;
  options.interval_ms = config.canary_interval_ms;
  options.timeout_ms = config.canary_timeout_ms;
  options.kafka_properties = config.kafka_properties;
  return options;
}

EnricherOptions enricher_options(const Config& config) {
  EnricherOptions options;
  options.brokers = config.kafka_brokers;
  options.client_id = config.kafka_client_id;
  options.group_id = config.kafka_group_id;
  options.instance_id = config.kafka_instance_id;
  options.exactly_once = config.kafka_delivery == "exactly_once";
  options.transaction_records_max = config.kafka_transaction_records_max;
  options.transaction_ms = static_cast<int>(config.kafka_transaction_ms);
  options.on_refused_record = policy(config.kafka_on_refused_record);
  options.on_unauthorised = policy(config.kafka_on_unauthorised);
  options.on_missing_topic = policy(config.kafka_on_missing_topic);
  options.stall_timeout_ms = config.enricher_stall_timeout_ms;
  options.poison_percent = static_cast<int>(config.enricher_poison_percent);
  options.poison_pause = config.enricher_poison_action == "pause";
  options.topic_raw = config.kafka_topic_raw;
  options.topic_enriched = config.kafka_topic_enriched;
  options.topic_alerts = config.kafka_topic_alerts;
  options.topic_dead = config.kafka_topic_dead;
  options.topic_newsroom = config.kafka_topic_newsroom;
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  options.workers =
      config.enricher_workers == 0 ? cores : static_cast<std::size_t>(config.enricher_workers);
  options.gather_ms = static_cast<int>(config.enricher_gather_ms);
  options.inflight_bytes_max = config.enricher_inflight_bytes_max;
  options.drain_timeout_ms = static_cast<int>(config.enricher_drain_timeout_ms);
  options.kafka_properties = config.kafka_properties;
  options.processor = processor_options(config);
  // A window of ten bins; the baseline begins to count after six windows.
  options.newsroom.volume.bin_ms = config.newsroom_window_s * 100;
  options.newsroom.volume.half_life_bins = static_cast<double>(config.newsroom_half_life_s * 10) /
                                           static_cast<double>(config.newsroom_window_s);
  options.newsroom.series_max = static_cast<std::size_t>(config.newsroom_series_max);
  options.newsroom.sources.tracked_max = static_cast<std::size_t>(config.newsroom_sources_max);
  return options;
}

ProfileReloaderOptions reloader_options(const Config& config, const Rules& rules) {
  return {.directory = rules.profiles_directory,
          .texts = {},
          .fingerprint = rules.profiles_fingerprint,
          .period = std::chrono::milliseconds(config.profiles_reload_ms),
          .processor = processor_options(config)};
}

bool knows_canary(const Config& config, const RuleSet& rules) {
  const auto profiles = rules.profiles().profiles();
  if (std::any_of(profiles.begin(), profiles.end(),
                  [&](const Profile& profile) { return profile.id == config.canary_profile; }))
    return true;
  spdlog::warn(
      "there is no profile \"{}\" (canary.profile), by which `run canary` watches the whole way; "
      "copy {}/canary.toml into profiles.directory to have it",
      config.canary_profile, data_path("profiles"));
  return false;
}

}  // namespace wirewatch
