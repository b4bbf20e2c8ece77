// Trains the models of topics, labels and languages. See --help.

#include <algorithm>
#include <cstdio>
#include <exception>
#include <expected>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "common/topic/tools/train_labels.h"
#include "common/topic/tools/train_languages.h"
#include "common/topic/tools/train_media_topics.h"

namespace {

using namespace wirewatch;
using namespace wirewatch::topic_tools;

TrainerOptions topic_options() {
  TrainerOptions options;
  options.kind = TopicModelKind::kTopics;
  options.scheme = "medtop";
  options.row_max = 120'000;
  options.features.token_max = 512;
  options.fold_count = 3;  // There are articles enough.
  options.costs = {1.0};
  options.bayes_priors = {30, 3000};
  options.share_min = 0.01;  // The sets have few disasters, of which news is full.
  return options;
}

TrainerOptions label_options() {
  TrainerOptions options;
  options.kind = TopicModelKind::kLabels;
  options.scheme = "label";
  return options;
}

struct Arguments {
  std::string output;
  MediaTopicTraining topics = {.corpora = {}, .seed_words = {}, .options = topic_options()};
  LabelTraining labels = {.inputs = {}, .fields = {}, .accept = {}, .options = label_options()};
  bool hold_out = false;
  std::string vectors;
  bool no_vectors = false;
  LanguageTraining languages;
};

void add_trainer_options(CLI::App& command, TrainerOptions& options) {
  command.add_option("--threads", options.thread_count)->check(CLI::Range(1, 1024));
  command.add_option("--rows", options.row_max, "Features that the model has at most")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  command.add_option("--tokens", options.features.token_max, "Words of an article that count")
      ->check(CLI::Range(1U, TopicModel::kTokenMax))
      ->capture_default_str();
  command.add_option("--headline", options.headline_count, "How often those of the headline do")
      ->check(CLI::Range(1, 15))
      ->capture_default_str();
  command.add_option("--cost", options.costs, "Of an error, against the length of the weights")
      ->check(CLI::Range(1e-6, 1e6))
      ->expected(1);
  command.add_flag_callback(
      "--no-stems", [&options] { options.features.stems = false; }, "No beginnings of words");
  command.add_flag_callback(
      "--no-pairs", [&options] { options.features.pairs = false; }, "No pairs of words");
}

void add_output(CLI::App& command, Arguments& arguments) {
  command.add_option("--output", arguments.output, "Where the model goes")->required();
}

void add_topics(CLI::App& app, Arguments& arguments) {
  CLI::App& command = *app.add_subcommand("topics", "The model of Media Topics");
  command.add_option("--corpora", arguments.topics.corpora, "The sources that MODEL_CARD.md names")
      ->required()
      ->check(CLI::ExistingDirectory);
  command.add_option("--seeds", arguments.topics.seed_words, "data/seed_words.tsv")
      ->required()
      ->check(CLI::ExistingFile);
  add_trainer_options(command, arguments.topics.options);
  add_output(command, arguments);
}

void add_labels(CLI::App& app, Arguments& arguments) {
  LabelTraining& labels = arguments.labels;
  CLI::App& command = *app.add_subcommand(
      "labels",
      "A newsroom's own labels. Every line of the input is one article:\n"
      "{\"title\": …, \"body\": …, \"label\": \"…\" or [\"…\", …]}\n"
      "With one label for every article the labels exclude each other; [] is an article that none\n"
      "fits. One without the field is left out, as are labels of a single article.");
  command.add_option("--input", labels.inputs, "JSON Lines, plain or packed by gzip; repeatable")
      ->required()
      ->check(CLI::ExistingFile);
  const auto is_text = CLI::Validator(
      [](const std::string& value) { return value.empty() ? "wants a text" : ""; }, "");
  command.add_option("--scheme", labels.options.scheme, "Whose labels they are")
      ->check(is_text)
      ->capture_default_str();
  command.add_option("--label-field", labels.fields.label)->check(is_text)->capture_default_str();
  command.add_option("--body-field", labels.fields.body)->check(is_text)->capture_default_str();
  command.add_flag("--hold-out", arguments.hold_out, "Leave one article in ten for reports");
  CLI::Option& vectors =
      *command
           .add_option("--vectors", arguments.vectors,
                       "Word vectors instead of those that belong to the program. They are used\n"
                       "where most words have one, as English words do")
           ->check(CLI::ExistingFile);
  command.add_flag("--no-vectors", arguments.no_vectors)->excludes(&vectors);
  add_trainer_options(command, labels.options);
  add_output(command, arguments);
}

void add_languages(CLI::App& app, Arguments& arguments) {
  LanguageTraining& languages = arguments.languages;
  CLI::App& command = *app.add_subcommand("languages", "The model that identifies languages");
  const auto add_folder = [&](const std::string& name, std::filesystem::path& folder) {
    command.add_option(name, folder)->required()->check(CLI::ExistingDirectory);
  };
  add_folder("--corpora", languages.corpora);
  add_folder("--declarations", languages.declarations);
  add_folder("--profiles", languages.profiles);
  add_folder("--words", languages.words);
  add_output(command, arguments);
}

void print(const CrossValidation& reached) {
  std::printf(
      "on articles left out in turn (%zu): best label right %.3f, F1 micro %.3f macro %.3f\n",
      reached.documents, reached.first_right, reached.micro_f1, reached.macro_f1);
  for (const CrossValidation::OfClass& entry : reached.classes) {
    std::printf("  %-32s %6zu articles  precision %.3f  recall %.3f\n", entry.id.c_str(),
                entry.count, entry.precision, entry.recall);
  }
}

// Whether the articles were read as they were meant.
void print(const LabelArticles& seen) {
  std::printf(
      "%zu articles with a label%s\n", seen.count,
      seen.exclusive ? " each, which exclude each other" : " or several, or with none that fits");
  if (seen.without_label > 0) std::printf("left out: %zu without a label\n", seen.without_label);
  if (seen.without_body > 0) std::printf("%zu have no body; see --body-field\n", seen.without_body);
  for (const std::string& label : seen.labels_left_out)
    std::printf("too few articles to be learned: \"%s\"\n", label.c_str());
}

void print(const std::vector<TrainedLanguages::Reached>& reached) {
  std::printf("on pieces of texts left out in turn\n");
  TrainedLanguages::Reached all{.language = "all"};
  const auto print_one = [](const TrainedLanguages::Reached& one) {
    const auto pieces = static_cast<double>(std::max<std::size_t>(one.pieces, 1));
    std::printf("  %-4.*s %6zu pieces  right %.3f  wrong %.3f\n",
                static_cast<int>(one.language.size()), one.language.data(), one.pieces,
                static_cast<double>(one.right) / pieces, static_cast<double>(one.wrong) / pieces);
  };
  for (const TrainedLanguages::Reached& one : reached) {
    print_one(one);
    all.pieces += one.pieces;
    all.right += one.right;
    all.wrong += one.wrong;
  }
  print_one(all);
}

std::expected<std::string, std::string> make_topics(const Arguments& arguments) {
  const auto trained = train_media_topics(arguments.topics);
  if (!trained) return std::unexpected(trained.error());
  print(trained->reached);
  return trained->bytes;
}

std::expected<std::string, std::string> make_labels(const Arguments& arguments) {
  std::optional<WordVectors> vectors;
  LabelTraining training = arguments.labels;
  if (!arguments.no_vectors) {
    auto read = arguments.vectors.empty() ? WordVectors::read_beside_program()
                                          : WordVectors::read(arguments.vectors);
    if (!read) return std::unexpected(read.error() + "; see --vectors, --no-vectors");
    vectors = std::move(*read);
    training.options.vectors = &*vectors;
  }
  if (arguments.hold_out) {
    training.accept = [](CorpusDocument& document) { return !is_held_out(document.id); };
  }
  LabelArticles seen;
  const auto trained = train_labels(std::move(training), &seen);
  if (!trained) return std::unexpected(trained.error());
  print(seen);
  print(trained->reached);
  return trained->bytes;
}

std::expected<std::string, std::string> make_languages(const Arguments& arguments) {
  auto trained = train_languages(arguments.languages);
  if (!trained) return std::unexpected(trained.error());
  print(trained->reached);
  return std::move(trained->bytes);
}

// Training takes minutes: whether its end can be kept is asked before. A program that reads the
// model meanwhile has the old one or the new one, where it is a file.
class OutputFile {
 public:
  explicit OutputFile(const std::filesystem::path& path) : path_(path) {
    std::error_code code;
    if (std::filesystem::is_directory(path, code)) return;
    if (std::filesystem::is_symlink(path, code))
      path_ = path.parent_path() / std::filesystem::read_symlink(path, code);
    written_ = path_;
    if (!std::filesystem::exists(path_, code) || std::filesystem::is_regular_file(path_, code))
      written_ += ".part";
    file_.open(written_, std::ios::binary | std::ios::trunc);
  }
  ~OutputFile() {
    std::error_code code;
    if (file_.is_open() && written_ != path_) std::filesystem::remove(written_, code);
  }
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  [[nodiscard]] bool is_open() const { return file_.is_open(); }
  bool keep(std::string_view bytes) {
    file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!file_.flush()) return false;
    std::error_code code;
    if (written_ != path_) std::filesystem::rename(written_, path_, code);
    return !code;
  }

 private:
  std::filesystem::path path_;
  std::filesystem::path written_;
  std::ofstream file_;
};

int run(int argc, char** argv) {
  Arguments arguments;
  CLI::App app(
      "Trains a model of topics, labels or languages, and prints what such models reach on\n"
      "articles that they have not seen.");
  app.require_subcommand(1);
  add_topics(app, arguments);
  add_labels(app, arguments);
  add_languages(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  OutputFile output(arguments.output);
  if (!output.is_open()) {
    std::fprintf(stderr, "cannot write %s\n", arguments.output.c_str());
    return 1;
  }
  const auto bytes = app.got_subcommand("topics")   ? make_topics(arguments)
                     : app.got_subcommand("labels") ? make_labels(arguments)
                                                    : make_languages(arguments);
  if (!bytes) {
    std::fprintf(stderr, "%s\n", bytes.error().c_str());
    return 1;
  }
  if (!output.keep(*bytes)) {
    std::fprintf(stderr, "cannot write %s\n", arguments.output.c_str());
    return 1;
  }
  std::printf("%s: %zu bytes\n", arguments.output.c_str(), bytes->size());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
