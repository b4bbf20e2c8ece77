#include "tests/topic/quality_report.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include <simdjson.h>

#include "common/article/article_parser.h"
#include "common/base/language_codes.h"
#include "common/topic/tools/labelled_sets.h"
#include "common/topic/tools/train_labels.h"
#include "common/topic/tools/word_vectors.h"

namespace wirewatch::quality {

using topic_tools::CorpusDocument;
using topic_tools::CorpusFields;

namespace {

struct Prediction {
  std::string id;
  double confidence = 0;
};

// The first bytes of a text, up to a whole character, on one line.
std::string first_bytes(const std::string& text, std::size_t size) {
  size = std::min(size, text.size());
  while (size < text.size() && size > 0 &&
         (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
    --size;
  std::string line = text.substr(0, size);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

bool is_wanted(const CorpusDocument& document, Part part) {
  return part == Part::kAll || topic_tools::is_held_out(document.id) == (part == Part::kHeldOut);
}

// Counts right and wrong answers.
class Tally {
 public:
  void add(const std::set<std::string>& gold, const std::vector<Prediction>& given,
           const std::vector<Prediction>& ranked, const CorpusDocument& document) {
    ++documents_;
    const std::string& language = document.language;
    const std::string best = ranked.empty() ? "none" : ranked[0].id;
    const bool first = !ranked.empty() && gold.contains(ranked[0].id);
    const bool second = ranked.size() > 1 && gold.contains(ranked[1].id);
    first_ += first ? 1 : 0;
    first_two_ += first || second ? 1 : 0;
    auto& of_language = by_language_[language];
    of_language.first += first ? 1 : 0;
    ++of_language.second;
    for (const Prediction& prediction : given) {
      const bool right = gold.contains(prediction.id);
      ++(right ? classes_[prediction.id].hits : classes_[prediction.id].wrong);
    }
    for (const std::string& id : gold) {
      const bool found = std::any_of(given.begin(), given.end(),
                                     [&](const Prediction& entry) { return entry.id == id; });
      if (!found) ++classes_[id].missed;
    }
    if (!gold.empty()) ++taken_for_[*gold.begin()][first ? *gold.begin() : best];
    constexpr std::size_t kExamplesMax = 20;
    if (!first && !gold.empty() && examples_.size() < kExamplesMax) {
      constexpr std::size_t kHeadlineMax = 80;
      const std::string& shown = document.title.empty() ? document.body : document.title;
      examples_.push_back(*gold.begin() + " → " + best + ": " + first_bytes(shown, kHeadlineMax));
    }
    for (const Prediction& prediction : given) {
      const auto bin = static_cast<std::size_t>(
          std::clamp(prediction.confidence * kBins, 0.0, static_cast<double>(kBins - 1)));
      bins_[bin].confidence += prediction.confidence;
      bins_[bin].right += gold.contains(prediction.id) ? 1 : 0;
      ++bins_[bin].count;
    }
  }

  void add_time(double nanoseconds, std::size_t bytes) {
    nanoseconds_ += nanoseconds;
    bytes_ += bytes;
  }

  [[nodiscard]] Figures figures() const {
    Figures figures;
    figures.documents = documents_;
    if (documents_ == 0) return figures;
    const auto documents = static_cast<double>(documents_);
    figures.first_right = static_cast<double>(first_) / documents;
    figures.first_two_right = static_cast<double>(first_two_) / documents;
    double hits = 0;
    double both = 0;
    double macro = 0;
    double occurring = 0;
    for (const auto& [id, count] : classes_) {
      const double of_class = 2 * count.hits + count.wrong + count.missed;
      hits += 2 * count.hits;
      both += of_class;
      if (count.hits + count.missed == 0) continue;
      const double answers = count.hits + count.wrong;
      figures.by_class[id] = {.count = static_cast<std::size_t>(count.hits + count.missed),
                              .precision = answers > 0 ? count.hits / answers : 0,
                              .recall = count.hits / (count.hits + count.missed),
                              .taken_for = taken_for_.contains(id)
                                               ? taken_for_.at(id)
                                               : std::map<std::string, std::size_t>()};
      macro += 2 * count.hits / of_class;
      ++occurring;
    }
    figures.micro_f1 = both > 0 ? hits / both : 0;
    figures.macro_f1 = occurring > 0 ? macro / occurring : 0;
    double count = 0;
    for (const Bin& bin : bins_) {
      figures.calibration_error += std::fabs(bin.confidence - bin.right);
      count += bin.count;
    }
    figures.calibration_error = count > 0 ? figures.calibration_error / count : 0;
    figures.nanoseconds_per_kb = bytes_ > 0 ? nanoseconds_ / static_cast<double>(bytes_) * 1024 : 0;
    figures.by_language = by_language_;
    figures.examples = examples_;
    return figures;
  }

 private:
  static constexpr std::size_t kBins = 10;
  struct Count {
    double hits = 0;
    double wrong = 0;
    double missed = 0;
  };
  struct Bin {
    double confidence = 0;
    double right = 0;
    double count = 0;
  };

  std::size_t documents_ = 0;
  std::size_t first_ = 0;
  std::size_t first_two_ = 0;
  std::map<std::string, Count> classes_;
  std::map<std::string, std::map<std::string, std::size_t>> taken_for_;
  std::vector<std::string> examples_;
  std::array<Bin, kBins> bins_{};
  std::map<std::string, std::pair<std::size_t, std::size_t>> by_language_;
  double nanoseconds_ = 0;
  std::size_t bytes_ = 0;
};

std::string medtop(TopicId id) {
  std::string digits = std::to_string(id.value());
  return "medtop:" + std::string(8 - digits.size(), '0') + digits;
}

// Which articles of a set its labels are trained on and which they are measured on.
class LabelSplit {
 public:
  [[nodiscard]] static std::expected<LabelSplit, std::string> of(const SetFile& set) {
    LabelSplit split(set);
    if (!set.by_arrival) return split;
    std::map<std::string, std::vector<std::uint64_t>> numbers;
    const auto read = topic_tools::read_corpus(set.path, {}, [&](CorpusDocument&& document) {
      if (!document.labels.empty()) numbers[document.labels[0]].push_back(number(document.id));
    });
    if (!read) return std::unexpected(read.error());
    for (auto& [label, all] : numbers) {
      const auto last_tenth = all.end() - static_cast<std::ptrdiff_t>(all.size() / 10) - 1;
      std::nth_element(all.begin(), last_tenth, all.end());
      split.last_trained_[label] = *last_tenth;
    }
    return split;
  }

  [[nodiscard]] bool is_measured(const CorpusDocument& document) const {
    if (!set_.by_arrival) return topic_tools::is_held_out(document.id);
    const auto last = last_trained_.find(document.labels.empty() ? "" : document.labels[0]);
    return last != last_trained_.end() && number(document.id) > last->second;
  }

  // Leaves out what the set is not to be measured with.
  void prepare(CorpusDocument& document) const {
    if (set_.without_titles) document.title.clear();
    if (set_.by_arrival) strip_signature(document.body);
  }

 private:
  explicit LabelSplit(const SetFile& set) : set_(set) {}

  // "…/sci.med/58821"
  static std::uint64_t number(const std::string& id) {
    std::uint64_t value = 0;
    const std::size_t at = id.rfind('/') + 1;
    std::from_chars(id.data() + at, id.data() + id.size(), value);
    return value;
  }

  // What stands behind the last line that is empty or of hyphens alone, as scikit-learn's
  // fetch_20newsgroups(remove='footers') has it.
  static void strip_signature(std::string& body) {
    while (!body.empty() && std::isspace(static_cast<unsigned char>(body.back())) != 0) {
      body.pop_back();
    }
    std::size_t line_end = body.size();
    while (line_end > 0) {
      const std::size_t before = body.rfind('\n', line_end - 1);
      const std::size_t begin = before == std::string::npos ? 0 : before + 1;
      const std::string_view line = std::string_view(body).substr(begin, line_end - begin);
      if (line.find_first_not_of(" \t\r-") == std::string_view::npos) {
        if (begin > 0) body.resize(begin - 1);
        return;
      }
      line_end = begin > 0 ? begin - 1 : 0;
    }
  }

  SetFile set_;
  std::map<std::string, std::uint64_t> last_trained_;
};

class Reader {
 public:
  const ArticleText& read(std::string_view title, std::string_view body) {
    analyzer_.analyze(title, body, text_);
    labeler_.label(text_);
    return text_;
  }

 private:
  TextAnalyzer analyzer_;
  ZoneLabeler labeler_;
  ArticleText text_;
};

double elapsed_ns(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - since).count();
}

std::vector<Prediction> given_topics(const TopicResult& result, unsigned level,
                                     const std::set<std::string>& among) {
  std::vector<Prediction> topics;
  for (const TopicScore& topic : result.topics) {
    const std::string id = medtop(topic.id);
    if (topic.level == level && (among.empty() || among.contains(id))) {
      topics.push_back({id, static_cast<double>(topic.confidence)});
    }
  }
  return topics;
}

}  // namespace

std::expected<LoadedModel, std::string> hold_model(std::string_view bytes) {
  TableMemory held(std::as_bytes(std::span(bytes)));
  auto model = TopicModel::from_bytes(held.bytes());
  if (!model) return std::unexpected(model.error());
  return LoadedModel{.bytes = std::move(held), .model = std::move(*model)};
}

std::expected<LoadedModel, std::string> load_model(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected("cannot open " + path.string());
  return hold_model(std::string((std::istreambuf_iterator<char>(file)), {}));
}

std::expected<Figures, std::string> measure_topics(const TopicClassifier& classifier,
                                                   const SetFile& set, Part part,
                                                   std::size_t documents_max) {
  std::vector<CorpusDocument> documents;
  std::set<std::string> among;
  const CorpusFields fields{.body = std::string(set.body_field),
                            .label = std::string(set.label_field)};
  const auto read = topic_tools::read_corpus(set.path, fields, [&](CorpusDocument&& document) {
    for (const std::string& id : document.media_topics) among.insert(id);
    if (document.media_topics.empty() || !is_wanted(document, part)) return;
    if (documents.size() < documents_max) documents.push_back(std::move(document));
  });
  if (!read) return std::unexpected(read.error());
  Tally tally;
  Reader reader;
  TopicScratch scratch;
  TopicResult result;
  for (const CorpusDocument& document : documents) {
    const ArticleText& text = reader.read(document.title, document.body);
    const auto since = std::chrono::steady_clock::now();
    classifier.classify(text, document.language, scratch, result);
    tally.add_time(elapsed_ns(since), document.title.size() + document.body.size());
    const std::vector<Prediction> given = given_topics(result, 1, among);
    tally.add({document.media_topics.begin(), document.media_topics.end()}, given, given, document);
  }
  return tally.figures();
}

std::expected<Figures, std::string> measure_level_two(const TopicClassifier& classifier,
                                                      const std::filesystem::path& folder,
                                                      std::string_view file, Part part) {
  using topic_tools::LabelledSet;
  const std::span<const LabelledSet> sets = topic_tools::labelled_sets();
  const auto set = std::find_if(sets.begin(), sets.end(),
                                [&](const LabelledSet& entry) { return entry.file == file; });
  const bool is_reuters = file == topic_tools::kReutersFile;
  if (set == sets.end() && !is_reuters) return std::unexpected("no topics of level 2");
  const CorpusFields fields =
      is_reuters ? CorpusFields{.body = "body", .label = std::string(topic_tools::kReutersLabel)}
                 : CorpusFields{.body = std::string(set->body), .label = std::string(set->label)};
  struct Labelled {
    CorpusDocument document;
    std::set<std::string> topics;
  };
  std::vector<Labelled> documents;
  std::set<std::string> among;
  const auto read = topic_tools::read_corpus(folder / file, fields, [&](CorpusDocument&& document) {
    std::set<std::string> topics;
    for (const std::uint32_t topic : is_reuters ? topic_tools::reuters_topics(document)
                                                : topic_tools::topics_of(*set, document)) {
      if (topic_parent(TopicId{topic}) != TopicId{}) topics.insert(medtop(TopicId{topic}));
    }
    among.insert(topics.begin(), topics.end());
    if (!document.labelled || !is_wanted(document, part)) return;
    documents.push_back({std::move(document), std::move(topics)});
  });
  if (!read) return std::unexpected(read.error());
  Tally tally;
  Reader reader;
  TopicScratch scratch;
  TopicResult result;
  for (const Labelled& entry : documents) {
    classifier.classify(reader.read(entry.document.title, entry.document.body),
                        entry.document.language, scratch, result);
    const std::vector<Prediction> given = given_topics(result, 2, among);
    tally.add(entry.topics, given, given, entry.document);
  }
  return tally.figures();
}

std::expected<UncoveredFigures, std::string> measure_uncovered(const TopicClassifier& classifier,
                                                               const SetFile& set, Part part,
                                                               std::string_view label) {
  constexpr double kEven = 0.5;
  UncoveredFigures figures;
  Reader reader;
  TopicScratch scratch;
  TopicResult result;
  const CorpusFields fields{.body = std::string(set.body_field),
                            .label = std::string(set.label_field)};
  const auto read = topic_tools::read_corpus(set.path, fields, [&](CorpusDocument&& document) {
    if (document.labels != std::vector<std::string>{std::string(label)}) return;
    if (!is_wanted(document, part)) return;
    classifier.classify(reader.read(document.title, document.body), document.language, scratch,
                        result);
    ++figures.documents;
    const std::vector<Prediction> given = given_topics(result, 1, {});
    const double best = given.empty() ? 0 : given[0].confidence;
    figures.unsure += best < kEven ? 1 : 0;
    figures.confidence += best;
  });
  if (!read) return std::unexpected(read.error());
  const auto documents = static_cast<double>(std::max<std::size_t>(figures.documents, 1));
  figures.unsure /= documents;
  figures.confidence /= documents;
  return figures;
}

std::expected<Figures, std::string> measure_labels(
    const SetFile& test, const std::optional<std::filesystem::path>& train, unsigned thread_count) {
  const auto split = LabelSplit::of(test);
  if (!split) return std::unexpected(split.error());
  topic_tools::LabelTraining training;
  training.inputs = {train.value_or(test.path)};
  training.fields = {.body = std::string(test.body_field), .label = std::string(test.label_field)};
  training.accept = [&](CorpusDocument& document) {
    if (!train && split->is_measured(document)) return false;
    split->prepare(document);
    return true;
  };
  training.options.scheme = "label";
  const auto vectors = topic_tools::WordVectors::read_beside_program();
  if (!vectors) return std::unexpected(vectors.error());
  training.options.vectors = &*vectors;
  training.options.thread_count = thread_count;
  const CorpusFields fields = training.fields;
  const auto trained = topic_tools::train_labels(std::move(training));
  if (!trained) return std::unexpected(trained.error());
  const auto loaded = hold_model(trained->bytes);
  if (!loaded) return std::unexpected(loaded.error());
  const TopicClassifier classifier(nullptr, &loaded->model, nullptr);
  Tally tally;
  Reader reader;
  TopicScratch scratch;
  TopicResult result;
  const auto read = topic_tools::read_corpus(test.path, fields, [&](CorpusDocument&& document) {
    if (!document.labelled || (!train && !split->is_measured(document))) return;
    split->prepare(document);
    const ArticleText& text = reader.read(document.title, document.body);
    const auto since = std::chrono::steady_clock::now();
    classifier.classify(text, document.language, scratch, result);
    tally.add_time(elapsed_ns(since), document.title.size() + document.body.size());
    std::vector<Prediction> given;
    for (const LabelScore& label : result.labels) {
      given.push_back({std::string(label.id), static_cast<double>(label.confidence)});
    }
    tally.add({document.labels.begin(), document.labels.end()}, given, given, document);
  });
  if (!read) return std::unexpected(read.error());
  return tally.figures();
}

std::expected<LanguageFigures, std::string> measure_languages(const LanguageIdentifier& languages,
                                                              const LanguageSet& set) {
  LanguageFigures figures;
  Reader reader;
  TopicScratch scratch;
  const auto read = topic_tools::read_corpus(set.path, {}, [&](CorpusDocument&& document) {
    if (!is_wanted(document, set.part)) return;
    if (set.headlines_only) document.body.clear();
    const std::size_t bytes = document.title.size() + document.body.size();
    if (bytes == 0 || bytes < set.bytes_min) return;
    const std::string gold(
        same_language(std::string_view(document.language).substr(0, document.language.find('-'))));
    const LanguageGuess guess =
        languages.identify(reader.read(document.title, document.body), scratch);
    ++figures.documents;
    auto& of_language = figures.by_language[gold];
    ++of_language.second;
    if (same_language(guess.language) == gold) {
      ++figures.right;
      ++of_language.first;
    } else if (!guess.language.empty()) {
      ++figures.wrong;
    }
  });
  if (!read) return std::unexpected(read.error());
  if (figures.documents > 0) {
    figures.right /= static_cast<double>(figures.documents);
    figures.wrong /= static_cast<double>(figures.documents);
  }
  return figures;
}

std::expected<Figures, std::string> measure_samples(const TopicClassifier& classifier,
                                                    const std::filesystem::path& folder,
                                                    bool print_errors) {
  std::map<std::string, std::map<std::uint64_t, std::string>> expected;
  std::ifstream expectations(folder / "expected.ndjson");
  simdjson::dom::parser json;
  for (std::string line; std::getline(expectations, line);) {
    simdjson::dom::element entry;
    std::string_view file;
    std::string_view topic;
    std::uint64_t number = 0;
    if (json.parse(line).get(entry) != simdjson::SUCCESS) continue;
    if (entry["file"].get(file) != simdjson::SUCCESS ||
        entry["line"].get(number) != simdjson::SUCCESS ||
        entry["topic"].get(topic) != simdjson::SUCCESS) {
      continue;
    }
    expected[std::string(file)][number] = topic;
  }
  if (expected.empty()) return std::unexpected("no expected topics in " + folder.string());
  Tally tally;
  Reader reader;
  ArticleParser parser;
  Article article;
  TopicScratch scratch;
  TopicResult result;
  for (const auto& [file, topics] : expected) {
    std::ifstream articles(folder / file);
    std::uint64_t number = 0;
    for (std::string line; std::getline(articles, line);) {
      const auto topic = topics.find(++number);
      if (topic == topics.end() || !parser.parse(line, article)) continue;
      classifier.classify(reader.read(article.headline, article.body), article.language, scratch,
                          result);
      const std::vector<Prediction> given = given_topics(result, 1, {});
      CorpusDocument document;
      document.title = article.headline;
      document.language = file;
      tally.add({topic->second}, given, given, document);
      if (print_errors && (given.empty() || given[0].id != topic->second)) {
        std::printf("  %s:%llu %.*s | expected %s, got", file.c_str(),
                    static_cast<unsigned long long>(number),
                    static_cast<int>(article.headline.size()), article.headline.data(),
                    topic->second.c_str());
        for (const Prediction& entry : given) {
          std::printf(" %s %.2f", entry.id.c_str(), entry.confidence);
        }
        std::printf("\n");
      }
    }
  }
  return tally.figures();
}

}  // namespace wirewatch::quality
