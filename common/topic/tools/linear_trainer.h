// Trains one-vs-rest linear classifiers on bags of hashed features and writes them as a model file.
//
//   LinearTrainer trainer(options);
//   trainer.add_class({.id = "medtop:15000000"});
//   trainer.add_document(tokens, marks, role);   // per class: yes, no, or not known
//   const std::string file = trainer.train();
//
// Method: features are weighted by log count and inverse document frequency, documents scaled to
// length 1; a support vector machine with squared hinge loss per class, solved in its dual by
// coordinate descent (Hsieh et al. 2008), on features scaled by the root of how unlike their shares
// are in the articles that have the class and in the others (the log-count ratio of Wang & Manning
// 2012). Where classes exclude each other, the weights of complement naive Bayes (Rennie et al.
// 2003) are added, both at the same spread, as far as that helps. Confidences by Platt's sigmoid on
// scores of articles that were left out in turn (cross-validation). Features with the least
// influence are dropped until the rest fits `row_max`, the machines trained again on these, and the
// weights rounded to 8 bits.
//
// With word vectors (word_vectors.h) each article also has the sum of the vectors of its words, and
// what the machines learn of it is added to the weights of these words. So words that are rare in
// the training articles, or do not occur there, count by what like words say, and the model file
// needs no vectors.
//
// A word's row in the file holds the weights of the word and of its stem; a stem's own row serves
// the words that have none. Training works on exactly these sums.
//
// Deterministic for equal input on one machine, whatever the number of threads.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/topic/tools/calibration.h"
#include "common/topic/tools/model_writer.h"
#include "common/topic/tools/word_vectors.h"
#include "common/topic/topic_model.h"

namespace wirewatch::topic_tools {

enum class Mark : std::int8_t { kNo = -1, kUnknown = 0, kYes = 1 };

struct TrainerClass {
  std::string id;
  std::int32_t parent = -1;
  std::uint32_t level = 1;
};

// A token of a document: its features as in topic_features.h, 0 for those that it has not. A token
// without a word but with a stem counts as the stem; one with a pair alone as the pair.
struct CountedToken {
  std::uint64_t word = 0;
  std::uint64_t stem = 0;
  std::uint64_t pair = 0;
  std::array<std::uint64_t, 2> pair_words{};  // The words of the pair.
  std::uint32_t count = 1;                    // How often it counts: the headline's bonus.
};

// How a document takes part.
struct DocumentRole {
  float weight = 1;        // How much its errors cost. > 0.
  std::uint8_t group = 0;  // Its language: what is a common word is counted within each group.
  // False for made-up documents: they teach the weights, but neither confidences nor frequencies.
  bool is_real = true;
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
  double cost = 1.0;  // Of an error, against the length of the weights.
  double positive_power =
      0.5;  // Positive articles cost (negatives / positives)^this times as much …
  double positive_cost_max = 8;   // … but no more than this.
  double bayes_smoothing = 0.3;   // What naive Bayes adds to every count.
  double ratio_power = 0.5;       // Of the log-count ratio in a feature's value; 0: not used.
  double ratio_smoothing = 0.05;  // What it adds to every sum.
  double length_floor = 0.3;      // Least length of a feature vector, in units of the median.
  unsigned fold_count = 5;        // Of the cross-validation.
  unsigned epoch_max = 25;
  unsigned candidate_epoch_max = 8;  // While the features with the most influence are looked for.
  unsigned thread_count = 1;
  // Used where most words of the articles have one; nullptr: none. Outlives the trainer.
  const WordVectors* vectors = nullptr;
  double vector_share = 0.5;  // Length of the sum of vectors, in units of the other features'.
};

// What the classes reach on articles of the training set that were left out in turn.
struct CrossValidation {
  std::size_t documents = 0;  // That have a class.
  double first_right = 0;     // Share of these whose best class they have.
  double micro_f1 = 0;
  double macro_f1 = 0;  // Mean over classes that occur.
  struct OfClass {
    std::string id;
    std::size_t count = 0;  // Articles that have it.
    double precision = 0;   // 0 where it is never given.
    double recall = 0;
  };
  std::vector<OfClass> classes;  // Those that occur.
};

class LinearTrainer {
 public:
  explicit LinearTrainer(TrainerOptions options) : options_(std::move(options)) {}

  void add_class(TrainerClass entry) { classes_.push_back(std::move(entry)); }
  // `marks` has one entry per class.
  void add_document(std::span<const CountedToken> tokens, std::span<const Mark> marks,
                    const DocumentRole& role);

  // Features of these tokens that occur in some document are kept, whatever their influence.
  void keep(std::span<const CountedToken> tokens);

  // The bytes of a model file.
  [[nodiscard]] std::string train();
  // After train().
  [[nodiscard]] const CrossValidation& cross_validation() const { return cross_validation_; }

 private:
  struct Entry {
    std::uint32_t feature = 0;
    std::uint8_t count = 0;
  };
  struct Example {
    std::uint32_t begin = 0;  // In entries_.
    std::uint32_t end = 0;
    DocumentRole role;
    std::uint8_t fold = 0;
    std::size_t values_begin = 0;  // In Vocabulary::values.
    std::size_t values_end = 0;
  };
  // A feature as training found it, by its number.
  struct Feature {
    std::uint64_t hash = 0;
    std::uint32_t frequency = 0;       // Documents that have it.
    std::uint32_t stem = kNone;        // Of a word.
    std::uint32_t first_word = kNone;  // Of a pair.
    std::uint32_t second_word = kNone;
    std::uint32_t vector = kNone;  // Of a word, its place in the word vectors.
    bool is_kept = false;          // Whatever its influence.
  };
  struct SparseValue {
    std::uint32_t dense = 0;
    float value = 0;
  };
  // The features that a model keeps, and the documents as vectors of these.
  struct Vocabulary {
    std::vector<std::uint32_t> dense;    // Of a feature's number, or kNone.
    std::vector<std::uint32_t> feature;  // Back.
    std::vector<std::uint32_t> stem;     // The dense number of a word's stem, or kNone.
    std::vector<float> idf;              // By dense number.
    std::vector<SparseValue> values;
    std::vector<float> sums;  // Of word vectors: dimensions() for each document.
    float length_floor = 0;
  };
  // Weights of one class: by dense number, for each dimension of the word vectors, and the bias.
  using Weights = std::vector<float>;
  // An article in the dual of one class.
  struct DualRow {
    std::span<const SparseValue> values;
    std::span<const float> sums;
    double cost = 1;
    float sign = 1;
    float diagonal = 0;  // 1 / (2 · cost)
    float square = 0;    // Of the vector's length, plus diagonal.
    double alpha = 0;
  };

  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  static constexpr std::uint32_t kNoFold = 255;

  std::uint32_t number(std::uint64_t hash);
  void count_frequencies(const Example& example);
  void find_vectors();
  [[nodiscard]] std::size_t dimensions() const {
    return uses_vectors_ ? options_.vectors->dimensions() : 0;
  }
  void choose_candidates(Vocabulary& vocabulary);
  void use_features(Vocabulary& vocabulary, std::vector<std::uint32_t> chosen);
  // Inverse document frequencies of all features, by number.
  [[nodiscard]] std::vector<float> inverse_frequencies() const;
  // The features of a document by number, each once, in `numbers`.
  void features_of(const Example& example, std::vector<std::uint32_t>& numbers) const;
  void build_vectors(Vocabulary& vocabulary);
  void build_sums(Vocabulary& vocabulary) const;
  // Adds to the weights of words what their vectors say.
  void add_vectors(const Vocabulary& vocabulary, Weights& weights) const;
  [[nodiscard]] float build_vector(const Vocabulary& vocabulary, const Example& example,
                                   std::vector<SparseValue>& vector) const;
  [[nodiscard]] std::span<const SparseValue> values_of(const Vocabulary& vocabulary,
                                                       const Example& example) const;
  [[nodiscard]] std::vector<float> freedoms(const Vocabulary& vocabulary, std::size_t class_index,
                                            std::uint32_t left_out_fold) const;
  [[nodiscard]] Weights solve(const Vocabulary& vocabulary, std::size_t class_index,
                              std::uint32_t left_out_fold, unsigned epoch_max) const;
  static void descend(std::vector<DualRow>& rows, std::span<const float> freedom,
                      unsigned epoch_max, std::uint64_t seed, Weights& weights);
  [[nodiscard]] std::vector<Weights> solve_all(const Vocabulary& vocabulary,
                                               std::uint32_t left_out_fold,
                                               unsigned epoch_max) const;
  // `share` is the spread of naive Bayes' part, in units of the machine's.
  void add_bayes(const Vocabulary& vocabulary, std::uint32_t left_out_fold, double share,
                 std::vector<Weights>& weights) const;
  [[nodiscard]] std::vector<Weights> scaled_bayes(const Vocabulary& vocabulary,
                                                  std::uint32_t left_out_fold,
                                                  const std::vector<Weights>& weights) const;
  [[nodiscard]] double best_bayes_share(const Vocabulary& vocabulary,
                                        const std::vector<std::vector<Weights>>& of_folds) const;
  [[nodiscard]] std::vector<Weights> bayes(const Vocabulary& vocabulary,
                                           std::uint32_t left_out_fold) const;
  [[nodiscard]] float score(const Vocabulary& vocabulary, const Weights& weights,
                            const Example& example) const;
  // Of each example, by the weights that were found without its fold; classes_.size() each.
  [[nodiscard]] std::vector<float> left_out_scores(
      const Vocabulary& vocabulary, const std::vector<std::vector<Weights>>& of_folds) const;
  // By left-out scores of all folds but one.
  [[nodiscard]] std::vector<Calibration> calibrations(std::span<const float> scores,
                                                      std::uint32_t left_out_fold) const;
  [[nodiscard]] CrossValidation assess(std::span<const float> scores) const;
  [[nodiscard]] std::vector<std::uint32_t> most_influential(
      const Vocabulary& vocabulary, const std::vector<Weights>& weights) const;
  [[nodiscard]] std::string write(const Vocabulary& vocabulary, const std::vector<Weights>& weights,
                                  const std::vector<Calibration>& calibrations) const;
  // Rows of words that no article has, as far as there is room.
  void add_unseen(const Vocabulary& vocabulary, const std::vector<Weights>& weights,
                  std::vector<ModelRow>& rows) const;
  template <typename Work>
  void for_each_class(Work&& work) const;

  TrainerOptions options_;
  std::vector<TrainerClass> classes_;
  bool uses_vectors_ = false;
  std::unordered_map<std::uint64_t, std::uint32_t> numbers_;
  std::vector<Feature> features_;  // By number.
  std::vector<Entry> entries_;
  std::vector<Example> examples_;
  CrossValidation cross_validation_;
  std::vector<Mark> marks_;  // classes_.size() per example.
};

}  // namespace wirewatch::topic_tools
