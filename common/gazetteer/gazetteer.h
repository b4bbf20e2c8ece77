// The names of places: countries, demonyms, capitals, cities, governments and other metonyms, in
// every language that the data has, and the phrase matcher that finds them.
//
// Immutable after parse; const calls from any thread. The data is the text of gazetteer.tsv,
// additions.tsv and, if a newsroom has one, its own file of the same form; see README.md.

#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/lexicon/lexicon.h"

namespace wirewatch {

using PlaceId = StrongId<struct PlaceIdTag>;

// Values as in the first column of the data.
enum class PlaceClass : std::uint8_t {
  kCountry,
  kDemonym,
  kCapital,
  kCity,
  kSubdivision,
  kGovernment,
  kLeader,
  kOrganisation,
  kMetonym,
  kArea,
};

struct Place {
  PlaceClass kind = PlaceClass::kCountry;
  char country[2] = {};
  bool has_coordinates = false;
  float latitude = 0;
  float longitude = 0;
  std::uint32_t geonames_id = 0;
  std::uint32_t population = 0;
  std::string_view admin1;
  std::string_view name;
};

// How a phrase must be written to count. Flags are of the phrase, not of the place.
struct PhraseFlags {
  bool latin_word = false;   // One word in Latin script: a capital letter is wanted.
  bool short_latin = false;  // At most three Latin letters: all capitals are wanted.
  bool given_name = false;   // Also a given name or surname ("Jordan", "Paris").
};

class Gazetteer {
 public:
  // Parses any number of data files. Later files add to earlier ones; a row of kind "blocked" takes
  // its names away again. An error names the file by its number (from 1), the line and the cure.
  [[nodiscard]] static std::expected<Gazetteer, std::string> parse(
      std::span<const std::string_view> files);

  [[nodiscard]] const Lexicon& lexicon() const { return lexicon_; }
  [[nodiscard]] const Place& place(PlaceId id) const { return places_[id.value()]; }
  // Places that a phrase may name, the likeliest first. Empty for a blocked name.
  [[nodiscard]] std::span<const PlaceId> candidates(PhraseId phrase) const {
    const std::uint32_t begin = offsets_[phrase.value()];
    return std::span(candidates_).subspan(begin, offsets_[phrase.value() + 1] - begin);
  }
  [[nodiscard]] PhraseFlags flags(PhraseId phrase) const { return flags_[phrase.value()]; }
  [[nodiscard]] std::size_t place_count() const { return places_.size(); }

 private:
  std::vector<std::string> texts_;  // What the views of places point into.
  std::vector<Place> places_;
  Lexicon lexicon_;
  std::vector<std::uint32_t> offsets_;
  std::vector<PlaceId> candidates_;
  std::vector<PhraseFlags> flags_;
};

}  // namespace wirewatch
