// In how many articles of a sample each word stands.
//
// By it the compiler files a profile under the rarest of what it requires. Without a sample it
// guesses from the words' forms; a wrong guess costs time, never a match.
//
//   WordFrequencies frequencies;
//   for (…) frequencies.add(text);
//   frequencies.finish();
//
// Threads: const calls from any. Memory: about a hundred bytes for a different word.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/text/article_text.h"

namespace wirewatch {

class WordFrequencies {
 public:
  // Counts an article. Not after finish().
  void add(const ArticleText& text);
  void finish();

  [[nodiscard]] std::uint32_t article_count() const { return article_count_; }

  // Estimated share of articles that have a folded word, or one that begins so: that of the sample,
  // drawn towards `guess` as if ten more articles had had it, so that of the words that the sample
  // has not the likelier ones count as the commoner. Only after finish().
  [[nodiscard]] float share(std::string_view word, bool prefix, float guess) const;

 private:
  struct Count {
    std::uint32_t articles = 0;
    std::uint32_t last_article = 0;
  };

  [[nodiscard]] std::uint32_t articles_with(std::string_view word, bool prefix) const;

  std::uint32_t article_count_ = 0;
  std::unordered_map<std::string, Count> counts_;  // Until finish().
  std::vector<std::string> words_;                 // Sorted.
  std::vector<std::uint32_t> sums_;  // Of articles: of the words before each, and of all.
};

}  // namespace wirewatch
