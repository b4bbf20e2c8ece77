// Trains one-vs-rest linear classifiers on bags of hashed features and writes them as a model file.
//
//   LinearTrainer trainer(options);
//   trainer.add_class({.id = "medtop:15000000"});
//   trainer.add_document(features, marks);   // per class: yes, no, or not known
//   const std::string file = trainer.train();
//
// Method: features are weighted by log count and inverse document frequency, documents scaled to
// length 1; a support vector machine with squared hinge loss per class, solved in its dual by
// coordinate descent (Hsieh et al. 2008); confidences by Platt's sigmoid on scores of articles that
// were left out in turn (cross-validation). Features with the least influence are dropped until the
// rest fits `row_max`, the machines trained again on these, and the weights rounded to 8 bits.
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

// A feature of a document and how often it occurs, headline bonus included.
struct CountedFeature {
  std::uint64_t hash = 0;
  std::uint32_t count = 0;
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
  void add_document(std::span<const CountedFeature> features, std::span<const Mark> marks,
                    const DocumentRole& role);

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
    float norm = 1;  // The vector's values are divided by it.
  };
  struct Vocabulary {
    std::vector<std::uint32_t> dense;    // Of a feature's number, or kDropped.
    std::vector<std::uint32_t> feature;  // Back.
    std::vector<float> idf;              // By dense number.
    float length_floor = 0;
  };
  struct Calibration {
    float slope = 1;
    float offset = 0;
    float threshold = 0.5F;
  };
  // Weights of one class by dense number, the bias last.
  using Weights = std::vector<float>;

  static constexpr std::uint32_t kDropped = 0xFFFFFFFF;
  static constexpr std::uint32_t kNoFold = 255;

  void choose_features(Vocabulary& vocabulary, const std::vector<bool>* kept);
  // Inverse document frequencies of all features, by number.
  [[nodiscard]] std::vector<float> inverse_frequencies() const;
  void scale_documents(Vocabulary& vocabulary);
  [[nodiscard]] Weights solve(const Vocabulary& vocabulary, std::size_t class_index,
                              std::uint32_t left_out_fold) const;
  [[nodiscard]] float score(const Vocabulary& vocabulary, const Weights& weights,
                            const Example& example) const;
  [[nodiscard]] Calibration calibrate(const Vocabulary& vocabulary, std::size_t class_index) const;
  [[nodiscard]] std::vector<bool> most_influential(const Vocabulary& vocabulary,
                                                   const std::vector<Weights>& weights) const;
  [[nodiscard]] std::string write(const Vocabulary& vocabulary, const std::vector<Weights>& weights,
                                  const std::vector<Calibration>& calibrations) const;
  template <typename Work>
  void for_each_class(Work&& work) const;

  TrainerOptions options_;
  std::vector<TrainerClass> classes_;
  std::unordered_map<std::uint64_t, std::uint32_t> numbers_;
  std::vector<std::uint64_t> hashes_;       // By number.
  std::vector<std::uint32_t> frequencies_;  // Documents that have the feature, by number.
  std::vector<Entry> entries_;
  std::vector<Example> examples_;
  std::vector<Mark> marks_;  // classes_.size() per example.
};

}  // namespace wirewatch::topic_tools
