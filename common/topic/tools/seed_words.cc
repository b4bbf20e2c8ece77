#include "common/topic/tools/seed_words.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <initializer_list>
#include <utility>

#include "common/base/utf8.h"
#include "common/text/article_text.h"

namespace wirewatch::topic_tools {

namespace {

// Forms of an Arabic or Hebrew noun with its article and the particles that are written together
// with it.
std::vector<std::string> written_forms(const std::string& language, const std::string& word) {
  std::vector<std::string> forms = {word};
  const auto add = [&](std::initializer_list<std::string_view> prefixes) {
    for (const std::string_view prefix : prefixes) forms.push_back(std::string(prefix) + word);
  };
  if (language == "ar" && word.find(' ') == std::string::npos && !word.starts_with("ال")) {
    add({"ال", "وال", "بال", "لل", "و"});
  }
  if (language == "he" && word.find(' ') == std::string::npos) add({"ה", "ב", "ל", "ו"});
  return forms;
}

bool is_unspaced(std::string_view folded) {
  // Han, kana and Hangul have three or four bytes in UTF-8 and a lead byte of 0xE3 or more.
  return !folded.empty() && static_cast<unsigned char>(folded[0]) >= 0xE3;
}

// A word as long as a stem is the stem of its longer forms: "صاروخ" of "صاروخا".
std::uint64_t stem_of_longer_forms(std::string_view word) {
  return count_code_points(word) == kStemCharacters ? stem_feature(word) : 0;
}

// What a word or phrase is known by: the pairs of a phrase; the word itself and, where words are
// inflected, its stem.
std::vector<CountedToken> tokens_of(const std::string& language, const ArticleText& text) {
  std::vector<CountedToken> tokens;
  const std::uint32_t count = text.token_count();
  if (count == 1) {
    const std::string_view word = text.folded(0);
    // One character or syllable alone is a part of too many words. A run of katakana is a word.
    constexpr std::size_t kCharacterBytes = 4;
    if (is_unspaced(word) && word.size() <= kCharacterBytes) return tokens;
    tokens.push_back({.word = text.hashes()[0]});
    if (language == "en") return tokens;
    if (const std::size_t size = stem_size(word); size > 0) {
      tokens.back().stem = stem_feature(word.substr(0, size));
    } else if (const std::uint64_t stem = stem_of_longer_forms(word); stem != 0) {
      tokens.push_back({.stem = stem});
    }
    return tokens;
  }
  for (std::uint32_t token = 1; token < count; ++token) {
    const std::uint64_t before = text.hashes()[token - 1];
    const std::uint64_t word = text.hashes()[token];
    tokens.push_back({.pair = pair_feature(before, word), .pair_words = {before, word}});
  }
  return tokens;
}

// For a topic and the one above.
void claim(TopicId topic, float weight, std::vector<SeedWords::Claim>& claims) {
  for (const TopicId claimed : {topic, topic_parent(topic)}) {
    const bool known = std::any_of(claims.begin(), claims.end(),
                                   [&](const auto& entry) { return entry.topic == claimed; });
    if (claimed != TopicId{} && !known) claims.push_back({claimed, weight});
  }
}

}  // namespace

void SeedWords::add(TopicId topic, const std::string& language, std::string_view words) {
  const TextAnalyzer analyzer;
  ArticleText text;
  while (!words.empty()) {
    const std::size_t comma = words.find(',');
    std::string_view word = words.substr(0, comma);
    words = comma == std::string_view::npos ? std::string_view() : words.substr(comma + 1);
    word.remove_prefix(std::min(word.find_first_not_of(' '), word.size()));
    for (const std::string& form : written_forms(language, std::string(word))) {
      analyzer.analyze(form, "", text);
      if (topic == TopicId{}) {
        attributions_[language].push_back({.topic = topic, .tokens = counted_tokens(text, {}, 1)});
        continue;
      }
      Seed seed{.topic = topic, .tokens = tokens_of(language, text)};
      if (seed.tokens.empty()) continue;
      const float weight = text.token_count() > 1 ? 1.5F : 1.0F;
      for (const CountedToken& token : seed.tokens) {
        for (const std::uint64_t feature : {token.word, token.stem, token.pair}) {
          if (feature != 0) claim(topic, weight, claims_[language][feature]);
        }
      }
      seeds_[language].push_back(std::move(seed));
    }
  }
}

std::expected<SeedWords, std::string> SeedWords::read(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) return std::unexpected("cannot open " + path.string());
  SeedWords seeds;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t first = line.find('\t');
    const std::size_t second = line.find('\t', first + 1);
    std::uint32_t id = 0;
    const char* end = line.data() + std::min(first, line.size());
    if (second == std::string::npos || std::from_chars(line.data(), end, id).ptr != end ||
        (id != 0 && topic_name(TopicId{id}).empty())) {
      return std::unexpected(path.string() + ":" + std::to_string(number) +
                             ": not \"topic, language, words\"");
    }
    seeds.add(TopicId{id}, line.substr(first + 1, second - first - 1),
              std::string_view(line).substr(second + 1));
  }
  return seeds;
}

const std::vector<SeedWords::Claim>* SeedWords::claims(const std::string& language,
                                                       std::uint64_t feature) const {
  const auto of_language = claims_.find(language);
  if (of_language == claims_.end()) return nullptr;
  const auto found = of_language->second.find(feature);
  return found == of_language->second.end() ? nullptr : &found->second;
}

}  // namespace wirewatch::topic_tools
