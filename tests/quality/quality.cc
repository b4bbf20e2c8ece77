// Prints the quality report: countries and places, topics and labels, languages, speed.
//
//   wirewatch_quality [CORPORA] [OPTIONS]
//
// CORPORA is a folder in the layout that README.md describes; by default $WIREWATCH_CORPORA, then
// the folder beside the repository. Without --floors sets that it does not hold are passed over.
// Exit status: 77 when the folder is not there, 2 for wrong arguments, 1 when a set that is there
// cannot be read, and, with --floors, when a figure is below its floor or a set is not there.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <simdjson.h>

#include "common/base/json_writer.h"
#include "common/topic/tools/corpus_reader.h"
#include "tests/quality/region_measures.h"
#include "tests/support/shipped_gazetteer.h"
#include "tests/topic/quality_report.h"

namespace {

using namespace wirewatch;
using namespace wirewatch::quality;

constexpr int kExitSkipped = 77;

struct Set {
  std::string_view name;
  std::string_view file;
  std::string_view label_field = "label";
  std::string_view body_field = "body";
  bool by_arrival = false;
  bool without_titles = false;
};
constexpr Set kSets[] = {
    {"BBC", "topics-bbc.jsonl.gz"},
    {"AG News", "topics-agnews.jsonl.gz"},
    {"20 Newsgroups", "topics-20newsgroups.jsonl.gz", "label", "body_stripped"},
    {"MasakhaNEWS", "topics-masakhanews.jsonl.gz"},
    {"THUCNews titles", "topics-thucnews-titles.jsonl.gz"},
    {"Reuters", "reuters-places.jsonl.gz", "topics"},
};

// The same messages with later ones to be told by earlier ones, as the set is usually measured.
constexpr Set kByArrival[] = {
    {"20 Newsgroups by date", "topics-20newsgroups.jsonl.gz", "label", "body_stripped", true},
    {"20 Newsgroups by date, no subject", "topics-20newsgroups.jsonl.gz", "label", "body_stripped",
     true, true},
};

struct Arguments {
  RegionMeasureOptions region{.corpora = WIREWATCH_SOURCE_DIR "/../shared/corpora"};
  std::string only;
  std::optional<std::filesystem::path> train_from;
  std::filesystem::path topic_model = WIREWATCH_SOURCE_DIR "/common/topic/data/topic_model.bin";
  std::filesystem::path salience_rows;
  bool floors = false;
  bool labels = true;
};

// Floors by the figure's name: the least value that is accepted, and the aim.
class Floors {
 public:
  Floors() {
    std::ifstream file(WIREWATCH_SOURCE_DIR "/tests/quality/floors.tsv");
    for (std::string line; std::getline(file, line);) {
      const std::size_t first = line.find('\t');
      const std::size_t second = line.find('\t', first + 1);
      if (line.starts_with('#') || second == std::string::npos) continue;
      rows_[line.substr(0, first)] = {line.substr(first + 1, second - first - 1),
                                      line.substr(second + 1)};
    }
  }
  // "floor" and "aim" as written; empty when there are none.
  [[nodiscard]] const std::pair<std::string, std::string>& row(const std::string& name) const {
    static const std::pair<std::string, std::string> kNone;
    const auto found = rows_.find(name);
    return found == rows_.end() ? kNone : found->second;
  }

 private:
  std::map<std::string, std::pair<std::string, std::string>> rows_;
};

// Prints figures and keeps those that are below their floors.
class Report {
 public:
  explicit Report(bool errors) : errors_(errors) {}

  void heading(const char* what) const {
    std::printf("\n%-40s %8s %7s %6s %6s  %s\n", what, "count", "reached", "floor", "aim",
                "beside it, on the same texts");
  }

  void print(const Measure& measure) {
    const auto& [floor, aim] = floors_.row(measure.name);
    std::printf("%-40s %8zu %7.4f %6s %6s ", measure.name.c_str(), measure.count, measure.value,
                floor.c_str(), aim.c_str());
    for (const auto& [name, value] : measure.baselines) {
      std::printf(" %s %.3f;", name.c_str(), value);
    }
    std::printf("\n");
    if (!floor.empty() && measure.value < std::stod(floor)) low_.push_back(measure.name);
  }

  void print(const RegionMeasures::Result& measures) {
    if (!measures) {
      std::printf("%s\n", measures.error().c_str());
      const bool is_there = !measures.error().starts_with("cannot open");
      (is_there ? unreadable_ : absent_).push_back(measures.error());
      return;
    }
    for (const Measure& measure : *measures) print(measure);
  }

  // Where articles may have none of the classes, so that "first right" would say little.
  void print_f1(std::string_view name, const std::expected<Figures, std::string>& figures,
                const std::string& kind) {
    if (!figures) {
      print(RegionMeasures::Result(std::unexpected(figures.error())));
      return;
    }
    const std::string start = kind + ", " + std::string(name);
    print({start + ", micro F1", figures->documents, figures->micro_f1, {}});
    print({start + ", macro F1", figures->documents, figures->macro_f1, {}});
  }

  void print(std::string_view name, const std::expected<Figures, std::string>& figures,
             const std::string& kind) {
    if (!figures) {
      print(RegionMeasures::Result(std::unexpected(figures.error())));
      return;
    }
    const std::string start = kind + ", " + std::string(name);
    print({start + ", first right", figures->documents, figures->first_right, {}});
    print_f1(name, figures, kind);
    std::printf("    one of two right %.4f, calibration error %.4f, %.0f ns/KB\n",
                figures->first_two_right, figures->calibration_error, figures->nanoseconds_per_kb);
    if (errors_) print_errors(*figures);
  }

  // Says at the end what is amiss. Returns whether that is a failure.
  [[nodiscard]] bool is_good(bool floors) const {
    const auto tell = [](const char* what, const std::vector<std::string>& names) {
      for (const std::string& name : names) std::printf("%s: %s\n", what, name.c_str());
    };
    tell("NOT READ", unreadable_);
    if (!floors) return unreadable_.empty();
    tell("NOT THERE", absent_);
    tell("BELOW THE FLOOR", low_);
    return unreadable_.empty() && absent_.empty() && low_.empty();
  }

 private:
  // Each class with what it is taken for, then some articles.
  static void print_errors(const Figures& figures) {
    for (const auto& [id, entry] : figures.by_class) {
      std::printf("    %-28s %6zu  precision %.3f  recall %.3f ", id.c_str(), entry.count,
                  entry.precision, entry.recall);
      for (const auto& [other, count] : entry.taken_for) {
        if (other != id) std::printf(" %s %zu;", other.c_str(), count);
      }
      std::printf("\n");
    }
    for (const std::string& example : figures.examples) std::printf("      %s\n", example.c_str());
  }

  bool errors_ = false;
  Floors floors_;
  std::vector<std::string> low_;         // Figures.
  std::vector<std::string> absent_;      // Sets, in words.
  std::vector<std::string> unreadable_;  // Likewise.
};

void print_languages(const std::map<std::string, std::pair<std::size_t, std::size_t>>& languages) {
  std::size_t column = 0;
  for (const auto& [name, count] : languages) {
    std::printf("%s%s %zu/%zu", column % 10 == 0 ? "\n    " : "  ", name.c_str(), count.first,
                count.second);
    ++column;
  }
  std::printf("\n");
}

void report_regions(const Arguments& arguments, const Gazetteer& gazetteer,
                    const LanguageIdentifier& languages, Report& report) {
  RegionMeasures measures(gazetteer, languages, arguments.region);
  report.heading("Countries and places");
  report.print(measures.reuters());
  if (arguments.region.salience_rows != nullptr) {
    measures.write_samples(WIREWATCH_SOURCE_DIR "/deploy/sample-news");
    std::fclose(arguments.region.salience_rows);
    return;
  }
  report.print(measures.focus());
  for (const char* set : {"geowebnews", "geovirus", "lgl", "hu2014", "ju2016"}) {
    report.print(measures.toponyms(set));
  }
  report.print(measures.country_names());
  report.print(measures.pages());
}

// Where tools/list_country_names.py of the gazetteer has written them.
void report_names(const Arguments& arguments, const Gazetteer& gazetteer,
                  const LanguageIdentifier& languages, Report& report) {
  if (!std::filesystem::exists(arguments.region.corpora / "country-names-cldr.jsonl.gz")) return;
  report.heading("Countries as CLDR calls them");
  report.print(RegionMeasures(gazetteer, languages, arguments.region).listed_names());
}

SetFile set_file(const std::filesystem::path& folder, const Set& set) {
  return {.path = folder / set.file,
          .label_field = set.label_field,
          .body_field = set.body_field,
          .by_arrival = set.by_arrival,
          .without_titles = set.without_titles};
}

// Few labels say more than level 1.
void report_level_two(const Arguments& arguments, const TopicClassifier& classifier,
                      Report& report) {
  for (const Set& set : kSets) {
    if (!std::filesystem::exists(arguments.region.corpora / set.file)) continue;
    const auto measured =
        measure_level_two(classifier, arguments.region.corpora, set.file, arguments.region.part);
    report.print_f1(set.name, measured, "level 2");
  }
}

void report_topics(const Arguments& arguments, const TopicClassifier& classifier, Report& report) {
  report.heading("Media Topics, level 1");
  const Part part = arguments.region.part;
  for (const Set& set : kSets) {
    const SetFile file = set_file(arguments.region.corpora, set);
    if (!std::filesystem::exists(file.path)) continue;
    const auto measured = measure_topics(classifier, file, part, arguments.region.documents_max);
    report.print(set.name, measured, "topics");
    if (measured && set.name == "MasakhaNEWS") print_languages(measured->by_language);
    if (set.name != "20 Newsgroups") continue;
    if (const auto unsure = measure_uncovered(classifier, file, part, "misc.forsale"); unsure) {
      report.print({"topics, no topic fits, none above .5",
                    unsure->documents,
                    unsure->unsure,
                    {{"mean confidence of the best", unsure->confidence}}});
    }
  }
  report_level_two(arguments, classifier, report);
  const auto samples = measure_samples(classifier, WIREWATCH_SOURCE_DIR "/deploy/sample-news",
                                       arguments.region.errors);
  report.print("sample news", samples, "topics");
  if (samples) print_languages(samples->by_language);
  // Headlines, written for this. By those of the files of the unseen nothing was chosen.
  const std::filesystem::path ours = WIREWATCH_SOURCE_DIR "/tests/quality";
  const auto measure = [&](const std::string& name, const char* file) {
    report.print(name, measure_topics(classifier, {.path = ours / file}, Part::kAll, SIZE_MAX),
                 "topics");
  };
  measure("flashes", "flashes.jsonl");
  measure("flashes, unseen", "flashes_unseen.jsonl");
  measure("short stories", "short_stories.jsonl");
  measure("short stories, unseen", "short_stories_unseen.jsonl");
  measure("wide stories, unseen", "wide_stories_unseen.jsonl");
}

void report_languages(const Arguments& arguments, const LanguageIdentifier& languages,
                      Report& report) {
  report.heading("Languages");
  const auto measure = [&](const std::string& name, const LanguageSet& set) {
    if (!std::filesystem::exists(set.path)) return;
    const auto measured = measure_languages(languages, set);
    if (!measured) {
      report.print(RegionMeasures::Result(std::unexpected(measured.error())));
      return;
    }
    report.print({name,
                  measured->documents,
                  measured->right,
                  {{"wrong (the rest is unknown)", measured->wrong}}});
    if (arguments.region.errors) print_languages(measured->by_language);
  };
  const Part part = arguments.region.part;
  for (const char* set : {"country-names-multilingual", "topics-masakhanews"}) {
    const auto path = arguments.region.corpora / (std::string(set) + ".jsonl.gz");
    measure(set, {.path = path, .part = part});
    measure(std::string(set) + " over 200 bytes", {.path = path, .part = part, .bytes_min = 200});
  }
  measure("topics-masakhanews, headlines",
          {.path = arguments.region.corpora / "topics-masakhanews.jsonl.gz",
           .part = part,
           .headlines_only = true});
  // Written for this, in 66 languages, a headline and a sentence each.
  const std::filesystem::path ours = WIREWATCH_SOURCE_DIR "/tests/quality";
  measure("short news", {.path = ours / "short_news.jsonl"});
  measure("short news, headlines", {.path = ours / "short_news.jsonl", .headlines_only = true});
  measure("rare languages", {.path = ours / "rare_languages.jsonl"});
}

void report_labels(const Arguments& arguments, Report& report) {
  report.heading("Labels of the sets themselves");
  const auto measure = [&](const Set& set) {
    const SetFile test = set_file(arguments.region.corpora, set);
    if (!std::filesystem::exists(test.path)) return;
    std::optional<std::filesystem::path> train;
    if (arguments.train_from) train = *arguments.train_from / set.file;
    report.print(set.name,
                 measure_labels(test, train, std::max(1U, std::thread::hardware_concurrency())),
                 "labels");
  };
  for (const Set& set : kSets) measure(set);
  if (arguments.train_from) return;
  for (const Set& set : kByArrival) measure(set);
}

// simdjson reads every string of each article; the rest works on the same articles.
std::size_t walk(simdjson::ondemand::parser& parser, const simdjson::padded_string& line) {
  std::size_t bytes = 0;
  auto document = parser.iterate(line);
  for (auto field : document.get_object())
    bytes += std::string_view(field.value().get_string()).size();
  return bytes;
}

struct SpeedArticle {
  simdjson::padded_string line;
  std::string headline;
  std::string body;
};

// Empty where a corpus is missing.
std::vector<SpeedArticle> speed_articles(const std::filesystem::path& corpora) {
  std::vector<SpeedArticle> articles;
  for (const char* set : {"topics-bbc.jsonl.gz", "reuters-places.jsonl.gz"}) {
    std::size_t count = 0;
    const auto read =
        topic_tools::read_corpus(corpora / set, {}, [&](topic_tools::CorpusDocument&& document) {
          if (++count > 500) return;
          std::string line;
          JsonWriter(line)
              .begin_object()
              .key("title")
              .string(document.title)
              .key("body")
              .string(document.body)
              .end_object();
          articles.push_back({simdjson::padded_string(line), document.title, document.body});
        });
    if (!read) return {};
  }
  return articles;
}

void report_speed(const Arguments& arguments, const Gazetteer& gazetteer,
                  const TopicClassifier& topics, const LanguageIdentifier& languages) {
  const std::vector<SpeedArticle> entries = speed_articles(arguments.region.corpora);
  if (entries.empty()) return;
  std::size_t bytes = 0;
  for (const SpeedArticle& entry : entries) bytes += entry.headline.size() + entry.body.size();
  // Article by article, as the services work: what one step has read is at hand for the next.
  enum Step : std::uint8_t { kWalk, kFold, kLanguage, kRegion, kTopic, kStepCount };
  // The least time of each step of each article: what a busy machine takes away meanwhile falls on
  // few of them.
  std::array<double, kStepCount> most{};
  most.fill(std::numeric_limits<double>::max());
  std::vector<std::array<double, kStepCount>> least(entries.size(), most);
  simdjson::ondemand::parser parser;
  const TextAnalyzer analyzer;
  const ZoneLabeler labeler;
  const RegionClassifier regions(gazetteer);
  ArticleText text;
  RegionScratch region_scratch;
  RegionResult region_result;
  TopicScratch topic_scratch;
  TopicResult topic_result;
  std::size_t sink = 0;
  for (int pass = 0; pass < 7; ++pass) {
    auto since = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const SpeedArticle& entry = entries[i];
      const auto lap = [&](Step step) {
        const auto now = std::chrono::steady_clock::now();
        const double spent = std::chrono::duration<double, std::nano>(now - since).count();
        least[i][step] = std::min(least[i][step], spent);
        since = std::chrono::steady_clock::now();
      };
      since = std::chrono::steady_clock::now();
      sink += walk(parser, entry.line);
      lap(kWalk);
      analyzer.analyze(entry.headline, entry.body, text);
      lap(kFold);
      labeler.label(text);
      since = std::chrono::steady_clock::now();
      sink += languages.identify(text, topic_scratch).language.size();
      lap(kLanguage);
      regions.classify(text, {.language = "en", .located = {}, .source = {}}, region_scratch,
                       region_result);
      lap(kRegion);
      topics.classify(text, "en", topic_scratch, topic_result);
      lap(kTopic);
      sink += region_result.mentions.size() + topic_result.topics.size();
    }
  }
  std::array<double, kStepCount> best{};
  for (const auto& article : least) {
    for (std::size_t step = 0; step < kStepCount; ++step) best[step] += article[step];
  }
  const double kb = static_cast<double>(bytes) / 1024;
  std::printf("\nSpeed, %zu articles of %.1f KB on average, the least of 7 passes for each (%zu)\n",
              entries.size(), kb / static_cast<double>(entries.size()), sink % 10);
  const auto print = [&](const char* step, double time) {
    std::printf("  %-16s %7.0f ns/KB  %5.1f times the walk\n", step, time / kb, time / best[kWalk]);
  };
  print("simdjson's walk", best[kWalk]);
  print("fold, tokenise", best[kFold]);
  print("language", best[kLanguage]);
  print("region", best[kRegion]);
  print("topic", best[kTopic]);
  print("region and topic", best[kRegion] + best[kTopic]);
  std::printf("  aim: region and topic at most 9 times the walk, language at most 1000 ns/KB\n");
}

int run(Arguments arguments) {
  if (!std::filesystem::is_directory(arguments.region.corpora)) {
    std::fprintf(stderr, "there are no corpora in %s\n", arguments.region.corpora.c_str());
    return kExitSkipped;
  }
  if (!arguments.salience_rows.empty()) {
    arguments.region.salience_rows = std::fopen(arguments.salience_rows.c_str(), "w");
    if (arguments.region.salience_rows == nullptr)
      throw std::runtime_error("cannot write " + arguments.salience_rows.string());
  }
  const std::filesystem::path data = WIREWATCH_SOURCE_DIR "/common";
  const auto before = std::chrono::steady_clock::now();
  const std::clock_t worked_before = std::clock();
  const Gazetteer& gazetteer = shipped_gazetteer();
  const std::clock_t worked = std::clock() - worked_before;
  const auto load = std::chrono::steady_clock::now() - before;
  const auto topic_model = load_model(arguments.topic_model);
  const auto language_model = load_model(data / "topic/data/language_model.bin");
  for (const auto* model : {&topic_model, &language_model}) {
    if (*model) continue;
    std::fprintf(stderr, "%s\n", model->error().c_str());
    return 1;
  }
  std::printf("gazetteer: %zu places, %zu phrases, loaded in %.1f ms (aim 50), %.1f ms of work\n",
              gazetteer.place_count(), gazetteer.phrase_count(),
              std::chrono::duration<double, std::milli>(load).count(),
              1e3 * static_cast<double>(worked) / CLOCKS_PER_SEC);
  const LanguageIdentifier languages(language_model->model);
  const TopicClassifier topics(&topic_model->model, nullptr, nullptr);
  const auto wanted = [&](std::string_view section) {
    return arguments.only.empty() || arguments.only == section;
  };
  Report report(arguments.region.errors);
  if (wanted("region")) report_regions(arguments, gazetteer, languages, report);
  if (wanted("names")) report_names(arguments, gazetteer, languages, report);
  if (wanted("topics")) report_topics(arguments, topics, report);
  if (wanted("languages")) report_languages(arguments, languages, report);
  if (wanted("labels") && arguments.labels) report_labels(arguments, report);
  if (wanted("speed")) report_speed(arguments, gazetteer, topics, languages);
  return report.is_good(arguments.floors) ? 0 : 1;
}

void add_options(CLI::App& app, Arguments& arguments) {
  RegionMeasureOptions& region = arguments.region;
  app.add_option("corpora", region.corpora, "Folder of labelled texts; not there: status 77")
      ->envname("WIREWATCH_CORPORA")
      ->capture_default_str();
  static const std::map<std::string, Part> kParts = {
      {"train", Part::kTrain}, {"held-out", Part::kHeldOut}, {"all", Part::kAll}};
  app.add_option_function<std::string>(
         "--part", [&region](const std::string& name) { region.part = kParts.at(name); },
         "Of each set; held-out if not given. Rules and weights are tuned on train")
      ->check(CLI::IsMember({"train", "held-out", "all"}));
  app.add_option("--only", arguments.only, "One section of the report")
      ->check(CLI::IsMember({"region", "names", "topics", "languages", "labels", "speed"}));
  app.add_option("--documents", region.documents_max, "So many of each set at most")
      ->check(CLI::Range(std::size_t{1}, region.documents_max));
  app.add_flag("--errors", region.errors, "Each error on a line");
  app.add_flag("--floors", arguments.floors,
               "Fail where a figure is below its floor in floors.tsv, or a set is not there");
  app.add_flag("!--no-labels", arguments.labels, "Leave out labels, which are trained for minutes");
  app.add_option("--train-from", arguments.train_from,
                 "Folder whose sets labels are trained on, when the corpora are only for testing");
  app.add_option("--topic-model", arguments.topic_model, "Instead of the shipped one")
      ->check(CLI::ExistingFile);
  app.add_option("--salience-rows", arguments.salience_rows,
                 "Write there what common/region/tools/train_salience.py reads, and nothing else");
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Prints what is reached on labelled texts; see tests/quality/README.md.",
               "wirewatch_quality");
  add_options(app, arguments);
  try {
    app.parse(argc, argv);
    return run(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
