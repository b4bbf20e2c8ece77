#include "services/wirewatch/commands.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <expected>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/closest_name.h"
#include "common/base/counted.h"
#include "common/base/json_writer.h"
#include "common/base/printable.h"
#include "common/base/utf8.h"
#include "common/kafka/kafka.h"
#include "common/pipeline/example_runner.h"
#include "common/profile/profile_lint.h"
#include "common/profile/word_frequencies.h"

namespace wirewatch {

namespace {

// Which words gave a country, and which names gave none.
void print_places(Processor& processor) {
  const RegionClassifier& classifier = processor.rules().regions();
  const RegionExplanation explanation = processor.explain_regions();
  const RegionResult& regions = processor.region_result();
  const ArticleText& text = processor.text();
  for (const CountryScore& score : regions.about) {
    std::cout << "  " << score.country.text() << "        " << classifier.name_of(score.country)
              << " " << static_cast<int>(score.salience * 100) << "%:";
    std::size_t named = 0;
    for (std::size_t i = 0; i < regions.mentions.size(); ++i) {
      const Mention& mention = regions.mentions[i];
      if (mention.country != score.country || !mention.counts) continue;
      std::cout << (named++ == 0 ? " " : ", ") << printable(text.source(mention.span)) << " ("
                << to_string(mention.zone) << ", " << to_string(mention.kind) << ", "
                << explanation.weights[i] << ")";
    }
    if (named == 0) {
      std::cout << (explanation.home == score.country ? " where the source is at home"
                                                      : " by the dateline alone");
    }
    std::cout << "\n";
  }
  for (const Mention& mention : regions.mentions) {
    if (mention.counts) {
      if (mention.country.empty() || !regions.is_about(mention.country)) {
        std::cout << "  mentioned " << printable(text.source(mention.span)) << " ("
                  << (mention.country.empty() ? "no country" : classifier.name_of(mention.country))
                  << ", " << to_string(mention.zone) << ", " << to_string(mention.kind) << ")\n";
      }
      continue;
    }
    const ZoneSpan& zone = text.zones()[text.zone_index(mention.token_begin)];
    std::cout << "  no weight " << printable(text.source(mention.span)) << ": in the "
              << to_string(mention.zone);
    if (zone.repeated) {
      std::cout << ", repeated";
    } else if (mention.zone != Zone::kDateline) {
      std::cout << ", tells nothing of where the story is";
    }
    std::cout << "\n";
  }
  std::vector<std::pair<std::string, std::size_t>> ignored;  // Each once, and how often.
  for (const IgnoredName& name : explanation.ignored) {
    std::string line =
        printable(text.source(name.span)) + ": " + std::string(to_string(name.reason));
    const auto same = std::find_if(ignored.begin(), ignored.end(),
                                   [&](const auto& other) { return other.first == line; });
    if (same == ignored.end()) {
      ignored.emplace_back(std::move(line), 1);
    } else {
      ++same->second;
    }
  }
  for (const auto& [line, count] : ignored) {
    std::cout << "  ignored   " << line;
    if (count > 1) std::cout << " (" << count << " times)";
    std::cout << "\n";
  }
}

// Which words spoke for a topic or a label, and how much.
void print_evidence(const ArticleText& text, std::span<const TopicEvidence> evidence) {
  bool first = true;
  for (const TopicEvidence& one : evidence) {
    char weight[16];
    std::snprintf(weight, sizeof(weight), " %+.2f", static_cast<double>(one.weight));
    std::cout << (first ? " " : ", ")
              << printable(text.source(text.source_span(one.token_begin, one.token_end))) << weight;
    first = false;
  }
  std::cout << "\n";
}

void print_topics(const Processor& processor) {
  constexpr std::size_t kEvidenceMax = 6;
  const ArticleText& text = processor.text();
  const TopicClassifier& classifier = processor.rules().topics();
  const auto percent = [](float confidence) { return static_cast<int>(confidence * 100); };
  for (const TopicScore& topic : processor.topic_result().topics) {
    std::cout << "  topic     " << topic_name(topic.id) << " " << percent(topic.confidence) << "%:";
    print_evidence(text, classifier.explain(text, topic.id, kEvidenceMax));
  }
  for (const LabelScore& label : processor.topic_result().labels) {
    std::cout << "  label     " << printable(label.scheme) << ":" << printable(label.id) << " "
              << percent(label.confidence) << "%:";
    print_evidence(text, classifier.explain(text, label, kEvidenceMax));
  }
}

// By which language names were looked for, and who says so.
void print_language(const Processor& processor) {
  const TopicResult& result = processor.topic_result();
  const std::string_view stated = processor.article().language;
  std::cout << "  language  ";
  if (result.language.empty()) {
    std::cout << "unknown";
  } else if (result.language_confidence == 1 && !stated.empty()) {
    std::cout << result.language << ", as stated";
  } else {
    std::cout << result.language << " " << static_cast<int>(result.language_confidence * 100)
              << "%, by the text";
  }
  std::cout << "\n";
}

// The zones in code points of their fields, as in the event.
void print_zones(const ArticleText& text) {
  std::cout << "  zones    ";
  const auto code_points = [&](Field field, std::uint32_t offset) {
    return count_code_points(text.field(field).substr(0, offset));
  };
  for (const ZoneSpan& zone : text.zones()) {
    std::cout << " " << to_string(zone.zone) << (zone.repeated ? "(repeated)" : "") << " "
              << code_points(zone.span.field, zone.span.begin) << "-"
              << code_points(zone.span.field, zone.span.end);
  }
  std::cout << "\n";
}

// What was wrong with the input and did not keep it from being read.
void print_repairs(const Article& article) {
  std::string repairs;
  const auto add = [&](const std::string& repair) {
    repairs += (repairs.empty() ? "" : ", ") + repair;
  };
  if (article.replaced_characters > 0)
    add(counted(article.replaced_characters, "character") + " replaced by U+FFFD");
  if (article.invalid_dates > 0)
    add(counted(article.invalid_dates, "date") + " left out for being none");
  if (article.text_cut) add("text cut at enricher.text_bytes_max");
  if (!repairs.empty()) std::cout << "  repaired  " << repairs << "\n";
}

void print_readable(Processor& processor, const Outcome& outcome) {
  const Article& article = processor.article();
  std::cout << (article.headline.empty() ? "(no headline)" : printable(article.headline)) << "\n";
  std::cout << "  uri       " << printable(article.uri) << " version " << printable(article.version)
            << "\n";
  print_language(processor);
  print_places(processor);
  print_topics(processor);
  print_zones(processor.text());
  print_repairs(article);
  std::cout << "  alerts   ";
  for (std::size_t i = 0; i < outcome.alert_count; ++i)
    std::cout << " " << outcome.alerts[i].profile_id;
  std::cout << (outcome.alert_count == 0 ? " none\n" : "\n");
}

void print_dead(const ParseError& error, const UnreadableLines& lines, bool json) {
  if (!json) {
    std::cout << lines.place() << ": dead: " << to_string(error.reason) << " at byte "
              << error.position << ": " << error.detail << "\n";
    return;
  }
  std::string text;
  JsonWriter writer(text);
  writer.begin_object().key("dead").begin_object();
  writer.key("reason").string(to_string(error.reason)).key("detail").string(error.detail);
  writer.key("position").number(static_cast<std::int64_t>(error.position));
  writer.key("line").number(static_cast<std::int64_t>(lines.line()));
  writer.end_object().end_object();
  std::cout << text << "\n";
}

// Runs the examples of some profiles; prints what fails. Returns how many do.
std::size_t print_failing_examples(const Config& config, const Rules& rules,
                                   std::span<const ProfileIndex> profiles) {
  const auto failing = run_examples(rules.set, rules.sources, profiles, processor_options(config));
  for (const FailingExample& example : failing)
    std::cout << to_text(example, rules.sources) << "\n" << example.explanation;
  return failing.size();
}

// A profile that matches more of an editor's sample than this is too broad to be an alert.
constexpr double kOverBroadShare = 0.05;
constexpr std::uint64_t kSampleMin = 100;  // Shares of fewer articles say little.

// What the profiles do on an editor's sample.
struct SampleResult {
  std::uint64_t articles = 0;
  std::vector<std::uint64_t> matched;  // By profile.
  std::shared_ptr<const WordFrequencies> frequencies;
};

std::optional<SampleResult> run_sample(const Config& config, const Rules& rules,
                                       const std::string& sample) {
  Processor processor(rules.set, processor_options(config));
  SampleResult result;
  result.matched.resize(rules.sources.size());
  auto frequencies = std::make_shared<WordFrequencies>();
  UnreadableLines lines(sample);
  const bool readable = for_each_line(sample, [&](std::string_view line) {
    lines.next();
    if (processor.process(line, {}).dead) return lines.unreadable();
    ++result.articles;
    frequencies->add(processor.text());
    for (const ProfileMatch& match : processor.match_result().matches)
      ++result.matched[match.profile.value()];
  });
  if (!lines.conclude() || !readable) return std::nullopt;
  if (result.articles == 0) {
    std::cerr << sample << " is empty; a sample has a hundred articles or more\n";
    return std::nullopt;
  }
  frequencies->finish();
  result.frequencies = std::move(frequencies);
  return result;
}

std::string over_broad_text(std::uint64_t matched, std::uint64_t articles) {
  return "it matches " + std::to_string(matched) + " of " + std::to_string(articles) +
         " articles of the sample; require rarer words, a zone (headline:, top:) or a region:";
}

// Prints doubts about the profiles. Returns how many, or nothing when the sample cannot be read.
std::optional<std::size_t> print_doubts(const Config& config, const Rules& rules,
                                        const std::string& sample) {
  std::size_t doubts = 0;
  const auto print = [&](const ProfileError& text, ProfileLint lint) {
    ++doubts;
    std::cout << to_text(text) << " [" << to_string(lint) << "]\n";
  };
  const ProfileLintOptions options{.labels = !config.data_label_model.empty()};
  if (sample.empty()) {
    for (const ProfileWarning& warning :
         lint_profiles(rules.set->profiles(), rules.sources, options))
      print(warning.text, warning.lint);
    return doubts;
  }
  const auto result = run_sample(config, rules, sample);
  if (!result) return std::nullopt;
  const bool enough = result->articles >= kSampleMin;
  if (!enough) {
    std::cout << sample << " has " << result->articles << " articles; shares of fewer than "
              << kSampleMin << " say little, so what is over-broad is estimated\n";
  }
  // The profiles have been compiled once, so that they can be again.
  const ProfileSet set =
      *ProfileSet::compile(rules.sources, enough ? result->frequencies : nullptr);
  for (const ProfileWarning& warning : lint_profiles(set, rules.sources, options)) {
    // What the sample shows is better than an estimate.
    if (!enough || warning.lint != ProfileLint::kOverBroad) print(warning.text, warning.lint);
  }
  for (std::size_t i = 0; enough && i < result->matched.size(); ++i) {
    const double share =
        static_cast<double>(result->matched[i]) / static_cast<double>(result->articles);
    if (share <= kOverBroadShare) continue;
    const ProfileSource& source = rules.sources[i];
    print({source.origin, source.query.line, source.query.column,
           over_broad_text(result->matched[i], result->articles)},
          ProfileLint::kOverBroad);
  }
  return doubts;
}

// Positions of profiles by id, ascending; all of them for no ids. Prints which there is not.
std::expected<std::vector<ProfileIndex>, ExitStatus> find_profiles(
    std::span<const ProfileSource> sources, std::span<const std::string> ids) {
  std::vector<ProfileIndex> found;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    if (ids.empty() || std::find(ids.begin(), ids.end(), sources[i].id) != ids.end())
      found.emplace_back(static_cast<std::uint32_t>(i));
  }
  std::vector<std::string_view> known;
  for (const ProfileSource& source : sources) known.push_back(source.id);
  for (const std::string& id : ids) {
    if (std::find(known.begin(), known.end(), id) != known.end()) continue;
    const std::string meant = did_you_mean(id, known);
    std::cerr << "there is no profile \"" << id << "\""
              << (meant.empty() ? "; `wirewatch profiles` lists them" : meant) << "\n";
    return std::unexpected(kExitUsage);
  }
  return found;
}

int check_broker(const Config& config) {
  std::vector<std::string> topics = article_topics(config);
  for (const std::string& topic : {config.kafka_topic_newsroom, config.kafka_topic_profiles})
    if (!topic.empty()) topics.push_back(topic);
  const KafkaFailure failure = ensure_topics({.brokers = config.kafka_brokers,
                                              .properties = config.kafka_properties,
                                              .topics = std::move(topics),
                                              .give_up = {}});
  if (!failure.empty()) {
    std::cout << failure.text << "\n";
    if (failure.fault == KafkaFault::kFatal) return kExitConfig;
    return failure.fault == KafkaFault::kMissingTopic ? kExitFindings : kExitUnavailable;
  }
  std::cout << "the broker answers and all topics are there\n";
  return kExitOk;
}

// The profiles of kafka.topic_profiles, by which an enricher's stand before those of the folder.
std::expected<ProfileTexts, ExitStatus> read_topic_profiles(const Config& config) {
  constexpr auto kPatience = std::chrono::seconds(60);
  const auto table = KafkaTable::create({.brokers = config.kafka_brokers,
                                         .client_id = config.kafka_client_id + "-check",
                                         .topic = config.kafka_topic_profiles,
                                         .embedded = false,
                                         .properties = config.kafka_properties});
  if (!table) {
    std::cout << table.error() << "\n";
    return std::unexpected(kExitUnavailable);
  }
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!(*table)->is_complete()) {
    (*table)->read(100);
    if (std::chrono::steady_clock::now() < deadline) continue;
    std::cout << "the topic " << config.kafka_topic_profiles << " cannot be read\n";
    return std::unexpected(kExitUnavailable);
  }
  const std::size_t count = (*table)->rows().size();
  std::cout << counted(count, "profile") << (count == 1 ? " is on " : " are on ")
            << config.kafka_topic_profiles << "\n";
  return (*table)->rows();
}

// What the broker has to say, before the profiles are looked at where some of them come from there.
struct BrokerCheck {
  bool asked = false;
  int status = kExitOk;
  ProfileTexts profiles;
};

BrokerCheck check_broker_for_profiles(const Config& config) {
  BrokerCheck check;
  if (config.kafka_brokers.empty() || config.kafka_topic_profiles.empty()) return check;
  check.asked = true;
  check.status = check_broker(config);
  if (check.status != kExitOk) return check;
  if (auto profiles = read_topic_profiles(config)) {
    check.profiles = std::move(*profiles);
  } else {
    check.status = profiles.error();
  }
  return check;
}

}  // namespace

int command_classify(const Config& config, const std::vector<std::string>& files, bool json) {
  const auto rules = load_rules(config);
  if (!rules) return rules.error();
  Processor processor(rules->set, processor_options(config));
  bool good = true;
  for (const std::string& file : files.empty() ? std::vector<std::string>{"-"} : files) {
    UnreadableLines lines(file);
    good = for_each_line(file,
                         [&](std::string_view line) {
                           lines.next();
                           const Outcome& outcome = processor.process(line, {});
                           if (outcome.dead) {
                             print_dead(outcome.error, lines, json);
                             lines.unreadable();
                           } else if (json) {
                             std::cout << outcome.enriched << "\n";
                           } else {
                             print_readable(processor, outcome);
                           }
                         }) &&
           good;
    good = lines.conclude() && good;
  }
  return good ? kExitOk : kExitFailure;
}

int command_explain(const Config& config, const std::string& profile, const std::string& file) {
  const auto rules = load_rules(config);
  if (!rules) return rules.error();
  const auto found = find_profiles(rules->sources, {&profile, 1});
  if (!found) return found.error();
  Processor processor(rules->set, processor_options(config));
  UnreadableLines lines(file);
  const bool good = for_each_line(file, [&](std::string_view line) {
    lines.next();
    const Outcome& outcome = processor.process(line, {});
    if (outcome.dead) {
      print_dead(outcome.error, lines, false);
      lines.unreadable();
      return;
    }
    std::cout << printable(processor.article().headline) << "\n"
              << printable_lines(processor.explain(found->front()));
  });
  return lines.conclude() && good ? kExitOk : kExitFailure;
}

int command_test(const Config& config, const std::vector<std::string>& profiles) {
  const auto rules = load_rules(config);
  if (!rules) return rules.error();
  const auto asked = find_profiles(rules->sources, profiles);
  if (!asked) return asked.error();
  std::size_t total = 0;
  for (const ProfileIndex profile : *asked)
    total += rules->sources[profile.value()].examples.size();
  const std::size_t failures = print_failing_examples(config, *rules, *asked);
  std::cout << counted(asked->size(), "profile") << ", " << counted(total, "example") << ", "
            << failures << " not as they must be\n";
  return failures == 0 ? kExitOk : kExitFindings;
}

int command_profiles(const Config& config) {
  const auto sources = load_profile_sources(config);
  if (!sources) return sources.error();
  for (const ProfileSource& source : *sources) {
    std::cout << source.id << "\t" << to_string(source.level) << "\t" << source.title << "\n";
  }
  return kExitOk;
}

int command_check(const Config& config, const CheckOptions& options) {
  const bool runs = print_run_faults(config);
  const BrokerCheck broker = runs ? check_broker_for_profiles(config) : BrokerCheck{};
  const auto rules = load_rules(config, broker.profiles);
  if (!rules) return rules.error();
  if (!runs) return kExitConfig;
  const std::size_t failures =
      print_failing_examples(config, *rules, *find_profiles(rules->sources, {}));
  auto doubts = print_doubts(config, *rules, options.sample);
  if (!doubts) return kExitFailure;
  *doubts += rules->ignored.size();  // load_rules() has named them.
  std::cout << "configuration, gazetteer (" << rules->set->gazetteer().place_count()
            << " places) and " << counted(rules->sources.size(), "profile") << " are valid; rules "
            << rules->set->version() << "\n";
  if (failures > 0 || (options.strict && *doubts > 0)) return kExitFindings;
  if (broker.asked) return broker.status;
  return config.kafka_brokers.empty() ? kExitOk : check_broker(config);
}

std::string version_text() {
  return "wirewatch " WIREWATCH_VERSION " (" WIREWATCH_REVISION "), librdkafka " +
         kafka_library_version();
}

int command_version() {
  std::cout << version_text() << "\n";
  return kExitOk;
}

}  // namespace wirewatch
