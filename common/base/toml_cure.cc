#include "common/base/toml_cure.h"

#include <algorithm>
#include <array>
#include <optional>

#include "common/base/utf8.h"

namespace wirewatch {

namespace {

struct Cure {
  std::string_view met;  // Part of the parser's description.
  std::string_view text;
};

// The first that fits.
constexpr std::array<Cure, 15> kCures = {{
    {"invalid utf-8", "save the file as UTF-8"},
    {"control characters",
     "close the text on its line with the quote that opened it; a text of several lines stands "
     "between \"\"\" and \"\"\""},
    {"escape sequence",
     "put texts that have backslashes between ''' and ''', where they are plain"},
    {"parsing boolean", "write true or false, in small letters"},
    {"could not determine value type",
     "a text stands in quotes: key = \"text\"; else a number, true, false or a [list]"},
    {"expected value or closing", "write one comma between two entries"},
    {"expected comma", "separate the entries by commas: [\"a\", \"b\"]"},
    {"expected value", "write the value behind the '=', on the same line"},
    {"expected '='", "write key = \"text\"; a key is one word of a-z, 0-9, '_' and '-'"},
    {"table header: expected ']'",
     "close the brackets on the same line: [terms.names], [[examples]]"},
    {"cannot redefine", "every key and [table] stands in a file once; put their lines together"},
    {"expected a comment or whitespace",
     "a line has one key and one value; a text with such quotes in it stands between ''' and '''"},
    {"expected keys, tables", "a line is key = value, [table] or # comment"},
    {"integer", "a number is 2 or 2.5; anything else stands in quotes"},
    {"floating-point", "a number is 2 or 2.5; anything else stands in quotes"},
}};

// Those of word processors, and of other languages.
constexpr std::array<std::string_view, 7> kQuotes = {"“", "”", "„", "‘", "’", "«", "»"};

// What stands at a place.
std::string_view rest_at(std::string_view text, std::size_t line, std::size_t column) {
  for (; line > 1; --line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  for (; column > 1 && !text.empty(); --column) {
    text.remove_prefix(1);
    while (!text.empty() && is_continuation(text.front())) text.remove_prefix(1);
  }
  return text;
}

// Of three quotes that stand alone, so that the text behind them reaches to the file's end.
std::optional<std::size_t> line_of_open_quotes(std::string_view text, std::string_view quotes) {
  std::optional<std::size_t> open;
  std::size_t line = 1;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\n') ++line;
    if (!text.substr(at).starts_with(quotes)) continue;
    open = open ? std::nullopt : std::optional(line);
    at += quotes.size() - 1;
  }
  return open;
}

std::string cure_of(std::string_view description, std::string_view text, std::size_t line,
                    std::size_t column) {
  const std::string_view rest = rest_at(text, line, column);
  const bool curly = std::ranges::any_of(kQuotes, [&](std::string_view quote) {
    return rest.starts_with(quote) || description.ends_with(std::string(quote) + "'");
  });
  if (curly) return "write the straight quotes of the keyboard: \" or '";
  if (description.find("end-of-file") != std::string_view::npos) {
    for (const std::string_view quotes : {"\"\"\"", "'''"}) {
      if (const auto open = line_of_open_quotes(text, quotes)) {
        return "the " + std::string(quotes) + " of line " + std::to_string(*open) +
               " are never closed: put " + std::string(quotes) + " behind the text";
      }
    }
    return "something is never closed: a quote or a bracket";
  }
  const auto* known = std::ranges::find_if(kCures, [&](const Cure& cure) {
    return description.find(cure.met) != std::string_view::npos;
  });
  return known == kCures.end() ? std::string() : std::string(known->text);
}

}  // namespace

std::string with_toml_cure(std::string_view description, std::string_view text, std::size_t line,
                           std::size_t column) {
  const std::string cure = cure_of(description, text, line, column);
  return std::string(description) + (cure.empty() ? "" : "; " + cure);
}

}  // namespace wirewatch
