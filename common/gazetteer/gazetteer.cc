#include "common/gazetteer/gazetteer.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>

#include "common/base/ascii_case.h"
#include "common/base/hash.h"
#include "common/gazetteer/gazetteer_format.h"
#include "common/gazetteer/gazetteer_tables.h"

namespace wirewatch {

using gazetteer_internal::aligned;
using gazetteer_internal::Header;
using gazetteer_internal::is_on_earth;
using gazetteer_internal::PlaceRecord;
using gazetteer_internal::SourceRecord;
using gazetteer_internal::Text;

static_assert(sizeof(GazetteerName) == 32, "Half a line of the cache.");

std::uint64_t gazetteer_internal::source_hash(std::string_view source) {
  char lower[256];
  std::size_t size = 0;
  if (source.starts_with("www.")) source.remove_prefix(4);
  for (const char c : source.substr(0, sizeof(lower))) lower[size++] = ascii_lower(c);
  return hash_bytes({lower, size});
}

namespace {

// A code of up to three letters as a number; 0 for a longer one.
std::uint32_t language_key(std::string_view code) {
  std::uint32_t key = 0;
  if (code.size() <= 3) std::memcpy(&key, code.data(), code.size());
  return key;
}

constexpr float kMagnitudeMax = 10;  // More people than a number of 32 bits can say.

// Country domains that the world uses for other things.
bool is_worldwide(std::string_view domain) {
  for (const std::string_view known :
       {"tv", "io", "me", "co", "ai", "fm", "cc", "ws", "to", "ly"}) {
    if (domain == known) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> Gazetteer::Tables::attach(std::span<const std::byte> from) {
  constexpr std::string_view kCure = "; build it again with wirewatch_gazetteer_compiler";
  if (reinterpret_cast<std::uintptr_t>(from.data()) % 8 != 0) {
    return "the gazetteer's bytes must be aligned to 8";
  }
  if (from.size() < sizeof(Header)) return "the gazetteer is cut short" + std::string(kCure);
  std::memcpy(&header, from.data(), sizeof(Header));
  if (header.magic != gazetteer_internal::kMagic) {
    return "this is no compiled gazetteer" + std::string(kCure);
  }
  if (header.version != gazetteer_internal::kVersion) {
    return "the gazetteer has layout " + std::to_string(header.version) + ", this program reads " +
           std::to_string(gazetteer_internal::kVersion) + std::string(kCure);
  }
  const std::byte* at = from.data() + sizeof(Header);
  std::uint64_t left = from.size() - sizeof(Header);
  bool whole = true;
  const auto take = [&]<typename T>(std::uint64_t count, std::span<const T>& out) {
    const std::uint64_t size = aligned(count * sizeof(T));
    if (!whole || size > left) {
      whole = false;
      return;
    }
    out = {reinterpret_cast<const T*>(at), count};
    at += size;
    left -= size;
  };
  std::span<const char> string_span;
  std::span<const char> lexicon_span;
  take(std::min<std::uint64_t>(header.lexicon_bytes, left + 1), lexicon_span);
  take(header.place_count, places);
  take(header.name_count, names);
  take(header.language_set_count, language_sets);
  take(header.admin1_count, admin1_codes);
  take(header.language_count, languages);
  take(header.member_count, members);
  take(header.source_count, sources);
  take(header.string_bytes, string_span);
  if (!whole) return "the gazetteer is cut short" + std::string(kCure);
  strings = {string_span.data(), string_span.size()};
  lexicon_bytes = {lexicon_span.data(), lexicon_span.size()};
  bytes = from;
  std::optional<Lexicon> viewed = Lexicon::view(lexicon_bytes);
  if (!viewed || language_sets.empty() || !records_are_sound()) {
    return "the gazetteer is damaged" + std::string(kCure);
  }
  lexicon = std::move(*viewed);
  list_languages();
  return std::nullopt;
}

void Gazetteer::Tables::list_languages() {
  for (std::size_t bit = 0; bit < languages.size(); ++bit) {
    std::string_view left = text(languages[bit]);
    while (!left.empty()) {
      const std::string_view code = left.substr(0, left.find('+'));
      language_bits.push_back({language_key(code), std::uint64_t{1} << bit});
      left.remove_prefix(std::min(left.size(), code.size() + 1));
    }
  }
}

// Every index that a lookup follows without a check of its own.
bool Gazetteer::Tables::records_are_sound() const {
  const auto sound = [&](Text where) {
    return where.offset <= strings.size() && where.size <= strings.size() - where.offset;
  };
  if (header.admin1_count == 0 || header.admin1_count > 0xFFFF || header.language_count > 64) {
    return false;
  }
  if (!std::all_of(admin1_codes.begin(), admin1_codes.end(), sound) ||
      !std::all_of(languages.begin(), languages.end(), sound)) {
    return false;
  }
  for (const PlaceRecord& place : places) {
    if (!is_on_earth(place.latitude, place.longitude) || !sound(place.english()) ||
        place.admin1 >= header.admin1_count ||
        (place.country >= 676 && place.country != Place::kNoCountry) ||
        place.kind > static_cast<std::uint8_t>(NameKind::kRoleStreet) ||
        std::uint64_t{place.member_begin} + place.member_count > members.size()) {
      return false;
    }
  }
  if (!std::all_of(members.begin(), members.end(), [](std::uint16_t m) { return m < 676; })) {
    return false;
  }
  for (const SourceRecord& source : sources) {
    if (source.place >= places.size()) return false;
  }
  // Without a branch for each, as there are hundreds of thousands.
  bool sound_names = true;
  std::size_t left = names.size();
  for (const GazetteerName& name : names) {
    const bool known_country = name.country < 676 || name.country == Place::kNoCountry;
    sound_names &= is_on_earth(name.latitude, name.longitude) && name.magnitude >= 2 &&
                   name.magnitude <= kMagnitudeMax && name.place < places.size() &&
                   name.admin1 < header.admin1_count && known_country &&
                   name.kind <= NameKind::kRoleStreet && name.languages < language_sets.size() &&
                   name.phrase_languages < language_sets.size() && name.count > 0 &&
                   name.count <= left;
    --left;
  }
  return sound_names;
}

std::expected<Gazetteer, std::string> Gazetteer::from_bytes(std::span<const std::byte> bytes,
                                                            std::shared_ptr<const void> owner) {
  auto tables = std::make_shared<Tables>();
  if (const auto error = tables->attach(bytes)) return std::unexpected(*error);
  tables->owner = std::move(owner);
  Gazetteer gazetteer;
  gazetteer.tables_ = std::move(tables);
  return gazetteer;
}

void Gazetteer::find(const ArticleText& text, std::uint64_t languages, bool any_case,
                     std::vector<PhraseHit>& hits, std::vector<PhraseHit>& spare) const {
  const Tables& tables = *tables_;
  tables.lexicon.find(text, hits, {.groups = languages, .any_case = any_case});
  tables.keep_wanted(text, languages, any_case, hits);
  if (tables.own_names.empty()) return;
  tables.own_lexicon.find(text, spare);
  if (spare.empty()) return;
  for (PhraseHit& hit : spare) {
    hit.phrase = PhraseId(hit.phrase.value() + tables.header.name_count);
  }
  // Merged from behind, in place.
  const auto before = [](const PhraseHit& a, const PhraseHit& b) {
    return a.token_begin != b.token_begin ? a.token_begin < b.token_begin
                                          : a.token_end < b.token_end;
  };
  std::size_t left = hits.size();
  std::size_t added = spare.size();
  hits.resize(left + added);
  while (added > 0) {
    if (left > 0 && before(spare[added - 1], hits[left - 1])) {
      hits[left + added - 1] = hits[left - 1];
      --left;
    } else {
      hits[left + added - 1] = spare[added - 1];
      --added;
    }
  }
}

// Memory is fetched some hits ahead: names lie anywhere in megabytes. Which are wanted could not be
// predicted, so that there is no branch for it.
void Gazetteer::Tables::keep_wanted(const ArticleText& text, std::uint64_t wanted, bool any_case,
                                    std::vector<PhraseHit>& hits) const {
  constexpr std::size_t kAhead = 32;
  constexpr auto kCapital = static_cast<std::uint16_t>(NameFlag::kCapital);
  const auto fetch = [&](const PhraseHit& hit) {
    if (hit.phrase.value() < names.size()) __builtin_prefetch(&names[hit.phrase.value()]);
  };
  for (std::size_t i = 0; i < std::min(kAhead, hits.size()); ++i) fetch(hits[i]);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    if (i + kAhead < hits.size()) fetch(hits[i + kAhead]);
    const PhraseHit hit = hits[i];
    if (hit.phrase.value() >= names.size()) continue;
    const GazetteerName& first = names[hit.phrase.value()];
    const bool is_used = (language_sets[first.phrase_languages] & wanted) != 0;
    const bool needs_no_capital = (first.phrase_flags & kCapital) == 0;
    const bool is_capital = any_case || text.is_capitalized(hit.token_begin);
    hits[kept] = hit;
    kept += static_cast<std::size_t>(is_used) &
            (static_cast<std::size_t>(needs_no_capital) | static_cast<std::size_t>(is_capital));
  }
  hits.resize(kept);
}

std::span<const GazetteerName> Gazetteer::names(PhraseId phrase) const {
  const std::uint32_t count = tables_->header.name_count;
  if (phrase.value() < count) return tables_->names_of(phrase);
  const std::size_t own = phrase.value() - count;
  if (own >= tables_->own_names.size()) return {};
  return {&tables_->own_names[own], 1};
}

std::uint64_t Gazetteer::languages(const GazetteerName& name) const {
  return tables_->language_sets[name.languages];
}

std::optional<Place> Gazetteer::source_home(std::string_view source) const {
  if (source.empty()) return std::nullopt;
  const std::uint64_t hash = gazetteer_internal::source_hash(source);
  for (const SourceRecord& own : tables_->own_sources) {
    if (own.hash == hash) return place(own.place);
  }
  const auto found = std::lower_bound(
      tables_->sources.begin(), tables_->sources.end(), hash,
      [](const SourceRecord& record, std::uint64_t wanted) { return record.hash < wanted; });
  if (found != tables_->sources.end() && found->hash == hash) return place(found->place);
  const std::size_t dot = source.rfind('.');
  if (dot == std::string_view::npos || source.size() - dot != 3) return std::nullopt;
  const std::string_view domain = source.substr(dot + 1);
  if (domain[0] < 'a' || domain[0] > 'z' || domain[1] < 'a' || domain[1] > 'z' ||
      is_worldwide(domain)) {
    return std::nullopt;
  }
  Place country;
  country.country = domain == "uk"
                        ? 6 * 26 + 1  // GB
                        : static_cast<std::uint16_t>((domain[0] - 'a') * 26 + domain[1] - 'a');
  return country;
}

Place Gazetteer::place(std::uint32_t place) const {
  const PlaceRecord& record = tables_->record(place);
  Place out;
  out.kind = static_cast<NameKind>(record.kind);
  out.has_coordinates = record.has_coordinates != 0;
  out.country = record.country;
  out.admin1 = record.admin1;
  out.latitude = record.latitude;
  out.longitude = record.longitude;
  out.population = record.population;
  out.geonames_id = record.geonames_id;
  out.english = tables_->text(record.english());
  const auto& shown = tables_->shown_names;
  const auto behind =
      std::upper_bound(shown.begin(), shown.end(), place,
                       [](std::uint32_t wanted, const auto& each) { return wanted < each.first; });
  if (behind != shown.begin() && (behind - 1)->first == place) out.english = (behind - 1)->second;
  out.admin1_code = tables_->text(tables_->admin1_codes[record.admin1]);
  out.members = tables_->members.subspan(record.member_begin, record.member_count);
  return out;
}

void Gazetteer::fetch(std::uint32_t place, std::uint16_t admin1) const {
  if (place >= tables_->places.size()) return;
  __builtin_prefetch(&tables_->places[place]);
  __builtin_prefetch(&tables_->admin1_codes[admin1]);
}

std::size_t Gazetteer::admin1_count() const {
  return tables_->header.admin1_count;
}

std::string_view Gazetteer::admin1_code(std::uint16_t admin1) const {
  return tables_->text(tables_->admin1_codes[admin1]);
}

std::uint64_t Gazetteer::language_bit(std::string_view language) const {
  const std::uint32_t key = language_key(language.substr(0, language.find_first_of("-_")));
  const auto& bits = tables_->language_bits;
  const auto found =
      std::find_if(bits.begin(), bits.end(), [key](const auto& each) { return each.key == key; });
  return found == bits.end() ? 0 : found->bit;
}

std::span<const Gazetteer::OwnCountryName> Gazetteer::own_country_names() const {
  return tables_->own_country_names;
}

std::size_t Gazetteer::place_count() const {
  return tables_->places.size() + tables_->own_places.size();
}
std::size_t Gazetteer::phrase_count() const {
  return tables_->lexicon.phrase_count() + tables_->own_names.size();
}
bool Gazetteer::is_intact() const {
  const std::span<const std::byte> content = tables_->bytes.subspan(sizeof(Header));
  return hash_bytes({reinterpret_cast<const char*>(content.data()), content.size()}) ==
         tables_->header.content_hash;
}
std::uint64_t Gazetteer::version_hash() const {
  return hash_combine(tables_->header.content_hash, tables_->own_hash);
}

}  // namespace wirewatch
