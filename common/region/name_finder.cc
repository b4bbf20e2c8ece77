#include <algorithm>
#include <array>
#include <bit>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "common/region/region_work.h"

namespace wirewatch {

namespace {

// The prior of a place, in decimal orders of population.
constexpr float kCountryPrior = 9.0F;
constexpr float kSharedCountryPrior = 7.0F;  // Of one whose name a great state bears too.
constexpr float kSmallPriorMax = 5.7F;       // About 500,000 people.
constexpr float kSmallPriorLoss = 4.0F;
constexpr float kTownLikeAState = 2.0F;
constexpr float kLessKnownLoss = 0.6F;  // As if a quarter of its people lived there.
constexpr float kSubdivisionBonus = -0.8F;
constexpr std::size_t kLongWordMin = 4;    // Shorter ones are small in any headline.
constexpr std::size_t kCandidateMax = 48;  // Meanings of one name that are looked at.

float prior_of(const GazetteerName& name) {
  switch (name.kind) {
    case NameKind::kCity:
      return name.magnitude - (is_less_known(name.flags) ? kLessKnownLoss : 0);
    case NameKind::kCapital:
      return name.magnitude + kCapitalBonus;
    case NameKind::kSubdivision:
      return name.magnitude + kSubdivisionBonus;
    default:
      return kCountryPrior;
  }
}

// Words that are said of small places only: "the village of Washington".
constexpr std::string_view kSmallWords[] = {"town",    "township", "village", "hamlet",
                                            "borough", "parish",   "suburb"};

// Behind them, too: "Rome Township" is no part of Rome.
bool is_called_small(const ArticleText& text, std::uint32_t token, std::uint32_t end) {
  static const WordSet kWords(kSmallWords);
  if (end < text.token_count() && is_space(text.gap_before(end)) && text.is_capitalized(end) &&
      (text.folded(end) == "township" || text.folded(end) == "twp")) {
    return true;
  }
  return token >= 2 && text.folded(token - 1) == "of" && kWords.contains(text.hashes()[token - 2]);
}

// A name that is mostly a surname.
constexpr unsigned kSurname = bit(NameFlag::kGivenName) | bit(NameFlag::kAmbiguous);
constexpr float kKnownPriorMin = 5.0F;  // About 100,000 people.

// "in Austin", "in Essen": a greater town needs nothing else. A lesser one that is a surname is
// meant where its country is named, too.
void trust_town(Candidate& candidate) {
  unsigned doubts = 0;
  if (candidate.prior >= kKnownPriorMin) {
    doubts = kSurname;
  } else if ((candidate.flags & kSurname) == kSurname) {
    doubts = bit(NameFlag::kGivenName);
  }
  candidate.flags &= static_cast<std::uint16_t>(~doubts);
}

// True where a dot parts a foreign name in katakana, which is one all the same: "エル・パソ".
bool is_dotted_name(const ArticleText& text, std::uint32_t token) {
  constexpr std::string_view kLastOfHiragana = "\xE3\x82\x9F";
  constexpr std::string_view kBehindKatakana = "\xE3\x84";
  const auto is_katakana = [&](std::uint32_t at) {
    const std::string_view word = text.folded(at);
    return word > kLastOfHiragana && word < kBehindKatakana;
  };
  return is_katakana(token - 1) && is_katakana(token) && is_dot_before(text, token);
}

// True for words of an unspaced script with a stop between them: "賴清德：國防" names no 德國.
bool is_broken(const ArticleText& text, const PhraseHit& hit) {
  constexpr unsigned char kFirstUnspaced = 0xE3;  // The lead of kana; Chinese and Korean follow.
  if (hit.token_end == hit.token_begin + 1 ||
      static_cast<unsigned char>(text.folded(hit.token_begin).front()) < kFirstUnspaced) {
    return false;
  }
  for (std::uint32_t token = hit.token_begin + 1; token < hit.token_end; ++token) {
    if (text.gap_before(token).find_first_of(",.:;!?()[]\"") != std::string_view::npos &&
        !is_dotted_name(text, token)) {
      return true;
    }
  }
  return false;
}

// "12日米国": what a longer name's first word ends is no name of several; nor is "한 일", work
// done, nor what ends one sentence and begins the next. `last` is the token behind the last of
// them.
bool breaks_a_name(const ArticleText& text, const PhraseHit& hit, std::uint32_t last,
                   std::span<const PhraseHit> behind) {
  constexpr std::string_view kStops[] = {" ", ".", ",", ":", "\n", "。", "：", "！", "？"};
  const std::string_view words = text.source(text.source_span(hit.token_begin, last));
  for (const std::string_view stop : kStops) {
    if (words.find(stop) != std::string_view::npos) return true;
  }
  for (const PhraseHit& other : behind) {
    if (other.token_begin >= hit.token_end) return false;
    if (other.token_end > hit.token_end) return true;
  }
  return false;
}

// Languages whose headlines may have every word in capitals. An unknown one may be of them.
bool capitalises_headlines(std::string_view language) {
  constexpr std::string_view kLanguages[] = {"", "en", "fil", "id", "ms", "tl", "tr"};
  return std::find(std::begin(kLanguages), std::end(kLanguages), language) != std::end(kLanguages);
}

// "Fire at Szeged paint plant", not "Fire at Szeged Paint Plant" nor "FIRE AT PLANT": where the
// words of a headline are small, as in a sentence, one with a capital is a name.
bool is_sentence(const ArticleText& text, std::string_view language) {
  const bool any_small = !capitalises_headlines(language);
  const std::uint32_t headline = text.headline_token_count();
  std::size_t small = 0;
  std::size_t great = 0;
  for (std::uint32_t token = 1; token < headline; ++token) {
    if (text.is_capitalized(token)) {
      ++great;
    } else if (any_small ||
               (text.folded(token).size() >= kLongWordMin && !is_place_word(text, token))) {
      ++small;
    }
  }
  return small > 0 && (any_small || small * 2 >= great);
}

// True for a name of a headline behind a word, and for the first one where it stands apart: "Lecce,
// arrestato il vicesindaco", "Radom: dwie osoby ranne".
bool stands_plainly(const ArticleText& text, const PhraseHit& hit) {
  if (hit.token_begin > 0) return is_space(text.gap_before(hit.token_begin));
  if (hit.token_end >= text.headline_token_count()) return false;
  const std::string_view gap = text.gap_before(hit.token_end);
  return gap == ", " || gap == ": " || gap == " : ";
}

// "한·미" are two names, and known as such or not at all; ニューヨーク・タイムズ is one.
bool may_be_broken(const GazetteerName& name) {
  return name.has(NameFlag::kShared) ||
         (name.kind == NameKind::kRoleBlock && name.has(NameFlag::kWeak));
}

// True for a headline in capitals, with a few small words at most ("SIX HURT in BUS CRASH"), not
// for one whose only capitals are an abbreviation's ("UK inflation falls").
bool is_loud(const ArticleText& text, std::uint32_t headline) {
  constexpr std::size_t kLoudMin = 3;           // Letters for each small one.
  constexpr unsigned char kUncasedFrom = 0xD7;  // Hebrew, Arabic and what comes behind them.
  std::size_t loud = 0;
  std::size_t small = 0;
  for (std::uint32_t token = 0; token < headline; ++token) {
    const std::string_view word = text.folded(token);
    if (text.is_all_caps(token)) {
      loud += word.size();
    } else if (text.is_capitalized(token)) {
      return false;
    } else if (word.front() > '9' && static_cast<unsigned char>(word.front()) < kUncasedFrom) {
      small += word.size();
    }
  }
  return loud == 0 || loud >= kLoudMin * small;
}

}  // namespace

// Sets what the whole text tells of its spelling.
void RegionClassifier::look_at_case(Work& work) {
  const ArticleText& text = work.text;
  const std::uint32_t headline = text.headline_token_count();
  work.lower_case = !text.has_capitals();
  work.loud_headline = headline > 0 && is_loud(text, headline);
  work.joins_streets = joins_street(work.language);
  work.plain_headline = !work.lower_case && !work.loud_headline && is_sentence(text, work.language);
}

void RegionClassifier::find_names(Work& work) const {
  RegionScratch& scratch = work.scratch;
  scratch.candidates.clear();
  scratch.names.clear();
  scratch.groups.clear();
  scratch.group_heads.fill(-1);
  scratch.persons.clear();
  scratch.asides.clear();
  scratch.taken.clear();
  look_at_case(work);
  gazetteer_.find(work.text, work.languages, work.lower_case, scratch.hits, scratch.spare);
  const std::span<const PhraseHit> hits = scratch.hits;
  const std::span<const ZoneSpan> zones = work.text.zones();
  std::size_t zone = 0;
  for (std::size_t first = 0; first < hits.size();) {
    std::size_t next = first + 1;
    while (next < hits.size() && hits[next].token_begin == hits[first].token_begin) ++next;
    const std::uint32_t token = hits[first].token_begin;
    while (zone + 1 < zones.size() && zones[zone].token_end <= token) ++zone;
    if (zones[zone].zone == Zone::kTail) {
      // Names nothing, and tells nothing about the article's names either.
      if (token >= work.covered_end) {
        work.ignore(token, hits[next - 1].token_end, IgnoredReason::kTail);
        work.covered_end = hits[next - 1].token_end;
      }
    } else if (token >= work.covered_end) {
      find_names_at(work, hits.subspan(first, next - first), hits.subspan(next));
    }
    if (scratch.names.size() >= options_.mention_max) break;
    first = next;
  }
  drop_persons(work);
  drop_ships(work);
  take_adjectives_of_leaders(work);
  add_surnames(work);
  drop_words(work);
  if (work.governments) find_owners(work);
  if (work.institutions) place_institutions(work);
}

// Takes the longest of the phrases that begin at one token. `behind` are the phrases that begin
// later.
void RegionClassifier::find_names_at(Work& work, std::span<const PhraseHit> hits,
                                     std::span<const PhraseHit> behind) const {
  RegionScratch& scratch = work.scratch;
  for (std::size_t end = hits.size(); end > 0;) {
    // All phrases over the same words: a stem with any ending ("canadian*") and a town
    // ("Canadian").
    std::size_t begin = end - 1;
    while (begin > 0 && hits[begin - 1].token_end == hits[end - 1].token_end) --begin;
    Meanings meanings{.phrases = hits.subspan(begin, end - begin),
                      .candidate_begin = scratch.candidates.size()};
    end = begin;
    if (is_broken(work.text, meanings.phrases.front()) &&
        !may_be_broken(gazetteer_.names(meanings.phrases.front().phrase).front())) {
      continue;
    }
    for (const PhraseHit& phrase : meanings.phrases) add_meanings(work, phrase, meanings);
    weigh_kinds(work.text, scratch, meanings);
    weigh_size(work, meanings);
    if (meanings.blocked && !meanings.own) {
      if (meanings.organisation) {  // The place within is mentioned, but the story is not there.
        scratch.candidates.resize(meanings.candidate_begin);
        work.organisation_end = meanings.token_end();
        continue;
      }
      leave_out(work, meanings,
                meanings.silenced ? IgnoredReason::kSilenced : IgnoredReason::kBlocked);
      scratch.taken.push_back(meanings.phrases.front());
      if (meanings.everywhere) note_bearer(work, meanings.phrases.front());
      return;
    }
    const bool found = scratch.candidates.size() > meanings.candidate_begin;
    const std::uint32_t covered_end = work.covered_end;
    const bool person = found && is_person(work, meanings, behind);
    note_given(work, meanings, found);
    if (!found) {
      if (meanings.given || work.title_end == meanings.token_end()) {
        scratch.taken.push_back(meanings.phrases.front());
      }
      continue;
    }
    const Candidate likeliest = meanings.candidates(scratch).front();
    if (is_word_here(work, meanings.phrases.front(), likeliest)) {
      scratch.candidates.resize(meanings.candidate_begin);
      continue;  // A shorter name may begin here.
    }
    const PhraseHit hit = meanings.phrases.front();
    if ((work.joins_streets || work.street_end == hit.token_begin) &&
        names_street(work, meanings)) {
      return leave_out(work, meanings, IgnoredReason::kStreet);
    }
    if ((meanings.flags & bit(NameFlag::kShared)) != 0) {
      if (add_shared(work, meanings, behind)) return;
      continue;
    }
    work.covered_end = hit.token_end;
    if (is_anothers(work, hit, likeliest)) {
      return leave_out(work, meanings, IgnoredReason::kBlocked);
    }
    if (person) {
      leave_out(work, meanings, IgnoredReason::kPerson);
      note_person(work, meanings);
      scratch.taken.push_back(meanings.phrases.front());
      return;
    }
    add_meant(work, hit, meanings);
    add_hamlet_before(work, covered_end);
    return;
  }
}

// Leaves out what the words might have meant, and shorter names that begin within them.
void RegionClassifier::leave_out(Work& work, const Meanings& meanings, IgnoredReason reason) {
  work.scratch.candidates.resize(meanings.candidate_begin);
  work.covered_end = meanings.token_end();
  work.ignore(meanings.token_begin(), meanings.token_end(), reason);
}

// "Jack London", "Marburg virus": who or what bears the name is meant also where a word of it
// stands alone.
void RegionClassifier::note_bearer(Work& work, const PhraseHit& hit) {
  for (std::uint32_t token = hit.token_begin; token < hit.token_end; ++token) {
    if (!work.text.is_capitalized(token)) continue;
    work.scratch.persons.push_back(work.text.hashes()[token]);
  }
}

// "The village of Washington" is no capital.
void RegionClassifier::weigh_size(Work& work, Meanings& meanings) {
  if (!is_called_small(work.text, meanings.token_begin(), meanings.token_end())) return;
  for (Candidate& candidate : meanings.candidates(work.scratch)) {
    if (candidate.prior > kSmallPriorMax) candidate.prior -= kSmallPriorLoss;
    candidate.flags &= static_cast<std::uint16_t>(~kAnyDoubt);
  }
  meanings.note_all(work.scratch);
}

// "North and South Korea", 日米韓: of each place the word that names it. What stands behind the
// last of them may begin another name. False where the words are parts of others.
bool RegionClassifier::add_shared(Work& work, const Meanings& meanings,
                                  std::span<const PhraseHit> behind) const {
  RegionScratch& scratch = work.scratch;
  PhraseHit hit = meanings.phrases.front();
  const auto found = meanings.candidates(scratch);
  std::array<Candidate, kSharedWordMask + 1> places{};
  std::bitset<kSharedWordMask + 1> words;
  for (const Candidate& candidate : found) {
    const std::size_t word = candidate.flags >> kSharedWordShift & kSharedWordMask;
    words.set(word);
    places[word] = candidate;
  }
  scratch.candidates.resize(meanings.candidate_begin);
  const std::uint32_t begin = hit.token_begin;
  std::uint32_t last = begin;
  for (std::size_t word = 0; word < words.size(); ++word) {
    if (words.test(word)) last = begin + static_cast<std::uint32_t>(word) + 1;
  }
  if (words.count() > 1 && breaks_a_name(work.text, hit, last, behind)) return false;
  for (std::size_t word = 0; word < places.size(); ++word) {
    if (!words.test(word)) continue;
    hit.token_begin = begin + static_cast<std::uint32_t>(word);
    hit.token_end = hit.token_begin + 1;
    const std::size_t first = scratch.candidates.size();
    scratch.candidates.push_back(places[word]);
    add_name(work, hit, first);
  }
  work.covered_end = hit.token_end;
  return true;
}

// Adds what words mean, with what the words beside them tell.
void RegionClassifier::add_meant(Work& work, const PhraseHit& hit, const Meanings& meanings) const {
  RegionScratch& scratch = work.scratch;
  const bool told = (meanings.flags & bit(NameFlag::kAmbiguous)) != 0 &&
                    is_told_place(work, meanings.token_begin(), meanings.token_end());
  if (told) {
    for (Candidate& candidate : meanings.candidates(scratch)) trust_town(candidate);
  }
  const bool adjective = is_adjective(meanings.candidates(scratch).front().flags);
  add_name(work, hit, meanings.candidate_begin);
  if (told || adjective) {
    scratch.groups[scratch.names.back().group].plain_capital = true;
  }
  const Candidate& likeliest = meanings.candidates(scratch).front();
  work.governments = work.governments || likeliest.kind == NameKind::kGovernment;
  work.institutions = work.institutions || is_institution(likeliest);
  scratch.names.back().adjective = meanings.adjective;
  scratch.names.back().demonym = meanings.is_demonym();
  const bool of_country = meanings.has_kind(bit(NameKind::kDemonym) | bit(NameKind::kCountry));
  if ((of_country || meanings.adjective) && tells_kind(work, hit, !of_country)) {
    scratch.names.back().uncounted = true;
  }
  if (names_accord(work, scratch.names.back())) scratch.names.back().uncounted = true;
}

// The flags of a name with what the text says of it, or nullopt where its conditions do not hold.
std::optional<std::uint16_t> RegionClassifier::flags_in_text(const Work& work,
                                                             const GazetteerName& name,
                                                             const PhraseHit& hit) const {
  constexpr unsigned kSeldom = bit(NameFlag::kAllCapitals) | bit(NameFlag::kDiacritic) |
                               bit(NameFlag::kAfterComma) | bit(NameFlag::kListed) |
                               bit(NameFlag::kShared) | bit(NameFlag::kAdjective);
  // At once: each by itself could not be predicted.
  const bool is_used = (gazetteer_.languages(name) & work.languages) != 0;
  const bool is_spelt_so = (!name.has(NameFlag::kCapital) | work.lower_case |
                            work.text.is_capitalized(hit.token_begin)) != 0;
  if ((is_used & is_spelt_so) == 0) return std::nullopt;
  if ((name.flags & kSeldom) == 0) return name.flags;
  return seldom_flags_in_text(work, name, hit);
}

// Notes what a phrase is that names no place.
void RegionClassifier::take_role(Work& work, const GazetteerName& name, const PhraseHit& hit,
                                 Meanings& meanings) {
  switch (name.kind) {
    case NameKind::kRoleBlock:
      meanings.blocked = true;
      meanings.silenced = meanings.silenced || name.has(NameFlag::kOverride);
      meanings.organisation = name.has(NameFlag::kWeak);
      meanings.everywhere = meanings.everywhere || name.has(NameFlag::kGivenName);
      break;
    case NameKind::kRoleGiven:
      meanings.given = true;
      meanings.sure_given = meanings.sure_given || !name.has(NameFlag::kWeak);
      meanings.given_letters = std::max<std::uint8_t>(meanings.given_letters, name.letters);
      break;
    case NameKind::kRoleTitle:
      work.title_end = hit.token_end;
      break;
    case NameKind::kRoleHamlet:
      add_hamlets_behind(work, hit);
      break;
    case NameKind::kRoleStreet:
      if (hit.token_end <= work.street_end) break;  // "calle" of "calle de"
      work.street_end = hit.token_end;
      work.street_adjective = is_adjective(name.flags);
      work.street_accord = name.has(NameFlag::kWeak);
      break;
    default:
      apply_suffix(work, name, hit);
  }
}

// "DNA" is Romania's anti-corruption agency in Romanian alone: where a text's language is unknown,
// only institutions that English or most languages name so are meant.
bool RegionClassifier::is_at_home_only(const GazetteerName& name) const {
  constexpr int kMostLanguages = 32;
  if (name.kind != NameKind::kGovernment && name.kind != NameKind::kMetonym) return false;
  const std::uint64_t languages = gazetteer_.languages(name);
  return (languages & gazetteer_.language_bit("en")) == 0 &&
         std::popcount(languages) < kMostLanguages;
}

// Adds the places that a phrase may mean, and notes what else it may be.
void RegionClassifier::add_meanings(Work& work, const PhraseHit& hit, Meanings& meanings) const {
  RegionScratch& scratch = work.scratch;
  const auto first = static_cast<std::ptrdiff_t>(meanings.candidate_begin);
  for (const GazetteerName& name : gazetteer_.names(hit.phrase)) {
    auto flags = flags_in_text(work, name, hit);
    if (is_adjective(name.flags) && is_place(name.kind) && !meanings.adjective) {
      meanings.adjective = (gazetteer_.languages(name) & work.languages) != 0;
    }
    if (!flags || (work.speaks_any && is_at_home_only(name))) continue;
    if (begins_a_word(work, name, hit)) continue;
    if (name.kind == NameKind::kOrganisation && name.has(NameFlag::kAmbiguous)) {  // A club.
      if (!speaks_of_football(work)) continue;
      *flags &= static_cast<std::uint16_t>(~bit(NameFlag::kAmbiguous));
    }
    if (!is_place(name.kind)) {
      take_role(work, name, hit, meanings);
      continue;
    }
    meanings.demonym = meanings.demonym || name.kind == NameKind::kDemonym;
    if (scratch.candidates.size() - meanings.candidate_begin >= kCandidateMax) break;
    if (meanings.own && !name.has(NameFlag::kOverride)) continue;
    meanings.own = meanings.own || name.has(NameFlag::kOverride);
    if ((meanings.places >> (name.place % 64) & 1) != 0) {
      const auto same =
          std::find_if(scratch.candidates.begin() + first, scratch.candidates.end(),
                       [&](const Candidate& other) { return other.place == name.place; });
      if (same != scratch.candidates.end()) {
        same->flags &= *flags;
        same->is_stem = same->is_stem && name.is_stem;
        if (name.letters > same->letters) same->letters = name.letters;
        meanings.note_all(scratch);
        continue;
      }
    }
    scratch.candidates.push_back({.place = name.place,
                                  .flags = *flags,
                                  .country = name.country,
                                  .admin1 = name.admin1,
                                  .kind = name.kind,
                                  .has_coordinates = name.has_coordinates,
                                  .is_stem = name.is_stem,
                                  .letters = name.letters,
                                  .latitude = name.latitude,
                                  .longitude = name.longitude,
                                  .prior = prior_of(name)});
    meanings.note(scratch.candidates.back());
  }
}

void RegionClassifier::weigh_kinds(const ArticleText& text, RegionScratch& scratch,
                                   Meanings& meanings) {
  std::span<Candidate> found = meanings.candidates(scratch);
  // A name in a list of counties is a county's.
  if ((meanings.flags & bit(NameFlag::kListed)) != 0) {
    const auto rest = std::remove_if(found.begin(), found.end(),
                                     [](const Candidate& c) { return !has(c, NameFlag::kListed); });
    scratch.candidates.resize(scratch.candidates.size() -
                              static_cast<std::size_t>(found.end() - rest));
    meanings.note_all(scratch);
    found = meanings.candidates(scratch);
  }
  if (meanings.phrases.size() > 1) drop_stems(text, scratch, meanings);
  if (!meanings.has_kind(bit(NameKind::kSubdivision))) return;
  // Georgia: a country that shares its name with a state is no likelier than the state's context.
  const std::span<Candidate> left = meanings.candidates(scratch);
  for (const Candidate& state : left) {
    if (state.kind != NameKind::kSubdivision || state.prior < kStatePriorMin) continue;
    if (left.front().kind == NameKind::kCapital && left.front().admin1 == state.admin1) {
      continue;  // The capital's own: that Moscow is one says nothing of the Moscow in Idaho.
    }
    for (Candidate& candidate : left) {  // Florida is not Florida, New York.
      if (candidate.kind == NameKind::kCity && candidate.prior < kTownPriorMax) {
        candidate.prior -= kTownLikeAState;
      }
    }
    for (Candidate& candidate : left) {
      if (candidate.kind == NameKind::kCountry && candidate.country != state.country) {
        candidate.prior = kSharedCountryPrior;
      }
    }
  }
}

void RegionClassifier::add_name(Work& work, const PhraseHit& hit,
                                std::size_t candidate_begin) const {
  RegionScratch& scratch = work.scratch;
  const std::size_t count = scratch.candidates.size() - candidate_begin;
  const auto is_plain_capital = [&] {
    if (!work.text.is_capitalized(hit.token_begin)) return false;
    if (hit.token_begin < work.text.headline_token_count()) {
      return work.plain_headline && stands_plainly(work.text, hit);
    }
    return !work.begins_sentence(hit.token_begin) ||
           work.text.zone_of(hit.token_begin) == Zone::kDateline;
  };
  std::int32_t& head = scratch.group_heads[hit.phrase.value() % scratch.group_heads.size()];
  const auto is_same = [&](const Group& group) {
    return group.phrase == hit.phrase.value() && group.candidate_count == count &&
           scratch.candidates[group.candidate_begin].place ==
               scratch.candidates[candidate_begin].place;
  };
  std::int32_t known = head;
  while (known >= 0 && !is_same(scratch.groups[static_cast<std::size_t>(known)])) {
    known = scratch.groups[static_cast<std::size_t>(known)].next;
  }
  const std::size_t number = known >= 0 ? static_cast<std::size_t>(known) : scratch.groups.size();
  if (known < 0) {
    scratch.groups.push_back({.phrase = hit.phrase.value(),
                              .next = std::exchange(head, static_cast<std::int32_t>(number)),
                              .candidate_begin = static_cast<std::uint32_t>(candidate_begin),
                              .candidate_count = static_cast<std::uint32_t>(count)});
    const Candidate& likeliest = scratch.candidates[candidate_begin];
    gazetteer_.fetch(likeliest.place, likeliest.admin1);
  } else {
    // "The village of Clare" is a place also where it is only called Clare.
    for (std::size_t i = 0; i < count; ++i) {
      scratch.candidates[scratch.groups[number].candidate_begin + i].flags &=
          scratch.candidates[candidate_begin + i].flags;
    }
    scratch.candidates.resize(candidate_begin);
  }
  Group& group = scratch.groups[number];
  group.plain_capital = group.plain_capital || is_plain_capital();
  group.capital = work.text.is_capitalized(hit.token_begin);
  scratch.names.push_back({.token_begin = hit.token_begin,
                           .token_end = hit.token_end,
                           .group = static_cast<std::uint32_t>(number),
                           .uncounted = hit.token_begin < work.organisation_end});
}

}  // namespace wirewatch
