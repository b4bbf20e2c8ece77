// wirewatch_faults: the fault suite. See README.md.

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <tuple>

#include <CLI/CLI.hpp>

#include "tests/faults/process.h"
#include "tests/faults/scenarios.h"

namespace wirewatch::faults {

namespace {

constexpr int kSkipped = 77;
constexpr std::int64_t kSoakMax = 7 * 24 * 3600;

std::vector<std::string> scenario_names() {
  std::vector<std::string> names;
  for (const Scenario& scenario : scenarios()) names.emplace_back(scenario.name);
  return names;
}

struct Arguments {
  std::string program;
  std::string script;
  std::vector<std::string> names;
  std::string delivery = "both";
  std::string on = "both";
  std::string markdown;
  std::string logs;  // Kept there; else removed when everything passed.
  std::int64_t soak_s = 0;
  unsigned seed = 1;
  int brokers = 0;  // 0: what each scenario needs.
  bool brief = false;
  bool list = false;
};

// Gives what main() ends with where there is nothing to run.
std::optional<int> parse(int argc, char** argv, Arguments& arguments) {
  CLI::App app("The fault suite; see tests/faults/README.md.");
  app.add_option("scenarios", arguments.names, "Those of these names; all where none is given")
      ->delimiter(',')
      ->check(CLI::IsMember(scenario_names()));
  app.add_flag("--list", arguments.list, "Name the scenarios");
  app.add_flag("--short", arguments.brief, "Those of the short form, with fewer rounds");
  app.add_option("--soak", arguments.soak_s, "Random faults for so long, instead of scenarios")
      ->type_name("SECONDS")
      ->check(CLI::Range(std::int64_t{1}, kSoakMax));
  app.add_option("--delivery", arguments.delivery)
      ->check(CLI::IsMember({"at_least_once", "exactly_once", "both"}))
      ->capture_default_str();
  app.add_option("--on", arguments.on, "The broker")
      ->check(CLI::IsMember({"embedded", "kafka", "both"}))
      ->capture_default_str();
  app.add_option("--brokers", arguments.brokers, "Real Kafka of so many, whatever a scenario asks")
      ->check(CLI::IsMember({1, 3}));
  app.add_option("--markdown", arguments.markdown,
                 "Put the rows into the table of this file, in place of older ones");
  app.add_option("--logs", arguments.logs, "Keep the logs of the enrichers in this folder");
  app.add_option("--seed", arguments.seed, "Of random points in time")->capture_default_str();
  app.add_option("--program", arguments.program, "wirewatch")->check(CLI::ExistingFile);
  app.add_option("--kafka", arguments.script, "deploy/kafka.sh")->check(CLI::ExistingFile);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return std::nullopt;
}

std::string join(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : "; ") + text;
  return out;
}

// What stands above the table in a file.
const char* const kTitle = R"(# Faults and what came of them

Written by `wirewatch_faults --markdown docs/FAULTS.md` ([how it works and what must hold](../tests/faults/README.md)): each run replaces its
own rows. *Twice (allowed)*: records that came again, and how many the fault permits. *Aborted seen (aborted)*: records of aborted transactions
that a reader of committed records saw, and how many transactions were aborted. *Recovery*: the longest time after a fault until everything
sent before was finished.

)";

const char* const kHeading =
    "| # | Scenario | Broker | Delivery | Faults | Articles | Outputs | Lost | Twice (allowed) | "
    "Dead "
    "and alive | "
    "Reordered | Unexpected | Aborted seen (aborted) | Committed ahead | Recovery s | RSS MB | "
    "Result |\n"
    "|--:|---|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|\n";

std::string markdown(const Row& row) {
  const Findings& f = row.findings;
  std::ostringstream out;
  out.precision(1);
  out << std::fixed << "| " << row.number << " | " << row.scenario << " | " << row.broker << " | "
      << row.delivery << " | " << row.faults << " | " << f.sent << " | " << f.seen << " | "
      << f.lost << " | " << f.duplicate << " (" << row.duplicates_max << ") | " << f.both << " | "
      << f.reordered << " | " << f.unexpected + f.mismatch << " | " << f.aborted_visible << " ("
      << row.aborted_transactions << ") | " << f.committed_ahead << " | " << row.recovery_s << " | "
      << row.rss_mb << " | " << (row.passed() ? "passed" : "FAILED: " + join(row.failures))
      << (row.notes.empty() ? "" : "; ") << join(row.notes) << " |\n";
  return out.str();
}

// The rows of a table by scenario, broker and delivery, in order of number.
class Table {
 public:
  void add(const std::string& line) {
    std::vector<std::string> cells;
    std::istringstream in(line);
    for (std::string cell; std::getline(in, cell, '|');) cells.push_back(cell);
    if (cells.size() < 6 || std::atoi(cells[1].c_str()) == 0) return;
    rows_[{std::atoi(cells[1].c_str()), cells[2], cells[3], cells[4]}] = line;
  }
  void read(const std::string& file) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) add(line + "\n");
  }
  void write(const std::string& file) const {
    std::ofstream out(file);
    out << kTitle << kHeading;
    for (const auto& [key, line] : rows_) out << line;
  }

 private:
  std::map<std::tuple<int, std::string, std::string, std::string>, std::string> rows_;
};

class Suite {
 public:
  explicit Suite(Arguments arguments) : arguments_(std::move(arguments)) {
    directory_ = arguments_.logs;
    if (directory_.empty()) {
      directory_ = std::filesystem::temp_directory_path() / "wirewatch-fault-logs-XXXXXX";
      if (mkdtemp(directory_.data()) == nullptr) throw std::runtime_error("no temporary folder");
    }
    std::filesystem::create_directories(directory_);
  }
  ~Suite() {
    if (arguments_.logs.empty() && failed_ == 0)
      std::filesystem::remove_all(directory_);
    else
      std::cerr << "logs are in " << directory_ << "\n";
  }
  Suite(const Suite&) = delete;
  Suite& operator=(const Suite&) = delete;

  int run() {
    const std::vector<Broker> kinds = {Broker::kMock, Broker::kOne, Broker::kThree,
                                       Broker::kSecure};
    std::cout << kHeading << std::flush;
    for (const Broker kind : kinds) {
      if (arguments_.soak_s > 0) {
        if (kind != (arguments_.brokers == 3 ? Broker::kThree : Broker::kOne)) continue;
        each_delivery(kind, {29, "soak", "", {kind}, true, true, false, nullptr});
        continue;
      }
      for (const Scenario& scenario : scenarios()) {
        if (!wanted(scenario)) continue;
        for (std::size_t i = 0; i < scenario.brokers.size(); ++i) {
          if (arguments_.brief && i > 0) continue;
          if (arguments_.on == (scenario.brokers[i] == Broker::kMock ? "kafka" : "embedded"))
            continue;
          if (broker_of(scenario.brokers[i]) == kind) each_delivery(kind, scenario);
        }
      }
    }
    kafka_.reset();
    std::cerr << ran_ << " runs, " << failed_ << " failed\n";
    if (failed_ > 0) return 1;
    if (unavailable_) return std::getenv("WIREWATCH_REQUIRE_KAFKA") != nullptr ? 1 : kSkipped;
    return ran_ > 0 ? 0 : 2;  // 2: no scenario of that name.
  }

 private:
  [[nodiscard]] bool wanted(const Scenario& scenario) const {
    if (arguments_.brief && !scenario.brief) return false;
    const std::vector<std::string>& names = arguments_.names;
    return names.empty() || std::find(names.begin(), names.end(), scenario.name) != names.end();
  }
  [[nodiscard]] Broker broker_of(Broker kind) const {
    if (kind == Broker::kMock || kind == Broker::kSecure || arguments_.brokers == 0) return kind;
    return arguments_.brokers == 3 ? Broker::kThree : Broker::kOne;
  }

  void each_delivery(Broker kind, const Scenario& scenario) {
    if (scenario.at_least_once && arguments_.delivery != "exactly_once")
      one(kind, scenario, Delivery::kAtLeastOnce);
    if (scenario.exactly_once && kind != Broker::kMock && arguments_.delivery != "at_least_once")
      one(kind, scenario, Delivery::kExactlyOnce);
  }

  bool kafka_ready(Broker kind) {
    if (kind == Broker::kMock) return true;
    const int size = kind == Broker::kThree ? 3 : 1;
    const bool secure = kind == Broker::kSecure;
    if (kafka_ && kafka_->size() == size && kafka_->is_secure() == secure) return true;
    kafka_.reset();
    if (unavailable_) return false;
    auto started = RealKafka::start(arguments_.script, size, secure);
    if (!started) {
      if (!started.error().empty()) throw std::runtime_error(started.error());
      std::cerr << "Kafka cannot be had here; what needs it is skipped\n";
      unavailable_ = true;
      return false;
    }
    kafka_ = std::move(*started);
    return true;
  }

  void one(Broker kind, const Scenario& scenario, Delivery delivery) {
    if (!kafka_ready(kind)) return;
    if (kafka_) kafka_->heal();
    Row row;
    {
      World world({.scenario = std::string(scenario.name),
                   .delivery = delivery,
                   .program = arguments_.program,
                   .directory = directory_,
                   .kafka = kind == Broker::kMock ? nullptr : kafka_.get(),
                   .brief = arguments_.brief,
                   .seed = arguments_.seed});
      if (scenario.run != nullptr)
        scenario.run(world);
      else
        soak(world, arguments_.soak_s);
      if (kafka_) kafka_->heal();
      row = world.finish();
      row.number = scenario.number;
    }
    const std::string line = markdown(row);
    if (!arguments_.markdown.empty()) {  // At once: another process may write there too.
      Table table;
      table.read(arguments_.markdown);
      table.add(line);
      table.write(arguments_.markdown);
    }
    std::cout << line << std::flush;
    std::cerr << row.scenario << " " << row.delivery << ": " << row.seconds << " s\n";
    ++ran_;
    if (!row.passed()) ++failed_;
  }

  Arguments arguments_;
  std::string directory_;
  std::unique_ptr<RealKafka> kafka_;
  int ran_ = 0;
  int failed_ = 0;
  bool unavailable_ = false;
};

}  // namespace

}  // namespace wirewatch::faults

int main(int argc, char** argv) {
  using namespace wirewatch::faults;
  std::signal(SIGPIPE, SIG_IGN);
  Arguments arguments;
  arguments.program = WIREWATCH_PROGRAM;
  arguments.script = WIREWATCH_SOURCE_DIR "/deploy/kafka.sh";
  if (const std::optional<int> status = parse(argc, argv, arguments)) return *status;
  if (arguments.list) {
    for (const Scenario& scenario : scenarios())
      std::cout << scenario.number << " " << scenario.name << ": " << scenario.what << "\n";
    return 0;
  }
  try {
    return Suite(arguments).run();
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
