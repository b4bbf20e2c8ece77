#include <algorithm>
#include <cmath>

#include "common/region/region_work.h"

namespace wirewatch {

namespace {

// The prior of a place, in decimal orders of population.
constexpr float kCountryPrior = 9.0F;
constexpr float kSharedCountryPrior = 7.0F;  // Of one whose name a great state bears too.
constexpr float kStatePriorMin = 5.5F;
constexpr float kCapitalBonus = 2.5F;
constexpr float kSubdivisionBonus = -0.8F;
constexpr std::size_t kCandidateMax = 48;  // Meanings of one name that are looked at.

float prior_of(const Place& place) {
  const float size = std::log10(static_cast<float>(std::max(place.population, 100U)));
  switch (place.kind) {
    case NameKind::kCity:
      return size;
    case NameKind::kCapital:
      return size + kCapitalBonus;
    case NameKind::kSubdivision:
      return size + kSubdivisionBonus;
    default:
      return kCountryPrior;
  }
}

// Words before a name that say that a place follows.
constexpr std::string_view kPlaceWords[] = {
    "in",    "of",      "from",    "to",    "near",    "at",      "for",    "with",   "and",
    "the",   "by",      "on",      "en",    "de",      "a",       "desde",  "aus",    "nach",
    "von",   "da",      "do",      "em",    "via",     "into",    "over",   "leave",  "against",
    "visit", "across",  "between", "than",  "around",  "or",      "but",    "as",     "that",
    "while", "when",    "if",      "under", "outside", "after",   "before", "during", "without",
    "about", "because", "how",     "what",  "this",    "only",    "even",   "now",    "then",
    "both",  "more",    "some",    "no",    "every",   "through", "says",   "since",  "like",
    "where", "its",     "than",    "not",   "also"};

// Capitalised neighbours that make no person of a name: "in Paris Friday", "Northern Virginia",
// "Georgia State".
constexpr std::string_view kPublicWords[] = {
    "monday",      "tuesday",    "wednesday",   "thursday",   "friday",    "saturday",
    "sunday",      "january",    "february",    "march",      "april",     "may",
    "june",        "july",       "august",      "september",  "october",   "november",
    "december",    "north",      "south",       "east",       "west",      "northern",
    "southern",    "eastern",    "western",     "central",    "upper",     "lower",
    "greater",     "downtown",   "state",       "county",     "city",      "university",
    "college",     "police",     "department",  "government", "airport",   "river",
    "valley",      "bank",       "republic",    "parliament", "congress",  "senate",
    "house",       "governor",   "gov",         "attorney",   "supreme",   "court",
    "legislature", "assembly",   "district",    "region",     "province",  "international",
    "national",    "federal",    "public",      "high",       "school",    "board",
    "council",     "commission", "association", "institute",  "center",    "centre",
    "museum",      "hospital",   "railway",     "airlines",   "stock",     "exchange",
    "power",       "gas",        "oil",         "pacific",    "atlantic",  "bay",
    "beach",       "tech",       "dome",        "army",       "navy",      "air",
    "defense",     "defence",    "foreign",     "minister",   "ministry",  "prime",
    "president",   "king",       "republicans", "republican", "democrats", "democrat",
    "democratic",  "party",      "union",       "times",      "post",      "news",
    "press",       "journal",    "tribune",     "herald",     "bulldogs",  "tech",
    "tigers",      "united",     "fc",          "dc",         "s"};

// "in Paris": what is named so here is no person, whoever bears the name elsewhere.
bool stands_in_place(const ArticleText& text, std::uint32_t token) {
  if (token == 0 || token == text.headline_token_count()) return false;
  const std::string_view before = text.folded(token - 1);
  return before == "in" || before == "near" || before == "at" || before == "from";
}

}  // namespace

void RegionClassifier::find_names(Work& work) const {
  const ArticleText& text = work.text;
  RegionScratch& scratch = work.scratch;
  scratch.candidates.clear();
  scratch.names.clear();
  scratch.groups.clear();
  scratch.persons.clear();
  const std::uint32_t headline = text.headline_token_count();
  work.lower_case = true;
  for (std::uint32_t token = 0; token < text.token_count() && work.lower_case; ++token) {
    work.lower_case = !text.is_capitalized(token);
  }
  work.loud_headline = headline > 0;
  for (std::uint32_t token = 0; token < headline && work.loud_headline; ++token) {
    work.loud_headline = text.is_all_caps(token) || !text.is_capitalized(token);
  }
  std::uint32_t covered = 0;
  std::uint32_t given_end = 0;  // Behind the last given name …
  std::uint32_t title_end = 0;  // … and the last title.
  const std::span<const PhraseHit> hits = scratch.hits;
  for (std::size_t i = 0; i < hits.size();) {
    std::size_t next = i + 1;
    while (next < hits.size() && hits[next].token_begin == hits[i].token_begin) ++next;
    const std::uint32_t begin = hits[i].token_begin;
    const std::size_t first = i;
    i = next;
    if (begin < covered) continue;
    const bool capital = work.lower_case || text.is_capitalized(begin);
    const bool loud = begin < headline && work.loud_headline;
    for (std::size_t end = next; end > first;) {
      // All phrases over the same words: a stem with any ending ("canadian*") and a town
      // ("Canadian").
      std::size_t same_begin = end - 1;
      while (same_begin > first && hits[same_begin - 1].token_end == hits[end - 1].token_end) {
        --same_begin;
      }
      const std::span<const PhraseHit> same_words = hits.subspan(same_begin, end - same_begin);
      const PhraseHit& hit = same_words.front();
      end = same_begin;
      const std::size_t candidate_begin = scratch.candidates.size();
      bool blocked = false;
      bool own = false;
      bool given = false;
      for (const PhraseHit& phrase : same_words) {
        for (const GazetteerName& name : gazetteer_.names(phrase.phrase)) {
          if ((name.languages & work.languages) == 0) continue;
          std::uint16_t flags = name.flags;
          if (name.has(NameFlag::kCapital) && !capital) continue;
          if (name.has(NameFlag::kAllCapitals)) {
            if (!text.is_all_caps(begin)) continue;
            if (loud && text.folded(begin).size() <= 3) flags |= bit(NameFlag::kAmbiguous);
          }
          if (name.has(NameFlag::kDiacritic)) {
            const SourceSpan span = text.source_span(begin, hit.token_end);
            const std::string_view source = text.source(span);
            if (std::all_of(source.begin(), source.end(),
                            [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
              continue;
            }
          }
          if (name.has(NameFlag::kAfterComma) &&
              (scratch.names.empty() || scratch.names.back().token_end != begin ||
               !is_comma(text.gap_before(begin)))) {
            continue;
          }
          switch (name.kind) {
            case NameKind::kRoleBlock:
              blocked = true;
              continue;
            case NameKind::kRoleGiven:
              given = true;
              continue;
            case NameKind::kRoleTitle:
              title_end = hit.token_end;
              continue;
            case NameKind::kRoleSuffix:
              // What stands before is a street or a firm, unless it is a country.
              if (!scratch.names.empty() && scratch.names.back().token_end == begin &&
                  is_space(text.gap_before(begin))) {
                Name& before = scratch.names.back();
                const auto list = work.candidates(scratch.groups[before.group]);
                if (!list.empty() && list.front().kind != NameKind::kCountry &&
                    list.front().kind != NameKind::kDemonym) {
                  before.dropped = true;
                  work.ignore(before.token_begin, before.token_end, IgnoredReason::kStreet);
                }
              }
              continue;
            default:
              break;
          }
          if (scratch.candidates.size() - candidate_begin >= kCandidateMax) break;
          if (own && !name.has(NameFlag::kOverride)) continue;
          own = own || name.has(NameFlag::kOverride);
          const auto same = std::find_if(
              scratch.candidates.begin() + static_cast<std::ptrdiff_t>(candidate_begin),
              scratch.candidates.end(),
              [&](const Candidate& other) { return other.place == name.place; });
          if (same != scratch.candidates.end()) {
            same->flags &= flags;
            continue;
          }
          const Place place = gazetteer_.place(name.place);
          scratch.candidates.push_back({.place = name.place,
                                        .flags = flags,
                                        .country = place.country,
                                        .admin1 = place.admin1,
                                        .kind = name.kind,
                                        .has_coordinates = place.has_coordinates,
                                        .latitude = place.latitude,
                                        .longitude = place.longitude,
                                        .prior = prior_of(place)});
        }
      }
      // "Indianapolis" is no stem of Indian with an ending.
      if (same_words.size() > 1 &&
          std::any_of(scratch.candidates.begin() + static_cast<std::ptrdiff_t>(candidate_begin),
                      scratch.candidates.end(), [](const Candidate& c) {
                        return c.kind <= NameKind::kSubdivision && c.kind != NameKind::kDemonym &&
                               !has(c, NameFlag::kNeedsContext) && !has(c, NameFlag::kAmbiguous);
                      })) {
        const auto stems = std::remove_if(
            scratch.candidates.begin() + static_cast<std::ptrdiff_t>(candidate_begin),
            scratch.candidates.end(),
            [](const Candidate& c) { return c.kind == NameKind::kDemonym; });
        scratch.candidates.erase(stems, scratch.candidates.end());
      }
      const std::span<Candidate> found = std::span(scratch.candidates).subspan(candidate_begin);
      // Georgia: a country that shares its name with a state is no likelier than the state's
      // context.
      for (const Candidate& state : found) {
        if (state.kind != NameKind::kSubdivision || state.prior < kStatePriorMin) continue;
        for (Candidate& candidate : found) {
          if (candidate.kind == NameKind::kCountry && candidate.country != state.country) {
            candidate.prior = kSharedCountryPrior;
          }
        }
      }
      if (blocked && !own) {
        scratch.candidates.resize(candidate_begin);
        work.ignore(begin, hit.token_end, IgnoredReason::kBlocked);
        covered = hit.token_end;
        break;
      }
      if (found.empty()) {
        if (given) given_end = hit.token_end;
        continue;
      }
      // A person's name? Headlines capitalise everything and prove nothing.
      const bool may_be_person =
          !own && hit.token_end == begin + 1 && begin >= headline && !work.lower_case;
      bool person = false;
      if (may_be_person) {
        const bool name_like = std::any_of(found.begin(), found.end(), [](const Candidate& c) {
          return has(c, NameFlag::kGivenName);
        });
        const bool towns = std::none_of(found.begin(), found.end(), [](const Candidate& c) {
          return c.kind == NameKind::kCountry || c.kind == NameKind::kDemonym ||
                 c.kind == NameKind::kGovernment || c.kind == NameKind::kLeader;
        });
        const bool close = begin > headline && is_space(text.gap_before(begin));
        if (close && (given_end == begin || title_end == begin) && (name_like || towns)) {
          person = true;
        } else if (name_like && close) {
          const std::string_view before = text.folded(begin - 1);
          person = text.is_capitalized(begin - 1) && !text.is_all_caps(begin - 1) &&
                   before.size() > 2 && !is_one_of(before, kPlaceWords) &&
                   !is_one_of(before, kPublicWords) && !work.begins_sentence(begin - 1) &&
                   (scratch.names.empty() || scratch.names.back().token_end != begin);
        }
        if (!person && given && name_like && begin + 1 < text.token_count() &&
            is_space(text.gap_before(begin + 1)) && text.is_capitalized(begin + 1) &&
            !text.is_all_caps(begin + 1) && !is_one_of(text.folded(begin + 1), kPublicWords) &&
            !(next < hits.size() && hits[next].token_begin == begin + 1)) {
          person = true;
        }
      }
      if (given) given_end = hit.token_end;
      if (person) {
        scratch.candidates.resize(candidate_begin);
        scratch.persons.push_back(text.hashes()[begin]);
        work.ignore(begin, hit.token_end, IgnoredReason::kPerson);
        covered = hit.token_end;
        break;
      }
      add_name(work, hit, candidate_begin);
      covered = hit.token_end;
      break;
    }
    if (scratch.names.size() >= options_.mention_max) break;
  }
  // Who is a person once is one everywhere in the article, also in the headline.
  if (scratch.persons.empty()) return;
  for (Name& name : scratch.names) {
    if (name.token_end == name.token_begin + 1 && !name.dropped &&
        !stands_in_place(text, name.token_begin) &&
        std::find(scratch.persons.begin(), scratch.persons.end(),
                  text.hashes()[name.token_begin]) != scratch.persons.end()) {
      name.dropped = true;
      work.ignore(name.token_begin, name.token_end, IgnoredReason::kPerson);
    }
  }
}

void RegionClassifier::add_name(Work& work, const PhraseHit& hit,
                                std::size_t candidate_begin) const {
  RegionScratch& scratch = work.scratch;
  const std::size_t count = scratch.candidates.size() - candidate_begin;
  const bool plain_capital = hit.token_begin >= work.text.headline_token_count() &&
                             work.text.is_capitalized(hit.token_begin) &&
                             (!work.begins_sentence(hit.token_begin) ||
                              work.text.zone_of(hit.token_begin) == Zone::kDateline);
  auto group = std::find_if(scratch.groups.begin(), scratch.groups.end(), [&](const Group& known) {
    return known.phrase == hit.phrase.value() && known.candidate_count == count;
  });
  if (group == scratch.groups.end()) {
    scratch.groups.push_back({.phrase = hit.phrase.value(),
                              .candidate_begin = static_cast<std::uint32_t>(candidate_begin),
                              .candidate_count = static_cast<std::uint32_t>(count)});
    group = scratch.groups.end() - 1;
  } else {
    scratch.candidates.resize(candidate_begin);
  }
  group->plain_capital = group->plain_capital || plain_capital;
  group->capital = work.text.is_capitalized(hit.token_begin);
  scratch.names.push_back({.token_begin = hit.token_begin,
                           .token_end = hit.token_end,
                           .group = static_cast<std::uint32_t>(group - scratch.groups.begin()),
                           .plain_capital = plain_capital});
}

}  // namespace wirewatch
