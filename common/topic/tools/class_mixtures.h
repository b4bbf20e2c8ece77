// One score per class from the scores of several models, for classes that may hold together: for
// each class logistic regression on the scores of articles that the models were made without
// (stacking, Wolpert 1992). For classes that exclude each other see score_mixture.h.
//
// Sums of linear models are linear models: the mixture costs nothing where a model is used.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/topic/tools/cross_validation.h"

namespace wirewatch::topic_tools {

// By class, what each model's score counts. >= 0.
using ClassShares = std::vector<std::vector<float>>;

// By the documents of all folds but one; of all with Folds::kNone. All models are of one set and
// its folds; at least one. A class without enough documents has the first model alone.
[[nodiscard]] ClassShares fit_shares(std::span<const LeftOutScores> models,
                                     std::uint32_t left_out_fold);

// The mixed score of each document's classes, by shares that were fitted without its fold.
[[nodiscard]] LeftOutScores mixed_by_class(std::span<const LeftOutScores> models);

// The same by given shares.
[[nodiscard]] LeftOutScores mixed_by_class(std::span<const LeftOutScores> models,
                                           const ClassShares& shares);

}  // namespace wirewatch::topic_tools
