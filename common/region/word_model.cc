#include "common/region/word_model.h"

#include <cmath>
#include <cstddef>
#include <iterator>

namespace wirewatch {

namespace {

#include "common/region/word_model.inc"

constexpr std::size_t kSlotCount = std::size(kWordSlots);
static_assert((kSlotCount & (kSlotCount - 1)) == 0);
constexpr std::size_t kNoSlot = kSlotCount;

std::size_t slot_of(std::uint64_t hash) {
  for (std::size_t slot = hash & (kSlotCount - 1);; slot = (slot + 1) & (kSlotCount - 1)) {
    if (kWordSlots[slot] == 0) return kNoSlot;
    if (word_tag(kWordSlots[slot]) == word_tag(hash)) return slot;
  }
}

}  // namespace

void WordScratch::count(const ArticleText& text) {
  for (const std::uint16_t country : countries_) weights_[country] = 0;
  countries_.clear();
  seen_.assign(kSlotCount / 64 + 1, 0);
  words_ = 0;
  const auto hashes = text.hashes();
  for (const ZoneSpan& zone : text.zones()) {
    if (!zone.counts()) continue;
    for (std::uint32_t token = zone.token_begin; token < zone.token_end; ++token) {
      words_ += 1;
      const std::size_t slot = slot_of(hashes[token]);
      if (slot == kNoSlot || (seen_[slot / 64] >> (slot % 64) & 1) != 0) continue;
      seen_[slot / 64] |= std::uint64_t{1} << (slot % 64);
      for (std::size_t i = 0; i < kWordCountryMax; ++i) {
        const std::uint64_t entry = kWordSlots[slot] >> (i * kWordEntryBits);
        const std::uint64_t weight = entry & ((1U << kWordWeightBits) - 1);
        if (weight == 0) break;
        const std::uint64_t country = entry >> kWordWeightBits & ((1U << kWordCountryBits) - 1);
        if (weights_[country] == 0) countries_.push_back(static_cast<std::uint16_t>(country));
        weights_[country] += static_cast<float>(weight) * kWordWeightUnit;
      }
    }
  }
}

WordEvidence WordScratch::of(CountryCode country) const {
  const float weight = weights_[country.index()];
  WordEvidence evidence{.weight = weight / std::sqrt(words_ + 1)};
  for (const std::uint16_t other : countries_) evidence.rank += weights_[other] > weight ? 1U : 0U;
  return evidence;
}

}  // namespace wirewatch
