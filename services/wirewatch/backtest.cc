#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include "common/base/closest_name.h"
#include "common/base/counted.h"
#include "common/base/printable.h"
#include "common/kafka/kafka.h"
#include "common/profile_store/profile_store.h"
#include "services/wirewatch/commands.h"
#include "services/wirewatch/stop_signals.h"
#include "services/wirewatch/topic_bound.h"

namespace wirewatch {

namespace {

constexpr auto kProgressPeriod = std::chrono::seconds(2);
constexpr auto kLoggedProgressPeriod = std::chrono::seconds(30);
constexpr auto kSilenceMax = std::chrono::seconds(60);  // Of the broker, before it is given up.

// The profile under test and, after it, the running one, if there is one.
std::expected<std::vector<ProfileSource>, ExitStatus> sources_of(const Rules& rules,
                                                                 const BacktestOptions& options) {
  auto candidate = load_profile(options.profile, rules.profiles_directory);
  if (!candidate) {
    for (const ProfileError& error : candidate.error()) std::cerr << to_text(error) << "\n";
    return std::unexpected(kExitConfig);
  }
  std::vector<ProfileSource> sources = {std::move(*candidate)};
  if (!options.id.empty()) sources.front().id = options.id;
  const auto running =
      std::find_if(rules.sources.begin(), rules.sources.end(),
                   [&](const ProfileSource& source) { return source.id == sources.front().id; });
  if (running != rules.sources.end()) {
    sources.push_back(*running);
    sources.back().id += "-running";  // Ids of a set are unique.
    return sources;
  }
  const std::string& id = sources.front().id;
  std::vector<std::string_view> known;
  for (const ProfileSource& source : rules.sources) known.push_back(source.id);
  const std::string_view close = closest_name(id, known);
  std::cerr << (options.id.empty() ? "warning: " : "") << "no profile \"" << id << "\" is in "
            << rules.profiles_directory << ", so there is nothing to hold this one against"
            << (close.empty() ? "" : "; did you mean --id " + std::string(close) + "?");
  if (close.empty() && options.id.empty())
    std::cerr << "; the id is the file's name, or say --id ID";
  std::cerr << "\n";
  if (!options.id.empty()) return std::unexpected(kExitUsage);
  return sources;
}

class Backtest {
 public:
  Backtest(std::shared_ptr<const RuleSet> rules, const Config& config, std::size_t shown_max)
      : processor_(std::move(rules), processor_options(config)),
        shown_max_(shown_max),
        start_(std::chrono::steady_clock::now()) {}

  // False when it is no article.
  bool take(std::string_view message, std::span<const HeaderView> headers = {}) {
    const Outcome& outcome = processor_.process(message, headers);
    if (outcome.dead) {
      ++dead_;
      return false;
    }
    ++articles_;
    if (outcome.event_time_ms >= 0) {
      first_ms_ = std::min(first_ms_.value_or(outcome.event_time_ms), outcome.event_time_ms);
      last_ms_ = std::max(last_ms_.value_or(outcome.event_time_ms), outcome.event_time_ms);
    }
    const ProfileMatch* now = nullptr;
    const ProfileMatch* before = nullptr;
    for (const ProfileMatch& match : processor_.match_result().matches)
      (match.profile.value() == 0 ? now : before) = &match;
    alerts_ += now != nullptr ? 1U : 0U;
    alerts_before_ += before != nullptr ? 1U : 0U;
    if ((now != nullptr) != (before != nullptr))
      show(now != nullptr ? '+' : '-', now != nullptr ? *now : *before);
    return true;
  }

  // Now and then: of `total` parts of the archive `done` are behind. On a terminal in one line.
  void show_progress(std::uint64_t done, std::uint64_t total) {
    const auto now = std::chrono::steady_clock::now();
    const bool terminal = ::isatty(STDERR_FILENO) != 0;
    if (now - last_progress_ < (terminal ? kProgressPeriod : kLoggedProgressPeriod)) return;
    last_progress_ = now;
    std::fprintf(stderr, "%s%llu articles, %.0f/s", terminal ? "\r" : "",
                 static_cast<unsigned long long>(articles_), rate());
    if (total > 0) {
      std::fprintf(stderr, ", %.0f%%",
                   100 * static_cast<double>(done) / static_cast<double>(total));
    }
    if (!terminal) std::fputc('\n', stderr);
    std::fflush(stderr);
  }

  void print_summary(const std::string& id, bool is_running) const {
    if (gained_ + lost_ > shown_max_)
      std::cout << "… " << gained_ + lost_ - shown_max_ << " more; --show shows them\n";
    std::cout << counted(articles_, "article") << ", " << dead_ << " unreadable, "
              << static_cast<long long>(rate()) << " articles/s\n"
              << id << ": " << counted(alerts_, "alert") << ", ";
    if (is_running)
      std::cout << "running version " << alerts_before_ << "; ";
    else
      std::cout << "no version is running; ";
    std::cout << gained_ << " gained, " << lost_ << " lost\n";
    constexpr double kDayMs = 86'400'000;
    if (first_ms_ && *last_ms_ > *first_ms_) {
      const double days = static_cast<double>(*last_ms_ - *first_ms_) / kDayMs;
      std::printf("%.1f alerts a day over %.1f days", static_cast<double>(alerts_) / days, days);
      if (is_running) std::printf(", before %.1f", static_cast<double>(alerts_before_) / days);
      std::printf("\n");
      std::fflush(stdout);
    }
  }

 private:
  [[nodiscard]] double rate() const {
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    return static_cast<double>(articles_ + dead_) / std::max(seconds, 1e-9);
  }

  void show(char sign, const ProfileMatch& match) {
    if (++(sign == '+' ? gained_ : lost_); gained_ + lost_ > shown_max_) return;
    std::cout << sign << " " << printable(processor_.article().headline) << "  ("
              << printable(processor_.article().uri) << ")\n";
    const auto evidence = processor_.match_result().evidence_of(match);
    constexpr std::size_t kReasons = 4;
    std::cout << (sign == '+' ? "    because:" : "    matched by:");
    // A word that several clauses found is one reason.
    std::vector<std::pair<std::string_view, Zone>> shown;
    for (const Evidence& piece : evidence) {
      const std::pair reason(processor_.text().source(piece.span), piece.zone);
      if (std::ranges::find(shown, reason) != shown.end()) continue;
      std::cout << (shown.empty() ? " " : ", ") << printable(reason.first) << " ("
                << to_string(reason.second) << ")";
      shown.push_back(reason);
      if (shown.size() == kReasons) break;
    }
    std::cout << (evidence.empty() ? " region or topic" : "") << "\n";
    if (sign == '-') std::cout << printable_lines(processor_.explain(ProfileIndex(0)));
  }

  Processor processor_;
  const std::size_t shown_max_;
  const std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_progress_ = start_;
  std::uint64_t articles_ = 0;
  std::uint64_t dead_ = 0;
  std::uint64_t alerts_ = 0;
  std::uint64_t alerts_before_ = 0;
  std::uint64_t gained_ = 0;
  std::uint64_t lost_ = 0;
  std::optional<std::int64_t> first_ms_;
  std::optional<std::int64_t> last_ms_;
};

int replay_files(Backtest& backtest, const std::vector<std::string>& archives) {
  std::uint64_t total = 0;
  for (const std::string& archive : archives) {
    std::error_code code;
    const auto size = std::filesystem::file_size(archive, code);
    if (!code) total += size;
  }
  std::uint64_t done = 0;
  bool good = true;
  for (const std::string& archive : archives) {
    UnreadableLines lines(archive);
    good = for_each_line(archive,
                         [&](std::string_view line) {
                           if (stop_requested()) return;
                           done += line.size() + 1;
                           lines.next();
                           if (!backtest.take(line)) lines.unreadable();
                           backtest.show_progress(done, total);
                         }) &&
           good;
    if (stop_requested()) return kExitInterrupted;
    good = lines.conclude() && good;
  }
  return good ? kExitOk : kExitFailure;
}

int replay_topic(Backtest& backtest, const Config& config, const BacktestOptions& options) {
  KafkaRange::Options range_options{.brokers = config.kafka_brokers,
                                    .client_id = config.kafka_client_id + "-backtest",
                                    .topic = config.kafka_topic_raw,
                                    .from = {},
                                    .to = {},
                                    .properties = config.kafka_properties};
  for (const bool from : {true, false}) {
    const std::string& text = from ? options.from : options.to;
    if (text.empty()) continue;
    const auto bound = parse_topic_bound(text);
    if (!bound) {
      std::cerr << (from ? "--from " : "--to ") << bound.error() << "\n";
      return kExitUsage;
    }
    (from ? range_options.from : range_options.to) = *bound;
  }
  auto range = KafkaRange::create(range_options);
  if (!range) {
    std::cerr << range.error() << "\n";
    return kExitUnavailable;
  }
  constexpr int kPollMs = 100;
  KafkaRecord record;
  std::vector<HeaderView> headers;
  auto heard = std::chrono::steady_clock::now();
  while (!(*range)->is_complete()) {
    if ((*range)->poll(kPollMs, record)) {
      heard = std::chrono::steady_clock::now();
      headers.clear();
      for (const KafkaHeader& header : record.headers())
        headers.push_back({header.key, header.value});
      backtest.take(record.value(), headers);
    } else if (std::chrono::steady_clock::now() - heard > kSilenceMax) {
      std::cerr << "the broker at " << config.kafka_brokers << " has sent nothing for a minute\n";
      return kExitUnavailable;
    }
    backtest.show_progress((*range)->passed(), (*range)->size());
    if (stop_requested()) return kExitInterrupted;
  }
  return kExitOk;
}

}  // namespace

int command_backtest(const Config& config, const BacktestOptions& options) {
  if (options.topic && !options.archives.empty()) {
    std::cerr << "name files to replay, or --topic for the topic of raw articles\n";
    return kExitUsage;
  }
  const std::vector<std::string> archives =
      options.archives.empty() ? std::vector<std::string>{"-"} : options.archives;
  if (!options.topic && !(options.from.empty() && options.to.empty())) {
    std::cerr << "--from and --to are of a topic; add --topic\n";
    return kExitUsage;
  }
  if (options.topic && config.kafka_brokers.empty()) {
    std::cerr << "no broker is named; --set kafka.brokers=host:9092\n";
    return kExitUsage;
  }
  const auto rules = load_rules(config);
  if (!rules) return rules.error();
  const auto sources = sources_of(*rules, options);
  if (!sources) return sources.error();
  auto profiles = ProfileSet::compile(*sources);
  if (!profiles) {
    for (const ProfileError& error : profiles.error()) std::cerr << to_text(error) << "\n";
    return kExitConfig;
  }
  Backtest backtest(std::make_shared<const RuleSet>(*rules->set, std::move(*profiles)), config,
                    options.shown_max);
  // A terminal or pipe that sends nothing cannot be asked whether it goes on: there a signal ends
  // the process as ever.
  if (options.topic || std::ranges::find(archives, "-") == archives.end()) install_stop_signals();
  const int status =
      options.topic ? replay_topic(backtest, config, options) : replay_files(backtest, archives);
  if (::isatty(STDERR_FILENO) != 0) std::cerr << "\r\033[K";
  // What of a part would be taken for the whole, unless it is said.
  if (status != kExitOk && status != kExitInterrupted) return status;
  backtest.print_summary(sources->front().id, sources->size() > 1);
  if (status == kExitInterrupted) std::cerr << "interrupted: that is of what it had read so far\n";
  return status;
}

}  // namespace wirewatch
