#include "common/topic/tools/support_vector_machine.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <utility>

namespace wirewatch::topic_tools {

SupportVectorMachine::SupportVectorMachine(const VectorSpace& space, const Folds& folds,
                                           std::size_t class_index, std::uint32_t left_out_fold,
                                           const SvmOptions& options)
    : space_(space),
      freedom_(freedoms(folds, class_index, left_out_fold, options)),
      weights_(space.weight_count(), 0.0F),
      seed_(0x5EEDULL + class_index * 31 + left_out_fold) {
  double yes = 0;
  double no = 0;
  for (std::size_t index = 0; index < space.set().documents().size(); ++index) {
    const Mark mark = space.set().marks(index)[class_index];
    if (mark == Mark::kUnknown || folds.fold(index) == left_out_fold) continue;
    const auto weight = static_cast<double>(space.set().documents()[index].role.weight);
    (mark == Mark::kYes ? yes : no) += weight;
    float length = VectorSpace::kBiasValue * VectorSpace::kBiasValue;
    for (const auto& [dense, value] : space.values(index)) {
      length += freedom_[dense] * value * value;
    }
    const std::span<const float> sums = space.sums(index);
    length += dot(sums, sums.data());
    rows_.push_back({.values = space.values(index),
                     .sums = sums,
                     .weight = weight,
                     .sign = mark == Mark::kYes ? 1.0F : -1.0F,
                     .length = length});
  }
  if (yes == 0 || no == 0) {
    weights_.back() = (yes == 0 ? -1.0F : 1.0F) / VectorSpace::kBiasValue;
    is_decided_ = true;
    return;
  }
  const double boost =
      std::clamp(std::pow(no / yes, options.positive_power), 1.0, options.positive_cost_max);
  for (Row& row : rows_) row.weight *= row.sign > 0 ? boost : 1.0;
}

std::vector<float> SupportVectorMachine::freedoms(const Folds& folds, std::size_t class_index,
                                                  std::uint32_t left_out_fold,
                                                  const SvmOptions& options) const {
  std::vector<float> freedoms(space_.size(), 1.0F);
  if (options.ratio_power == 0) return freedoms;
  std::vector<double> yes(space_.size(), 0);
  std::vector<double> no(space_.size(), 0);
  std::vector<double> squares(space_.size(), 0);
  double yes_sum = 0;
  double no_sum = 0;
  for (std::size_t index = 0; index < space_.set().documents().size(); ++index) {
    const Mark mark = space_.set().marks(index)[class_index];
    if (mark == Mark::kUnknown || folds.fold(index) == left_out_fold) continue;
    const auto weight = static_cast<double>(space_.set().documents()[index].role.weight);
    for (const auto& [dense, value] : space_.values(index)) {
      const double part = weight * static_cast<double>(value);
      (mark == Mark::kYes ? yes : no)[dense] += part;
      (mark == Mark::kYes ? yes_sum : no_sum) += part;
      squares[dense] += part * static_cast<double>(value);
    }
  }
  if (yes_sum == 0 || no_sum == 0) return freedoms;
  const double yes_share = yes_sum / (yes_sum + no_sum);
  const double no_share = no_sum / (yes_sum + no_sum);
  double before = 0;
  double after = 0;
  for (std::size_t dense = 0; dense < space_.size(); ++dense) {
    const double ratio = std::log(yes[dense] / yes_share + options.ratio_smoothing) -
                         std::log(no[dense] / no_share + options.ratio_smoothing);
    const double freedom = std::pow(std::fabs(ratio), 2 * options.ratio_power) + 0.01;
    freedoms[dense] = static_cast<float>(freedom);
    before += squares[dense];
    after += squares[dense] * freedom;
  }
  // On the whole as free as without.
  const auto scale = static_cast<float>(before / after);
  for (float& freedom : freedoms) freedom *= scale;
  return freedoms;
}

Weights SupportVectorMachine::solve(double cost, unsigned epoch_max) {
  if (!is_decided_) {
    for (Row& row : rows_) row.diagonal = static_cast<float>(0.5 / (cost * row.weight));
    descend(epoch_max);
  }
  Weights weights = weights_;
  space_.fold_vectors(weights);
  return weights;
}

// With the shrinking of Hsieh et al. (algorithm 3): articles that are on the right side by more
// than the last round's worst one are left alone until all others fit.
void SupportVectorMachine::descend(unsigned epoch_max) {
  constexpr double kGapMax = 0.05;
  std::vector<std::uint32_t> active(rows_.size());
  std::iota(active.begin(), active.end(), 0U);
  std::mt19937_64 random(seed_);
  double shrink_above = std::numeric_limits<double>::infinity();
  for (unsigned epoch = 0; epoch < epoch_max; ++epoch) {
    for (std::size_t at = active.size(); at > 1; --at) {
      std::swap(active[at - 1], active[random() % at]);
    }
    const Gap gap = descend_once(active, shrink_above);
    if (gap.greatest - gap.least < kGapMax) {
      if (active.size() == rows_.size()) return;
      active.resize(rows_.size());
      std::iota(active.begin(), active.end(), 0U);
      shrink_above = std::numeric_limits<double>::infinity();
      continue;
    }
    shrink_above = gap.greatest > 0 ? gap.greatest : std::numeric_limits<double>::infinity();
  }
}

// One round through the active documents; those that may rest leave the list.
SupportVectorMachine::Gap SupportVectorMachine::descend_once(std::vector<std::uint32_t>& active,
                                                             double shrink_above) {
  Gap gap{.greatest = -std::numeric_limits<double>::infinity(),
          .least = std::numeric_limits<double>::infinity()};
  const float* const of_dimensions = weights_.data() + space_.size();
  for (std::size_t at = 0; at < active.size();) {
    Row& row = rows_[active[at]];
    float sum = weights_.back() * VectorSpace::kBiasValue;
    for (const auto& [dense, value] : row.values) sum += weights_[dense] * value;
    sum += dot(row.sums, of_dimensions);
    const double gradient =
        static_cast<double>(row.sign * sum) - 1 + row.alpha * static_cast<double>(row.diagonal);
    if (row.alpha == 0 && gradient > shrink_above) {
      active[at] = active.back();
      active.pop_back();
      continue;
    }
    ++at;
    const double projected = row.alpha > 0 ? gradient : std::min(gradient, 0.0);
    gap.greatest = std::max(gap.greatest, projected);
    gap.least = std::min(gap.least, projected);
    if (projected != 0) move(row, gradient);
  }
  return gap;
}

void SupportVectorMachine::move(Row& row, double gradient) {
  const auto square = static_cast<double>(row.length + row.diagonal);
  const double alpha = std::max(row.alpha - gradient / square, 0.0);
  const float step = static_cast<float>(alpha - row.alpha) * row.sign;
  row.alpha = alpha;
  weights_.back() += step * VectorSpace::kBiasValue;
  for (const auto& [dense, value] : row.values) weights_[dense] += step * freedom_[dense] * value;
  float* const of_dimensions = weights_.data() + space_.size();
  for (std::size_t index = 0; index < row.sums.size(); ++index) {
    of_dimensions[index] += step * row.sums[index];
  }
}

}  // namespace wirewatch::topic_tools
