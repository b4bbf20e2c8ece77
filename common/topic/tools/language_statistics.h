// How often words, trigrams of characters and marked letters occur in each language.

#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/text/article_text.h"
#include "common/topic/tools/language_sources.h"

namespace wirewatch::topic_tools {

struct LanguageTraining;

using FeatureCounts = std::map<std::uint64_t, double>;

[[nodiscard]] double total(const FeatureCounts& counts);

// What there is of one language.
struct LanguageMaterial {
  std::vector<std::string> texts;  // Sentences, paragraphs, articles.
  std::vector<ListedWord> words;
  std::vector<std::pair<std::uint64_t, double>> trigrams;  // With their counts.
};

// In the order of language_sources(), without what is_held_out(). The reason in words when a file
// cannot be read.
[[nodiscard]] std::expected<std::vector<LanguageMaterial>, std::string> read_language_material(
    const LanguageTraining& training);

// Texts are in one of kLanguageFolds parts, by their place; a model of kNoFold has all of them.
inline constexpr std::size_t kLanguageFolds = 3;
inline constexpr std::size_t kNoFold = kLanguageFolds;

// Of one language.
class LanguageStatistics {
 public:
  // Without the texts of one fold.
  LanguageStatistics(const LanguageMaterial& material, language_internal::Script script,
                     std::size_t fold_left_out);

  [[nodiscard]] const FeatureCounts& words() const { return words_; }
  [[nodiscard]] const FeatureCounts& trigrams() const { return trigrams_; }
  [[nodiscard]] const FeatureCounts& marks() const { return marks_; }

 private:
  void add(std::string_view body, double count);

  language_internal::Script script_;
  FeatureCounts words_;
  FeatureCounts trigrams_;
  FeatureCounts marks_;
  TextAnalyzer analyzer_;
  ArticleText text_;
};

}  // namespace wirewatch::topic_tools
