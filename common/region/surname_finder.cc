#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/region/region_work.h"

namespace wirewatch {

namespace {

constexpr std::size_t kLeadersMax = 8;  // Of an article, whose surnames are looked for.

// Countries whose names begin with the surname also in English: "Kim Jong Un".
constexpr std::string_view kSurnameFirst[] = {"CN", "KP", "KR", "TW"};

bool puts_surname_first(std::uint16_t country) {
  const CountryCode code = CountryCode::from_index(country);
  return std::any_of(std::begin(kSurnameFirst), std::end(kSurnameFirst),
                     [&](std::string_view each) { return CountryCode(each) == code; });
}

// Words before a surname that make no other person of it: "President Johnson", not "Tim Johnson".
constexpr std::string_view kTitles[] = {"president", "premier", "chancellor", "minister", "leader",
                                        "secretary", "king",    "queen",      "prince",   "pope",
                                        "mr",        "mrs",     "ms",         "comrade"};

bool is_title(std::uint64_t hash) {
  static const WordSet kWords(kTitles);
  return kWords.contains(hash);
}

// True where a capitalised word stands alone: no part of a longer name. A headline may capitalise
// every word, so that its neighbours tell nothing there.
bool stands_alone(const ArticleText& text, std::uint32_t token) {
  if (token < text.headline_token_count()) return true;
  if (token + 1 < text.token_count() && is_space(text.gap_before(token + 1)) &&
      text.is_capitalized(token + 1)) {
    return false;
  }
  return token == text.headline_token_count() || !is_space(text.gap_before(token)) ||
         !text.is_capitalized(token - 1) || is_title(text.hashes()[token - 1]) ||
         is_place_word(text, token - 1);  // "But Kim …"
}

// True for words of scripts that Arabic and Hebrew write, which have no capitals.
bool is_arabic_or_hebrew(std::string_view word) {
  const auto first = static_cast<unsigned char>(word.front());
  return first >= 0xD6 && first <= 0xDB;  // U+0580 to U+06FF.
}

}  // namespace

// "السوداني" is the leader and no Sudanese where the article names محمد شياع السوداني, and nothing
// else of Sudan: without capitals nothing tells a surname from an adjective.
void RegionClassifier::take_adjectives_of_leaders(const Work& work) const {
  const ArticleText& text = work.text;
  std::vector<Name>& names = work.scratch.names;
  const auto country_of = [&](const Name& name) {
    return work.candidates(work.scratch.groups[name.group]).front().country;
  };
  for (const Name& leader : names) {
    if (leader.dropped || leader.token_end < leader.token_begin + 2) continue;
    const std::uint32_t surname = leader.token_end - 1;
    if (!is_arabic_or_hebrew(text.folded(surname)) ||
        work.candidates(work.scratch.groups[leader.group]).front().kind != NameKind::kLeader) {
      continue;
    }
    const auto is_surname = [&](const Name& name) {
      return name.token_end == name.token_begin + 1 &&
             text.hashes()[name.token_begin] == text.hashes()[surname];
    };
    const auto alone = std::find_if(names.begin(), names.end(), is_surname);
    if (alone == names.end()) continue;
    const std::uint16_t country = country_of(*alone);
    const bool named_otherwise = std::any_of(names.begin(), names.end(), [&](const Name& name) {
      return !name.dropped && !is_surname(name) && country_of(name) == country;
    });
    if (named_otherwise) continue;
    for (Name& name : names) {
      if (!is_surname(name)) continue;
      name.group = leader.group;
      name.demonym = false;
    }
  }
}

// "Kim" is the leader where the article names Kim Jong Un, also in its headline. Whoever shares the
// surname and is named too ("Tim Johnson") makes it doubtful.
void RegionClassifier::add_surnames(Work& work) const {
  struct Leader {
    std::uint64_t hash = 0;
    std::uint32_t group = 0;
  };
  if (work.lower_case) return;
  const ArticleText& text = work.text;
  RegionScratch& scratch = work.scratch;
  std::array<Leader, kLeadersMax> known;
  std::size_t count = 0;
  for (const Name& name : scratch.names) {
    if (count == kLeadersMax) break;
    if (name.dropped || name.token_end < name.token_begin + 2) continue;
    const Candidate& leader = work.candidates(scratch.groups[name.group]).front();
    if (leader.kind != NameKind::kLeader) continue;
    const std::uint32_t surname =
        puts_surname_first(leader.country) ? name.token_begin : name.token_end - 1;
    const std::uint64_t hash = text.hashes()[surname];
    const auto leaders = std::span(known).first(count);
    if (!text.is_capitalized(surname) ||
        std::any_of(leaders.begin(), leaders.end(),
                    [&](const Leader& each) { return each.hash == hash; }) ||
        std::find(scratch.persons.begin(), scratch.persons.end(), hash) != scratch.persons.end()) {
      continue;
    }
    known[count++] = {.hash = hash, .group = name.group};
  }
  if (count == 0) return;
  scratch.surnames.clear();
  const std::size_t surname_max = options_.mention_max - scratch.names.size();
  std::size_t next = 0;  // The first name that ends behind the token.
  for (const ZoneSpan& zone : text.zones()) {
    if (zone.zone == Zone::kTail) continue;
    const std::uint32_t end = zone.token_end;
    for (std::uint32_t token = next_capital(text, zone.token_begin, end); token < end;
         token = next_capital(text, token + 1, end)) {
      const std::uint64_t hash = text.hashes()[token];
      const auto* leader = std::find_if(known.begin(), known.begin() + count,
                                        [&](const Leader& each) { return each.hash == hash; });
      if (leader == known.begin() + count) continue;
      while (next < scratch.names.size() && scratch.names[next].token_end <= token) ++next;
      const bool covered = next < scratch.names.size() && scratch.names[next].token_begin <= token;
      if (!stands_alone(text, token)) continue;
      if (!covered) {
        if (scratch.surnames.size() == surname_max) continue;
        scratch.surnames.push_back({.token_begin = token,
                                    .token_end = token + 1,
                                    .group = leader->group,
                                    .uncounted = false,
                                    .dropped = false});
      } else if (scratch.names[next].token_end == token + 1 &&
                 scratch.names[next].token_begin == token) {  // "Kim" is a town of Colorado too.
        scratch.names[next].group = leader->group;
        scratch.names[next].dropped = false;
      }
    }
  }
  merge_surnames(scratch);
}

// Puts them among the names, whose numbers change.
void RegionClassifier::merge_surnames(RegionScratch& scratch) {
  if (scratch.surnames.empty()) return;
  for (RegionScratch::Aside& aside : scratch.asides) {
    if (aside.name < 0) continue;
    const std::uint32_t begin = scratch.names[static_cast<std::size_t>(aside.name)].token_begin;
    aside.name += static_cast<std::int32_t>(
        std::count_if(scratch.surnames.begin(), scratch.surnames.end(),
                      [&](const Name& surname) { return surname.token_begin < begin; }));
  }
  const auto middle = static_cast<std::ptrdiff_t>(scratch.names.size());
  scratch.names.insert(scratch.names.end(), scratch.surnames.begin(), scratch.surnames.end());
  // Insertion from behind: a handful among a hundred, mention_max of both at most, and
  // inplace_merge() allocates.
  for (auto at = scratch.names.begin() + middle; at != scratch.names.end(); ++at) {
    const auto where = std::upper_bound(
        scratch.names.begin(), at, *at,
        [](const Name& a, const Name& b) { return a.token_begin < b.token_begin; });
    std::rotate(where, at, at + 1);
  }
}

}  // namespace wirewatch
