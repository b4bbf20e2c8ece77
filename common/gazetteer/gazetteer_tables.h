// What is behind a Gazetteer: the tables of the compiled file, and the newsroom's own names.
//
//   gazetteer.cc     reads the file's bytes and looks things up
//   own_names.cc     takes the newsroom's rows
//
// Internal to common/gazetteer.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/gazetteer/gazetteer.h"
#include "common/gazetteer/gazetteer_format.h"

namespace wirewatch {

namespace gazetteer_internal {

// Of a source's name or domain: "www.Example.com" and "example.com" are one.
[[nodiscard]] std::uint64_t source_hash(std::string_view source);

}  // namespace gazetteer_internal

struct Gazetteer::Tables {
  std::shared_ptr<const void> owner;
  std::span<const std::byte> bytes;
  gazetteer_internal::Header header;
  std::span<const gazetteer_internal::PlaceRecord> places;
  std::span<const GazetteerName> names;
  std::span<const std::uint64_t> language_sets;
  std::span<const gazetteer_internal::Text> admin1_codes;
  std::span<const gazetteer_internal::Text> languages;
  // Of each language, in the order of the bits, which several may share.
  struct LanguageBit {
    std::uint32_t key = 0;  // Its code, see language_key().
    std::uint64_t bit = 0;
  };
  std::vector<LanguageBit> language_bits;
  std::span<const std::uint16_t> members;
  std::span<const gazetteer_internal::SourceRecord> sources;
  std::string_view strings;
  std::string_view lexicon_bytes;
  Lexicon lexicon;

  // The newsroom's rows. Their phrases are numbered after those of the file.
  Lexicon own_lexicon;
  std::vector<GazetteerName> own_names;  // One for each.
  // Numbered after those of the file, without a name there.
  std::vector<gazetteer_internal::PlaceRecord> own_places;
  std::vector<std::pair<std::uint32_t, std::string>> shown_names;  // In order of the places.
  std::vector<OwnCountryName> own_country_names;                   // Views into these.
  std::vector<gazetteer_internal::SourceRecord> own_sources;
  std::uint64_t own_hash = 0;

  [[nodiscard]] std::string_view text(gazetteer_internal::Text where) const {
    return strings.substr(where.offset, where.size);
  }
  [[nodiscard]] std::optional<std::string> attach(std::span<const std::byte> from);
  [[nodiscard]] bool records_are_sound() const;
  void list_languages();
  [[nodiscard]] const gazetteer_internal::PlaceRecord& record(std::uint32_t place) const {
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

}  // namespace wirewatch
