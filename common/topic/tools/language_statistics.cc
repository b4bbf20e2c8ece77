#include "common/topic/tools/language_statistics.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include <simdjson.h>

#include "common/article/html_to_text.h"
#include "common/topic/tools/corpus_reader.h"
#include "common/topic/tools/train_languages.h"

namespace wirewatch::topic_tools {

namespace {

using language_internal::Script;

// The feature of a trigram in which spaces stand before or after a word.
bool trigram_of(std::string_view key, std::uint64_t& feature) {
  std::vector<std::uint32_t> characters;
  for (std::size_t at = 0; at < key.size();) {
    const std::size_t begin = at;
    (void)language_internal::next_character(key, at);
    const std::string_view character = key.substr(begin, at - begin);
    if (character == " ") {
      characters.push_back(0);
      continue;
    }
    std::string folded;
    fold(character, folded);
    std::size_t folded_at = 0;
    if (folded.empty()) return false;
    characters.push_back(language_internal::next_character(folded, folded_at));
    if (folded_at != folded.size()) return false;
  }
  if (characters.size() != 3 || characters[1] == 0) return false;
  feature = language_internal::trigram_feature(characters[0], characters[1], characters[2]);
  return true;
}

// Reads the sources of all languages.
class Reader {
 public:
  explicit Reader(const LanguageTraining& training)
      : training_(training), statistics_(language_sources().size()) {}

  std::expected<std::vector<LanguageStatistics>, std::string> run() {
    for (std::size_t index = 0; index < statistics_.size(); ++index) {
      if (auto read = read_declarations(index); !read) return std::unexpected(read.error());
    }
    for (const std::string_view file :
         {"country-names-multilingual.jsonl.gz", "topics-masakhanews.jsonl.gz"}) {
      if (auto read = read_set(training_.corpora / file); !read) {
        return std::unexpected(read.error());
      }
    }
    for (std::size_t index = 0; index < statistics_.size(); ++index) {
      const std::string_view profile = language_sources()[index].profile;
      if (profile.empty()) continue;
      if (auto read = statistics_[index].add_profile(training_.profiles / profile); !read) {
        return std::unexpected(read.error());
      }
    }
    return std::move(statistics_);
  }

 private:
  void add_text(std::string_view body, std::size_t index) {
    statistics_[index].add_text(body, language_sources()[index].script, analyzer_, text_);
  }

  std::expected<void, std::string> read_declarations(std::size_t index) {
    std::stringstream names{std::string(language_sources()[index].declaration)};
    for (std::string name; std::getline(names, name, ',');) {
      const std::filesystem::path path = training_.declarations / (name + ".html");
      std::ifstream file(path);
      if (!file) return std::unexpected("cannot open " + path.string());
      const std::string html((std::istreambuf_iterator<char>(file)), {});
      std::string text;
      html_to_text(html.substr(std::min(html.find("<body"), html.size())), text);
      add_text(text, index);
    }
    return {};
  }

  std::expected<void, std::string> read_set(const std::filesystem::path& path) {
    return read_corpus(path, {}, [&](CorpusDocument&& document) {
      if (is_held_out(document.id)) return;
      const std::string code = document.language.substr(0, document.language.find('-'));
      for (std::size_t index = 0; index < statistics_.size(); ++index) {
        if (language_sources()[index].code == code) add_text(document.body, index);
      }
    });
  }

  const LanguageTraining& training_;
  std::vector<LanguageStatistics> statistics_;
  TextAnalyzer analyzer_;
  ArticleText text_;
};

}  // namespace

double total(const FeatureCounts& counts) {
  double sum = 0;
  for (const auto& [feature, count] : counts) sum += count;
  return sum;
}

bool is_of_script(std::string_view word, Script script) {
  std::size_t at = 0;
  return language_internal::script_of(language_internal::next_character(word, at)) == script;
}

void LanguageStatistics::add_text(std::string_view body, Script script, TextAnalyzer& analyzer,
                                  ArticleText& text) {
  constexpr std::size_t kTextBytesMax = 600'000;
  constexpr std::size_t kSampleMax = 200;
  constexpr std::size_t kSampleBytes = 600;
  if (text_bytes_ > kTextBytesMax) return;
  text_bytes_ += body.size();
  if (samples_.size() < kSampleMax) samples_.emplace_back(body.substr(0, kSampleBytes));
  analyzer.analyze("", body, text);
  for (std::uint32_t token = 0; token < text.token_count(); ++token) {
    if (!is_of_script(text.folded(token), script)) continue;
    ++words_[language_internal::word_feature(text.hashes()[token])];
    language_internal::for_each_trigram(text.folded(token),
                                        [&](std::uint64_t feature) { ++trigrams_[feature]; });
  }
}

std::expected<void, std::string> LanguageStatistics::add_profile(
    const std::filesystem::path& path) {
  simdjson::dom::parser parser;
  simdjson::dom::object entries;
  if (parser.load(path.string())["freq"].get(entries) != simdjson::SUCCESS) {
    return std::unexpected("cannot read " + path.string());
  }
  FeatureCounts counts;
  for (const auto& [key, value] : entries) {
    std::uint64_t count = 0;
    std::uint64_t feature = 0;
    if (value.get(count) == simdjson::SUCCESS && trigram_of(key, feature)) {
      counts[feature] += static_cast<double>(count);
    }
  }
  const double from_text = total(trigrams_);
  const double from_profile = total(counts);
  const double scale = from_text > 0 && from_profile > 0 ? from_text / from_profile : 1;
  for (const auto& [feature, count] : counts) trigrams_[feature] += count * scale;
  return {};
}

std::expected<std::vector<LanguageStatistics>, std::string> read_language_statistics(
    const LanguageTraining& training) {
  return Reader(training).run();
}

}  // namespace wirewatch::topic_tools
