// Generated news for benchmarks: articles of about 4 KB in the languages of the sample news.
//
// Sentences of one language are mixed, those of the sample news with others that name nothing;
// places from the gazetteer are woven in, and every seventh word is changed into another that no
// dictionary has, so that tables are probed with as many different words as real news has. Equal
// arguments give equal bytes everywhere.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wirewatch {

// How often places are named, as mentions in a kilobyte of messages.
enum class PlaceDensity : std::uint8_t {
  kNews,   // 4, as BBC, Reuters and MasakhaNEWS articles have.
  kDense,  // 12, in sentences of the sample alone: the worst that a wire may bring.
};

struct NewsGeneratorOptions {
  std::size_t count = 20'000;
  PlaceDensity density = PlaceDensity::kNews;
  std::size_t body_bytes = 3'500;  // Mean of a body; one article has 0.4 to 1.6 times as many.
  std::uint64_t seed = 1;
};

// A sentence that names no place, nobody and nothing.
struct PlainSentence {
  std::string language;  // BCP 47's primary subtag.
  std::string text;
};

struct NewsMaterial {
  std::vector<std::string> sample;       // Messages of the sample news. Some have a body.
  std::vector<std::string> place_names;  // In any script.
  std::vector<PlainSentence> plain;      // A language without any has the sample's alone.
};

// Messages in ninjs 3, ninjs 1 and flat JSON.
[[nodiscard]] std::vector<std::string> generate_news(const NewsMaterial& material,
                                                     const NewsGeneratorOptions& options);

// The corpus of the benchmarks: `count` messages of the sample news, tests/bench/place_names.txt
// and tests/bench/plain_sentences.tsv. Equal on every machine. Throws std::runtime_error where the
// files cannot be read.
[[nodiscard]] std::vector<std::string> bench_news(std::size_t count, PlaceDensity density);

}  // namespace wirewatch
