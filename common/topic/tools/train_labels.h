// The training of a newsroom's own labels: JSON Lines in, one model file out.

#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "common/text/article_text.h"
#include "common/text/zone_labeler.h"
#include "common/topic/tools/corpus_reader.h"
#include "common/topic/tools/linear_trainer.h"

namespace wirewatch::topic_tools {

struct LabelTraining {
  std::vector<std::filesystem::path> inputs;
  CorpusFields fields;
  std::size_t label_documents_min = 2;  // Labels with fewer articles are left out.
  // Whether an article takes part, which it may change before; without it all do. For reports that
  // measure on the others.
  std::function<bool(CorpusDocument&)> accept;
  TrainerOptions options;  // `scheme` names whose labels they are.
};

// What the articles were like, for the newsroom to see whether it is what was meant.
struct LabelArticles {
  std::size_t count = 0;                     // Articles that take part.
  std::size_t without_label = 0;             // They do not take part.
  std::size_t without_body = 0;              // Of those that do; they have no such field.
  bool exclusive = false;                    // Each has one label.
  std::vector<std::string> labels_left_out;  // Of fewer articles than label_documents_min.
};

// Whether labels exclude each other is seen from the articles. What a label means is for its
// newsroom to say, so the model reads the whole text: where a post or a page ends may tell labels
// apart. `seen` is filled as far as the input was read.
[[nodiscard]] std::expected<TrainedModel, std::string> train_labels(LabelTraining training,
                                                                    LabelArticles* seen = nullptr);

// Numbers languages for DocumentRole::group.
class LanguageGroups {
 public:
  [[nodiscard]] std::uint8_t group(const std::string& language);

 private:
  std::vector<std::string> languages_;
};

// What classification would read of an article.
class FeatureReader {
 public:
  // Tokens of the headline count `headline_count` times.
  [[nodiscard]] std::vector<CountedToken> read(const CorpusDocument& document,
                                               const FeatureOptions& options,
                                               std::uint32_t headline_count);

 private:
  TextAnalyzer analyzer_;
  ZoneLabeler labeler_;
  ArticleText text_;
};

}  // namespace wirewatch::topic_tools
