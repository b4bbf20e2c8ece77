#include "common/topic/tools/linear_trainer.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "common/base/check.h"
#include "common/topic/tools/class_mixtures.h"
#include "common/topic/tools/model_rows.h"
#include "common/topic/tools/model_writer.h"
#include "common/topic/tools/naive_bayes.h"
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

// The weights of each class as a sum of those of each model, by shares that may differ by class.
std::vector<Weights> mix(const std::vector<std::vector<Weights>>& models,
                         const ClassShares& shares) {
  std::vector<Weights> mixed;
  for (std::size_t of_class = 0; of_class < shares.size(); ++of_class) {
    Weights& sum = mixed.emplace_back(models[0][of_class].size(), 0.0F);
    for (std::size_t model = 0; model < models.size(); ++model) {
      const Weights& weights = models[model][of_class];
      for (std::size_t at = 0; at < sum.size(); ++at) {
        sum[at] += shares[of_class][model] * weights[at];
      }
    }
  }
  return mixed;
}

}  // namespace

void LinearTrainer::add_document(std::span<const CountedToken> tokens, std::span<const Mark> marks,
                                 const DocumentRole& role) {
  WIREWATCH_CHECK(marks.size() == classes_.size());
  set_.add(tokens, marks, role);
}

void LinearTrainer::add_beginning(std::span<const CountedToken> tokens, bool is_mixed_news) {
  WIREWATCH_CHECK(!set_.documents().empty());
  beginnings_.push_back({.document = static_cast<std::uint32_t>(set_.documents().size() - 1),
                         .entries = set_.entries_of(tokens),
                         .is_mixed_news = is_mixed_news});
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

VectorSpace LinearTrainer::choose_features(const VectorsOfWords& vectors, const Folds& folds,
                                           std::uint32_t left_out_fold) const {
  VectorSpace space(set_, vectors, candidates(vectors), options_.length_floor);
  if (space.size() <= options_.row_max) return space;
  const std::vector<std::vector<Weights>> weights =
      machines(space, folds, left_out_fold, std::span(options_.costs).first(1),
               options_.candidate_epoch_max);
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
  if (!options_.exclusive) {
    return one_vs_rest_bayes(space, folds, left_out_fold, options_.bayes_priors);
  }
  std::vector<std::vector<Weights>> weights;
  for (const double smoothing : options_.bayes_smoothings) {
    weights.push_back(complement_bayes(space, folds, left_out_fold, smoothing));
  }
  return weights;
}

CrossValidation LinearTrainer::assess(std::span<const LeftOutScores> models) const {
  std::vector<std::string> ids;
  for (const TrainerClass& entry : classes_) ids.push_back(entry.id);
  return (options_.exclusive ? mixed_scores(models) : mixed_by_class(models))
      .assess(options_.exclusive, ids);
}

std::vector<LinearTrainer::LeftOut> LinearTrainer::left_out_scores(const VectorsOfWords& vectors,
                                                                   const Folds& folds) const {
  const std::size_t bayes_count =
      (options_.exclusive ? options_.bayes_smoothings : options_.bayes_priors).size();
  std::vector<LeftOut> left_out(
      options_.costs.size(),
      {.models = std::vector<LeftOutScores>(1 + bayes_count, LeftOutScores(set_, folds)),
       .beginnings = BeginningScores(beginnings_, classes_.size())});
  for (std::uint32_t fold = 0; fold < folds.count(); ++fold) {
    const VectorSpace space = choose_features(vectors, folds, fold);
    const auto weights = machines(space, folds, fold, options_.costs, options_.epoch_max);
    const auto others = bayes(space, folds, fold);
    for (std::size_t cost = 0; cost < weights.size(); ++cost) {
      LeftOut& of_cost = left_out[cost];
      score_left_out(space, weights[cost], fold, of_cost.models[0]);
      of_cost.beginnings.add(space, weights[cost], folds, fold);
      for (std::size_t other = 0; other < others.size(); ++other) {
        score_left_out(space, others[other], fold, of_cost.models[other + 1]);
        of_cost.beginnings.add(space, others[other], folds, fold);
      }
    }
  }
  return left_out;
}

std::vector<Calibration> LinearTrainer::calibrations(const LeftOut& left_out,
                                                     const ClassShares& shares) const {
  std::vector<Calibration> calibrations =
      mixed_by_class(left_out.models, shares).calibrations(Folds::kNone, options_.share_min);
  std::vector<ShortText> texts;
  for (std::size_t index = 0; index < classes_.size(); ++index) {
    // What holds of a class below another rests on that one.
    if (classes_[index].level > 1) continue;
    left_out.beginnings.add_texts(set_, shares, index, calibrations[index], texts);
  }
  const Shortening shortening = fit_shortening(texts);
  for (Calibration& calibration : calibrations) calibration = shortening.applied_to(calibration);
  return calibrations;
}

TrainedModel LinearTrainer::train() const {
  WIREWATCH_CHECK(!options_.costs.empty());
  const Folds folds(set_, options_.fold_count);
  const VectorsOfWords vectors(set_, options_.vectors, options_.vector_share);
  const std::vector<LeftOut> of_costs = left_out_scores(vectors, folds);
  std::size_t best = 0;
  CrossValidation reached = assess(of_costs[0].models);
  for (std::size_t cost = 1; cost < of_costs.size(); ++cost) {
    CrossValidation found = assess(of_costs[cost].models);
    if (found.micro_f1 <= reached.micro_f1) continue;
    best = cost;
    reached = std::move(found);
  }
  const std::span<const double> cost = std::span(options_.costs).subspan(best, 1);
  const VectorSpace space = choose_features(vectors, folds, Folds::kNone);
  std::vector<std::vector<Weights>> models =
      machines(space, folds, Folds::kNone, cost, options_.epoch_max);
  for (std::vector<Weights>& other : bayes(space, folds, Folds::kNone)) {
    models.push_back(std::move(other));
  }
  if (options_.exclusive) {
    const ScoreMixture mixture = fit_mixture(of_costs[best].models, Folds::kNone);
    return {.bytes = write(space, mix(models, ClassShares(classes_.size(), mixture.shares)),
                           mixture.calibrations()),
            .reached = std::move(reached)};
  }
  const ClassShares shares = fit_shares(of_costs[best].models, Folds::kNone);
  return {.bytes = write(space, mix(models, shares), calibrations(of_costs[best], shares)),
          .reached = std::move(reached)};
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
                                .short_slope = calibrations[index].short_slope,
                                .short_offset = calibrations[index].short_offset,
                                .threshold = calibrations[index].threshold});
  }
  return write_model(std::move(contents));
}

}  // namespace wirewatch::topic_tools
