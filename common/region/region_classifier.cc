#include "common/region/region_classifier.h"

#include <algorithm>
#include <optional>

#include "common/base/check.h"
#include "common/region/region_work.h"

namespace wirewatch {

namespace {

// "the hospital in Leeds"
bool is_located_by(std::string_view word) {
  return word == "in" || word == "at" || word == "of" || word == "near";
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
    case IgnoredReason::kTail:
      return "in the tail";
    case IgnoredReason::kSmallTown:
      return "a small town, and nothing else points there";
  }
  return "";
}

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
  work.measure_article();
  work.home = home_of(context, scratch);
  if (!context.language.empty()) work.languages = gazetteer_.language_bit(context.language);
  // A language without names of its own still has those that all languages share.
  if (work.languages == 0) work.languages = ~std::uint64_t{0};
  find_names(work);
  find_listings(work);
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
    gazetteer_.find(scratch.located, ~std::uint64_t{0}, true, scratch.hits, scratch.spare);
    for (std::size_t i = scratch.hits.size(); i-- > 0;) {  // "Paris, France": the larger is last.
      for (const GazetteerName& name : gazetteer_.names(scratch.hits[i].phrase)) {
        if (!is_place(name.kind)) continue;
        const Place place = gazetteer_.place(name.place);
        if (place.country != Place::kNoCountry) return place;
      }
    }
  }
  return gazetteer_.source_home(context.source);
}

void RegionClassifier::write_mentions(Work& work) const {
  const ArticleText& text = work.text;
  RegionScratch& scratch = work.scratch;
  const std::span<const ZoneSpan> zones = text.zones();
  std::size_t zone = 0;
  for (const Name& name : scratch.names) {
    if (name.dropped) continue;
    write_asides(work, name.token_begin);
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
    if (group.unsure && zones[zone].zone == Zone::kDateline) {  // It names no newsroom abroad.
      work.ignore(name.token_begin, name.token_end, IgnoredReason::kSmallTown);
      continue;
    }
    if (is_local(candidate)) work.town = static_cast<std::int32_t>(work.result.mentions.size());
    Mention& mention = work.result.mentions.emplace_back();
    mention.token_begin = name.token_begin;
    mention.token_end = name.token_end;
    mention.span = text.source_span(name.token_begin, name.token_end);
    mention.zone = zones[zone].zone;
    mention.counts = mention.zone != Zone::kDateline && !zones[zone].repeated && !name.uncounted &&
                     !group.unsure;
    mention.kind = static_cast<PlaceKind>(candidate.kind);
    mention.country = CountryCode::from_index(candidate.country);
    mention.admin1 = place.admin1_code;
    // A government or a leader stands for the country; several share one entry of the gazetteer.
    const bool stands_for_country =
        mention.kind == PlaceKind::kGovernment || mention.kind == PlaceKind::kLeader;
    mention.name = stands_for_country && !mention.country.empty() ? country_name(mention.country)
                                                                  : place.english;
    mention.has_coordinates = place.has_coordinates;
    mention.latitude = place.latitude;
    mention.longitude = place.longitude;
    mention.geonames_id = place.geonames_id;
    tally_mention(work, candidate);
  }
  write_asides(work, text.token_count());
}

// What is told beside the names, up to a token.
void RegionClassifier::write_asides(Work& work, std::uint32_t token_end) const {
  const ArticleText& text = work.text;
  const std::vector<RegionScratch::Aside>& asides = work.scratch.asides;
  for (; work.aside < asides.size() && asides[work.aside].token_begin < token_end; ++work.aside) {
    const RegionScratch::Aside& aside = asides[work.aside];
    const ZoneSpan& zone = text.zones()[text.zone_index(aside.token_begin)];
    if (zone.zone == Zone::kTail || work.result.mentions.size() >= options_.mention_max) continue;
    Mention mention;
    mention.token_begin = aside.token_begin;
    mention.token_end = aside.token_end;
    mention.span = text.source_span(aside.token_begin, aside.token_end);
    mention.zone = zone.zone;
    if (aside.country.empty()) {
      if (!write_site(work, mention)) continue;
    } else {
      mention.counts = zone.zone != Zone::kDateline && !zone.repeated;
      mention.kind = PlaceKind::kMetonym;
      mention.country = aside.country;
      mention.name = country_name(aside.country);
    }
    work.result.mentions.push_back(mention);
    Candidate candidate{.flags = bit(NameFlag::kWeak), .kind = NameKind::kMetonym};
    if (mention.counts) candidate.country = static_cast<std::uint16_t>(aside.country.index());
    tally_mention(work, candidate);
  }
}

// True where a name that means a town begins.
bool RegionClassifier::is_town_at(const Work& work, std::uint32_t token) {
  const std::vector<Name>& names = work.scratch.names;
  const auto name = std::lower_bound(
      names.begin(), names.end(), token,
      [](const Name& each, std::uint32_t begin) { return each.token_begin < begin; });
  if (name == names.end() || name->token_begin != token || name->dropped) return false;
  const Group& group = work.scratch.groups[name->group];
  const std::int32_t chosen = name->forced >= 0 ? name->forced : group.chosen;
  return chosen >= 0 && is_local(work.candidates(group)[static_cast<std::size_t>(chosen)]);
}

// A building or a street lies in the town that is told behind it ("the School of Music in London"),
// else in the one that was named last, else in the next one. False where there is none.
bool RegionClassifier::write_site(Work& work, Mention& mention) const {
  mention.kind = PlaceKind::kSite;
  mention.counts = false;
  mention.has_coordinates = true;
  const ArticleText& text = work.text;
  const std::uint32_t end = mention.token_end;
  bool told = false;
  if (end < text.token_count()) {
    const std::string_view gap = text.gap_before(end);
    told = (is_space(gap) || is_comma(gap)) &&
           is_town_at(work, end + (is_located_by(text.folded(end)) ? 1 : 0));
  }
  if (work.town >= 0 && !told) {
    const Mention& town = work.result.mentions[static_cast<std::size_t>(work.town)];
    mention.country = town.country;
    mention.admin1 = town.admin1;
    mention.name = town.name;
    mention.latitude = town.latitude;
    mention.longitude = town.longitude;
    return true;
  }
  for (const Name& name : work.scratch.names) {
    if (name.dropped || name.token_begin < mention.token_end) continue;
    const Group& group = work.scratch.groups[name.group];
    const std::int32_t chosen = name.forced >= 0 ? name.forced : group.chosen;
    if (chosen < 0) continue;
    const Candidate& candidate = work.candidates(group)[static_cast<std::size_t>(chosen)];
    if (!is_local(candidate)) continue;
    const Place place = gazetteer_.place(candidate.place);
    mention.country = CountryCode::from_index(candidate.country);
    mention.admin1 = place.admin1_code;
    mention.name = place.english;
    mention.latitude = place.latitude;
    mention.longitude = place.longitude;
    return true;
  }
  return false;
}

}  // namespace wirewatch
