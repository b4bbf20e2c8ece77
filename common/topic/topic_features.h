// The features of the linear models: hashes of words, of pairs of neighbouring words, and of the
// beginnings of long words.
//
// One definition for training and for use, so that equal text has equal features in both. A word's
// feature is its token hash; a pair's combines the hashes of two neighbours of one field; the
// beginning ("stem") stands for the inflected forms of a word: "выборы", "выборах" and "выборов"
// all begin with "выбор". Tails, repeated paragraphs and datelines have no features where a model
// says what the article is about; a newsroom's own labels may mean anything, and read them too.
//
// A token counts as its word where the model knows the word, else as its stem where it knows that;
// a pair counts where the model knows both words and the pair. So the many words that say nothing
// cost one look-up each, and what a stem says is part of the weights of the words that it begins.
//
//   for_each_token(text, options, [&](std::uint32_t token, const TokenFeatures& features) { ... });

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "common/base/hash.h"
#include "common/base/utf8.h"
#include "common/text/article_text.h"

namespace wirewatch {

// Which features a model was trained on, as in its file.
struct FeatureOptions {
  bool pairs = true;
  bool stems = true;
  bool whole_text = false;  // Also the zones that do not say what the article is about.
  std::uint32_t token_max =
      1024;  // Tokens read, headline included: news says first what it is about.
};

// What one token offers to a model; 0 where there is nothing.
struct TokenFeatures {
  std::uint64_t word = 0;
  std::uint64_t stem = 0;
  std::uint64_t pair = 0;  // With the token before it, when that is of the same field and read too.
};

// Characters of a stem. Words with no more have none.
inline constexpr std::size_t kStemCharacters = 5;

// Keeps a stem apart from a word that is spelled the same.
inline constexpr std::uint64_t kStemSalt = 0x7F4A7C159E3779B9ULL;

[[nodiscard]] inline std::uint64_t pair_feature(std::uint64_t first, std::uint64_t second) {
  return hash_combine(first, second);
}

// Bytes of the first kStemCharacters characters of a folded word; 0 when it has no more than these.
[[nodiscard]] inline std::size_t stem_size(std::string_view word) {
  if (word.size() <= kStemCharacters) return 0;
  std::uint32_t head = 0;
  std::memcpy(&head, word.data(), sizeof head);
  const auto fifth = static_cast<unsigned char>(word[4]);
  const auto sixth = static_cast<unsigned char>(word[5]);
  if (((head & 0x80808080U) | (fifth & 0x80U) | (sixth & 0x80U)) == 0) return kStemCharacters;
  std::size_t at = 0;
  for (std::size_t characters = 0; characters < kStemCharacters; ++characters) {
    ++at;
    while (at < word.size() && is_continuation(word[at])) ++at;
    if (at >= word.size()) return 0;
  }
  return at;
}

// Of the (up to) 16 bytes of a stem, as two little-endian numbers with zeros behind the stem.
[[nodiscard]] inline std::uint64_t stem_feature(std::uint64_t first, std::uint64_t second) {
  return mix64(first ^ kStemSalt, second ^ 0x8EBC6AF09C88C6E3ULL);
}

[[nodiscard]] inline std::uint64_t stem_feature(std::string_view stem) {
  std::uint64_t halves[2] = {};
  if (stem.size() > sizeof halves) return hash_bytes(stem, kStemSalt);
  std::memcpy(halves, stem.data(), stem.size());
  return stem_feature(halves[0], halves[1]);
}

// Calls `range(std::uint32_t token_begin, std::uint32_t token_end)` for the runs of tokens that
// classification reads, in text order: the headline, then what counts of the body. A text without
// zones is read whole.
template <typename Range>
void for_each_counted_range(const ArticleText& text, const FeatureOptions& options, Range&& range) {
  std::uint32_t left = options.token_max;
  const auto take = [&](std::uint32_t begin, std::uint32_t end) {
    end = std::min(end, begin + left);
    if (begin >= end) return;
    left -= end - begin;
    range(begin, end);
  };
  const std::uint32_t headline_end = text.headline_token_count();
  take(0, headline_end);
  if (options.whole_text || text.zones().empty()) {
    take(headline_end, text.token_count());
    return;
  }
  for (const ZoneSpan& zone : text.zones()) {
    if (zone.zone == Zone::kHeadline || !zone.counts()) continue;
    take(std::max(zone.token_begin, headline_end), zone.token_end);
  }
}

// Calls `visit(std::uint32_t token, const TokenFeatures&)` for every token that is read, in text
// order. For training and explanations; TopicModel::score() does the same in fewer steps.
template <typename Visit>
void for_each_token(const ArticleText& text, const FeatureOptions& options, Visit&& visit) {
  std::uint32_t after = 0;  // The token after the last one that was read.
  for_each_counted_range(text, options, [&](std::uint32_t begin, std::uint32_t end) {
    for (std::uint32_t token = begin; token < end; ++token) {
      TokenFeatures features{.word = text.hashes()[token]};
      const bool has_neighbour = token > begin || (begin > 0 && begin == after);
      if (options.pairs && has_neighbour && token != text.headline_token_count()) {
        features.pair = pair_feature(text.hashes()[token - 1], features.word);
      }
      if (options.stems) {
        const std::string_view word = text.folded(token);
        if (const std::size_t size = stem_size(word); size > 0) {
          features.stem = stem_feature(word.substr(0, size));
        }
      }
      visit(token, features);
    }
    after = end;
  });
}

}  // namespace wirewatch
