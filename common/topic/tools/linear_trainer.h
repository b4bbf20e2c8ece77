// Trains one-vs-rest linear classifiers on bags of hashed features and writes them as a model file.
//
//   LinearTrainer trainer(options);
//   trainer.add_class({.id = "medtop:15000000"});
//   trainer.add_document(tokens, marks, role);   // per class: yes, no, or not known
//   const std::string file = trainer.train().bytes;
//
// Method: features are weighted by log count and inverse document frequency, documents scaled to
// length 1 (vector_space.h); a support vector machine per class (support_vector_machine.h), at the
// cost of errors that is best on articles that were left out in turn. The weights of naive Bayes
// (naive_bayes.h) may be mixed in, and confidences are learned on scores of articles that were left
// out in turn (cross_validation.h): where classes exclude each other all classes together
// (score_mixture.h), else each class by itself (class_mixtures.h, calibration.h). Features with the
// least influence are dropped until the rest fits `row_max`, the machines trained again on these,
// and the weights rounded to 8 bits. Articles that are left out take no part in the choice of
// features either.
//
// With word vectors (word_vectors.h) each article also has the sum of the vectors of its words, and
// what the machines learn of it is added to the weights of these words. So words that are rare in
// the training articles, or do not occur there, count by what like words say, and the model file
// needs no vectors.
//
// Deterministic for equal input on one machine, whatever the number of threads.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/topic/tools/class_mixtures.h"
#include "common/topic/tools/cross_validation.h"
#include "common/topic/tools/folds.h"
#include "common/topic/tools/short_texts.h"
#include "common/topic/tools/support_vector_machine.h"
#include "common/topic/tools/training_set.h"
#include "common/topic/tools/vector_space.h"
#include "common/topic/tools/word_vectors.h"
#include "common/topic/topic_model.h"

namespace wirewatch::topic_tools {

struct TrainerClass {
  std::string id;
  std::int32_t parent = -1;
  std::uint32_t level = 1;
};

struct TrainerOptions {
  TopicModelKind kind = TopicModelKind::kLabels;
  std::string scheme;
  bool exclusive = false;
  FeatureOptions features;
  std::uint32_t headline_count = 3;
  std::uint32_t document_frequency_min = 2;
  std::size_t feature_max = 600'000;  // Candidates, the most frequent ones.
  std::size_t row_max = 1U << 17;
  SvmOptions svm;
  // Of an error, against the length of the weights. Rising; the one is taken with which most is
  // right on articles that were left out in turn.
  std::vector<double> costs = {1.0, 2.0};
  // Where classes exclude each other: what naive Bayes adds to every count, once for each of its
  // models. The fewer the articles, the more is good.
  std::vector<double> bayes_smoothings = {0.1, 1.0};
  // Where they may hold together: the priors of naive Bayes, likewise. It helps where every class
  // has some hundred articles, and harms classes of a few.
  std::vector<double> bayes_priors;
  // Of the articles of which confidences speak, the least share that a class of its own has there.
  double share_min = 0;
  double length_floor = 0.3;  // Least length of a feature vector, in units of the median.
  unsigned fold_count = 5;    // Of the cross-validation.
  unsigned epoch_max = 25;
  unsigned candidate_epoch_max = 8;  // While the features with the most influence are looked for.
  unsigned thread_count = 1;
  // Used where most words of the articles have one; nullptr: none. Outlives the trainer.
  const WordVectors* vectors = nullptr;
  double vector_share = 0.5;  // Length of the sum of vectors, in units of the other features'.
};

struct TrainedModel {
  std::string bytes;        // Of a model file.
  CrossValidation reached;  // Of the same kind of model on articles that were left out in turn.
};

class LinearTrainer {
 public:
  explicit LinearTrainer(TrainerOptions options) : options_(std::move(options)) {}

  void add_class(TrainerClass entry) { classes_.push_back(std::move(entry)); }
  // `marks` has one entry per class.
  void add_document(std::span<const CountedToken> tokens, std::span<const Mark> marks,
                    const DocumentRole& role);

  // A beginning of the document that was added last, as short news would be. It teaches no weights:
  // only how sure the model may be of so short a text. `is_mixed_news`: of a set that was chosen
  // for no topic.
  void add_beginning(std::span<const CountedToken> tokens, bool is_mixed_news);

  // Features of these tokens that occur in some document are kept, whatever their influence.
  void keep(std::span<const CountedToken> tokens) { set_.keep(tokens); }

  [[nodiscard]] TrainedModel train() const;

 private:
  // The features from which training chooses, by number. How often they occur knows no labels, so
  // that all documents may count.
  [[nodiscard]] std::vector<std::uint32_t> candidates(const VectorsOfWords& vectors) const;
  // The features that a model keeps that is made without the documents of a fold: these judge it,
  // and must not choose them.
  [[nodiscard]] VectorSpace choose_features(const VectorsOfWords& vectors, const Folds& folds,
                                            std::uint32_t left_out_fold) const;
  // For each cost the weights of every class, without the documents of a fold.
  [[nodiscard]] std::vector<std::vector<Weights>> machines(const VectorSpace& space,
                                                           const Folds& folds,
                                                           std::uint32_t left_out_fold,
                                                           std::span<const double> costs,
                                                           unsigned epoch_max) const;
  // The weights of every class by each naive Bayes model.
  [[nodiscard]] std::vector<std::vector<Weights>> bayes(const VectorSpace& space,
                                                        const Folds& folds,
                                                        std::uint32_t left_out_fold) const;
  // The scores of the machines at one cost, then those of each naive Bayes model.
  struct LeftOut {
    std::vector<LeftOutScores> models;
    BeginningScores beginnings;
  };
  // For each cost.
  [[nodiscard]] std::vector<LeftOut> left_out_scores(const VectorsOfWords& vectors,
                                                     const Folds& folds) const;
  // What the models of one cost reach together.
  [[nodiscard]] CrossValidation assess(std::span<const LeftOutScores> models) const;
  // By the mixture of models that are not exclusive: those of articles, and what shortness adds.
  [[nodiscard]] std::vector<Calibration> calibrations(const LeftOut& left_out,
                                                      const ClassShares& shares) const;
  [[nodiscard]] std::string write(const VectorSpace& space, const std::vector<Weights>& weights,
                                  const std::vector<Calibration>& calibrations) const;

  TrainerOptions options_;
  std::vector<TrainerClass> classes_;
  TrainingSet set_;
  std::vector<Beginning> beginnings_;
};

}  // namespace wirewatch::topic_tools
