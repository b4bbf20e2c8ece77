#include "services/wirewatch/setup.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "common/profile_store/profile_store.h"

namespace wirewatch {

namespace {

std::expected<std::string, std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected("cannot read " + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

std::string data_path(const std::string& kind) {
  std::error_code code;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", code);
  return (program.parent_path().parent_path() / "share" / "wirewatch" / kind).string();
}

std::expected<Config, ExitStatus> load(const GlobalOptions& options) {
  ConfigSources sources;
  sources.files = options.config_files;
  sources.environment = wirewatch_environment();
  for (const std::string& setting : options.settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) {
      std::cerr << "--set wants KEY=VALUE, not \"" << setting << "\"\n";
      return std::unexpected(kExitUsage);
    }
    sources.flags.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
  }
  auto config = load_config(sources);
  if (!config) {
    for (const ConfigError& error : config.error()) std::cerr << to_text(error) << "\n";
    return std::unexpected(kExitConfig);
  }
  return *config;
}

std::expected<Rules, ExitStatus> load_rules(const Config& config) {
  const std::string data =
      config.data_directory.empty() ? data_path("data") : config.data_directory;
  std::vector<std::string> texts;
  std::vector<std::string> paths = {data + "/gazetteer/data/gazetteer.tsv",
                                    data + "/gazetteer/data/additions.tsv"};
  if (!config.data_gazetteer_overrides.empty()) paths.push_back(config.data_gazetteer_overrides);
  for (const std::string& path : paths) {
    auto text = read_file(path);
    if (!text) {
      std::cerr << text.error() << "; set data.directory to the folder of the shipped data\n";
      return std::unexpected(kExitConfig);
    }
    texts.push_back(std::move(*text));
  }
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  auto gazetteer = Gazetteer::parse(views);
  const auto topic_bytes = read_file(data + "/topic/data/topic_model.bin");
  const auto language_bytes = read_file(data + "/topic/data/language_model.bin");
  auto topics = !topic_bytes      ? std::unexpected(topic_bytes.error())
                : !language_bytes ? std::unexpected(language_bytes.error())
                                  : TopicModels::from_files(*topic_bytes, *language_bytes);
  const std::string directory =
      config.profiles_directory.empty() ? data_path("profiles") : config.profiles_directory;
  const std::uint64_t fingerprint = profiles_fingerprint(directory);
  auto sources = load_profiles(directory);
  bool good = true;
  if (!gazetteer) {
    std::cerr << gazetteer.error() << "\n";
    good = false;
  }
  if (!topics) {
    std::cerr << topics.error() << "\n";
    good = false;
  }
  const auto print = [&](const std::vector<ProfileError>& errors) {
    for (const ProfileError& error : errors) std::cerr << to_text(error) << "\n";
    good = false;
  };
  if (!sources) print(sources.error());
  auto profiles = sources ? ProfileSet::compile(*sources)
                          : std::expected<ProfileSet, std::vector<ProfileError>>(ProfileSet());
  if (!profiles) print(profiles.error());
  if (!good) return std::unexpected(kExitConfig);
  return Rules{std::make_shared<const RuleSet>(std::move(*gazetteer), std::move(*topics),
                                               std::move(*profiles)),
               std::move(*sources), directory, fingerprint};
}

ProcessorOptions processor_options(const Config& config) {
  ProcessorOptions options;
  options.parser.message_bytes_max = static_cast<std::size_t>(config.enricher_message_bytes_max);
  options.parser.text_bytes_max = static_cast<std::size_t>(config.enricher_text_bytes_max);
  options.parser.nesting_max = static_cast<std::size_t>(config.enricher_nesting_max);
  for (const auto& [path, field] : config.article_field_map)
    options.parser.field_map.push_back({path, field});
  options.analyzer.token_max = static_cast<std::size_t>(config.enricher_token_max);
  options.event_mode =
      config.enricher_event_mode == "full" ? EventMode::kFull : EventMode::kEnrichmentOnly;
  return options;
}

bool for_each_line(const std::string& file, const std::function<void(std::string_view)>& f) {
  std::ifstream opened;
  if (file != "-") {
    opened.open(file, std::ios::binary);
    if (!opened) {
      std::cerr << "cannot read " << file << "\n";
      return false;
    }
  }
  std::istream& in = file == "-" ? std::cin : opened;
  std::string line;
  while (std::getline(in, line)) f(line);
  return true;
}

}  // namespace wirewatch
