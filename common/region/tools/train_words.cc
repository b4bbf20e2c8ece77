// Trains the words that stand for countries, see MODEL_CARD.md:
//
//   wirewatch_train_country_words CORPORA GAZETTEER.bin > common/region/word_model.inc
//
// Reads English news from the corpora's folder. An article is labelled by the countries that the
// classifier finds named in it; hand-made labels are not read.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/region/region_classifier.h"
#include "common/region/word_model.h"
#include "common/text/zone_labeler.h"
#include "common/topic/tools/corpus_reader.h"

namespace {

using namespace wirewatch;

constexpr double kLabelSalienceMin = 0.5;
constexpr std::uint32_t kWordDocumentsMin = 6;
constexpr std::uint32_t kPairDocumentsMin = 3;
constexpr std::uint32_t kCountryDocumentsMin = 5;
constexpr double kSmoothing = 1000;  // Words of no text at all, for countries with few texts.
constexpr double kWeightMin = 1;     // Of the logarithm.
constexpr double kWeightMax = kWordWeightUnit * ((1 << kWordWeightBits) - 1);

struct Word {
  std::uint32_t documents = 0;
  std::map<std::uint16_t, std::uint32_t> countries;  // Documents by country.
};

struct Counts {
  std::unordered_map<std::uint64_t, Word> words;
  std::map<std::uint16_t, std::pair<std::uint32_t, double>> countries;  // Documents, words.
  double word_count = 0;
};

class Reader {
 public:
  explicit Reader(const Gazetteer& gazetteer) : classifier_(gazetteer) {}

  void add(std::string_view title, std::string_view body, Counts& counts) {
    analyzer_.analyze(title, body, text_);
    labeler_.label(text_);
    classifier_.classify(text_, {.language = "en", .located = {}, .source = {}}, scratch_, result_);
    // Where nothing is named, the dateline alone tells: its country stands with less salience.
    std::vector<std::uint16_t> countries;
    for (const CountryScore& score : result_.about) {
      if (score.mention_count == 0 || score.salience >= kLabelSalienceMin) {
        countries.push_back(static_cast<std::uint16_t>(score.country.index()));
      }
    }
    std::vector<std::uint64_t> hashes;
    for (const ZoneSpan& zone : text_.zones()) {
      if (!zone.counts()) continue;
      const auto all = text_.hashes();
      hashes.insert(hashes.end(), all.begin() + zone.token_begin, all.begin() + zone.token_end);
    }
    std::sort(hashes.begin(), hashes.end());
    hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
    const auto size = static_cast<double>(hashes.size());
    counts.word_count += size;
    for (const std::uint16_t country : countries) {
      auto& [documents, words] = counts.countries[country];
      ++documents;
      words += size;
    }
    for (const std::uint64_t hash : hashes) {
      Word& word = counts.words[hash];
      ++word.documents;
      for (const std::uint16_t country : countries) ++word.countries[country];
    }
  }

 private:
  RegionClassifier classifier_;
  TextAnalyzer analyzer_;
  ZoneLabeler labeler_;
  ArticleText text_;
  RegionScratch scratch_;
  RegionResult result_;
};

// Newsmap's weight: how much likelier the word is where the country is named, as a logarithm.
double weight_of(const Counts& counts, const Word& word, std::uint16_t country,
                 std::uint32_t together) {
  const double inside = counts.countries.at(country).second;
  const double apart = word.documents - together;
  return std::log((together + 1) / (inside + kSmoothing)) -
         std::log((apart + 1) / (counts.word_count - inside + kSmoothing));
}

std::uint64_t slot_value(const Counts& counts, std::uint64_t hash, const Word& word) {
  std::vector<std::pair<double, std::uint16_t>> weights;
  for (const auto& [country, together] : word.countries) {
    if (together < kPairDocumentsMin || counts.countries.at(country).first < kCountryDocumentsMin) {
      continue;
    }
    const double weight = weight_of(counts, word, country, together);
    if (weight >= kWeightMin) weights.emplace_back(-std::min(weight, kWeightMax), country);
  }
  if (weights.empty()) return 0;
  std::sort(weights.begin(), weights.end());
  std::uint64_t value = word_tag(hash);
  for (std::size_t i = 0; i < std::min(weights.size(), kWordCountryMax); ++i) {
    const auto units =
        static_cast<std::uint64_t>(std::lround(-weights[i].first / double{kWordWeightUnit}));
    const std::uint64_t entry = std::uint64_t{weights[i].second} << kWordWeightBits | units;
    value |= entry << (i * kWordEntryBits);
  }
  return value;
}

void write(const Counts& counts) {
  std::map<std::uint64_t, std::uint64_t>
      values;  // In order, so that equal input gives equal bytes.
  for (const auto& [hash, word] : counts.words) {
    if (word.documents < kWordDocumentsMin) continue;
    const std::uint64_t value = slot_value(counts, hash, word);
    if (value != 0) values.emplace(hash, value);
  }
  std::size_t size = 64;
  while (size < values.size() * 2) size *= 2;
  std::vector<std::uint64_t> slots(size, 0);
  for (const auto& [hash, value] : values) {
    std::size_t slot = hash & (size - 1);
    while (slots[slot] != 0) slot = (slot + 1) & (size - 1);
    slots[slot] = value;
  }
  std::printf(
      "// Written by wirewatch_train_country_words. Do not edit. %zu words.\n"
      "// clang-format off\nconstexpr std::uint64_t kWordSlots[%zu] = {",
      values.size(), size);
  for (std::size_t i = 0; i < size; ++i) {
    if (i % 6 == 0) std::printf("\n");
    std::printf(slots[i] == 0 ? "0," : "%#llxU,", static_cast<unsigned long long>(slots[i]));
  }
  std::printf("\n};\n// clang-format on\n");
}

int run(const std::string& corpora, const std::string& gazetteer_file) {
  std::ifstream file(gazetteer_file, std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(file)), {});
  std::vector<std::uint64_t> bytes((content.size() + 7) / 8);
  std::copy(content.begin(), content.end(), reinterpret_cast<char*>(bytes.data()));
  const auto gazetteer =
      Gazetteer::from_bytes(std::as_bytes(std::span(bytes)).first(content.size()));
  if (!gazetteer) {
    std::fprintf(stderr, "%s\n", gazetteer.error().c_str());
    return 1;
  }
  Reader reader(*gazetteer);
  Counts counts;
  for (const char* set : {"reuters-places", "topics-bbc", "topics-agnews", "topics-masakhanews"}) {
    const auto read = topic_tools::read_corpus(
        std::filesystem::path(corpora) / (std::string(set) + ".jsonl.gz"), {},
        [&](topic_tools::CorpusDocument&& document) {
          if (!document.language.empty() && document.language != "en") return;
          if (topic_tools::is_for_tuning(document.id))
            reader.add(document.title, document.dateline + " " + document.body, counts);
        });
    if (!read) {
      std::fprintf(stderr, "%s\n", read.error().c_str());
      return 1;
    }
  }
  write(counts);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: wirewatch_train_country_words CORPORA GAZETTEER.bin\n");
    return 64;
  }
  try {
    return run(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
