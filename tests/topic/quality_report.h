// Measures the topic, label and language models on labelled sets. An adapter: it reads files.
//
// The sets are files in the layout of the corpora that MODEL_CARD.md names. Of those that the
// shipped models were trained on, the articles that training left out (one in ten, by id) are
// measured; of others, all.

#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/table_memory.h"
#include "common/text/article_text.h"
#include "common/text/zone_labeler.h"
#include "common/topic/language_identifier.h"
#include "common/topic/tools/corpus_reader.h"
#include "common/topic/topic_classifier.h"
#include "common/topic/topic_model.h"

namespace wirewatch::quality {

// A model with the bytes that it reads.
struct LoadedModel {
  TableMemory bytes;
  TopicModel model;
};
[[nodiscard]] std::expected<LoadedModel, std::string> load_model(const std::filesystem::path& path);
[[nodiscard]] std::expected<LoadedModel, std::string> hold_model(std::string_view bytes);

struct Figures {
  std::size_t documents = 0;
  double first_right = 0;      // Share of articles whose best topic or label is right.
  double first_two_right = 0;  // … one of whose best two is.
  double micro_f1 = 0;
  double macro_f1 = 0;            // Mean over classes that occur.
  double calibration_error = 0;   // Mean distance between confidence and share of right ones.
  double nanoseconds_per_kb = 0;  // Of classify(), on this machine.
  std::map<std::string, std::pair<std::size_t, std::size_t>> by_language;  // Right ones, all.
  struct OfClass {
    std::size_t count = 0;  // Articles that have it.
    double precision = 0;
    double recall = 0;
    std::map<std::string, std::size_t> taken_for;  // Best answers where it was the first gold one.
  };
  std::map<std::string, OfClass> by_class;
  std::vector<std::string> examples;  // Of errors: "gold → answer: headline". At most 20.
};

using topic_tools::Part;

struct SetFile {
  std::filesystem::path path;
  std::string_view label_field = "label";
  std::string_view body_field = "body";
  // For labels of Usenet messages, whose ids end in the number of their arrival: the last tenth of
  // each label is measured instead of a random one, and signatures are left out.
  bool by_arrival = false;
  bool without_titles = false;  // For labels: only the bodies.
};

// Media Topics of level 1 against `medtop`. Only topics that the set's labels stand for are looked
// at: the set says nothing about the others.
[[nodiscard]] std::expected<Figures, std::string> measure_topics(const TopicClassifier& classifier,
                                                                 const SetFile& set, Part part,
                                                                 std::size_t documents_max);

// The same for the topics of level 2 that labels of the file stand for, see labelled_sets.h.
// Articles without any of these count too: nothing is to be given there.
[[nodiscard]] std::expected<Figures, std::string> measure_level_two(
    const TopicClassifier& classifier, const std::filesystem::path& folder, std::string_view file,
    Part part);

// How sure the classifier is of articles that no Media Topic covers: those of one label.
struct UncoveredFigures {
  std::size_t documents = 0;
  double unsure = 0;      // Share without a topic of at least even confidence.
  double confidence = 0;  // Mean of the best topic's; 0 where none is given.
};
[[nodiscard]] std::expected<UncoveredFigures, std::string> measure_uncovered(
    const TopicClassifier& classifier, const SetFile& set, Part part, std::string_view label);

// Labels of the set itself, by a model trained on nine tenths of `test` and measured on the last
// one; or, with `train`, trained on all of that file and measured on all of `test`.
[[nodiscard]] std::expected<Figures, std::string> measure_labels(
    const SetFile& test, const std::optional<std::filesystem::path>& train, unsigned thread_count);

struct LanguageFigures {
  std::size_t documents = 0;
  double right = 0;
  double wrong = 0;                                                        // The rest is unknown.
  std::map<std::string, std::pair<std::size_t, std::size_t>> by_language;  // Right ones, all.
};
struct LanguageSet {
  std::filesystem::path path;
  Part part = Part::kAll;
  std::size_t bytes_min = 0;    // Shorter texts are left out.
  bool headlines_only = false;  // Texts without one are left out.
};
// Codes that mean the same are one language.
[[nodiscard]] std::expected<LanguageFigures, std::string> measure_languages(
    const LanguageIdentifier& languages, const LanguageSet& set);

// The best topic of level 1 of each sample article against its editor's: `file`, `line`, `topic` in
// expected.ndjson. Right ones and all, by file.
[[nodiscard]] std::expected<Figures, std::string> measure_samples(
    const TopicClassifier& classifier, const std::filesystem::path& folder, bool print_errors);

}  // namespace wirewatch::quality
