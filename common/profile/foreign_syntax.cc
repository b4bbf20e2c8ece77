#include "common/profile/foreign_syntax.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

namespace wirewatch::profile_internal {

namespace {

struct Sign {
  std::string_view text;
  std::string_view cure;
};

constexpr std::string_view kUseNot = "write NOT before what must be absent";
constexpr std::string_view kUseQuotes = "phrases stand in double quotes: \"north korea\"";
constexpr std::string_view kUseParentheses = "groups stand in parentheses: (a OR b)";
constexpr std::string_view kNoSigns =
    "signs are not searched for; put the term in quotes, or leave the sign out";
constexpr std::string_view kUseAscii = "write the sign of the Latin keyboard: ( ) , : | \"";

// Of a word's beginning.
constexpr std::array<Sign, 18> kLeading = {{
    {"-", kUseNot},
    {"\u2013", kUseNot},  // Dashes and minus signs that word processors put there.
    {"\u2014", kUseNot},
    {"\u2212", kUseNot},
    {"!", kUseNot},
    {"+", "terms side by side are required anyway; leave it out, or write AND"},
    {"'", kUseQuotes},
    {"`", kUseQuotes},
    {"\u2018", kUseQuotes},
    {"\u2019", kUseQuotes},
    {"\u201A", kUseQuotes},
    {"\u00AB", kUseQuotes},
    {"\u2039", kUseQuotes},
    {"\u300C", kUseQuotes},
    {"\u300E", kUseQuotes},
    {"\u300A", kUseQuotes},
    {"@", kNoSigns},
    {"&&", "write AND"},
}};

// Anywhere in a word.
constexpr std::array<Sign, 20> kAnywhere = {{
    {"[", kUseParentheses},
    {"]", kUseParentheses},
    {"{", kUseParentheses},
    {"}", kUseParentheses},
    {";", "join the parts with AND or OR"},
    {"!", "any ending is korea*; what must be absent stands behind NOT"},
    {"\\", kNoSigns},
    {"\u00BB", kUseQuotes},
    {"\u203A", kUseQuotes},
    {"\u300D", kUseQuotes},
    {"\u300F", kUseQuotes},
    {"\u300B", kUseQuotes},
    {"\uFF08", kUseAscii},
    {"\uFF09", kUseAscii},
    {"\uFF0C", kUseAscii},
    {"\uFF1A", kUseAscii},
    {"\uFF5C", kUseAscii},
    {"\uFF02", kUseAscii},
    {"\u3001", kUseAscii},
    {"\uFF1B", kUseAscii},
}};

// Names that are operators elsewhere, alone or before a number: "NEAR", "NEAR5", "ADJ3".
constexpr std::array<Sign, 8> kNames = {{
    {"NEAR", "write a NEAR/5 b: at most 5 words between"},
    {"ONEAR", "write a ONEAR/5 b: at most 5 words between, in this order"},
    {"ADJ", "write a ONEAR/0 b, or a NEAR/0 b in any order"},
    {"WITHIN", "write a SENTENCE b, a PARAGRAPH b or a NEAR/5 b"},
    {"ATLEAST", "write times/3:korea, or at least 2 of (a, b, c)"},
    {"XOR", "write (a NOT b) OR (b NOT a)"},
    {"ANDNOT", "write AND NOT"},
    {"ORNOT", "write OR NOT"},
}};

// As words these would be required beside the others: the opposite of what "korea Or japan" means.
constexpr std::array<Sign, 3> kCapitalised = {{
    {"And", "write AND"},
    {"Or", "write OR"},
    {"Not", "write NOT"},
}};

std::string_view digits_at(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789";
  return text.substr(0, std::min(text.find_first_not_of(kDigits), text.size()));
}

QueryError no_operator(std::size_t offset, std::string_view what, std::string_view cure) {
  return {offset, "'" + std::string(what) + "' is no operator here", std::string(cure)};
}

// "missile was"~2, roam~, korea^3.
std::optional<QueryError> suffixed(std::string_view word) {
  const std::size_t at = word.find_first_of("~^");
  if (at == std::string_view::npos) return std::nullopt;
  if (word[at] == '^') {
    return no_operator(at, "^", "weights stand in a list: [weighted.name] of the profile");
  }
  const std::string_view number = digits_at(word.substr(at + 1));
  return no_operator(at, "~",
                     "words near each other are a NEAR/" +
                         std::string(number.empty() ? "2" : number) +
                         " b, other endings korea*, other letters k?rea");
}

}  // namespace

std::optional<QueryError> foreign_sign(std::string_view word) {
  if (auto error = suffixed(word)) return error;
  for (const Sign& sign : kLeading) {
    if (word.starts_with(sign.text)) return no_operator(0, sign.text, sign.cure);
  }
  for (const Sign& sign : kAnywhere) {
    const std::size_t at = word.find(sign.text);
    if (at != std::string_view::npos) return no_operator(at, sign.text, sign.cure);
  }
  // "LGBTQ+" is a word.
  const std::size_t plus = word.find('+');
  if (plus == std::string_view::npos || plus + 1 == word.size()) return std::nullopt;
  return no_operator(plus, "+", "write AND, or put the term in quotes: \"P5+1\"");
}

std::optional<QueryError> foreign_operator(std::string_view word) {
  const auto fail = [&](const Sign& name) {
    return no_operator(0, word,
                       std::string(name.cure) + "; put it in quotes to search for the word");
  };
  for (const Sign& name : kCapitalised) {
    if (word == name.text) return fail(name);
  }
  for (const Sign& name : kNames) {
    if (!word.starts_with(name.text)) continue;
    const std::string_view rest = word.substr(name.text.size());
    if (digits_at(rest).size() == rest.size()) return fail(name);
  }
  return std::nullopt;
}

}  // namespace wirewatch::profile_internal
