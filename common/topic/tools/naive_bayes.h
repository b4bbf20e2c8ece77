// Naive Bayes models. They learn in one pass, and err in other places than support vector machines
// do: mixed with these they help.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/topic/tools/folds.h"
#include "common/topic/tools/vector_space.h"

namespace wirewatch::topic_tools {

// For classes that exclude each other: complement naive Bayes (Rennie et al. 2003), by which a
// feature speaks for a class as far as it is rare in all others. The weights of every class,
// without the documents of `left_out_fold`. `smoothing` is added to every count. What is said for
// all classes alike is not said: the weights of a feature sum to 0.
[[nodiscard]] std::vector<Weights> complement_bayes(const VectorSpace& space, const Folds& folds,
                                                    std::uint32_t left_out_fold, double smoothing);

// For classes that may hold together: of each class the logarithm of how much more frequent a
// feature is in its documents than in those that are known to be outside, counted as if the class
// had the same share of every language. Both frequencies are smoothed by that in all of these
// documents (Dirichlet prior), which counts as much as `priors` features, once for each model.
[[nodiscard]] std::vector<std::vector<Weights>> one_vs_rest_bayes(const VectorSpace& space,
                                                                  const Folds& folds,
                                                                  std::uint32_t left_out_fold,
                                                                  std::span<const double> priors);

}  // namespace wirewatch::topic_tools
