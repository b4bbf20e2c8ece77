// What an article costs: the pure pipeline against simdjson alone walking the same bytes in the
// same run, and the enricher over a broker.
//
//   pipeline_bench [--articles N] [--rounds N] [--dense]   the pure pipeline
//   pipeline_bench --news FILE... [--rounds N]             on articles of yours, NDJSON
//   pipeline_bench --brokers embedded|HOST:PORT [...]      the enricher, one worker
//
// Rounds of the walk and of the pipeline alternate, so that a busy neighbour falls on both; the
// ratio is the median of the rounds' ratios. Times are CPU time of the thread or process; the
// stages' are of the steady clock, which tells a working thread from a waiting one by the least of
// the rounds alone.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <simdjson.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "common/base/hash.h"
#include "common/kafka/kafka.h"
#include "common/pipeline/processor.h"
#include "common/telemetry/telemetry.h"
#include "services/enricher/enricher.h"
#include "services/wirewatch/setup.h"
#include "tests/bench/news_generator.h"
#include "tests/support/allocation_counter.h"

namespace wirewatch {
namespace {

double thread_cpu_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double process_cpu_s() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::int64_t steady_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

double wall_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Visits every value and decodes every string: what any reader of the message must do.
std::size_t walk(simdjson::ondemand::value value) {
  std::size_t sum = 0;
  switch (value.type()) {
    case simdjson::ondemand::json_type::object:
      for (auto field : value.get_object()) {
        sum += std::string_view(field.unescaped_key()).size();
        sum += walk(field.value());
      }
      break;
    case simdjson::ondemand::json_type::array:
      for (auto element : value.get_array()) sum += walk(element.value());
      break;
    case simdjson::ondemand::json_type::string:
      sum += std::string_view(value.get_string()).size();
      break;
    default:
      sum += std::string_view(value.raw_json_token()).size();
  }
  return sum;
}

using StageTimes = std::array<std::int64_t, kStageCount>;

// What the rounds of one corpus give. Times are of the thread's processor; those called least are
// of the clock, of each article the least of the rounds: what a busy neighbour adds falls away.
struct Measured {
  explicit Measured(std::size_t articles)
      : walk_least(articles, kNever), stage_least(articles, StageTimes{}) {
    for (StageTimes& times : stage_least) times.fill(kNever);
  }

  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
  std::vector<double> walk_ns;
  std::vector<double> pipeline_ns;
  std::vector<double> ratios;
  std::vector<std::int64_t> walk_least;
  std::vector<StageTimes> stage_least;
  std::size_t walked = 0;  // Read from what the walk saw, so that it is not optimised away.
  std::size_t allocations = 0;
  std::size_t alerts = 0;
  std::size_t dead = 0;
  std::size_t places = 0;
  std::uint64_t output_hash = 0;
  std::size_t output_bytes = 0;
};

class Walker {
 public:
  explicit Walker(std::size_t longest) : padded_(longest + simdjson::SIMDJSON_PADDING) {}

  void walk_all(std::span<const std::string> messages, Measured& measured) {
    for (std::size_t i = 0; i < messages.size(); ++i) {
      const std::string& message = messages[i];
      const std::int64_t before = steady_ns();
      std::copy(message.begin(), message.end(), padded_.begin());
      auto document = parser_.iterate(padded_.data(), message.size(), padded_.size());
      for (auto field : document.get_object()) {
        measured.walked += std::string_view(field.unescaped_key()).size();
        measured.walked += walk(field.value());
      }
      measured.walk_least[i] = std::min(measured.walk_least[i], steady_ns() - before);
    }
  }

 private:
  simdjson::ondemand::parser parser_;
  std::vector<char> padded_;
};

void process_all(Processor& processor, std::span<const std::string> messages, bool with_output,
                 Measured& measured) {
  measured.alerts = 0;
  measured.dead = 0;
  measured.places = 0;
  for (std::size_t article = 0; article < messages.size(); ++article) {
    const Outcome& outcome = processor.process(messages[article], {});
    measured.alerts += outcome.alert_count;
    measured.dead += outcome.dead ? 1 : 0;
    measured.places += processor.region_result().mentions.size();
    for (std::size_t i = 0; i < kStageCount; ++i) {
      std::int64_t& least = measured.stage_least[article][i];
      least = std::min(least, processor.stage_ns()[i]);
    }
    if (!with_output) continue;
    const auto take = [&](std::string_view event) {
      measured.output_hash = hash_bytes(event, measured.output_hash);
      measured.output_bytes += event.size();
    };
    take(outcome.enriched);
    for (std::size_t i = 0; i < outcome.alert_count; ++i) take(outcome.alerts[i].json);
  }
}

void print(const Measured& measured, double bytes, double count, int rounds) {
  const double pipeline_ns = median(measured.pipeline_ns);
  std::printf("simdjson walk   %9.0f ns/article  (checksum %zu)\n", median(measured.walk_ns),
              measured.walked);
  std::printf("pipeline        %9.0f ns/article  %.0f articles/s per core  %.1f MB/s\n",
              pipeline_ns, 1e9 / pipeline_ns, bytes / count / pipeline_ns * 1e3);
  std::printf("ratio           %9.1f times the walk\n", median(measured.ratios));
  std::printf("allocations     %9.4f per article\n",
              static_cast<double>(measured.allocations) / count / rounds);
  std::printf("%.2f alerts an article, %zu dead letters, %.1f places a kB\n",
              static_cast<double>(measured.alerts) / count, measured.dead,
              static_cast<double>(measured.places) * 1000 / bytes);
  std::printf("output          %9.0f bytes/article  (checksum %016llx)\n",
              static_cast<double>(measured.output_bytes) / count,
              static_cast<unsigned long long>(measured.output_hash));
  double walked = 0;
  for (const std::int64_t least : measured.walk_least) walked += static_cast<double>(least) / count;
  double all = 0;
  std::printf("least of the rounds, per article: ns, times the walk of %.0f ns\n", walked);
  for (std::size_t i = 0; i < kStageCount; ++i) {
    double stage = 0;
    for (const StageTimes& least : measured.stage_least)
      stage += static_cast<double>(least[i]) / count;
    all += stage;
    std::printf("  %-12s  %9.0f  %6.2f\n", std::string(to_string(static_cast<Stage>(i))).c_str(),
                stage, stage / walked);
  }
  std::printf("  %-12s  %9.0f  %6.2f\n", "all", all, all / walked);
}

int pure(const std::shared_ptr<const RuleSet>& rules, const ProcessorOptions& options,
         const std::vector<std::string>& messages, int rounds) {
  std::size_t bytes = 0;
  std::size_t longest = 0;
  for (const std::string& message : messages) {
    bytes += message.size();
    longest = std::max(longest, message.size());
  }
  const auto count = static_cast<double>(messages.size());
  std::printf("%zu articles, %.0f bytes each\n", messages.size(),
              static_cast<double>(bytes) / count);
  Walker walker(longest);
  Processor processor(rules, options);
  Measured measured(messages.size());
  for (int round = -1; round < rounds; ++round) {  // The first warms up and is not counted.
    const double t0 = thread_cpu_ns();
    walker.walk_all(messages, measured);
    const double t1 = thread_cpu_ns();
    const std::size_t allocated = allocation_count();
    process_all(processor, messages, round < 0, measured);
    const double t2 = thread_cpu_ns();
    if (round < 0) continue;
    measured.allocations += allocation_count() - allocated;
    measured.walk_ns.push_back((t1 - t0) / count);
    measured.pipeline_ns.push_back((t2 - t1) / count);
    measured.ratios.push_back((t2 - t1) / (t1 - t0));
  }
  print(measured, static_cast<double>(bytes), count, rounds);
  return measured.dead == 0 ? 0 : 1;
}

// The topics of the benchmark, on the embedded broker, which is made then, or on another. Gives a
// status to end with, or kExitOk.
int make_topics(const std::vector<std::string>& topics, std::string& brokers,
                std::unique_ptr<EmbeddedBroker>& embedded) {
  if (brokers == "embedded") {
    embedded = std::make_unique<EmbeddedBroker>();
    brokers = embedded->bootstrap_servers();
    // The mock keeps 5 MB of a partition: 64 of them hold the whole corpus.
    for (const std::string& topic : topics) embedded->create_topic(topic, 64);
    return kExitOk;
  }
  const KafkaFailure failure = ensure_topics({.brokers = brokers,
                                              .properties = {},
                                              .topics = topics,
                                              .create = true,
                                              .partitions = 8,
                                              .give_up = {}});
  if (failure.empty()) return kExitOk;
  std::fprintf(stderr, "%s\n", failure.text.c_str());
  return kExitUnavailable;
}

int send_all(const std::vector<std::string>& messages, const std::string& brokers,
             const std::string& topic) {
  KafkaProducer::Options options;
  options.brokers = brokers;
  options.client_id = "bench";
  options.topics = {topic};
  std::size_t failed = 0;
  auto producer = KafkaProducer::create(
      options, [&](void*, const KafkaFailure& failure) { failed += failure.empty() ? 0U : 1U; });
  if (!producer) {
    std::fprintf(stderr, "%s\n", producer.error().c_str());
    return kExitFailure;
  }
  KafkaFailure error;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (!(*producer)->produce(0, std::to_string(i), messages[i], {}, nullptr, error)) {
      std::fprintf(stderr, "%s\n", error.text.c_str());
      return kExitFailure;
    }
    (*producer)->poll(0);
  }
  if (!(*producer)->flush(60'000) || failed > 0) {
    std::fprintf(stderr, "%zu messages could not be produced\n", failed);
    return kExitFailure;
  }
  return kExitOk;
}

struct Clocks {
  double wall = 0;
  double cpu = 0;
  static Clocks now() { return {wall_s(), process_cpu_s()}; }
};

int over_kafka(const std::shared_ptr<const RuleSet>& rules, const ProcessorOptions& processor,
               const std::vector<std::string>& messages, std::string brokers) {
  const std::string suffix = "." + std::to_string(getpid());
  EnricherOptions options;
  options.topic_raw = "bench.raw" + suffix;
  options.topic_enriched = "bench.enriched" + suffix;
  options.topic_alerts = "bench.alerts" + suffix;
  options.topic_dead = "bench.dead" + suffix;
  std::unique_ptr<EmbeddedBroker> embedded;
  if (const int status = make_topics(
          {options.topic_raw, options.topic_enriched, options.topic_alerts, options.topic_dead},
          brokers, embedded);
      status != kExitOk)
    return status;
  if (const int status = send_all(messages, brokers, options.topic_raw); status != kExitOk)
    return status;
  Metrics metrics;
  options.brokers = brokers;
  options.embedded = embedded != nullptr;
  options.client_id = "bench";
  options.group_id = "bench" + suffix;
  options.workers = 1;
  options.processor = processor;
  Clocks begun;
  Clocks ended;
  std::uint64_t before = 0;
  std::uint64_t done = 0;
  {
    Enricher enricher(options, rules, metrics);
    const std::string error = enricher.run([&] {
      done = metrics.enriched_count() + metrics.dead_count();
      ended = Clocks::now();
      if (done > 0 && before == 0) {  // From here on: joining the group is no work of an article.
        before = done;
        begun = ended;
      }
      return done >= messages.size();
    });
    if (!error.empty()) {
      std::fprintf(stderr, "%s\n", error.c_str());
      return kExitFailure;
    }
  }
  const auto count = static_cast<double>(done - before);
  std::printf("%zu articles in, %lu enriched, %lu alerts, %lu dead\n", messages.size(),
              static_cast<unsigned long>(metrics.enriched_count()),
              static_cast<unsigned long>(metrics.alert_count()),
              static_cast<unsigned long>(metrics.dead_count()));
  std::printf("%.0f articles/s, %.1f us of CPU per article (%s)\n",
              count / (ended.wall - begun.wall), (ended.cpu - begun.cpu) / count * 1e6,
              embedded ? "the broker's threads included" : "the client alone");
  return metrics.enriched_count() == messages.size() ? 0 : 1;
}

int run(int argc, char** argv) {
  CLI::App app("What an article costs.");
  std::size_t articles = 20'000;
  int rounds = 7;
  std::string brokers;
  std::vector<std::string> news;
  bool dense = false;
  GlobalOptions global;
  app.add_option("--articles", articles, "How many generated articles")->check(CLI::PositiveNumber);
  app.add_option("--rounds", rounds, "How often each is measured")->check(CLI::PositiveNumber);
  app.add_flag("--dense", dense, "Articles that name three times as many places as news does");
  app.add_option("--news", news, "Articles of these NDJSON files instead of generated ones")
      ->check(CLI::ExistingFile);
  app.add_option("--brokers", brokers, "Measure the enricher over this broker, or `embedded`");
  app.add_option("--set", global.settings, "A setting of the configuration, KEY=VALUE");
  CLI11_PARSE(app, argc, argv);
  const auto config = load(global);
  if (!config) return config.error();
  const auto rules = load_rules(*config);
  if (!rules) return rules.error();
  std::vector<std::string> messages;
  for (const std::string& file : news)
    for_each_line(file, [&](std::string_view line) { messages.emplace_back(line); });
  if (news.empty())
    messages = bench_news(articles, dense ? PlaceDensity::kDense : PlaceDensity::kNews);
  return brokers.empty() ? pure(rules->set, processor_options(*config), messages, rounds)
                         : over_kafka(rules->set, processor_options(*config), messages, brokers);
}

}  // namespace
}  // namespace wirewatch

int main(int argc, char** argv) {
  return wirewatch::run(argc, argv);
}
