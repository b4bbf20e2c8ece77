// Complement naive Bayes (Rennie et al. 2003): a feature speaks for a class as far as it is rare in
// all others. Learns in one pass, and errs in other places than support vector machines do.

#pragma once

#include <cstdint>
#include <vector>

#include "common/topic/tools/folds.h"
#include "common/topic/tools/vector_space.h"

namespace wirewatch::topic_tools {

// The weights of every class, without the documents of `left_out_fold`. `smoothing` is added to
// every count. What is said for all classes alike is not said: the weights of a feature sum to 0.
[[nodiscard]] std::vector<Weights> complement_bayes(const VectorSpace& space, const Folds& folds,
                                                    std::uint32_t left_out_fold, double smoothing);

}  // namespace wirewatch::topic_tools
