#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <CLI/CLI.hpp>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "common/base/closest_name.h"
#include "common/kafka/kafka_log.h"
#include "common/telemetry/logging.h"
#include "services/wirewatch/commands.h"
#include "services/wirewatch/reference.h"

namespace {

// The command that was named as far as it is one: "config" of "config dmup".
const CLI::App& deepest(const CLI::App& app) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return *at;
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

void print_suggestion(const std::string& name, const std::vector<std::string>& known) {
  const std::vector<std::string_view> views(known.begin(), known.end());
  std::string meant = wirewatch::did_you_mean(name, views);
  if (meant.empty()) {
    meant = "; there are";
    for (const std::string& other : known) meant += " " + other;
  }
  std::cerr << meant << "\n";
}

constexpr const char* kForEveryCommand =
    "Every command takes --config FILE and --set KEY=VALUE; `wirewatch config docs` lists the "
    "keys.";

// The same under the help of every command.
void add_footers(CLI::App& app) {
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    command->footer(kForEveryCommand);
    add_footers(*command);
  }
}

// True, and said, when a command is missing.
bool names_none(const CLI::App& app) {
  const CLI::App& command = deepest(app);
  const std::vector<std::string> known = command_names(command);
  if (known.empty()) return false;
  const bool top = &command == &app;
  std::cerr << (top ? "name a command:"
                    : "name what `wirewatch " + command.get_name() + "` is to do:");
  for (const std::string& name : known) std::cerr << " " << name;
  std::cerr << "\n`wirewatch help" << (top ? "" : " " + command.get_name())
            << "` says what they do\n";
  return true;
}

// True, and said, when what stands where a command or an option should is none.
bool names_unknown(const CLI::App& app) {
  const CLI::App& command = deepest(app);
  for (const std::string& word : app.remaining(true)) {
    if (word.starts_with("--")) {
      std::vector<std::string> known;
      for (const CLI::App* of : {&command, &app}) {
        for (const CLI::Option* option : of->get_options()) {
          for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
        }
      }
      std::sort(known.begin(), known.end());
      known.erase(std::unique(known.begin(), known.end()), known.end());
      const std::string name = word.substr(0, word.find('='));
      std::cerr << "there is no option " << name;
      print_suggestion(name, known);
      return true;
    }
    const std::vector<std::string> known = command_names(command);
    if (word.starts_with('-') || known.empty()) continue;
    std::cerr << "there is no command \"" << word << "\"";
    print_suggestion(word, known);
    return true;
  }
  return false;
}

// What stands on the command line.
struct Arguments {
  wirewatch::GlobalOptions global;
  wirewatch::UpOptions up;
  std::string service;
  std::vector<std::string> files;
  bool json = false;
  std::string profile;
  std::vector<std::string> profiles;
  std::string file;
  wirewatch::CheckOptions check;
  wirewatch::BacktestOptions backtest;
  wirewatch::TapOptions tap;
  wirewatch::TopOptions top;
  bool live = false;
  std::string form;
  std::string topic;
};

void add_services(CLI::App& app, Arguments& arguments) {
  CLI::App* up =
      app.add_subcommand("up", "Run everything on the embedded broker with the sample news");
  up->add_flag("--once", arguments.up.once, "End after the sample, with a summary");
  CLI::App* run = app.add_subcommand("run", "Run a service against Kafka");
  run->add_option("service", arguments.service, "enricher or canary")
      ->required()
      ->check(CLI::IsMember({"enricher", "canary"}));
}

void add_backtest(CLI::App& app, wirewatch::BacktestOptions& options) {
  CLI::App* backtest = app.add_subcommand(
      "backtest", "Replay articles through a changed profile: alerts gained and lost");
  backtest->add_option("profile", options.profile, "TOML file of the profile as it is to be")
      ->required()
      ->option_text("FILE");
  backtest->add_option("archives", options.archives, "NDJSON files; - or nothing is standard input")
      ->option_text("FILE");
  backtest
      ->add_option("--id", options.id,
                   "Id of the profile that it is held against, if not that of the file's name")
      ->option_text("ID");
  backtest->add_flag("--topic", options.topic,
                     "Read kafka.topic_raw of kafka.brokers instead of files");
  backtest
      ->add_option("--from", options.from,
                   "With --topic: first offset or time, e.g. 2026-11-20T06:00:00Z")
      ->option_text("OFFSET_OR_TIME");
  backtest->add_option("--to", options.to, "With --topic: offset or time before which it ends")
      ->option_text("OFFSET_OR_TIME");
  backtest->add_option("--show", options.shown_max, "How many gained and lost alerts are shown; 20")
      ->option_text("COUNT");
}

void add_tap(CLI::App& app, wirewatch::TapOptions& options) {
  CLI::App* tap = app.add_subcommand("tap", "Show what comes out on Kafka, as it comes");
  tap->add_option("topic", options.topic, "alerts, enriched or dead; alerts")
      ->check(CLI::IsMember({"alerts", "enriched", "dead"}));
  tap->add_option("--profile", options.profiles, "Alerts of this profile alone; may be repeated")
      ->option_text("ID")
      ->allow_extra_args(false);
  tap->add_option("--from", options.from,
                  "First offset or time, e.g. 2026-11-20T06:00:00Z; if not, what comes from now on")
      ->option_text("OFFSET_OR_TIME");
  tap->add_flag("--once", options.once, "End when all that is there has been shown");
  tap->add_flag("--json", options.json, "Print the events themselves, one per line");
}

void add_editors_commands(CLI::App& app, Arguments& arguments) {
  CLI::App* classify =
      app.add_subcommand("classify", "Process articles, one JSON message per line");
  classify->add_option("files", arguments.files, "NDJSON files; - or nothing is standard input")
      ->option_text("FILE");
  classify->add_flag("--json", arguments.json, "Print the enriched events");
  CLI::App* explain = app.add_subcommand("explain", "Tell why a profile matches articles or not");
  explain->add_option("profile", arguments.profile, "Id of the profile")
      ->required()
      ->option_text("ID");
  explain->add_option("file", arguments.file, "NDJSON file; - is standard input")
      ->required()
      ->option_text("FILE");
  CLI::App* check = app.add_subcommand(
      "check", "Check configuration, data, profiles and, where one is named, the broker");
  check
      ->add_option("--sample", arguments.check.sample,
                   "NDJSON file of articles; profiles that match many of them are named")
      ->option_text("FILE");
  check->add_flag("--strict", arguments.check.strict, "Doubts about profiles are faults");
  add_backtest(app, arguments.backtest);
  add_tap(app, arguments.tap);
  CLI::App* test = app.add_subcommand("test", "Run the examples of profiles");
  test->add_option("profiles", arguments.profiles, "Ids of profiles; nothing is all of them")
      ->option_text("ID");
  app.add_subcommand("profiles", "Print id, level and title of every profile, parted by tabs");
}

void add_top(CLI::App& app, wirewatch::TopOptions& options) {
  CLI::App* top = app.add_subcommand("top", "Show what running services do, as it changes");
  top->add_option("addresses", options.addresses,
                  "Where their /metrics are, HOST:PORT; nothing is the service on this machine")
      ->option_text("ADDRESS");
  top->add_option("--every", options.every_s, "Seconds from one look to the next; 2")
      ->check(CLI::Range(0.1, 3600.0))
      ->option_text("SECONDS");
  top->add_flag("--once", options.once, "End after one picture, of the seconds of --every");
}

void add_operators_commands(CLI::App& app, Arguments& arguments) {
  CLI::App* probe =
      app.add_subcommand("probe", "Ask the service on this machine whether it is ready");
  probe->add_flag("--live", arguments.live, "Ask whether it is alive instead");
  add_top(app, arguments.top);
  app.add_subcommand("version", "Print versions");
  CLI::App* help = app.add_subcommand("help", "Print what a command takes");
  help->add_option("command", arguments.topic, "A command; nothing is all of them")
      ->option_text("COMMAND");
  CLI::App* config = app.add_subcommand("config", "Show the configuration");
  config->require_subcommand(1);
  config->add_subcommand("dump", "Print the effective configuration as TOML");
  config->add_subcommand("docs", "Print the reference of all options");
  CLI::App* reference = app.add_subcommand("reference", "Print the reference of all commands");
  reference->add_option("form", arguments.form, "markdown, man, or bash (completion)")
      ->required()
      ->check(CLI::IsMember({"markdown", "man", "bash"}));
}

int print_help(CLI::App& app, const std::string& topic) {
  app.clear();  // Else it is of the command that was called, which is `help`.
  if (topic.empty()) {
    std::cout << app.help();
    return wirewatch::kExitOk;
  }
  const std::vector<std::string> known = command_names(app);
  if (std::find(known.begin(), known.end(), topic) == known.end()) {
    std::cerr << "there is no command \"" << topic << "\"";
    print_suggestion(topic, known);
    return wirewatch::kExitUsage;
  }
  std::cout << app.get_subcommand(topic)->help("wirewatch");
  return wirewatch::kExitOk;
}

// What needs no configuration; nothing where the command does.
std::optional<int> run_without_configuration(const CLI::App& app, const Arguments& arguments) {
  using namespace wirewatch;
  if (app.got_subcommand("version")) return command_version();
  if (app.got_subcommand("reference")) {
    std::cout << command_reference(app, arguments.form);
    return kExitOk;
  }
  if (app.got_subcommand("config") && app.get_subcommand("config")->got_subcommand("docs")) {
    std::cout << config_docs();
    return kExitOk;
  }
  return {};
}

// librdkafka's lines in the process's log, while it lives.
class KafkaLogging {
 public:
  KafkaLogging() {
    wirewatch::set_kafka_log([](wirewatch::KafkaLogLevel level, std::string_view text) {
      spdlog::log(level_of(level), "{}", text);
    });
  }
  // Before spdlog is gone: a client that takes too long to close is left behind as it is.
  ~KafkaLogging() { wirewatch::set_kafka_log({}); }
  KafkaLogging(const KafkaLogging&) = delete;
  KafkaLogging& operator=(const KafkaLogging&) = delete;

 private:
  static spdlog::level::level_enum level_of(wirewatch::KafkaLogLevel level) {
    switch (level) {
      case wirewatch::KafkaLogLevel::kDebug:
        return spdlog::level::debug;
      case wirewatch::KafkaLogLevel::kInfo:
        return spdlog::level::info;
      case wirewatch::KafkaLogLevel::kWarn:
        return spdlog::level::warn;
      case wirewatch::KafkaLogLevel::kError:
        break;
    }
    return spdlog::level::err;
  }
};

int run_command(const CLI::App& app, const Arguments& arguments) {
  using namespace wirewatch;
  if (const std::optional<int> status = run_without_configuration(app, arguments)) return *status;
  const auto config = load(arguments.global);
  if (!config) return config.error();
  init_logging(config->log_level, config->log_format);
  const KafkaLogging kafka_logging;
  const std::string& name = app.get_subcommands().front()->get_name();
  if (name == "up") return command_up(*config, arguments.up);
  if (name == "run")
    return arguments.service == "canary" ? command_run_canary(*config)
                                         : command_run_enricher(*config);
  if (name == "classify") return command_classify(*config, arguments.files, arguments.json);
  if (name == "explain") return command_explain(*config, arguments.profile, arguments.file);
  if (name == "probe") return command_probe(*config, arguments.live ? "/livez" : "/readyz");
  if (name == "backtest") return command_backtest(*config, arguments.backtest);
  if (name == "tap") return command_tap(*config, arguments.tap);
  if (name == "top") return command_top(*config, arguments.top);
  if (name == "check") return command_check(*config, arguments.check);
  if (name == "test") return command_test(*config, arguments.profiles);
  if (name == "profiles") return command_profiles(*config);
  std::cout << config_dump(*config);  // The one that is left.
  return kExitOk;
}

int run(int argc, char** argv) {
  CLI::App app{
      "Wirewatch: real-time news alerting.\n\n"
      "  wirewatch up                                  everything on the embedded broker, with "
      "sample news\n"
      "  wirewatch classify --json articles.ndjson     enriched events of articles in a file\n"
      "  WIREWATCH_KAFKA__BROKERS=host:9092 wirewatch run enricher\n"};
  app.require_subcommand(1);
  Arguments arguments;
  app.add_option("--config", arguments.global.config_files,
                 "Configuration file (TOML); may be repeated")
      ->option_text("FILE")
      ->allow_extra_args(false)  // One at a time: what follows is the command's.
      ->check(CLI::ExistingFile);
  app.add_option("--set", arguments.global.settings,
                 "Set an option, over everything else; may be repeated")
      ->option_text("KEY=VALUE")
      ->allow_extra_args(false);
  app.set_version_flag("--version", &wirewatch::version_text, "Print versions");
  app.fallthrough();
  add_services(app, arguments);
  add_editors_commands(app, arguments);
  add_operators_commands(app, arguments);
  add_footers(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const bool asked = error.get_exit_code() == 0;  // For help or the version.
    if (!asked && names_unknown(app)) return wirewatch::kExitUsage;
    const bool missing = error.get_name() == "RequiredError";  // A command, or what one takes.
    if (missing && names_none(app)) return wirewatch::kExitUsage;
    const int code = app.exit(error);
    return code == 0 ? wirewatch::kExitOk : wirewatch::kExitUsage;
  }
  if (app.got_subcommand("help")) return print_help(app, arguments.topic);
  return run_command(app, arguments);
}

// A thread met an exception that nobody handles: without memory or threads the process ends and
// says so, and what was not committed is read again. Anything else is a defect.
[[noreturn]] void on_unhandled() {
  try {
    if (const std::exception_ptr error = std::current_exception()) std::rethrow_exception(error);
  } catch (const std::bad_alloc&) {
    static constexpr std::string_view kText = "out of memory\n";  // Without allocating.
    (void)!::write(STDERR_FILENO, kText.data(), kText.size());
    std::_Exit(wirewatch::kExitFailure);
  } catch (const std::system_error& error) {
    (void)!::write(STDERR_FILENO, error.what(), std::strlen(error.what()));
    (void)!::write(STDERR_FILENO, "\n", 1);
    std::_Exit(wirewatch::kExitFailure);
  } catch (...) {
    std::abort();
  }
  std::abort();
}

// A full disk or a closed pipe must not look like success: `classify --json > events.ndjson`.
int written(int status) {
  errno = 0;
  const bool flushed = std::fflush(stdout) == 0;
  if (flushed && std::ferror(stdout) == 0 && std::cout.good()) return status;
  std::cerr << "standard output cannot be written";
  if (errno != 0) std::cerr << ": " << std::generic_category().message(errno);
  std::cerr << "\n";
  return status == wirewatch::kExitOk ? wirewatch::kExitFailure : status;
}

}  // namespace

int main(int argc, char** argv) {
  std::set_terminate(&on_unhandled);
#if defined(__x86_64__) && defined(__AVX2__)
  if (__builtin_cpu_supports("avx2") ==
      0) {  // Else the first such instruction ends it with SIGILL.
    std::cerr << "this build needs a processor with AVX2 (x86-64-v3); build for others with "
                 "-DWIREWATCH_ARCH=\n";
    return wirewatch::kExitFailure;
  }
#endif
  try {
    return written(run(argc, argv));
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return wirewatch::kExitFailure;
  }
}
