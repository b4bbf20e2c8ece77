// Trains the models of topics, labels and languages. Run without arguments for its usage.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <expected>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
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
for all: [--threads N]; topics and labels: [--rows N] [--tokens N] [--cost X] [--headline N]
                                           [--no-stems] [--no-pairs]

labels: every line of the input is one article: {"title": …, "body": …, "label": "…" or ["…", …]}.
  With one label for every article the labels exclude each other; [] is an article that none fits,
  and one without the field is left out, as are labels of a single article. Prints what models of four
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
  // Of an option that parse() has found to be a number.
  [[nodiscard]] double number(const std::string& name) const {
    return std::strtod(text(name).c_str(), nullptr);
  }
};

std::string shortest(double number) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.10g", number);
  return text;
}

// What may follow an option's name, and which commands take it, by their first letters.
enum class Value : std::uint8_t { kNone, kText, kNumber };
struct Option {
  std::string_view name;
  Value value = Value::kText;
  std::string_view commands = "tl";
  double min = 0;  // Of numbers.
  double max = 0;
};
constexpr Option kOptions[] = {
    {.name = "output", .commands = "tlL"},
    {.name = "corpora", .commands = "tL"},
    {.name = "seeds", .commands = "t"},
    {.name = "input", .commands = "l"},
    {.name = "scheme", .commands = "l"},
    {.name = "label-field", .commands = "l"},
    {.name = "body-field", .commands = "l"},
    {.name = "hold-out", .value = Value::kNone, .commands = "l"},
    {.name = "vectors", .commands = "l"},
    {.name = "no-vectors", .value = Value::kNone, .commands = "l"},
    {.name = "declarations", .commands = "L"},
    {.name = "profiles", .commands = "L"},
    {.name = "words", .commands = "L"},
    {.name = "threads", .value = Value::kNumber, .commands = "tlL", .min = 1, .max = 1024},
    {.name = "rows", .value = Value::kNumber, .min = 1, .max = 10'000'000},
    {.name = "tokens", .value = Value::kNumber, .min = 1, .max = TopicModel::kTokenMax},
    {.name = "cost", .value = Value::kNumber, .min = 1e-6, .max = 1e6},
    {.name = "headline", .value = Value::kNumber, .min = 1, .max = 15},
    {.name = "no-stems", .value = Value::kNone},
    {.name = "no-pairs", .value = Value::kNone},
};

// The letter of kOptions; none for what is no command.
std::string_view letter_of(std::string_view command) {
  if (command == "topics") return "t";
  if (command == "labels") return "l";
  return command == "languages" ? "L" : "";
}

// The reason in words where an option does not suit.
std::expected<Arguments, std::string> parse(const std::vector<std::string>& words) {
  if (words.empty()) return std::unexpected("no command; use topics, labels or languages");
  Arguments arguments{.command = words.front(), .values = {}};
  const std::string_view letter = letter_of(arguments.command);
  if (letter.empty()) {
    return std::unexpected("unknown command " + arguments.command +
                           "; use topics, labels or languages");
  }
  for (std::size_t at = 1; at < words.size(); ++at) {
    const auto* option =
        std::find_if(std::begin(kOptions), std::end(kOptions), [&](const Option& known) {
          return words[at] == "--" + std::string(known.name) && known.commands.contains(letter);
        });
    if (option == std::end(kOptions)) {
      return std::unexpected(arguments.command + " takes no " + words[at]);
    }
    const std::string name(option->name);
    if (option->value == Value::kNone) {
      arguments.values[name];
      continue;
    }
    if (++at == words.size() || words[at].empty())
      return std::unexpected("--" + name + " wants a value");
    if (option->value == Value::kNumber) {
      char* end = nullptr;
      const double number = std::strtod(words[at].c_str(), &end);
      if (*end != '\0' || !(number >= option->min && number <= option->max)) {
        return std::unexpected("--" + name + " wants a number from " + shortest(option->min) +
                               " to " + shortest(option->max) + ", not " + words[at]);
      }
    }
    arguments.values[name].push_back(words[at]);
  }
  if (!arguments.has("output"))
    return std::unexpected("where the model goes is not said; see --output");
  return arguments;
}

TrainerOptions options_of(const Arguments& arguments) {
  TrainerOptions options;
  if (arguments.has("threads"))
    options.thread_count = static_cast<unsigned>(arguments.number("threads"));
  if (arguments.has("rows")) options.row_max = static_cast<std::size_t>(arguments.number("rows"));
  if (arguments.has("tokens"))
    options.features.token_max = static_cast<std::uint32_t>(arguments.number("tokens"));
  if (arguments.has("cost")) options.costs = {arguments.number("cost")};
  if (arguments.has("headline"))
    options.headline_count = static_cast<std::uint32_t>(arguments.number("headline"));
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
    LabelArticles seen;
    const auto trained = train_labels(std::move(training), &seen);
    if (!trained) return std::unexpected(trained.error());
    print(seen);
    print(trained->reached);
    return trained->bytes;
  }
  auto trained = train_languages({.corpora = arguments.text("corpora"),
                                  .declarations = arguments.text("declarations"),
                                  .profiles = arguments.text("profiles"),
                                  .words = arguments.text("words")});
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

int run(const std::vector<std::string>& words) {
  if (!words.empty() && (words[0] == "--help" || words[0] == "help")) {
    std::fputs(kUsage.data(), stdout);
    return 0;
  }
  const auto arguments = parse(words);
  if (!arguments) {
    std::fprintf(stderr, "%s%s\n", kUsage.data(), arguments.error().c_str());
    return 2;
  }
  const std::string path = arguments->text("output");
  OutputFile output(path);
  if (!output.is_open()) {
    std::fprintf(stderr, "cannot write %s\n", path.c_str());
    return 1;
  }
  const auto bytes = train(*arguments);
  if (!bytes) {
    std::fprintf(stderr, "%s\n", bytes.error().c_str());
    return 1;
  }
  if (!output.keep(*bytes)) {
    std::fprintf(stderr, "cannot write %s\n", path.c_str());
    return 1;
  }
  std::printf("%s: %zu bytes\n", path.c_str(), bytes->size());
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
