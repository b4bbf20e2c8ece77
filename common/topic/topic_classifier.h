// Says what an article is about: IPTC Media Topics, a newsroom's own labels, and the language.
//
//   const TopicClassifier classifier(topics, labels, languages);
//   classifier.classify(text, article.language, scratch, result);
//   if (result.has(TopicId{16000000})) { ... }
//
// Topics of level 1 and 2 come from one linear model; a topic of level 2 is given only together
// with its parent and with no more confidence than it. Labels come from a second model of the same
// format, the language from a third where the input does not state it.
//
// Pure: equal input gives equal output on every thread and machine.
// Threads: const calls from any thread, one scratch and result per thread.
// Cost: about 2.5 µs per KB; nothing is allocated once buffers have grown.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "common/text/article_text.h"
#include "common/topic/language_identifier.h"
#include "common/topic/topic.h"
#include "common/topic/topic_model.h"

namespace wirewatch {

struct TopicClassifierOptions {
  // Where no topic of level 1 reaches its threshold, the best one is given from this on. In [0, 1].
  float best_confidence_min = 0.1F;
  std::size_t topic_max = 8;   // Keeps the best this many, which bounds the output. >= 1.
  std::size_t label_max = 16;  // Likewise. >= 1.
};

// A word or pair of words that spoke for or against a topic.
struct TopicEvidence {
  std::uint32_t token_begin = 0;  // The first occurrence, tokens of the ArticleText.
  std::uint32_t token_end = 0;
  float weight =
      0;  // What it adds to the score for each occurrence; comparable within one article.
};

class TopicClassifier {
 public:
  // The models must outlive the classifier; null leaves that part of the result empty. Ids of
  // topics that are no Media Topic ("medtop:" and eight digits) are left out of the results.
  TopicClassifier(const TopicModel* topics, const TopicModel* labels,
                  const LanguageIdentifier* languages, TopicClassifierOptions options = {});

  // Overwrites `result`. `stated_language` is the input's BCP 47 tag, or empty. Ties are in order
  // of the model's classes.
  void classify(const ArticleText& text, std::string_view stated_language, TopicScratch& scratch,
                TopicResult& result) const;

  // The features that weigh most for (or against) a topic, strongest first, at most `evidence_max`.
  // For people: slower than classify(), and it allocates. Empty for an unknown topic.
  [[nodiscard]] std::vector<TopicEvidence> explain(const ArticleText& text, TopicId topic,
                                                   std::size_t evidence_max) const;
  // The same of a label.
  [[nodiscard]] std::vector<TopicEvidence> explain(const ArticleText& text, const LabelScore& label,
                                                   std::size_t evidence_max) const;

 private:
  void add_topics(TopicScratch& scratch, TopicResult& result) const;
  void add_labels(TopicScratch& scratch, TopicResult& result) const;

  const TopicModel* topics_;
  const TopicModel* labels_;
  const LanguageIdentifier* languages_;
  TopicClassifierOptions options_;
  std::vector<std::optional<TopicId>> topic_ids_;  // Of the classes of topics_.
  std::vector<float> topic_odds_;                  // Their thresholds, as log odds.
};

// The number of "medtop:11000000"; nullopt for anything else.
[[nodiscard]] std::optional<TopicId> parse_topic_id(std::string_view id);

}  // namespace wirewatch
