// The configuration: one table of options drives parsing, checks, environment names and the
// reference.
//
// Sources, weakest first: defaults, files (TOML), environment (WIREWATCH_KAFKA__BROKERS), flags
// (--set kafka.brokers=…). An unknown key, a value of the wrong type or out of range is an error
// that names the place and the cure.

#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wirewatch {

struct Config {
  std::string kafka_brokers;
  std::string kafka_client_id;
  std::string kafka_group_id;
  std::string kafka_topic_raw;
  std::string kafka_topic_enriched;
  std::string kafka_topic_alerts;
  std::string kafka_topic_dead;
  std::string kafka_topic_profiles;
  std::string kafka_topic_newsroom;
  std::string kafka_topics_create;
  std::int64_t kafka_partitions = 0;
  std::int64_t kafka_replication = 0;
  std::string kafka_delivery;
  std::string kafka_instance_id;
  std::int64_t kafka_transaction_records_max = 0;
  std::int64_t kafka_transaction_ms = 0;
  std::string kafka_on_refused_record;
  std::string kafka_on_unauthorised;
  std::string kafka_on_missing_topic;
  std::int64_t enricher_workers = 0;
  std::int64_t enricher_gather_ms = 0;
  std::int64_t enricher_inflight_bytes_max = 0;
  std::int64_t enricher_drain_timeout_ms = 0;
  std::int64_t enricher_stall_timeout_ms = 0;
  std::int64_t enricher_poison_percent = 0;
  std::string enricher_poison_action;
  std::string enricher_event_mode;
  std::int64_t enricher_message_bytes_max = 0;
  std::int64_t enricher_text_bytes_max = 0;
  std::int64_t enricher_token_max = 0;
  std::int64_t enricher_nesting_max = 0;
  std::string data_directory;
  std::string data_gazetteer_overrides;
  std::string data_label_model;
  std::string profiles_directory;
  std::string profiles_sample;
  std::int64_t newsroom_window_s = 0;
  std::int64_t newsroom_half_life_s = 0;
  std::int64_t newsroom_series_max = 0;
  std::int64_t newsroom_sources_max = 0;
  std::string canary_profile;
  std::int64_t canary_interval_ms = 0;
  std::int64_t canary_timeout_ms = 0;
  std::int64_t profiles_reload_ms = 0;
  bool http_enabled = false;
  std::string http_address;
  std::int64_t http_port = 0;
  std::string log_level;
  std::string log_format;
  std::string embedded_sample_directory;
  std::int64_t embedded_articles_per_s = 0;

  // [kafka.properties]: librdkafka properties for consumer and producer alike.
  std::vector<std::pair<std::string, std::string>> kafka_properties;
  // [[article.field_map]]: path and field.
  std::vector<std::pair<std::string, std::string>> article_field_map;
};

struct ConfigError {
  std::string origin;    // File, "environment" or "flag".
  std::size_t line = 0;  // 0 when there is none.
  std::size_t column = 0;
  std::string message;
};

struct ConfigSources {
  std::vector<std::string> files;                                // Paths.
  std::vector<std::pair<std::string, std::string>> environment;  // Names and values.
  std::vector<std::pair<std::string, std::string>> flags;        // Keys and values.
};

[[nodiscard]] std::expected<Config, std::vector<ConfigError>> load_config(
    const ConfigSources& sources);

// The process's environment variables that begin with WIREWATCH_.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> wirewatch_environment();

// The effective configuration as TOML; values of secret options and properties are "***".
[[nodiscard]] std::string config_dump(const Config& config);

// The reference of all options in Markdown: deploy/CONFIGURATION.md.
[[nodiscard]] std::string config_docs();

// The keys of all options, in the order of the reference.
[[nodiscard]] std::vector<std::string> config_keys();

// "file:line:column: message"
[[nodiscard]] std::string to_text(const ConfigError& error);

}  // namespace wirewatch
