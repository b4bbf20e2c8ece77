#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <iostream>
#include <memory>
#include <mutex>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <spdlog/spdlog.h>

#include "common/kafka/kafka.h"
#include "common/telemetry/telemetry.h"
#include "services/canary/canary.h"
#include "services/enricher/enricher.h"
#include "services/enricher/profile_reloader.h"
#include "services/wirewatch/commands.h"
#include "services/wirewatch/event_text.h"
#include "services/wirewatch/health_server.h"
#include "services/wirewatch/service_options.h"
#include "services/wirewatch/stop_signals.h"

namespace wirewatch {

namespace {

// From any of the enricher's workers.
void print_alert(std::string_view alert) {
  static std::mutex mutex;
  const auto text = alert_text(alert);
  const std::lock_guard lock(mutex);
  std::cout << (text ? text->alert : "an alert that cannot be read\n") << std::flush;
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

// Whether a property is about being let in by a Kafka, which the embedded broker lets everybody.
bool is_about_access(std::string_view property) {
  return property.starts_with("security.") || property.starts_with("sasl.") ||
         property.starts_with("ssl.") || property.starts_with("enable.sasl.") ||
         property.starts_with("enable.ssl.");
}

// A configuration that has been made for a real Kafka, for the embedded broker. Says what it leaves
// out: a client that insisted on TLS or an account would wait for ever.
Config for_embedded(Config config) {
  std::string left_out;
  std::erase_if(config.kafka_properties, [&](const auto& property) {
    if (!is_about_access(property.first)) return false;
    left_out += (left_out.empty() ? "" : ", ") + property.first;
    return true;
  });
  if (!left_out.empty()) {
    std::cerr << "the embedded broker has neither TLS nor accounts; of kafka.properties these are "
                 "not used: "
              << left_out << "\n";
  }
  return config;
}

EnricherOptions embedded_options(const Config& config, const EmbeddedBroker& broker) {
  EnricherOptions options = enricher_options(config);
  options.brokers = broker.bootstrap_servers();
  options.embedded = true;
  options.topic_newsroom.clear();  // Nothing outlives this broker.
  options.on_alert = [&config](const AlertOut& alert) {
    if (alert.profile_id != config.canary_profile) print_alert(alert.json);
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
                                            const EnricherProgress& progress) {
  try {
    return serve_health(config, metrics, progress);
  } catch (const std::runtime_error&) {
    Config any = config;
    any.http_port = 0;
    return serve_health(any, metrics, progress);
  }
}

void print_banner(const Config& config, std::size_t messages, const HttpServer* server,
                  const std::string& brokers) {
  std::cout << "Wirewatch " << WIREWATCH_VERSION
            << " with the embedded broker (in memory, for trying things out) and " << messages
            << " sample messages\n";
  if (server != nullptr) {
    std::cout << "  metrics  " << metrics_url(config, *server) << "\n";
  }
  std::cout << "  alerts   kcat -C -b " << brokers << " -t " << config.kafka_topic_alerts
            << " -o beginning -f '%k %s\\n'\n\n"
            << std::flush;
}

}  // namespace

int command_up(const Config& given, const UpOptions& options) {
  const Config config = for_embedded(given);
  if (config.kafka_delivery == "exactly_once") {
    std::cerr
        << "the embedded broker has no transactions: kafka.delivery = \"exactly_once\" needs a "
           "real Kafka (`wirewatch run enricher` with kafka.brokers)\n";
    return kExitConfig;
  }
  if (!print_name_faults(config)) return kExitConfig;
  const auto rules = load_rules(config);
  if (!rules) return rules.error();
  const std::vector<std::string> messages = read_sample(config);
  if (messages.empty()) return kExitConfig;
  install_stop_signals();
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
  EnricherProgress progress;
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
    if (take_hangup()) reloader.request();
    return stop_requested() || (options.once && (*feed)->ended() &&
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
