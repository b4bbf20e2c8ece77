#include "common/topic/tools/complement_bayes.h"

#include <cmath>
#include <cstddef>
#include <numeric>

namespace wirewatch::topic_tools {

std::vector<Weights> complement_bayes(const VectorSpace& space, const Folds& folds,
                                      std::uint32_t left_out_fold, double smoothing) {
  const std::size_t size = space.size();
  const std::size_t class_count = space.set().class_count();
  std::vector<std::vector<double>> sums(class_count, std::vector<double>(size, 0));
  std::vector<double> all(size, 0);
  for (std::size_t index = 0; index < space.set().documents().size(); ++index) {
    if (folds.fold(index) == left_out_fold) continue;
    const std::span<const Mark> marks = space.set().marks(index);
    for (const auto& [dense, value] : space.values(index)) {
      all[dense] += static_cast<double>(value);
      for (std::size_t of_class = 0; of_class < class_count; ++of_class) {
        if (marks[of_class] == Mark::kYes) sums[of_class][dense] += static_cast<double>(value);
      }
    }
  }
  const double total = std::accumulate(all.begin(), all.end(), 0.0);
  std::vector<double> mean(size, 0);
  for (std::vector<double>& own : sums) {
    const double others = total - std::accumulate(own.begin(), own.end(), 0.0) +
                          smoothing * static_cast<double>(size);
    for (std::size_t dense = 0; dense < size; ++dense) {
      own[dense] = -std::log((all[dense] - own[dense] + smoothing) / others);
      mean[dense] += own[dense] / static_cast<double>(class_count);
    }
  }
  std::vector<Weights> weights(class_count, Weights(space.weight_count(), 0.0F));
  for (std::size_t of_class = 0; of_class < class_count; ++of_class) {
    for (std::size_t dense = 0; dense < size; ++dense) {
      weights[of_class][dense] = static_cast<float>(sums[of_class][dense] - mean[dense]);
    }
  }
  return weights;
}

}  // namespace wirewatch::topic_tools
