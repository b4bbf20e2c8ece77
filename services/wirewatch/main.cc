#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <new>
#include <string_view>
#include <system_error>

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

int run(int argc, char** argv) {
  using namespace wirewatch;  // NOLINT(google-build-using-namespace): one function, one namespace.
  CLI::App app{
      "Wirewatch: real-time news alerting.\n\n"
      "  wirewatch up                                  everything on the embedded broker, with "
      "sample news\n"
      "  wirewatch classify --json articles.ndjson     enriched events of articles in a file\n"
      "  WIREWATCH_KAFKA__BROKERS=host:9092 wirewatch run enricher\n"};
  app.require_subcommand(1);
  GlobalOptions global;
  app.add_option("--config", global.config_files, "Configuration file (TOML); may be repeated")
      ->option_text("FILE")
      ->check(CLI::ExistingFile);
  app.add_option("--set", global.settings, "Set an option, over everything else; may be repeated")
      ->option_text("KEY=VALUE");
  app.fallthrough();
  UpOptions up_options;
  CLI::App* up =
      app.add_subcommand("up", "Run everything on the embedded broker with the sample news");
  up->add_flag("--once", up_options.once, "End after the sample, with a summary");
  CLI::App* run_command = app.add_subcommand("run", "Run a service against Kafka");
  std::string service;
  run_command->add_option("service", service, "enricher or canary")
      ->required()
      ->check(CLI::IsMember({"enricher", "canary"}));
  CLI::App* classify =
      app.add_subcommand("classify", "Process articles, one JSON message per line");
  std::vector<std::string> files;
  bool json = false;
  classify->add_option("files", files, "NDJSON files; - or nothing is standard input");
  classify->add_flag("--json", json, "Print the enriched events");
  CLI::App* explain = app.add_subcommand("explain", "Tell why a profile matches articles or not");
  std::string profile;
  std::string file;
  explain->add_option("profile", profile, "Id of the profile")->required();
  explain->add_option("file", file, "NDJSON file; - is standard input")->required();
  CLI::App* check = app.add_subcommand(
      "check", "Check configuration, data, profiles and, where one is named, the broker");
  CheckOptions check_options;
  check
      ->add_option("--sample", check_options.sample,
                   "NDJSON file of articles; profiles that match many of them are named")
      ->option_text("FILE");
  check->add_flag("--strict", check_options.strict, "Doubts about profiles are faults");
  CLI::App* backtest = app.add_subcommand(
      "backtest", "Replay articles through a changed profile: alerts gained and lost");
  BacktestOptions backtest_options;
  backtest
      ->add_option("profile", backtest_options.profile, "TOML file of the profile as it is to be")
      ->required();
  backtest->add_option("archives", backtest_options.archives, "NDJSON files; - is standard input");
  backtest->add_flag("--topic", backtest_options.topic,
                     "Read kafka.topic_raw of kafka.brokers instead of files");
  backtest
      ->add_option("--from", backtest_options.from,
                   "With --topic: first offset or time, e.g. 2026-11-20T06:00:00Z")
      ->option_text("OFFSET_OR_TIME");
  backtest
      ->add_option("--to", backtest_options.to, "With --topic: offset or time before which it ends")
      ->option_text("OFFSET_OR_TIME");
  backtest
      ->add_option("--show", backtest_options.shown_max,
                   "How many gained and lost alerts are shown; 20")
      ->option_text("COUNT");
  CLI::App* test = app.add_subcommand("test", "Run the examples of all profiles");
  CLI::App* probe =
      app.add_subcommand("probe", "Ask the service on this machine whether it is ready");
  bool live = false;
  probe->add_flag("--live", live, "Ask whether it is alive instead");
  CLI::App* version = app.add_subcommand("version", "Print versions");
  CLI::App* config_command = app.add_subcommand("config", "Show the configuration");
  config_command->require_subcommand(1);
  CLI::App* dump =
      config_command->add_subcommand("dump", "Print the effective configuration as TOML");
  CLI::App* docs = config_command->add_subcommand("docs", "Print the reference of all options");
  CLI::App* reference = app.add_subcommand("reference", "Print the reference of all commands");
  std::string form;
  reference->add_option("form", form, "markdown, man, or bash (completion)")
      ->required()
      ->check(CLI::IsMember({"markdown", "man", "bash"}));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (names_unknown_command(app)) return kExitUsage;
    const int code = app.exit(error);
    return code == 0 ? kExitOk : kExitUsage;
  }
  if (version->parsed()) return command_version();
  if (reference->parsed()) {
    std::cout << command_reference(app, form);
    return kExitOk;
  }
  if (docs->parsed()) {
    std::cout << config_docs();
    return kExitOk;
  }
  const auto config = load(global);
  if (!config) return config.error();
  init_logging(config->log_level, config->log_format);
  if (dump->parsed()) {
    std::cout << config_dump(*config);
    return kExitOk;
  }
  if (up->parsed()) return command_up(*config, up_options);
  if (run_command->parsed())
    return service == "canary" ? command_run_canary(*config) : command_run_enricher(*config);
  if (classify->parsed()) return command_classify(*config, files, json);
  if (explain->parsed()) return command_explain(*config, profile, file);
  if (probe->parsed()) return command_probe(*config, live ? "/livez" : "/readyz");
  if (backtest->parsed()) return command_backtest(*config, backtest_options);
  if (check->parsed()) return command_check(*config, check_options);
  if (test->parsed()) return command_test(*config);
  return kExitUsage;
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
