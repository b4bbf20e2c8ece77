#include "common/gazetteer/gazetteer_compiler.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "common/base/check.h"
#include "common/base/hash.h"
#include "common/base/utf8.h"
#include "common/gazetteer/gazetteer.h"
#include "common/gazetteer/gazetteer_format.h"
#include "common/text/proclitics.h"

namespace wirewatch {

namespace {

using gazetteer_internal::aligned;
using gazetteer_internal::Header;
using gazetteer_internal::PlaceRecord;
using gazetteer_internal::SourceRecord;
using gazetteer_internal::Text;

constexpr std::pair<std::string_view, NameKind> kKinds[] = {
    {"country", NameKind::kCountry},         {"demonym", NameKind::kDemonym},
    {"capital", NameKind::kCapital},         {"city", NameKind::kCity},
    {"subdivision", NameKind::kSubdivision}, {"government", NameKind::kGovernment},
    {"leader", NameKind::kLeader},           {"organisation", NameKind::kOrganisation},
    {"metonym", NameKind::kMetonym},         {"area", NameKind::kArea},
    {"role-block", NameKind::kRoleBlock},    {"role-given", NameKind::kRoleGiven},
    {"role-title", NameKind::kRoleTitle},    {"role-suffix", NameKind::kRoleSuffix},
    {"role-hamlet", NameKind::kRoleHamlet},  {"role-street", NameKind::kRoleStreet},
};

constexpr std::pair<char, NameFlag> kFlags[] = {
    {'c', NameFlag::kCapital},    {'u', NameFlag::kAllCapitals}, {'d', NameFlag::kDiacritic},
    {'g', NameFlag::kGivenName},  {'a', NameFlag::kAmbiguous},   {'x', NameFlag::kNeedsContext},
    {'y', NameFlag::kAfterComma}, {'w', NameFlag::kWeak},        {'l', NameFlag::kListed},
    {'s', NameFlag::kShared},     {'j', NameFlag::kAdjective},   {'k', NameFlag::kLessKnown},
};

// What says more of a shared name: which word is this place's, and that it stands alone.
unsigned shared_bits(char letter) {
  if (letter == 'b') return kSharedAlone;
  const bool word = letter >= '1' && letter <= '7';
  return word ? static_cast<unsigned>(letter - '0') << kSharedWordShift : 0;
}

// Cities with fewer people are known without the letters that Arabic and Hebrew put before a name.
constexpr std::uint32_t kProcliticPopulationMin = 200'000;

// Places of one name that are kept, the likeliest; the data has at most some thirty.
constexpr std::size_t kNamesPerPhraseMax = 1000;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

template <typename T>
bool number(std::string_view text, T& out) {
  if (text.empty()) return true;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

constexpr std::uint64_t kAllLanguages = ~std::uint64_t{0};

// A meaning of a phrase whose languages have no number yet.
struct Meaning {
  GazetteerName name;
  std::uint64_t languages = 0;
};

class Compiler {
 public:
  explicit Compiler(std::string_view origin) : origin_(origin) {}

  std::expected<std::string, std::string> run(std::string_view table) {
    admin1_codes_.emplace_back();
    admin1_ids_.emplace("", std::uint16_t{0});
    std::size_t line_number = 0;
    for (const std::string_view line : split(table, '\n')) {
      ++line_number;
      const auto error = line_number == 1 ? read_heading(line) : read_row(line);
      if (error) {
        return std::unexpected(std::string(origin_) + ":" + std::to_string(line_number) + ": " +
                               *error);
      }
    }
    return write();
  }

 private:
  using Error = std::optional<std::string>;

  Error read_heading(std::string_view line) {
    const auto cells = split(line, '\t');
    if (cells.size() != 3 || cells[0] != "#wirewatch-gazetteer" || cells[1] != "1") {
      return "the first line must be \"#wirewatch-gazetteer<tab>1<tab>languages\"; "
             "generate_gazetteer.py writes it";
    }
    languages_ = split(cells[2], ',');
    if (languages_.size() > 64) return "more than 64 languages; a name has one bit for each";
    for (std::size_t bit = 0; bit < languages_.size(); ++bit) {
      for (const std::string_view language : split(languages_[bit], '+')) {
        language_bits_[language] = std::uint64_t{1} << bit;
      }
    }
    return std::nullopt;
  }

  Error read_row(std::string_view line) {
    if (line.empty() || line[0] == '#') return std::nullopt;
    const auto cells = split(line, '\t');
    if (cells.size() != 10) {
      return "there are " + std::to_string(cells.size()) +
             " columns instead of 10 (id, kind, country, admin1, latitude, longitude, population, "
             "GeoNames id, English name, names)";
    }
    const auto* kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                    [&](const auto& known) { return known.first == cells[1]; });
    if (cells[1] == "source") return read_source(cells);
    if (kind == std::end(kKinds)) return "unknown kind \"" + std::string(cells[1]) + "\"";
    PlaceRecord place;
    place.kind = static_cast<std::uint8_t>(kind->second);
    place.country = Place::kNoCountry;
    place.member_begin = static_cast<std::uint16_t>(members_.size());
    if (!cells[2].empty()) {
      const auto countries = split(cells[2], '+');
      for (const std::string_view country : countries) {
        if (country.size() != 2 || country[0] < 'A' || country[0] > 'Z' || country[1] < 'A' ||
            country[1] > 'Z') {
          return "country \"" + std::string(country) + "\" is no ISO 3166-1 alpha-2 code";
        }
        const auto index = static_cast<std::uint16_t>((country[0] - 'A') * 26 + (country[1] - 'A'));
        if (countries.size() == 1) {
          place.country = index;
        } else {
          members_.push_back(index);
        }
      }
    }
    if (members_.size() - place.member_begin > 0xFF) return "more than 255 members";
    place.member_count = static_cast<std::uint8_t>(members_.size() - place.member_begin);
    const auto [admin1, added] = admin1_ids_.try_emplace(
        std::string(cells[3]), static_cast<std::uint16_t>(admin1_codes_.size()));
    if (added) admin1_codes_.push_back(store(cells[3]));
    place.admin1 = admin1->second;
    place.has_coordinates = cells[4].empty() ? 0 : 1;
    if (!number(cells[4], place.latitude) || !number(cells[5], place.longitude) ||
        !number(cells[6], place.population) || !number(cells[7], place.geonames_id)) {
      return "latitude, longitude, population and GeoNames id must be numbers or empty";
    }
    if (!gazetteer_internal::is_on_earth(place.latitude, place.longitude)) {
      return "latitude must be from -90 to 90, longitude from -180 to 180";
    }
    const Text english = store(cells[8]);
    place.english_offset = english.offset;
    place.english_size = static_cast<std::uint16_t>(english.size);
    if (english.size > 0xFFFF || members_.size() > 0xFFFF) {
      return "a name of more than 65535 bytes, or more members of areas and organisations than "
             "that";
    }
    place_ids_.emplace(std::string(cells[0]), static_cast<std::uint32_t>(places_.size()));
    places_.push_back(place);
    for (const std::string_view group : split(cells[9], ';')) {
      if (Error error = read_group(group, kind->second)) return error;
    }
    return std::nullopt;
  }

  // A source's names stand for a place that the table has already.
  Error read_source(std::span<const std::string_view> cells) {
    const auto home = place_ids_.find(std::string(cells[8]));
    if (home == place_ids_.end()) return "unknown place \"" + std::string(cells[8]) + "\"";
    for (const std::string_view name : split(cells[9], '|')) {
      sources_.push_back({.hash = hash_bytes(name), .place = home->second});
    }
    return std::nullopt;
  }

  Error read_group(std::string_view group, NameKind kind) {
    const std::size_t equals = group.find('=');
    if (equals == std::string_view::npos) return "names must be \"languages!flags=name|name\"";
    const std::string_view head = group.substr(0, equals);
    const std::size_t bang = head.find('!');
    Meaning meaning;
    GazetteerName& name = meaning.name;
    name.kind = kind;
    name.place = static_cast<std::uint32_t>(places_.size() - 1);
    gazetteer_internal::copy_place(places_.back(), name);
    for (const std::string_view language : split(head.substr(0, bang), ',')) {
      if (language == "*") {
        meaning.languages = kAllLanguages;
      } else if (language == "*-en") {
        meaning.languages |= ~std::uint64_t{1};
      } else {
        const auto found = language_bits_.find(language);
        if (found == language_bits_.end()) {
          return "unknown language \"" + std::string(language) + "\"";
        }
        meaning.languages |= found->second;
      }
    }
    std::uint16_t shared = 0;
    if (bang != std::string_view::npos) {
      for (const char letter : head.substr(bang + 1)) {
        if (const unsigned bits = shared_bits(letter); bits != 0) {
          shared = static_cast<std::uint16_t>(shared | bits);
          continue;
        }
        const auto* flag = std::find_if(std::begin(kFlags), std::end(kFlags),
                                        [&](const auto& known) { return known.first == letter; });
        if (flag == std::end(kFlags)) return std::string("unknown flag '") + letter + "'";
        name.flags = static_cast<std::uint16_t>(name.flags | static_cast<unsigned>(flag->second));
      }
    }
    if (shared != 0 && (!name.has(NameFlag::kShared) || name.has(NameFlag::kDiacritic))) {
      return "the flags 1 to 7 and b say more of the flag s, which must stand beside them, and d "
             "not";
    }
    if (name.has(NameFlag::kAdjective) && name.has(NameFlag::kDiacritic)) {
      return "the flag d cannot stand beside j: an adjective is found whatever its marks";
    }
    if (name.has(NameFlag::kLessKnown) &&
        (name.has(NameFlag::kDiacritic) || name.has(NameFlag::kShared))) {
      return "the flags d and s cannot stand beside k: their bits are its own";
    }
    name.flags = static_cast<std::uint16_t>(name.flags | shared);
    for (const std::string_view text : split(group.substr(equals + 1), '|')) add(text, meaning);
    return std::nullopt;
  }

  // Names without a letter, or too long, name nothing; the data has a few.
  void add(std::string_view text, Meaning meaning) {
    GazetteerName& name = meaning.name;
    forms_.clear();
    if (text.empty()) return;
    forms_.emplace_back(text);
    if (name.has(NameFlag::kDiacritic)) {
      const unsigned marks = text.ends_with('*') ? kAnyMarks : marks_of(text);
      name.flags = static_cast<std::uint16_t>(name.flags | marks << kMarksShift);
    }
    const PlaceRecord& place = places_.back();
    if (name.kind != NameKind::kCity || place.population >= kProcliticPopulationMin) {
      const bool country = name.kind == NameKind::kCountry || name.kind == NameKind::kDemonym;
      const bool article = name.kind == NameKind::kDemonym || text.ends_with('*');
      append_proclitic_forms(text, {.article = article, .pairs = country}, forms_);
    }
    for (std::size_t i = 0; i < forms_.size(); ++i) {
      add_form(forms_[i], i == 0 ? meaning : with_proclitic(meaning));
    }
  }

  [[nodiscard]] Meaning with_proclitic(Meaning meaning) const {
    std::uint64_t languages = 0;
    for (const std::string_view language : kProcliticLanguages) {
      const auto found = language_bits_.find(language);
      if (found != language_bits_.end()) languages |= found->second;
    }
    meaning.languages &= languages;
    return meaning;
  }

  void add_form(std::string_view form, Meaning meaning) {
    GazetteerName& name = meaning.name;
    if (meaning.languages == 0) return;
    name.is_stem = form.ends_with('*');
    std::size_t letters = count_code_points(form);
    if (name.is_stem) {  // It is compared with folded words, in which "և" is two letters.
      std::string folded;
      fold(form.substr(0, form.size() - 1), folded);
      letters = count_code_points(folded);
    }
    name.letters = std::min(letters, GazetteerName::kLettersMax) & GazetteerName::kLettersMax;
    const std::optional<PhraseId> phrase = builder_.add(
        form, {.groups = meaning.languages, .needs_capital = name.has(NameFlag::kCapital)});
    if (!phrase) return;
    if (phrase->value() >= names_.size()) names_.resize(phrase->value() + 1);
    auto& list = names_[phrase->value()];
    const auto same = std::find_if(list.begin(), list.end(), [&](const Meaning& other) {
      return other.name.place == name.place && other.name.flags == name.flags;
    });
    if (same != list.end()) {
      same->languages |= meaning.languages;
    } else {
      list.push_back(meaning);
    }
  }

  Text store(std::string_view text) {
    const auto [where, added] =
        stored_.try_emplace(std::string(text), static_cast<std::uint32_t>(strings_.size()));
    if (added) strings_.append(text);
    return {where->second, static_cast<std::uint32_t>(text.size())};
  }

  // Order in which a phrase's meanings are tried, the likeliest first.
  [[nodiscard]] std::uint64_t rank(const GazetteerName& name) const {
    const bool city = name.kind == NameKind::kCity || name.kind == NameKind::kSubdivision;
    const std::uint64_t population = places_[name.place].population;
    return city ? (std::uint64_t{1} << 40) - population : static_cast<std::uint64_t>(name.kind);
  }

  // The number of a set of languages, which is kept once.
  std::uint16_t language_set(std::uint64_t languages) {
    const auto [set, added] =
        language_set_ids_.try_emplace(languages, static_cast<std::uint16_t>(language_sets_.size()));
    if (added) language_sets_.push_back(languages);
    return set->second;
  }

  // The names of all phrases, in order of phrases, and with which one each begins.
  std::vector<GazetteerName> list_names(std::vector<PhraseId>& begins) {
    std::vector<GazetteerName> flat;
    (void)language_set(kAllLanguages);  // The first, as the newsroom's own names want it.
    for (auto& list : names_) {
      std::stable_sort(list.begin(), list.end(),
                       [&](const auto& a, const auto& b) { return rank(a.name) < rank(b.name); });
      if (list.size() > kNamesPerPhraseMax) list.resize(kNamesPerPhraseMax);
      begins.emplace_back(static_cast<std::uint32_t>(flat.size()));
      std::uint64_t any_language = 0;
      auto all_flags = static_cast<std::uint16_t>(~0U);
      for (const Meaning& meaning : list) {
        any_language |= meaning.languages;
        all_flags &= meaning.name.flags;
      }
      for (std::size_t i = 0; i < list.size(); ++i) {
        GazetteerName& name = flat.emplace_back(list[i].name);
        name.languages = language_set(list[i].languages);
        name.count = static_cast<std::uint16_t>(list.size() - i);
        name.phrase_languages = language_set(any_language);
        name.phrase_flags = all_flags;
      }
    }
    WIREWATCH_CHECK(language_sets_.size() <= 0x10000);
    return flat;
  }

  std::string write() {
    std::vector<PhraseId> begins;
    const std::vector<GazetteerName> flat = list_names(begins);
    std::vector<Text> languages;
    for (const std::string_view language : languages_) languages.push_back(store(language));
    const std::string lexicon = builder_.build(begins).serialize();

    Header header;
    header.place_count = static_cast<std::uint32_t>(places_.size());
    header.name_count = static_cast<std::uint32_t>(flat.size());
    header.language_set_count = static_cast<std::uint32_t>(language_sets_.size());
    header.admin1_count = static_cast<std::uint32_t>(admin1_codes_.size());
    header.language_count = static_cast<std::uint32_t>(languages.size());
    header.member_count = static_cast<std::uint32_t>(members_.size());
    header.source_count = static_cast<std::uint32_t>(sources_.size());
    header.string_bytes = static_cast<std::uint32_t>(strings_.size());
    header.lexicon_bytes = lexicon.size();
    std::string bytes(sizeof(Header), '\0');
    const auto put = [&](const void* from, std::size_t size) {
      bytes.append(static_cast<const char*>(from), size);
      bytes.resize(aligned(bytes.size()), '\0');
    };
    put(lexicon.data(), lexicon.size());
    put(places_.data(), places_.size() * sizeof(PlaceRecord));
    put(flat.data(), flat.size() * sizeof(GazetteerName));
    put(language_sets_.data(), language_sets_.size() * sizeof(std::uint64_t));
    put(admin1_codes_.data(), admin1_codes_.size() * sizeof(Text));
    put(languages.data(), languages.size() * sizeof(Text));
    put(members_.data(), members_.size() * sizeof(std::uint16_t));
    std::sort(sources_.begin(), sources_.end(),
              [](const SourceRecord& a, const SourceRecord& b) { return a.hash < b.hash; });
    put(sources_.data(), sources_.size() * sizeof(SourceRecord));
    put(strings_.data(), strings_.size());
    header.content_hash = hash_bytes(std::string_view(bytes).substr(sizeof(Header)));
    std::memcpy(bytes.data(), &header, sizeof(Header));
    return bytes;
  }

  std::string_view origin_;
  std::vector<std::string_view> languages_;  // Of each bit: one, or several with '+' between them.
  std::map<std::string_view, std::uint64_t> language_bits_;
  std::vector<PlaceRecord> places_;
  std::vector<std::vector<Meaning>> names_;  // By phrase.
  std::vector<std::uint64_t> language_sets_;
  std::map<std::uint64_t, std::uint16_t> language_set_ids_;
  std::vector<Text> admin1_codes_;
  std::map<std::string, std::uint16_t> admin1_ids_;
  std::vector<std::uint16_t> members_;
  std::vector<SourceRecord> sources_;
  std::map<std::string, std::uint32_t> place_ids_;
  std::string strings_;
  std::map<std::string, std::uint32_t> stored_;
  std::vector<std::string> forms_;
  LexiconBuilder builder_;
};

}  // namespace

std::expected<std::string, std::string> compile_gazetteer(std::string_view table,
                                                          std::string_view origin) {
  return Compiler(origin).run(table);
}

}  // namespace wirewatch
