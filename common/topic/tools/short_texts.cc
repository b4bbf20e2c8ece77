#include "common/topic/tools/short_texts.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "common/topic/topic_model.h"

namespace wirewatch::topic_tools {

namespace {

constexpr float kLogOddsMin = -1.386F;  // A confidence of .2.
constexpr std::ptrdiff_t kTextsMin = 100;

struct Step {
  double factor = 0;
  double shift = 0;
};

// Of Newton's method on the log loss. `weights`: of a text, and of one of mixed news.
Step newton_step(std::span<const ShortText> texts, const std::array<double, 2>& weights,
                 const Step& at) {
  constexpr double kRidge = 1;  // In texts.
  Step gradient{.factor = kRidge * at.factor, .shift = kRidge * at.shift};
  double curve_factor = kRidge;
  double curve_shift = kRidge;
  double curve_both = 0;
  for (const ShortText& text : texts) {
    if (text.log_odds < kLogOddsMin) continue;
    const auto odds = static_cast<double>(text.log_odds);
    const auto shortness = static_cast<double>(text.shortness);
    const double by_factor = odds * shortness;
    const double p = sigmoid(odds + at.factor * by_factor + at.shift * shortness);
    const double weight = weights[text.is_mixed_news ? 1 : 0];
    const double error = weight * (p - (text.right ? 1 : 0));
    const double curve = weight * p * (1 - p);
    gradient.factor += error * by_factor;
    gradient.shift += error * shortness;
    curve_factor += curve * by_factor * by_factor;
    curve_shift += curve * shortness * shortness;
    curve_both += curve * by_factor * shortness;
  }
  const double determinant = curve_factor * curve_shift - curve_both * curve_both;
  return {.factor = (curve_shift * gradient.factor - curve_both * gradient.shift) / determinant,
          .shift = (curve_factor * gradient.shift - curve_both * gradient.factor) / determinant};
}

}  // namespace

Calibration Shortening::applied_to(const Calibration& calibration) const {
  Calibration shortened = calibration;
  shortened.short_slope = factor * calibration.slope;
  shortened.short_offset = factor * calibration.offset + shift;
  return shortened;
}

Shortening fit_shortening(std::span<const ShortText> texts) {
  const auto count = [&](bool is_mixed_news) {
    return std::count_if(texts.begin(), texts.end(), [&](const ShortText& text) {
      return text.is_mixed_news == is_mixed_news && text.log_odds >= kLogOddsMin;
    });
  };
  const std::ptrdiff_t labelled = count(false);
  const std::ptrdiff_t mixed = count(true);
  if (labelled + mixed < kTextsMin) return {};
  // Half of all where there are some of both.
  const double half = static_cast<double>(labelled + mixed) / (labelled > 0 && mixed > 0 ? 2 : 1);
  const std::array<double, 2> weights = {
      half / static_cast<double>(std::max<std::ptrdiff_t>(labelled, 1)),
      half / static_cast<double>(std::max<std::ptrdiff_t>(mixed, 1))};
  Step found;
  constexpr int kStepMax = 50;
  constexpr double kSizeMax = 0.5;  // Newton may leap where the texts are told well.
  for (int round = 0; round < kStepMax; ++round) {
    const Step step = newton_step(texts, weights, found);
    const double size = std::max(std::fabs(step.factor), std::fabs(step.shift));
    const double part = size > kSizeMax ? kSizeMax / size : 1;
    found.factor -= part * step.factor;
    found.shift -= part * step.shift;
    if (size < 1e-6) break;
  }
  return {.factor = static_cast<float>(std::clamp(found.factor, -1.0, 0.0)),
          .shift = static_cast<float>(std::clamp(found.shift, -10.0, 10.0))};
}

BeginningScores::BeginningScores(std::span<const Beginning> beginnings, std::size_t class_count)
    : beginnings_(beginnings), class_count_(class_count), scored_(beginnings.size()) {}

void BeginningScores::add(const VectorSpace& space, std::span<const Weights> weights,
                          const Folds& folds, std::uint32_t fold) {
  for (std::size_t index = 0; index < beginnings_.size(); ++index) {
    if (folds.fold(beginnings_[index].document) != fold) continue;
    const VectorSpace::TextVector text = space.vector_of(beginnings_[index].entries);
    scored_[index].row_count = text.row_count;
    for (const Weights& of_class : weights) {
      scored_[index].scores.push_back(space.score(of_class, text));
    }
  }
}

void BeginningScores::add_texts(const TrainingSet& set, const ClassShares& shares,
                                std::size_t class_index, const Calibration& calibration,
                                std::vector<ShortText>& texts) const {
  for (std::size_t index = 0; index < beginnings_.size(); ++index) {
    const auto& [row_count, scores] = scored_[index];
    const Mark mark = set.marks(beginnings_[index].document)[class_index];
    if (mark == Mark::kUnknown || row_count == 0) continue;
    float score = 0;
    for (std::size_t model = 0; model < shares[class_index].size(); ++model) {
      score += shares[class_index][model] * scores[model * class_count_ + class_index];
    }
    texts.push_back({.log_odds = calibration.slope * score + calibration.offset,
                     .shortness = TopicModel::shortness(row_count),
                     .right = mark == Mark::kYes,
                     .is_mixed_news = beginnings_[index].is_mixed_news});
  }
}

}  // namespace wirewatch::topic_tools
