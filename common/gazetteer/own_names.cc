// The newsroom's own names: rows that add, rename and block names and say where sources are at
// home. README.md has the form.

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <simdjson.h>

#include "common/base/hash.h"
#include "common/base/trimmed.h"
#include "common/gazetteer/gazetteer_tables.h"

namespace wirewatch {

using gazetteer_internal::PlaceRecord;

namespace {

bool begins_with_capital(std::string_view name) {
  ArticleText text;
  TextAnalyzer().analyze(name, "", text);
  return text.token_count() > 0 && text.is_capitalized(0);
}

}  // namespace

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
      own_sources.push_back({.hash = gazetteer_internal::source_hash(entry), .place = name.place});
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

}  // namespace wirewatch
