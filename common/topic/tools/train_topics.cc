// Trains the models of topics, labels and languages. Run without arguments for its usage.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/topic/tools/train_labels.h"
#include "common/topic/tools/train_languages.h"
#include "common/topic/tools/train_media_topics.h"

namespace {

using namespace wirewatch;
using namespace wirewatch::topic_tools;

constexpr std::string_view kUsage = R"(usage:
  wirewatch_train_topics topics --corpora DIR --seeds FILE --output FILE
  wirewatch_train_topics labels --input FILE.jsonl[.gz] ... --scheme NAME --output FILE
                                [--label-field NAME] [--body-field NAME] [--hold-out]
                                [--vectors FILE | --no-vectors]
  wirewatch_train_topics languages --corpora DIR --declarations DIR --profiles DIR --words DIR
                                   --output FILE
for all: [--threads N] [--rows N] [--tokens N] [--cost X] [--headline N] [--no-stems] [--no-pairs]

labels: every line of the input is one article: {"title": …, "body": …, "label": "…" or ["…", …]}.
  With one label for every article the labels exclude each other. Prints what models of four
  fifths of the articles reach on the rest.
  Where most words are English, word vectors are used: those that belong to the program, or FILE.
topics, languages: the sources are named in MODEL_CARD.md. Prints what models of two thirds of the
  texts reach on the rest.
)";

struct Arguments {
  std::string command;
  std::map<std::string, std::vector<std::string>> values;

  [[nodiscard]] bool has(const std::string& name) const { return values.contains(name); }
  [[nodiscard]] std::string text(const std::string& name, const std::string& fallback = {}) const {
    const auto found = values.find(name);
    return found == values.end() ? fallback : found->second.back();
  }
};

bool is_flag(std::string_view name) {
  return name == "hold-out" || name == "no-stems" || name == "no-vectors" || name == "no-pairs";
}

std::optional<Arguments> parse(const std::vector<std::string>& words) {
  if (words.empty()) return std::nullopt;
  Arguments arguments{.command = words.front(), .values = {}};
  for (std::size_t at = 1; at < words.size(); ++at) {
    if (!words[at].starts_with("--")) return std::nullopt;
    const std::string name = words[at].substr(2);
    if (is_flag(name)) {
      arguments.values[name];
    } else {
      if (++at == words.size()) return std::nullopt;
      arguments.values[name].push_back(words[at]);
    }
  }
  return arguments;
}

TrainerOptions options_of(const Arguments& arguments) {
  TrainerOptions options;
  options.thread_count =
      static_cast<unsigned>(std::max(1, std::atoi(arguments.text("threads", "1").c_str())));
  if (arguments.has("rows")) {
    options.row_max =
        static_cast<std::size_t>(std::max(1, std::atoi(arguments.text("rows").c_str())));
  }
  if (arguments.has("tokens")) {
    options.features.token_max =
        std::clamp(static_cast<std::uint32_t>(std::atoi(arguments.text("tokens").c_str())), 1U,
                   TopicModel::kTokenMax);
  }
  if (arguments.has("cost")) options.costs = {std::atof(arguments.text("cost").c_str())};
  if (arguments.has("headline")) {
    options.headline_count = static_cast<std::uint32_t>(
        std::clamp(std::atoi(arguments.text("headline").c_str()), 1, 15));
  }
  options.features.stems = !arguments.has("no-stems");
  options.features.pairs = !arguments.has("no-pairs");
  return options;
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

std::expected<std::optional<WordVectors>, std::string> vectors_of(const Arguments& arguments) {
  if (arguments.has("no-vectors") || arguments.command != "labels") return std::nullopt;
  auto vectors = arguments.has("vectors") ? WordVectors::read(arguments.text("vectors"))
                                          : WordVectors::read_beside_program();
  if (!vectors) return std::unexpected(vectors.error() + "; see --vectors, --no-vectors");
  return std::move(*vectors);
}

std::expected<std::string, std::string> train(const Arguments& arguments) {
  TrainerOptions options = options_of(arguments);
  const auto vectors = vectors_of(arguments);
  if (!vectors) return std::unexpected(vectors.error());
  if (vectors->has_value()) options.vectors = &**vectors;
  if (arguments.command == "topics") {
    options.kind = TopicModelKind::kTopics;
    options.scheme = "medtop";
    if (!arguments.has("rows")) options.row_max = 120'000;
    if (!arguments.has("tokens")) options.features.token_max = 512;
    options.fold_count = 3;  // There are articles enough.
    if (!arguments.has("cost")) options.costs = {1.0};
    options.bayes_priors = {30, 3000};
    options.share_min = 0.01;  // The sets have few disasters, of which news is full.
    const auto trained = train_media_topics({.corpora = arguments.text("corpora"),
                                             .seed_words = arguments.text("seeds"),
                                             .options = options});
    if (!trained) return std::unexpected(trained.error());
    print(trained->reached);
    return trained->bytes;
  }
  if (arguments.command == "labels") {
    options.kind = TopicModelKind::kLabels;
    options.scheme = arguments.text("scheme", "label");
    LabelTraining training{.inputs = {},
                           .fields = {.body = arguments.text("body-field", "body"),
                                      .label = arguments.text("label-field", "label")},
                           .accept = {},
                           .options = options};
    if (const auto inputs = arguments.values.find("input"); inputs != arguments.values.end()) {
      training.inputs.assign(inputs->second.begin(), inputs->second.end());
    }
    if (arguments.has("hold-out")) {
      training.accept = [](CorpusDocument& document) { return !is_held_out(document.id); };
    }
    const auto trained = train_labels(std::move(training));
    if (!trained) return std::unexpected(trained.error());
    print(trained->reached);
    return trained->bytes;
  }
  if (arguments.command == "languages") {
    auto trained = train_languages({.corpora = arguments.text("corpora"),
                                    .declarations = arguments.text("declarations"),
                                    .profiles = arguments.text("profiles"),
                                    .words = arguments.text("words")});
    if (!trained) return std::unexpected(trained.error());
    print(trained->reached);
    return std::move(trained->bytes);
  }
  return std::unexpected("unknown command " + arguments.command);
}

int run(const std::vector<std::string>& words) {
  const auto arguments = parse(words);
  if (!arguments || arguments->text("output").empty()) {
    std::fputs(kUsage.data(), stderr);
    return 2;
  }
  const auto bytes = train(*arguments);
  if (!bytes) {
    std::fprintf(stderr, "%s\n", bytes.error().c_str());
    return 1;
  }
  std::ofstream file(arguments->text("output"), std::ios::binary | std::ios::trunc);
  file.write(bytes->data(), static_cast<std::streamsize>(bytes->size()));
  if (!file.flush()) {
    std::fprintf(stderr, "cannot write %s\n", arguments->text("output").c_str());
    return 1;
  }
  std::printf("%s: %zu bytes\n", arguments->text("output").c_str(), bytes->size());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
