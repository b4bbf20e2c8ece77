// Generated news for benchmarks: articles of about 4 KB in the languages of the sample news.
//
// Sentences of the sample are mixed within their language; places from the gazetteer are woven in,
// and every seventh word is changed into another that no dictionary has, so that tables are probed
// with as many different words as real news has. Equal arguments give equal bytes everywhere.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wirewatch {

struct NewsGeneratorOptions {
  std::size_t count = 20'000;
  std::size_t body_bytes = 3'500;  // Mean of a body; one article has 0.4 to 1.6 times as many.
  std::uint64_t seed = 1;
};

// `sample` are messages of the sample news; `place_names` names in any script. Returns messages in
// ninjs 3, ninjs 1 and flat JSON. Precondition: some message of the sample has a body.
[[nodiscard]] std::vector<std::string> generate_news(std::span<const std::string> sample,
                                                     std::span<const std::string> place_names,
                                                     const NewsGeneratorOptions& options);

// The corpus of the benchmarks: `count` messages of the sample news and
// tests/bench/place_names.txt. Equal on every machine. Throws std::runtime_error where the files
// cannot be read.
[[nodiscard]] std::vector<std::string> bench_news(std::size_t count);

}  // namespace wirewatch
