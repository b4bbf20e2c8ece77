#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/region/region_work.h"

namespace wirewatch {

namespace {

#include "common/region/surname_table.inc"

// What a German noun takes and a town does not: "die Lage", "das Essen", "im Regen".
constexpr std::string_view kGermanArticles[] = {
    "der",   "die",    "das",    "dem",    "den",   "des",    "ein", "eine", "einem",
    "einen", "einer",  "eines",  "kein",   "keine", "keinem", "am",  "im",   "zum",
    "zur",   "keinen", "keiner", "keines", "ins",   "vom",    "beim"};

// Articles with which names begin: "La Victoria", "Los Angeles".
constexpr std::string_view kNamesArticles[] = {"la", "el", "los", "las", "le",  "les",
                                               "il", "lo", "the", "al",  "a",   "o",
                                               "as", "os", "der", "die", "das", "de"};

// Behind these a place follows, hardly a person: "in Campbell".
constexpr std::string_view kInWords[] = {
    "in", "near",  "outside", "downtown", "en", "em", "bei", "nach", "pres", "w",
    "we", "cerca", "v",       "ve",       "в",  "во", "у",   "під",  "nara", "naer"};
// "the mayor of Jackson", "la ciudad de Mendoza", "près de Tours".
constexpr std::string_view kOfWords[] = {"of", "de", "di", "von"};
constexpr std::string_view kTownWords[] = {
    "mayor",     "city",    "town",      "port",     "province", "state",  "suburb",
    "outskirts", "people",  "residents", "bishop",   "alcalde",  "ciudad", "provincia",
    "estado",    "puerto",  "cidade",    "prefeito", "ville",    "maire",  "region",
    "citta",     "sindaco", "pres",      "cerca",    "vicino"};
// Behind a town's name: "Austin police".
constexpr std::string_view kTownsWords[] = {
    "police",  "airport",      "mayor",   "city",   "suburb", "residents",
    "council", "firefighters", "schools", "county", "area",   "市",
    "県",      "町",           "村",      "区",     "駅"};

// Endings of surnames, and of no word or town that stands behind a place's name.
constexpr std::string_view kSurnameEndings[] = {"sson", "ovic",   "ovich", "evic", "evich",
                                                "escu", "chenko", "nenko", "adze", "shvili"};

// What a demonym before them says where it comes from or in which language it is, not where it
// happens: "a Chinese restaurant in Leeds", "French lessons".
constexpr std::string_view kKindWords[] = {
    "restaurant",  "restaurants", "restaurateur", "takeaway",    "takeaways",    "takeout",
    "cuisine",     "dish",        "dishes",       "recipe",      "recipes",      "cookbook",
    "bakery",      "deli",        "course",       "courses",     "class",        "classes",
    "language",    "languages",   "translation",  "rug",         "rugs",         "encephalitis",
    "pottery",     "tiles",       "proverb",      "noodles",     "lesson",       "lessons",
    "grammar",     "speaker",     "speakers",     "subtitles",   "dictionary",   "exam",
    "exams",       "accent",      "knotweed",     "beetle",      "beetles",      "hornet",
    "hornets",     "bulldog",     "bulldogs",     "mastiff",     "pointer",      "spaniel",
    "terrier",     "terriers",    "oak",          "elm",         "ivy",          "maple",
    "maples",      "ristorante",  "ristoranti",   "restaurante", "restaurantes", "restauracja",
    "restauracji", "restauracje"};

// Words of news about football. Clubs that are called like a town or a person ("Chelsea") are meant
// where several of them stand.
constexpr std::string_view kFootballWords[] = {
    "goal",        "goals",     "goalless", "goalkeeper", "striker",   "strikers",   "midfielder",
    "midfielders", "defender",  "winger",   "equaliser",  "equalizer", "equalised",  "header",
    "headed",      "offside",   "fixture",  "fixtures",   "football",  "footballer", "footballers",
    "relegation",  "relegated", "league",   "champions",  "fa",        "uefa",       "derby",
    "coach",       "manager",   "draw",     "scored",     "scorer",    "penalty",    "signing",
    "substitute",  "stadium",   "fans"};
constexpr std::size_t kFootballWordsMin = 3;  // Different ones.

// What is eaten: before or behind a demonym or the adjective of a town it comes from nowhere, as
// "salade russe", "Hamburger Menüs", "vídeňský řízek". Of many languages; no drinks, nor what is
// exported, as cheese and rice.
constexpr std::string_view kDishWords[] = {
    "salad",       "salads",       "soup",     "soups",     "stew",       "sauce",
    "pastry",      "pastries",     "cake",     "cakes",     "dumplings",  "pancakes",
    "pancake",     "pie",          "pies",     "cookies",   "casserole",  "fries",
    "salat",       "salate",       "suppe",    "suppen",    "geback",     "torte",
    "torten",      "kuchen",       "sosse",    "schnitzel", "wurstchen",  "eintopf",
    "menus",       "gulasch",      "salade",   "salades",   "soupe",      "soupes",
    "gateau",      "gateaux",      "tarte",    "tartes",    "patisserie", "patisseries",
    "frites",      "gaufres",      "creme",    "crepes",    "ensalada",   "ensaladas",
    "ensaladilla", "salsa",        "tarta",    "tortilla",  "sopa",       "pastel",
    "empanada",    "empanadas",    "bizcocho", "insalata",  "zuppa",      "torta",
    "pasticceria", "cotoletta",    "frittata", "molho",     "bolo",       "torradas",
    "soep",        "saus",         "wafels",   "koek",      "taart",      "gebak",
    "koekjes",     "pannenkoeken", "sallad",   "soppa",     "kaka",       "bullar",
    "wienerbrod",  "kage",         "kake",     "salatka",   "salatki",    "salatke",
    "barszcz",     "barszczu",     "sernik",   "sernika",   "zupa",       "zupy",
    "pierogi",     "ciasto",       "placek",   "placki",    "kotlet",     "nalesniki",
    "gulasz",      "sledz",        "sledzie",  "sledzia",   "ryba",       "rybe",
    "rizek",       "rizku",        "rizky",    "polevka",   "polevku",    "knedliky",
    "gulas",       "omacka",       "omacku",   "saslik",    "rezen",      "polievka",
    "salata",      "salatasi",     "corbasi",  "boregi",    "tatlisi",    "kofte",
    "koftesi",     "lokumu",       "szelet",   "leves",     "hussalata",  "salatat",
    "salaatti",    "keitto",       "kakku",    "leivos",    "supa",       "prajitura",
    "ciorba",      "sarmale",      "салат",    "салата",    "салаты",     "суп",
    "супа",        "торт",         "торта",    "торты",     "тортов",     "пирог",
    "пирога",      "пироги",       "соус",     "соуса",     "борщ",       "борща",
    "котлеты",     "котлета",      "булочки",  "плов",      "плова",      "печиво",
    "пиріг",       "баница",       "супата",   "салатата",  "питка"};

constexpr std::uint32_t kKindTokensMax = 5;  // "French, Italian and Spanish lessons"

// In small letters behind a town's name they are no part of it: "on Brighton beach".
constexpr std::string_view kFeatureWords[] = {"beach", "park",   "hill", "hills",  "lake",
                                              "pier",  "harbor", "bay",  "bridge", "station"};

// How often a word stands in a text with a capital (1) or without one (0).
std::uint64_t count_of(const ArticleText& text, std::uint64_t hash, std::uint8_t capital) {
  const std::span<const std::uint64_t> hashes = text.hashes();
  const std::span<const std::uint8_t> capitals = text.capitals();
  std::uint64_t count = 0;
  for (std::size_t token = 0; token < capitals.size(); ++token) {
    count += static_cast<std::uint64_t>(static_cast<int>(hashes[token] == hash) &
                                        static_cast<int>(capitals[token] == capital));
  }
  return count;
}

}  // namespace

// True where the words are no name although they are spelt as one.
bool RegionClassifier::is_word_here(const Work& work, const PhraseHit& hit,
                                    const Candidate& likeliest) {
  if (work.lower_case || !has(likeliest, NameFlag::kCapital)) return false;
  if (is_adjective(likeliest.flags)) return false;  // "der Münchner Polizei"
  const ArticleText& text = work.text;
  const std::uint32_t begin = hit.token_begin;
  if (hit.token_end > begin + 1) {  // "La victoria fue clara.", "Brighton beach"
    // "De forente arabiske emirater": a country's name may have small words behind an article, but
    // not one alone ("La réunion du conseil").
    const bool of_country =
        likeliest.kind == NameKind::kCountry || likeliest.kind == NameKind::kDemonym;
    if (of_country && hit.token_end > begin + 2) return false;
    static const WordSet kArticles(kNamesArticles);
    static const WordSet kFeatures(kFeatureWords);
    const std::uint32_t last = hit.token_end - 1;
    return !text.is_capitalized(last) &&
           (kArticles.contains(text.hashes()[begin]) ||
            (likeliest.kind == NameKind::kCity && kFeatures.contains(text.hashes()[last])));
  }
  if (begin == 0 || begin == text.headline_token_count() || !is_space(text.gap_before(begin))) {
    return false;
  }
  static const WordSet kArticles(kGermanArticles);
  return likeliest.kind == NameKind::kCity && work.language == "de" &&
         kArticles.contains(text.hashes()[begin - 1]);
}

// "Paris Jackson", "Austin Butler": a place's name that is given to people, before a surname.
bool RegionClassifier::precedes_surname(const Work& work, std::uint32_t token) {
  const ArticleText& text = work.text;
  const std::uint32_t next = token + 1;
  if (next >= text.token_count() || next == text.headline_token_count() ||
      !is_space(text.gap_before(next)) || !text.is_capitalized(next)) {
    return false;
  }
  const std::string_view word = text.folded(next);
  if (word == "o" && next + 1 < text.token_count() && text.is_capitalized(next + 1)) {
    return !is_space(text.gap_before(next + 1)) && text.gap_before(next + 1).size() <= 3;
  }
  if (text.is_all_caps(next)) return false;
  static const WordSet kWords(kSurnames);
  if (kWords.contains(text.hashes()[next])) return true;
  if (word.starts_with("mc") && word.size() > 4) return true;
  return std::any_of(std::begin(kSurnameEndings), std::end(kSurnameEndings),
                     [&](std::string_view ending) { return word.ends_with(ending); });
}

// True for a demonym, or the adjective of a town, that tells only of what kind something is.
bool RegionClassifier::tells_kind(const Work& work, const PhraseHit& hit, bool adjective) {
  const ArticleText& text = work.text;
  static const WordSet kWords(kKindWords);
  static const WordSet kDishes(kDishWords);
  const std::uint32_t begin = hit.token_begin;
  const std::uint32_t end = hit.token_end;
  if (end < text.token_count() && is_space(text.gap_before(end)) &&
      kDishes.contains(text.hashes()[end])) {
    return true;
  }
  if (begin != 0 && begin != text.headline_token_count() && !text.is_capitalized(begin) &&
      is_space(text.gap_before(begin))) {  // "Salade russe", "ristorante cinese"
    const std::uint64_t before = text.hashes()[begin - 1];
    if (kDishes.contains(before) || (!adjective && kWords.contains(before))) return true;
    // "Ryba po grecku", "mówić po niemiecku"
    if (work.language == "pl" && text.folded(begin - 1) == "po") return true;
  }
  if (adjective) return false;  // A town's restaurants are there.
  // "German, French and Spanish lessons": of each of them.
  const std::uint32_t last = std::min(text.token_count(), end + kKindTokensMax);
  for (std::uint32_t token = end; token < last; ++token) {
    const std::string_view gap = text.gap_before(token);
    const bool listed = is_comma(gap);
    if (!is_space(gap) && !listed && gap != "-") return false;
    if (!listed && kWords.contains(text.hashes()[token])) return true;
    if (joins_list(text.folded(token)))
      ++token;
    else if (!listed)
      return false;
    if (token >= last || !text.is_capitalized(token)) return false;
  }
  return false;
}

// Asked only where a club's name stands.
bool RegionClassifier::speaks_of_football(Work& work) {
  if (work.football) return *work.football;
  static const WordSet kWords(kFootballWords);
  std::array<std::uint64_t, kFootballWordsMin> found{};
  std::size_t count = 0;
  for (const std::uint64_t hash : work.text.hashes()) {
    if (count == found.size()) break;
    if (!kWords.contains(hash)) continue;
    const auto end = found.begin() + static_cast<std::ptrdiff_t>(count);
    if (std::find(found.begin(), end, hash) == end) found[count++] = hash;
  }
  work.football = count == found.size();
  return *work.football;
}

// True where the words beside a name say that it is a place and no person.
bool RegionClassifier::is_told_place(const Work& work, std::uint32_t begin, std::uint32_t end) {
  static const WordSet kIn(kInWords);
  static const WordSet kOf(kOfWords);
  static const WordSet kTown(kTownWords);
  static const WordSet kTowns(kTownsWords);
  const ArticleText& text = work.text;
  if (begin > 0 && begin != text.headline_token_count() && is_space(text.gap_before(begin))) {
    const std::uint64_t before = text.hashes()[begin - 1];
    if (kIn.contains(before)) return true;
    if (text.folded(begin - 1) == "a" && work.language == "fr") return true;
    if (begin > 1 && kOf.contains(before) && kTown.contains(text.hashes()[begin - 2])) return true;
  }
  if (end < text.token_count() &&
      (is_space(text.gap_before(end)) || text.gap_before(end).empty()) &&
      kTowns.contains(text.hashes()[end])) {
    return true;
  }
  // "Ordu'da", of the province, not "orduda", in the army.
  if (work.language == "tr" && end < text.token_count() &&
      (text.gap_before(end) == "'" || text.gap_before(end) == "’")) {
    return true;
  }
  return text.zone_of(begin) == Zone::kDateline;
}

// "Turkey prices soar" / "… a frozen turkey": what begins sentences only, and stands in small
// letters as often, is a word. Once may be a slip of the pen.
void RegionClassifier::drop_words(Work& work) {
  if (work.lower_case) return;
  const ArticleText& text = work.text;
  RegionScratch& scratch = work.scratch;
  for (Name& name : scratch.names) {
    Group& group = scratch.groups[name.group];
    const Candidate& likeliest = work.candidates(group).front();
    const bool place = is_populated(likeliest.kind) || likeliest.kind == NameKind::kCountry ||
                       likeliest.kind == NameKind::kSubdivision;
    if (group.plain_capital || name.dropped || name.token_end != name.token_begin + 1 || !place ||
        !has(likeliest, NameFlag::kCapital)) {
      continue;
    }
    if (group.sense == Group::Sense::kUnknown) {
      const std::uint64_t hash = text.hashes()[name.token_begin];
      const std::uint64_t small = count_of(text, hash, 0);
      const bool word = small > 0 && small >= count_of(text, hash, 1);
      group.sense = word ? Group::Sense::kWord : Group::Sense::kName;
    }
    if (group.sense != Group::Sense::kWord) continue;
    name.dropped = true;
    work.ignore(name.token_begin, name.token_end, IgnoredReason::kOrdinaryWord);
  }
}

}  // namespace wirewatch
