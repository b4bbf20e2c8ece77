#include "common/gazetteer/gazetteer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <optional>
#include <utility>

#include <simdjson.h>

#include "common/base/hash.h"
#include "common/base/trimmed.h"
#include "common/base/utf8.h"
#include "common/gazetteer/gazetteer_format.h"

namespace wirewatch {

using gazetteer_internal::aligned;
using gazetteer_internal::Header;
using gazetteer_internal::is_on_earth;
using gazetteer_internal::PlaceRecord;
using gazetteer_internal::SourceRecord;
using gazetteer_internal::Text;

static_assert(sizeof(GazetteerName) == 32, "Half a line of the cache.");

namespace {

// The small form of a Latin letter with marks; of pairs the even one is the capital, but for those
// where it is the odd one.
std::uint32_t small_letter(std::uint32_t c) {
  constexpr std::uint32_t kCapitalHornU = 0x1AF;
  if (c >= 0xC0 && c <= 0xDE) return c + 0x20;
  if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E) || c == kCapitalHornU) {
    return (c + 1) & ~1U;
  }
  if (c == kCapitalHornU + 1) return c;
  return (c >= 0x100 && c <= 0x24F) || (c >= 0x1E00 && c <= 0x1EFF) ? c | 1U : c;
}

// A number for a small letter's marks, which of all Vietnamese forms of one letter differs.
std::uint32_t mark_of(std::uint32_t c) {
  constexpr std::uint32_t kFirst = 0x1EA1;  // Those with two marks, in order of the letter.
  constexpr std::uint32_t kLast = 0x1EF9;
  constexpr std::uint32_t kLetterBegins[] = {0, 12, 20, 22, 34, 41};  // a, e, i, o, u, y
  if (c >= kFirst && c <= kLast) {
    const std::uint32_t index = (c - kFirst) / 2;
    const auto* letter =
        std::upper_bound(std::begin(kLetterBegins), std::end(kLetterBegins), index);
    return 1 + index - *(letter - 1);
  }
  if (c >= 0xE0 && c <= 0xEF) return 13 + (c & 3U);                     // à á â ã, è é ê, ì í
  if (c >= 0xF2 && c <= 0xFD) return 13 + c - 0xF2U;                    // ò ó ô õ, ù ú, ý
  if (c == 0x103 || c == 0x129 || c == 0x169 || c == 0x1A1) return 17;  // ă, ĩ, ũ, ơ
  if (c == 0x1B0) return 18;                                            // ư
  return 19 + c % 11;
}

}  // namespace

std::uint16_t marks_of(std::string_view text) {
  std::uint32_t sum = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0xC2) continue;
    std::uint32_t c = lead < 0xE0 ? lead & 0x1FU : lead & 0x0FU;
    while (at + 1 < text.size() && is_continuation(text[at + 1])) {
      c = (c << 6) | (static_cast<unsigned char>(text[++at]) & 0x3FU);
    }
    constexpr std::uint32_t kMarksFirst = 0x300;
    constexpr std::uint32_t kMarksLast = 0x36F;
    if (c >= kMarksFirst && c <= kMarksLast) return kAnyMarks;
    sum += mark_of(small_letter(c));
  }
  return sum == 0 ? 0 : static_cast<std::uint16_t>(1 + sum % (kAnyMarks - 1));
}

namespace {

// "www.Example.com" and "example.com" are one source.
std::uint64_t source_hash(std::string_view source) {
  char lower[256];
  std::size_t size = 0;
  if (source.starts_with("www.")) source.remove_prefix(4);
  for (const char c : source.substr(0, sizeof(lower))) {
    lower[size++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return hash_bytes({lower, size});
}

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

bool begins_with_capital(std::string_view name) {
  ArticleText text;
  TextAnalyzer().analyze(name, "", text);
  return text.token_count() > 0 && text.is_capitalized(0);
}

}  // namespace

struct Gazetteer::Tables {
  std::shared_ptr<const void> owner;
  std::span<const std::byte> bytes;
  Header header;
  std::span<const PlaceRecord> places;
  std::span<const GazetteerName> names;
  std::span<const std::uint64_t> language_sets;
  std::span<const Text> admin1_codes;
  std::span<const Text> languages;
  // Of each language, in the order of the bits, which several may share.
  struct LanguageBit {
    std::uint32_t key = 0;  // Its code, see language_key().
    std::uint64_t bit = 0;
  };
  std::vector<LanguageBit> language_bits;
  std::span<const std::uint16_t> members;
  std::span<const SourceRecord> sources;
  std::string_view strings;
  std::string_view lexicon_bytes;
  Lexicon lexicon;

  // The newsroom's rows. Their phrases are numbered after those of the file.
  Lexicon own_lexicon;
  std::vector<GazetteerName> own_names;  // One for each.
  std::vector<PlaceRecord> own_places;   // Numbered after those of the file, without a name there.
  std::vector<std::pair<std::uint32_t, std::string>> shown_names;  // In order of the places.
  std::vector<OwnCountryName> own_country_names;                   // Views into these.
  std::vector<SourceRecord> own_sources;
  std::uint64_t own_hash = 0;

  [[nodiscard]] std::string_view text(Text where) const {
    return strings.substr(where.offset, where.size);
  }
  [[nodiscard]] std::optional<std::string> attach(std::span<const std::byte> from);
  [[nodiscard]] bool records_are_sound() const;
  void list_languages();
  [[nodiscard]] const PlaceRecord& record(std::uint32_t place) const {
    return place < places.size() ? places[place] : own_places[place - places.size()];
  }
  [[nodiscard]] std::span<const GazetteerName> names_of(PhraseId phrase) const {
    return names.subspan(phrase.value(), names[phrase.value()].count);
  }
  // Leaves out the hits none of whose names is wanted.
  void keep_wanted(const ArticleText& text, std::uint64_t wanted, bool any_case,
                   std::vector<PhraseHit>& hits) const;
  [[nodiscard]] std::optional<std::uint32_t> find_place(std::string_view key);
  // One row of an override file; what is wrong with it, if anything is.
  [[nodiscard]] std::optional<std::string> add_row(std::string_view line, LexiconBuilder& builder);
  void sort_shown_names();
};

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

// KP, KP-01, a GeoNames id, or KP@39.03,125.75, which makes a place.
std::optional<std::uint32_t> Gazetteer::Tables::find_place(std::string_view key) {
  if (const std::size_t at = key.find('@'); at != std::string_view::npos) {
    const auto country = find_place(key.substr(0, at));
    if (!country) return std::nullopt;
    PlaceRecord place = places[*country];
    const std::string_view point = key.substr(at + 1);
    const std::size_t comma = point.find(',');
    const auto number = [](std::string_view text, float& out, float limit) {
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
      return error == std::errc() && end == text.data() + text.size() && out >= -limit &&
             out <= limit;
    };
    if (comma == std::string_view::npos || !number(point.substr(0, comma), place.latitude, 90) ||
        !number(point.substr(comma + 1), place.longitude, 180)) {
      return std::nullopt;
    }
    place.kind = static_cast<std::uint8_t>(NameKind::kArea);
    place.has_coordinates = 1;
    place.population = 0;
    place.geonames_id = 0;
    own_places.push_back(place);
    return static_cast<std::uint32_t>(places.size() + own_places.size() - 1);
  }
  std::uint32_t geonames_id = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), geonames_id);
  if (error != std::errc() || end != key.data() + key.size()) geonames_id = 0;
  for (std::uint32_t i = 0; i < places.size(); ++i) {
    const PlaceRecord& place = places[i];
    const auto kind = static_cast<NameKind>(place.kind);
    if (key.size() == 2) {
      if (kind == NameKind::kCountry && place.country != Place::kNoCountry &&
          key[0] - 'A' == place.country / 26 && key[1] - 'A' == place.country % 26) {
        return i;
      }
    } else if (key.find('-') != std::string_view::npos) {
      if (kind == NameKind::kSubdivision && text(admin1_codes[place.admin1]) == key) return i;
    } else if (geonames_id != 0 && place.geonames_id == geonames_id && kind != NameKind::kDemonym) {
      return i;
    }
  }
  return std::nullopt;
}

std::optional<std::string> Gazetteer::Tables::add_row(std::string_view line,
                                                      LexiconBuilder& builder) {
  const std::size_t first = line.find('\t');
  if (first == std::string_view::npos) {
    return "columns are separated by tabs: action, names, place";
  }
  const std::string_view action = trimmed(line.substr(0, first));
  std::string_view list = line.substr(first + 1);
  std::string_view target;
  if (const std::size_t second = list.find('\t'); second != std::string_view::npos) {
    target = trimmed(list.substr(second + 1));
    list = list.substr(0, second);
  }
  const bool blocks = action == "block";
  if (!blocks && action != "add" && action != "rename" && action != "source") {
    return "unknown action \"" + std::string(action) + "\"; use add, rename, block or source";
  }
  if (blocks && !target.empty()) return "\"block\" takes names only; remove the third column";
  GazetteerName name;
  name.flags = static_cast<std::uint16_t>(NameFlag::kOverride);
  name.kind = NameKind::kRoleBlock;
  if (!blocks) {
    const auto place = find_place(target);
    if (!place) {
      return "unknown place \"" + std::string(target) +
             "\"; use a country (KP), a subdivision (KP-01), a GeoNames id (1871859) or a point in "
             "a "
             "country (KP@39.03,125.75)";
    }
    name.place = *place;
    name.kind = static_cast<NameKind>(record(*place).kind);
    gazetteer_internal::copy_place(record(*place), name);
  }
  if (list.find_first_not_of("| \t\r") == std::string_view::npos) {
    return "the second column has no names";
  }
  bool shown = action == "rename" || name.place >= places.size();
  while (!list.empty()) {
    const std::size_t bar = std::min(list.find('|'), list.size());
    const std::string_view entry = trimmed(list.substr(0, bar));
    list.remove_prefix(std::min(bar + 1, list.size()));
    if (entry.empty()) continue;
    if (action == "source") {
      own_sources.push_back({.hash = source_hash(entry), .place = name.place});
      continue;
    }
    const auto phrase = builder.add(entry);
    if (!phrase) {
      return "\"" + std::string(entry) +
             "\" has no letters, too many words, or a stem of one letter";
    }
    if (phrase->value() >= own_names.size()) own_names.resize(phrase->value() + 1);
    own_names[phrase->value()] = name;  // A later row wins.
    // "Hope" in Arkansas is not each hope. What is silenced is so in any case.
    if (!blocks && begins_with_capital(entry)) {
      own_names[phrase->value()].flags |= static_cast<std::uint16_t>(NameFlag::kCapital);
    }
    if (std::exchange(shown, false)) shown_names.emplace_back(name.place, entry);
  }
  own_hash = hash_bytes(line, own_hash);
  return std::nullopt;
}

// Of a place that is renamed twice the later row comes last, and wins.
void Gazetteer::Tables::sort_shown_names() {
  std::stable_sort(shown_names.begin(), shown_names.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < shown_names.size(); ++i) {
    const auto& [place, name] = shown_names[i];
    const bool is_last = i + 1 == shown_names.size() || shown_names[i + 1].first != place;
    const PlaceRecord& renamed = record(place);
    if (is_last && static_cast<NameKind>(renamed.kind) == NameKind::kCountry &&
        renamed.country != Place::kNoCountry) {
      own_country_names.push_back({renamed.country, name});
    }
  }
}

std::expected<Gazetteer, std::string> Gazetteer::with_overrides(std::string_view rows,
                                                                std::string_view origin) const {
  auto tables = std::make_shared<Tables>();
  if (const auto error = tables->attach(tables_->bytes)) return std::unexpected(*error);
  tables->owner = tables_->owner;
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (rows.starts_with(kByteOrderMark)) rows.remove_prefix(kByteOrderMark.size());
  LexiconBuilder builder;
  std::size_t line_number = 0;
  while (!rows.empty()) {
    const std::size_t end = std::min(rows.find('\n'), rows.size());
    std::string_view line = rows.substr(0, end);
    rows.remove_prefix(std::min(end + 1, rows.size()));
    ++line_number;
    // Names are shown in events, which are UTF-8.
    if (!simdjson::validate_utf8(line)) {
      return std::unexpected(std::string(origin) + ":" + std::to_string(line_number) +
                             ": this is not UTF-8; save the file in that encoding");
    }
    line = line.substr(0, line.find('#'));
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) {
      line.remove_suffix(1);
    }
    if (line.empty()) continue;
    if (const auto error = tables->add_row(line, builder)) {
      return std::unexpected(std::string(origin) + ":" + std::to_string(line_number) + ": " +
                             *error);
    }
  }
  tables->own_lexicon = builder.build();
  tables->sort_shown_names();
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
  const std::uint64_t hash = source_hash(source);
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
