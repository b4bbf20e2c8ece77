// From weights of training to the rows of a model file.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/topic/tools/model_writer.h"
#include "common/topic/tools/vector_space.h"

namespace wirewatch::topic_tools {

// The `row_max` features of the space with the most influence on the classes' scores, by number,
// in rising order. Features that the set keeps have the most. A pair is looked up only where both
// words have a row, so it brings them along.
[[nodiscard]] std::vector<std::uint32_t> most_influential(const VectorSpace& space,
                                                          std::span<const Weights> weights,
                                                          std::size_t row_max);

// One row for each feature of the space, the more frequent first, by the weights of each class.
// Where word vectors are used, words that no article has follow, as many as there is room for under
// `row_max`; `stems` says whether their stems count.
[[nodiscard]] std::vector<ModelRow> model_rows(const VectorSpace& space,
                                               std::span<const Weights> weights, bool stems,
                                               std::size_t row_max);

}  // namespace wirewatch::topic_tools
