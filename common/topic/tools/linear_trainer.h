// Trains one-vs-rest linear classifiers on bags of hashed features and writes them as a model file.
//
//   LinearTrainer trainer(options);
//   trainer.add_class({.id = "medtop:15000000"});
//   trainer.add_document(tokens, marks, role);   // per class: yes, no, or not known
//   const std::string file = trainer.train();
//
// Method: features are weighted by log count and inverse document frequency, documents scaled to
// length 1; a support vector machine with squared hinge loss per class, solved in its dual by
// coordinate descent (Hsieh et al. 2008), to which, where classes exclude each other, the weights
// of complement naive Bayes (Rennie et al. 2003) are added, both at the same spread; confidences by
// Platt's sigmoid on scores of articles that were left out in turn (cross-validation). Features
// with the least influence are dropped until the rest fits `row_max`, the machines trained again on
// these, and the weights rounded to 8 bits.
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
  double positive_cost_max = 8;  // … but no more than this.
  double bayes_smoothing = 0.3;  // What naive Bayes adds to every count.
  double length_floor = 0.3;     // Least length of a feature vector, in units of the median.
  unsigned fold_count = 3;       // Of the cross-validation.
  unsigned epoch_max = 25;
  unsigned thread_count = 1;
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
    float square = 0;  // Of the vector's length.
  };
  // A feature as training found it, by its number.
  struct Feature {
    std::uint64_t hash = 0;
    std::uint32_t frequency = 0;       // Documents that have it.
    std::uint32_t stem = kNone;        // Of a word.
    std::uint32_t first_word = kNone;  // Of a pair.
    std::uint32_t second_word = kNone;
    bool is_kept = false;  // Whatever its influence.
  };
  struct Value {
    std::uint32_t dense = 0;
    float value = 0;
  };
  // The features that a model keeps, and the documents as vectors of these.
  struct Vocabulary {
    std::vector<std::uint32_t> dense;    // Of a feature's number, or kNone.
    std::vector<std::uint32_t> feature;  // Back.
    std::vector<std::uint32_t> stem;     // The dense number of a word's stem, or kNone.
    std::vector<float> idf;              // By dense number.
    std::vector<Value> values;
    float length_floor = 0;
  };
  struct Calibration {
    float slope = 1;
    float offset = 0;
    float threshold = 0.5F;
  };
  // Weights of one class by dense number, the bias last.
  using Weights = std::vector<float>;
  // An article in the dual of one class.
  struct DualRow {
    std::span<const Value> values;
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
  void choose_candidates(Vocabulary& vocabulary);
  void use_features(Vocabulary& vocabulary, std::vector<std::uint32_t> chosen);
  // Inverse document frequencies of all features, by number.
  [[nodiscard]] std::vector<float> inverse_frequencies() const;
  // The features of a document by number, each once, in `numbers`.
  void features_of(const Example& example, std::vector<std::uint32_t>& numbers) const;
  void build_vectors(Vocabulary& vocabulary);
  [[nodiscard]] float build_vector(const Vocabulary& vocabulary, const Example& example,
                                   std::vector<Value>& vector) const;
  [[nodiscard]] std::span<const Value> values_of(const Vocabulary& vocabulary,
                                                 const Example& example) const;
  [[nodiscard]] Weights solve(const Vocabulary& vocabulary, std::size_t class_index,
                              std::uint32_t left_out_fold) const;
  void descend(std::vector<DualRow>& rows, std::uint64_t seed, Weights& weights) const;
  [[nodiscard]] std::vector<Weights> solve_all(const Vocabulary& vocabulary,
                                               std::uint32_t left_out_fold) const;
  // `share` is the spread of naive Bayes' part, in units of the machine's.
  void add_bayes(const Vocabulary& vocabulary, std::uint32_t left_out_fold, double share,
                 std::vector<Weights>& weights) const;
  [[nodiscard]] double best_bayes_share(const Vocabulary& vocabulary,
                                        const std::vector<std::vector<Weights>>& of_folds) const;
  [[nodiscard]] std::vector<Weights> bayes(const Vocabulary& vocabulary,
                                           std::uint32_t left_out_fold) const;
  [[nodiscard]] float score(const Vocabulary& vocabulary, const Weights& weights,
                            const Example& example) const;
  // `of_folds`: the weights that were found without each fold.
  [[nodiscard]] std::vector<Calibration> calibrate(
      const Vocabulary& vocabulary, const std::vector<std::vector<Weights>>& of_folds) const;
  [[nodiscard]] std::vector<std::uint32_t> most_influential(
      const Vocabulary& vocabulary, const std::vector<Weights>& weights) const;
  [[nodiscard]] std::string write(const Vocabulary& vocabulary, const std::vector<Weights>& weights,
                                  const std::vector<Calibration>& calibrations) const;
  template <typename Work>
  void for_each_class(Work&& work) const;

  TrainerOptions options_;
  std::vector<TrainerClass> classes_;
  std::unordered_map<std::uint64_t, std::uint32_t> numbers_;
  std::vector<Feature> features_;  // By number.
  std::vector<Entry> entries_;
  std::vector<Example> examples_;
  std::vector<Mark> marks_;  // classes_.size() per example.
};

}  // namespace wirewatch::topic_tools
