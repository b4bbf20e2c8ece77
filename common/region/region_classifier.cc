#include "common/region/region_classifier.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "common/base/check.h"

namespace wirewatch {

namespace {

using Candidate = RegionScratch::Candidate;
using Group = RegionScratch::Group;
using Name = RegionScratch::Name;
using Tally = RegionScratch::Tally;

// Weights of names by where they stand.
constexpr float kHeadlineWeight = 3.0F;
constexpr float kOpeningWeight = 2.0F;  // The lede and the first tenth.
constexpr float kDatelineWeight = 1.0F;
constexpr float kCityWeight = 0.8F;  // A city says less than its country's name.
constexpr float kWeakWeight = 0.5F;
constexpr float kContextSalience = 0.3F;  // Of a country that only dateline or source tell.
constexpr std::uint32_t kRoundUpCountries = 5;
constexpr float kRoundUpShareMax = 0.35F;
constexpr float kRoundUpTokens = 60;  // A page's menu names as many, but in more words.
constexpr float kRoundUpFactor = 0.25F;
constexpr float kRunnerUpMin = 0.15F;  // Salience of the best country where none is salient.

// What speaks for one of several places of a name, in decimal orders of population.
constexpr float kCountryPrior = 9.0F;
constexpr float kSharedCountryPrior = 7.0F;  // Of one whose name a great state bears too.
constexpr float kStatePriorMin = 5.5F;
constexpr float kCapitalBonus = 2.5F;
constexpr float kSubdivisionBonus = -0.8F;
constexpr float kCountrySupport = 1.0F;
constexpr float kAdmin1Support = 1.0F;
constexpr float kNearSupport = 0.8F;
constexpr float kHomeCountry = 1.0F;
constexpr float kHomeAdmin1 = 2.0F;
constexpr float kNearDegrees = 1.5F;
constexpr float kDistrictPriorMax = 5.0F;
constexpr float kTownPriorMax = 5.5F;  // Under about 300,000 people.
constexpr std::uint32_t kPageLinesMin = 25;
constexpr std::uint32_t kPageLineTokensMax = 7;  // On average; hard-wrapped text has more.
constexpr std::uint32_t kProseTokensMin = 15;
constexpr std::size_t kCandidateMax = 48;  // Meanings of one name that are looked at.
constexpr std::size_t kNearGroupMax = 64;  // Names that are asked what lies near.

#include "common/region/salience_weights.inc"

constexpr std::uint16_t bit(NameFlag flag) {
  return static_cast<std::uint16_t>(flag);
}

bool has(const Candidate& candidate, NameFlag flag) {
  return (candidate.flags & bit(flag)) != 0;
}

bool is_populated(NameKind kind) {
  return kind == NameKind::kCity || kind == NameKind::kCapital;
}

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

constexpr CountryCode code_of(std::uint16_t index) {
  if (index == Place::kNoCountry) return {};
  const char letters[2] = {static_cast<char>('A' + index / 26),
                           static_cast<char>('A' + index % 26)};
  return CountryCode(std::string_view(letters, 2));
}

template <std::size_t kSize>
bool is_one_of(std::string_view word, const std::string_view (&known)[kSize]) {
  return std::find(std::begin(known), std::end(known), word) != std::end(known);
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

// Gaps that hold two words together: "New\nYork" in hard-wrapped text too.
bool is_space(std::string_view gap) {
  return gap == " " || gap == "\n";
}

bool is_comma(std::string_view gap) {
  return gap == ", " || gap == "," || gap == ",\n" || gap == " (";
}

bool is_near(const Candidate& a, const Candidate& b) {
  const float north = a.latitude - b.latitude;
  const float east = (a.longitude - b.longitude) * 0.7F;
  return north * north + east * east <= kNearDegrees * kNearDegrees;
}

// Small enough for what lies near to say something.
bool is_local(const Candidate& candidate) {
  return candidate.has_coordinates &&
         (is_populated(candidate.kind) ||
          (candidate.kind == NameKind::kSubdivision && candidate.prior < kDistrictPriorMax));
}

// True for the text of a whole page: menus, lists and the article, a line each.
bool is_page(const ArticleText& text) {
  const std::string_view body = text.body();
  const auto lines = static_cast<std::uint32_t>(std::count(body.begin(), body.end(), '\n'));
  return lines >= kPageLinesMin && text.token_count() < lines * kPageLineTokensMax;
}

// True when the token's line is long enough for a sentence, or it stands in the headline.
bool is_in_prose(const ArticleText& text, std::uint32_t token) {
  if (token < text.headline_token_count()) return true;
  std::uint32_t length = 1;
  for (std::uint32_t at = token; length < kProseTokensMin && at > text.headline_token_count();
       --at) {
    if (text.gap_before(at).find('\n') != std::string_view::npos) break;
    ++length;
  }
  for (std::uint32_t at = token + 1; length < kProseTokensMin && at < text.token_count(); ++at) {
    if (text.gap_before(at).find('\n') != std::string_view::npos) break;
    ++length;
  }
  return length >= kProseTokensMin;
}

// "in Paris": what is named so here is no person, whoever bears the name elsewhere.
bool stands_in_place(const ArticleText& text, std::uint32_t token) {
  if (token == 0 || token == text.headline_token_count()) return false;
  const std::string_view before = text.folded(token - 1);
  return before == "in" || before == "near" || before == "at" || before == "from";
}

// True for a name that must be borne out by others.
bool is_doubtful(const Group& group, const Candidate& candidate) {
  return has(candidate, NameFlag::kAmbiguous) || has(candidate, NameFlag::kNeedsContext) ||
         (candidate.kind == NameKind::kCity && !group.plain_capital && group.capital &&
          candidate.prior < kTownPriorMax);
}

}  // namespace

std::string_view to_string(IgnoredReason reason) {
  switch (reason) {
    case IgnoredReason::kBlocked:
      return "names no place";
    case IgnoredReason::kPerson:
      return "a person";
    case IgnoredReason::kStreet:
      return "a street or a firm";
    case IgnoredReason::kOrdinaryWord:
      return "an ordinary word";
    case IgnoredReason::kSmallTown:
      return "a small town, and nothing else points there";
  }
  return "";
}

struct RegionClassifier::Work {
  const ArticleText& text;
  const RegionContext& context;
  RegionScratch& scratch;
  RegionResult& result;
  RegionExplanation* explanation;
  std::optional<Place> home{};
  std::uint64_t languages = ~std::uint64_t{0};
  bool lower_case = false;     // The text has no capitals at all.
  bool loud_headline = false;  // The headline is all capitals.

  void ignore(std::uint32_t token_begin, std::uint32_t token_end, IgnoredReason reason) const {
    if (explanation == nullptr) return;
    explanation->ignored.push_back({text.source_span(token_begin, token_end), reason});
  }
  [[nodiscard]] std::span<Candidate> candidates(const Group& group) const {
    return std::span(scratch.candidates).subspan(group.candidate_begin, group.candidate_count);
  }
  [[nodiscard]] bool begins_sentence(std::uint32_t token) const {
    return token == 0 || token == text.headline_token_count() ||
           !text.same_sentence(token - 1, token);
  }
};

RegionClassifier::RegionClassifier(const Gazetteer& gazetteer, RegionClassifierOptions options)
    : gazetteer_(gazetteer), options_(options) {
  WIREWATCH_CHECK(options.salience_min >= 0 && options.salience_min <= 1);
  WIREWATCH_CHECK(options.about_max >= 1 && options.mention_max >= 1);
}

void RegionClassifier::classify(const ArticleText& text, const RegionContext& context,
                                RegionScratch& scratch, RegionResult& result,
                                RegionExplanation* explanation) const {
  result.about.clear();
  result.mentions.clear();
  if (explanation != nullptr) *explanation = {};
  Work work{text, context, scratch, result, explanation};
  work.home = home_of(context, scratch);
  if (!context.language.empty()) work.languages = gazetteer_.language_bit(context.language);
  // A language without names of its own still has those that all languages share.
  if (work.languages == 0) work.languages = ~std::uint64_t{0};
  gazetteer_.find(text, scratch.hits, scratch.spare);
  find_names(work);
  link_neighbours(work);
  choose_places(work);
  write_mentions(work);
  score_countries(work);
}

// A country's code, or the first place that the words name; else what the source's name tells.
std::optional<Place> RegionClassifier::home_of(const RegionContext& context,
                                               RegionScratch& scratch) const {
  if (context.located.size() == 2 && !CountryCode(context.located).empty()) {
    Place country;
    country.country = static_cast<std::uint16_t>(CountryCode(context.located).index());
    return country;
  }
  if (!context.located.empty()) {
    analyzer_.analyze(context.located, "", scratch.located);
    gazetteer_.find(scratch.located, scratch.hits, scratch.spare);
    for (std::size_t i = scratch.hits.size(); i-- > 0;) {  // "Paris, France": the larger is last.
      for (const GazetteerName& name : gazetteer_.names(scratch.hits[i].phrase)) {
        if (static_cast<std::size_t>(name.kind) >= kPlaceKindCount) continue;
        const Place place = gazetteer_.place(name.place);
        if (place.country != Place::kNoCountry) return place;
      }
    }
  }
  return gazetteer_.source_home(context.source);
}

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

// "Paris, Texas", "Atlanta, Ga.", "Tripoli, Lebanon": the larger place tells the smaller, and is
// told by it.
void RegionClassifier::link_neighbours(Work& work) const {
  RegionScratch& scratch = work.scratch;
  for (Name& name : scratch.names) {
    if (!name.dropped) ++scratch.groups[name.group].count;
  }
  for (std::size_t i = 0; i + 1 < scratch.names.size(); ++i) {
    Name& small = scratch.names[i];
    Name& large = scratch.names[i + 1];
    if (small.dropped || large.dropped || small.token_end != large.token_begin) continue;
    const std::string_view gap = work.text.gap_before(large.token_begin);
    if (!is_comma(gap) && !is_space(gap)) continue;
    const auto inside = work.candidates(scratch.groups[small.group]);
    const auto around = work.candidates(scratch.groups[large.group]);
    float best = -1;
    for (std::size_t a = 0; a < around.size(); ++a) {
      const bool state = around[a].kind == NameKind::kSubdivision;
      if (!state && around[a].kind != NameKind::kCountry) continue;
      for (std::size_t b = 0; b < inside.size(); ++b) {
        if (inside[b].country != around[a].country || inside[b].place == around[a].place) continue;
        if (state
                ? (inside[b].admin1 != around[a].admin1 || inside[b].kind == NameKind::kSubdivision)
                : inside[b].kind == NameKind::kCountry) {
          continue;
        }
        if (!is_populated(inside[b].kind) && inside[b].kind != NameKind::kSubdivision) continue;
        const float score = inside[b].prior + (state ? 1.0F : 0.0F);
        if (score <= best) continue;
        best = score;
        small.forced = static_cast<std::int32_t>(b);
        large.forced = static_cast<std::int32_t>(a);
      }
    }
  }
  // What is told once holds for the other names alike.
  for (const Name& name : scratch.names) {
    if (name.forced < 0 || name.dropped) continue;
    Group& group = scratch.groups[name.group];
    if (!group.forced) group.chosen = name.forced;
    group.forced = true;
  }
}

void RegionClassifier::choose_places(Work& work) const {
  RegionScratch& scratch = work.scratch;
  scratch.admin1_support.resize(gazetteer_.admin1_count(), 0);
  const auto support = [&](const Group& group, const Candidate& candidate, float weight) {
    if (candidate.country == Place::kNoCountry) return;
    weight *= 1 + std::log(static_cast<float>(std::max(group.count, 1U))) / 2;
    scratch.country_support[candidate.country] += weight;
    if (candidate.admin1 != 0) scratch.admin1_support[candidate.admin1] += weight;
  };
  // What is without doubt speaks first.
  for (Group& group : scratch.groups) {
    if (group.count == 0) continue;
    const auto candidates = work.candidates(group);
    if (group.forced) {
      support(group, candidates[static_cast<std::size_t>(group.chosen)], 1);
      continue;
    }
    const Candidate& first = candidates.front();
    if (is_doubtful(group, first)) continue;
    if (candidates.size() == 1) {
      group.chosen = 0;
      support(group, first, 1);
    } else if (std::all_of(candidates.begin(), candidates.end(), [&](const Candidate& other) {
                 return other.country == first.country;
               })) {
      if (first.country != Place::kNoCountry) {
        scratch.country_support[first.country] += 1 + std::log(static_cast<float>(group.count)) / 2;
      }
    }
  }
  const std::size_t near_count = std::min(scratch.groups.size(), kNearGroupMax);
  for (int round = 0; round < 2; ++round) {
    for (std::size_t g = 0; g < scratch.groups.size(); ++g) {
      Group& group = scratch.groups[g];
      const auto candidates = work.candidates(group);
      if (group.count == 0 || group.forced) continue;
      const bool doubtful = candidates.size() > 1 || is_doubtful(group, candidates.front());
      if (!doubtful) continue;
      // Its own voice from the first round does not count in the second.
      if (round > 0 && group.chosen >= 0) {
        support(group, candidates[static_cast<std::size_t>(group.chosen)], -0.5F);
      }
      float best = -1;
      std::int32_t chosen = -1;
      for (std::size_t c = 0; c < candidates.size(); ++c) {
        const Candidate& candidate = candidates[c];
        float score = candidate.prior;
        float country = 0;
        float admin1 = 0;
        int near = 0;
        if (has(candidate, NameFlag::kOverride)) score += 100;
        if (candidate.country != Place::kNoCountry) {
          country = std::max(0.0F, scratch.country_support[candidate.country]);
          score += kCountrySupport * std::log1p(country);
        }
        if (candidate.admin1 != 0) {
          admin1 = std::max(0.0F, scratch.admin1_support[candidate.admin1]);
          score += kAdmin1Support * std::log1p(admin1);
        }
        if (is_local(candidate)) {
          for (std::size_t other = 0; other < near_count && near < 3; ++other) {
            const Group& neighbour = scratch.groups[other];
            if (other == g || neighbour.chosen < 0 || neighbour.count == 0) continue;
            const Candidate& place =
                work.candidates(neighbour)[static_cast<std::size_t>(neighbour.chosen)];
            if (is_local(place) && place.place != candidate.place && is_near(place, candidate)) {
              ++near;
            }
          }
          score += kNearSupport * static_cast<float>(near);
        }
        bool at_home = false;
        if (work.home && candidate.country == work.home->country) {
          score += kHomeCountry;
          if (work.home->admin1 != 0 && work.home->admin1 == candidate.admin1) {
            score += kHomeAdmin1;
            at_home = true;
          }
        }
        if (has(candidate, NameFlag::kNeedsContext) && admin1 <= 0.01F && near == 0 && !at_home) {
          continue;
        }
        // A lesser town that is only seen where any word has a capital.
        if (candidate.kind == NameKind::kCity && !group.plain_capital && group.capital &&
            candidate.prior < kTownPriorMax && country <= 0.01F && near == 0 && !at_home) {
          continue;
        }
        if (has(candidate, NameFlag::kAmbiguous)) {
          const bool local = admin1 > 0.01F || near > 0 || at_home;
          const bool known = country > 0.01F && !has(candidate, NameFlag::kGivenName) &&
                             (group.plain_capital || !is_populated(candidate.kind));
          if (!local && !known) continue;
        }
        if (score > best) {
          best = score;
          chosen = static_cast<std::int32_t>(c);
        }
      }
      group.chosen = chosen;
      if (chosen >= 0) support(group, candidates[static_cast<std::size_t>(chosen)], 0.5F);
    }
  }
  for (const Candidate& candidate : scratch.candidates) {
    scratch.admin1_support[candidate.admin1] = 0;
    if (candidate.country != Place::kNoCountry) scratch.country_support[candidate.country] = 0;
  }
}

void RegionClassifier::write_mentions(Work& work) const {
  const ArticleText& text = work.text;
  RegionScratch& scratch = work.scratch;
  const std::span<const ZoneSpan> zones = text.zones();
  std::size_t zone = 0;
  const bool page = is_page(text);
  for (const Name& name : scratch.names) {
    if (name.dropped) continue;
    const Group& group = scratch.groups[name.group];
    const std::int32_t chosen = name.forced >= 0 ? name.forced : group.chosen;
    const auto candidates = work.candidates(group);
    if (chosen < 0) {
      work.ignore(name.token_begin, name.token_end,
                  has(candidates.front(), NameFlag::kNeedsContext) ? IgnoredReason::kSmallTown
                                                                   : IgnoredReason::kOrdinaryWord);
      continue;
    }
    const Candidate& candidate = candidates[static_cast<std::size_t>(chosen)];
    const Place place = gazetteer_.place(candidate.place);
    while (zone + 1 < zones.size() && zones[zone].token_end <= name.token_begin) ++zone;
    Mention mention;
    mention.token_begin = name.token_begin;
    mention.token_end = name.token_end;
    mention.span = text.source_span(name.token_begin, name.token_end);
    mention.zone = zones[zone].zone;
    mention.counts = mention.zone != Zone::kTail && mention.zone != Zone::kDateline &&
                     !zones[zone].repeated && (!page || is_in_prose(text, name.token_begin));
    mention.kind = static_cast<PlaceKind>(candidate.kind);
    mention.country = code_of(candidate.country);
    mention.admin1 = place.admin1_code;
    mention.name = place.english;
    mention.has_coordinates = place.has_coordinates;
    mention.latitude = place.latitude;
    mention.longitude = place.longitude;
    mention.geonames_id = place.geonames_id;
    work.result.mentions.push_back(mention);

    if (!mention.counts || mention.country.empty()) {
      if (work.explanation != nullptr) work.explanation->weights.push_back(0);
      continue;
    }
    const std::uint32_t body_tokens = text.token_count() - text.headline_token_count();
    const std::uint32_t opening = text.headline_token_count() + body_tokens / 10;
    float weight = 1;
    Tally& tally = scratch.tallies[candidate.country];
    if (!tally.seen) {
      tally = {};
      tally.seen = true;
      tally.first_token = name.token_begin;
      scratch.seen.push_back(candidate.country);
    }
    if (mention.zone == Zone::kHeadline) {
      weight = kHeadlineWeight;
      tally.headline += 1;
    } else if (mention.zone == Zone::kLede || (!page && name.token_begin < opening)) {
      weight = kOpeningWeight;
      tally.lede += 1;
    }
    if (candidate.kind == NameKind::kCity || candidate.kind == NameKind::kSubdivision) {
      weight *= kCityWeight;
    }
    if (has(candidate, NameFlag::kWeak)) weight *= kWeakWeight;
    tally.score += weight;
    ++tally.count;
    if (candidate.kind != NameKind::kCity && candidate.kind != NameKind::kSubdivision)
      ++tally.strong;
    if (work.explanation != nullptr) work.explanation->weights.push_back(weight);
  }
}

void RegionClassifier::score_countries(Work& work) const {
  RegionScratch& scratch = work.scratch;
  RegionResult& result = work.result;
  if (work.explanation != nullptr && work.home)
    work.explanation->home = code_of(work.home->country);
  // A dateline names the newsroom; it counts where the text names the country too.
  for (Mention& mention : result.mentions) {
    if (mention.zone != Zone::kDateline || mention.country.empty()) continue;
    Tally& tally = scratch.tallies[mention.country.index()];
    if (!tally.seen) {
      tally = {};
      tally.seen = true;
      scratch.seen.push_back(static_cast<std::uint16_t>(mention.country.index()));
    }
    tally.dateline = true;
    if (tally.count == 0) continue;
    tally.score += kDatelineWeight;
    ++tally.count;
    mention.counts = true;
  }
  float total = 0;
  float best = 0;
  bool opening_names_one = false;  // Headline or lede name a country itself.
  std::uint32_t named_count = 0;   // Countries that not only the dateline names.
  for (const std::uint16_t country : scratch.seen) {
    const Tally& tally = scratch.tallies[country];
    total += tally.score;
    best = std::max(best, tally.score);
    opening_names_one = opening_names_one || tally.headline + tally.lede > 0;
    named_count += tally.count > 0 ? 1U : 0U;
  }
  const float tokens = static_cast<float>(std::max(work.text.token_count(), 1U));
  // A round-up names many countries once and is about none in particular, so about all of them.
  const bool round_up = named_count >= kRoundUpCountries && best < total * kRoundUpShareMax &&
                        tokens < static_cast<float>(named_count) * kRoundUpTokens;
  const auto salience_min =
      static_cast<float>(options_.salience_min) * (round_up ? kRoundUpFactor : 1.0F);
  CountryScore runner_up;
  for (const std::uint16_t country : scratch.seen) {
    Tally& tally = scratch.tallies[country];
    tally.seen = false;
    if (named_count == 0) continue;  // Nothing but the dateline: below.
    const bool bare = tally.count == 0;
    // "LONDON (AP) - Protests in Peru": what the story is about is said at its beginning.
    if (bare && opening_names_one) continue;
    const float others = static_cast<float>(named_count - (bare ? 0U : 1U));
    const float of_best = best > 0 ? tally.score / best : 0;
    const bool at_home = work.home && work.home->country == country;
    const SalienceFeatures features{
        .country = code_of(country),
        .values = {1.0F, total > 0 ? tally.score / total : 0, of_best, std::log1p(tally.score),
                   tally.headline > 0 ? 1.0F : 0.0F, tally.lede > 0 ? 1.0F : 0.0F,
                   std::log1p(static_cast<float>(tally.count)), tally.strong > 0 ? 1.0F : 0.0F,
                   tally.dateline && !bare ? 1.0F : 0.0F, bare ? 1.0F : 0.0F,
                   bare && named_count > 1 ? 1.0F : 0.0F, std::log1p(others),
                   bare ? 1.0F : static_cast<float>(tally.first_token) / tokens,
                   at_home ? 1.0F : 0.0F, work.home && !at_home ? 1.0F : 0.0F,
                   std::log(tokens) / 10, of_best * std::log1p(others)}};
    float sum = 0;
    for (std::size_t i = 0; i < kSalienceFeatureCount; ++i) {
      sum += features.values[i] * kSalienceWeights[i];
    }
    const float salience = 1 / (1 + std::exp(-sum));
    if (work.explanation != nullptr) work.explanation->features.push_back(features);
    const CountryScore score{code_of(country), salience, tally.count};
    if (salience >= salience_min) {
      result.about.push_back(score);
    } else if (salience > runner_up.salience ||
               (salience == runner_up.salience && score.country < runner_up.country)) {
      runner_up = score;
    }
  }
  scratch.seen.clear();
  std::sort(result.about.begin(), result.about.end(),
            [](const CountryScore& a, const CountryScore& b) {
              return a.salience != b.salience ? a.salience > b.salience : a.country < b.country;
            });
  if (result.about.size() > options_.about_max) result.about.resize(options_.about_max);
  if (!result.about.empty()) return;
  if (named_count > 0) {
    if (runner_up.salience >= kRunnerUpMin) {
      result.about.push_back(runner_up);
      return;
    }
  }
  // No place in the text at all: the dateline, then the source's home, is the best guess.
  for (const Mention& mention : result.mentions) {
    if (mention.zone == Zone::kDateline && !mention.country.empty()) {
      result.about.push_back({mention.country, kContextSalience, 0});
      return;
    }
  }
  if (work.home && work.home->country != Place::kNoCountry) {
    result.about.push_back({code_of(work.home->country), kContextSalience, 0});
  }
}

}  // namespace wirewatch
