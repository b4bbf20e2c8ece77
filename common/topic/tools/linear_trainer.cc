#include "common/topic/tools/linear_trainer.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <thread>
#include <utility>

#include "common/base/check.h"
#include "common/topic/tools/model_writer.h"
#include "common/topic/topic_model_format.h"

namespace wirewatch::topic_tools {

namespace format = topic_model_format;

namespace {

// The bias is the weight of a feature that every document has with this value.
constexpr float kBiasValue = 0.5F;

float units_of(std::uint8_t count) {
  return static_cast<float>(format::kUnits[count]) / format::kUnitsPerCount;
}

double sigmoid(double value) {
  return 1 / (1 + std::exp(-value));
}

struct Scored {
  float score = 0;
  bool right = false;
};

// Platt's sigmoid through scored examples, by Newton's method on the log loss, with his targets
// that keep away from 0 and 1.
std::pair<double, double> fit_sigmoid(const std::vector<Scored>& scored) {
  const auto rights = static_cast<double>(
      std::count_if(scored.begin(), scored.end(), [](const Scored& entry) { return entry.right; }));
  const double wrongs = static_cast<double>(scored.size()) - rights;
  const double target_right = (rights + 1) / (rights + 2);
  const double target_wrong = 1 / (wrongs + 2);
  double slope = 1;
  double offset = std::log((rights + 1) / (wrongs + 1));
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
      const double error = p - (entry.right ? target_right : target_wrong);
      const double curve = p * (1 - p);
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
double best_threshold(std::vector<std::pair<double, bool>> confidences) {
  std::sort(confidences.begin(), confidences.end(),
            [](const auto& a, const auto& b) { return a.first > b.first; });
  const auto rights = static_cast<double>(std::count_if(
      confidences.begin(), confidences.end(), [](const auto& entry) { return entry.second; }));
  double best = -1;
  double threshold = 0.5;
  double hits = 0;
  for (std::size_t index = 0; index < confidences.size(); ++index) {
    hits += confidences[index].second ? 1 : 0;
    const double next = index + 1 < confidences.size() ? confidences[index + 1].first : 0;
    if (next == confidences[index].first) continue;
    const double f1 = 2 * hits / (static_cast<double>(index) + 1 + rights);
    if (f1 > best) {
      best = f1;
      threshold = (confidences[index].first + next) / 2;
    }
  }
  return threshold;
}

}  // namespace

void LinearTrainer::add_document(std::span<const CountedFeature> features,
                                 std::span<const Mark> marks, const DocumentRole& role) {
  WIREWATCH_CHECK(marks.size() == classes_.size());
  Example example{.begin = static_cast<std::uint32_t>(entries_.size()), .role = role};
  for (const CountedFeature& feature : features) {
    const auto [at, added] =
        numbers_.try_emplace(feature.hash, static_cast<std::uint32_t>(hashes_.size()));
    if (added) {
      hashes_.push_back(feature.hash);
      frequencies_.push_back(0);
    }
    entries_.push_back({.feature = at->second, .count = static_cast<std::uint8_t>(feature.count)});
  }
  // Occurrences of one feature become one entry.
  const auto first = entries_.begin() + example.begin;
  std::sort(first, entries_.end(),
            [](const Entry& a, const Entry& b) { return a.feature < b.feature; });
  std::size_t kept = example.begin;
  for (std::size_t at = example.begin; at < entries_.size(); ++at) {
    if (kept > example.begin && entries_[kept - 1].feature == entries_[at].feature) {
      const unsigned sum = entries_[kept - 1].count + entries_[at].count;
      entries_[kept - 1].count = static_cast<std::uint8_t>(std::min(sum, TopicModel::kCountMax));
    } else {
      entries_[kept] = entries_[at];
      ++kept;
    }
  }
  entries_.resize(kept);
  for (std::size_t at = example.begin; at < kept; ++at) {
    ++frequencies_[entries_[at].feature];
  }
  example.end = static_cast<std::uint32_t>(kept);
  examples_.push_back(example);
  marks_.insert(marks_.end(), marks.begin(), marks.end());
}

template <typename Work>
void LinearTrainer::for_each_class(Work&& work) const {
  std::atomic<std::size_t> next{0};
  const auto run = [&] {
    for (std::size_t index = next++; index < classes_.size(); index = next++) work(index);
  };
  std::vector<std::jthread> threads;
  for (unsigned extra = 1; extra < options_.thread_count; ++extra) threads.emplace_back(run);
  run();
}

void LinearTrainer::choose_features(Vocabulary& vocabulary, const std::vector<bool>* kept) {
  std::vector<std::uint32_t> chosen;
  if (kept != nullptr) {
    for (std::size_t dense = 0; dense < kept->size(); ++dense) {
      if ((*kept)[dense]) chosen.push_back(vocabulary.feature[dense]);
    }
  } else {
    for (std::uint32_t number = 0; number < hashes_.size(); ++number) {
      if (frequencies_[number] >= options_.document_frequency_min) chosen.push_back(number);
    }
    if (chosen.size() > options_.feature_max) {
      std::stable_sort(chosen.begin(), chosen.end(), [&](std::uint32_t a, std::uint32_t b) {
        return frequencies_[a] > frequencies_[b];
      });
      chosen.resize(options_.feature_max);
      std::sort(chosen.begin(), chosen.end());
    }
  }
  vocabulary.feature = std::move(chosen);
  vocabulary.dense.assign(hashes_.size(), kDropped);
  vocabulary.idf.clear();
  const std::vector<float> all_idf = inverse_frequencies();
  for (std::size_t dense = 0; dense < vocabulary.feature.size(); ++dense) {
    const std::uint32_t number = vocabulary.feature[dense];
    vocabulary.dense[number] = static_cast<std::uint32_t>(dense);
    vocabulary.idf.push_back(all_idf[number]);
  }
  scale_documents(vocabulary);
}

std::vector<float> LinearTrainer::inverse_frequencies() const {
  // A word is as common as it is in the language where it is most common: among many languages the
  // articles of one are few, and its "the" would pass for a rare word.
  constexpr std::size_t kGroups = 256;
  constexpr float kUnseen = 6;
  constexpr float kLeast = 0.1F;
  std::array<std::vector<const Example*>, kGroups> groups;
  for (const Example& example : examples_) {
    if (example.role.is_real) groups[example.role.group].push_back(&example);
  }
  std::vector<float> idf(hashes_.size(), std::numeric_limits<float>::infinity());
  std::vector<std::uint32_t> counts(hashes_.size(), 0);
  for (const auto& group : groups) {
    if (group.empty()) continue;
    for (const Example* example : group) {
      for (std::uint32_t at = example->begin; at < example->end; ++at)
        ++counts[entries_[at].feature];
    }
    const auto documents = static_cast<float>(group.size());
    for (const Example* example : group) {
      for (std::uint32_t at = example->begin; at < example->end; ++at) {
        const std::uint32_t number = entries_[at].feature;
        if (counts[number] == 0) continue;
        const float here = std::log((documents + 1) / (static_cast<float>(counts[number]) + 1));
        idf[number] = std::min(idf[number], here + kLeast);
        counts[number] = 0;
      }
    }
  }
  for (float& value : idf) {
    if (!std::isfinite(value)) value = kUnseen;
  }
  return idf;
}

void LinearTrainer::scale_documents(Vocabulary& vocabulary) {
  std::vector<float> lengths;
  for (Example& example : examples_) {
    float sum = 0;
    for (std::uint32_t at = example.begin; at < example.end; ++at) {
      const std::uint32_t dense = vocabulary.dense[entries_[at].feature];
      if (dense == kDropped) continue;
      const float value = units_of(entries_[at].count) * vocabulary.idf[dense];
      sum += value * value;
    }
    example.norm = std::sqrt(sum);
    if (example.role.is_real) lengths.push_back(example.norm);
  }
  const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2);
  std::nth_element(lengths.begin(), middle, lengths.end());
  const float median = lengths.empty() ? 1 : *middle;
  vocabulary.length_floor = std::max(1e-3F, static_cast<float>(options_.length_floor) * median);
  for (Example& example : examples_) {
    example.norm = std::max(example.norm, vocabulary.length_floor);
  }
}

float LinearTrainer::score(const Vocabulary& vocabulary, const Weights& weights,
                           const Example& example) const {
  float sum = 0;
  for (std::uint32_t at = example.begin; at < example.end; ++at) {
    const std::uint32_t dense = vocabulary.dense[entries_[at].feature];
    if (dense == kDropped) continue;
    sum += weights[dense] * vocabulary.idf[dense] * units_of(entries_[at].count);
  }
  return sum / example.norm + weights.back() * kBiasValue;
}

LinearTrainer::Weights LinearTrainer::solve(const Vocabulary& vocabulary, std::size_t class_index,
                                            std::uint32_t left_out_fold) const {
  struct Row {
    const Example* example;
    std::uint32_t begin;
    std::uint32_t end;
    float sign;
    float diagonal;  // 1 / (2 · cost)
    float square;    // Of the vector's length, plus diagonal.
    double alpha;
  };
  // The values of the known features, beside each other.
  std::vector<std::pair<std::uint32_t, float>> values;
  std::vector<Row> rows;
  double yes = 0;
  double no = 0;
  for (std::size_t index = 0; index < examples_.size(); ++index) {
    const Example& example = examples_[index];
    const Mark mark = marks_[index * classes_.size() + class_index];
    if (mark == Mark::kUnknown || example.fold == left_out_fold) continue;
    (mark == Mark::kYes ? yes : no) += static_cast<double>(example.role.weight);
    rows.push_back({.example = &example,
                    .begin = 0,
                    .end = 0,
                    .sign = mark == Mark::kYes ? 1.0F : -1.0F,
                    .diagonal = 0,
                    .square = 0,
                    .alpha = 0});
  }
  Weights weights(vocabulary.feature.size() + 1, 0.0F);
  if (yes == 0 || no == 0) {
    weights.back() = (yes == 0 ? -1 : 1) / kBiasValue;
    return weights;
  }
  const double boost =
      std::clamp(std::pow(no / yes, options_.positive_power), 1.0, options_.positive_cost_max);
  for (Row& row : rows) {
    row.begin = static_cast<std::uint32_t>(values.size());
    float square = kBiasValue * kBiasValue;
    for (std::uint32_t at = row.example->begin; at < row.example->end; ++at) {
      const std::uint32_t dense = vocabulary.dense[entries_[at].feature];
      if (dense == kDropped) continue;
      const float value = units_of(entries_[at].count) * vocabulary.idf[dense] / row.example->norm;
      values.emplace_back(dense, value);
      square += value * value;
    }
    row.end = static_cast<std::uint32_t>(values.size());
    const double cost = options_.cost * static_cast<double>(row.example->role.weight) *
                        (row.sign > 0 ? boost : 1.0);
    row.diagonal = static_cast<float>(0.5 / cost);
    row.square = square + row.diagonal;
  }

  std::vector<std::uint32_t> order(rows.size());
  std::iota(order.begin(), order.end(), 0U);
  std::mt19937_64 random(0x5EEDULL + class_index * 31 + left_out_fold);
  float& bias = weights.back();
  constexpr double kGapMax = 0.05;
  for (unsigned epoch = 0; epoch < options_.epoch_max; ++epoch) {
    for (std::size_t at = order.size(); at > 1; --at)
      std::swap(order[at - 1], order[random() % at]);
    double gap = 0;
    for (const std::uint32_t index : order) {
      Row& row = rows[index];
      float sum = bias * kBiasValue;
      for (std::uint32_t at = row.begin; at < row.end; ++at) {
        sum += weights[values[at].first] * values[at].second;
      }
      const double gradient =
          static_cast<double>(row.sign * sum) - 1 + row.alpha * static_cast<double>(row.diagonal);
      const double projected = row.alpha > 0 ? gradient : std::min(gradient, 0.0);
      gap = std::max(gap, std::fabs(projected));
      if (projected == 0) continue;
      const double alpha = std::max(row.alpha - gradient / static_cast<double>(row.square), 0.0);
      const float step = static_cast<float>(alpha - row.alpha) * row.sign;
      row.alpha = alpha;
      if (step == 0) continue;
      bias += step * kBiasValue;
      for (std::uint32_t at = row.begin; at < row.end; ++at) {
        weights[values[at].first] += step * values[at].second;
      }
    }
    if (gap < kGapMax) break;
  }
  return weights;
}

LinearTrainer::Calibration LinearTrainer::calibrate(const Vocabulary& vocabulary,
                                                    std::size_t class_index) const {
  std::vector<Scored> scored;
  for (unsigned fold = 0; fold < options_.fold_count; ++fold) {
    const Weights weights = solve(vocabulary, class_index, fold);
    for (std::size_t index = 0; index < examples_.size(); ++index) {
      const Example& example = examples_[index];
      const Mark mark = marks_[index * classes_.size() + class_index];
      if (mark == Mark::kUnknown || example.fold != fold) continue;
      scored.push_back({score(vocabulary, weights, example), mark == Mark::kYes});
    }
  }
  const auto rights =
      std::count_if(scored.begin(), scored.end(), [](const Scored& entry) { return entry.right; });
  Calibration calibration;
  if (scored.empty()) return calibration;
  const auto [slope, offset] = fit_sigmoid(scored);
  calibration.slope = static_cast<float>(slope);
  calibration.offset = static_cast<float>(offset);
  std::vector<std::pair<double, bool>> confidences;
  confidences.reserve(scored.size());
  for (const Scored& entry : scored) {
    confidences.emplace_back(sigmoid(slope * static_cast<double>(entry.score) + offset),
                             entry.right);
  }
  // A threshold from a handful of articles says more about these than about the class.
  constexpr std::ptrdiff_t kEnough = 5;
  const double threshold = rights >= kEnough ? best_threshold(std::move(confidences)) : 0.4;
  calibration.threshold = static_cast<float>(std::clamp(threshold, 0.15, 0.7));
  return calibration;
}

std::vector<bool> LinearTrainer::most_influential(const Vocabulary& vocabulary,
                                                  const std::vector<Weights>& weights) const {
  const std::size_t count = vocabulary.feature.size();
  std::vector<std::pair<float, std::uint32_t>> influence;
  influence.reserve(count);
  for (std::uint32_t dense = 0; dense < count; ++dense) {
    float sum = 0;
    for (const Weights& of_class : weights) {
      sum += of_class[dense] * of_class[dense];
    }
    const std::uint32_t frequency = frequencies_[vocabulary.feature[dense]];
    influence.emplace_back(
        std::sqrt(sum) * vocabulary.idf[dense] * std::sqrt(static_cast<float>(frequency)), dense);
  }
  std::vector<bool> kept(count, count <= options_.row_max);
  if (count <= options_.row_max) return kept;
  std::stable_sort(influence.begin(), influence.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (std::size_t at = 0; at < options_.row_max; ++at) {
    kept[influence[at].second] = true;
  }
  return kept;
}

std::string LinearTrainer::train() {
  // Folds by the contents' order, so that they do not depend on threads.
  std::mt19937_64 random(0xF01DULL);
  for (Example& example : examples_) {
    example.fold = static_cast<std::uint8_t>(example.role.is_real ? random() % options_.fold_count
                                                                  : kNoFold - 1);
  }
  Vocabulary vocabulary;
  choose_features(vocabulary, nullptr);
  std::vector<Weights> weights(classes_.size());
  const auto solve_all = [&] {
    for_each_class([&](std::size_t index) { weights[index] = solve(vocabulary, index, kNoFold); });
  };
  if (vocabulary.feature.size() > options_.row_max) {
    solve_all();
    const std::vector<bool> kept = most_influential(vocabulary, weights);
    choose_features(vocabulary, &kept);
  }
  solve_all();
  std::vector<Calibration> calibrations(classes_.size());
  for_each_class([&](std::size_t index) { calibrations[index] = calibrate(vocabulary, index); });
  return write(vocabulary, weights, calibrations);
}

std::string LinearTrainer::write(const Vocabulary& vocabulary, const std::vector<Weights>& weights,
                                 const std::vector<Calibration>& calibrations) const {
  ModelContents contents{.kind = options_.kind,
                         .scheme = options_.scheme,
                         .exclusive = options_.exclusive,
                         .features = options_.features,
                         .headline_count = options_.headline_count,
                         .length_floor = vocabulary.length_floor,
                         .classes = {},
                         .rows = {}};
  for (std::size_t index = 0; index < classes_.size(); ++index) {
    contents.classes.push_back({.id = classes_[index].id,
                                .parent = classes_[index].parent,
                                .level = classes_[index].level,
                                .scale = 1,
                                .bias = weights[index].back() * kBiasValue,
                                .slope = calibrations[index].slope,
                                .offset = calibrations[index].offset,
                                .threshold = calibrations[index].threshold});
  }
  // The writer keeps the earlier of two rows of one bucket: the more frequent feature.
  std::vector<std::uint32_t> order(vocabulary.feature.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return frequencies_[vocabulary.feature[a]] > frequencies_[vocabulary.feature[b]];
  });
  for (const std::uint32_t dense : order) {
    ModelRow row{.feature = hashes_[vocabulary.feature[dense]],
                 .length = vocabulary.idf[dense],
                 .weights = {}};
    for (const Weights& of_class : weights) {
      row.weights.push_back(of_class[dense] * vocabulary.idf[dense]);
    }
    contents.rows.push_back(std::move(row));
  }
  return write_model(std::move(contents));
}

}  // namespace wirewatch::topic_tools
