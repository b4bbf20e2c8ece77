// How often words and trigrams of characters occur in each language.

#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/text/article_text.h"
#include "common/topic/tools/language_sources.h"

namespace wirewatch::topic_tools {

struct LanguageTraining;

using FeatureCounts = std::unordered_map<std::uint64_t, double>;

[[nodiscard]] double total(const FeatureCounts& counts);

// Whether a folded word begins in a script; other words of a text say nothing about its language.
[[nodiscard]] bool is_of_script(std::string_view word, language_internal::Script script);

// Of one language.
class LanguageStatistics {
 public:
  // More than some 600 KB of one language say little more, and take time: what comes then is passed
  // over.
  void add_text(std::string_view body, language_internal::Script script, TextAnalyzer& analyzer,
                ArticleText& text);
  // A file {"freq": {"the": 4711, " th": 815, …}}: counts of 1 to 3 characters. They count
  // as much as all texts that were added before.
  [[nodiscard]] std::expected<void, std::string> add_profile(const std::filesystem::path& path);

  [[nodiscard]] const FeatureCounts& words() const { return words_; }
  [[nodiscard]] const FeatureCounts& trigrams() const { return trigrams_; }
  // Beginnings of texts, to see how well the language fits itself.
  [[nodiscard]] const std::vector<std::string>& samples() const { return samples_; }

 private:
  FeatureCounts words_;
  FeatureCounts trigrams_;
  std::vector<std::string> samples_;
  std::size_t text_bytes_ = 0;
};

// In the order of language_sources(). The reason in words when a file cannot be read.
[[nodiscard]] std::expected<std::vector<LanguageStatistics>, std::string> read_language_statistics(
    const LanguageTraining& training);

}  // namespace wirewatch::topic_tools
