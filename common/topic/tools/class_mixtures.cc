#include "common/topic/tools/class_mixtures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include "common/topic/tools/folds.h"
#include "common/topic/tools/training_set.h"

namespace wirewatch::topic_tools {

namespace {

// Solves `matrix` · x = `right` by Gaussian elimination, in `right`. The matrix is symmetric and
// positive definite, and of a few rows.
void solve(std::vector<std::vector<double>>& matrix, std::vector<double>& right) {
  const std::size_t size = right.size();
  for (std::size_t pivot = 0; pivot < size; ++pivot) {
    for (std::size_t row = pivot + 1; row < size; ++row) {
      const double factor = matrix[row][pivot] / matrix[pivot][pivot];
      for (std::size_t at = pivot; at < size; ++at) matrix[row][at] -= factor * matrix[pivot][at];
      right[row] -= factor * right[pivot];
    }
  }
  for (std::size_t row = size; row-- > 0;) {
    for (std::size_t at = row + 1; at < size; ++at) right[row] -= matrix[row][at] * right[at];
    right[row] /= matrix[row][row];
  }
}

// What each document counts: the more articles a language has, the less each of them, so that one
// language does not decide for all others; on average 1.
std::vector<double> weights_by_language(const TrainingSet& set, const Folds& folds) {
  std::array<double, 256> of_groups{};
  for (std::size_t index = 0; index < set.documents().size(); ++index) {
    if (folds.is_judged(index)) ++of_groups[set.documents()[index].role.group];
  }
  double sum = 0;
  double count = 0;
  std::vector<double> weights(set.documents().size(), 0.0);
  for (std::size_t index = 0; index < weights.size(); ++index) {
    if (!folds.is_judged(index)) continue;
    weights[index] = 1 / std::sqrt(of_groups[set.documents()[index].role.group]);
    sum += weights[index];
    ++count;
  }
  for (double& weight : weights) weight *= count / sum;
  return weights;
}

// Logistic regression of one class on the scores of some models, by Newton's method.
class ClassFit {
 public:
  ClassFit(std::span<const LeftOutScores> models, std::span<const double> scales,
           std::span<const double> weights, std::size_t class_index, std::uint32_t left_out_fold)
      : model_count_(models.size()) {
    const TrainingSet& set = models[0].set();
    const Folds& folds = models[0].folds();
    for (std::size_t index = 0; index < set.documents().size(); ++index) {
      const Mark mark = set.marks(index)[class_index];
      if (mark == Mark::kUnknown || !folds.is_judged(index)) continue;
      if (folds.fold(index) == left_out_fold) continue;
      for (std::size_t model = 0; model < model_count_; ++model) {
        scores_.push_back(scales[model] *
                          static_cast<double>(models[model].of(index)[class_index]));
      }
      rights_.push_back(mark == Mark::kYes);
      weights_.push_back(weights[index]);
    }
  }

  // A model whose share would be below zero is left out, and the others fitted again.
  [[nodiscard]] std::vector<double> shares() const {
    const auto right_count = std::count(rights_.begin(), rights_.end(), true);
    std::vector<double> shares(model_count_, 0.0);
    shares[0] = 1;
    if (right_count < kRightMin) return shares;
    std::vector<std::size_t> used;
    for (std::size_t model = 0; model < model_count_; ++model) used.push_back(model);
    while (!used.empty()) {
      const std::vector<double> fitted = fit(used);
      const auto least = std::min_element(fitted.begin(), fitted.end());
      if (*least >= 0) {
        shares.assign(model_count_, 0.0);
        for (std::size_t at = 0; at < used.size(); ++at) shares[used[at]] = fitted[at];
        break;
      }
      used.erase(used.begin() + (least - fitted.begin()));
    }
    return shares;
  }

 private:
  static constexpr std::ptrdiff_t kRightMin = 5;

  // The share of each used model.
  [[nodiscard]] std::vector<double> fit(std::span<const std::size_t> used) const {
    constexpr int kStepMax = 30;
    constexpr double kSizeMax = 2;  // Newton may leap where the scores separate well.
    constexpr double kSmall = 1e-4;
    std::vector<double> parameters(used.size() + 1, 0.0);  // Shares, and last the offset.
    for (int step = 0; step < kStepMax; ++step) {
      std::vector<double> change = newton_step(used, parameters);
      double size = 0;
      for (const double value : change) size = std::max(size, std::fabs(value));
      const double factor = size > kSizeMax ? kSizeMax / size : 1;
      for (std::size_t at = 0; at < change.size(); ++at) parameters[at] -= factor * change[at];
      if (size < kSmall) break;
    }
    parameters.pop_back();
    return parameters;
  }

  [[nodiscard]] std::vector<double> newton_step(std::span<const std::size_t> used,
                                                const std::vector<double>& parameters) const {
    // In units of documents: a few must not say that one model is all.
    constexpr double kPenalty = 1;
    const std::size_t size = parameters.size();
    std::vector<double> gradient(size, 0.0);
    std::vector<std::vector<double>> curve(size, std::vector<double>(size, 0.0));
    std::vector<double> values(size, 1.0);
    for (std::size_t at = 0; at + 1 < size; ++at) {
      gradient[at] = kPenalty * parameters[at];
      curve[at][at] = kPenalty;
    }
    curve[size - 1][size - 1] = 1e-6;
    for (std::size_t document = 0; document < rights_.size(); ++document) {
      double sum = parameters.back();
      for (std::size_t at = 0; at < used.size(); ++at) {
        values[at] = scores_[document * model_count_ + used[at]];
        sum += parameters[at] * values[at];
      }
      const double p = 1 / (1 + std::exp(-sum));
      const double error = weights_[document] * (p - (rights_[document] ? 1.0 : 0.0));
      const double weight = weights_[document] * p * (1 - p);
      for (std::size_t row = 0; row < size; ++row) {
        gradient[row] += error * values[row];
        for (std::size_t at = 0; at <= row; ++at) {
          curve[row][at] += weight * values[row] * values[at];
        }
      }
    }
    for (std::size_t row = 0; row < size; ++row) {
      for (std::size_t at = row + 1; at < size; ++at) curve[row][at] = curve[at][row];
    }
    solve(curve, gradient);
    return gradient;
  }

  std::size_t model_count_;
  std::vector<double> scores_;  // By document, of each model.
  std::vector<bool> rights_;
  std::vector<double> weights_;
};

// By which each model's scores have a mean square of one, so that one penalty fits all.
std::vector<double> scales_of(std::span<const LeftOutScores> models) {
  std::vector<double> scales;
  for (const LeftOutScores& model : models) {
    double squares = 0;
    double count = 0;
    for (std::size_t index = 0; index < model.set().documents().size(); ++index) {
      if (!model.folds().is_judged(index)) continue;
      for (const float score : model.of(index)) squares += static_cast<double>(score * score);
      count += static_cast<double>(model.set().class_count());
    }
    scales.push_back(squares > 0 ? std::sqrt(count / squares) : 1.0);
  }
  return scales;
}

float mixed(std::span<const LeftOutScores> models, std::size_t document, std::size_t class_index,
            std::span<const float> shares) {
  float sum = 0;
  for (std::size_t model = 0; model < models.size(); ++model) {
    sum += shares[model] * models[model].of(document)[class_index];
  }
  return sum;
}

}  // namespace

ClassShares fit_shares(std::span<const LeftOutScores> models, std::uint32_t left_out_fold) {
  const std::size_t class_count = models[0].set().class_count();
  if (models.size() == 1) return ClassShares(class_count, std::vector<float>{1.0F});
  const std::vector<double> scales = scales_of(models);
  const std::vector<double> weights = weights_by_language(models[0].set(), models[0].folds());
  ClassShares shares(class_count);
  for (std::size_t of_class = 0; of_class < class_count; ++of_class) {
    const std::vector<double> fitted =
        ClassFit(models, scales, weights, of_class, left_out_fold).shares();
    for (std::size_t model = 0; model < models.size(); ++model) {
      shares[of_class].push_back(static_cast<float>(fitted[model] * scales[model]));
    }
  }
  return shares;
}

LeftOutScores mixed_by_class(std::span<const LeftOutScores> models) {
  const Folds& folds = models[0].folds();
  std::vector<ClassShares> of_folds;
  for (std::uint32_t fold = 0; fold < folds.count(); ++fold) {
    of_folds.push_back(fit_shares(models, fold));
  }
  LeftOutScores result(models[0].set(), folds);
  for (std::size_t index = 0; index < result.set().documents().size(); ++index) {
    if (!folds.is_judged(index)) continue;
    for (std::size_t of_class = 0; of_class < result.set().class_count(); ++of_class) {
      result.of(index)[of_class] =
          mixed(models, index, of_class, of_folds[folds.fold(index)][of_class]);
    }
  }
  return result;
}

LeftOutScores mixed_by_class(std::span<const LeftOutScores> models, const ClassShares& shares) {
  LeftOutScores result(models[0].set(), models[0].folds());
  for (std::size_t index = 0; index < result.set().documents().size(); ++index) {
    if (!result.folds().is_judged(index)) continue;
    for (std::size_t of_class = 0; of_class < result.set().class_count(); ++of_class) {
      result.of(index)[of_class] = mixed(models, index, of_class, shares[of_class]);
    }
  }
  return result;
}

}  // namespace wirewatch::topic_tools
