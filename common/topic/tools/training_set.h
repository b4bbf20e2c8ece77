// The articles that a linear classifier learns from, as bags of numbered features.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "common/text/article_text.h"
#include "common/topic/topic_features.h"

namespace wirewatch::topic_tools {

enum class Mark : std::int8_t { kNo = -1, kUnknown = 0, kYes = 1 };

// A token of a document: its features as in topic_features.h, 0 for those that it has not. A token
// without a word but with a stem counts as the stem; one with a pair alone as the pair.
struct CountedToken {
  std::uint64_t word = 0;
  std::uint64_t stem = 0;
  std::uint64_t pair = 0;
  std::array<std::uint64_t, 2> pair_words{};  // The words of the pair.
  std::uint32_t count = 1;                    // How often it counts: the headline's bonus.
};

// The tokens of a text that classification would read, in their order; those of its headline count
// `headline_count` times.
[[nodiscard]] std::vector<CountedToken> counted_tokens(const ArticleText& text,
                                                       const FeatureOptions& options,
                                                       std::uint32_t headline_count);

// How a document takes part.
struct DocumentRole {
  float weight = 1;        // How much its errors cost. > 0.
  std::uint8_t group = 0;  // Its language: what is a common word is counted within each group.
  // False for made-up documents: they teach the weights, but neither confidences nor frequencies.
  bool is_real = true;
  // Of the document that was added before it: cross-validation leaves both out together.
  bool is_excerpt = false;
};

class TrainingSet {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;

  // A feature of a document with the times that it counts, at most TopicModel::kCountMax.
  struct Entry {
    std::uint32_t feature = 0;  // Its number.
    std::uint8_t count = 0;
  };
  struct Document {
    std::uint32_t begin = 0;  // In the entries.
    std::uint32_t end = 0;
    DocumentRole role;
  };
  // A feature as training found it, by its number.
  struct Feature {
    std::uint64_t hash = 0;
    std::uint32_t frequency = 0;       // Documents that have it, as itself or as a word's stem.
    std::uint32_t stem = kNone;        // Of a word.
    std::uint32_t first_word = kNone;  // Of a pair.
    std::uint32_t second_word = kNone;
    bool is_kept = false;  // Whatever its influence.
  };

  // `marks` has one entry per class, in every call equally many.
  void add(std::span<const CountedToken> tokens, std::span<const Mark> marks,
           const DocumentRole& role);
  // The features of these tokens that some document has, as entries() gives them.
  [[nodiscard]] std::vector<Entry> entries_of(std::span<const CountedToken> tokens) const;
  // Marks the features of these tokens that some document has.
  void keep(std::span<const CountedToken> tokens);

  [[nodiscard]] std::span<const Document> documents() const { return documents_; }
  [[nodiscard]] std::span<const Feature> features() const { return features_; }
  [[nodiscard]] std::size_t class_count() const { return class_count_; }
  // The features of a document, each once, in order of their numbers.
  [[nodiscard]] std::span<const Entry> entries(const Document& document) const {
    return std::span(entries_).subspan(document.begin, document.end - document.begin);
  }
  // The class marks of the document with this index.
  [[nodiscard]] std::span<const Mark> marks(std::size_t document) const {
    return std::span(marks_).subspan(document * class_count_, class_count_);
  }
  // The number of a feature, or kNone.
  [[nodiscard]] std::uint32_t find(std::uint64_t hash) const;

  // By number: how rare each feature is among real documents, as the logarithm of the inverse of
  // its share of documents, at least 0.1.
  [[nodiscard]] std::vector<float> inverse_frequencies() const;

 private:
  std::uint32_t number(std::uint64_t hash);
  void add_entries(std::span<const CountedToken> tokens);
  // The features of a document by number, stems of its words included, each once, in `numbers`.
  void features_of(const Document& document, std::vector<std::uint32_t>& numbers) const;

  std::size_t class_count_ = 0;
  std::unordered_map<std::uint64_t, std::uint32_t> numbers_;
  std::vector<Feature> features_;  // By number.
  std::vector<Entry> entries_;
  std::vector<Document> documents_;
  std::vector<Mark> marks_;  // class_count_ per document.
};

}  // namespace wirewatch::topic_tools
