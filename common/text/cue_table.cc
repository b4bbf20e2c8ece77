#include "common/text/cue_table.h"

#include <algorithm>
#include <bit>

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

}  // namespace

CueTable::CueTable() {
  const TextAnalyzer analyzer;
  ArticleText phrase;
  for (const CueRow& row : kCues) {
    analyzer.analyze(row.phrase, "", phrase);
    if (phrase.token_count() == 0) continue;
    cues_.push_back(
        {static_cast<std::uint32_t>(words_.size()), phrase.token_count(), row.kind, row.anywhere});
    words_.insert(words_.end(), phrase.hashes().begin(), phrase.hashes().end());
  }
  const auto first_word = [&](const Cue& cue) { return words_[cue.word_begin]; };
  std::stable_sort(cues_.begin(), cues_.end(),
                   [&](const Cue& a, const Cue& b) { return first_word(a) < first_word(b); });
  slots_.assign(std::bit_ceil(cues_.size() * 4), kNone);
  for (std::uint32_t i = 0; i < cues_.size(); ++i) {
    const std::uint64_t word = first_word(cues_[i]);
    filter_[filter_word(word)] |= std::uint64_t{1}
                                  << (cues_[i].word_count == 1
                                          ? bit_of(word)
                                          : bit_of(word, words_[cues_[i].word_begin + 1]));
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

void CueTable::find(std::span<const std::uint64_t> hashes, std::uint32_t begin,
                    std::vector<std::uint32_t>& tokens) const {
  const auto end = static_cast<std::uint32_t>(hashes.size());
  if (tokens.size() < end) tokens.resize(end);
  std::uint32_t* const found = tokens.data();
  std::size_t count = 0;
  for (std::uint32_t token = begin; token < end; ++token) {  // Without a branch.
    found[count] = token;
    count += may_begin(hashes[token], hashes[token + 1 < end ? token + 1 : token]) ? 1U : 0U;
  }
  tokens.resize(count);
  std::erase_if(tokens, [&](std::uint32_t token) { return cue_at(hashes, token, end) == nullptr; });
}

const Cue* CueTable::cue_at(std::span<const std::uint64_t> hashes, std::uint32_t token,
                            std::uint32_t end) const {
  const std::uint64_t hash = hashes[token];
  if (!may_begin(hash, token + 1 < end ? hashes[token + 1] : 0)) return nullptr;
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
