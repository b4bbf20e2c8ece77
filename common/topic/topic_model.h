// A linear classifier over hashed features, read from the bytes of one file.
//
// One format serves the topics, the labels of a newsroom and the identification of languages. A
// model holds classes (id, level, parent, calibration, threshold) and rows of small integer
// weights, one row per feature that training kept. Features are found by a table of fingerprints
// with a rank per bucket, which refuses nearly all features that training did not see.
//
//   const auto model = TopicModel::from_bytes(bytes);  // e.g. of a mapped file
//   if (!model) fail(model.error());
//   model->score(text, scratch);      // scratch.scores, one per class
//
// A class's score is  bias + Σ weight · count / length of the article's feature vector,  so that it
// does not depend on how long the article is; confidence() maps it to a probability, and knows that
// a few words may all be strays.
//
// Lifetime: the model reads `bytes` in place; they must be aligned to 8 (64 is faster, and so are
// huge pages) and outlive it.
// Threads: const calls from any thread, one scratch per thread.
// Cost of score(): about 10 ns per token, most of it waiting for memory.

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

namespace topic_model_format {
struct Bucket;
}

enum class TopicModelKind : std::uint8_t { kTopics = 1, kLabels = 2, kLanguages = 3 };

struct TopicClass {
  std::string_view id;       // "medtop:11000000", "crude", "de". Lives as long as the bytes.
  std::int32_t parent = -1;  // Index of the class above, or -1.
  std::uint32_t level = 1;
  float scale = 1;  // Of the integer weights.
  float bias = 0;
  float slope = 1;  // Of a whole article: confidence = 1 / (1 + exp(-(slope * score + offset)))
  float offset = 0;
  float short_slope = 0;  // What a text of nothing would add to these, a shorter one a part of it.
  float short_offset = 0;
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
  // A row, as its number from 1 on, with how much it counts.
  struct Counted {
    std::uint32_t row = 0;
    std::uint32_t units = 0;
  };
  std::vector<std::uint8_t> counts_;  // How often each row counts; 0 from article to article.
  std::vector<std::uint32_t> rows_;   // Distinct rows, as they were found …
  std::size_t row_count_ = 0;         // … of which these are filled.
  std::vector<Counted> counted_;
  std::vector<std::uint32_t> others_;  // Tokens that are left to their stems.
  std::vector<std::uint32_t> pairs_;   // Tokens that may end a pair.
  std::vector<std::uint64_t> probes_;  // Pairs and stems to be looked up.
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

  // The scores of a text, by the words, pairs and stems of topic_features.h.
  void score(const ArticleText& text, TopicScratch& scratch) const;

  // The scores of other features: begin, any number of add, finish. Each of `features` counts
  // `count` times, 1 to kCountMax; what is found beyond kFoundMax is left out.
  void begin(TopicScratch& scratch) const;
  void add(std::span<const std::uint64_t> features, std::uint32_t count,
           TopicScratch& scratch) const;
  void finish(TopicScratch& scratch) const;
  // As finish(), without vector instructions. Gives the same bits; for tests.
  void finish_portable(TopicScratch& scratch) const;

  // How short a text is of which so many features have a row: 1 for none of them, towards 0 for
  // whole articles. A headline's few words may all be strays, an article's hardly.
  [[nodiscard]] static float shortness(std::uint32_t known_feature_count) {
    return kShortFeatures / (kShortFeatures + static_cast<float>(known_feature_count));
  }
  // The greatest log odds that a text of so many known features may have, whatever they say: of
  // beginnings of left-out articles of which a topic was all but certain, .85 were right that had
  // one or two of them, .94 with three or four, .99 from five on. What is above the bound counts a
  // hundredth, so that surer topics stay before others.
  [[nodiscard]] static float bounded(float log_odds, std::uint32_t known_feature_count) {
    const float bound = kOddsMaxBase + kOddsMaxStep * static_cast<float>(known_feature_count);
    return log_odds <= bound ? log_odds : bound + (log_odds - bound) / 100;
  }
  // Calibrated log odds of a class at a score, and the probability that they stand for.
  [[nodiscard]] float log_odds(std::size_t class_index, float score, float shortness) const {
    const TopicClass& entry = classes_[class_index];
    return (entry.slope + entry.short_slope * shortness) * score +
           (entry.offset + entry.short_offset * shortness);
  }
  [[nodiscard]] float confidence(std::size_t class_index, float score, float shortness) const;

  // True when a feature has a row; weight() is its weight for a class, 0 without a row. For
  // explanations.
  [[nodiscard]] bool knows(std::uint64_t feature) const;
  [[nodiscard]] float weight(std::uint64_t feature, std::size_t class_index) const;

  static constexpr std::uint32_t kFormatVersion = 4;
  static constexpr float kOddsMaxBase = 1.2F;  // With kOddsMaxStep .85, .94, .99 as said above.
  static constexpr float kOddsMaxStep = 0.5F;
  static constexpr float kShortFeatures = 8;  // Known features of a text that is half short.
  static constexpr std::size_t kClassMax = 1024;
  static constexpr std::uint32_t kCountMax = 15;
  static constexpr std::uint32_t kTokenMax = 1U << 14;
  static constexpr std::size_t kFoundMax = 2 * (kTokenMax - 1);  // A word or stem and a pair each.

 private:
  TopicModel() = default;
  struct Hit;
  struct Table;
  [[nodiscard]] Table table() const;
  // Of a row's number from 1 on.
  [[nodiscard]] const std::uint8_t* row_at(std::uint32_t row) const {
    return before_rows_ + std::size_t{row} * row_bytes_;
  }

  // The steps of score(), for the headline or for what is read of the body.
  struct Found {
    std::size_t others = 0;  // Words without a row.
    std::size_t pairs = 0;   // Pairs that may have one.
  };
  void add_segment(const ArticleText& text, bool headline, TopicScratch& scratch) const;
  Found find_words(const ArticleText& text, bool headline, TopicScratch& scratch) const;
  std::size_t probe_pairs(const ArticleText& text, std::size_t pair_count,
                          TopicScratch& scratch) const;
  std::size_t probe_stems(const ArticleText& text, std::size_t other_count, std::size_t probe_count,
                          TopicScratch& scratch) const;
  void find_probes(std::span<const std::uint64_t> probes, std::uint32_t count,
                   TopicScratch& scratch) const;
  std::uint64_t take_counts(TopicScratch& scratch) const;
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
  const topic_model_format::Bucket* buckets_ = nullptr;
  const std::uint8_t* before_rows_ = nullptr;  // Row 1 is one row further.
};

}  // namespace wirewatch
