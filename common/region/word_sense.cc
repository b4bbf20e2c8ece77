#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/region/region_work.h"

namespace wirewatch {

namespace {

// What a German noun takes and a town does not: "die Lage", "das Essen", "im Regen".
constexpr std::string_view kGermanArticles[] = {
    "der",   "die",    "das",    "dem",    "den",   "des",    "ein", "eine", "einem",
    "einen", "einer",  "eines",  "kein",   "keine", "keinem", "am",  "im",   "zum",
    "zur",   "keinen", "keiner", "keines", "ins",   "vom",    "beim"};

// Articles with which names begin: "La Victoria", "Los Angeles".
constexpr std::string_view kNamesArticles[] = {"la", "el", "los", "las", "le",  "les",
                                               "il", "lo", "the", "al",  "a",   "o",
                                               "as", "os", "der", "die", "das", "de"};

// How often a word stands in a text with a capital (1) or without one (0).
std::uint64_t count_of(const ArticleText& text, std::uint64_t hash, std::uint8_t capital) {
  const std::span<const std::uint64_t> hashes = text.hashes();
  const std::span<const std::uint8_t> capitals = text.capitals();
  std::uint64_t count = 0;
  for (std::size_t token = 0; token < capitals.size(); ++token) {
    count += static_cast<std::uint64_t>(static_cast<int>(hashes[token] == hash) &
                                        static_cast<int>(capitals[token] == capital));
  }
  return count;
}

}  // namespace

// True where the words are no name although they are spelt as one.
bool RegionClassifier::is_word_here(const Work& work, const PhraseHit& hit,
                                    const Candidate& likeliest) {
  if (work.lower_case || !has(likeliest, NameFlag::kCapital)) return false;
  const ArticleText& text = work.text;
  const std::uint32_t begin = hit.token_begin;
  if (hit.token_end > begin + 1) {  // "La victoria fue clara."
    static const WordSet kArticles(kNamesArticles);
    return !text.is_capitalized(hit.token_end - 1) && kArticles.contains(text.hashes()[begin]);
  }
  if (begin == 0 || begin == text.headline_token_count() || !is_space(text.gap_before(begin))) {
    return false;
  }
  static const WordSet kArticles(kGermanArticles);
  return likeliest.kind == NameKind::kCity && work.context.language.starts_with("de") &&
         kArticles.contains(text.hashes()[begin - 1]);
}

// "India's Supreme Court", "the Philippine Congress": what many countries have is that one's whose
// name stands before it.
bool RegionClassifier::is_anothers(const Work& work, std::uint32_t token,
                                   const Candidate& likeliest) {
  if (likeliest.kind != NameKind::kGovernment || !has(likeliest, NameFlag::kWeak)) return false;
  const std::vector<Name>& names = work.scratch.names;
  if (names.empty() || token == 0) return false;
  const std::uint32_t owner_end = work.text.folded(token - 1) == "s" ? token - 1 : token;
  if (names.back().token_end != owner_end || !is_space(work.text.gap_before(token))) return false;
  const Candidate& owner = work.candidates(work.scratch.groups[names.back().group]).front();
  return (owner.kind == NameKind::kCountry || owner.kind == NameKind::kDemonym) &&
         owner.country != likeliest.country;
}

// "Turkey prices soar" / "… a frozen turkey": what begins sentences only, and stands in small
// letters as often, is a word. Once may be a slip of the pen.
void RegionClassifier::drop_words(Work& work) {
  if (work.lower_case) return;
  const ArticleText& text = work.text;
  RegionScratch& scratch = work.scratch;
  for (Name& name : scratch.names) {
    Group& group = scratch.groups[name.group];
    const Candidate& likeliest = work.candidates(group).front();
    const bool place = is_populated(likeliest.kind) || likeliest.kind == NameKind::kCountry ||
                       likeliest.kind == NameKind::kSubdivision;
    if (group.plain_capital || name.dropped || name.token_end != name.token_begin + 1 || !place ||
        !has(likeliest, NameFlag::kCapital)) {
      continue;
    }
    if (group.sense == Group::Sense::kUnknown) {
      const std::uint64_t hash = text.hashes()[name.token_begin];
      const std::uint64_t small = count_of(text, hash, 0);
      const bool word = small > 0 && small >= count_of(text, hash, 1);
      group.sense = word ? Group::Sense::kWord : Group::Sense::kName;
    }
    if (group.sense != Group::Sense::kWord) continue;
    name.dropped = true;
    work.ignore(name.token_begin, name.token_end, IgnoredReason::kOrdinaryWord);
  }
}

}  // namespace wirewatch
