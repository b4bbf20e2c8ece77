// The names of places in every language that open data has, and where they lead.
//
// A Gazetteer is a compiled file (gazetteer_compiler.h) used in place: phrases in a Lexicon, for
// each phrase the places that it may name with the conditions under which it does, and the places.
// Which of several places a text means is the region classifier's matter.
//
//   const auto gazetteer = Gazetteer::from_bytes(bytes);
//   gazetteer->find(text, gazetteer->language_bit("en"), false, hits, spare);
//   for (const GazetteerName& name : gazetteer->names(hits[0].phrase)) {
//     gazetteer->place(name.place).english;
//   }
//
// Immutable: const calls from any thread. No I/O; whoever reads the file keeps its bytes, best in
// memory of large pages, as they are asked at random places.
// Cost: from_bytes() checks every record once (some milliseconds) and copies nothing.

#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/lexicon/lexicon.h"

namespace wirewatch {

// What a name leads to. The roles are no places: they are words that say something about the names
// beside them.
enum class NameKind : std::uint8_t {
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
  kRoleBlock,   // A phrase that names no place although a part of it does: "American Express".
  kRoleGiven,   // A given name: "Michael" makes "Michael Jordan" a person.
  kRoleTitle,   // "Mr", "Senator".
  kRoleSuffix,  // "Street", "Avenue".
  kRoleHamlet,  // "Village of", "Ortsteil": a place follows, known or not.
  kRoleStreet,  // "Rue de", "convention de": what follows is a street's name, or an accord's.
};

// False for the roles.
constexpr bool is_place(NameKind kind) {
  return kind < NameKind::kRoleBlock;
}

// Conditions under which a name names its place; a set of bits.
enum class NameFlag : std::uint16_t {
  kCapital = 1,        // c: begins with a capital letter.
  kAllCapitals = 2,    // u: all letters are capitals.
  kDiacritic = 4,      // d: has these marks and no others ("Mỹ", not "my" nor "mì").
  kGivenName = 8,      // g: also a person's name.
  kAmbiguous = 16,     // a: also an ordinary word; another name must point to the country.
  kNeedsContext = 32,  // x: counts only beside names of its own subdivision.
  kAfterComma = 64,    // y: counts only after a comma: "Birmingham, Ala."
  kWeak = 128,         // w: counts half.
  kListed = 512,       // l: holds only in a list of counties: "Clay and Douglas counties".
  kShared = 1024,      // s: one word names it: of "North and South Korea" North, of 中美 中 and 美.
  kOverride = 256,     // The newsroom's own: wins over everything.
  kAdjective = 32768,  // j: told of a town ("szegedi"), see is_adjective().
  kLessKnown = 16384,  // k: a city with fewer people is better known, see is_less_known().
};

// A name with kDiacritic has the marks of its letters in the highest bits of its flags.
constexpr unsigned kMarksShift = 11;
constexpr std::uint16_t kAnyMarks = 31;  // Some, whichever.

// Such a name is no adjective, whose flag is one of these bits.
[[nodiscard]] constexpr bool is_adjective(std::uint16_t flags) {
  constexpr auto kDiacritic = static_cast<unsigned>(NameFlag::kDiacritic);
  constexpr auto kAdjective = static_cast<unsigned>(NameFlag::kAdjective);
  return (flags & (kDiacritic | kAdjective)) == kAdjective;
}

// Nor is such a name, or one of several, one of a less known city.
[[nodiscard]] constexpr bool is_less_known(std::uint16_t flags) {
  constexpr auto kLessKnown = static_cast<unsigned>(NameFlag::kLessKnown);
  constexpr auto kOthers =
      static_cast<unsigned>(NameFlag::kDiacritic) | static_cast<unsigned>(NameFlag::kShared);
  return (flags & (kOthers | kLessKnown)) == kLessKnown;
}

// A name with kShared has there which of its words names the place, and whether it is a name only
// where no other word is attached to it: 中美贸易, not 其中美元.
constexpr unsigned kSharedWordShift = 11;
constexpr std::uint16_t kSharedWordMask = 7;
constexpr std::uint16_t kSharedAlone = 1 << 14;

// What tells letters with other marks apart, below kAnyMarks; 0 for ASCII. In any case of letters
// and any order. `text` is UTF-8; letters whose marks are characters of their own have kAnyMarks.
[[nodiscard]] std::uint16_t marks_of(std::string_view text);

// One meaning of a phrase, with all of its place that decides whether that is meant, so that what
// is weighed lies side by side. Laid out as in the file.
struct GazetteerName {
  static constexpr std::size_t kLettersMax = 63;

  std::uint32_t place = 0;      // Dense; those of an override file come last.
  std::uint16_t languages = 0;  // A set of languages, see Gazetteer::languages().
  std::uint16_t count = 1;      // Meanings of the phrase from this one on.
  std::uint16_t flags = 0;
  std::uint16_t country = 0;  // As in Place, like the next ones.
  std::uint16_t admin1 = 0;
  NameKind kind = NameKind::kCountry;  // Of the place, too, unless it is a role.
  bool has_coordinates : 1 = false;
  bool is_stem : 1 = false;      // Any ending may follow: "инди*".
  std::uint8_t letters : 6 = 0;  // Of the phrase, without the star; at most kLettersMax.
  float latitude = 0;
  float longitude = 0;
  float magnitude = 2;  // Decimal logarithm of the place's people; at least 2.
  // Of all meanings of the phrase, so that its first one tells whether any is wanted.
  std::uint16_t phrase_languages = 0;  // A set of those that any has.
  std::uint16_t phrase_flags = 0;      // Those that all have.

  [[nodiscard]] bool has(NameFlag flag) const {
    return (flags & static_cast<std::uint16_t>(flag)) != 0;
  }
};

struct Place {
  static constexpr std::uint16_t kNoCountry = 0xFFFF;

  NameKind kind = NameKind::kCountry;
  bool has_coordinates = false;
  std::uint16_t country = kNoCountry;  // (first letter - 'A') * 26 + (second letter - 'A').
  std::uint16_t admin1 = 0;            // Index of its subdivision, 0 for none; see admin1_count().
  float latitude = 0;                  // Degrees, WGS 84.
  float longitude = 0;
  std::uint32_t population = 0;
  std::uint32_t geonames_id = 0;
  std::string_view english;                // Usual English name.
  std::string_view admin1_code;            // ISO 3166-2, or empty.
  std::span<const std::uint16_t> members;  // Countries over which an area without country lies.
};

class Gazetteer {
 public:
  // A gazetteer over the bytes of a compiled file, which must be aligned to 8. The bytes must
  // outlive it and its copies, unless `owner` keeps them. On failure: what is wrong and what would
  // cure it.
  [[nodiscard]] static std::expected<Gazetteer, std::string> from_bytes(
      std::span<const std::byte> bytes, std::shared_ptr<const void> owner = nullptr);

  // The same with a newsroom's own rows, which win over the compiled ones:
  //   add     <names>    <place>   the names mean this place and nothing else
  //   rename  <name>     <place>   the place is shown under this name, which is also found
  //   block   <names>              the names name nothing
  //   source  <sources>  <place>   articles of these sources (name or domain) come from there
  // separated by tabs, names by '|', with blanks around them or not; '#' begins a comment. A name
  // that begins with a capital letter is found only so, or where find()'s `any_case` says so. A
  // place is KP, KP-01, a GeoNames id, or
  // a new one in a country: KP@39.03,125.75. `rows` are UTF-8. `origin` names the file in errors,
  // which tell the line and the cure.
  [[nodiscard]] std::expected<Gazetteer, std::string> with_overrides(std::string_view rows,
                                                                     std::string_view origin) const;

  // Overwrites `hits` with the occurrences of the names of `languages` (bits), in order of begin,
  // then end. Names that must begin with a capital letter are found without one only where
  // `any_case` says so. `spare` is memory to reuse.
  void find(const ArticleText& text, std::uint64_t languages, bool any_case,
            std::vector<PhraseHit>& hits, std::vector<PhraseHit>& spare) const;

  // The bits of the languages in which the name is used, see language_bit().
  [[nodiscard]] std::uint64_t languages(const GazetteerName& name) const;
  // Meanings of a phrase that find() gave, the likeliest first.
  [[nodiscard]] std::span<const GazetteerName> names(PhraseId phrase) const;
  [[nodiscard]] Place place(std::uint32_t place) const;
  // Begins to fetch what place() will read of a place of find()'s names, for a caller who has
  // something else to do before.
  void fetch(std::uint32_t place, std::uint16_t admin1) const;

  // One above the largest Place::admin1.
  [[nodiscard]] std::size_t admin1_count() const;
  // Where a source is at home: by its name or domain, in any case, else by the country of its top
  // domain ("fr"). nullopt when neither tells.
  [[nodiscard]] std::optional<Place> source_home(std::string_view source) const;
  // ISO 3166-2 code of a subdivision, or empty.
  [[nodiscard]] std::string_view admin1_code(std::uint16_t admin1) const;
  // The bit of a BCP 47 language ("pt-BR" is that of "pt"), which lesser ones share; 0 for one that
  // the data lacks.
  [[nodiscard]] std::uint64_t language_bit(std::string_view language) const;

  // A country, as Place::country, and the name that the newsroom's rows give it.
  struct OwnCountryName {
    std::uint16_t country = 0;
    std::string_view name;
  };
  [[nodiscard]] std::span<const OwnCountryName> own_country_names() const;

  [[nodiscard]] std::size_t place_count() const;
  [[nodiscard]] std::size_t phrase_count() const;
  // Whether the compiled file's bytes are those that were written. What from_bytes() takes is safe
  // to use, but may be damaged. Cost: hashes the whole file.
  [[nodiscard]] bool is_intact() const;
  // Hash of all that decides, for versions of rule sets.
  [[nodiscard]] std::uint64_t version_hash() const;

 private:
  struct Tables;
  std::shared_ptr<const Tables> tables_;
};

}  // namespace wirewatch
