// Says in which language a text is written: unknown rather than wrong.
//
// The script decides where it can (Hangul is Korean). Among the languages of one script a naive
// Bayes model of words, character trigrams and marked letters decides, on a few dozen words from
// four places of the text, so that a foreign quotation or an agency's line does not.
//
// Pure; const calls from any thread, one scratch per thread.
// Cost: three times simdjson's walk of 1 KB of JSON (2.1 µs where that walk takes 0.7), whatever
// the length of the article; up to four times that where the words alone leave doubt. Nothing is
// allocated once buffers have grown.

#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "common/text/article_text.h"
#include "common/topic/language_features.h"
#include "common/topic/topic_model.h"

namespace wirewatch {

struct LanguageGuess {
  std::string_view language;  // ISO 639 code: two letters where there is one; empty when unknown.
  float confidence = 0;       // In (0, 1]; 0 when unknown.
};

class LanguageIdentifier {
 public:
  // `model` must be of kind kLanguages (else nothing is known beyond scripts) and outlive this.
  explicit LanguageIdentifier(const TopicModel& model);
  LanguageIdentifier(TopicModel&&) = delete;  // Would dangle.

  [[nodiscard]] LanguageGuess identify(const ArticleText& text, TopicScratch& scratch) const;

  // The languages that identify() can give, in no particular order.
  [[nodiscard]] std::vector<std::string_view> languages() const;

  // Less sure guesses are "unknown".
  static constexpr float kConfidenceMin = 0.75F;
  // Fewer known features of a text say nothing.
  static constexpr std::uint32_t kKnownMin = 12;

 private:
  // Of a script, by the scores of a text, which must fit its language better than others by
  // `fit_margin`.
  [[nodiscard]] LanguageGuess best_language(language_internal::Script script, TopicScratch& scratch,
                                            float fit_margin) const;

  const TopicModel& model_;
};

}  // namespace wirewatch
