// What is called after a place and is none: streets, stations, firms, schools, ships.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "common/region/region_work.h"

namespace wirewatch {

namespace {

// What streets end in, in languages that write them as one word: "Londenstraat", "Berlingatan".
constexpr std::string_view kStreetEndings[] = {
    "straat",  "laan", "plein", "gracht", "kade",    "singel", "gatan", "vagen",  "torget",
    "platsen", "gade", "gata",  "veien",  "strasse", "katu",   "kadun", "kadulla"};

bool is_street_of_one_word(const ArticleText& text, std::uint32_t token) {
  return std::any_of(
      std::begin(kStreetEndings), std::end(kStreetEndings),
      [word = text.folded(token)](std::string_view ending) { return word.ends_with(ending); });
}

// "rue de Londres", "rue d'Italie", "ul. Berlińska", "метро «Киевская»".
bool is_street_gap(std::string_view gap, std::string_view before) {
  constexpr std::size_t kShortened = 4;
  constexpr std::string_view kGaps[] = {"'", "’", " «", " \"", " „", " “"};
  return is_space(gap) || (gap == ". " && before.size() <= kShortened) ||
         std::find(std::begin(kGaps), std::end(kGaps), gap) != std::end(kGaps);
}

// Between words that are written together: 巴黎协定, パリ協定.
bool is_joint(std::string_view gap) {
  return gap.empty() || (gap.size() == 1 && (gap.front() == text_internal::kInnerJoint ||
                                             gap.front() == text_internal::kScriptJoint));
}

// Before the name of a ship: "the tanker Cuba Star".
constexpr std::string_view kShipWords[] = {"tanker",   "ferry", "freighter", "trawler", "ship",
                                           "vessel",   "yacht", "steamer",   "liner",   "tug",
                                           "schooner", "barge", "bulker",    "dredger"};

// True for the first of several words with a capital behind one of them. In a headline of which
// any word may have one they tell nothing.
bool begins_ship(const ArticleText& text, const Name& name, bool plain_headline) {
  static const WordSet kWords(kShipWords);
  const std::uint32_t begin = name.token_begin;
  const std::uint32_t next = name.token_end;
  const std::uint32_t headline = text.headline_token_count();
  if (begin == 0 || begin == headline || (begin < headline && !plain_headline)) return false;
  return is_space(text.gap_before(begin)) && kWords.contains(text.hashes()[begin - 1]) &&
         next < text.token_count() && next != headline && is_space(text.gap_before(next)) &&
         text.is_capitalized(next) && !text.is_all_caps(next) && !is_public_word(text, next);
}

// "Lincoln High School", "St. Mary's Hospital" are called after a person and a saint, not a town.
bool is_called_otherwise(const ArticleText& text, const Name& name, const Candidate& town) {
  if (is_populated(town.kind) && text.folded(name.token_end - 1) == "s") return true;
  const bool doubtful = (town.flags & kAnyDoubt) != 0;
  return doubtful && town.kind == NameKind::kCity && town.prior < kTownPriorMax;
}

// True where neither a country nor its people is meant; a town may stand for its country
// ("Cenevre" is Switzerland, too).
bool means_no_country(std::span<const Candidate> meant) {
  const auto town = std::find_if(meant.begin(), meant.end(), [](const Candidate& candidate) {
    return is_populated(candidate.kind);
  });
  return std::all_of(meant.begin(), meant.end(), [&](const Candidate& candidate) {
    return (candidate.kind != NameKind::kCountry && candidate.kind != NameKind::kDemonym) ||
           (town != meant.end() && town->country == candidate.country);
  });
}

}  // namespace

bool joins_street(std::string_view language) {
  constexpr std::string_view kLanguages[] = {"da", "de", "fi", "nb", "nl", "nn", "no", "sv"};
  return std::find(std::begin(kLanguages), std::end(kLanguages), language) != std::end(kLanguages);
}

// "Рижский вокзал", "на Белорусском вокзале", not "В Риге вокзал …" nor "белорусские вокзалы". What
// is more than a building needs a capital inside a sentence: "на Рижском рынке", not "Белорусский
// рынок вырос".
bool RegionClassifier::is_called_after(const Work& work, const GazetteerName& suffix,
                                       const Name& name) {
  const bool capital = work.text.is_capitalized(name.token_begin);
  if (!name.adjective && (!name.demonym || !capital)) return false;
  return !suffix.has(NameFlag::kAmbiguous) || (capital && !work.begins_sentence(name.token_begin));
}

// "Rue de Londres", "на улице Киевской", "Londenstraat".
bool RegionClassifier::names_street(const Work& work, const Meanings& meanings) {
  const ArticleText& text = work.text;
  const std::uint32_t token = meanings.token_begin();
  if (meanings.own) return false;
  if (token != 0 && work.street_end == token && !work.street_accord &&
      token != text.headline_token_count() && (work.lower_case || text.is_capitalized(token)) &&
      is_street_gap(text.gap_before(token), text.folded(token - 1))) {
    return !work.street_adjective || meanings.adjective || meanings.is_demonym();
  }
  return work.joins_streets && meanings.token_end() == token + 1 &&
         meanings.has_kind(bit(NameKind::kDemonym) | bit(NameKind::kCountry) |
                           bit(NameKind::kCapital)) &&
         is_street_of_one_word(text, token);
}

// "Convention de Genève", "Protokol Kyoto": behind the words that make an accord of a town's name.
// Of a country's they make none: "convention de France".
bool RegionClassifier::names_accord(const Work& work, const Name& name) {
  const std::uint32_t token = name.token_begin;
  if (token == 0 || work.street_end != token || !work.street_accord) return false;
  if (token == work.text.headline_token_count()) return false;
  const std::string_view gap = work.text.gap_before(token);
  if (!is_joint(gap) && !is_street_gap(gap, {})) return false;
  return means_no_country(work.candidates(work.scratch.groups[name.group]));
}

// "Paris Agreement", "Pariser Abkommen": the town is mentioned, but the story is not there. So are
// newspapers of any place: "Gainesville Sun".
void RegionClassifier::mark_uncounted(const GazetteerName& suffix, std::span<const Candidate> meant,
                                      Name& name) {
  const bool adjective = name.adjective || meant.front().is_stem;
  if (is_adjective(suffix.flags) && !adjective) return;
  if (means_no_country(meant)) name.uncounted = true;
}

// "Jordan Street": the name before is a street or a firm, unless it is a country. "Gainesville
// Sun": it is a place all the same, but the story is not there. "Boston University" lies there.
void RegionClassifier::apply_suffix(Work& work, const GazetteerName& suffix, const PhraseHit& hit) {
  RegionScratch& scratch = work.scratch;
  const std::uint32_t begin = hit.token_begin;
  const bool site = suffix.has(NameFlag::kNeedsContext);
  const bool capital = work.text.is_capitalized(begin);
  if (capital && !suffix.has(NameFlag::kCapital)) return;  // "Pine Valley School District"
  const std::string_view gap = work.text.gap_before(begin);
  const bool uncounted = suffix.has(NameFlag::kWeak) && !site;  // Also "Istanbul-Konvention".
  if (scratch.names.empty() || scratch.names.back().token_end != begin ||
      !(is_space(gap) || is_joint(gap) || (uncounted && gap == "-"))) {
    if (site) add_site(work, hit);
    return;
  }
  Name& before = scratch.names.back();
  const auto list = work.candidates(scratch.groups[before.group]);
  // "Bohol island" is Bohol, "Tewksbury Township" is Tewksbury.
  if (list.empty() || (site && (!capital || suffix.has(NameFlag::kAfterComma)))) return;
  if (uncounted) return mark_uncounted(suffix, list, before);
  if (is_adjective(suffix.flags)) {
    if (!is_called_after(work, suffix, before)) return;
    before.dropped = true;
    work.ignore(before.token_begin, before.token_end, IgnoredReason::kStreet);
    return;
  }
  if (list.front().kind == NameKind::kCountry || list.front().kind == NameKind::kDemonym) {
    // "On Turkey Street", not "US Highway 1", nor a headline's "Iran Road Deaths Rise".
    if (suffix.has(NameFlag::kGivenName) && !work.text.is_all_caps(begin - 1) &&
        (begin >= work.text.headline_token_count() || work.plain_headline)) {
      before.dropped = true;
      work.ignore(before.token_begin, before.token_end, IgnoredReason::kStreet);
    }
    if (site) {  // "The Russian Embassy" is no part of Russia.
      scratch.asides.push_back(
          {.token_begin = before.token_begin, .token_end = hit.token_end, .country = {}});
    }
    return;
  }
  if (site && suffix.has(NameFlag::kWeak) &&
      !is_called_otherwise(work.text, before, list.front())) {
    return;
  }
  before.dropped = true;
  work.ignore(before.token_begin, before.token_end, IgnoredReason::kStreet);
  if (site) {
    scratch.asides.push_back(
        {.token_begin = before.token_begin, .token_end = hit.token_end, .country = {}});
  }
}

// "The tanker Cuba Star", and what else is called so: "the Cuba Star was bound for Rotterdam".
void RegionClassifier::drop_ships(Work& work) {
  const ArticleText& text = work.text;
  std::vector<Name>& names = work.scratch.names;
  if (work.lower_case) return;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].dropped || !begins_ship(text, names[i], work.plain_headline)) continue;
    const std::uint64_t first = text.hashes()[names[i].token_begin];
    const std::uint64_t second = text.hashes()[names[i].token_end];
    for (Name& name : names) {
      if (name.dropped || name.token_end >= text.token_count() ||
          text.hashes()[name.token_begin] != first || text.hashes()[name.token_end] != second) {
        continue;
      }
      name.dropped = true;
      work.ignore(name.token_begin, name.token_end, IgnoredReason::kStreet);
    }
  }
}

}  // namespace wirewatch
