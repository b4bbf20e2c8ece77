#include "common/article/html_to_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "common/base/ascii_case.h"

namespace wirewatch {

namespace {

struct Entity {
  std::string_view name;
  std::uint32_t code_point;
};

// The named references that occur in news, those of Latin-1 among them; others stay as they are
// written.
constexpr Entity kEntities[] = {
    {"amp", '&'},       {"lt", '<'},        {"gt", '>'},        {"quot", '"'},
    {"apos", '\''},     {"nbsp", 0xA0},     {"iexcl", 0xA1},    {"cent", 0xA2},
    {"pound", 0xA3},    {"yen", 0xA5},      {"sect", 0xA7},     {"copy", 0xA9},
    {"laquo", 0xAB},    {"shy", 0xAD},      {"reg", 0xAE},      {"deg", 0xB0},
    {"middot", 0xB7},   {"raquo", 0xBB},    {"frac12", 0xBD},   {"iquest", 0xBF},
    {"Agrave", 0xC0},   {"Aacute", 0xC1},   {"Acirc", 0xC2},    {"Atilde", 0xC3},
    {"Auml", 0xC4},     {"Aring", 0xC5},    {"AElig", 0xC6},    {"Ccedil", 0xC7},
    {"Egrave", 0xC8},   {"Eacute", 0xC9},   {"Ecirc", 0xCA},    {"Euml", 0xCB},
    {"Iacute", 0xCD},   {"Icirc", 0xCE},    {"Iuml", 0xCF},     {"Ntilde", 0xD1},
    {"Oacute", 0xD3},   {"Ocirc", 0xD4},    {"Otilde", 0xD5},   {"Ouml", 0xD6},
    {"times", 0xD7},    {"Oslash", 0xD8},   {"Uacute", 0xDA},   {"Ucirc", 0xDB},
    {"Uuml", 0xDC},     {"szlig", 0xDF},    {"agrave", 0xE0},   {"aacute", 0xE1},
    {"acirc", 0xE2},    {"atilde", 0xE3},   {"auml", 0xE4},     {"aring", 0xE5},
    {"aelig", 0xE6},    {"ccedil", 0xE7},   {"egrave", 0xE8},   {"eacute", 0xE9},
    {"ecirc", 0xEA},    {"euml", 0xEB},     {"igrave", 0xEC},   {"iacute", 0xED},
    {"icirc", 0xEE},    {"iuml", 0xEF},     {"ntilde", 0xF1},   {"ograve", 0xF2},
    {"oacute", 0xF3},   {"ocirc", 0xF4},    {"otilde", 0xF5},   {"ouml", 0xF6},
    {"oslash", 0xF8},   {"ugrave", 0xF9},   {"uacute", 0xFA},   {"ucirc", 0xFB},
    {"uuml", 0xFC},     {"yuml", 0xFF},     {"ndash", 0x2013},  {"mdash", 0x2014},
    {"lsquo", 0x2018},  {"rsquo", 0x2019},  {"sbquo", 0x201A},  {"ldquo", 0x201C},
    {"rdquo", 0x201D},  {"bdquo", 0x201E},  {"bull", 0x2022},   {"hellip", 0x2026},
    {"prime", 0x2032},  {"lsaquo", 0x2039}, {"rsaquo", 0x203A}, {"euro", 0x20AC},
    {"trade", 0x2122},  {"ensp", 0x2002},   {"emsp", 0x2003},   {"thinsp", 0x2009},
    {"zwnj", 0x200C},   {"zwj", 0x200D},    {"oelig", 0x153},   {"OElig", 0x152},
    {"scaron", 0x161},  {"Scaron", 0x160},  {"curren", 0xA4},   {"brvbar", 0xA6},
    {"uml", 0xA8},      {"ordf", 0xAA},     {"not", 0xAC},      {"macr", 0xAF},
    {"plusmn", 0xB1},   {"sup2", 0xB2},     {"sup3", 0xB3},     {"acute", 0xB4},
    {"micro", 0xB5},    {"para", 0xB6},     {"cedil", 0xB8},    {"sup1", 0xB9},
    {"ordm", 0xBA},     {"frac14", 0xBC},   {"frac34", 0xBE},   {"Igrave", 0xCC},
    {"ETH", 0xD0},      {"Ograve", 0xD2},   {"Ugrave", 0xD9},   {"Yacute", 0xDD},
    {"THORN", 0xDE},    {"eth", 0xF0},      {"divide", 0xF7},   {"yacute", 0xFD},
    {"thorn", 0xFE},    {"lrm", 0x200E},    {"rlm", 0x200F},    {"dagger", 0x2020},
    {"Dagger", 0x2021}, {"permil", 0x2030}, {"minus", 0x2212},  {"Yuml", 0x178},
    {"tilde", 0x2DC},   {"circ", 0x2C6},    {"frasl", 0x2044},  {"larr", 0x2190},
    {"rarr", 0x2192},
};

// References to C1 controls are meant as Windows-1252, as HTML says they are to be read; 0 where
// that has nothing.
constexpr std::array<std::uint16_t, 32> kWindows1252 = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

constexpr std::array<std::string_view, 40> kBlockTags = {
    "p",          "div",     "h1",      "h2",      "h3",     "h4",       "h5",         "h6",
    "ul",         "ol",      "li",      "tr",      "td",     "th",       "hr",         "table",
    "section",    "header",  "footer",  "main",    "aside",  "article",  "blockquote", "figure",
    "figcaption", "pre",     "dl",      "dt",      "dd",     "address",  "form",       "nav",
    "center",     "caption", "details", "summary", "option", "fieldset", "legend",     "body"};
constexpr std::array<std::string_view, 25> kInlineTags = {
    "br",   "a",    "b",    "i",    "u",      "s",    "em",   "q",  "strong",
    "span", "img",  "sup",  "ruby", "sub",    "ins",  "del",  "tt", "abbr",
    "cite", "code", "font", "mark", "strike", "time", "small"};
// How characters are read stands above them, or in brackets where nothing can: inside of words.
constexpr std::array<std::string_view, 3> kReadingTags = {"rt", "rtc", "rp"};
constexpr std::array<std::string_view, 5> kRubyTags = {"rt", "rtc", "rp", "rb", "ruby"};
// What a reader does not see: nor what stands in a player for those who have none.
constexpr std::array<std::string_view, 11> kSkippedTags = {
    "script", "style",  "noscript", "template", "head",  "title",
    "svg",    "iframe", "video",    "audio",    "canvas"};
constexpr std::size_t kTagSizeMax = 10;  // "blockquote", "figcaption".

// What stands beside the article on its page.
constexpr std::array<std::string_view, 4> kBesideTags = {"nav", "aside", "footer", "button"};
// Elements without an end are searched for it so often; then they are read like any other.
constexpr int kUnclosedMax = 16;

bool is_html_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f';
}

template <std::size_t N>
bool is_one_of(std::string_view tag, const std::array<std::string_view, N>& tags) {
  for (const std::string_view name : tags) {
    if (equals_lower(tag, name)) return true;
  }
  return false;
}

void append_utf8(std::uint32_t code_point, std::string& out) {
  if (code_point == 0 || code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) {
    code_point = 0xFFFD;
  }
  const auto put = [&](std::uint32_t value) { out.push_back(static_cast<char>(value)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | (code_point >> 6));
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | (code_point >> 12));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | (code_point >> 18));
    put(0x80 | ((code_point >> 12) & 0x3F));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
}

// Writes text, collapsing white space and holding breaks back until text follows.
class TextSink {
 public:
  explicit TextSink(std::string& out) : out_(out), begin_(out.size()) {}

  void space() { space_ = true; }
  void newline() { newlines_ = std::min(newlines_ + 1, 2); }
  void block() { newlines_ = 2; }
  void put(char c) {
    flush();
    out_.push_back(c);
  }
  void put_code_point(std::uint32_t code_point) {
    if (code_point < 0x80 && is_html_space(static_cast<char>(code_point))) {
      space();
      return;
    }
    flush();
    append_utf8(code_point, out_);
  }

 private:
  void flush() {
    if (out_.size() != begin_) {
      if (newlines_ > 0) {
        out_.append(static_cast<std::size_t>(newlines_), '\n');
      } else if (space_) {
        out_.push_back(' ');
      }
    }
    newlines_ = 0;
    space_ = false;
  }

  std::string& out_;
  std::size_t begin_;
  int newlines_ = 0;
  bool space_ = false;
};

// Reads a character reference at html[at] == '&'. Returns its length, 0 when it is none.
std::size_t read_reference(std::string_view html, std::size_t at, std::uint32_t& code_point) {
  const std::size_t semicolon = html.substr(at, 12).find(';');
  if (semicolon == std::string_view::npos || semicolon < 2) return 0;
  const std::string_view name = html.substr(at + 1, semicolon - 1);
  if (name[0] == '#') {
    const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
    std::uint32_t value = 0;
    const std::string_view digits = name.substr(hex ? 2 : 1);
    if (digits.empty()) return 0;
    for (const char c : digits) {
      const char l = ascii_lower(c);
      std::uint32_t digit = 0;
      if (c >= '0' && c <= '9') {
        digit = static_cast<std::uint32_t>(c - '0');
      } else if (hex && l >= 'a' && l <= 'f') {
        digit = static_cast<std::uint32_t>(l - 'a') + 10;
      } else {
        return 0;
      }
      value = value * (hex ? 16 : 10) + digit;
      if (value > 0x10FFFF) value = 0x110000;
    }
    const bool control = value >= 0x80 && value < 0x80 + kWindows1252.size();
    const std::uint32_t meant = control ? kWindows1252[value - 0x80] : value;
    code_point = meant == 0 ? value : meant;
    return semicolon + 1;
  }
  for (const Entity& entity : kEntities) {
    if (entity.name == name) {
      code_point = entity.code_point;
      return semicolon + 1;
    }
  }
  return 0;
}

// The end of a tag whose name ends at `at`; a '>' inside of quotes belongs to an attribute.
std::size_t tag_end(std::string_view html, std::size_t at) {
  std::size_t end = at;
  char quote = '\0';
  while (end < html.size() && (quote != '\0' || html[end] != '>')) {
    if (quote != '\0') {
      if (html[end] == quote) quote = '\0';
    } else if (html[end] == '"' || html[end] == '\'') {
      quote = html[end];
    }
    ++end;
  }
  if (end < html.size()) return end;
  // An unclosed quote swallows no more than the tag up to the next '>'.
  return std::min(html.find('>', at), html.size());
}

// Where the closing tag of this name begins, from `at` on.
std::size_t closing_tag(std::string_view html, std::size_t at, std::string_view tag) {
  while (true) {
    at = html.find("</", at);
    if (at == std::string_view::npos) return html.size();
    if (equals_lower(html.substr(at + 2, tag.size()), tag)) return at;
    at += 2;
  }
}

// Where a reading ends that begins at `at`: at the next tag of its ruby, as its own end may be left
// out; at `at` where there is none.
std::size_t reading_end(std::string_view html, std::size_t at) {
  const std::size_t begin = at;
  while ((at = html.find('<', at)) != std::string_view::npos) {
    std::string_view name = html.substr(at + 1);
    if (name.starts_with('/')) name.remove_prefix(1);
    if (is_one_of(name.substr(0, name.find_first_of("> \t\r\n/")), kRubyTags)) return at;
    ++at;
  }
  return begin;
}

// Whether the attributes of a tag have one of this name.
bool has_attribute(std::string_view attributes, std::string_view name) {
  char quote = '\0';
  for (std::size_t at = 0; at < attributes.size(); ++at) {
    const char c = attributes[at];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (is_html_space(c) && equals_lower(attributes.substr(at + 1, name.size()), name)) {
      const std::size_t after = at + 1 + name.size();
      if (after == attributes.size() || is_html_space(attributes[after]) ||
          attributes[after] == '=' || attributes[after] == '/')
        return true;
    }
  }
  return false;
}

// Whether a tag's attributes take its element out of sight.
bool is_hidden(std::string_view attributes) {
  if (has_attribute(attributes, "hidden")) return true;
  constexpr std::string_view kDisplay = "display";
  if (!has_attribute(attributes, "style")) return false;
  for (std::size_t at = 0; at + kDisplay.size() < attributes.size(); ++at) {
    if (!equals_lower(attributes.substr(at, kDisplay.size()), kDisplay)) continue;
    std::size_t value = at + kDisplay.size();
    while (value < attributes.size() &&
           (attributes[value] == ':' || is_html_space(attributes[value])))
      ++value;
    if (equals_lower(attributes.substr(value, 4), "none")) return true;
  }
  return false;
}

// Where the element ends whose first tag ends at `at`, elements of the same name inside of it
// counted; npos where nothing ends it.
std::size_t element_end(std::string_view html, std::size_t at, std::string_view tag) {
  std::size_t depth = 1;
  while ((at = html.find('<', at)) != std::string_view::npos) {
    const bool closing = html.substr(at + 1).starts_with('/');
    const std::size_t name = at + (closing ? 2 : 1);
    at = name;
    if (!equals_lower(html.substr(name, tag.size()), tag)) continue;
    const std::size_t name_end = name + tag.size();
    if (name_end >= html.size() || !(is_html_space(html[name_end]) || html[name_end] == '>'))
      continue;
    at = tag_end(html, name_end);
    if (!closing)
      ++depth;
    else if (--depth == 0)
      return std::min(at + 1, html.size());
  }
  return std::string_view::npos;
}

// What begins with '<' at `at`: gives where the text goes on. `unclosed` counts the elements that
// were to be left out and have no end.
std::size_t read_markup(std::string_view html, std::size_t at, int& unclosed, TextSink& sink) {
  const std::string_view rest = html.substr(at);
  if (rest.starts_with("<!--")) {
    const std::size_t end = html.find("-->", at + 2);  // "<!-->" is a whole one.
    return end == std::string_view::npos ? html.size() : end + 3;
  }
  if (rest.starts_with("<![CDATA[")) return at + 9;  // Its content is text; "]]>" is dropped.
  std::size_t name = at + 1;
  const bool closing = name < html.size() && html[name] == '/';
  if (closing) ++name;
  const bool letter =
      name < html.size() && ascii_lower(html[name]) >= 'a' && ascii_lower(html[name]) <= 'z';
  const bool declaration = name < html.size() && (html[name] == '!' || html[name] == '?');
  if (!letter && !declaration) {  // A bare '<' is text.
    sink.put('<');
    return at + 1;
  }
  std::size_t name_end = name;
  while (name_end < html.size() && !is_html_space(html[name_end]) && html[name_end] != '>' &&
         html[name_end] != '/')
    ++name_end;
  const std::string_view tag = html.substr(name, name_end - name);
  const std::size_t end = tag_end(html, name_end);
  const bool closed = end < html.size();
  const std::size_t after = closed ? end + 1 : end;
  if (letter && !closing && closed && html[end - 1] != '/' && unclosed < kUnclosedMax &&
      (is_one_of(tag, kBesideTags) || is_hidden(html.substr(name_end, end - name_end)))) {
    const std::size_t element = element_end(html, after, tag);
    if (element != std::string_view::npos) {
      sink.block();
      return element;
    }
    ++unclosed;
  }
  if (equals_lower(tag, "br")) {
    sink.newline();
  } else if (is_one_of(tag, kBlockTags)) {
    sink.block();
  } else if (!closing && closed && html[end - 1] != '/' && is_one_of(tag, kSkippedTags)) {
    return closing_tag(html, after, tag);
  } else if (!closing && closed && is_one_of(tag, kReadingTags)) {
    return reading_end(html, after);
  }
  return after;
}

}  // namespace

bool decode_references(std::string_view text, std::string& out) {
  bool any = false;
  std::size_t done = 0;
  for (std::size_t at = text.find('&'); at != std::string_view::npos; at = text.find('&', at + 1)) {
    std::uint32_t code_point = 0;
    const std::size_t size = read_reference(text, at, code_point);
    if (size == 0) continue;
    out.append(text.substr(done, at - done));
    append_utf8(code_point, out);
    done = at + size;
    at = done - 1;
    any = true;
  }
  out.append(text.substr(done));
  return any;
}

namespace {

void read_html(std::string_view html, int unclosed, std::string& text) {
  TextSink sink(text);
  std::size_t at = 0;
  while (at < html.size()) {
    const char c = html[at];
    if (c == '<') {
      at = read_markup(html, at, unclosed, sink);
      continue;
    }
    if (c == ']' && html.substr(at, 3) == "]]>") {
      at += 3;
      continue;
    }
    if (c == '&') {
      std::uint32_t code_point = 0;
      const std::size_t size = read_reference(html, at, code_point);
      if (size > 0) {
        sink.put_code_point(code_point);
        at += size;
        continue;
      }
    }
    if (is_html_space(c)) {
      sink.space();
    } else {
      sink.put(c);
    }
    ++at;
  }
}

}  // namespace

void html_to_text(std::string_view html, std::string& text) {
  const std::size_t before = text.size();
  read_html(html, 0, text);
  // Where all text is of elements that are left out, they are the article.
  if (text.size() == before) read_html(html, kUnclosedMax, text);
}

bool looks_like_html(std::string_view text) {
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    std::string_view rest = text.substr(at + 1);
    if (rest.starts_with("!--")) return true;
    const bool closing = rest.starts_with('/');
    if (closing) rest.remove_prefix(1);
    const std::size_t size = rest.find_first_of("> \t\r\n/");
    if (size == std::string_view::npos) return false;  // Nothing that ends a tag is left.
    if (size == 0 || size > kTagSizeMax) continue;
    const std::string_view tag = rest.substr(0, size);
    if (!is_one_of(tag, kBlockTags) && !is_one_of(tag, kInlineTags) &&
        !is_one_of(tag, kSkippedTags))
      continue;
    rest.remove_prefix(size);
    if (rest.starts_with('>') || rest.starts_with("/>")) return true;
    // "a <b c": a space alone makes no tag, attributes do.
    const std::string_view attributes = rest.substr(0, rest.find('>'));
    if (attributes.size() < rest.size() &&
        (attributes.ends_with('/') || attributes.find('=') != std::string_view::npos))
      return true;
  }
  return false;
}

}  // namespace wirewatch
