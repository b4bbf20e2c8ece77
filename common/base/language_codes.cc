#include "common/base/language_codes.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace wirewatch {

namespace {

// ISO 639-1, and the longer codes of languages without one, in order.
constexpr std::string_view kLanguages[] = {
    "aa", "ab",  "ae", "af", "ak", "am",  "an", "ar", "as", "av",  "ay",  "az", "ba", "be", "bg",
    "bh", "bi",  "bm", "bn", "bo", "br",  "bs", "ca", "ce", "ch",  "ckb", "co", "cr", "cs", "cu",
    "cv", "cy",  "da", "de", "dv", "dz",  "ee", "el", "en", "eo",  "es",  "et", "eu", "fa", "ff",
    "fi", "fil", "fj", "fo", "fr", "fy",  "ga", "gd", "gl", "gn",  "gu",  "gv", "ha", "he", "hi",
    "ho", "hr",  "ht", "hu", "hy", "hz",  "ia", "id", "ie", "ig",  "ii",  "ik", "io", "is", "it",
    "iu", "ja",  "jv", "ka", "kg", "ki",  "kj", "kk", "kl", "km",  "kn",  "ko", "kr", "ks", "ku",
    "kv", "kw",  "ky", "la", "lb", "lg",  "li", "ln", "lo", "lt",  "lu",  "lv", "mg", "mh", "mi",
    "mk", "ml",  "mn", "mr", "ms", "mt",  "my", "na", "nb", "nd",  "ne",  "ng", "nl", "nn", "no",
    "nr", "nv",  "ny", "oc", "oj", "om",  "or", "os", "pa", "pcm", "pi",  "pl", "ps", "pt", "qu",
    "rm", "rn",  "ro", "ru", "rw", "sa",  "sc", "sd", "se", "sg",  "sh",  "si", "sk", "sl", "sm",
    "sn", "so",  "sq", "sr", "ss", "st",  "su", "sv", "sw", "ta",  "te",  "tg", "th", "ti", "tk",
    "tl", "tn",  "to", "tr", "ts", "tt",  "tw", "ty", "ug", "uk",  "ur",  "uz", "ve", "vi", "vo",
    "wa", "wo",  "xh", "yi", "yo", "yue", "za", "zh", "zu",
};
static_assert(std::is_sorted(std::begin(kLanguages), std::end(kLanguages)));

struct Row {
  std::string_view name;
  std::string_view code;
};

// What BCP 47 writes otherwise, in order: the codes of ISO 639-2 that have one of two letters,
// withdrawn ones, and codes of countries that are codes of no language.
constexpr Row kCodes[] = {
    {"aar", "aa"}, {"abk", "ab"}, {"afr", "af"}, {"aka", "ak"}, {"alb", "sq"}, {"amh", "am"},
    {"ara", "ar"}, {"arg", "an"}, {"arm", "hy"}, {"asm", "as"}, {"ava", "av"}, {"ave", "ae"},
    {"aym", "ay"}, {"aze", "az"}, {"bak", "ba"}, {"bam", "bm"}, {"baq", "eu"}, {"bel", "be"},
    {"ben", "bn"}, {"bih", "bh"}, {"bis", "bi"}, {"bod", "bo"}, {"bos", "bs"}, {"bre", "br"},
    {"bul", "bg"}, {"bur", "my"}, {"cat", "ca"}, {"ces", "cs"}, {"cha", "ch"}, {"che", "ce"},
    {"chi", "zh"}, {"chu", "cu"}, {"chv", "cv"}, {"cmn", "zh"}, {"cn", "zh"},  {"cor", "kw"},
    {"cos", "co"}, {"cre", "cr"}, {"cym", "cy"}, {"cz", "cs"},  {"cze", "cs"}, {"dan", "da"},
    {"deu", "de"}, {"div", "dv"}, {"dk", "da"},  {"dut", "nl"}, {"dzo", "dz"}, {"ell", "el"},
    {"eng", "en"}, {"epo", "eo"}, {"est", "et"}, {"eus", "eu"}, {"ewe", "ee"}, {"fao", "fo"},
    {"fas", "fa"}, {"fij", "fj"}, {"fin", "fi"}, {"fra", "fr"}, {"fre", "fr"}, {"fry", "fy"},
    {"ful", "ff"}, {"geo", "ka"}, {"ger", "de"}, {"gla", "gd"}, {"gle", "ga"}, {"glg", "gl"},
    {"glv", "gv"}, {"gr", "el"},  {"gre", "el"}, {"grn", "gn"}, {"guj", "gu"}, {"hat", "ht"},
    {"hau", "ha"}, {"heb", "he"}, {"her", "hz"}, {"hin", "hi"}, {"hmo", "ho"}, {"hrv", "hr"},
    {"hun", "hu"}, {"hye", "hy"}, {"ibo", "ig"}, {"ice", "is"}, {"ido", "io"}, {"iii", "ii"},
    {"iku", "iu"}, {"ile", "ie"}, {"in", "id"},  {"ina", "ia"}, {"ind", "id"}, {"ipk", "ik"},
    {"isl", "is"}, {"ita", "it"}, {"iw", "he"},  {"jav", "jv"}, {"ji", "yi"},  {"jp", "ja"},
    {"jpn", "ja"}, {"jw", "jv"},  {"kal", "kl"}, {"kan", "kn"}, {"kas", "ks"}, {"kat", "ka"},
    {"kau", "kr"}, {"kaz", "kk"}, {"khm", "km"}, {"kik", "ki"}, {"kin", "rw"}, {"kir", "ky"},
    {"kom", "kv"}, {"kon", "kg"}, {"kor", "ko"}, {"kua", "kj"}, {"kur", "ku"}, {"lao", "lo"},
    {"lat", "la"}, {"lav", "lv"}, {"lim", "li"}, {"lin", "ln"}, {"lit", "lt"}, {"ltz", "lb"},
    {"lub", "lu"}, {"lug", "lg"}, {"mac", "mk"}, {"mah", "mh"}, {"mal", "ml"}, {"mao", "mi"},
    {"mar", "mr"}, {"may", "ms"}, {"mkd", "mk"}, {"mlg", "mg"}, {"mlt", "mt"}, {"mo", "ro"},
    {"mol", "ro"}, {"mon", "mn"}, {"mri", "mi"}, {"msa", "ms"}, {"mya", "my"}, {"nau", "na"},
    {"nav", "nv"}, {"nbl", "nr"}, {"nde", "nd"}, {"ndo", "ng"}, {"nep", "ne"}, {"nld", "nl"},
    {"nno", "nn"}, {"nob", "nb"}, {"nor", "no"}, {"nya", "ny"}, {"oci", "oc"}, {"oji", "oj"},
    {"ori", "or"}, {"orm", "om"}, {"oss", "os"}, {"pan", "pa"}, {"per", "fa"}, {"pli", "pi"},
    {"pol", "pl"}, {"por", "pt"}, {"pus", "ps"}, {"que", "qu"}, {"roh", "rm"}, {"ron", "ro"},
    {"rum", "ro"}, {"run", "rn"}, {"rus", "ru"}, {"sag", "sg"}, {"san", "sa"}, {"scc", "sr"},
    {"scr", "hr"}, {"sin", "si"}, {"slk", "sk"}, {"slo", "sk"}, {"slv", "sl"}, {"sme", "se"},
    {"smo", "sm"}, {"sna", "sn"}, {"snd", "sd"}, {"som", "so"}, {"sot", "st"}, {"spa", "es"},
    {"sqi", "sq"}, {"srd", "sc"}, {"srp", "sr"}, {"ssw", "ss"}, {"sun", "su"}, {"swa", "sw"},
    {"swe", "sv"}, {"tah", "ty"}, {"tam", "ta"}, {"tat", "tt"}, {"tel", "te"}, {"tgk", "tg"},
    {"tgl", "tl"}, {"tha", "th"}, {"tib", "bo"}, {"tir", "ti"}, {"ton", "to"}, {"tsn", "tn"},
    {"tso", "ts"}, {"tuk", "tk"}, {"tur", "tr"}, {"twi", "tw"}, {"ua", "uk"},  {"uig", "ug"},
    {"ukr", "uk"}, {"urd", "ur"}, {"uzb", "uz"}, {"ven", "ve"}, {"vie", "vi"}, {"vol", "vo"},
    {"wel", "cy"}, {"wln", "wa"}, {"wol", "wo"}, {"xho", "xh"}, {"yid", "yi"}, {"yor", "yo"},
    {"zha", "za"}, {"zho", "zh"}, {"zul", "zu"},
};

static_assert(std::is_sorted(std::begin(kCodes), std::end(kCodes),
                             [](const Row& a, const Row& b) { return a.name < b.name; }));

// Languages of one name that have several codes: the written forms of Norwegian, and Filipino,
// which is Tagalog as the state's language.
constexpr Row kSame[] = {{"fil", "tl"}, {"nb", "no"}, {"nn", "no"}};

}  // namespace

std::string_view known_language(std::string_view primary_subtag) {
  constexpr std::size_t kSizeMax = 3;
  if (primary_subtag.size() > kSizeMax) return {};
  std::array<char, kSizeMax> lower{};
  for (std::size_t at = 0; at < primary_subtag.size(); ++at) {
    const char c = primary_subtag[at];
    lower[at] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  const std::string_view wanted(lower.data(), primary_subtag.size());
  const auto* found = std::lower_bound(std::begin(kLanguages), std::end(kLanguages), wanted);
  return found == std::end(kLanguages) || *found != wanted ? std::string_view() : *found;
}

std::string_view shortest_language_code(std::string_view code) {
  const Row* row = std::lower_bound(std::begin(kCodes), std::end(kCodes), code,
                                    [](const Row& a, std::string_view b) { return a.name < b; });
  return row != std::end(kCodes) && row->name == code ? row->code : code;
}

std::string_view same_language(std::string_view code) {
  code = shortest_language_code(code);
  for (const auto& [name, usual] : kSame) {
    if (name == code) return usual;
  }
  return code;
}

}  // namespace wirewatch
