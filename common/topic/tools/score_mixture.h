// One probability per class from the scores of several models, for classes that exclude each other:
// multinomial logistic regression on the scores of articles that the models were made without
// (stacking, Wolpert 1992; vector scaling, Guo et al. 2017).
//
// Sums of linear models are linear models: the mixture costs nothing where a model is used.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/topic/tools/calibration.h"
#include "common/topic/tools/cross_validation.h"

namespace wirewatch::topic_tools {

// The log odds of a class: slope · Σ share · score + offset, up to what all classes have alike.
struct ScoreMixture {
  std::vector<float> shares;   // Of each model. >= 0.
  std::vector<float> slopes;   // Of each class. > 0.
  std::vector<float> offsets;  // Of each class.

  // Of the scores of one document by each model.
  [[nodiscard]] float log_odds(std::span<const float> scores, std::size_t class_index) const;
  // So that the confidences of a document, divided by their sum, are the probabilities of its
  // classes: the offsets are so low that the sigmoid is the exponential function.
  [[nodiscard]] std::vector<Calibration> calibrations() const;
};

// By the documents of all folds but one; of all with Folds::kNone. All models are of one set and
// its folds; at least one.
[[nodiscard]] ScoreMixture fit_mixture(std::span<const LeftOutScores> models,
                                       std::uint32_t left_out_fold);

// The log odds of each document's classes by a mixture that was fitted without its fold.
[[nodiscard]] LeftOutScores mixed_scores(std::span<const LeftOutScores> models);

}  // namespace wirewatch::topic_tools
