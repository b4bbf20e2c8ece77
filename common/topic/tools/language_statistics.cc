#include "common/topic/tools/language_statistics.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <system_error>
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

// Of an HTML file's text, pieces of some sentences, so that a part of them can be left out.
void add_pieces(std::string_view text, std::vector<std::string>& pieces) {
  constexpr std::size_t kPieceBytes = 250;
  while (!text.empty()) {
    const std::size_t end =
        std::min(text.find('\n', std::min(kPieceBytes, text.size())), text.size());
    pieces.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

// Reads the sources of all languages.
class Reader {
 public:
  explicit Reader(const LanguageTraining& training)
      : training_(training), material_(language_sources().size()) {}

  std::expected<std::vector<LanguageMaterial>, std::string> run() {
    for (std::size_t index = 0; index < material_.size(); ++index) {
      if (auto read = read_declarations(index); !read) return std::unexpected(read.error());
    }
    for (const std::string_view file :
         {"country-names-multilingual.jsonl.gz", "topics-masakhanews.jsonl.gz",
          "topics-thucnews-titles.jsonl.gz"}) {
      if (auto read = read_set(training_.corpora / file); !read) {
        return std::unexpected(read.error());
      }
    }
    for (std::size_t index = 0; index < material_.size(); ++index) {
      if (auto read = read_words(index); !read) return std::unexpected(read.error());
      if (auto read = read_profile(index); !read) return std::unexpected(read.error());
    }
    return std::move(material_);
  }

 private:
  std::expected<void, std::string> read_declarations(std::size_t index) {
    std::stringstream names{std::string(language_sources()[index].declaration)};
    for (std::string name; std::getline(names, name, ',');) {
      const std::filesystem::path path = training_.declarations / (name + ".html");
      std::ifstream file(path);
      if (!file) return std::unexpected("cannot open " + path.string());
      const std::string html((std::istreambuf_iterator<char>(file)), {});
      std::string text;
      html_to_text(html.substr(std::min(html.find("<body"), html.size())), text);
      add_pieces(text, material_[index].texts);
    }
    return {};
  }

  // More than some 600 KB of one language say little more, and take time: what comes then is passed
  // over.
  std::expected<void, std::string> read_set(const std::filesystem::path& path) {
    constexpr std::size_t kTextBytesMax = 600'000;
    std::map<std::string, std::size_t> bytes;
    return read_corpus(path, {}, [&](CorpusDocument&& document) {
      if (is_held_out(document.id)) return;
      const std::string code = document.language.substr(0, document.language.find('-'));
      const std::string& text = document.body.empty() ? document.title : document.body;
      if (bytes[document.language] > kTextBytesMax) return;
      bytes[document.language] += text.size();
      for (std::size_t index = 0; index < material_.size(); ++index) {
        const LanguageSource& source = language_sources()[index];
        // No set has texts of a language in a script that is not its usual one.
        const bool tagged =
            source.tag.empty() ? source.code == code : source.tag == document.language;
        if (tagged && source.rarity == Rarity::kCommon &&
            is_mainly_of_script(text, source.script)) {
          material_[index].texts.push_back(text);
        }
      }
    });
  }

  // A line is a word, a tab, and its frequency.
  std::expected<void, std::string> read_words(std::size_t index) {
    std::vector<ListedWord>& words = material_[index].words;
    const std::string_view name = language_sources()[index].words;
    if (name.empty()) {
      words = own_words(language_sources()[index]);
      return {};
    }
    const std::filesystem::path path = training_.words / (std::string(name) + ".tsv");
    std::ifstream file(path);
    if (!file) return std::unexpected("cannot open " + path.string());
    for (std::string line; std::getline(file, line);) {
      const std::size_t tab = line.find('\t');
      double of_billion = 0;
      if (tab == std::string::npos ||
          !parse_number(std::string_view(line).substr(tab + 1), of_billion)) {
        return std::unexpected(path.string() + ": a line is a word, a tab, and a number; not \"" +
                               line + '"');
      }
      words.push_back({.word = line.substr(0, tab), .of_million = of_billion / 1000});
    }
    if (name == "sh") leave_out_variants(language_sources()[index].code, words);
    for (ListedWord& own : own_words(language_sources()[index])) words.push_back(std::move(own));
    return {};
  }

  // A file {"freq": {"the": 4711, " th": 815, …}}: counts of 1 to 3 characters.
  std::expected<void, std::string> read_profile(std::size_t index) {
    const std::string_view name = language_sources()[index].profile;
    if (name.empty()) return {};
    const std::filesystem::path path = training_.profiles / name;
    simdjson::dom::parser parser;
    simdjson::dom::object entries;
    if (parser.load(path.string())["freq"].get(entries) != simdjson::SUCCESS) {
      return std::unexpected("cannot read " + path.string());
    }
    for (const auto& [key, value] : entries) {
      std::uint64_t count = 0;
      std::uint64_t feature = 0;
      if (value.get(count) == simdjson::SUCCESS && trigram_of(key, feature)) {
        material_[index].trigrams.emplace_back(feature, static_cast<double>(count));
      }
    }
    return {};
  }

  static void leave_out_variants(std::string_view code, std::vector<ListedWord>& words) {
    std::set<std::string> listed;
    for (const ListedWord& entry : words) listed.insert(entry.word);
    std::erase_if(words, [&](const ListedWord& entry) {
      return is_of_other_variant(entry.word, code,
                                 [&](const std::string& other) { return listed.contains(other); });
    });
  }

  static bool parse_number(std::string_view digits, double& number) {
    std::uint64_t value = 0;
    const char* const end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, value);
    number = static_cast<double>(value);
    return error == std::errc() && stopped == end;
  }

  bool is_mainly_of_script(std::string_view body, Script script) {
    analyzer_.analyze("", body, text_);
    std::size_t of_script = 0;
    for (std::uint32_t token = 0; token < text_.token_count(); ++token) {
      std::size_t at = 0;
      const Script found =
          language_internal::script_of(language_internal::next_character(text_.folded(token), at));
      of_script += found == script ? 1 : 0;
    }
    return of_script * 2 > text_.token_count();
  }

  const LanguageTraining& training_;
  std::vector<LanguageMaterial> material_;
  TextAnalyzer analyzer_;
  ArticleText text_;
};

}  // namespace

double total(const FeatureCounts& counts) {
  double sum = 0;
  for (const auto& [feature, count] : counts) sum += count;
  return sum;
}

LanguageStatistics::LanguageStatistics(const LanguageMaterial& material, Script script,
                                       std::size_t fold_left_out)
    : script_(script) {
  for (std::size_t index = 0; index < material.texts.size(); ++index) {
    if (index % kLanguageFolds != fold_left_out) add(material.texts[index], 1);
  }
  // A list of words is of much text, but of no news: it counts as so many words. Where only the
  // commonest are known, it must not say that there are no others.
  constexpr double kListWords = 200'000;
  constexpr double kShortListWords = 15'000;
  constexpr std::size_t kShortList = 1'000;
  constexpr double kMillion = 1e6;
  const double all = material.words.size() < kShortList ? kShortListWords : kListWords;
  for (const auto& [word, of_million] : material.words) add(word, of_million / kMillion * all);
  // Trigrams of others count as much as all that is read here.
  double counts = 0;
  for (const auto& [feature, count] : material.trigrams) counts += count;
  const double scale = counts > 0 ? total(trigrams_) / counts : 0;
  for (const auto& [feature, count] : material.trigrams) trigrams_[feature] += count * scale;
}

void LanguageStatistics::add(std::string_view body, double count) {
  analyzer_.analyze("", body, text_);
  for (std::uint32_t token = 0; token < text_.token_count(); ++token) {
    const std::string_view word = text_.folded(token);
    std::size_t at = 0;
    if (language_internal::script_of(language_internal::next_character(word, at)) != script_) {
      continue;
    }
    words_[language_internal::word_feature(text_.hashes()[token])] += count;
    language_internal::for_each_trigram(
        word, [&](std::uint64_t feature) { trigrams_[feature] += count; });
  }
  language_internal::for_each_mark(body, script_,
                                   [&](std::uint64_t feature) { marks_[feature] += count; });
}

std::expected<std::vector<LanguageMaterial>, std::string> read_language_material(
    const LanguageTraining& training) {
  return Reader(training).run();
}

}  // namespace wirewatch::topic_tools
