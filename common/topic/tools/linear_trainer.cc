#include "common/topic/tools/linear_trainer.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "common/base/check.h"
#include "common/topic/tools/complement_bayes.h"
#include "common/topic/tools/model_rows.h"
#include "common/topic/tools/model_writer.h"
#include "common/topic/tools/score_mixture.h"

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

// Weights whose scores are the mixture's, but for its slopes and offsets. The first share is of
// `weights`.
std::vector<Weights> mix(std::vector<Weights> weights,
                         const std::vector<std::vector<Weights>>& others,
                         const ScoreMixture& mixture) {
  for (std::size_t index = 0; index < weights.size(); ++index) {
    for (float& weight : weights[index]) weight *= mixture.shares[0];
    for (std::size_t other = 0; other < others.size(); ++other) {
      for (std::size_t at = 0; at < weights[index].size(); ++at) {
        weights[index][at] += mixture.shares[other + 1] * others[other][index][at];
      }
    }
  }
  return weights;
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
  const std::vector<std::vector<Weights>> weights = machines(
      space, folds, Folds::kNone, std::span(options_.costs).first(1), options_.candidate_epoch_max);
  return {set_, vectors, most_influential(space, weights[0], options_.row_max),
          options_.length_floor};
}

std::vector<std::vector<Weights>> LinearTrainer::machines(const VectorSpace& space,
                                                          const Folds& folds,
                                                          std::uint32_t left_out_fold,
                                                          std::span<const double> costs,
                                                          unsigned epoch_max) const {
  std::vector<std::vector<Weights>> weights(costs.size(), std::vector<Weights>(classes_.size()));
  for_each_index(classes_.size(), options_.thread_count, [&](std::size_t index) {
    SupportVectorMachine machine(space, folds, index, left_out_fold, options_.svm);
    for (std::size_t cost = 0; cost < costs.size(); ++cost) {
      weights[cost][index] = machine.solve(costs[cost], epoch_max);
    }
  });
  return weights;
}

std::vector<std::vector<Weights>> LinearTrainer::bayes(const VectorSpace& space, const Folds& folds,
                                                       std::uint32_t left_out_fold) const {
  std::vector<std::vector<Weights>> weights;
  if (!options_.exclusive) return weights;
  for (const double smoothing : options_.bayes_smoothings) {
    weights.push_back(complement_bayes(space, folds, left_out_fold, smoothing));
  }
  return weights;
}

CrossValidation LinearTrainer::assess(std::span<const LeftOutScores> models) const {
  std::vector<std::string> ids;
  for (const TrainerClass& entry : classes_) ids.push_back(entry.id);
  return options_.exclusive ? mixed_scores(models).assess(true, ids) : models[0].assess(false, ids);
}

std::string LinearTrainer::train() {
  WIREWATCH_CHECK(!options_.costs.empty());
  const Folds folds(set_, options_.fold_count);
  const VectorsOfWords vectors(set_, options_.vectors, options_.vector_share);
  const VectorSpace space = choose_features(vectors, folds);
  // By cost: the machines' scores, and where classes exclude each other those of naive Bayes.
  const std::size_t model_count = options_.exclusive ? 1 + options_.bayes_smoothings.size() : 1;
  std::vector<std::vector<LeftOutScores>> models(
      options_.costs.size(), std::vector<LeftOutScores>(model_count, LeftOutScores(set_, folds)));
  for (std::uint32_t fold = 0; fold < folds.count(); ++fold) {
    const auto weights = machines(space, folds, fold, options_.costs, options_.epoch_max);
    const auto others = bayes(space, folds, fold);
    for (std::size_t cost = 0; cost < weights.size(); ++cost) {
      score_left_out(space, weights[cost], fold, models[cost][0]);
      for (std::size_t other = 0; other < others.size(); ++other) {
        score_left_out(space, others[other], fold, models[cost][other + 1]);
      }
    }
  }
  std::size_t best = 0;
  cross_validation_ = assess(models[0]);
  for (std::size_t cost = 1; cost < models.size(); ++cost) {
    CrossValidation found = assess(models[cost]);
    if (found.micro_f1 <= cross_validation_.micro_f1) continue;
    best = cost;
    cross_validation_ = std::move(found);
  }
  const std::span<const double> cost = std::span(options_.costs).subspan(best, 1);
  std::vector<Weights> weights =
      machines(space, folds, Folds::kNone, cost, options_.epoch_max).front();
  if (!options_.exclusive) {
    return write(space, weights, models[best][0].calibrations(Folds::kNone));
  }
  const ScoreMixture mixture = fit_mixture(models[best], Folds::kNone);
  weights = mix(std::move(weights), bayes(space, folds, Folds::kNone), mixture);
  return write(space, weights, mixture.calibrations());
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
