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
#include <unistd.h>

#include "common/telemetry/telemetry.h"
#include "services/wirewatch/commands.h"
#include "services/wirewatch/reference.h"

namespace {

// True, and said, when what stands where a command should is none.
bool names_unknown_command(const CLI::App& app) {
  const std::vector<std::string> unknown = app.remaining();
  if (unknown.empty() || !app.get_subcommands().empty() || unknown[0].starts_with('-'))
    return false;
  std::string all;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    all += " " + command->get_name();
  std::cerr << "there is no command \"" << unknown[0] << "\"; there are" << all << "\n";
  return true;
}

// What stands on the command line.
struct Arguments {
  wirewatch::GlobalOptions global;
  wirewatch::UpOptions up;
  std::string service;
  std::vector<std::string> files;
  bool json = false;
  std::string profile;
  std::string file;
  wirewatch::CheckOptions check;
  wirewatch::BacktestOptions backtest;
  bool live = false;
  std::string form;
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
      ->required();
  backtest->add_option("archives", options.archives, "NDJSON files; - is standard input");
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

void add_editors_commands(CLI::App& app, Arguments& arguments) {
  CLI::App* classify =
      app.add_subcommand("classify", "Process articles, one JSON message per line");
  classify->add_option("files", arguments.files, "NDJSON files; - or nothing is standard input");
  classify->add_flag("--json", arguments.json, "Print the enriched events");
  CLI::App* explain = app.add_subcommand("explain", "Tell why a profile matches articles or not");
  explain->add_option("profile", arguments.profile, "Id of the profile")->required();
  explain->add_option("file", arguments.file, "NDJSON file; - is standard input")->required();
  CLI::App* check = app.add_subcommand(
      "check", "Check configuration, data, profiles and, where one is named, the broker");
  check
      ->add_option("--sample", arguments.check.sample,
                   "NDJSON file of articles; profiles that match many of them are named")
      ->option_text("FILE");
  check->add_flag("--strict", arguments.check.strict, "Doubts about profiles are faults");
  add_backtest(app, arguments.backtest);
  app.add_subcommand("test", "Run the examples of all profiles");
}

void add_operators_commands(CLI::App& app, Arguments& arguments) {
  CLI::App* probe =
      app.add_subcommand("probe", "Ask the service on this machine whether it is ready");
  probe->add_flag("--live", arguments.live, "Ask whether it is alive instead");
  app.add_subcommand("version", "Print versions");
  CLI::App* config = app.add_subcommand("config", "Show the configuration");
  config->require_subcommand(1);
  config->add_subcommand("dump", "Print the effective configuration as TOML");
  config->add_subcommand("docs", "Print the reference of all options");
  CLI::App* reference = app.add_subcommand("reference", "Print the reference of all commands");
  reference->add_option("form", arguments.form, "markdown, man, or bash (completion)")
      ->required()
      ->check(CLI::IsMember({"markdown", "man", "bash"}));
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

int run_command(const CLI::App& app, const Arguments& arguments) {
  using namespace wirewatch;
  if (const std::optional<int> status = run_without_configuration(app, arguments)) return *status;
  const auto config = load(arguments.global);
  if (!config) return config.error();
  init_logging(config->log_level, config->log_format);
  const std::string& name = app.get_subcommands().front()->get_name();
  if (name == "up") return command_up(*config, arguments.up);
  if (name == "run")
    return arguments.service == "canary" ? command_run_canary(*config)
                                         : command_run_enricher(*config);
  if (name == "classify") return command_classify(*config, arguments.files, arguments.json);
  if (name == "explain") return command_explain(*config, arguments.profile, arguments.file);
  if (name == "probe") return command_probe(*config, arguments.live ? "/livez" : "/readyz");
  if (name == "backtest") return command_backtest(*config, arguments.backtest);
  if (name == "check") return command_check(*config, arguments.check);
  if (name == "test") return command_test(*config);
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
      ->check(CLI::ExistingFile);
  app.add_option("--set", arguments.global.settings,
                 "Set an option, over everything else; may be repeated")
      ->option_text("KEY=VALUE");
  app.fallthrough();
  add_services(app, arguments);
  add_editors_commands(app, arguments);
  add_operators_commands(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (names_unknown_command(app)) return wirewatch::kExitUsage;
    const int code = app.exit(error);
    return code == 0 ? wirewatch::kExitOk : wirewatch::kExitUsage;
  }
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
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return wirewatch::kExitFailure;
  }
}
