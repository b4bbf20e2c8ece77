// What an article shows of the terms of all profiles, found before anything is evaluated: hits by
// feature, and of nodes with many children those that can hold.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <vector>

#include "common/profile/profile_evaluator.h"
#include "common/text/proclitics.h"

namespace wirewatch::profile_internal {

namespace {

constexpr std::size_t kMemoWords = 8192;        // Slots; a power of two.
constexpr std::size_t kMemoPatterns = 131'072;  // Of all words together, unless one has more.

std::size_t memo_slot(std::uint64_t word) {
  return word >> 20 & (kMemoWords - 1);
}

}  // namespace

void Evaluator::find_terms() {
  set_.lexicon.find(text_, buffers_.hits);
  if (!set_.attached.empty()) add_attached();
  if (!set_.pattern_index.empty()) find_patterns();
  index_hits();
}

// Where a form of a word stands the word does, in the languages that have such forms. Hits stay in
// text order.
void Evaluator::add_attached() {
  const bool has_forms = language_.empty() || std::ranges::find(kProcliticLanguages, language_) !=
                                                  kProcliticLanguages.end();
  if (!has_forms) return;
  std::swap(buffers_.hits, buffers_.hits_before);
  buffers_.hits.clear();
  buffers_.hits.reserve(buffers_.hits_before.capacity());  // They change places, and grow as one.
  for (const PhraseHit& hit : buffers_.hits_before) {
    buffers_.hits.push_back(hit);
    const std::uint32_t phrase = hit.phrase.value();
    for (auto form = std::ranges::lower_bound(set_.attached, AttachedForm{phrase, 0});
         form != set_.attached.end() && form->phrase == phrase; ++form) {
      buffers_.hits.push_back({PhraseId(form->of), hit.token_begin, hit.token_end});
    }
  }
}

void Evaluator::find_patterns() {
  constexpr std::uint32_t kAhead = 16;
  const std::size_t shortest = set_.pattern_index.word_bytes_min();
  const std::span<const std::uint64_t> hashes = text_.hashes();
  const std::span<const std::uint64_t> first_bytes = text_.first_bytes();
  prepare_memo();
  for (std::uint32_t token = 0; token < text_.token_count(); ++token) {
    if (!set_.pattern_index.may_match(first_bytes[token])) continue;
    // The memo is larger than what the caches keep from one article to the next.
    if (token + kAhead < hashes.size()) {
      __builtin_prefetch(&buffers_.memo.slots[memo_slot(hashes[token + kAhead])]);
    }
    if (text_.folded(token).size() < shortest) continue;
    for (const std::uint32_t pattern : patterns_of(token)) {
      buffers_.hits.push_back({PhraseId(set_.phrase_count + pattern), token, token + 1});
    }
  }
}

// What was remembered for other patterns is forgotten.
void Evaluator::prepare_memo() {
  Buffers::WordMemo& memo = buffers_.memo;
  if (memo.patterns_hash == set_.patterns_hash && !memo.slots.empty()) return;
  memo.patterns_hash = set_.patterns_hash;
  memo.slots.assign(kMemoWords, {});
  memo.patterns.clear();
  memo.patterns.reserve(kMemoPatterns);
}

// Valid until the next call.
std::span<const std::uint32_t> Evaluator::patterns_of(std::uint32_t token) {
  Buffers::WordMemo& memo = buffers_.memo;
  const std::uint64_t word = text_.hashes()[token];
  Buffers::WordMemo::Slot& slot = memo.slots[memo_slot(word)];
  if (slot.word != word || slot.count == Buffers::WordMemo::kUnknown) {
    if (memo.patterns.size() >= kMemoPatterns / 2) {
      memo.slots.assign(kMemoWords, {});
      memo.patterns.clear();
    }
    const auto begin = static_cast<std::uint32_t>(memo.patterns.size());
    steps_ += set_.pattern_index.find(text_.folded(token), set_.patterns, memo.patterns);
    slot = {word, begin, static_cast<std::uint32_t>(memo.patterns.size()) - begin};
  }
  return std::span(memo.patterns).subspan(slot.begin, slot.count);
}

// Chains the hits of every feature, and selects the groups that are filed under them.
void Evaluator::index_hits() {
  const std::size_t count = buffers_.hits.size();
  if (buffers_.next_hit.size() < count) {
    buffers_.next_hit.resize(count);
    buffers_.hit_zone.resize(count);
  }
  const std::span<const ZoneSpan> zones = text_.zones();
  std::size_t zone = 0;
  for (const PhraseHit& hit : buffers_.hits) {
    __builtin_prefetch(&buffers_.features[hit.phrase.value()]);
    __builtin_prefetch(&set_.feature_postings.begins[hit.phrase.value()]);
  }
  constexpr std::uint32_t kAhead = 8;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (i + kAhead < count) {
      const std::uint32_t next = buffers_.hits[i + kAhead].phrase.value();
      __builtin_prefetch(set_.feature_postings.values.data() + set_.feature_postings.begins[next]);
    }
    const PhraseHit& hit = buffers_.hits[i];
    // Hits come in text order; those of patterns begin anew.
    if (hit.token_begin < zones[zone].token_begin) zone = 0;
    while (zone + 1 < zones.size() && hit.token_begin >= zones[zone].token_end) ++zone;
    const std::uint8_t bit = zones[zone].repeated ? kZoneRepeated : zone_bit(zones[zone].zone);
    buffers_.hit_zone[i] = bit;
    buffers_.next_hit[i] = kNone;
    Buffers::FeatureState& feature = buffers_.features[hit.phrase.value()];
    if (feature.epoch != buffers_.epoch) {
      feature = {buffers_.epoch, i, i, 0};
      buffers_.present.push_back(hit.phrase.value());
      const std::uint32_t present = hit.phrase.value() & (kPresentBits - 1);
      buffers_.present_bits[present / 64] |= std::uint64_t{1} << (present % 64);
    } else {
      buffers_.next_hit[feature.last] = i;
      feature.last = i;
    }
    if ((feature.zones & bit) != 0) continue;
    feature.zones |= bit;
    for (const Posting& posting : set_.feature_postings.row(hit.phrase.value())) {
      if ((posting.zones & bit) == 0) continue;
      select(posting);
    }
  }
}

// The positions of a wide node's children that can hold: found once, for its truth, its positions
// and its evidence.
Evaluator::Range Evaluator::possible(std::uint32_t wide) {
  Buffers::WideState& state = buffers_.wide[wide];
  if (state.epoch == buffers_.epoch) return state.possible;
  const auto begin = static_cast<std::uint32_t>(buffers_.positions.size());
  push_possible(wide);
  state.epoch = buffers_.epoch;
  state.possible = {begin, static_cast<std::uint32_t>(buffers_.positions.size())};
  return state.possible;
}

// Pushes them, ascending.
void Evaluator::push_possible(std::uint32_t wide) {
  std::vector<std::uint32_t>& positions = buffers_.positions;
  const auto before = static_cast<std::ptrdiff_t>(positions.size());
  for (const WideRun& run : set_.wide.row(wide)) {
    if (run.feature != kNone) {
      push_present(run);
    } else {
      const auto begin = set_.wide_positions.begin() + run.begin;
      positions.insert(positions.end(), begin, begin + run.count);
    }
  }
  const std::ptrdiff_t pushed = std::ssize(positions) - before;
  steps_ += static_cast<std::uint32_t>(pushed);
  if (pushed > 1) std::sort(positions.begin() + before, positions.end());
}

// Those whose features the article shows, asked for 64 at a time.
void Evaluator::push_present(const WideRun& run) {
  std::uint32_t bit = run.feature & (kPresentBits - 1);
  for (std::uint32_t done = 0; done < run.count;) {
    std::uint64_t bits = buffers_.present_bits[bit / 64] >> (bit % 64);
    const std::uint32_t size = std::min(64 - bit % 64, run.count - done);
    if (size < 64) bits &= (std::uint64_t{1} << size) - 1;
    for (; bits != 0; bits &= bits - 1) {
      const auto at = static_cast<std::uint32_t>(std::countr_zero(bits));
      buffers_.positions.push_back(set_.wide_positions[run.begin + done + at]);
    }
    done += size;
    bit = (bit + size) & (kPresentBits - 1);
  }
}

}  // namespace wirewatch::profile_internal
