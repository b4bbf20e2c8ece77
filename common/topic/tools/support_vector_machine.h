// A linear support vector machine with squared hinge loss that tells the documents of one class
// from the others, solved in its dual by coordinate descent (Hsieh et al. 2008).
//
// How freely the weight of a feature may grow follows the log-count ratio of Wang & Manning (2012):
// the further, the more the feature's share differs between the documents of the class and the
// others.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/topic/tools/folds.h"
#include "common/topic/tools/vector_space.h"

namespace wirewatch::topic_tools {

struct SvmOptions {
  double positive_power =
      0.5;  // Positive articles cost (negatives / positives)^this times as much …
  double positive_cost_max = 8;   // … but no more than this.
  double ratio_power = 0.5;       // Of the log-count ratio in a feature's value; 0: not used.
  double ratio_smoothing = 0.05;  // What it adds to every sum.
};

class SupportVectorMachine {
 public:
  // Documents of `left_out_fold` and those whose mark for the class is not known take no part. The
  // space outlives the machine.
  SupportVectorMachine(const VectorSpace& space, const Folds& folds, std::size_t class_index,
                       std::uint32_t left_out_fold, const SvmOptions& options);

  // The weights at this cost of an error against the length of the weights, after at most
  // `epoch_max` rounds. A further call begins where the last one ended: ask in order of rising
  // cost.
  [[nodiscard]] Weights solve(double cost, unsigned epoch_max);

 private:
  // A document in the dual.
  struct Row {
    std::span<const SparseValue> values;
    std::span<const float> sums;
    double weight = 1;  // Of its errors.
    float sign = 1;
    float length = 0;    // Square of the vector's length.
    float diagonal = 0;  // 1 / (2 · cost)
    double alpha = 0;
  };
  // What a round has seen of the projected gradients.
  struct Gap {
    double greatest;
    double least;
  };

  [[nodiscard]] std::vector<float> freedoms(const Folds& folds, std::size_t class_index,
                                            std::uint32_t left_out_fold,
                                            const SvmOptions& options) const;
  void descend(unsigned epoch_max);
  [[nodiscard]] Gap descend_once(std::vector<std::uint32_t>& active, double shrink_above);
  void move(Row& row, double gradient);

  const VectorSpace& space_;
  std::vector<float> freedom_;  // Of each feature's weight.
  std::vector<Row> rows_;
  Weights weights_;  // Without what vectors say of words.
  std::uint64_t seed_;
  bool is_decided_ = false;  // All documents are on one side: there is nothing to learn.
};

}  // namespace wirewatch::topic_tools
