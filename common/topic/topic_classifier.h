// Says which IPTC Media Topics of level 1 an article is about.
//
// A multilingual lexicon of words that speak for a topic is found in one pass over the token
// hashes; each word counts by its zone, and a topic's confidence is its share of all the evidence.
// README.md has the rules.
//
// Pure; const calls from any thread, one scratch and result each. Cost: linear in the text plus the
// words found; nothing is allocated once the buffers have grown.

#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "common/lexicon/lexicon.h"
#include "common/text/article_text.h"
#include "common/topic/topic.h"

namespace wirewatch {

// The words; immutable.
class TopicLexicon {
 public:
  // Parses rows "topic id <tab> words by '|'". An error names the line and the cure.
  [[nodiscard]] static std::expected<TopicLexicon, std::string> parse(std::string_view text);

  static constexpr std::size_t kTopicCount = 17;

 private:
  friend class TopicClassifier;
  Lexicon lexicon_;
  std::vector<std::uint32_t> topics_;  // Bit per topic, by phrase.
};

struct TopicClassifierOptions {
  double confidence_min = 0.2;  // Weaker topics are left out. In [0, 1].
  std::size_t topic_max = 3;    // >= 1.
};

struct TopicScratch {
  std::vector<PhraseHit> hits;
  std::vector<std::uint8_t> counts;  // By phrase: how often it has counted.
};

class TopicClassifier {
 public:
  explicit TopicClassifier(const TopicLexicon& lexicon, TopicClassifierOptions options = {});
  TopicClassifier(TopicLexicon&&, TopicClassifierOptions = {}) = delete;  // Would dangle.

  // Overwrites `result`. The zones of `text` must have been labelled. `language` is what the input
  // says; when it says nothing, the script of the text decides where it can.
  void classify(const ArticleText& text, std::string_view language, TopicScratch& scratch,
                TopicResult& result) const;

 private:
  const TopicLexicon& lexicon_;
  TopicClassifierOptions options_;
};

}  // namespace wirewatch
