#include "common/topic/tools/calibration.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace wirewatch::topic_tools {

double sigmoid(double log_odds) {
  return 1 / (1 + std::exp(-log_odds));
}

namespace {

// Platt's sigmoid through scored examples, by Newton's method on the log loss, with his targets
// that keep away from 0 and 1.
std::pair<double, double> fit_sigmoid(std::span<const Scored> scored, double right_weight) {
  const auto rights = static_cast<double>(
      std::count_if(scored.begin(), scored.end(), [](const Scored& entry) { return entry.right; }));
  const double wrongs = static_cast<double>(scored.size()) - rights;
  const double target_right = (rights + 1) / (rights + 2);
  const double target_wrong = 1 / (wrongs + 2);
  double slope = 1;
  double offset = std::log((rights * right_weight + 1) / (wrongs + 1));
  constexpr int kStepMax = 50;
  constexpr double kRidge = 1e-6;
  for (int step = 0; step < kStepMax; ++step) {
    double g_slope = 0;
    double g_offset = 0;
    double h_slope = kRidge;
    double h_offset = kRidge;
    double h_both = 0;
    for (const Scored& entry : scored) {
      const double p = sigmoid(slope * entry.score + offset);
      const double weight = entry.right ? right_weight : 1;
      const double error = weight * (p - (entry.right ? target_right : target_wrong));
      const double curve = weight * p * (1 - p);
      g_slope += error * entry.score;
      g_offset += error;
      h_slope += curve * entry.score * entry.score;
      h_offset += curve;
      h_both += curve * entry.score;
    }
    const double determinant = h_slope * h_offset - h_both * h_both;
    if (!(std::fabs(determinant) > 1e-12)) break;
    double d_slope = (h_offset * g_slope - h_both * g_offset) / determinant;
    double d_offset = (h_slope * g_offset - h_both * g_slope) / determinant;
    // Newton may leap where the scores separate well: keep the steps short.
    const double size = std::max(std::fabs(d_slope), std::fabs(d_offset));
    if (size > 2) {
      d_slope *= 2 / size;
      d_offset *= 2 / size;
    }
    slope -= d_slope;
    offset -= d_offset;
    if (size < 1e-5) break;
  }
  // A score that speaks against its class would turn the order around.
  return {std::clamp(slope, 0.05, 50.0), std::clamp(offset, -50.0, 50.0)};
}

// The confidence at which the harmonic mean of precision and recall is best.
double best_threshold(std::vector<std::pair<double, bool>> confidences, double right_weight) {
  std::sort(confidences.begin(), confidences.end(),
            [](const auto& a, const auto& b) { return a.first > b.first; });
  double rights = 0;
  for (const auto& entry : confidences) rights += entry.second ? right_weight : 0;
  double best = -1;
  double threshold = 0.5;
  double hits = 0;
  double given = 0;
  for (std::size_t index = 0; index < confidences.size(); ++index) {
    hits += confidences[index].second ? right_weight : 0;
    given += confidences[index].second ? right_weight : 1;
    const double next = index + 1 < confidences.size() ? confidences[index + 1].first : 0;
    if (next == confidences[index].first) continue;
    const double f1 = 2 * hits / (given + rights);
    if (f1 > best) {
      best = f1;
      threshold = (confidences[index].first + next) / 2;
    }
  }
  return threshold;
}

// What each right one counts so that they are at least `share_min` of all.
double weight_of_rights(std::span<const Scored> scored, double share_min) {
  const auto rights = static_cast<double>(
      std::count_if(scored.begin(), scored.end(), [](const Scored& entry) { return entry.right; }));
  const double wrongs = static_cast<double>(scored.size()) - rights;
  return rights == 0 ? 1 : std::max(1.0, share_min * wrongs / ((1 - share_min) * rights));
}

}  // namespace

double Calibration::confidence(float score) const {
  return sigmoid(static_cast<double>(slope) * static_cast<double>(score) +
                 static_cast<double>(offset));
}

Calibration calibrate(std::span<const Scored> scored, double share_min) {
  if (scored.empty()) return {};
  const double right_weight = weight_of_rights(scored, share_min);
  const auto [slope, offset] = fit_sigmoid(scored, right_weight);
  Calibration calibration{.slope = static_cast<float>(slope), .offset = static_cast<float>(offset)};
  std::vector<std::pair<double, bool>> confidences;
  confidences.reserve(scored.size());
  for (const Scored& entry : scored) {
    confidences.emplace_back(calibration.confidence(entry.score), entry.right);
  }
  const auto rights =
      std::count_if(scored.begin(), scored.end(), [](const Scored& entry) { return entry.right; });
  // A threshold from a handful of articles says more about these than about the class: the fewer,
  // the nearer to what is usual.
  constexpr double kUsual = 0.3;
  constexpr double kArticles = 20;
  const double own = rights > 0 ? best_threshold(std::move(confidences), right_weight) : kUsual;
  const double threshold = (own * static_cast<double>(rights) + kUsual * kArticles) /
                           (static_cast<double>(rights) + kArticles);
  calibration.threshold = static_cast<float>(std::clamp(threshold, 0.15, 0.7));
  return calibration;
}

}  // namespace wirewatch::topic_tools
