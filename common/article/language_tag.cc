#include "common/article/language_tag.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

#include "common/base/ascii_case.h"
#include "common/base/language_codes.h"
#include "common/base/trimmed.h"

namespace wirewatch {

namespace {

constexpr std::size_t kTextMax = 64;  // What is longer states no language.

struct Row {
  std::string_view name;
  std::string_view code;
};

// Languages that newspapers are written in: their English names and their own, in lower case (of
// letters outside of ASCII in either), in order of their bytes.
constexpr Row kNames[] = {
    {"afrikaans", "af"},     {"albanian", "sq"},
    {"amharic", "am"},       {"arabic", "ar"},
    {"armenian", "hy"},      {"azerbaijani", "az"},
    {"azeri", "az"},         {"bahasa indonesia", "id"},
    {"bahasa melayu", "ms"}, {"bangla", "bn"},
    {"basque", "eu"},        {"belarusian", "be"},
    {"bengali", "bn"},       {"bokmål", "nb"},
    {"bosanski", "bs"},      {"bosnian", "bs"},
    {"bulgarian", "bg"},     {"burmese", "my"},
    {"castellano", "es"},    {"castilian", "es"},
    {"catalan", "ca"},       {"català", "ca"},
    {"chinese", "zh"},       {"croatian", "hr"},
    {"cymraeg", "cy"},       {"czech", "cs"},
    {"danish", "da"},        {"dansk", "da"},
    {"deutsch", "de"},       {"dutch", "nl"},
    {"eesti", "et"},         {"english", "en"},
    {"espanol", "es"},       {"español", "es"},
    {"estonian", "et"},      {"euskara", "eu"},
    {"farsi", "fa"},         {"filipino", "fil"},
    {"finnish", "fi"},       {"francais", "fr"},
    {"français", "fr"},      {"french", "fr"},
    {"gaeilge", "ga"},       {"galego", "gl"},
    {"galician", "gl"},      {"georgian", "ka"},
    {"german", "de"},        {"greek", "el"},
    {"gujarati", "gu"},      {"hausa", "ha"},
    {"hebrew", "he"},        {"hindi", "hi"},
    {"hrvatski", "hr"},      {"hungarian", "hu"},
    {"icelandic", "is"},     {"indonesian", "id"},
    {"irish", "ga"},         {"italian", "it"},
    {"italiano", "it"},      {"japanese", "ja"},
    {"kannada", "kn"},       {"kazakh", "kk"},
    {"khmer", "km"},         {"kiswahili", "sw"},
    {"korean", "ko"},        {"kurdish", "ku"},
    {"kurdî", "ku"},         {"kyrgyz", "ky"},
    {"lao", "lo"},           {"latvian", "lv"},
    {"latviešu", "lv"},      {"lietuvių", "lt"},
    {"lithuanian", "lt"},    {"macedonian", "mk"},
    {"magyar", "hu"},        {"malay", "ms"},
    {"malayalam", "ml"},     {"maltese", "mt"},
    {"malti", "mt"},         {"mandarin", "zh"},
    {"marathi", "mr"},       {"mongolian", "mn"},
    {"nederlands", "nl"},    {"nepali", "ne"},
    {"norsk", "no"},         {"norwegian", "no"},
    {"nynorsk", "nn"},       {"pashto", "ps"},
    {"persian", "fa"},       {"polish", "pl"},
    {"polski", "pl"},        {"portugues", "pt"},
    {"portuguese", "pt"},    {"português", "pt"},
    {"punjabi", "pa"},       {"romanian", "ro"},
    {"română", "ro"},        {"russian", "ru"},
    {"serbian", "sr"},       {"shqip", "sq"},
    {"sinhala", "si"},       {"sinhalese", "si"},
    {"slovak", "sk"},        {"slovene", "sl"},
    {"slovenian", "sl"},     {"slovenčina", "sk"},
    {"slovenščina", "sl"},   {"somali", "so"},
    {"soomaali", "so"},      {"spanish", "es"},
    {"srpski", "sr"},        {"suomi", "fi"},
    {"svenska", "sv"},       {"swahili", "sw"},
    {"swedish", "sv"},       {"tagalog", "tl"},
    {"tajik", "tg"},         {"tamil", "ta"},
    {"telugu", "te"},        {"thai", "th"},
    {"tigrinya", "ti"},      {"tiếng việt", "vi"},
    {"turkce", "tr"},        {"turkish", "tr"},
    {"turkmen", "tk"},       {"türkçe", "tr"},
    {"ukrainian", "uk"},     {"urdu", "ur"},
    {"uzbek", "uz"},         {"vietnamese", "vi"},
    {"welsh", "cy"},         {"xhosa", "xh"},
    {"yiddish", "yi"},       {"yoruba", "yo"},
    {"zulu", "zu"},          {"Íslenska", "is"},
    {"íslenska", "is"},      {"Česky", "cs"},
    {"Čeština", "cs"},       {"česky", "cs"},
    {"čeština", "cs"},       {"Ελληνικά", "el"},
    {"ελληνικά", "el"},      {"Беларуская", "be"},
    {"Български", "bg"},     {"Македонски", "mk"},
    {"Монгол", "mn"},        {"Русский", "ru"},
    {"Српски", "sr"},        {"Тоҷикӣ", "tg"},
    {"Українська", "uk"},    {"беларуская", "be"},
    {"български", "bg"},     {"македонски", "mk"},
    {"монгол", "mn"},        {"русский", "ru"},
    {"српски", "sr"},        {"тоҷикӣ", "tg"},
    {"українська", "uk"},    {"Հայերեն", "hy"},
    {"հայերեն", "hy"},       {"עברית", "he"},
    {"اردو", "ur"},          {"العربية", "ar"},
    {"عربي", "ar"},          {"فارسی", "fa"},
    {"پښتو", "ps"},          {"नेपाली", "ne"},
    {"मराठी", "mr"},         {"हिंदी", "hi"},
    {"हिन्दी", "hi"},         {"বাংলা", "bn"},
    {"ਪੰਜਾਬੀ", "pa"},         {"ગુજરાતી", "gu"},
    {"தமிழ்", "ta"},          {"తెలుగు", "te"},
    {"ಕನ್ನಡ", "kn"},          {"മലയാളം", "ml"},
    {"සිංහල", "si"},          {"ไทย", "th"},
    {"ລາວ", "lo"},           {"မြန်မာ", "my"},
    {"ქართული", "ka"},       {"ትግርኛ", "ti"},
    {"አማርኛ", "am"},          {"ខ្មែរ", "km"},
    {"中文", "zh"},          {"日本語", "ja"},
    {"汉语", "zh"},          {"漢語", "zh"},
    {"한국어", "ko"},
};

constexpr bool in_order(const Row& a, const Row& b) {
  return a.name < b.name;
}
static_assert(std::is_sorted(std::begin(kNames), std::end(kNames), in_order));

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c;
}
bool is_letter(char c) {
  return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool all_letters(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_letter);
}

// The code of a language's name; empty where that is none.
std::string_view code_of_name(std::string_view name) {
  const Row* row = std::lower_bound(std::begin(kNames), std::end(kNames), name,
                                    [](const Row& a, std::string_view b) { return a.name < b; });
  return row != std::end(kNames) && row->name == name ? row->code : std::string_view();
}

// Whether a text is "en" or the like: most are.
bool is_usual(std::string_view text) {
  return text.size() == 2 && text[0] >= 'a' && text[0] <= 'z' && text[1] >= 'a' && text[1] <= 'z' &&
         shortest_language_code(text) == text;
}

// Codes that stand for no language: unknown, several, none, without a code.
bool says_nothing(std::string_view code) {
  return code == "und" || code == "mul" || code == "zxx" || code == "mis";
}

// What comes after the language of a tag, in the order in which it may.
enum class Part : std::uint8_t { kExtended, kScript, kRegion, kVariant };

// "DE" or "419".
bool may_be_region(std::string_view subtag, bool letters) {
  return (subtag.size() == 2 && letters) ||
         (subtag.size() == 3 && std::all_of(subtag.begin(), subtag.end(), is_digit));
}

// Whether a subtag may come where `part` is the earliest that may; moves `part` on.
bool fits(std::string_view subtag, Part& part) {
  const std::size_t size = subtag.size();
  const bool letters = all_letters(subtag);
  if (part <= Part::kExtended && size == 3 && letters) {
    part = Part::kScript;
  } else if (part <= Part::kScript && size == 4 && letters) {
    part = Part::kRegion;
  } else if ((part <= Part::kRegion && may_be_region(subtag, letters)) ||
             (size >= 5 && size <= 8) || (size == 4 && is_digit(subtag[0]))) {
    part = Part::kVariant;
  } else {
    return false;
  }
  return std::all_of(subtag.begin(), subtag.end(),
                     [](char c) { return is_letter(c) || is_digit(c); });
}

// A subtag in the case that BCP 47 recommends.
void append_subtag(std::string_view subtag, std::string& out) {
  const bool region = subtag.size() == 2;
  const bool script = subtag.size() == 4 && !is_digit(subtag[0]);
  out.push_back('-');
  for (std::size_t at = 0; at < subtag.size(); ++at)
    out.push_back(region || (script && at == 0) ? upper(subtag[at]) : ascii_lower(subtag[at]));
}

// "en", "EN_us", "zh-Hant-TW": a language and what narrows it.
bool append_tag(std::string_view text, std::string& out) {
  const std::size_t primary_end = std::min(text.find_first_of("-_"), text.size());
  if (primary_end < 2 || primary_end > 3 || !all_letters(text.substr(0, primary_end))) return false;
  std::array<char, 3> letters{};
  for (std::size_t at = 0; at < letters.size() && at < primary_end; ++at)
    letters[at] = ascii_lower(text[at]);
  const std::string_view primary(letters.data(), primary_end);
  if (says_nothing(primary)) return false;
  out.append(shortest_language_code(primary));
  Part part = Part::kExtended;
  for (std::size_t at = primary_end; at < text.size();) {
    const std::size_t begin = at + 1;
    const std::size_t end = std::min(text.find_first_of("-_", begin), text.size());
    const std::string_view subtag = text.substr(begin, end - begin);
    if (!fits(subtag, part)) break;
    append_subtag(subtag, out);
    at = end;
  }
  return true;
}

}  // namespace

bool append_language_tag(std::string_view text, std::string& out) {
  if (is_usual(text)) {
    out.append(text);
    return true;
  }
  text = trimmed(text);
  if (text.empty() || text.size() > kTextMax) return false;
  text = text.substr(0, text.find_first_of(".@"));  // "en_US.UTF-8", "ca_ES@valencia".
  if (text.find_first_not_of("-_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") ==
          std::string_view::npos &&
      append_tag(text, out))
    return true;
  text = trimmed(text.substr(0, text.find(" (")));  // "English (US)".
  std::array<char, kTextMax> lower_case{};
  for (std::size_t at = 0; at < lower_case.size() && at < text.size(); ++at)
    lower_case[at] = ascii_lower(text[at]);
  const std::string_view code = code_of_name({lower_case.data(), text.size()});
  out.append(code);
  return !code.empty();
}

}  // namespace wirewatch
