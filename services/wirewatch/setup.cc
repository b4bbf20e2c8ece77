#include "services/wirewatch/setup.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <system_error>

#include <unistd.h>

#include "common/base/table_memory.h"
#include "common/kafka/kafka.h"
#include "common/profile/word_frequencies.h"
#include "services/wirewatch/config_faults.h"

namespace wirewatch {

namespace {

std::expected<std::string, std::string> read_file(const std::string& path) {
  // Opening a folder succeeds, and reading it gives nothing.
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) return std::unexpected(path + " is a directory");
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected("cannot read " + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// A file's bytes in memory of large pages; a mapped file would have small ones. Reading takes some
// milliseconds.
std::expected<std::shared_ptr<const TableMemory>, std::string> read_table(const std::string& path) {
  std::error_code code;
  const std::uintmax_t size = std::filesystem::file_size(path, code);
  if (code || size == 0) return std::unexpected("cannot read " + path);
  auto memory = std::make_shared<TableMemory>(size);
  std::ifstream file(path, std::ios::binary);
  if (!file.read(reinterpret_cast<char*>(memory->bytes().data()),
                 static_cast<std::streamsize>(size)))
    return std::unexpected("cannot read " + path);
  return memory;
}

// The shipped gazetteer with the newsroom's own rows.
std::expected<Gazetteer, std::string> load_gazetteer(const std::string& data,
                                                     const std::string& overrides) {
  const std::string path = data + "/gazetteer/gazetteer.bin";
  const auto file = read_table(path);
  if (!file) {
    return std::unexpected(file.error() + "; set data.directory to the folder of the shipped data");
  }
  auto gazetteer = Gazetteer::from_bytes((*file)->bytes(), *file);
  if (!gazetteer) return std::unexpected(path + ": " + gazetteer.error());
  if (!gazetteer->is_intact())
    return std::unexpected(path + ": the checksum differs: the file is damaged");
  if (overrides.empty()) return gazetteer;
  const auto rows = read_file(overrides);
  if (!rows) return std::unexpected(rows.error() + "; see data.gazetteer_overrides");
  return gazetteer->with_overrides(*rows, overrides);
}

// An empty file would be no model, in silence.
std::expected<std::string, std::string> read_model(const std::string& path) {
  auto bytes = read_file(path);
  if (bytes && bytes->empty()) return std::unexpected(path + " is empty");
  return bytes;
}

std::expected<TopicModels, std::string> load_topic_models(const std::string& data,
                                                          const std::string& labels) {
  const std::string topic_path = data + "/topic/data/topic_model.bin";
  const std::string language_path = data + "/topic/data/language_model.bin";
  const auto topic_bytes = read_model(topic_path);
  if (!topic_bytes) return std::unexpected(topic_bytes.error());
  const auto language_bytes = read_model(language_path);
  if (!language_bytes) return std::unexpected(language_bytes.error());
  auto models = TopicModels::from_files(*topic_bytes, *language_bytes);
  if (!models) {
    const bool topics_are_good = TopicModels::from_files(*topic_bytes, {}).has_value();
    return std::unexpected((topics_are_good ? language_path : topic_path) + ": " + models.error());
  }
  if (labels.empty()) return models;
  const auto label_bytes = read_model(labels);
  if (!label_bytes) return std::unexpected(label_bytes.error() + "; see data.label_model");
  models = TopicModels::from_files(*topic_bytes, *language_bytes, *label_bytes);
  // The other two are known to be good.
  return models ? std::move(models) : std::unexpected(labels + ": " + models.error());
}

// What the words of an NDJSON file of articles are like; null for no file.
std::expected<std::shared_ptr<const WordFrequencies>, std::string> read_frequencies(
    const Config& config) {
  if (config.profiles_sample.empty()) return nullptr;
  const ProcessorOptions options = processor_options(config);
  ArticleParser parser(options.parser);
  const TextAnalyzer analyzer(options.analyzer);
  Article article;
  ArticleText text;
  auto frequencies = std::make_shared<WordFrequencies>();
  const bool readable = for_each_line(config.profiles_sample, [&](std::string_view line) {
    if (!parser.parse(line, article)) return;
    analyzer.analyze(article.headline, article.body, text);
    frequencies->add(text);
  });
  if (!readable || frequencies->article_count() == 0) {
    return std::unexpected(config.profiles_sample + " has no articles; see profiles.sample");
  }
  frequencies->finish();
  return frequencies;
}

bool is_compressed(std::string_view begin) {
  // gzip, zstd, bzip2, xz (in octal, which ends after three digits), zip.
  constexpr std::string_view kMagics[] = {"\x1f\x8b", "\x28\xb5\x2f\xfd", "BZh", "\3757zXZ",
                                          "PK\x03\x04"};
  return std::any_of(std::begin(kMagics), std::end(kMagics),
                     [&](std::string_view magic) { return begin.starts_with(magic); });
}

std::string profiles_directory(const Config& config) {
  return config.profiles_directory.empty() ? data_path("profiles") : config.profiles_directory;
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

std::expected<std::vector<ProfileSource>, ExitStatus> load_profile_sources(const Config& config) {
  const std::string directory = profiles_directory(config);
  auto sources = load_profiles(directory);
  if (!sources) {
    for (const ProfileError& error : sources.error()) std::cerr << to_text(error) << "\n";
    return std::unexpected(kExitConfig);
  }
  return std::move(*sources);
}

bool print_name_faults(const Config& config) {
  const std::vector<std::string> faults = name_faults(config);
  for (const std::string& fault : faults) std::cerr << fault << "\n";
  return faults.empty();
}

bool print_run_faults(const Config& config) {
  std::vector<std::string> faults = name_faults(config);
  if (config.kafka_delivery == "exactly_once" && config.kafka_instance_id.empty()) {
    faults.emplace_back(
        "kafka.delivery = \"exactly_once\" needs kafka.instance_id: a name of this process that is "
        "unique in the group and stays the same after a restart");
  }
  if (std::string fault = check_properties(config.kafka_properties); !fault.empty())
    faults.push_back(std::move(fault));
  for (const std::string& fault : faults) std::cerr << fault << "\n";
  return faults.empty();
}

std::expected<Rules, ExitStatus> load_rules(const Config& config, const ProfileTexts& texts) {
  const std::string data =
      config.data_directory.empty() ? data_path("data") : config.data_directory;
  auto gazetteer = load_gazetteer(data, config.data_gazetteer_overrides);
  auto topics = load_topic_models(data, config.data_label_model);
  const std::string directory = profiles_directory(config);
  const std::uint64_t fingerprint = profiles_fingerprint(directory, texts);
  auto sources = load_profiles(directory, texts);
  std::vector<std::string> ignored = ignored_profile_files(directory);
  for (const std::string& file : ignored) std::cerr << ignored_file_text(file) << "\n";
  bool good = true;
  if (sources && sources->empty() && config.kafka_topic_profiles.empty()) {
    std::cerr << no_profiles_text(directory) << "\n";
    good = false;
  }
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
  auto frequencies = read_frequencies(config);
  if (!frequencies) {
    std::cerr << frequencies.error() << "\n";
    return std::unexpected(kExitConfig);
  }
  auto profiles = sources ? ProfileSet::compile(*sources, std::move(*frequencies))
                          : std::expected<ProfileSet, std::vector<ProfileError>>(ProfileSet());
  if (!profiles) print(profiles.error());
  if (!good) return std::unexpected(kExitConfig);
  return Rules{std::make_shared<const RuleSet>(std::move(*gazetteer), std::move(*topics),
                                               std::move(*profiles)),
               std::move(*sources), directory, fingerprint, std::move(ignored)};
}

std::vector<std::string> article_topics(const Config& config) {
  return {config.kafka_topic_raw, config.kafka_topic_enriched, config.kafka_topic_alerts,
          config.kafka_topic_dead};
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
    // Opening a folder succeeds; only reading it fails.
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) {
      std::cerr << file << " is a directory; name the files in it\n";
      return false;
    }
    opened.open(file, std::ios::binary);
    if (!opened) {
      std::cerr << "cannot read " << file << "\n";
      return false;
    }
  } else if (::isatty(STDIN_FILENO) != 0) {
    std::cerr << "reading standard input, one JSON message per line; Ctrl-D ends it\n";
  }
  std::istream& in = file == "-" ? std::cin : opened;
  std::string line;
  for (bool first = true; std::getline(in, line); first = false) {
    if (first && is_compressed(line)) {
      std::cerr << file << " is compressed; unpack it first, e.g. zcat FILE | wirewatch …\n";
      return false;
    }
    f(line);
  }
  // Of standard input, which may be closed or a folder, stdio alone knows.
  if (!in.bad() && (file != "-" || std::ferror(stdin) == 0)) return true;
  std::cerr << "cannot read " << (file == "-" ? "standard input" : file) << " to its end\n";
  return false;
}

UnreadableLines::UnreadableLines(const std::string& file)
    : file_(file == "-" ? "standard input" : file) {}

std::string UnreadableLines::place() const {
  return file_ + ":" + std::to_string(line_);
}

bool UnreadableLines::conclude() const {
  if (unreadable_ * 2 <= line_) return true;
  std::cerr << file_ << ": " << unreadable_ << " of " << line_
            << " lines are no articles; the input is one JSON message per line (`jq -c . FILE` "
               "makes it of pretty-printed JSON, `jq -c '.[]' FILE` of a list)\n";
  return unreadable_ < line_;
}

}  // namespace wirewatch
