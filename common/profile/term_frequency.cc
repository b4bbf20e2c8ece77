// How common a term probably is, with a sample of articles at hand or without.
//
// The estimate only orders the required terms of a profile, so that the presearch files it under a
// rare one. A wrong guess costs time, never a match.

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "common/base/utf8.h"
#include "common/profile/code_point.h"
#include "common/profile/profile_compiler.h"

namespace wirewatch::profile_internal {

namespace {

// Words that a tenth or more of news articles contain, in alphabetical order.
constexpr auto kCommon = std::to_array<std::string_view>(
    {"a",       "about", "according", "after",    "again",   "against",    "all",      "also",
     "an",      "and",   "any",       "are",      "as",      "at",         "back",     "be",
     "because", "been",  "before",    "being",    "between", "both",       "but",      "by",
     "can",     "city",  "company",   "could",    "country", "day",        "de",       "der",
     "did",     "die",   "do",        "down",     "during",  "el",         "even",     "first",
     "for",     "from",  "get",       "going",    "good",    "government", "group",    "had",
     "has",     "have",  "he",        "her",      "his",     "how",        "if",       "in",
     "into",    "is",    "it",        "its",      "just",    "la",         "last",     "like",
     "made",    "make",  "man",       "many",     "may",     "million",    "minister", "month",
     "more",    "most",  "much",      "national", "new",     "no",         "not",      "now",
     "of",      "off",   "officials", "on",       "one",     "only",       "or",       "other",
     "our",     "out",   "over",      "part",     "people",  "per",        "police",   "president",
     "reuters", "s",     "said",      "say",      "says",    "she",        "since",    "so",
     "some",    "state", "still",     "such",     "than",    "that",       "the",      "their",
     "them",    "there", "they",      "this",     "time",    "to",         "two",      "under",
     "up",      "was",   "we",        "week",     "were",    "what",       "when",     "which",
     "while",   "who",   "will",      "with",     "world",   "would",      "year",     "years"});
static_assert(std::is_sorted(kCommon.begin(), kCommon.end()));

float guessed_frequency(std::string_view word, bool prefix) {
  constexpr float kCommonFrequency = 0.4F;
  constexpr float kRarest = 0.002F;
  if (!prefix && std::binary_search(kCommon.begin(), kCommon.end(), word)) return kCommonFrequency;
  const auto characters = static_cast<float>(count_code_points(word));
  const bool ideograph = word.size() >= 3 && static_cast<unsigned char>(word[0]) >= 0xE1;
  // Halves with every 1.6 letters. A script of its own is rarer: few articles are written in it.
  float frequency = ideograph && characters <= 1 ? 0.02F : 0.3F * std::exp2(-characters / 1.6F);
  if (static_cast<unsigned char>(word[0]) >= 0x80) frequency *= 0.3F;
  frequency = std::max(frequency, kRarest);
  return prefix ? std::min(frequency * 2, 0.5F) : frequency;
}

}  // namespace

float estimate_frequency(std::string_view folded, const WordFrequencies* sample) {
  float rarest = 1;
  std::size_t words = 0;
  for (std::size_t at = 0; at < folded.size();) {
    while (at < folded.size() && !is_word_byte(folded[at])) ++at;
    std::size_t end = at;
    while (end < folded.size() && is_word_byte(folded[end])) ++end;
    if (end == at) break;
    const bool prefix = end < folded.size() && folded[end] == '*';
    const std::string_view word = folded.substr(at, end - at);
    const float guess = guessed_frequency(word, prefix);
    rarest = std::min(rarest, sample == nullptr ? guess : sample->share(word, prefix, guess));
    ++words;
    at = end;
  }
  for (std::size_t i = 1; i < std::min<std::size_t>(words, 4); ++i) rarest *= 0.15F;
  return rarest;
}

}  // namespace wirewatch::profile_internal
