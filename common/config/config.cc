#include "common/config/config.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <variant>

#include <toml++/toml.h>

#include "common/article/article_parser.h"
#include "common/base/ascii_case.h"
#include "common/base/closest_name.h"
#include "common/base/hexadecimal.h"
#include "common/base/secret.h"
#include "common/base/toml_cure.h"

extern char** environ;  // NOLINT(readability-identifier-naming): POSIX names it.

namespace wirewatch {

namespace {

using Member = std::variant<std::string Config::*, std::int64_t Config::*, bool Config::*>;

struct Option {
  std::string_view key;
  Member member;
  std::string_view fallback;
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::string_view choices;  // By '|', for strings of a closed set.
  std::string_view doc;
};

constexpr std::int64_t kMiB = 1024L * 1024;

const std::vector<Option>& options() {
  static const std::vector<Option> kOptions = {
      {"kafka.brokers", &Config::kafka_brokers, "", 0, 0, "",
       "Bootstrap brokers, host:port by commas. Empty: the embedded broker, which lives in the "
       "process's memory and is for trying things out."},
      {"kafka.client_id", &Config::kafka_client_id, "wirewatch", 0, 0, "",
       "Name that brokers see."},
      {"kafka.group_id", &Config::kafka_group_id, "wirewatch-enricher", 0, 0, "",
       "Consumer group of the enricher."},
      {"kafka.topic_raw", &Config::kafka_topic_raw, "articles.raw", 0, 0, "",
       "Topic that articles are read from."},
      {"kafka.topic_enriched", &Config::kafka_topic_enriched, "articles.enriched", 0, 0, "",
       "Topic of enriched events."},
      {"kafka.topic_alerts", &Config::kafka_topic_alerts, "alerts.matched", 0, 0, "",
       "Topic of candidate alerts; the key is the profile's id."},
      {"kafka.topic_dead", &Config::kafka_topic_dead, "articles.dead", 0, 0, "",
       "Topic of dead letters: original bytes, the reason in headers. Created, it takes records of "
       "8 MiB; made by hand, its max.message.bytes must be above that of kafka.topic_raw, or an "
       "article without room there is waited for."},
      {"kafka.topic_profiles", &Config::kafka_topic_profiles, "", 0, 0, "",
       "Compacted topic of profiles: the key is the file's name without .toml, the value its text. "
       "They win over those of the folder. Empty: the folder alone."},
      {"kafka.topic_newsroom", &Config::kafka_topic_newsroom, "wirewatch.newsroom", 0, 0, "",
       "Compacted topic of what is usual in the news, by which a restart does not begin anew. "
       "Empty: it does."},
      {"kafka.topics_create", &Config::kafka_topics_create, "create", 0, 0, "create|require",
       "What to do about missing topics: create them, or report them and, when they have not come "
       "within ten seconds, end with status 69."},
      {"kafka.partitions", &Config::kafka_partitions, "16", 1, 10000, "",
       "Partitions of topics that are created."},
      {"kafka.replication", &Config::kafka_replication, "1", 1, 100, "",
       "Replicas of topics that are created."},
      {"kafka.delivery", &Config::kafka_delivery, "at_least_once", 0, 0,
       "at_least_once|exactly_once",
       "at_least_once: an offset is committed when every output of its article is acknowledged. "
       "exactly_once: outputs and offsets in Kafka transactions, for readers with "
       "isolation.level=read_committed; needs kafka.instance_id."},
      {"kafka.instance_id", &Config::kafka_instance_id, "", 0, 0, "",
       "Name of this process, unique in the group and the same after a restart, e.g. the pod's "
       "or the host's. Makes the group membership static and names the transactions."},
      {"kafka.transaction_records_max", &Config::kafka_transaction_records_max, "2000", 1, 1000000,
       "", "exactly_once: articles of one transaction at most."},
      {"kafka.transaction_ms", &Config::kafka_transaction_ms, "5", 1, 10000, "",
       "exactly_once: time after which a transaction is committed. Shorter is faster to read, "
       "longer is cheaper. It becomes as long as the shorter of the last two commits took, up to "
       "100 ms."},
      {"kafka.on_refused_record", &Config::kafka_on_refused_record, "dead_letter", 0, 0,
       "dead_letter|wait|stop",
       "When Kafka refuses an output for good (too large for the topic): send the article to "
       "dead letters, wait and try again, or end with status 1. A dead letter that is refused is "
       "waited for."},
      {"kafka.on_unauthorised", &Config::kafka_on_unauthorised, "wait", 0, 0, "wait|stop",
       "When Kafka refuses the credentials or access to a topic: wait and try again, not ready "
       "meanwhile, or end (with status 69 at the start, 1 later)."},
      {"kafka.on_missing_topic", &Config::kafka_on_missing_topic, "wait", 0, 0, "wait|stop",
       "When an output topic is gone: wait and try again, or end with status 1."},
      {"enricher.workers", &Config::enricher_workers, "0", 0, 256, "",
       "Threads that process articles; 0 is one per core. Articles of one key keep their order."},
      {"enricher.gather_ms", &Config::enricher_gather_ms, "5", 0, 1000, "",
       "While articles keep coming, they are read together every so many milliseconds, which takes "
       "far less processor time than one by one. The first after a pause is read at once."},
      {"enricher.inflight_bytes_max", &Config::enricher_inflight_bytes_max, "67108864", kMiB,
       16384 * kMiB, "",
       "Bytes of articles read but not yet acknowledged. At the limit reading pauses."},
      {"enricher.drain_timeout_ms", &Config::enricher_drain_timeout_ms, "10000", 100, 40000, "",
       "Time to finish what is in flight at shutdown; when partitions are given back five seconds "
       "of it at most. 30 s later the process has ended in any case: whoever ends it by force must "
       "wait for so long, as the shipped units and manifests do."},
      {"enricher.stall_timeout_ms", &Config::enricher_stall_timeout_ms, "120000", 1000, 86400000,
       "", "/livez fails when there is something to read and nothing has moved for so long."},
      {"enricher.poison_percent", &Config::enricher_poison_percent, "50", 0, 100, "",
       "Share of dead letters, of at least 100 articles in a minute, at which the poison breaker "
       "opens: /readyz fails and the metric says so. 0 is never."},
      {"enricher.poison_action", &Config::enricher_poison_action, "report", 0, 0, "report|pause",
       "What an open poison breaker does beside: nothing, or reading pauses for ten seconds at a "
       "time."},
      {"enricher.event_mode", &Config::enricher_event_mode, "full", 0, 0, "full|enrichment_only",
       "Whether enriched events carry headline and body."},
      {"enricher.message_bytes_max", &Config::enricher_message_bytes_max, "4194304", 1024,
       1024 * kMiB, "",
       "Larger messages go to dead letters; compressed ones are measured as they come and "
       "unpacked."},
      {"enricher.text_bytes_max", &Config::enricher_text_bytes_max, "1048576", 1024, 1024 * kMiB,
       "", "Longer headlines and bodies are cut at a character."},
      {"enricher.token_max", &Config::enricher_token_max, "200000", 100, 10000000, "",
       "Words of an article that are looked at."},
      {"enricher.nesting_max", &Config::enricher_nesting_max, "64", 8, 1024, "",
       "Deeper JSON goes to dead letters."},
      {"data.directory", &Config::data_directory, "", 0, 0, "",
       "Folder of gazetteer and topic models. Empty: share/wirewatch/data beside the program's "
       "folder."},
      {"data.gazetteer_overrides", &Config::data_gazetteer_overrides, "", 0, 0, "",
       "The newsroom's own names of places, to add, rename or block; form: "
       "common/gazetteer/README.md."},
      {"data.label_model", &Config::data_label_model, "", 0, 0, "",
       "File of a model of the newsroom's own labels, which stand in enrichment.labels beside the "
       "Media Topics; made by wirewatch_train_topics labels, see common/topic/README.md. Empty: "
       "none."},
      {"profiles.directory", &Config::profiles_directory, "", 0, 0, "",
       "Folder of profiles, one TOML file per beat. Empty: the shipped ones."},
      {"profiles.sample", &Config::profiles_sample, "", 0, 0, "",
       "NDJSON file of a thousand recent articles or more. By how many of them have a word, "
       "profiles "
       "are looked up by the rarest words that they require. Empty: how rare is guessed from the "
       "words' forms. It decides about speed alone."},
      {"profiles.reload_ms", &Config::profiles_reload_ms, "1000", 0, 3600000, "",
       "How often services look whether the folder has changed; 0: only when told by SIGHUP."},
      {"newsroom.window_s", &Config::newsroom_window_s, "600", 60, 86400, "",
       "What the volume of news by country and subject is counted over."},
      {"newsroom.half_life_s", &Config::newsroom_half_life_s, "86400", 3600, 31536000, "",
       "How fast what is usual is forgotten, by half."},
      {"newsroom.series_max", &Config::newsroom_series_max, "200", 0, 12000, "",
       "Pairs of country and subject that get time series: those that stand out, then the "
       "largest."},
      {"newsroom.sources_max", &Config::newsroom_sources_max, "64", 0, 1000, "",
       "Sources that get time series: those that send most."},
      {"canary.profile", &Config::canary_profile, "canary", 0, 0, "",
       "Profile that matches the canary's articles."},
      {"canary.interval_ms", &Config::canary_interval_ms, "5000", 100, 60000, "",
       "Time between two articles of the canary. WirewatchCanaryMissing pages after two minutes "
       "without one."},
      {"canary.timeout_ms", &Config::canary_timeout_ms, "30000", 100, 3600000, "",
       "After which an article of the canary is lost."},
      {"http.enabled", &Config::http_enabled, "true", 0, 0, "",
       "Serve /metrics, /livez and /readyz."},
      {"http.address", &Config::http_address, "127.0.0.1", 0, 0, "", "Address to listen at."},
      {"http.port", &Config::http_port, "9464", 0, 65535, "", "Port; 0 takes any free one."},
      {"log.level", &Config::log_level, "info", 0, 0, "debug|info|warn|error",
       "Least level that is logged."},
      {"log.format", &Config::log_format, "auto", 0, 0, "auto|text|json",
       "auto is text on a terminal and JSON otherwise."},
      {"embedded.sample_directory", &Config::embedded_sample_directory, "", 0, 0, "",
       "Folder of NDJSON files that `wirewatch up` feeds. Empty: the shipped sample."},
      {"embedded.articles_per_s", &Config::embedded_articles_per_s, "20", 1, 1000000, "",
       "Pace at which `wirewatch up` feeds them."},
  };
  return kOptions;
}

constexpr std::string_view kProperties = "kafka.properties.";
constexpr std::string_view kFieldMap = "article.field_map";

std::string unknown_key(std::string_view key) {
  std::vector<std::string_view> known;
  for (const Option& option : options()) known.push_back(option.key);
  known.insert(known.end(), {kProperties.substr(0, kProperties.size() - 1), kFieldMap});
  constexpr std::size_t kLeast = 3;  // Keys are long, and "brokers" means one of them.
  const std::string meant = did_you_mean(key, known, kLeast);
  return "unknown option \"" + std::string(key) + "\"" +
         (meant.empty() ? "; `wirewatch config docs` lists all options" : meant);
}

constexpr std::string_view kFieldMapForm =
    "article.field_map is a list of tables in a file: [[article.field_map]] with path and field";

// "HTTP__PORT" for "HTTP_PORT", empty when no option is meant.
std::string forgotten_underscore(std::string_view name) {
  for (const Option& option : options()) {
    std::string upper(option.key);
    for (char& c : upper) c = c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    if (upper != name) continue;
    return upper.replace(option.key.find('.'), 1, "__");
  }
  return {};
}

// A later source replaces what an earlier one said.
void set_property(Config& config, std::string_view name, std::string_view value) {
  const auto found = std::find_if(config.kafka_properties.begin(), config.kafka_properties.end(),
                                  [&](const auto& property) { return property.first == name; });
  if (found != config.kafka_properties.end())
    found->second = std::string(value);
  else
    config.kafka_properties.emplace_back(name, value);
}

// Sets one option from text. Returns what is wrong.
std::optional<std::string> set_option(Config& config, std::string_view key,
                                      std::string_view value) {
  if (key.starts_with(kProperties)) {
    set_property(config, key.substr(kProperties.size()), value);
    return std::nullopt;
  }
  if (key == kFieldMap) return std::string(kFieldMapForm);
  const auto option = std::find_if(options().begin(), options().end(),
                                   [&](const Option& o) { return o.key == key; });
  if (option == options().end()) return unknown_key(key);
  const std::string name(key);
  if (const auto* text = std::get_if<std::string Config::*>(&option->member)) {
    if (!option->choices.empty()) {
      const std::string wrapped = "|" + std::string(option->choices) + "|";
      if (value.empty() || wrapped.find("|" + std::string(value) + "|") == std::string::npos) {
        return name + " is \"" + std::string(value) + "\"; it must be one of " +
               std::string(option->choices);
      }
    }
    config.*(*text) = std::string(value);
  } else if (const auto* number = std::get_if<std::int64_t Config::*>(&option->member)) {
    std::int64_t parsed = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
    if (error != std::errc() || end != value.data() + value.size()) {
      return name + " is \"" + std::string(value) + "\"; it must be a whole number";
    }
    if (parsed < option->min || parsed > option->max) {
      return name + " is " + std::to_string(parsed) + "; it must be from " +
             std::to_string(option->min) + " to " + std::to_string(option->max);
    }
    config.*(*number) = parsed;
  } else {
    if (value != "true" && value != "false")
      return name + " is \"" + std::string(value) + "\"; it must be true or false";
    config.*(std::get<bool Config::*>(option->member)) = value == "true";
  }
  return std::nullopt;
}

// Names one after the other, for messages and documents.
std::string joined(std::span<const std::string_view> names) {
  std::string all;
  for (const std::string_view name : names) all += (all.empty() ? "" : ", ") + std::string(name);
  return all;
}

// A value as set_option() takes it; nothing for one that is no text, whole number, true or false.
std::optional<std::string> text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  return std::nullopt;
}

// Reads one file. Every key and value is checked, and every error has its place.
class FileReader {
 public:
  FileReader(std::string file, Config& config, std::vector<ConfigError>& errors)
      : file_(std::move(file)), config_(config), errors_(errors) {}

  void read(const toml::table& table) {
    for (const auto& [name, node] : table) {
      if (const toml::table* section = node.as_table())
        read_section(name, *section);
      else
        fail(name.source(), unknown_key(name.str()));
    }
  }

 private:
  void fail(const toml::source_region& at, std::string message) {
    errors_.push_back({file_, at.begin.line, at.begin.column, std::move(message)});
  }

  void read_section(const toml::key& name, const toml::table& section) {
    std::vector<std::string_view> known = {"article"};
    for (const Option& option : options()) {
      const std::string_view of = option.key.substr(0, option.key.find('.'));
      if (known.back() != of) known.push_back(of);
    }
    if (std::find(known.begin(), known.end(), name.str()) == known.end()) {
      constexpr std::size_t kLeast = 2;
      fail(name.source(), "unknown section [" + std::string(name.str()) + "]" +
                              did_you_mean(name.str(), known, kLeast));
      return;
    }
    for (const auto& [key, node] : section) {
      const std::string full = std::string(name.str()) + "." + std::string(key.str());
      if (full + "." == kProperties) {
        read_properties(key, node);
      } else if (full == kFieldMap) {
        read_field_map(key, node);
      } else {
        read_option(full, key, node);
      }
    }
  }

  void read_option(const std::string& full, const toml::key& key, const toml::node& node) {
    const auto option = std::find_if(options().begin(), options().end(),
                                     [&](const Option& o) { return o.key == full; });
    if (option == options().end()) {
      fail(key.source(), unknown_key(full));
      return;
    }
    // In a file a value has its type; text elsewhere has none.
    const std::optional<std::string> text = text_of(node);
    const bool fits = option->member.index() == 0   ? node.is_string()
                      : option->member.index() == 1 ? node.is_integer()
                                                    : node.is_boolean();
    if (!fits) {
      std::string message = full + (option->member.index() == 0   ? " must be text"
                                    : option->member.index() == 1 ? " must be a whole number"
                                                                  : " must be true or false");
      if (text && option->member.index() == 0)
        message += "; write \"" + *text + "\"";
      else if (node.is_string())
        message += ", without quotes";
      fail(key.source(), std::move(message));
      return;
    }
    if (auto error = set_option(config_, full, *text)) fail(key.source(), std::move(*error));
  }

  // TOML makes tables of names with dots that are not quoted: sasl.mechanism = "PLAIN".
  void read_properties(const toml::key& key, const toml::node& node,
                       const std::string& prefix = {}) {
    const toml::table* table = node.as_table();
    if (table == nullptr) {
      fail(key.source(),
           "kafka.properties is a table; [kafka.properties] and then "
           "\"NAME\" = VALUE");
      return;
    }
    for (const auto& [name, value] : *table) {
      const std::string property = prefix + std::string(name.str());
      if (value.is_table()) {
        read_properties(name, value, property + ".");
      } else if (const auto text = text_of(value)) {
        set_property(config_, property, *text);
      } else {
        fail(name.source(),
             "the kafka property \"" + property + "\" must be text, a whole number, true or false");
      }
    }
  }

  void read_field_map(const toml::key& key, const toml::node& node) {
    const toml::array* rows = node.as_array();
    if (rows == nullptr || rows->empty() || !rows->is_homogeneous(toml::node_type::table)) {
      fail(key.source(), std::string(kFieldMapForm));
      return;
    }
    for (const toml::node& row : *rows) read_mapping(*row.as_table());
  }

  void read_mapping(const toml::table& row) {
    constexpr std::string_view kKeys[] = {"path", "field"};
    for (const auto& [name, value] : row) {
      if (std::find(std::begin(kKeys), std::end(kKeys), name.str()) == std::end(kKeys)) {
        fail(name.source(), "unknown key \"" + std::string(name.str()) +
                                "\" in [[article.field_map]]" + did_you_mean(name.str(), kKeys));
      }
    }
    const toml::node* path = row.get("path");
    const toml::node* field = row.get("field");
    if (path == nullptr || field == nullptr || !path->is_string() || !field->is_string()) {
      fail(row.source(), "every [[article.field_map]] has a path and a field, both text");
      return;
    }
    const std::string& to = field->as_string()->get();
    const std::span<const std::string_view> fields = mappable_fields();
    if (std::find(fields.begin(), fields.end(), to) == fields.end()) {
      fail(field->source(), "unknown field \"" + to + "\"" + did_you_mean(to, fields) +
                                "; there are " + joined(fields));
      return;
    }
    const std::string& from = path->as_string()->get();
    if (const std::string fault = path_fault(from); !fault.empty())
      fail(path->source(), "the path \"" + from + "\" " + fault);
    else
      config_.article_field_map.emplace_back(from, to);
  }

  // What is wrong with a dotted path, or empty.
  [[nodiscard]] std::string path_fault(std::string_view path) const {
    for (const auto& [other, field] : config_.article_field_map) {
      if (other == path) return "leads to " + field + " already";
    }
    for (std::size_t at = 0; at <= path.size();) {
      const std::size_t end = std::min(path.find('.', at), path.size());
      const std::string_view step = path.substr(at, end - at);
      if (step.empty()) return "has an empty name; write names parted by single dots";
      if (step.find_first_not_of("0123456789") == std::string_view::npos)
        return "goes into a list; paths go through objects alone";
      at = end + 1;
    }
    return {};
  }

  const std::string file_;
  Config& config_;
  std::vector<ConfigError>& errors_;
};

}  // namespace

std::expected<Config, std::vector<ConfigError>> load_config(const ConfigSources& sources) {
  Config config;
  std::vector<ConfigError> errors;
  for (const Option& option : options()) {
    if (auto error = set_option(config, option.key, option.fallback))
      errors.push_back({"defaults", 0, 0, *error});
  }
  for (const std::string& file : sources.files) {
    try {
      FileReader(file, config, errors).read(toml::parse_file(file));
    } catch (const toml::parse_error& error) {
      const toml::source_position place = error.source().begin;
      std::ifstream in(file, std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      errors.push_back({file, place.line, place.column,
                        with_toml_cure(error.description(), text, place.line, place.column)});
    }
  }
  for (const auto& [name, value] : sources.environment) {
    std::string_view rest = name;
    if (!rest.starts_with("WIREWATCH_")) continue;
    rest.remove_prefix(10);
    if (rest.find("__") == std::string_view::npos) {
      // Not an option's, unless one underscore was forgotten: that would be ignored in silence.
      if (const std::string meant = forgotten_underscore(rest); !meant.empty()) {
        errors.push_back({"environment variable " + name, 0, 0,
                          "two underscores part section and option: WIREWATCH_" + meant});
      }
      continue;
    }
    std::string key;
    for (std::size_t i = 0; i < rest.size(); ++i) {
      if (rest.substr(i, 2) == "__" && key.find('.') == std::string::npos) {
        key.push_back('.');
        ++i;
      } else {
        key.push_back(ascii_lower(rest[i]));
      }
    }
    // Names of librdkafka's properties have dots, and no underscores.
    constexpr std::string_view kPrefix = "kafka.properties__";
    if (key.starts_with(kPrefix)) {
      key = std::string(kProperties) + key.substr(kPrefix.size());
      std::replace(key.begin() + kProperties.size(), key.end(), '_', '.');
    }
    if (auto error = set_option(config, key, value))
      errors.push_back({"environment variable " + name, 0, 0, *error});
  }
  for (const auto& [key, value] : sources.flags) {
    if (auto error = set_option(config, key, value))
      errors.push_back({"flag --set " + key, 0, 0, *error});
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return config;
}

std::vector<std::pair<std::string, std::string>> wirewatch_environment() {
  std::vector<std::pair<std::string, std::string>> found;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::size_t equals = text.find('=');
    if (text.starts_with("WIREWATCH_") && equals != std::string_view::npos) {
      found.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string config_dump(const Config& config) {
  std::string out;
  std::string section;
  const auto quote = [](std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x20 || byte == 0x7F) {  // TOML has none of them bare.
        const auto digits = hexadecimal(byte);
        quoted.append("\\u00").append(digits.data(), digits.size());
        continue;
      }
      if (c == '"' || c == '\\') quoted.push_back('\\');
      quoted.push_back(c);
    }
    return quoted + "\"";
  };
  for (const Option& option : options()) {
    const std::size_t dot = option.key.find('.');
    if (option.key.substr(0, dot) != section) {
      if (section == "kafka" && !config.kafka_properties.empty()) {
        out += "\n[kafka.properties]\n";
        for (const auto& [key, value] : config.kafka_properties)
          out += quote(key) + " = " + quote(is_secret_property(key) ? "***" : value) + "\n";
      }
      section = option.key.substr(0, dot);
      out += (out.empty() ? "[" : "\n[") + section + "]\n";
    }
    out += std::string(option.key.substr(dot + 1)) + " = ";
    if (const auto* text = std::get_if<std::string Config::*>(&option.member))
      out += quote(config.*(*text));
    else if (const auto* number = std::get_if<std::int64_t Config::*>(&option.member))
      out += std::to_string(config.*(*number));
    else
      out += config.*(std::get<bool Config::*>(option.member)) ? "true" : "false";
    out += "\n";
  }
  for (const auto& [path, field] : config.article_field_map) {
    out += "\n[[article.field_map]]\npath = " + quote(path) + "\nfield = " + quote(field) + "\n";
  }
  return out;
}

std::string config_docs() {
  std::string out =
      "# Configuration\n\nGenerated by `wirewatch config docs`; do not edit.\n\n"
      "Sources, weakest first: defaults, files (`--config FILE`, TOML), environment, flags (`--set "
      "KEY=VALUE`).\n"
      "The environment variable of `kafka.brokers` is `WIREWATCH_KAFKA__BROKERS`, and so on. An "
      "unknown key is an error.\n\n"
      "| Option | Default | Range | Meaning |\n|---|---|---|---|\n";
  for (const Option& option : options()) {
    std::string range;
    if (!option.choices.empty()) {
      range = option.choices;
      std::replace(range.begin(), range.end(), '|', ',');
    } else if (std::holds_alternative<std::int64_t Config::*>(option.member)) {
      range = std::to_string(option.min) + " to " + std::to_string(option.max);
    } else if (std::holds_alternative<bool Config::*>(option.member)) {
      range = "true, false";
    }
    out += "| `" + std::string(option.key) + "` | " +
           (option.fallback.empty() ? "" : "`" + std::string(option.fallback) + "`") + " | " +
           range + " | " + std::string(option.doc) + " |\n";
  }
  out +=
      "\n`[kafka.properties]` takes any property of librdkafka, for consumer and producer alike, "
      "e.g. `\"sasl.mechanism\" = \"PLAIN\"`;\nbut for those that have an option above, and those "
      "that delivery rests on (`enable.auto.commit` and the like), which are refused.\nAs flag: "
      "`--set "
      "kafka.properties.sasl.mechanism=PLAIN`; as environment variable: "
      "`WIREWATCH_KAFKA__PROPERTIES__SASL_MECHANISM`.\nWhat `\"debug\"` asks for, e.g. "
      "`broker,cgrp`, is logged at `log.level = \"debug\"`.\n"
      "Two names are Wirewatch's own:\n\n"
      "- `.file` after a name takes the value from a file, e.g. `\"sasl.password.file\" = "
      "\"/run/secrets/kafka\"`: read when a client is\n  made, without the line's end.\n"
      "- `\"sasl.oauthbearer.token.command\"` (with `\"sasl.mechanism\" = \"OAUTHBEARER\"`) is run "
      "by "
      "`/bin/sh` whenever a token is\n  needed, again at four fifths of its life. It prints a JWT, "
      "or "
      "what a token endpoint answers (`access_token`, `expires_in`),\n  within ten seconds.\n";
  out +=
      "\n`[[article.field_map]]` adds a place to look for a field: `path` (dotted, into the "
      "message; through objects, not into lists)\nand `field`, one of " +
      joined(mappable_fields()) +
      ".\nE.g. `path = \"title.en\"`, `field = \"headline\"`. Of a list the first entry that says "
      "something is taken, for a body all of them. What the\nmessage wraps (`payload`, `after`, "
      "`data` and the like) is opened before: its paths begin inside. "
      "A field may have several paths.\n";
  return out;
}

std::vector<std::string> config_keys() {
  std::vector<std::string> keys;
  for (const Option& option : options()) keys.emplace_back(option.key);
  return keys;
}

std::string to_text(const ConfigError& error) {
  std::string text = error.origin;
  if (error.line > 0) text += ":" + std::to_string(error.line) + ":" + std::to_string(error.column);
  return text + ": " + error.message;
}

}  // namespace wirewatch
