// A linear classifier over hashed features, read from the bytes of one file.
//
// One format serves the topics, the labels of a newsroom and the identification of languages. A
// model holds classes (id, level, parent, calibration, threshold) and rows of small integer
// weights, one row per feature that training kept. Features are found by a bit table and a rank,
// and a fingerprint beside it refuses nearly all features that training did not see.
//
//   const auto model = TopicModel::from_bytes(bytes);  // e.g. of a mapped file
//   if (!model) fail(model.error());
//   model->begin(scratch);
//   model->add(features, 1, scratch);
//   model->finish(scratch);           // scratch.scores, one per class
//
// A class's score is  bias + Σ weight · count / length of the article's feature vector,  so that it
// does not depend on how long the article is; confidence() maps it to a probability.
//
// Lifetime: the model reads `bytes` in place; they must be aligned to 8 and outlive it.
// Threads: const calls from any thread, one scratch per thread.
// Cost: about 5 ns per feature with a row, 1 ns per feature without.

#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/topic/topic_features.h"

namespace wirewatch {

enum class TopicModelKind : std::uint8_t { kTopics = 1, kLabels = 2, kLanguages = 3 };

struct TopicClass {
  std::string_view id;       // "medtop:11000000", "crude", "de". Lives as long as the bytes.
  std::int32_t parent = -1;  // Index of the class above, or -1.
  std::uint32_t level = 1;
  float scale = 1;  // Of the integer weights.
  float bias = 0;
  float slope = 1;  // confidence = 1 / (1 + exp(-(slope * score + offset)))
  float offset = 0;
  float threshold = 0.5F;  // Least confidence at which the class is given.
};

// Working memory of one thread, reused from article to article.
class TopicScratch {
 public:
  // Scores of the classes, after TopicModel::finish().
  std::vector<float> scores;
  // Distinct features with a row, after TopicModel::finish().
  std::uint32_t known_feature_count = 0;
  // Room for the features of a text on their way to TopicModel::add().
  std::vector<std::uint64_t> features;

 private:
  friend class TopicModel;
  std::vector<std::uint8_t> counts_;    // Per row; all zero between articles.
  std::vector<std::uint32_t> touched_;  // Rows with a count.
  std::vector<std::uint64_t> present_;  // Features whose bucket has a row.
  std::vector<std::uint32_t> rows_;     // Theirs, where the fingerprint agrees.
  std::vector<std::int32_t> sums_;
};

class TopicModel {
 public:
  // The reason in words when the bytes are no model of this version, are cut, or are damaged.
  [[nodiscard]] static std::expected<TopicModel, std::string> from_bytes(
      std::span<const std::byte> bytes);

  [[nodiscard]] TopicModelKind kind() const { return kind_; }
  [[nodiscard]] std::span<const TopicClass> classes() const { return classes_; }
  [[nodiscard]] const FeatureOptions& features() const { return features_; }
  // What the classes belong to: "medtop", "reuters", "language". Lives as long as the bytes.
  [[nodiscard]] std::string_view scheme() const { return scheme_; }
  // True when an article has exactly one of the classes.
  [[nodiscard]] bool is_exclusive() const { return exclusive_; }
  // Each occurrence in the headline counts as this many. >= 1.
  [[nodiscard]] std::uint32_t headline_count() const { return headline_count_; }
  // Changes with the contents: equal versions are equal models.
  [[nodiscard]] std::uint64_t version() const { return checksum_; }
  [[nodiscard]] std::size_t row_count() const { return row_count_; }

  // One article: begin, any number of add, finish. Each of `features` counts `count` times, 1 to
  // kCountMax.
  void begin(TopicScratch& scratch) const;
  void add(std::span<const std::uint64_t> features, std::uint32_t count,
           TopicScratch& scratch) const;
  void finish(TopicScratch& scratch) const;
  // As finish(), without vector instructions. Gives the same bits; for tests.
  void finish_portable(TopicScratch& scratch) const;

  // begin, the features of `text`, finish.
  void score(const ArticleText& text, TopicScratch& scratch) const;

  // Calibrated probability of a class at a score.
  [[nodiscard]] float confidence(std::size_t class_index, float score) const;

  // Weight of a feature for a class; 0 when the model does not know it. For explanations.
  [[nodiscard]] float weight(std::uint64_t feature, std::size_t class_index) const;

  static constexpr std::uint32_t kFormatVersion = 1;
  static constexpr std::size_t kClassMax = 1024;
  static constexpr std::uint32_t kCountMax = 15;

 private:
  TopicModel() = default;
  [[nodiscard]] bool is_present(std::uint64_t feature) const {
    const std::uint64_t bucket = feature >> bucket_shift_;
    return ((bits_[bucket / 64] >> (bucket % 64)) & 1U) != 0;
  }
  // Row of the feature's bucket, which must be present.
  [[nodiscard]] std::uint32_t row_of(std::uint64_t feature) const;
  void take_sums(std::uint64_t length_squared, TopicScratch& scratch) const;

  TopicModelKind kind_ = TopicModelKind::kTopics;
  std::vector<TopicClass> classes_;
  FeatureOptions features_;
  std::string_view scheme_;
  bool exclusive_ = false;
  std::uint32_t headline_count_ = 1;
  std::uint64_t checksum_ = 0;
  float length_unit_ = 1;   // A row's length byte times this is the square of the feature's length.
  float length_floor_ = 0;  // Shorter feature vectors count as this long.
  std::uint32_t bucket_shift_ = 0;  // A feature's bucket is its hash >> this.
  std::uint32_t row_bytes_ = 0;
  std::uint32_t row_count_ = 0;
  const std::uint64_t* bits_ = nullptr;
  const std::uint32_t* ranks_ = nullptr;  // Rows before each kRankBits buckets.
  const std::uint8_t* fingerprints_ = nullptr;
  const std::uint8_t* rows_ = nullptr;
};

}  // namespace wirewatch
