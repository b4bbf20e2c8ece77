// Institutions that many countries have under one name: which country's is meant.

#include <algorithm>
#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "common/region/region_work.h"

namespace wirewatch {

namespace {

constexpr std::uint32_t kTowns = bit(NameKind::kCapital) | bit(NameKind::kCity);
// What tells which country a text is about.
constexpr std::uint32_t kTelling = kTowns | bit(NameKind::kCountry) | bit(NameKind::kDemonym) |
                                   bit(NameKind::kSubdivision) | bit(NameKind::kGovernment) |
                                   bit(NameKind::kLeader);
// Of these, what is named by those who are there: "in Lahore", "Lok Sabha", not "with Pakistan".
constexpr std::uint32_t kInside = kTowns | bit(NameKind::kSubdivision) | bit(NameKind::kGovernment);

// Persons have been left out already: London is a given name, too.
constexpr unsigned kUnsure = bit(NameFlag::kAmbiguous) | bit(NameFlag::kNeedsContext);

// The names of institutions, and who else has them beside the country of the gazetteer, by
// which the world's newsrooms mean them where nothing else is told. Congress is a party of India
// and Nepal, too.
struct Institution {
  std::string_view words;      // Folded.
  std::string_view countries;  // ISO 3166-1 alpha-2, apart by a blank; empty: all.
};
constexpr Institution kInstitutions[] = {
    {"supreme court", ""},
    {"ministry of defence", ""},
    {"congress", "AR BO BR CL CO CR DO EC ES FM GT HN IN MX NP PA PE PH PW PY VE"},
    {"senate",
     "AG AR AU BB BE BI BO BR BS BZ CA CD CG CI CL CM CO CZ DO EG ES FJ FR GA GD GQ HT IE IT JM JO "
     "KE KH KZ LC LR LS MG MX MY NA NG NL PH PK PL PW PY RO RW SO SZ TG TH TT UY UZ ZW"},
    {"house of representatives",
     "AG AU BY BZ CO CY EG ET FJ ID JM JP LR LY MA MT MY NG NP NZ PH SO TH TT YE"},
    {"house of commons", "CA GB"},
    {"tory", "CA GB"},
    {"tories", "CA GB"},
    {"national guard", "AZ CY IQ KG KW KZ MX PT RU SA TJ TN UA UZ VE"},
    {"medicare", "AU CA"},
    {"foreign office", "BD DE GB PK"},
    {"met office", "BB BD GB GY IN JM PK TT"},
    {"majlis", "BH IN MV OM PK"},
    {"justice department", "CA HK IE PH ZA"},
    {"agriculture department", "PH ZA"},
    {"defense department", "PH"},
    {"energy department", "PH ZA"},
    {"labor department", "PH"},
    {"environmental protection agency", "AU ET GH IE LR TW"},
    {"epa", "AU ET GH IE LR TW"},
    {"food and drug administration", "PH TH TW"},
    {"fda", "GH PH TH TW"},
    {"securities and exchange commission", "BD LK NG PH TH"},
    {"sec", "BD GH LK NG PH TH"},
    {"federal trade commission", "KR TW"},
    {"ftc", "JP KR TW"},
    {"democratic party", "AL HK ID IT JP KR RS TH"},
    {"democrats", "DK HK ID IL IT JP KR SE TH TW"},
    {"republicans", "AM DE FR IE"},
    {"минобороны", "AM AZ BY KG KZ MD TJ TM UA UZ"}};

// One of these, to be asked for.
class SharedInstitution {
 public:
  explicit SharedInstitution(const Institution& row) {
    for (std::string_view rest = row.words; !rest.empty();) {
      const std::size_t size = std::min(rest.find(' '), rest.size());
      words_.push_back(token_hash(rest.substr(0, size)));
      rest.remove_prefix(std::min(size + 1, rest.size()));
    }
    countries_ = countries_of(row.countries);
    if (countries_.none()) countries_.set();
  }
  [[nodiscard]] bool is(std::span<const std::uint64_t> words) const {
    return std::equal(words.begin(), words.end(), words_.begin(), words_.end());
  }
  [[nodiscard]] bool is_of(std::uint16_t country) const { return contains(countries_, country); }

 private:
  std::vector<std::uint64_t> words_;
  CountrySet countries_;
};

const std::vector<SharedInstitution>& all_institutions() {
  static const std::vector<SharedInstitution> kRows(std::begin(kInstitutions),
                                                    std::end(kInstitutions));
  return kRows;
}

// Null where the words name none of them.
const SharedInstitution* institution_called(std::span<const std::uint64_t> words) {
  const std::vector<SharedInstitution>& rows = all_institutions();
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [&](const SharedInstitution& each) { return each.is(words); });
  return row == rows.end() ? nullptr : &*row;
}

std::span<const std::uint64_t> words_of(const ArticleText& text, const Name& name) {
  return text.hashes().subspan(name.token_begin, name.token_end - name.token_begin);
}

// A town and a country in one: "HONG KONG: …".
bool is_city_state(std::uint16_t country) {
  static const CountrySet kCityStates = countries_of("HK MO SG");
  return contains(kCityStates, country);
}

// What says by itself which country a text is about, but for what `doubts` leave open.
bool tells_country(const Candidate& candidate, unsigned doubts) {
  return (bit(candidate.kind) & kTelling) != 0 && (candidate.flags & doubts) == 0 &&
         candidate.country != Place::kNoCountry;
}

bool is_countrys(const Candidate& candidate) {
  return candidate.kind == NameKind::kCountry || candidate.kind == NameKind::kDemonym;
}

}  // namespace

// "India's Supreme Court", "the Philippine Congress": what many countries have is that one's whose
// name stands before it.
bool RegionClassifier::is_anothers(Work& work, const PhraseHit& hit, const Candidate& likeliest) {
  const std::uint32_t token = hit.token_begin;
  if (likeliest.kind != NameKind::kGovernment || !has(likeliest, NameFlag::kWeak)) return false;
  const std::vector<Name>& names = work.scratch.names;
  if (names.empty() || token == 0) return false;
  const std::uint32_t owner_end = work.text.folded(token - 1) == "s" ? token - 1 : token;
  if (names.back().token_end != owner_end || !is_space(work.text.gap_before(token))) return false;
  const Candidate& owner = work.candidates(work.scratch.groups[names.back().group]).front();
  if (!is_countrys(owner) || owner.country == likeliest.country) return false;
  work.told_phrase = hit.phrase.value();
  work.told_country = owner.country;
  return true;
}

// "대법원", "l'Assemblée nationale": of what many countries have the one at home is meant where the
// text names no other country, and its source is at home in none. English is at home in many: there
// another name or the source must tell the country ("NBI" in Manila).
void RegionClassifier::place_institutions(Work& work) {
  RegionScratch& scratch = work.scratch;
  std::uint16_t asked = Place::kNoCountry;  // The last country that was asked for, …
  bool elsewhere = false;                   // … and whether the text is about another.
  const auto names_one = [&](const Name& name, bool another) {
    if (name.dropped) return false;
    const std::span<const Candidate> list = work.candidates(scratch.groups[name.group]);
    return tells_country(list.front(), kAnyDoubt) &&
           another == std::none_of(list.begin(), list.end(),
                                   [&](const Candidate& each) { return each.country == asked; });
  };
  const auto names_another = [&](const Name& name) { return names_one(name, true); };
  const auto names_asked = [&](const Name& name) { return names_one(name, false); };
  for (Name& name : scratch.names) {
    Candidate& likeliest = work.candidates(scratch.groups[name.group]).front();
    if (name.dropped || !is_institution(likeliest)) continue;
    if (likeliest.country != asked) {
      asked = likeliest.country;
      elsewhere = (work.home && work.home->country != asked) ||
                  std::any_of(scratch.names.begin(), scratch.names.end(), names_another) ||
                  (work.language == "en" && !work.home &&
                   std::none_of(scratch.names.begin(), scratch.names.end(), names_asked));
    }
    if (elsewhere) {
      name.dropped = true;
      work.ignore(name.token_begin, name.token_end, IgnoredReason::kBlocked);
    }
  }
  for (Candidate& candidate : scratch.candidates) {
    if (is_institution(candidate)) {
      candidate.flags &= static_cast<std::uint16_t>(~bit(NameFlag::kAmbiguous));
    }
  }
}

// What the names of a text tell of the country that it is written from or about.
struct RegionClassifier::TextCountries {
  struct Count {
    std::uint16_t country = 0;
    std::uint32_t names = 0;
    bool inside = false;
  };
  static constexpr std::size_t kCountMax = 16;

  std::array<Count, kCountMax> counts{};
  std::size_t size = 0;
  std::bitset<std::size(kInstitutions)> institutions;  // That the text names.
  std::uint16_t dateline = Place::kNoCountry;

  [[nodiscard]] std::uint32_t names_of(std::uint16_t country) const {
    const auto end = counts.begin() + static_cast<std::ptrdiff_t>(size);
    const auto found = std::find_if(counts.begin(), end,
                                    [&](const Count& each) { return each.country == country; });
    return found == end ? 0 : found->names;
  }
  // Whose an institution is that is usually held to be one country's, or kNoCountry: that one's.
  [[nodiscard]] std::uint16_t owner_of(const SharedInstitution& institution, std::uint16_t usual,
                                       std::uint16_t home) const {
    const std::uint16_t from = dateline != Place::kNoCountry ? dateline : home;
    if (from != Place::kNoCountry) {
      if (from == usual || !institution.is_of(from)) return Place::kNoCountry;
      const std::uint32_t of_usual = names_of(usual) + institutions_not_of(from);
      return of_usual == 0 || names_of(from) > of_usual ? from : Place::kNoCountry;
    }
    if (names_of(usual) > 0) return Place::kNoCountry;
    Count most;
    for (const Count& each : std::span(counts).first(size)) {
      if (each.inside && each.names > most.names) most = each;
    }
    const bool has_all = most.names > 0 && institutions_not_of(most.country) == 0;
    return has_all ? most.country : Place::kNoCountry;
  }
  [[nodiscard]] std::uint32_t institutions_not_of(std::uint16_t country) const {
    std::uint32_t count = 0;
    for (std::size_t i = 0; i < institutions.size(); ++i) {
      if (institutions.test(i) && !all_institutions()[i].is_of(country)) ++count;
    }
    return count;
  }
  void add(std::uint16_t country, bool inside) {
    std::size_t i = 0;
    while (i < size && counts[i].country != country) ++i;
    if (i == kCountMax) return;
    if (i == size) counts[size++].country = country;
    ++counts[i].names;
    counts[i].inside = counts[i].inside || inside;
  }
};

RegionClassifier::TextCountries RegionClassifier::count_countries(const Work& work) {
  TextCountries found;
  for (const Name& name : work.scratch.names) {
    if (name.dropped || name.uncounted) continue;
    const Candidate& likeliest = work.candidates(work.scratch.groups[name.group]).front();
    if (!tells_country(likeliest, kUnsure)) continue;
    if (work.text.zone_of(name.token_begin) == Zone::kDateline) {
      if (found.dateline == Place::kNoCountry) found.dateline = likeliest.country;
      continue;
    }
    if (likeliest.kind == NameKind::kGovernment) {
      const SharedInstitution* shared = institution_called(words_of(work.text, name));
      if (shared != nullptr) {
        found.institutions.set(static_cast<std::size_t>(shared - all_institutions().data()));
        continue;
      }
    }
    found.add(likeliest.country,
              (bit(likeliest.kind) & kInside) != 0 || is_city_state(likeliest.country));
  }
  return found;
}

// The country that the text itself says has an institution: "India's Supreme Court", "the Supreme
// Court of India", "the U.S. Senate" where it is "the Senate" elsewhere; or kNoCountry.
std::uint16_t RegionClassifier::told_owner(const Work& work, std::uint32_t number) {
  const RegionScratch& scratch = work.scratch;
  const ArticleText& text = work.text;
  if (work.told_phrase == scratch.groups[number].phrase) return work.told_country;
  std::uint64_t last_word = 0;
  for (std::size_t i = 0; i < scratch.names.size(); ++i) {
    const Name& name = scratch.names[i];
    if (name.dropped || name.group != number) continue;
    last_word = text.hashes()[name.token_end - 1];
    if (i + 1 == scratch.names.size()) continue;
    const Name& behind = scratch.names[i + 1];
    const std::uint32_t of = name.token_end;
    const std::uint32_t words = behind.token_begin - of;
    const bool told = (words == 0 && is_other_script(text.folded(of))) ||  // "Минобороны Украины"
                      (words == 1 && text.folded(of) == "of") ||
                      (words == 2 && text.folded(of) == "of" && text.folded(of + 1) == "the");
    const Candidate& owner = work.candidates(scratch.groups[behind.group]).front();
    if (told && !behind.dropped && is_countrys(owner)) return owner.country;
  }
  for (const Name& name : scratch.names) {
    const Candidate& full = work.candidates(scratch.groups[name.group]).front();
    if (!name.dropped && name.group != number && full.kind == NameKind::kGovernment &&
        text.hashes()[name.token_end - 1] == last_word &&
        institution_called(words_of(text, name)) == nullptr) {
      return full.country;
    }
  }
  return Place::kNoCountry;
}

// The place that stands for a country, or nullopt where no name of it is known here.
std::optional<std::uint32_t> RegionClassifier::place_of_country(std::uint16_t country,
                                                                RegionScratch& scratch) const {
  for (const Candidate& candidate : scratch.candidates) {
    if (candidate.kind == NameKind::kCountry && candidate.country == country) {
      return candidate.place;
    }
  }
  look_up(country_name(CountryCode::from_index(country)), false, scratch);
  for (const PhraseHit& hit : scratch.hits) {
    for (const GazetteerName& name : gazetteer_.names(hit.phrase)) {
      if (name.kind == NameKind::kCountry && name.country == country) return name.place;
    }
  }
  return std::nullopt;
}

// "The Senate" in a paper of Manila is the Philippines', not that of Washington, which the world's
// newsrooms mean by it. The country is told beside the name, else by the dateline, else by the
// source's home, else by the towns that the text names where it names nothing of the usual country.
void RegionClassifier::find_owners(Work& work) const {
  RegionScratch& scratch = work.scratch;
  std::optional<TextCountries> found;
  for (const Name& name : scratch.names) {
    Group& group = scratch.groups[name.group];
    Candidate& likeliest = work.candidates(group).front();
    if (name.dropped || group.owned || likeliest.kind != NameKind::kGovernment ||
        has(likeliest, NameFlag::kOverride)) {
      continue;
    }
    const SharedInstitution* institution = institution_called(words_of(work.text, name));
    if (institution == nullptr) continue;
    group.owned = true;
    std::uint16_t owner = told_owner(work, name.group);
    if (owner == Place::kNoCountry) {
      if (!found) found = count_countries(work);
      const std::uint16_t home = work.home ? work.home->country : Place::kNoCountry;
      owner = found->owner_of(*institution, likeliest.country, home);
    }
    if (owner == Place::kNoCountry || owner == likeliest.country) continue;
    if (const auto place = place_of_country(owner, scratch)) {
      likeliest.place = *place;
      likeliest.country = owner;
      likeliest.admin1 = 0;
    }
  }
}

}  // namespace wirewatch
