#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <expected>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <simdjson.h>
#include <spdlog/spdlog.h>

#include "common/http/http_server.h"
#include "common/kafka/kafka.h"
#include "common/telemetry/telemetry.h"
#include "services/canary/canary.h"
#include "services/enricher/enricher.h"
#include "services/enricher/profile_reloader.h"
#include "services/enricher/run_aside.h"
#include "services/wirewatch/commands.h"
#include "services/wirewatch/service_notifier.h"

namespace wirewatch {

namespace {

// Set by the signal handler; the run loops look at it.
std::atomic<int> signal_count = 0;
std::atomic<bool> hung_up = false;  // Profiles are to be read again.

// The second one does not wait; but `timeout` and the like send one request twice at once, to the
// process and to its group.
void on_signal(int) {
  static std::atomic<std::int64_t> first_ms = 0;
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t ms = now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
  if (signal_count.exchange(1) == 0)
    first_ms = ms;
  else if (ms - first_ms > 500)
    std::_Exit(130);
}

void on_hangup(int) {
  hung_up = true;
}

void install_signals() {
  struct sigaction action{};
  action.sa_handler = &on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  struct sigaction again{};
  again.sa_handler = &on_hangup;
  again.sa_flags = SA_RESTART;
  sigaction(SIGHUP, &again, nullptr);
}

constexpr std::int64_t kHeartbeatMaxMs = 300000;  // max.poll.interval.ms
constexpr int kCloseSeconds = 30;

// Ends the process when a stop takes longer than draining may: a client library that waits for a
// broker that is gone must not keep it.
class StopDeadline {
 public:
  explicit StopDeadline(int drain_timeout_ms)
      : thread_(
            [this, limit = drain_timeout_ms / 1000 + kCloseSeconds](const std::stop_token& stop) {
              std::unique_lock lock(mutex_);
              while (!stop.stop_requested() && signal_count == 0)
                wake_.wait_for(lock, stop, std::chrono::milliseconds(200), [] { return false; });
              if (wake_.wait_for(lock, stop, std::chrono::seconds(limit),
                                 [&] { return stop.stop_requested(); }))
                return;
              spdlog::error("not stopped after {} s; ending at once", limit);
              std::_Exit(kExitFailure);
            }) {}

 private:
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

FaultPolicy policy(std::string_view text) {
  if (text == "stop") return FaultPolicy::kStop;
  return text == "dead_letter" ? FaultPolicy::kDeadLetter : FaultPolicy::kWait;
}

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// `not_alive` and `not_ready` tell why the service is not, "" when it is.
std::unique_ptr<HttpServer> serve(const Config& config, Metrics& metrics,
                                  std::function<std::int64_t()> heartbeat_ms,
                                  std::function<const char*()> not_alive,
                                  std::function<const char*()> not_ready) {
  if (!config.http_enabled) return nullptr;
  const auto live = [heartbeat_ms = std::move(heartbeat_ms), not_alive = std::move(not_alive)] {
    const std::int64_t heartbeat = heartbeat_ms();
    const bool polls = heartbeat == 0 || steady_ms() - heartbeat < kHeartbeatMaxMs;
    const char* why = polls ? not_alive() : "the poll loop stands still\n";
    return HttpResponse{*why == '\0' ? 200 : 503, "text/plain; charset=utf-8",
                        *why == '\0' ? "ok\n" : why};
  };
  const auto ready = [not_ready] {
    const char* why = not_ready();
    return HttpResponse{*why == '\0' ? 200 : 503, "text/plain; charset=utf-8",
                        *why == '\0' ? "ready\n" : std::string(why) + "\n"};
  };
  const auto expose = [&metrics, not_ready = std::move(not_ready)] {
    metrics.ready(*not_ready() == '\0');
    return HttpResponse{200, "text/plain; version=0.0.4; charset=utf-8", metrics.expose()};
  };
  std::map<std::string, HttpServer::Handler> routes = {{"/metrics", expose}, {"/livez", live},
                                                       {"/healthz", live},   {"/-/healthy", live},
                                                       {"/readyz", ready},   {"/-/ready", ready}};
  return std::make_unique<HttpServer>(
      config.http_address, static_cast<std::uint16_t>(config.http_port), std::move(routes));
}

// An enricher before it works and then.
struct Progress {
  std::atomic<const char*> waiting = "starting";        // For what, until it works.
  std::atomic<const EnricherHealth*> health = nullptr;  // Once it does.
};

std::unique_ptr<HttpServer> serve(const Config& config, Metrics& metrics,
                                  const Progress& progress) {
  return serve(
      config, metrics,
      [&progress] {
        const EnricherHealth* health = progress.health;
        return health == nullptr ? 0 : health->heartbeat_ms.load();
      },
      [&progress] {
        const EnricherHealth* health = progress.health;
        return health != nullptr && health->stalled
                   ? "there is something to read and nothing moves\n"
                   : "";
      },
      [&progress] {
        const EnricherHealth* health = progress.health;
        if (health == nullptr) return progress.waiting.load();
        const char* waiting = health->waiting;
        return health->draining     ? "draining"
               : health->failed     ? "failed"
               : waiting != nullptr ? waiting
               : health->poisoned   ? "poison breaker: most articles are dead letters"
               : !health->assigned  ? "no partitions assigned yet"
                                    : "";
      });
}

TopicsCheck topics_check(const Config& config, std::vector<std::string> topics, int partitions) {
  return {.brokers = config.kafka_brokers,
          .properties = config.kafka_properties,
          .topics = std::move(topics),
          .create = config.kafka_topics_create == "create",
          .partitions = partitions,
          .replication = static_cast<int>(config.kafka_replication),
          .give_up = [] { return signal_count > 0; }};
}

// Without this topic everything works; only a restart begins anew.
void ensure_newsroom_topic(const Config& config) {
  if (config.kafka_topic_newsroom.empty()) return;
  TopicsCheck check = topics_check(config, {config.kafka_topic_newsroom}, 1);
  check.compacted = true;
  if (const KafkaFailure without = ensure_topics(check); !without.empty())
    spdlog::warn("{}; what is usual in the news will not outlive a restart", without.text);
}

// Waits until Kafka answers and has all topics of articles, telling systemd that it is alive: a
// service that ended instead would only be started again. What cannot cure itself gives the status
// to end with.
int await_broker(const Config& config, std::atomic<const char*>& waiting, Metrics& metrics,
                 ServiceNotifier& notifier) {
  const TopicsCheck check =
      topics_check(config, article_topics(config), static_cast<int>(config.kafka_partitions));
  constexpr std::int64_t kRetryMs = 5000;
  constexpr std::int64_t kLogEveryMs = 60000;
  std::int64_t logged_ms = -kLogEveryMs;
  while (signal_count == 0) {
    notifier.alive();
    const std::int64_t begun = steady_ms();
    const KafkaFailure failure = ensure_topics(check);
    if (failure.empty()) {
      metrics.waiting("");
      return kExitOk;
    }
    if (signal_count > 0) break;
    const bool refused = failure.fault == KafkaFault::kUnauthorised;
    if (failure.fault == KafkaFault::kFatal || failure.fault == KafkaFault::kMissingTopic ||
        (refused && config.kafka_on_unauthorised == "stop")) {
      spdlog::error(failure.text);
      return failure.fault == KafkaFault::kFatal ? kExitConfig : kExitUnavailable;
    }
    waiting = refused ? "waiting: Kafka refuses the credentials" : "waiting: no broker answers";
    metrics.waiting(to_string(failure.fault));
    metrics.kafka_error(to_string(failure.fault));
    if (begun - logged_ms >= kLogEveryMs) {
      logged_ms = begun;
      spdlog::error("{}; trying again every few seconds", failure.text);
    }
    while (signal_count == 0 && steady_ms() - begun < kRetryMs)
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

// Says it once when the canary would wait in vain.
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

// Takes rules into use; their sources are done with.
std::unique_ptr<Enricher> make_enricher(const Config& config, Rules& rules, Metrics& metrics) {
  metrics.rules(rules.set->version(), rules.sources.size());
  rules.sources = {};  // Of many profiles the larger part.
  give_back_memory();
  return std::make_unique<Enricher>(enricher_options(config), rules.set, metrics);
}

// The topic of profiles, read to its end.
std::expected<std::unique_ptr<KafkaTable>, std::string> read_profiles(const Config& config) {
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
    if (steady_ms() > deadline)
      return std::unexpected("the topic " + config.kafka_topic_profiles + " cannot be read");
  }
  spdlog::info("{} profiles from {}", (*table)->rows().size(), config.kafka_topic_profiles);
  return table;
}

// The last name in a piece of evidence's path, with a colon behind it, or nothing.
std::string name_around(const simdjson::dom::element& evidence) {
  simdjson::dom::array path;
  std::string name;
  if (evidence["path"].get(path) != simdjson::SUCCESS) return name;
  for (const simdjson::dom::element element : path) {
    const std::string_view step(element);
    if (step.starts_with('$')) name = std::string(step) + ": ";
  }
  return name;
}

// "$names: Pyongyang (headline), North Korea (lede); score 5, threshold 2", of an alert of ours. A
// name stands before the first of what was found by it.
std::string reason_of(const simdjson::dom::element& alert) {
  constexpr int kShownMax = 4;
  std::string reason;
  std::string last_name;
  std::set<std::string> told;
  for (const simdjson::dom::element evidence : alert["evidence"]) {
    if (told.size() == kShownMax) break;
    const std::string piece = std::string(std::string_view(evidence["text"])) + " (" +
                              std::string(std::string_view(evidence["zone"])) + ")";
    if (!told.insert(piece).second) continue;  // Two clauses found the same.
    const std::string name = name_around(evidence);
    reason += (reason.empty() ? "" : ", ") + (name == last_name ? "" : name) + piece;
    last_name = name;
  }
  std::array<char, 64> score{};
  std::snprintf(score.data(), score.size(), "; score %.4g, threshold %.4g", double(alert["score"]),
                double(alert["threshold"]));
  return reason.empty() ? "the article's region or topic" : reason + score.data();
}

// One line per alert: level, profile, headline; then the reason.
void print_alert(const Outcome&, const AlertOut& alert, std::string_view headline) {
  static std::mutex mutex;
  simdjson::dom::parser parser;
  const simdjson::dom::element event = parser.parse(alert.json);
  const std::string reason = reason_of(event);
  std::string_view signal;  // A killed story takes back what was shown of it.
  const bool killed =
      event["article"]["signal"].get(signal) == simdjson::SUCCESS && signal == "kill";
  const std::lock_guard lock(mutex);
  std::cout << (killed ? "WITHDRAWN " : "ALERT ") << alert.level << "  " << alert.title << " ["
            << alert.profile_id << "]  " << headline << "\n"
            << "      because: " << reason << "\n"
            << std::flush;
}

// The messages of the sample news, in order of file and line. Empty, with a word on standard error,
// when there are none.
std::vector<std::string> read_sample(const Config& config) {
  const std::string directory = config.embedded_sample_directory.empty()
                                    ? data_path("sample-news")
                                    : config.embedded_sample_directory;
  std::vector<std::filesystem::path> files;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(directory, code)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() == ".ndjson" && name != "expected.ndjson")
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> messages;
  for (const auto& file : files) {
    if (!for_each_line(file.string(), [&](std::string_view line) { messages.emplace_back(line); }))
      return {};
  }
  if (messages.empty())
    std::cerr << "there is no sample news in " << directory << "; set embedded.sample_directory\n";
  return messages;
}

// One thread that produces the sample at the given pace, again and again unless `once`.
class SampleFeed {
 public:
  // `messages` must outlive it. Error: why it cannot begin.
  static std::expected<std::unique_ptr<SampleFeed>, std::string> start(
      const Config& config, const std::string& brokers, std::span<const std::string> messages,
      bool once) {
    auto producer = KafkaProducer::create({.brokers = brokers,
                                           .client_id = "wirewatch-sample",
                                           .transactional_id = {},
                                           .embedded = true,
                                           .properties = {},
                                           .topics = {config.kafka_topic_raw},
                                           .on_error = {}},
                                          [](void*, const KafkaFailure&) {});
    if (!producer) return std::unexpected(producer.error());
    auto feed = std::unique_ptr<SampleFeed>(new SampleFeed(std::move(*producer)));
    const std::chrono::microseconds pause(1'000'000 / config.embedded_articles_per_s);
    feed->thread_ =
        std::jthread([feed = feed.get(), messages, pause, once](const std::stop_token& stop) {
          feed->run(stop, messages, pause, once);
        });
    return feed;
  }

  [[nodiscard]] bool ended() const { return ended_; }
  [[nodiscard]] std::uint64_t fed() const { return fed_; }

 private:
  explicit SampleFeed(std::unique_ptr<KafkaProducer> producer) : producer_(std::move(producer)) {}

  void run(const std::stop_token& stop, std::span<const std::string> messages,
           std::chrono::microseconds pause, bool once) {
    KafkaFailure failure;
    for (std::size_t next = 0; !stop.stop_requested(); ++next) {
      if (next == messages.size()) {
        if (once) break;
        next = 0;
      }
      producer_->produce(0, std::to_string(next), messages[next], {}, nullptr, failure);
      producer_->poll(0);
      ++fed_;
      std::this_thread::sleep_for(pause);
    }
    producer_->flush(5000);
    ended_ = true;
  }

  std::unique_ptr<KafkaProducer> producer_;
  std::atomic<bool> ended_ = false;
  std::atomic<std::uint64_t> fed_ = 0;
  std::jthread thread_;
};

EnricherOptions embedded_options(const Config& config, const EmbeddedBroker& broker) {
  EnricherOptions options = enricher_options(config);
  options.brokers = broker.bootstrap_servers();
  options.embedded = true;
  options.topic_newsroom.clear();  // Nothing outlives this broker.
  options.on_alert = [&config](const Outcome& outcome, const AlertOut& alert,
                               std::string_view headline) {
    if (alert.profile_id != config.canary_profile) print_alert(outcome, alert, headline);
  };
  return options;
}

std::jthread start_canary(const Config& config, const EmbeddedBroker& broker, Metrics& metrics) {
  CanaryOptions options = canary_options(config);
  options.brokers = broker.bootstrap_servers();
  options.embedded = true;
  return std::jthread([options = std::move(options), &metrics](const std::stop_token& stop) {
    Canary canary(options, metrics);
    if (const std::string error = canary.run([&] { return stop.stop_requested(); }); !error.empty())
      spdlog::error("canary: {}", error);
  });
}

// For a trial any port will do when someone has the usual one.
std::unique_ptr<HttpServer> serve_somewhere(const Config& config, Metrics& metrics,
                                            const Progress& progress) {
  try {
    return serve(config, metrics, progress);
  } catch (const std::runtime_error&) {
    Config any = config;
    any.http_port = 0;
    return serve(any, metrics, progress);
  }
}

void print_banner(const Config& config, std::size_t messages, const HttpServer* server,
                  const std::string& brokers) {
  std::cout << "Wirewatch " << WIREWATCH_VERSION
            << " with the embedded broker (in memory, for trying things out) and " << messages
            << " sample messages\n";
  if (server != nullptr) {
    std::cout << "  metrics  http://" << config.http_address << ":" << server->port()
              << "/metrics\n";
  }
  std::cout << "  alerts   kcat -C -b " << brokers << " -t " << config.kafka_topic_alerts
            << " -o beginning -f '%k %s\\n'\n\n"
            << std::flush;
}

}  // namespace

int command_run_enricher(const Config& config) {
  if (!print_run_faults(config) || !has_brokers(config)) return kExitConfig;
  install_signals();
  Metrics metrics;
  metrics.build(WIREWATCH_VERSION, WIREWATCH_REVISION);
  std::unique_ptr<Enricher> enricher;  // Outlives the server that asks for its health.
  Progress progress;
  const auto server = serve(config, metrics, progress);
  if (server)
    spdlog::info("metrics and health at http://{}:{}/metrics", config.http_address, server->port());
  ServiceNotifier notifier;
  if (const int status = await_broker(config, progress.waiting, metrics, notifier);
      status != kExitOk || signal_count > 0)
    return status;
  ensure_newsroom_topic(config);
  std::unique_ptr<KafkaTable> table;
  if (!config.kafka_topic_profiles.empty()) {
    auto read = read_profiles(config);
    if (!read) {
      spdlog::error(read.error());
      return kExitUnavailable;
    }
    table = std::move(*read);
  }
  auto rules = table ? load_rules(config, table->rows()) : load_rules(config);
  if (!rules && table) {
    spdlog::error("the profiles of {} are refused, those of the folder are used",
                  config.kafka_topic_profiles);
    metrics.reload_refused();
    rules = load_rules(config);
    // So that they are not tried again until they change.
    if (rules)
      rules->profiles_fingerprint = profiles_fingerprint(rules->profiles_directory, table->rows());
  }
  if (!rules) return rules.error();
  (void)knows_canary(config, *rules->set);
  if (rules->sources.empty())
    spdlog::error("no profiles yet, neither in {} nor on {}: nothing alerts",
                  rules->profiles_directory, config.kafka_topic_profiles);
  enricher = make_enricher(config, *rules, metrics);
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
    const bool stopping = signal_count > 0;
    if (hung_up.exchange(false)) reloader.request();
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
  if (!has_brokers(config)) return kExitConfig;
  install_signals();
  Metrics metrics;
  metrics.build(WIREWATCH_VERSION, WIREWATCH_REVISION);
  Canary canary(canary_options(config), metrics);
  std::atomic<const char*> waiting = "starting";
  const auto server = serve(
      config, metrics, [&canary] { return canary.health().heartbeat_ms.load(); }, [] { return ""; },
      [&] {
        const char* why = waiting;
        return why != nullptr ? why : canary.health().assigned ? "" : "no partitions assigned yet";
      });
  if (server)
    spdlog::info("metrics and health at http://{}:{}/metrics", config.http_address, server->port());
  spdlog::info("canary sends to {} at {}, and waits for profile {}", config.kafka_topic_raw,
               config.kafka_brokers, config.canary_profile);
  ServiceNotifier notifier;
  if (const int status = await_broker(config, waiting, metrics, notifier);
      status != kExitOk || signal_count > 0)
    return status;
  waiting = nullptr;
  const std::string failure = canary.run([&] {
    const bool stopping = signal_count > 0;
    stopping ? notifier.stopping() : notifier.alive();
    return stopping;
  });
  if (!failure.empty()) {
    spdlog::error(failure);
    return kExitFailure;
  }
  return kExitOk;
}

int command_up(const Config& config, const UpOptions& options) {
  if (config.kafka_delivery == "exactly_once") {
    std::cerr
        << "the embedded broker has no transactions: kafka.delivery = \"exactly_once\" needs a "
           "real Kafka (`wirewatch run enricher` with kafka.brokers)\n";
    return kExitConfig;
  }
  const auto rules = load_rules(config);
  if (!rules) return rules.error();
  const std::vector<std::string> messages = read_sample(config);
  if (messages.empty()) return kExitConfig;
  install_signals();
  Metrics metrics;
  metrics.build(WIREWATCH_VERSION, WIREWATCH_REVISION);
  metrics.rules(rules->set->version(), rules->sources.size());
  EmbeddedBroker broker;
  for (const std::string& topic : article_topics(config)) {
    broker.create_topic(topic,
                        static_cast<int>(std::min<std::int64_t>(config.kafka_partitions, 16)));
  }
  // For services that are started against this broker from another shell.
  if (!config.kafka_topic_newsroom.empty()) broker.create_topic(config.kafka_topic_newsroom, 1);
  Enricher enricher(embedded_options(config, broker), rules->set, metrics);
  ProfileReloader reloader(reloader_options(config, *rules), rules->set, metrics,
                           [&](auto changed) { enricher.use_rules(std::move(changed)); });
  Progress progress;
  progress.health = &enricher.health();
  auto server = serve_somewhere(config, metrics, progress);
  print_banner(config, messages.size(), server.get(), broker.bootstrap_servers());
  auto feed = SampleFeed::start(config, broker.bootstrap_servers(), messages, options.once);
  if (!feed) {
    std::cerr << feed.error() << "\n";
    return kExitFailure;
  }
  // The canary, unless the sample is to be counted.
  std::jthread canary;
  if (!options.once && knows_canary(config, *rules->set))
    canary = start_canary(config, broker, metrics);
  const std::string failure = enricher.run([&] {
    if (hung_up.exchange(false)) reloader.request();
    return signal_count > 0 || (options.once && (*feed)->ended() &&
                                metrics.enriched_count() + metrics.dead_count() >= (*feed)->fed());
  });
  feed->reset();
  canary = {};
  server.reset();
  std::cout << "\n"
            << metrics.consumed_count() << " messages read: " << metrics.enriched_count()
            << " enriched, " << metrics.dead_count() << " dead letters; " << metrics.alert_count()
            << " alerts\n";
  if (!failure.empty()) {
    std::cerr << failure << "\n";
    return kExitFailure;
  }
  return kExitOk;
}

}  // namespace wirewatch
