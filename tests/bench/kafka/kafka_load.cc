// Load for a program that reads articles from Kafka and publishes events, and the times from when
// an article was due to when its event can be read.
//
//   kafka_load [OPTIONS] -- PROGRAM ARGUMENTS...
//   kafka_load [OPTIONS] --floor
//
// First a backlog: articles are sent, then the program is started, and how fast it works through
// the second half is its throughput and what it takes of processor time. Then articles are sent at
// each rate by a schedule that waits for nobody; a time begins when its article was due, so that
// articles behind a slow one count with their wait (no coordinated omission). Events are read as
// committed records. Prints one JSON object for each step.
//
// With --floor there is no program: the articles themselves are read from their topic, by the same
// reader. Those times are the load's and the broker's own, once; on the way through a program each
// article goes through the broker twice.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "common/kafka/kafka.h"
#include "services/wirewatch/setup.h"
#include "tests/bench/news_generator.h"
#include "tests/faults/process.h"

namespace wirewatch {
namespace {

constexpr std::string_view kIdPrefix = "urn:newsml:bench.example:20261120:";
constexpr std::size_t kIdDigits = 8;

double wall_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// User and system time of a process, all of its threads.
double cpu_s(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return 0;
  double ticks[2] = {};
  std::size_t at = name_end + 1;
  for (int field = 3; field <= 15; ++field) {
    at = text.find(' ', at) + 1;
    if (field == 14) std::sscanf(text.c_str() + at, "%lf %lf", &ticks[0], &ticks[1]);
  }
  return (ticks[0] + ticks[1]) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// Messages that name their id, and where it is in each.
struct Corpus {
  std::vector<std::string> messages;
  std::vector<std::size_t> id_at;
};

Corpus make_corpus(std::size_t count, PlaceDensity density) {
  Corpus corpus;
  for (std::string& message : bench_news(count, density)) {
    const std::size_t at = message.find(kIdPrefix);
    if (at == std::string::npos) continue;
    corpus.messages.push_back(std::move(message));
    corpus.id_at.push_back(at + kIdPrefix.size());
  }
  return corpus;
}

class Sender {
 public:
  Sender(const std::string& brokers, const std::string& topic, Corpus corpus)
      : corpus_(std::move(corpus)) {
    auto made = KafkaProducer::create(
        {.brokers = brokers,
         .client_id = "kafka-load",
         .transactional_id = {},
         .properties = {{"linger.ms", "1"}},
         .topics = {topic},
         .on_error = {}},
        [this](void*, const KafkaFailure& failure) { failed_ += failure.empty() ? 0 : 1; });
    if (!made) throw std::runtime_error(made.error());
    producer_ = std::move(*made);
    reports_ = std::jthread([this](const std::stop_token& stop) {
      while (!stop.stop_requested()) producer_->poll(20);
    });
  }

  void send(std::size_t number) {
    const std::size_t which = number % corpus_.messages.size();
    message_ = corpus_.messages[which];
    char digits[kIdDigits + 1];
    std::snprintf(digits, sizeof(digits), "%08zu", number);
    std::copy_n(digits, kIdDigits,
                message_.begin() + static_cast<std::ptrdiff_t>(corpus_.id_at[which]));
    KafkaFailure failure;
    if (!producer_->produce(0, digits, message_, {}, nullptr, failure))
      throw std::runtime_error(failure.text);
  }
  void flush() {
    if (!producer_->flush(120000) || failed_ > 0)
      throw std::runtime_error("articles were not sent");
  }
  [[nodiscard]] double mean_bytes() const {
    std::size_t sum = 0;
    for (const std::string& message : corpus_.messages) sum += message.size();
    return static_cast<double>(sum) / static_cast<double>(corpus_.messages.size());
  }

 private:
  Corpus corpus_;
  std::string message_;
  std::atomic<int> failed_ = 0;
  std::unique_ptr<KafkaProducer> producer_;
  std::jthread reports_;
};

// Notes when the event of each article was first read.
class Reader final : public RebalanceListener {
 public:
  Reader(const std::string& brokers, const std::string& topic, std::size_t articles)
      : seen_s_(articles) {
    auto made = KafkaConsumer::create({.brokers = brokers,
                                       .client_id = "kafka-load",
                                       .group_id = "kafka-load-" + topic,
                                       .topic = topic,
                                       .instance_id = {},
                                       .properties = {{"statistics.interval.ms", "0"}},
                                       .on_statistics = {},
                                       .on_error = {}},
                                      *this);
    if (!made) throw std::runtime_error(made.error());
    consumer_ = std::move(*made);
    thread_ = std::jthread([this](const std::stop_token& stop) { read(stop); });
  }

  void on_assigned(std::span<const std::int32_t>) override {}
  void on_revoked(std::span<const std::int32_t>, bool) override {}

  // 0: not read.
  [[nodiscard]] double seen_s(std::size_t number) const { return seen_s_[number]; }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::size_t twice() const { return twice_; }
  // Until so many articles in all are read.
  bool await(std::size_t articles, double timeout_s) const {
    const double deadline = wall_s() + timeout_s;
    while (count_ < articles) {
      if (wall_s() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }

 private:
  void read(const std::stop_token& stop) {
    KafkaRecord record;
    KafkaFailure error;
    while (!stop.stop_requested()) {
      if (!consumer_->poll(100, record, error)) continue;
      const double now = wall_s();
      std::string_view key = record.key();  // An article has its number alone.
      if (key.starts_with(kIdPrefix)) key.remove_prefix(kIdPrefix.size());
      if (key.size() != kIdDigits) continue;
      const std::size_t number = std::stoul(std::string(key));
      if (number >= seen_s_.size()) continue;
      if (seen_s_[number].exchange(now) > 0) {
        ++twice_;
      } else {
        ++count_;
      }
    }
  }

  std::vector<std::atomic<double>> seen_s_;
  std::atomic<std::size_t> count_ = 0;
  std::atomic<std::size_t> twice_ = 0;
  std::unique_ptr<KafkaConsumer> consumer_;
  std::jthread thread_;
};

double percentile(const std::vector<double>& sorted, double share) {
  const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  return sorted[std::min(rank, sorted.size() - 1)];
}

struct Options {
  std::string brokers;
  std::string raw;
  std::string enriched;
  std::vector<std::string> other_topics;
  std::size_t backlog = 40'000;
  std::vector<int> rates = {1000, 5000, 10'000};
  int warm_up_s = 3;
  int seconds = 10;
  int partitions = 4;
  std::string log = "/dev/null";
  bool dense = false;
  bool floor = false;
  std::vector<std::string> program;  // Empty with `floor`.
};

// The second half of what lay there when the program began; its first half warms it up.
void backlog(const Options& options, const Reader& reader, pid_t pid) {
  const std::size_t half = options.backlog / 2;
  if (!reader.await(half, 600)) throw std::runtime_error("the backlog is not worked through");
  const double begun = wall_s();
  const double cpu = cpu_s(pid);
  const std::size_t first = reader.count();
  if (!reader.await(options.backlog, 600))
    throw std::runtime_error("the backlog is not worked through");
  const double seconds = wall_s() - begun;
  const auto count = static_cast<double>(reader.count() - first);
  std::printf("{\"step\":\"backlog\",\"articles_per_s\":%.0f,\"cpu_us\":%.1f}\n", count / seconds,
              (cpu_s(pid) - cpu) / count * 1e6);
  std::fflush(stdout);
}

// Sends at the rate, and gives the number of the next article. Without a program `pid` is -1.
std::size_t at_rate(const Options& options, int rate, std::size_t next, Sender& sender,
                    const Reader& reader, pid_t pid) {
  const auto warm_up = static_cast<std::size_t>(options.warm_up_s) * static_cast<std::size_t>(rate);
  const std::size_t total =
      warm_up + static_cast<std::size_t>(options.seconds) * static_cast<std::size_t>(rate);
  const double begun = wall_s() + 0.1;
  const auto due = [&](std::size_t i) { return begun + static_cast<double>(i) / rate; };
  double cpu = 0;
  std::size_t at_cpu = 0;
  double late = 0;
  for (std::size_t i = 0; i < total; ++i) {
    const double wait = due(i) - wall_s();
    if (wait > 0) std::this_thread::sleep_for(std::chrono::duration<double>(wait));
    late = std::max(late, -wait);
    if (i == warm_up) {
      cpu = cpu_s(pid);
      at_cpu = reader.count();
    }
    sender.send(next + i);
  }
  // What is not there ten seconds after the last one piles up.
  const bool keeps_up = reader.await(next + total, 10);
  const double cpu_end = cpu_s(pid);
  const std::size_t counted = reader.count() - at_cpu;
  if (!keeps_up && !reader.await(next + total, 600))
    throw std::runtime_error("articles are missing");
  std::vector<double> times;
  for (std::size_t i = warm_up; i < total; ++i)
    times.push_back((reader.seen_s(next + i) - due(i)) * 1000);
  std::sort(times.begin(), times.end());
  std::printf(
      "{\"step\":\"rate\",\"rate\":%d,\"keeps_up\":%s,\"p50_ms\":%.1f,\"p99_ms\":%.1f,"
      "\"p999_ms\":%.1f,\"max_ms\":%.1f,\"cpu_us\":%.1f,\"sender_late_ms\":%.1f}\n",
      rate, keeps_up ? "true" : "false", percentile(times, 0.5), percentile(times, 0.99),
      percentile(times, 0.999), times.back(), (cpu_end - cpu) / static_cast<double>(counted) * 1e6,
      late * 1000);
  std::fflush(stdout);
  return next + total;
}

void measure(const Options& options) {
  std::vector<std::string> topics = options.other_topics;
  topics.push_back(options.raw);
  topics.push_back(options.enriched);
  const KafkaFailure failure = ensure_topics({.brokers = options.brokers,
                                              .properties = {},
                                              .topics = topics,
                                              .create = true,
                                              .partitions = options.partitions,
                                              .give_up = {}});
  if (!failure.empty()) throw std::runtime_error(failure.text);
  std::size_t articles = options.backlog;
  for (const int rate : options.rates)
    articles += static_cast<std::size_t>(rate * (options.warm_up_s + options.seconds));
  const PlaceDensity density = options.dense ? PlaceDensity::kDense : PlaceDensity::kNews;
  Sender sender(options.brokers, options.raw, make_corpus(6000, density));
  std::fprintf(stderr, "articles of %.0f bytes\n", sender.mean_bytes());
  for (std::size_t i = 0; i < options.backlog; ++i) sender.send(i);
  sender.flush();
  const Reader reader(options.brokers, options.floor ? options.raw : options.enriched, articles);
  std::optional<faults::Process> program;
  if (!options.floor) {
    program.emplace(faults::ProcessOptions{.arguments = options.program, .output = options.log});
    backlog(options, reader, program->pid());
  } else if (!reader.await(options.backlog, 600)) {
    throw std::runtime_error("the backlog cannot be read");
  }
  std::size_t next = options.backlog;
  for (const int rate : options.rates)
    next = at_rate(options, rate, next, sender, reader, program ? program->pid() : -1);
  int status = 0;
  if (program) {
    program->signal(SIGTERM);
    status = program->wait(60000).value_or(-1);
  }
  std::printf("{\"step\":\"end\",\"status\":%d,\"twice\":%zu,\"missing\":%zu}\n", status,
              reader.twice(), next - reader.count());
}

int run(int argc, char** argv) {
  CLI::App app("Load on Kafka, and the times until events can be read.");
  Options options;
  app.add_option("--brokers", options.brokers)->required();
  app.add_option("--raw", options.raw, "Topic that articles go to")->required();
  app.add_option("--enriched", options.enriched, "Topic of events")->required();
  app.add_option("--topic", options.other_topics, "Another topic to be made");
  app.add_option("--backlog", options.backlog, "Articles that wait at the start");
  app.add_option("--rate", options.rates, "Articles a second, in turn")->delimiter(',');
  app.add_option("--warm-up", options.warm_up_s, "Seconds before each rate counts");
  app.add_option("--seconds", options.seconds, "Seconds of each rate");
  app.add_option("--partitions", options.partitions);
  app.add_flag("--dense", options.dense,
               "Articles that name three times as many places as news does");
  app.add_option("--log", options.log, "File for what the program prints");
  CLI::Option* floor = app.add_flag("--floor", options.floor, "Read the articles themselves");
  app.add_option("program", options.program, "The program and its arguments")->excludes(floor);
  CLI11_PARSE(app, argc, argv);
  if (!options.floor && options.program.empty()) throw std::runtime_error("no program is named");
  measure(options);
  return kExitOk;
}

}  // namespace
}  // namespace wirewatch

int main(int argc, char** argv) {
  try {
    return wirewatch::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return wirewatch::kExitFailure;
  }
}
