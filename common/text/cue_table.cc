#include "common/text/cue_table.h"

#include <algorithm>
#include <bit>
#include <string_view>

#include "common/base/eight.h"
#include "common/text/article_text.h"

namespace wirewatch::text_internal {

namespace {

constexpr CueKind kRelated = CueKind::kRelated;
constexpr CueKind kLegal = CueKind::kLegal;
constexpr CueKind kShare = CueKind::kShare;
constexpr CueKind kSignOff = CueKind::kSignOff;
constexpr CueKind kComments = CueKind::kComments;

struct CueRow {
  const char* phrase;
  CueKind kind;
  bool anywhere = false;
};

#include "common/text/zone_cues.inc"

std::uint32_t lower_half(std::uint64_t hash) {
  return static_cast<std::uint32_t>(hash);
}
std::uint32_t upper_half(std::uint64_t hash) {
  return static_cast<std::uint32_t>(hash >> 32);
}

}  // namespace

CueTable::CueTable() {
  const TextAnalyzer analyzer;
  ArticleText phrase;
  for (const CueRow& row : kCues) {
    analyzer.analyze(row.phrase, "", phrase);
    if (phrase.token_count() == 0) continue;
    cues_.push_back({static_cast<std::uint32_t>(words_.size()), phrase.token_count(), row.kind,
                     row.anywhere, std::string_view(row.phrase).ends_with(':')});
    words_.insert(words_.end(), phrase.hashes().begin(), phrase.hashes().end());
  }
  const auto first_word = [&](const Cue& cue) { return words_[cue.word_begin]; };
  std::stable_sort(cues_.begin(), cues_.end(), [&](const Cue& a, const Cue& b) {
    if (first_word(a) != first_word(b)) return first_word(a) < first_word(b);
    return a.word_count > b.word_count;
  });
  slots_.assign(std::bit_ceil(cues_.size() * 4), kNone);
  for (std::uint32_t i = 0; i < cues_.size(); ++i) {
    const std::uint64_t word = first_word(cues_[i]);
    std::uint32_t filter_word = 0;
    std::uint32_t filter_bit = 0;
    find_filter_word(lower_half(word), filter_word);
    if (cues_[i].word_count == 1) {
      find_bit(upper_half(word), filter_bit);
    } else {
      find_bit(upper_half(word), lower_half(words_[cues_[i].word_begin + 1]), filter_bit);
    }
    filter_[filter_word] |= std::uint32_t{1} << filter_bit;
    if (i > 0 && word == first_word(cues_[i - 1])) continue;
    std::size_t slot = word & (slots_.size() - 1);
    while (slots_[slot] != kNone) slot = (slot + 1) & (slots_.size() - 1);
    slots_[slot] = i;
  }
}

std::uint32_t CueTable::first_cue(std::uint64_t hash) const {
  for (std::size_t slot = hash & (slots_.size() - 1); slots_[slot] != kNone;
       slot = (slot + 1) & (slots_.size() - 1)) {
    if (words_[cues_[slots_[slot]].word_begin] == hash) return slots_[slot];
  }
  return kNone;
}

// Eight at a time. Those behind the last one are asked for too, and not heard.
std::uint64_t CueTable::may_begin(const std::uint64_t* hashes, std::uint32_t count) const {
  static_assert(kEight <= ArticleText::kReadableTokens);
  std::array<std::uint32_t, kBlock> words;
  for (std::uint32_t i = 0; i < count; i += kEight) {
    Eight lower;
    Eight upper;
    load_halves(hashes + i, lower, upper);
    Eight word;
    find_filter_word(lower, word);
    store(word, &words[i]);
  }
  for (std::uint32_t i = 0; i < count; ++i) words[i] = filter_[words[i]];
  std::uint64_t may = 0;
  for (std::uint32_t i = 0; i < count; i += kEight) {
    Eight unused;
    Eight upper;
    Eight next_lower;
    load_halves(hashes + i, unused, upper);
    load_halves(hashes + i + 1, next_lower, unused);
    Eight word;
    load(&words[i], word);
    Eight alone;
    Eight with_next;
    find_bit(upper, alone);
    find_bit(upper, next_lower, with_next);
    may |= low_bits(word >> alone | word >> with_next) << i;
  }
  return count == kBlock ? may : may & ((std::uint64_t{1} << count) - 1);
}

// Most words begin no cue.
void CueTable::find(std::span<const std::uint64_t> hashes, std::uint32_t begin,
                    std::vector<std::uint32_t>& tokens) const {
  const auto end = static_cast<std::uint32_t>(hashes.size());
  tokens.clear();
  for (std::uint32_t block = begin; block < end; block += kBlock) {
    std::uint64_t may = may_begin(&hashes[block], std::min(kBlock, end - block));
    for (; may != 0; may &= may - 1) {
      const std::uint32_t token = block + static_cast<std::uint32_t>(std::countr_zero(may));
      if (cue_at(hashes, token, end) != nullptr) tokens.push_back(token);
    }
  }
}

const Cue* CueTable::cue_at(std::span<const std::uint64_t> hashes, std::uint32_t token,
                            std::uint32_t end) const {
  const std::uint64_t hash = hashes[token];
  for (std::uint32_t i = first_cue(hash); i < cues_.size(); ++i) {
    const Cue& cue = cues_[i];
    const auto words = std::span(words_).subspan(cue.word_begin, cue.word_count);
    if (words[0] != hash) break;
    if (token + cue.word_count <= end &&
        std::equal(words.begin(), words.end(), hashes.begin() + token)) {
      return &cue;
    }
  }
  return nullptr;
}

}  // namespace wirewatch::text_internal
