// How sure a model may be of texts shorter than the articles of which its confidences speak: fitted
// on beginnings of articles that it was made without.
//
// A headline's score is as great as an article's, for features are scaled to one length; but a few
// words may all be strays. Sets of labelled news hold a few topics in equal parts, of which a short
// text is easily one; a wire's flash may be about anything, as news of no chosen topics is. Both
// count alike, whatever their numbers, and one rule holds for all classes: labelled news tells of
// few of them.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/topic/tools/calibration.h"
#include "common/topic/tools/class_mixtures.h"
#include "common/topic/tools/folds.h"
#include "common/topic/tools/training_set.h"
#include "common/topic/tools/vector_space.h"

namespace wirewatch::topic_tools {

// The log odds of a text of shortness s, see TopicModel::shortness():
// (1 + factor · s) · log odds of an article with this score + shift · s.
struct Shortening {
  float factor = 0;  // In [-1, 0]: a short text is no surer.
  float shift = 0;

  [[nodiscard]] Calibration applied_to(const Calibration& calibration) const;
};

// What a model says of one class of a text.
struct ShortText {
  float log_odds = 0;  // As if it were an article.
  float shortness = 0;
  bool right = false;
  bool is_mixed_news = false;  // Of a set that was chosen for no topic.
};

// Logistic regression on the texts of which the class is not unlikely: the many that nobody would
// take for it say nothing of how sure the others are. None where there are too few.
[[nodiscard]] Shortening fit_shortening(std::span<const ShortText> texts);

// A beginning of a document of the training set.
struct Beginning {
  std::uint32_t document = 0;
  std::vector<TrainingSet::Entry> entries;
  bool is_mixed_news = false;
};

// The scores of beginnings by models that were made without the folds of their documents.
class BeginningScores {
 public:
  // `beginnings` outlive this.
  BeginningScores(std::span<const Beginning> beginnings, std::size_t class_count);

  // Of the documents of a fold: call once for each model, in the same order for each fold.
  void add(const VectorSpace& space, std::span<const Weights> weights, const Folds& folds,
           std::uint32_t fold);

  // What the mixed models say of a class, where it is known whether the document has it.
  void add_texts(const TrainingSet& set, const ClassShares& shares, std::size_t class_index,
                 const Calibration& calibration, std::vector<ShortText>& texts) const;

 private:
  struct Scored {
    std::uint32_t row_count = 0;
    std::vector<float> scores;  // Of each class by the first model, then by the next.
  };
  std::span<const Beginning> beginnings_;
  std::size_t class_count_;
  std::vector<Scored> scored_;  // By beginning.
};

}  // namespace wirewatch::topic_tools
