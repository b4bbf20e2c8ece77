#include "common/topic/tools/train_languages.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "common/article/html_to_text.h"
#include "common/text/article_text.h"
#include "common/topic/language_features.h"
#include "common/topic/tools/corpus_reader.h"
#include "common/topic/tools/model_writer.h"

namespace wirewatch::topic_tools {

namespace {

using language_internal::Script;

// A language that shares its script with others. Empty file names: no such source.
struct Language {
  std::string_view code;
  Script script;
  std::string_view declaration;  // Comma-separated file stems.
  std::string_view profile;
};

constexpr Language kLanguages[] = {
    {"af", Script::kLatin, "afr", "af"},
    {"az", Script::kLatin, "azj_latn", ""},
    {"ca", Script::kLatin, "cat", "ca"},
    {"cs", Script::kLatin, "ces", "cs"},
    {"cy", Script::kLatin, "cym", "cy"},
    {"da", Script::kLatin, "dan", "da"},
    {"de", Script::kLatin, "deu_1996", "de"},
    {"en", Script::kLatin, "eng", "en"},
    {"es", Script::kLatin, "spa", "es"},
    {"et", Script::kLatin, "est", "et"},
    {"fi", Script::kLatin, "fin", "fi"},
    {"fr", Script::kLatin, "fra", "fr"},
    {"gl", Script::kLatin, "glg", ""},
    {"ha", Script::kLatin, "hau_NG,hau_NE", ""},
    {"hr", Script::kLatin, "hrv", "hr"},
    {"hu", Script::kLatin, "hun", "hu"},
    {"id", Script::kLatin, "ind", "id"},
    {"ig", Script::kLatin, "ibo", ""},
    {"is", Script::kLatin, "isl", ""},
    {"it", Script::kLatin, "ita", "it"},
    {"lg", Script::kLatin, "lug", ""},
    {"ln", Script::kLatin, "lin,lin_tones", ""},
    {"lt", Script::kLatin, "lit", "lt"},
    {"lv", Script::kLatin, "lav", "lv"},
    {"nl", Script::kLatin, "nld", "nl"},
    {"no", Script::kLatin, "nob", "no"},
    {"om", Script::kLatin, "", ""},
    {"pcm", Script::kLatin, "pcm", ""},
    {"pl", Script::kLatin, "pol", "pl"},
    {"pt", Script::kLatin, "por_BR,por_PT", "pt"},
    {"rn", Script::kLatin, "run", ""},
    {"ro", Script::kLatin, "ron_2006", "ro"},
    {"sk", Script::kLatin, "slk", "sk"},
    {"sl", Script::kLatin, "slv", "sl"},
    {"sn", Script::kLatin, "sna", ""},
    {"so", Script::kLatin, "som", "so"},
    {"sq", Script::kLatin, "als", "sq"},
    {"sv", Script::kLatin, "swe", "sv"},
    {"sw", Script::kLatin, "swh", "sw"},
    {"tl", Script::kLatin, "tgl", "tl"},
    {"tr", Script::kLatin, "tur", "tr"},
    {"vi", Script::kLatin, "vie", "vi"},
    {"xh", Script::kLatin, "xho", ""},
    {"yo", Script::kLatin, "yor", ""},
    {"be", Script::kCyrillic, "bel", ""},
    {"bg", Script::kCyrillic, "bul", "bg"},
    {"kk", Script::kCyrillic, "kaz", ""},
    {"mk", Script::kCyrillic, "mkd", "mk"},
    {"mn", Script::kCyrillic, "khk", ""},
    {"ru", Script::kCyrillic, "rus", "ru"},
    {"sr", Script::kCyrillic, "srp_cyrl", ""},
    {"uk", Script::kCyrillic, "ukr", "uk"},
    {"ar", Script::kArabic, "arb", "ar"},
    {"fa", Script::kArabic, "pes_1", "fa"},
    {"ps", Script::kArabic, "pbu", ""},
    {"ur", Script::kArabic, "urd", "ur"},
    {"hi", Script::kDevanagari, "hin", "hi"},
    {"mr", Script::kDevanagari, "mar", "mr"},
    {"ne", Script::kDevanagari, "nep", "ne"},
    {"am", Script::kEthiopic, "amh", ""},
    {"ti", Script::kEthiopic, "tir", ""},
};
constexpr std::size_t kLanguageCount = std::size(kLanguages);

using Counts = std::unordered_map<std::uint64_t, double>;

struct Statistics {
  Counts words;
  Counts trigrams;
  Counts profile_trigrams;
  std::vector<std::string> samples;  // Texts, to see how well the language fits itself.
  std::size_t text_bytes = 0;
};

// More text of one language says little more, and takes time.
constexpr std::size_t kTextBytesMax = 600'000;
constexpr std::size_t kSampleMax = 200;
constexpr std::size_t kRowMax = 28'000;
// Trigrams of one word overlap: each says less than a word of its own.
constexpr float kTrigramWeight = 0.45F;
constexpr float kLogRatioMin = -3.5F;
constexpr float kLogRatioMax = 6.0F;
// Naive Bayes takes neighbouring features for independent and is too sure of itself.
constexpr float kTemperature = 0.5F;
// A text fits its language when it fits at least this well, against the language's own texts.
constexpr float kFitShare = 0.35F;

double total(const Counts& counts) {
  double sum = 0;
  for (const auto& [feature, count] : counts) sum += count;
  return sum;
}

class Training {
 public:
  std::expected<void, std::string> read(const LanguageTraining& training) {
    for (std::size_t index = 0; index < kLanguageCount; ++index) {
      if (auto done = read_declarations(training.declarations, index); !done) return done;
      if (auto done = read_profile(training.profiles, index); !done) return done;
    }
    for (const std::string_view file :
         {"country-names-multilingual.jsonl.gz", "topics-masakhanews.jsonl.gz"}) {
      const auto read = read_corpus(training.corpora / file, {}, [&](CorpusDocument&& document) {
        if (is_held_out(document.id)) return;
        const std::string code = document.language.substr(0, document.language.find('-'));
        for (std::size_t index = 0; index < kLanguageCount; ++index) {
          if (kLanguages[index].code == code) add_text(document.body, index);
        }
      });
      if (!read) return std::unexpected(read.error());
    }
    return {};
  }

  std::string write() {
    for (std::size_t index = 0; index < kLanguageCount; ++index) mix(index);
    ModelContents contents{.kind = TopicModelKind::kLanguages,
                           .scheme = "language",
                           .exclusive = true,
                           .features = {},
                           .headline_count = 1,
                           .length_floor = 1,
                           .classes = {},
                           .rows = rows()};
    for (const Language& language : kLanguages) {
      contents.classes.push_back({.id = language.code,
                                  .parent = -1,
                                  .level = static_cast<std::uint32_t>(language.script),
                                  .scale = 1,
                                  .bias = 0,
                                  .slope = kTemperature,
                                  .offset = 0,
                                  .threshold = 0});
    }
    const std::string first = write_model(contents);
    set_thresholds(first, contents.classes);
    return write_model(std::move(contents));
  }

 private:
  void add_text(std::string_view body, std::size_t index) {
    Statistics& of = statistics_[index];
    if (of.text_bytes > kTextBytesMax) return;
    of.text_bytes += body.size();
    if (of.samples.size() < kSampleMax) of.samples.emplace_back(body.substr(0, 600));
    analyzer_.analyze("", body, text_);
    for (std::uint32_t token = 0; token < text_.token_count(); ++token) {
      if (!is_of_script(token, kLanguages[index].script)) continue;
      ++of.words[language_internal::word_feature(text_.hashes()[token])];
      language_internal::for_each_trigram(text_.folded(token),
                                          [&](std::uint64_t feature) { ++of.trigrams[feature]; });
    }
  }

  [[nodiscard]] bool is_of_script(std::uint32_t token, Script script) const {
    const std::string_view word = text_.folded(token);
    std::size_t at = 0;
    return language_internal::script_of(language_internal::next_character(word, at)) == script;
  }

  std::expected<void, std::string> read_declarations(const std::filesystem::path& folder,
                                                     std::size_t index) {
    std::stringstream names{std::string(kLanguages[index].declaration)};
    for (std::string name; std::getline(names, name, ',');) {
      const std::filesystem::path path = folder / (name + ".html");
      std::ifstream file(path);
      if (!file) return std::unexpected("cannot open " + path.string());
      const std::string html((std::istreambuf_iterator<char>(file)), {});
      std::string text;
      html_to_text(html.substr(std::min(html.find("<body"), html.size())), text);
      add_text(text, index);
    }
    return {};
  }

  // {"freq": {"the": 4711, " th": 815, …}}: counts of 1 to 3 characters.
  std::expected<void, std::string> read_profile(const std::filesystem::path& folder,
                                                std::size_t index) {
    if (kLanguages[index].profile.empty()) return {};
    const std::filesystem::path path = folder / kLanguages[index].profile;
    simdjson::dom::parser parser;
    simdjson::dom::object counts;
    if (parser.load(path.string())["freq"].get(counts) != simdjson::SUCCESS) {
      return std::unexpected("cannot read " + path.string());
    }
    for (const auto& [key, value] : counts) {
      std::uint64_t count = 0;
      std::uint64_t feature = 0;
      if (value.get(count) == simdjson::SUCCESS && trigram_of(key, feature)) {
        statistics_[index].profile_trigrams[feature] += static_cast<double>(count);
      }
    }
    return {};
  }

  // The feature of a trigram in which spaces stand before or after a word.
  static bool trigram_of(std::string_view key, std::uint64_t& feature) {
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

  // Trigrams of profiles and of texts count alike, whatever their numbers.
  void mix(std::size_t index) {
    Statistics& of = statistics_[index];
    const double from_text = total(of.trigrams);
    const double from_profile = total(of.profile_trigrams);
    if (from_profile == 0) return;
    if (from_text == 0) {
      of.trigrams = of.profile_trigrams;
      return;
    }
    for (const auto& [feature, count] : of.profile_trigrams) {
      of.trigrams[feature] += count * from_text / from_profile;
    }
  }

  // Rows of the features that tell most, words and trigrams together.
  std::vector<ModelRow> rows() {
    std::vector<std::pair<double, ModelRow>> candidates;
    add_rows([](const Statistics& of) -> const Counts& { return of.words; }, 1, candidates);
    add_rows([](const Statistics& of) -> const Counts& { return of.trigrams; }, kTrigramWeight,
             candidates);
    std::sort(candidates.begin(), candidates.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second.feature < b.second.feature;
    });
    if (candidates.size() > kRowMax) candidates.resize(kRowMax);
    std::vector<ModelRow> rows;
    for (auto& [gain, row] : candidates) rows.push_back(std::move(row));
    return rows;
  }

  template <typename Select>
  void add_rows(Select&& select, float weight,
                std::vector<std::pair<double, ModelRow>>& candidates) {
    std::array<double, kLanguageCount> totals{};
    std::map<std::uint64_t, std::array<double, kLanguageCount>> shares;
    for (std::size_t index = 0; index < kLanguageCount; ++index) {
      const Counts& counts = select(statistics_[index]);
      totals[index] = total(counts);
      for (const auto& [feature, count] : counts) shares[feature][index] = count / totals[index];
    }
    for (const auto& [feature, share] : shares) {
      double mean = 0;
      for (const double of_language : share) mean += of_language / kLanguageCount;
      // Once in a small text is no evidence.
      constexpr double kRare = 1e-6;
      if (mean < kRare) continue;
      ModelRow row{.feature = feature, .pair_words = {}, .length = 1, .weights = {}};
      double gain = 0;
      for (std::size_t index = 0; index < kLanguageCount; ++index) {
        // Smoothed by a few occurrences at the mean rate: small texts are trusted less.
        const double prior = kPrior / (kPrior + totals[index] / 1000);
        const double smoothed =
            totals[index] == 0 ? mean : share[index] * (1 - prior) + mean * kFloor * (1 + prior);
        const float ratio =
            std::clamp(static_cast<float>(std::log(smoothed / mean)), kLogRatioMin, kLogRatioMax);
        row.weights.push_back(ratio * weight);
        gain += share[index] * std::fabs(static_cast<double>(ratio));
      }
      candidates.emplace_back(gain * static_cast<double>(weight), std::move(row));
    }
  }

  void set_thresholds(const std::string& bytes, std::vector<TopicClass>& classes) {
    std::vector<std::uint64_t> aligned(bytes.size() / sizeof(std::uint64_t) + 1);
    std::memcpy(aligned.data(), bytes.data(), bytes.size());
    const auto model =
        TopicModel::from_bytes({reinterpret_cast<const std::byte*>(aligned.data()), bytes.size()});
    if (!model) return;
    TopicScratch scratch;
    for (std::size_t index = 0; index < kLanguageCount; ++index) {
      double sum = 0;
      for (const std::string& sample : statistics_[index].samples) {
        analyzer_.analyze("", sample, text_);
        model->begin(scratch);
        scratch.features.clear();
        for (std::uint32_t token = 0; token < text_.token_count(); ++token) {
          if (!is_of_script(token, kLanguages[index].script)) continue;
          scratch.features.push_back(language_internal::word_feature(text_.hashes()[token]));
          language_internal::for_each_trigram(text_.folded(token), [&](std::uint64_t feature) {
            scratch.features.push_back(feature);
          });
        }
        model->add(scratch.features, 1, scratch);
        model->finish(scratch);
        if (scratch.known_feature_count == 0) continue;
        sum += static_cast<double>(scratch.scores[index]) /
               std::sqrt(static_cast<double>(scratch.known_feature_count));
      }
      const auto count =
          static_cast<double>(std::max<std::size_t>(statistics_[index].samples.size(), 1));
      classes[index].threshold = kFitShare * static_cast<float>(sum / count);
    }
  }

  static constexpr double kPrior = 5;
  static constexpr double kFloor = 0.02;

  std::array<Statistics, kLanguageCount> statistics_;
  TextAnalyzer analyzer_;
  ArticleText text_;
};

}  // namespace

std::expected<std::string, std::string> train_languages(const LanguageTraining& training) {
  const auto state = std::make_unique<Training>();
  if (const auto read = state->read(training); !read) return std::unexpected(read.error());
  return state->write();
}

}  // namespace wirewatch::topic_tools
