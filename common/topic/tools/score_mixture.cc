#include "common/topic/tools/score_mixture.h"

#include <algorithm>
#include <cmath>

namespace wirewatch::topic_tools {

namespace {

// Minimises the mean log loss and its penalties by gradient descent with steps of a size for each
// parameter (Adam, Kingma & Ba 2015), on all documents at once, so that the result is the same
// every time.
class MixtureFit {
 public:
  MixtureFit(std::span<const LeftOutScores> models, std::uint32_t left_out_fold)
      : models_(models), class_count_(models[0].set().class_count()) {
    const TrainingSet& set = models[0].set();
    const Folds& folds = models[0].folds();
    for (std::size_t index = 0; index < set.documents().size(); ++index) {
      if (!folds.is_judged(index) || folds.fold(index) == left_out_fold) continue;
      if (right_class(index) < class_count_) documents_.push_back(index);
    }
    // Some thousands of documents say enough about a few numbers per class.
    constexpr std::size_t kScoresMax = 2'000'000;
    const std::size_t step = 1 + documents_.size() * class_count_ / kScoresMax;
    for (std::size_t at = 0; at * step < documents_.size(); ++at) {
      documents_[at] = documents_[at * step];
    }
    documents_.resize((documents_.size() + step - 1) / step);
    scale_models();
    parameters_.assign(models.size() + 2 * class_count_, 0.0);
    for (std::size_t model = 0; model < models.size(); ++model) parameters_[model] = 1;
    for (std::size_t of_class = 0; of_class < class_count_; ++of_class) slope(of_class) = 1;
  }

  [[nodiscard]] ScoreMixture run() {
    constexpr int kSteps = 200;
    constexpr double kKeepMean = 0.9;
    constexpr double kKeepSquare = 0.99;
    constexpr double kStepSize = 0.1;
    constexpr double kLeast = 0.05;  // Of a slope: no score speaks against its class.
    std::vector<double> means(parameters_.size(), 0);
    std::vector<double> squares(parameters_.size(), 0);
    std::vector<double> gradient(parameters_.size(), 0);
    for (int step = 1; step <= kSteps && !documents_.empty(); ++step) {
      find_gradient(gradient);
      const double size = step * 3 < kSteps * 2 ? kStepSize : kStepSize / 5;
      for (std::size_t at = 0; at < parameters_.size(); ++at) {
        means[at] = kKeepMean * means[at] + (1 - kKeepMean) * gradient[at];
        squares[at] = kKeepSquare * squares[at] + (1 - kKeepSquare) * gradient[at] * gradient[at];
        const double mean = means[at] / (1 - std::pow(kKeepMean, step));
        const double square = squares[at] / (1 - std::pow(kKeepSquare, step));
        parameters_[at] -= size * mean / (std::sqrt(square) + 1e-9);
      }
      for (std::size_t at = 0; at < models_.size(); ++at) {
        parameters_[at] = std::max(parameters_[at], 0.0);
      }
      for (std::size_t at = 0; at < class_count_; ++at) slope(at) = std::max(slope(at), kLeast);
    }
    return mixture();
  }

 private:
  [[nodiscard]] double& slope(std::size_t of_class) {
    return parameters_[models_.size() + of_class];
  }
  [[nodiscard]] double& offset(std::size_t of_class) {
    return parameters_[models_.size() + class_count_ + of_class];
  }

  [[nodiscard]] std::size_t right_class(std::size_t document) const {
    const std::span<const Mark> marks = models_[0].set().marks(document);
    return static_cast<std::size_t>(std::find(marks.begin(), marks.end(), Mark::kYes) -
                                    marks.begin());
  }

  // Scores of one spread, so that one size of steps fits all.
  void scale_models() {
    for (const LeftOutScores& model : models_) {
      double squares = 0;
      for (const std::size_t document : documents_) {
        for (const float score : model.of(document)) squares += static_cast<double>(score * score);
      }
      const auto count = static_cast<double>(documents_.size() * class_count_);
      scales_.push_back(squares > 0 ? std::sqrt(count / squares) : 1.0);
    }
  }

  void find_gradient(std::vector<double>& gradient) {
    // In units of documents: few must not tell the classes apart by more than the models do.
    constexpr double kOffsetPenalty = 30;
    constexpr double kSlopePenalty = 100;
    std::fill(gradient.begin(), gradient.end(), 0.0);
    std::vector<double> sums(class_count_);
    std::vector<double> errors(class_count_);
    for (const std::size_t document : documents_) {
      find_errors(document, sums, errors);
      for (std::size_t of_class = 0; of_class < class_count_; ++of_class) {
        gradient[models_.size() + of_class] += errors[of_class] * sums[of_class];
        gradient[models_.size() + class_count_ + of_class] += errors[of_class];
      }
      for (std::size_t model = 0; model < models_.size(); ++model) {
        const std::span<const float> scores = models_[model].of(document);
        for (std::size_t of_class = 0; of_class < class_count_; ++of_class) {
          gradient[model] += errors[of_class] * slope(of_class) * scales_[model] *
                             static_cast<double>(scores[of_class]);
        }
      }
    }
    for (std::size_t of_class = 0; of_class < class_count_; ++of_class) {
      gradient[models_.size() + of_class] += kSlopePenalty * (slope(of_class) - 1);
      gradient[models_.size() + class_count_ + of_class] += kOffsetPenalty * offset(of_class);
    }
    for (double& value : gradient) value /= static_cast<double>(documents_.size());
  }

  // The mixed score of each class, and its probability less what is right.
  void find_errors(std::size_t document, std::vector<double>& sums, std::vector<double>& errors) {
    std::fill(sums.begin(), sums.end(), 0.0);
    for (std::size_t model = 0; model < models_.size(); ++model) {
      const std::span<const float> scores = models_[model].of(document);
      const double share = parameters_[model] * scales_[model];
      for (std::size_t of_class = 0; of_class < class_count_; ++of_class) {
        sums[of_class] += share * static_cast<double>(scores[of_class]);
      }
    }
    for (std::size_t of_class = 0; of_class < class_count_; ++of_class) {
      errors[of_class] = slope(of_class) * sums[of_class] + offset(of_class);
    }
    const double most = *std::max_element(errors.begin(), errors.end());
    double total = 0;
    for (double& error : errors) {
      error = std::exp(error - most);
      total += error;
    }
    for (double& error : errors) error /= total;
    errors[right_class(document)] -= 1;
  }

  [[nodiscard]] ScoreMixture mixture() {
    ScoreMixture mixture;
    for (std::size_t model = 0; model < models_.size(); ++model) {
      mixture.shares.push_back(static_cast<float>(parameters_[model] * scales_[model]));
    }
    for (std::size_t of_class = 0; of_class < class_count_; ++of_class) {
      mixture.slopes.push_back(static_cast<float>(slope(of_class)));
      mixture.offsets.push_back(static_cast<float>(offset(of_class)));
    }
    return mixture;
  }

  std::span<const LeftOutScores> models_;
  std::size_t class_count_;
  std::vector<std::size_t> documents_;
  std::vector<double> scales_;      // By model.
  std::vector<double> parameters_;  // The share of each model, slopes, offsets.
};

}  // namespace

float ScoreMixture::log_odds(std::span<const float> scores, std::size_t class_index) const {
  float sum = 0;
  for (std::size_t model = 0; model < shares.size(); ++model) sum += shares[model] * scores[model];
  return slopes[class_index] * sum + offsets[class_index];
}

std::vector<Calibration> ScoreMixture::calibrations() const {
  constexpr float kLow = 30;
  std::vector<Calibration> calibrations;
  for (std::size_t of_class = 0; of_class < slopes.size(); ++of_class) {
    calibrations.push_back(
        {.slope = slopes[of_class], .offset = offsets[of_class] - kLow, .threshold = 0});
  }
  return calibrations;
}

ScoreMixture fit_mixture(std::span<const LeftOutScores> models, std::uint32_t left_out_fold) {
  return MixtureFit(models, left_out_fold).run();
}

LeftOutScores mixed_scores(std::span<const LeftOutScores> models) {
  const TrainingSet& set = models[0].set();
  const Folds& folds = models[0].folds();
  LeftOutScores mixed(set, folds);
  std::vector<ScoreMixture> of_folds;
  for (std::uint32_t fold = 0; fold < folds.count(); ++fold) {
    of_folds.push_back(fit_mixture(models, fold));
  }
  std::vector<float> scores(models.size());
  for (std::size_t index = 0; index < set.documents().size(); ++index) {
    if (!folds.is_judged(index)) continue;
    for (std::size_t of_class = 0; of_class < set.class_count(); ++of_class) {
      for (std::size_t model = 0; model < models.size(); ++model) {
        scores[model] = models[model].of(index)[of_class];
      }
      mixed.of(index)[of_class] = of_folds[folds.fold(index)].log_odds(scores, of_class);
    }
  }
  return mixed;
}

}  // namespace wirewatch::topic_tools
