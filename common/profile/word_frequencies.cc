#include "common/profile/word_frequencies.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "common/profile/code_point.h"

namespace wirewatch {

namespace {

constexpr float kGuessArticles = 10;

}  // namespace

void WordFrequencies::add(const ArticleText& text) {
  WIREWATCH_CHECK(words_.empty());
  ++article_count_;
  for (std::uint32_t token = 0; token < text.token_count(); ++token) {
    Count& count = counts_[std::string(text.folded(token))];
    if (count.last_article == article_count_) continue;
    count.last_article = article_count_;
    ++count.articles;
  }
}

void WordFrequencies::finish() {
  std::vector<std::pair<std::string, std::uint32_t>> sorted;
  sorted.reserve(counts_.size());
  for (const auto& [word, count] : counts_) sorted.emplace_back(word, count.articles);
  counts_ = {};
  std::sort(sorted.begin(), sorted.end());
  sums_.assign(1, 0);
  for (auto& [word, articles] : sorted) {
    words_.push_back(std::move(word));
    sums_.push_back(sums_.back() + articles);
  }
}

std::uint32_t WordFrequencies::articles_with(std::string_view word, bool prefix) const {
  const auto begin = std::lower_bound(words_.begin(), words_.end(), word);
  const auto end = std::partition_point(begin, words_.end(), [&](const std::string& other) {
    return prefix ? other.starts_with(word) : other == word;
  });
  // Articles with two of the words count twice, but never more than there are.
  const std::uint32_t sum = sums_[static_cast<std::size_t>(end - words_.begin())] -
                            sums_[static_cast<std::size_t>(begin - words_.begin())];
  return std::min(sum, article_count_);
}

float WordFrequencies::share(std::string_view word, bool prefix, float guess) const {
  WIREWATCH_CHECK(!sums_.empty());
  std::uint32_t articles = articles_with(word, prefix);
  // Where no blanks stand between words, an article's words are its characters.
  if (articles == 0 && !word.empty() && profile_internal::sequence_size(word[0]) >= 3) {
    articles = article_count_;
    for (std::size_t at = 0; at < word.size(); at += profile_internal::sequence_size(word[at])) {
      const std::string_view character = word.substr(at, profile_internal::sequence_size(word[at]));
      articles = std::min(articles, articles_with(character, false));
    }
    articles /= profile_internal::sequence_size(word[0]) < word.size() ? 4U : 1U;
  }
  return (static_cast<float>(articles) + kGuessArticles * guess) /
         (static_cast<float>(article_count_) + kGuessArticles);
}

}  // namespace wirewatch
