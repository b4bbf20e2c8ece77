#include <atomic>
#include <chrono>
#include <cstdint>
#include <expected>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

#include "common/kafka/clocks.h"
#include "common/kafka/kafka.h"
#include "common/telemetry/telemetry.h"
#include "services/canary/canary.h"
#include "services/enricher/enricher.h"
#include "services/enricher/profile_reloader.h"
#include "services/enricher/run_aside.h"
#include "services/wirewatch/commands.h"
#include "services/wirewatch/health_server.h"
#include "services/wirewatch/service_notifier.h"
#include "services/wirewatch/service_options.h"
#include "services/wirewatch/stop_signals.h"

namespace wirewatch {

namespace {

TopicsCheck topics_check(const Config& config, std::vector<std::string> topics, int partitions) {
  return {.brokers = config.kafka_brokers,
          .properties = config.kafka_properties,
          .topics = std::move(topics),
          .create = config.kafka_topics_create == "create",
          .partitions = partitions,
          .replication = static_cast<int>(config.kafka_replication),
          .give_up = [] { return stop_requested(); }};
}

// Without this topic everything works; only a restart begins anew.
void ensure_newsroom_topic(const Config& config) {
  if (config.kafka_topic_newsroom.empty()) return;
  TopicsCheck check = topics_check(config, {config.kafka_topic_newsroom}, 1);
  check.compacted = true;
  if (const KafkaFailure without = ensure_topics(check); !without.empty())
    spdlog::warn("{}; what is usual in the news will not outlive a restart", without.text);
}

// Whether missing topics may still come: whoever has just created them is told so before every
// broker knows of them. Those of `failure` are looked for this long, from the first time on.
bool may_come(const Config& config, const KafkaFailure& failure, std::int64_t& missing_since_ms) {
  constexpr std::int64_t kPatienceMs = 10000;
  if (failure.fault != KafkaFault::kMissingTopic || config.kafka_topics_create == "create")
    return false;
  if (missing_since_ms == 0) {
    missing_since_ms = steady_ms();
    spdlog::warn("{}; looking for them for {} s", failure.text, kPatienceMs / 1000);
  }
  return steady_ms() - missing_since_ms < kPatienceMs;
}

// Waits until Kafka answers and has all topics of articles, telling systemd that it is alive: a
// service that ended instead would only be started again. What cannot cure itself gives the status
// to end with.
int await_broker(const Config& config, std::atomic<const char*>& waiting, Metrics& metrics,
                 ServiceNotifier& notifier) {
  TopicsCheck check =
      topics_check(config, article_topics(config), static_cast<int>(config.kafka_partitions));
  check.roomy = config.kafka_topic_dead;
  constexpr std::int64_t kRetryMs = 5000;
  constexpr std::int64_t kLogEveryMs = 60000;
  std::int64_t logged_ms = -kLogEveryMs;
  std::int64_t missing_since_ms = 0;
  while (!stop_requested()) {
    notifier.alive();
    const std::int64_t begun = steady_ms();
    const KafkaFailure failure = ensure_topics(check);
    if (failure.empty()) {
      metrics.waiting("");
      notifier.alive();
      return kExitOk;
    }
    if (stop_requested()) break;
    if (may_come(config, failure, missing_since_ms)) {
      waiting = "waiting: topics are missing";
      std::this_thread::sleep_for(std::chrono::milliseconds(500));
      continue;
    }
    const bool refused = failure.fault == KafkaFault::kUnauthorised;
    if (failure.fault == KafkaFault::kFatal || failure.fault == KafkaFault::kMissingTopic ||
        (refused && config.kafka_on_unauthorised == "stop")) {
      spdlog::error(failure.text);
      return failure.fault == KafkaFault::kFatal ? kExitConfig : kExitUnavailable;
    }
    waiting =
        refused ? "waiting: Kafka refuses the credentials or access" : "waiting: no broker answers";
    metrics.waiting(to_string(failure.fault));
    metrics.kafka_error(to_string(failure.fault));
    if (begun - logged_ms >= kLogEveryMs) {
      logged_ms = begun;
      spdlog::error("{}; trying again every few seconds", failure.text);
    }
    while (!stop_requested() && steady_ms() - begun < kRetryMs)
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return kExitOk;
}

// Says what is missing, or nothing.
bool has_brokers(const Config& config) {
  if (!config.kafka_brokers.empty()) return true;
  std::cerr << "kafka.brokers is empty; name a broker (WIREWATCH_KAFKA__BROKERS=host:port), or "
               "try `wirewatch up`\n";
  return false;
}

// Takes rules into use; their sources are done with.
std::unique_ptr<Enricher> make_enricher(const Config& config, Rules& rules, Metrics& metrics) {
  metrics.rules(rules.set->version(), rules.sources.size());
  rules.sources = {};  // Of many profiles the larger part.
  give_back_memory();
  return std::make_unique<Enricher>(enricher_options(config), rules.set, metrics);
}

// The topic of profiles, read to its end, telling systemd meanwhile that it is alive. Null when it
// is to stop.
std::expected<std::unique_ptr<KafkaTable>, std::string> read_profiles(const Config& config,
                                                                      ServiceNotifier& notifier) {
  auto table = KafkaTable::create({.brokers = config.kafka_brokers,
                                   .client_id = config.kafka_client_id,
                                   .topic = config.kafka_topic_profiles,
                                   .embedded = false,
                                   .properties = config.kafka_properties});
  if (!table) return table;
  constexpr std::int64_t kPatienceMs = 60000;
  const std::int64_t deadline = steady_ms() + kPatienceMs;
  while (!(*table)->is_complete()) {
    (*table)->read(100);
    notifier.alive();
    if (stop_requested()) return nullptr;
    if (steady_ms() > deadline)
      return std::unexpected("the topic " + config.kafka_topic_profiles + " cannot be read");
  }
  spdlog::info("{} profiles from {}", (*table)->rows().size(), config.kafka_topic_profiles);
  return table;
}

// The rules to begin with. Profiles of the topic that are refused do not keep an enricher from
// starting: those of the folder are used.
std::expected<Rules, ExitStatus> load_first_rules(const Config& config, const KafkaTable* table,
                                                  Metrics& metrics) {
  if (table == nullptr) return load_rules(config);
  auto rules = load_rules(config, table->rows());
  if (rules) return rules;
  spdlog::error("the profiles of {} are refused, those of the folder are used",
                config.kafka_topic_profiles);
  metrics.reload_refused();
  rules = load_rules(config);
  // So that they are not tried again until they change.
  if (rules)
    rules->profiles_fingerprint = profiles_fingerprint(rules->profiles_directory, table->rows());
  return rules;
}

}  // namespace

int command_run_enricher(const Config& config) {
  if (!print_run_faults(config) || !has_brokers(config)) return kExitConfig;
  install_stop_signals();
  Metrics metrics;
  metrics.build(WIREWATCH_VERSION, WIREWATCH_REVISION);
  std::unique_ptr<Enricher> enricher;  // Outlives the server that asks for its health.
  EnricherProgress progress;
  const auto server = serve_health(config, metrics, progress);
  if (server) spdlog::info("metrics and health at {}", metrics_url(config, *server));
  ServiceNotifier notifier;
  if (const int status = await_broker(config, progress.waiting, metrics, notifier);
      status != kExitOk || stop_requested())
    return status;
  ensure_newsroom_topic(config);
  notifier.alive();  // Each step may take most of what the watchdog allows.
  std::unique_ptr<KafkaTable> table;
  if (!config.kafka_topic_profiles.empty()) {
    auto read = read_profiles(config, notifier);
    if (stop_requested()) return kExitOk;
    if (!read) {
      spdlog::error(read.error());
      return kExitUnavailable;
    }
    table = std::move(*read);
  }
  auto rules = load_first_rules(config, table.get(), metrics);
  if (!rules) return rules.error();
  (void)knows_canary(config, *rules->set);
  if (rules->sources.empty())
    spdlog::error("no profiles yet, neither in {} nor on {}: nothing alerts",
                  rules->profiles_directory, config.kafka_topic_profiles);
  enricher = make_enricher(config, *rules, metrics);
  notifier.alive();
  progress.health = &enricher->health();
  ProfileReloaderOptions reloading = reloader_options(config, *rules);
  if (table) {
    reloading.texts = [&table] {
      table->read(0);
      return table->rows();
    };
  }
  ProfileReloader reloader(std::move(reloading), rules->set, metrics,
                           [&](auto changed) { enricher->use_rules(std::move(changed)); });
  spdlog::info("enricher reads {} at {}, rules {}", config.kafka_topic_raw, config.kafka_brokers,
               rules->set->version());
  const StopDeadline deadline(static_cast<int>(config.enricher_drain_timeout_ms));
  const std::string failure = enricher->run([&] {
    const bool stopping = stop_requested();
    if (take_hangup()) reloader.request();
    stopping ? notifier.stopping() : notifier.alive();
    return stopping;
  });
  if (!failure.empty()) {
    spdlog::error(failure);
    return kExitFailure;
  }
  spdlog::info("stopped: {} consumed, {} enriched, {} dead, {} alerts", metrics.consumed_count(),
               metrics.enriched_count(), metrics.dead_count(), metrics.alert_count());
  return kExitOk;
}

int command_run_canary(const Config& config) {
  if (!print_name_faults(config) || !has_brokers(config)) return kExitConfig;
  install_stop_signals();
  Metrics metrics;
  metrics.build(WIREWATCH_VERSION, WIREWATCH_REVISION);
  Canary canary(canary_options(config), metrics);
  std::atomic<const char*> waiting = "starting";
  ServiceHealth health;
  health.heartbeat_ms = [&canary] { return canary.health().heartbeat_ms.load(); };
  health.not_alive = [] { return ""; };
  health.not_ready = [&canary, &waiting] {
    const char* why = waiting;
    return why != nullptr ? why : canary.health().assigned ? "" : "no partitions assigned yet";
  };
  const auto server = serve_health(config, metrics, std::move(health));
  if (server) spdlog::info("metrics and health at {}", metrics_url(config, *server));
  spdlog::info("canary sends to {} at {}, and waits for profile {}", config.kafka_topic_raw,
               config.kafka_brokers, config.canary_profile);
  ServiceNotifier notifier;
  if (const int status = await_broker(config, waiting, metrics, notifier);
      status != kExitOk || stop_requested())
    return status;
  waiting = nullptr;
  const std::string failure = canary.run([&] {
    const bool stopping = stop_requested();
    stopping ? notifier.stopping() : notifier.alive();
    return stopping;
  });
  if (!failure.empty()) {
    spdlog::error(failure);
    return kExitFailure;
  }
  return kExitOk;
}

}  // namespace wirewatch
