#include "common/topic/tools/linear_trainer.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <thread>

#include "common/base/check.h"
#include "common/topic/tools/complement_bayes.h"
#include "common/topic/tools/model_rows.h"
#include "common/topic/tools/model_writer.h"

namespace wirewatch::topic_tools {

namespace {

constexpr std::uint32_t kNone = TrainingSet::kNone;

// Calls `work(index)` for each index below `count`, by several threads.
template <typename Work>
void for_each_index(std::size_t count, unsigned thread_count, Work&& work) {
  std::atomic<std::size_t> next{0};
  const auto run = [&] {
    for (std::size_t index = next++; index < count; index = next++) work(index);
  };
  std::vector<std::jthread> threads;
  for (unsigned extra = 1; extra < thread_count; ++extra) threads.emplace_back(run);
  run();
}

void score_left_out(const VectorSpace& space, std::span<const Weights> weights, std::uint32_t fold,
                    LeftOutScores& scores) {
  for (std::size_t index = 0; index < space.set().documents().size(); ++index) {
    if (scores.folds().fold(index) != fold) continue;
    const std::span<float> of_document = scores.of(index);
    for (std::size_t of_class = 0; of_class < weights.size(); ++of_class) {
      of_document[of_class] = space.score(weights[of_class], index);
    }
  }
}

// How widely the scores of the documents that were not left out are spread.
double spread(const VectorSpace& space, const Folds& folds, std::uint32_t left_out_fold,
              std::span<const Weights> weights) {
  double sum = 0;
  double squares = 0;
  double count = 0;
  for (std::size_t index = 0; index < space.set().documents().size(); ++index) {
    if (folds.fold(index) == left_out_fold) continue;
    for (const Weights& of_class : weights) {
      const auto value = static_cast<double>(space.score(of_class, index));
      sum += value;
      squares += value * value;
      ++count;
    }
  }
  return std::sqrt(std::max(squares / count - sum * sum / (count * count), 1e-12));
}

void add(std::vector<Weights>& weights, const std::vector<Weights>& others, double share) {
  for (std::size_t index = 0; index < weights.size(); ++index) {
    for (std::size_t dense = 0; dense < weights[index].size(); ++dense) {
      weights[index][dense] += static_cast<float>(share) * others[index][dense];
    }
  }
}

void add(LeftOutScores& scores, const LeftOutScores& others, double share) {
  for (std::size_t index = 0; index < scores.set().documents().size(); ++index) {
    const std::span<float> of_document = scores.of(index);
    const std::span<const float> other = others.of(index);
    for (std::size_t of_class = 0; of_class < of_document.size(); ++of_class) {
      of_document[of_class] += static_cast<float>(share) * other[of_class];
    }
  }
}

// How many of the articles that were left out get their class.
std::size_t count_right(const LeftOutScores& scores, const LeftOutScores& others, double share) {
  std::size_t right = 0;
  for (std::size_t index = 0; index < scores.set().documents().size(); ++index) {
    if (!scores.folds().is_judged(index)) continue;
    const std::span<const float> of_document = scores.of(index);
    const std::span<const float> other = others.of(index);
    std::size_t best = 0;
    float best_score = -std::numeric_limits<float>::infinity();
    for (std::size_t of_class = 0; of_class < of_document.size(); ++of_class) {
      const float here = of_document[of_class] + static_cast<float>(share) * other[of_class];
      if (here > best_score) best = of_class;
      best_score = std::max(best_score, here);
    }
    right += scores.set().marks(index)[best] == Mark::kYes ? 1U : 0U;
  }
  return right;
}

// The share of naive Bayes at which most of the articles that were left out get their class.
double best_bayes_share(const LeftOutScores& scores, const LeftOutScores& others) {
  double best_share = 0;
  std::size_t best_right = 0;
  for (const double share : {0.0, 0.25, 0.5, 1.0, 2.0}) {
    const std::size_t right = count_right(scores, others, share);
    if (right > best_right) best_share = share;
    best_right = std::max(best_right, right);
  }
  return best_share;
}

}  // namespace

void LinearTrainer::add_document(std::span<const CountedToken> tokens, std::span<const Mark> marks,
                                 const DocumentRole& role) {
  WIREWATCH_CHECK(marks.size() == classes_.size());
  set_.add(tokens, marks, role);
}

std::vector<std::uint32_t> LinearTrainer::candidates(const VectorsOfWords& vectors) const {
  // A pair is looked up only where both words have a row, so it brings them along.
  const std::span<const TrainingSet::Feature> features = set_.features();
  std::vector<bool> wanted(features.size(), false);
  for (std::uint32_t feature = 0; feature < features.size(); ++feature) {
    const TrainingSet::Feature& entry = features[feature];
    const bool is_rare = entry.frequency < options_.document_frequency_min;
    if (is_rare && !entry.is_kept && vectors.of_feature(feature) == kNone) continue;
    wanted[feature] = true;
    if (entry.first_word == kNone) continue;
    wanted[entry.first_word] = true;
    wanted[entry.second_word] = true;
  }
  std::vector<std::uint32_t> chosen;
  for (std::uint32_t feature = 0; feature < features.size(); ++feature) {
    if (wanted[feature]) chosen.push_back(feature);
  }
  if (chosen.size() <= options_.feature_max) return chosen;
  std::stable_sort(chosen.begin(), chosen.end(), [&](std::uint32_t a, std::uint32_t b) {
    if (features[a].is_kept != features[b].is_kept) return features[a].is_kept;
    return features[a].frequency > features[b].frequency;
  });
  chosen.resize(options_.feature_max);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

VectorSpace LinearTrainer::choose_features(const VectorsOfWords& vectors,
                                           const Folds& folds) const {
  VectorSpace space(set_, vectors, candidates(vectors), options_.length_floor);
  if (space.size() <= options_.row_max) return space;
  const std::vector<Weights> weights =
      machines(space, folds, Folds::kNone, options_.candidate_epoch_max);
  return {set_, vectors, most_influential(space, weights, options_.row_max), options_.length_floor};
}

std::vector<Weights> LinearTrainer::machines(const VectorSpace& space, const Folds& folds,
                                             std::uint32_t left_out_fold,
                                             unsigned epoch_max) const {
  std::vector<Weights> weights(classes_.size());
  for_each_index(classes_.size(), options_.thread_count, [&](std::size_t index) {
    SupportVectorMachine machine(space, folds, index, left_out_fold, options_.svm);
    weights[index] = machine.solve(options_.cost, epoch_max);
  });
  return weights;
}

std::vector<Weights> LinearTrainer::scaled_bayes(const VectorSpace& space, const Folds& folds,
                                                 std::uint32_t left_out_fold,
                                                 const std::vector<Weights>& weights) const {
  std::vector<Weights> others =
      complement_bayes(space, folds, left_out_fold, options_.bayes_smoothing);
  const auto factor = static_cast<float>(spread(space, folds, left_out_fold, weights) /
                                         spread(space, folds, left_out_fold, others));
  for (Weights& of_class : others) {
    for (float& weight : of_class) weight *= factor;
  }
  return others;
}

std::string LinearTrainer::train() {
  const Folds folds(set_, options_.fold_count);
  const VectorsOfWords vectors(set_, options_.vectors, options_.vector_share);
  const VectorSpace space = choose_features(vectors, folds);
  LeftOutScores scores(set_, folds);
  LeftOutScores bayes_scores(set_, folds);
  for (std::uint32_t fold = 0; fold < folds.count(); ++fold) {
    const std::vector<Weights> weights = machines(space, folds, fold, options_.epoch_max);
    score_left_out(space, weights, fold, scores);
    if (!options_.exclusive) continue;
    score_left_out(space, scaled_bayes(space, folds, fold, weights), fold, bayes_scores);
  }
  std::vector<Weights> weights = machines(space, folds, Folds::kNone, options_.epoch_max);
  if (options_.exclusive) {
    const double share = best_bayes_share(scores, bayes_scores);
    add(scores, bayes_scores, share);
    add(weights, scaled_bayes(space, folds, Folds::kNone, weights), share);
  }
  std::vector<std::string> ids;
  for (const TrainerClass& entry : classes_) ids.push_back(entry.id);
  cross_validation_ = scores.assess(options_.exclusive, ids);
  return write(space, weights, scores.calibrations(Folds::kNone));
}

std::string LinearTrainer::write(const VectorSpace& space, const std::vector<Weights>& weights,
                                 const std::vector<Calibration>& calibrations) const {
  ModelContents contents{
      .kind = options_.kind,
      .scheme = options_.scheme,
      .exclusive = options_.exclusive,
      .features = options_.features,
      .headline_count = options_.headline_count,
      .length_floor = space.length_floor(),
      .classes = {},
      .rows = model_rows(space, weights, options_.features.stems, options_.row_max)};
  for (std::size_t index = 0; index < classes_.size(); ++index) {
    contents.classes.push_back({.id = classes_[index].id,
                                .parent = classes_[index].parent,
                                .level = classes_[index].level,
                                .scale = 1,
                                .bias = weights[index].back() * VectorSpace::kBiasValue,
                                .slope = calibrations[index].slope,
                                .offset = calibrations[index].offset,
                                .threshold = calibrations[index].threshold});
  }
  return write_model(std::move(contents));
}

}  // namespace wirewatch::topic_tools
