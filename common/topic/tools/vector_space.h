// The features that a model keeps, and the documents of a training set as vectors of these: log
// counts times inverse document frequencies, scaled to length 1.
//
// A word's row in a model file holds the weights of the word and of its stem, and a stem's own row
// serves the words that have none; the vectors hold exactly what these rows will add up.
//
// With word vectors (word_vectors.h) a document also has the sum of the vectors of its words.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/topic/tools/training_set.h"
#include "common/topic/tools/word_vectors.h"

namespace wirewatch::topic_tools {

// Weights of one class: of each feature of a space, of each dimension of the word vectors, and last
// of the bias.
using Weights = std::vector<float>;

struct SparseValue {
  std::uint32_t dense = 0;
  float value = 0;
};

// Added up in eight parts, so that the compiler may use vector instructions.
[[nodiscard]] float dot(std::span<const float> a, const float* b);

// The word vectors of a training set's words. Vectors are English: where most words have none they
// would only be noise, and none is used.
class VectorsOfWords {
 public:
  // `vectors` may be nullptr, and outlives this. `share` is the length of a document's sum of
  // vectors, in units of its other features'.
  VectorsOfWords(const TrainingSet& set, const WordVectors* vectors, double share);

  [[nodiscard]] std::size_t dimensions() const {
    return vectors_ == nullptr ? 0 : vectors_->dimensions();
  }
  [[nodiscard]] float share() const { return share_; }
  // nullptr where none is used.
  [[nodiscard]] const WordVectors* vectors() const { return vectors_; }
  // The place of a feature's vector among the word vectors, or TrainingSet::kNone.
  [[nodiscard]] std::uint32_t of_feature(std::uint32_t feature) const { return place_[feature]; }

 private:
  const WordVectors* vectors_ = nullptr;
  float share_ = 0;
  std::vector<std::uint32_t> place_;  // By number of the feature.
};

// Keeps references to the training set and the word vectors, which outlive it and stay as they are.
class VectorSpace {
 public:
  // The value by which every document has the bias as a feature.
  static constexpr float kBiasValue = 0.5F;

  // `features` are numbers of the set in rising order. Shorter feature vectors than `length_floor`
  // times the median count as that long.
  VectorSpace(const TrainingSet& set, const VectorsOfWords& vectors,
              std::vector<std::uint32_t> features, double length_floor);

  [[nodiscard]] const TrainingSet& set() const { return set_; }
  [[nodiscard]] const VectorsOfWords& vectors() const { return vectors_; }
  [[nodiscard]] std::size_t size() const { return features_.size(); }
  [[nodiscard]] std::size_t dimensions() const { return vectors_.dimensions(); }
  [[nodiscard]] std::size_t weight_count() const { return size() + dimensions() + 1; }
  // The number of a feature of the space, and back: TrainingSet::kNone for one outside.
  [[nodiscard]] std::uint32_t feature(std::size_t dense) const { return features_[dense]; }
  [[nodiscard]] std::uint32_t dense(std::uint32_t feature) const { return dense_[feature]; }
  // The place of a word's stem in the space, or TrainingSet::kNone.
  [[nodiscard]] std::uint32_t stem(std::size_t dense) const { return stems_[dense]; }
  [[nodiscard]] std::span<const float> idf() const { return idf_; }
  [[nodiscard]] float length_floor() const { return length_floor_; }

  // By index of the document.
  [[nodiscard]] std::span<const SparseValue> values(std::size_t document) const {
    return std::span(values_).subspan(begins_[document], begins_[document + 1] - begins_[document]);
  }
  [[nodiscard]] std::span<const float> sums(std::size_t document) const {
    return std::span(sums_).subspan(document * dimensions(), dimensions());
  }
  // By weights that hold what vectors say, see fold_vectors().
  [[nodiscard]] float score(const Weights& weights, std::size_t document) const;
  // Another text's vector, as a document's.
  struct TextVector {
    std::vector<SparseValue> values;
    std::uint32_t row_count = 0;  // Features with a row, as TopicScratch counts them.
  };
  [[nodiscard]] TextVector vector_of(std::span<const TrainingSet::Entry> entries) const;
  [[nodiscard]] float score(const Weights& weights, const TextVector& text) const;

  // Adds what the weights of dimensions say to the weights of the words that have vectors.
  void fold_vectors(Weights& weights) const;

 private:
  // The vector of a text, not yet scaled, in order of features; its length as the model will
  // measure it, by rows, and how many these are.
  struct Extent {
    float length = 0;
    std::uint32_t row_count = 0;
  };
  [[nodiscard]] Extent build_vector(std::span<const TrainingSet::Entry> entries,
                                    std::vector<SparseValue>& vector) const;
  void build_vectors(double length_floor);
  void build_sums();

  const TrainingSet& set_;
  const VectorsOfWords& vectors_;
  std::vector<std::uint32_t> features_;
  std::vector<std::uint32_t> dense_;  // By number of the feature.
  std::vector<std::uint32_t> stems_;
  std::vector<float> idf_;
  std::vector<SparseValue> values_;
  std::vector<std::size_t> begins_;  // In values_, by document, and the end of the last.
  std::vector<float> sums_;
  float length_floor_ = 0;
};

}  // namespace wirewatch::topic_tools
