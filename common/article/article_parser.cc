#include "common/article/article_parser.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <initializer_list>
#include <optional>

#include <simdjson.h>

#include "common/article/date_time.h"
#include "common/base/arena.h"
#include "common/base/check.h"
#include "common/base/hash.h"

namespace wirewatch {

namespace {

namespace od = simdjson::ondemand;

// Every field that any of the formats may use at the top level.
enum class Key : std::uint8_t {
  kNone,
  kUri,
  kGuid,
  kId,
  kVersion,
  kType,
  kHeadline,
  kHeadlines,
  kTitle,
  kBodyPlain,
  kBodyHtml,
  kBodies,
  kText,
  kContent,
  kSummary,
  kDescriptions,
  kDescription,
  kUrl,
  kSource,
  kInfoSources,
  kLanguage,
  kPublished,
  kTime,
  kVersionCreated,
  kFirstCreated,
  kContentCreated,
  kEmbargoed,
  kExpires,
  kPubStatus,
  kUrgency,
  kEdNote,
  kByline,
  kLocated,
  kSlugline,
  kSignal,
  kEvolvedFrom,
  kSubjects,
  kPlaces,
  kPeople,
  kOrganisations,
  kGenres,
  kAltIds,
  kCopyrightHolder,
  kCopyrightNotice,
  kUsageTerms,
  kNinjs3Mark,
  kNinjs2Mark,
  kNinjs1Mark,
  kSpecVersion,
  kData,
  kDataBase64,
  kCount,
};
// simdjson::TRAILING_CONTENT came after 3.0.
constexpr simdjson::error_code kTrailingContent = simdjson::UNEXPECTED_ERROR;
constexpr std::size_t kKeyCount = static_cast<std::size_t>(Key::kCount);

struct KeyName {
  std::string_view name;
  Key key;
};
constexpr KeyName kKeyNames[] = {
    {"uri", Key::kUri},
    {"guid", Key::kGuid},
    {"id", Key::kId},
    {"_id", Key::kId},
    {"version", Key::kVersion},
    {"type", Key::kType},
    {"headline", Key::kHeadline},
    {"headlines", Key::kHeadlines},
    {"title", Key::kTitle},
    {"name", Key::kTitle},
    {"body_text", Key::kBodyPlain},
    {"body", Key::kText},
    {"text", Key::kText},
    {"full_text", Key::kText},
    {"fulltext", Key::kText},
    {"articleBody", Key::kText},
    {"article_text", Key::kText},
    {"maintext", Key::kText},
    {"article", Key::kText},
    {"story", Key::kText},
    {"content", Key::kContent},
    {"content_html", Key::kBodyHtml},
    {"body_html", Key::kBodyHtml},
    {"body_xhtml", Key::kBodyHtml},
    {"html", Key::kBodyHtml},
    {"bodies", Key::kBodies},
    {"summary", Key::kSummary},
    {"abstract", Key::kSummary},
    {"description_text", Key::kSummary},
    {"descriptions", Key::kDescriptions},
    {"description", Key::kDescription},
    {"url", Key::kUrl},
    {"link", Key::kUrl},
    {"canonical_url", Key::kUrl},
    {"permalink", Key::kUrl},
    {"source", Key::kSource},
    {"publisher", Key::kSource},
    {"site", Key::kSource},
    {"source_name", Key::kSource},
    {"outlet", Key::kSource},
    {"infosource", Key::kInfoSources},
    {"infosources", Key::kInfoSources},
    {"infoSources", Key::kInfoSources},
    {"language", Key::kLanguage},
    {"lang", Key::kLanguage},
    {"locale", Key::kLanguage},
    {"published_at", Key::kPublished},
    {"publishedAt", Key::kPublished},
    {"published", Key::kPublished},
    {"pubDate", Key::kPublished},
    {"pub_date", Key::kPublished},
    {"date", Key::kPublished},
    {"datePublished", Key::kPublished},
    {"date_published", Key::kPublished},
    {"timestamp", Key::kPublished},
    {"created_at", Key::kPublished},
    {"publish_date", Key::kPublished},
    {"time", Key::kTime},
    {"versionCreated", Key::kVersionCreated},
    {"versioncreated", Key::kVersionCreated},
    {"updated_at", Key::kVersionCreated},
    {"firstCreated", Key::kFirstCreated},
    {"firstcreated", Key::kFirstCreated},
    {"firstpublished", Key::kFirstCreated},
    {"contentCreated", Key::kContentCreated},
    {"contentcreated", Key::kContentCreated},
    {"embargoed", Key::kEmbargoed},
    {"embargoedUntil", Key::kEmbargoed},
    {"expires", Key::kExpires},
    {"pubstatus", Key::kPubStatus},
    {"pubStatus", Key::kPubStatus},
    {"urgency", Key::kUrgency},
    {"ednote", Key::kEdNote},
    {"edNote", Key::kEdNote},
    {"byline", Key::kByline},
    {"by", Key::kByline},
    {"author", Key::kByline},
    {"authors", Key::kByline},
    {"located", Key::kLocated},
    {"slugline", Key::kSlugline},
    {"signal", Key::kSignal},
    {"evolvedfrom", Key::kEvolvedFrom},
    {"subject", Key::kSubjects},
    {"subjects", Key::kSubjects},
    {"place", Key::kPlaces},
    {"places", Key::kPlaces},
    {"person", Key::kPeople},
    {"people", Key::kPeople},
    {"organisation", Key::kOrganisations},
    {"organisations", Key::kOrganisations},
    {"genre", Key::kGenres},
    {"genres", Key::kGenres},
    {"altids", Key::kAltIds},
    {"altIds", Key::kAltIds},
    {"copyrightholder", Key::kCopyrightHolder},
    {"copyrightHolder", Key::kCopyrightHolder},
    {"copyrightnotice", Key::kCopyrightNotice},
    {"copyrightNotice", Key::kCopyrightNotice},
    {"usageterms", Key::kUsageTerms},
    {"usageTerms", Key::kUsageTerms},
    {"standard", Key::kNinjs2Mark},
    {"$standard", Key::kNinjs1Mark},
    {"specversion", Key::kSpecVersion},
    {"data", Key::kData},
    {"data_base64", Key::kDataBase64},
};

// Open-addressed table from name to key, made once.
class KeyTable {
 public:
  KeyTable() {
    for (std::size_t i = 0; i < std::size(kKeyNames); ++i) {
      std::size_t slot = hash_bytes(kKeyNames[i].name) & (kSlots - 1);
      while (slots_[slot] != 0) slot = (slot + 1) & (kSlots - 1);
      slots_[slot] = static_cast<std::uint16_t>(i + 1);
    }
  }
  [[nodiscard]] Key find(std::string_view name) const {
    for (std::size_t slot = hash_bytes(name) & (kSlots - 1); slots_[slot] != 0;
         slot = (slot + 1) & (kSlots - 1)) {
      const KeyName& entry = kKeyNames[slots_[slot] - 1U];
      if (entry.name == name) return entry.key;
    }
    return Key::kNone;
  }

 private:
  static constexpr std::size_t kSlots = 512;
  std::array<std::uint16_t, kSlots> slots_{};
};

bool looks_like_html(std::string_view text) {
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
    const std::string_view rest = text.substr(at);
    for (const std::string_view tag :
         {"<p>", "<p ", "</p>", "<br", "<div", "<span", "<a ", "<h1", "<h2", "<ul", "<li",
          "<strong", "<em>", "<b>", "<i>", "<img", "<P>"}) {
      if (rest.starts_with(tag)) return true;
    }
  }
  return false;
}

// Whether a text begins like a tag of BCP 47: "en", "zh-Hant", "pt_BR"; not "English".
bool is_language_tag(std::string_view text) {
  const std::string_view primary = text.substr(0, text.find_first_of("-_"));
  return (primary.size() == 2 || primary.size() == 3) &&
         std::all_of(primary.begin(), primary.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

// "scheme:rest" with a scheme of RFC 3986 and no white space or quotes.
bool is_uri(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon > 20 || colon + 1 == text.size()) {
    return false;
  }
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (!letter(text[0])) return false;
  for (std::size_t i = 1; i < colon; ++i) {
    const char c = text[i];
    if (!letter(c) && !(c >= '0' && c <= '9') && c != '+' && c != '-' && c != '.') return false;
  }
  return std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '<' || c == '>' || c == '\\' ||
           c == '^' || c == '`' || c == '{' || c == '|' || c == '}';
  });
}

bool equals_lower(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b;
         });
}

Signal headline_signal(std::string_view headline) {
  struct Mark {
    std::string_view text;
    Signal signal;
  };
  constexpr Mark kMarks[] = {
      {"KILL", Signal::kKill},
      {"STORY WITHDRAWN", Signal::kKill},
      {"WITHDRAWN", Signal::kKill},
      {"CORRECTED", Signal::kCorrection},
      {"CORRECTION", Signal::kCorrection},
      {"REFILE", Signal::kRefile},
      {"REPEAT", Signal::kRepeat},
      {"RPT", Signal::kRepeat},
      {"UPDATE", Signal::kUpdate},
      {"(LEAD)", Signal::kUpdate},
      {"(2nd LD)", Signal::kUpdate},
      {"(3rd LD)", Signal::kUpdate},
      {"(4th LD)", Signal::kUpdate},
      {"(LD)", Signal::kUpdate},
  };
  for (const Mark& mark : kMarks) {
    if (!headline.starts_with(mark.text)) continue;
    const char next = headline.size() > mark.text.size() ? headline[mark.text.size()] : ':';
    if (mark.text[0] == '(' || next == ':' || next == '-' || next == ' ' || next == '(') {
      // "UPDATE" alone is a word of headlines; the mark is "UPDATE 2-" or "UPDATE:".
      if (mark.signal == Signal::kUpdate && mark.text == "UPDATE" && next == ' ' &&
          !(headline.size() > 7 && headline[7] >= '0' && headline[7] <= '9')) {
        continue;
      }
      if (mark.text == "KILL" && next == ' ' && !headline.starts_with("KILL KILL")) continue;
      if (next == ' ' && (mark.signal == Signal::kCorrection || mark.signal == Signal::kRepeat ||
                          mark.signal == Signal::kRefile)) {
        continue;
      }
      return mark.signal;
    }
  }
  return Signal::kNone;
}

bool has_letter(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x80 || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
  });
}

// Length of the valid UTF-8 at the beginning of `text`.
std::size_t valid_utf8_prefix(std::string_view text) {
  std::size_t low = 0;
  std::size_t high = text.size();
  // simdjson answers yes or no; the place is found by halving, on the rare way to the dead letters.
  while (low < high) {
    const std::size_t middle = low + (high - low + 1) / 2;
    std::size_t end = middle;
    // Do not cut a character: step back over its bytes.
    std::size_t back = 0;
    while (back < 3 && end > low && (static_cast<unsigned char>(text[end - 1]) & 0xC0) == 0x80) {
      --end;
      ++back;
    }
    if (end > low && static_cast<unsigned char>(text[end - 1]) >= 0xC0) --end;
    if (end <= low) break;
    if (simdjson::validate_utf8(text.substr(0, end))) {
      low = end;
      if (end == middle || middle == high) {
        if (middle == high) break;
      }
      if (low + 4 >= high) break;
    } else {
      high = end;
    }
  }
  return low;
}

void append_json_string(std::string_view text, std::string& out) {
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20) {
      constexpr char kHex[] = "0123456789abcdef";
      out.append("\\u00");
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

}  // namespace

std::string_view to_string(ParseErrorReason reason) {
  switch (reason) {
    case ParseErrorReason::kEmpty:
      return "empty";
    case ParseErrorReason::kTooLarge:
      return "too_large";
    case ParseErrorReason::kInvalidUtf8:
      return "invalid_utf8";
    case ParseErrorReason::kInvalidJson:
      return "invalid_json";
    case ParseErrorReason::kNestingTooDeep:
      return "nesting_too_deep";
    case ParseErrorReason::kNotAnObject:
      return "not_an_object";
    case ParseErrorReason::kNoText:
      return "no_text";
    case ParseErrorReason::kUnsupported:
      return "unsupported";
    case ParseErrorReason::kTypeNotText:
      return "type_not_text";
  }
  return "invalid_json";
}

class ArticleParser::Impl {
 public:
  explicit Impl(ArticleParserOptions options) : options_(std::move(options)) {
    WIREWATCH_CHECK(options_.message_bytes_max >= 1024 && options_.text_bytes_max >= 1024);
    WIREWATCH_CHECK(options_.nesting_max >= 8 && options_.nesting_max <= 1024);
  }

  std::expected<void, ParseError> parse(std::string_view message, Article& article,
                                        const CloudEventAttributes& event) {
    event_ = event;
    replaced_ = 0;
    arena_.reset();
    if (message.empty()) {
      return fail(ParseErrorReason::kEmpty,
                  "The message has no bytes (a tombstone); send an article.", 0);
    }
    if (message.size() > options_.message_bytes_max) {
      return fail(ParseErrorReason::kTooLarge,
                  "The message has " + std::to_string(message.size()) + " bytes, more than " +
                      std::to_string(options_.message_bytes_max) +
                      "; raise enricher.message_bytes_max or send less.",
                  0);
    }
    if (message.starts_with("\xEF\xBB\xBF")) message.remove_prefix(3);
    buffer_.resize_and_overwrite(message.size() + simdjson::SIMDJSON_PADDING,
                                 [](char*, std::size_t size) { return size; });
    std::memcpy(buffer_.data(), message.data(), message.size());
    std::memset(buffer_.data() + message.size(), ' ', simdjson::SIMDJSON_PADDING);
    size_ = message.size();
    bool repaired = false;
    int envelopes = 0;
    while (true) {
      const simdjson::error_code code = walk();
      if (code == simdjson::SUCCESS) {
        // A structured CloudEvent: its data is the message.
        if (seen(Key::kSpecVersion) && (seen(Key::kData) || seen(Key::kDataBase64)) &&
            envelopes == 0) {
          ++envelopes;
          if (auto opened = open_envelope(); !opened) return std::unexpected(opened.error());
          continue;
        }
        if (seen(Key::kSpecVersion) && !seen(Key::kHeadline) && !seen(Key::kHeadlines) &&
            !seen(Key::kTitle) && !seen(Key::kText) && !seen(Key::kBodies)) {
          return fail(ParseErrorReason::kNoText, "The CloudEvent carries no data.", 0);
        }
        return fill(article);
      }
      if (code == simdjson::STRING_ERROR && !repaired && repair_escapes()) {
        repaired = true;
        continue;
      }
      return fail_by_code(code);
    }
  }

 private:
  using Result = std::expected<void, ParseError>;

  static Result fail(ParseErrorReason reason, std::string detail, std::size_t position) {
    return std::unexpected(ParseError{reason, std::move(detail), position});
  }

  Result fail_by_code(simdjson::error_code code) {
    const std::string_view text(buffer_.data(), size_);
    if (nested_too_deep_) {
      return fail(ParseErrorReason::kNestingTooDeep,
                  "The message nests deeper than " + std::to_string(options_.nesting_max) +
                      " levels; raise enricher.nesting_max if that is meant.",
                  position_);
    }
    if (code == simdjson::UTF8_ERROR) {
      return fail(ParseErrorReason::kInvalidUtf8,
                  "The message is not UTF-8; convert it before sending.", valid_utf8_prefix(text));
    }
    if (code == simdjson::EMPTY) {
      return fail(ParseErrorReason::kEmpty, "The message is white space; send an article.", 0);
    }
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (code == simdjson::INCORRECT_TYPE && first != std::string_view::npos && text[first] != '{') {
      const bool array = text[first] == '[';
      return fail(ParseErrorReason::kNotAnObject,
                  array ? "The message is a JSON array; send one article per message."
                        : "The message is no JSON object; send one article as an object.",
                  first);
    }
    bool trails = code == kTrailingContent;
    if (code == simdjson::INCOMPLETE_ARRAY_OR_OBJECT || code == simdjson::UNCLOSED_STRING) {
      // simdjson looks at the last bracket first, and tells no end that is missing from one too
      // many.
      const std::size_t end = object_end(text);
      const std::size_t rest =
          end == std::string_view::npos ? end : text.find_first_not_of(" \t\r\n", end);
      if (end == std::string_view::npos) {
        position_ = size_;
      } else if (code == simdjson::INCOMPLETE_ARRAY_OR_OBJECT && rest != std::string_view::npos) {
        trails = true;
        position_ = rest;
      }
    }
    if (trails) {
      return fail(ParseErrorReason::kInvalidJson,
                  "Something follows the end of the JSON object; send one article per message.",
                  position_);
    }
    return fail(ParseErrorReason::kInvalidJson,
                std::string("The message is no valid JSON: ") + simdjson::error_message(code),
                position_);
  }

  // Where the first object of the text ends, npos where it does not.
  static std::size_t object_end(std::string_view text) {
    std::size_t depth = 0;
    bool in_string = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
      const char c = text[at];
      if (in_string) {
        if (c == '\\') ++at;
        if (c == '"') in_string = false;
      } else if (c == '"') {
        in_string = true;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if ((c == '}' || c == ']') && (depth == 0 || --depth == 0)) {
        return at + 1;
      }
    }
    return std::string_view::npos;
  }

  [[nodiscard]] bool seen(Key key) const { return seen_[static_cast<std::size_t>(key)]; }
  [[nodiscard]] std::string_view get(Key key) const {
    return strings_[static_cast<std::size_t>(key)];
  }
  void set(Key key, std::string_view value) { strings_[static_cast<std::size_t>(key)] = value; }

  // One walk over the top-level object. Where it fails, position_ tells the place.
  simdjson::error_code walk() {
    position_ = 0;
    od::document document;
    if (const auto code = parser_.iterate(buffer_.data(), size_, size_ + simdjson::SIMDJSON_PADDING)
                              .get(document);
        code != simdjson::SUCCESS)
      return code;
    const auto code = walk(document);
    const char* at = nullptr;
    if (code != simdjson::SUCCESS && code != kTrailingContent &&
        document.current_location().get(at) == simdjson::SUCCESS)
      position_ = std::max(position_, static_cast<std::size_t>(at - buffer_.data()));
    return code;
  }

  // Takes the first value of every known field.
  simdjson::error_code walk(od::document& document) {
    seen_.fill(false);
    strings_.fill({});
    carried_.clear();
    nested_too_deep_ = false;
    urgency_ = 0;
    body_html_in_bodies_ = false;
    ninjs_arrays_ = false;
    camel_case_ = false;
    lower_case_ = false;
    headline_variants_ = false;
    signal_ = Signal::kNone;
    od::object object;
    if (const auto code = document.get_object().get(object); code != simdjson::SUCCESS) {
      return code;
    }
    for (auto field : object) {
      std::string_view name;
      {
        od::raw_json_string raw;
        if (const auto code = field.key().get(raw); code != simdjson::SUCCESS) return code;
        const char* begin = raw.raw();
        const char* end = begin;
        const char* const limit = buffer_.data() + size_;
        while (end < limit && *end != '"') end += *end == '\\' ? 2 : 1;
        if (end > limit) return simdjson::STRING_ERROR;
        name = {begin, static_cast<std::size_t>(end - begin)};
        position_ = static_cast<std::size_t>(begin - buffer_.data());
      }
      od::value value;
      if (const auto code = field.value().get(value); code != simdjson::SUCCESS) return code;
      if (!options_.field_map.empty() && maps(name)) {
        path_.assign(name);
        if (const auto code = take_mapped(value, 2); code != simdjson::SUCCESS) return code;
        continue;
      }
      const Key key = key_of(name);
      if (key == Key::kNone || seen(key)) {
        // A second spelling of a field that was empty may still fill it.
        const bool empty_before = key != Key::kNone && get(key).empty() && is_string_key(key);
        if (!empty_before) {
          if (const auto code = skip(value); code != simdjson::SUCCESS) return code;
          continue;
        }
      }
      seen_[static_cast<std::size_t>(key)] = true;
      note_spelling(name);
      if (const auto code = take(key, value); code != simdjson::SUCCESS) return code;
    }
    // A location after the object's end means that something follows it.
    const char* rest = nullptr;
    if (document.current_location().get(rest) == simdjson::SUCCESS) {
      position_ = static_cast<std::size_t>(rest - buffer_.data());
      return kTrailingContent;
    }
    return simdjson::SUCCESS;
  }

  [[nodiscard]] Key key_of(std::string_view name) {
    const Key key = keys_.find(name);
    if (key != Key::kNone) return key;
    if (name.starts_with("headline_")) return Key::kHeadline;
    if (name.starts_with("description_")) return Key::kSummary;
    if (name.starts_with("body_")) return Key::kBodyPlain;
    return Key::kNone;
  }

  // True when some path of the field map is `name` or goes through it.
  [[nodiscard]] bool maps(std::string_view name) const {
    return std::any_of(
        options_.field_map.begin(), options_.field_map.end(), [&](const FieldMapping& m) {
          return m.path == name || (m.path.size() > name.size() && m.path.starts_with(name) &&
                                    m.path[name.size()] == '.');
        });
  }

  static Key key_of_field(std::string_view field) {
    constexpr KeyName kFields[] = {
        {"headline", Key::kHeadlines}, {"body", Key::kBodyPlain},    {"body_html", Key::kBodyHtml},
        {"summary", Key::kSummary},    {"uri", Key::kUri},           {"url", Key::kUrl},
        {"source", Key::kSource},      {"language", Key::kLanguage}, {"published", Key::kPublished},
        {"byline", Key::kByline},      {"version", Key::kVersion},
    };
    for (const KeyName& entry : kFields) {
      if (entry.name == field) return entry.key;
    }
    return Key::kNone;
  }

  // The value at path_: a mapped field, or an object on the way to one.
  simdjson::error_code take_mapped(od::value value, std::size_t depth) {
    for (const FieldMapping& mapping : options_.field_map) {
      if (mapping.path != path_) continue;
      const Key key = key_of_field(mapping.field);
      std::string_view text;
      const bool body = key == Key::kBodyPlain || key == Key::kBodyHtml;
      const auto code = body ? paragraphs_of(value, text) : name_of(value, text, nullptr);
      if (code == simdjson::SUCCESS && key != Key::kNone && !text.empty()) {
        set(key, text);
        seen_[static_cast<std::size_t>(key)] = true;
      }
      return code;
    }
    od::json_type type{};
    if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
    if (type != od::json_type::object || depth > options_.nesting_max)
      return skip_nested(value, depth);
    od::object object;
    if (const auto code = value.get_object().get(object); code != simdjson::SUCCESS) return code;
    const std::size_t size = path_.size();
    for (auto field : object) {
      std::string_view name;
      if (const auto code = field.unescaped_key().get(name); code != simdjson::SUCCESS) return code;
      od::value child;
      if (const auto code = field.value().get(child); code != simdjson::SUCCESS) return code;
      path_.resize(size);
      path_.append(".").append(name);
      const auto code = maps(path_) ? take_mapped(child, depth + 1) : skip_nested(child, depth + 1);
      if (code != simdjson::SUCCESS) return code;
      path_.resize(size);
    }
    return simdjson::SUCCESS;
  }

  static bool is_string_key(Key key) {
    return key == Key::kTitle || key == Key::kText || key == Key::kContent ||
           key == Key::kHeadline || key == Key::kBodyPlain || key == Key::kBodyHtml ||
           key == Key::kSummary;
  }

  void note_spelling(std::string_view name) {
    if (name == "versionCreated" || name == "firstCreated" || name == "contentCreated" ||
        name == "infoSources" || name == "pubStatus" || name == "edNote" ||
        name == "embargoedUntil" || name == "altIds" || name == "copyrightHolder") {
      camel_case_ = true;
    }
    if (name == "versioncreated" || name == "firstcreated" || name == "pubstatus" ||
        name == "infosources" || name == "infosource" || name == "ednote" || name == "embargoed" ||
        name == "guid") {
      lower_case_ = true;
    }
    if (name == "headlines" || name == "bodies" || name == "infosources" || name == "subjects") {
      ninjs_arrays_ = true;
    }
    if (name.starts_with("body_") || name.starts_with("headline_") || name == "infosource") {
      headline_variants_ = true;
    }
  }

  // A value that is not read: its brackets are counted, because nothing else will look at them.
  simdjson::error_code skip(od::value value) {
    od::json_type type{};
    if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
    switch (type) {
      case od::json_type::object:
      case od::json_type::array:
        return skip_nested(value, 2);
      case od::json_type::string: {
        std::string_view ignored;
        return value.get_string().get(ignored);
      }
      case od::json_type::number: {
        double ignored = 0;
        const auto code = value.get_double().get(ignored);
        return code == simdjson::NUMBER_OUT_OF_RANGE ? simdjson::SUCCESS : code;
      }
      case od::json_type::boolean: {
        bool ignored = false;
        return value.get_bool().get(ignored);
      }
      default: {
        // What merely begins like null is an error of its own here, or false, by version; a
        // conversion to bool would throw.
        bool null = false;
        const auto code = simdjson::simdjson_result<bool>(value.is_null()).get(null);
        return code == simdjson::SUCCESS && null ? simdjson::SUCCESS : simdjson::N_ATOM_ERROR;
      }
    }
  }

  simdjson::error_code skip_nested(od::value value, std::size_t depth) {
    if (depth > options_.nesting_max) {
      nested_too_deep_ = true;
      return simdjson::DEPTH_ERROR;
    }
    od::json_type type{};
    if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
    if (type == od::json_type::array) {
      od::array array;
      if (const auto code = value.get_array().get(array); code != simdjson::SUCCESS) return code;
      for (auto element : array) {
        od::value child;
        if (const auto code = element.get(child); code != simdjson::SUCCESS) return code;
        if (const auto code = skip_nested(child, depth + 1); code != simdjson::SUCCESS) return code;
      }
      return simdjson::SUCCESS;
    }
    if (type == od::json_type::object) {
      od::object object;
      if (const auto code = value.get_object().get(object); code != simdjson::SUCCESS) return code;
      for (auto field : object) {
        od::value child;
        if (const auto code = field.value().get(child); code != simdjson::SUCCESS) return code;
        if (const auto code = skip_nested(child, depth + 1); code != simdjson::SUCCESS) return code;
      }
      return simdjson::SUCCESS;
    }
    return skip(value);
  }

  // The string of a value; numbers and booleans give their text; everything else is skipped.
  simdjson::error_code text_of(od::value value, std::string_view& out) {
    od::json_type type{};
    if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
    if (type == od::json_type::string) return value.get_string().get(out);
    if (type == od::json_type::number) {
      const std::string_view token = value.raw_json_token();
      out = arena_.copy(token.substr(0, token.find_last_not_of(" \t\r\n") + 1));
      return skip(value);
    }
    return skip(value);
  }

  // First string of: a string, an array of strings or objects, an object with a naming member.
  simdjson::error_code name_of(od::value value, std::string_view& out, std::string_view* uri) {
    od::json_type type{};
    if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
    if (type == od::json_type::array) {
      od::array array;
      if (const auto code = value.get_array().get(array); code != simdjson::SUCCESS) return code;
      for (auto element : array) {
        od::value child;
        if (const auto code = element.get(child); code != simdjson::SUCCESS) return code;
        std::string_view name;
        std::string_view address;
        if (const auto code = name_of(child, name, &address); code != simdjson::SUCCESS)
          return code;
        if (out.empty()) {
          out = name;
          if (uri != nullptr && uri->empty()) *uri = address;
        }
      }
      return simdjson::SUCCESS;
    }
    if (type == od::json_type::object) {
      od::object object;
      if (const auto code = value.get_object().get(object); code != simdjson::SUCCESS) return code;
      std::string_view fallback;
      for (auto field : object) {
        std::string_view name;
        if (const auto code = field.unescaped_key().get(name); code != simdjson::SUCCESS)
          return code;
        od::value child;
        if (const auto code = field.value().get(child); code != simdjson::SUCCESS) return code;
        std::string_view text;
        if (const auto code = text_of(child, text); code != simdjson::SUCCESS) return code;
        if (name == "name" || name == "title" || name == "literal" || name == "text" ||
            name == "value") {
          if (out.empty()) out = text;
        } else if (name == "uri" || name == "url" || name == "domain" || name == "href") {
          if (uri != nullptr && uri->empty()) *uri = text;
        } else if (name == "id" || name == "code") {
          if (fallback.empty()) fallback = text;
        }
      }
      if (out.empty()) out = fallback;
      return simdjson::SUCCESS;
    }
    return text_of(value, out);
  }

  // The text of a body: that of a string or an object, or of an array the paragraphs one by one.
  simdjson::error_code paragraphs_of(od::value value, std::string_view& out) {
    od::json_type type{};
    if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
    if (type != od::json_type::array) return name_of(value, out, nullptr);
    od::array array;
    if (const auto code = value.get_array().get(array); code != simdjson::SUCCESS) return code;
    scratch_.clear();
    for (auto element : array) {
      od::value child;
      if (const auto code = element.get(child); code != simdjson::SUCCESS) return code;
      std::string_view paragraph;
      if (const auto code = name_of(child, paragraph, nullptr); code != simdjson::SUCCESS)
        return code;
      if (paragraph.empty()) continue;
      if (!scratch_.empty()) scratch_.append("\n\n");
      scratch_.append(paragraph);
    }
    out = arena_.copy(scratch_);
    return simdjson::SUCCESS;
  }

  // headlines[], bodies[], descriptions[]: {role, contentType, value}; the first main one, plain
  // text before HTML.
  simdjson::error_code texts_of(od::value value, std::string_view& out, bool* html) {
    od::json_type type{};
    if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
    if (type != od::json_type::array) return name_of(value, out, nullptr);
    od::array array;
    if (const auto code = value.get_array().get(array); code != simdjson::SUCCESS) return code;
    bool have = false;
    bool have_html = false;
    for (auto element : array) {
      od::value child;
      if (const auto code = element.get(child); code != simdjson::SUCCESS) return code;
      od::json_type child_type{};
      if (const auto code = child.type().get(child_type); code != simdjson::SUCCESS) return code;
      std::string_view text;
      std::string_view content_type;
      if (child_type == od::json_type::object) {
        od::object object;
        if (const auto code = child.get_object().get(object); code != simdjson::SUCCESS)
          return code;
        for (auto field : object) {
          std::string_view name;
          if (const auto code = field.unescaped_key().get(name); code != simdjson::SUCCESS)
            return code;
          od::value member;
          if (const auto code = field.value().get(member); code != simdjson::SUCCESS) return code;
          std::string_view member_text;
          if (const auto code = text_of(member, member_text); code != simdjson::SUCCESS)
            return code;
          if (name == "value") text = member_text;
          if (name == "contentType" || name == "contenttype") content_type = member_text;
          if (name == "contentType") camel_case_ = true;
          if (name == "contenttype") lower_case_ = true;
        }
      } else if (const auto code = text_of(child, text); code != simdjson::SUCCESS) {
        return code;
      }
      const bool is_html = content_type.find("html") != std::string_view::npos ||
                           (content_type.empty() && html != nullptr && looks_like_html(text));
      if (text.empty()) continue;
      if (!have || (have_html && !is_html)) {
        out = text;
        have = true;
        have_html = is_html;
      }
    }
    if (html != nullptr) *html = have_html;
    return simdjson::SUCCESS;
  }

  // Writes the members of one object into scratch_, after its bracket.
  class MemberWriter {
   public:
    explicit MemberWriter(std::string& out) : out_(out) {}
    void put(std::string_view member, std::string_view text) {
      if (count_ > 0) out_.push_back(',');
      written_[count_++] = member;
      out_.push_back('"');
      out_.append(member);
      out_.append("\":");
      append_json_string(text, out_);
    }
    [[nodiscard]] bool takes(std::string_view member) const {
      const auto end = written_.begin() + static_cast<std::ptrdiff_t>(count_);
      return count_ < written_.size() && std::find(written_.begin(), end, member) == end;
    }
    [[nodiscard]] bool empty() const { return count_ == 0; }

   private:
    std::string& out_;
    std::array<std::string_view, 8> written_;
    std::size_t count_ = 0;
  };

  // The members of an object that ninjs 3 allows in the array of that name.
  simdjson::error_code carry_members(std::string_view name, od::value value, MemberWriter& writer) {
    od::object object;
    if (const auto code = value.get_object().get(object); code != simdjson::SUCCESS) return code;
    for (auto field : object) {
      std::string_view member;
      if (const auto code = field.unescaped_key().get(member); code != simdjson::SUCCESS)
        return code;
      od::value member_value;
      if (const auto code = field.value().get(member_value); code != simdjson::SUCCESS) return code;
      od::json_type type{};
      if (const auto code = member_value.type().get(type); code != simdjson::SUCCESS) return code;
      std::string_view text;
      if (const auto code = text_of(member_value, text); code != simdjson::SUCCESS) return code;
      if (member == "code") member = "literal";
      const bool allowed = member == "name" || member == "uri" || member == "literal" ||
                           (member == "rel" && name != "genres") ||
                           (member == "creator" && name == "subjects");
      if (allowed && type == od::json_type::string && !text.empty() && writer.takes(member) &&
          (member != "uri" || is_uri(text)))
        writer.put(member, text);
    }
    return simdjson::SUCCESS;
  }

  // Arrays of ninjs objects, rebuilt with the members that ninjs 3 allows.
  simdjson::error_code carry(std::string_view name, od::value value) {
    od::json_type type{};
    if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
    if (type != od::json_type::array) return skip(value);
    od::array array;
    if (const auto code = value.get_array().get(array); code != simdjson::SUCCESS) return code;
    scratch_.clear();
    scratch_.push_back('[');
    for (auto element : array) {
      od::value child;
      if (const auto code = element.get(child); code != simdjson::SUCCESS) return code;
      od::json_type child_type{};
      if (const auto code = child.type().get(child_type); code != simdjson::SUCCESS) return code;
      const std::size_t before = scratch_.size();
      scratch_.append(before > 1 ? ",{" : "{");
      MemberWriter writer(scratch_);
      if (child_type == od::json_type::object) {
        if (const auto code = carry_members(name, child, writer); code != simdjson::SUCCESS)
          return code;
      } else if (child_type == od::json_type::string) {
        std::string_view text;
        if (const auto code = child.get_string().get(text); code != simdjson::SUCCESS) return code;
        if (!text.empty()) writer.put("name", text);
      } else if (const auto code = skip(child); code != simdjson::SUCCESS) {
        return code;
      }
      if (writer.empty())
        scratch_.resize(before);
      else
        scratch_.push_back('}');
    }
    scratch_.push_back(']');
    if (scratch_.size() > 2) carried_.push_back({name, arena_.copy(scratch_)});
    return simdjson::SUCCESS;
  }

  simdjson::error_code carry_string(std::string_view name, od::value value) {
    std::string_view text;
    if (const auto code = text_of(value, text); code != simdjson::SUCCESS) return code;
    if (text.empty()) return simdjson::SUCCESS;
    scratch_.clear();
    append_json_string(text, scratch_);
    carried_.push_back({name, arena_.copy(scratch_)});
    return simdjson::SUCCESS;
  }

  simdjson::error_code take_signal(od::value value) {
    std::string_view name;
    if (const auto code = name_of(value, name, nullptr); code != simdjson::SUCCESS) return code;
    if (equals_lower(name, "correction") || equals_lower(name, "sig:correction"))
      signal_ = Signal::kCorrection;
    if (equals_lower(name, "update") || equals_lower(name, "sig:update")) signal_ = Signal::kUpdate;
    if (equals_lower(name, "repeat")) signal_ = Signal::kRepeat;
    if (equals_lower(name, "refile")) signal_ = Signal::kRefile;
    if (equals_lower(name, "kill")) signal_ = Signal::kKill;
    return simdjson::SUCCESS;
  }

  // The payload of a CloudEvent: a string, or the raw text of an object, which is walked in full
  // when the envelope is opened.
  simdjson::error_code take_data(od::value value) {
    od::json_type type{};
    if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
    std::string_view text;
    simdjson::error_code code = simdjson::SUCCESS;
    if (type == od::json_type::string) {
      code = value.get_string().get(text);
    } else if (type == od::json_type::object) {
      od::object object;
      if (code = value.get_object().get(object); code != simdjson::SUCCESS) return code;
      code = object.raw_json().get(text);
    } else {
      return skip(value);
    }
    if (code == simdjson::SUCCESS) set(Key::kData, text);
    return code;
  }

  simdjson::error_code take(Key key, od::value value) {
    std::string_view text;
    simdjson::error_code code = simdjson::SUCCESS;
    switch (key) {
      case Key::kHeadlines:
      case Key::kDescriptions:
        code = texts_of(value, text, nullptr);
        break;
      case Key::kBodies:
        code = texts_of(value, text, &body_html_in_bodies_);
        break;
      case Key::kHeadline:
      case Key::kTitle:
      case Key::kByline:
        code = name_of(value, text, nullptr);
        break;
      case Key::kText:
      case Key::kContent:
      case Key::kBodyPlain:
      case Key::kBodyHtml:
        code = paragraphs_of(value, text);
        break;
      case Key::kSource:
      case Key::kInfoSources: {
        std::string_view address;
        code = name_of(value, text, &address);
        if (source_address().empty()) source_address_ = address;
        break;
      }
      case Key::kSignal:
        return take_signal(value);
      case Key::kSubjects: {
        od::json_type type{};
        if (code = value.type().get(type); code != simdjson::SUCCESS) return code;
        if (type != od::json_type::string) return carry("subjects", value);
        code = value.get_string().get(text);  // A CloudEvent's: what it is about.
        break;
      }
      case Key::kPlaces:
        return carry("places", value);
      case Key::kPeople:
        return carry("people", value);
      case Key::kOrganisations:
        return carry("organisations", value);
      case Key::kGenres:
        return carry("genres", value);
      case Key::kCopyrightHolder:
        return carry_string("copyrightHolder", value);
      case Key::kCopyrightNotice:
        return carry_string("copyrightNotice", value);
      case Key::kUsageTerms:
        return carry_string("usageTerms", value);
      case Key::kAltIds:
        return skip(value);
      case Key::kUrgency: {
        code = text_of(value, text);
        if (text.size() == 1 && text[0] >= '1' && text[0] <= '9') urgency_ = text[0] - '0';
        break;
      }
      case Key::kData:
        return take_data(value);
      default:
        code = text_of(value, text);
        break;
    }
    if (code == simdjson::SUCCESS) set(key, text);
    return code;
  }

  [[nodiscard]] std::string_view source_address() const { return source_address_; }

  // Replaces the message by the envelope's data.
  Result open_envelope() {
    std::string_view data = get(Key::kData);
    if (seen(Key::kDataBase64) && data.empty()) {
      const std::string_view encoded = get(Key::kDataBase64);
      char* out = arena_.allocate(encoded.size());
      std::size_t size = 0;
      std::uint32_t bits = 0;
      int count = 0;
      for (const char c : encoded) {
        int value = -1;
        if (c >= 'A' && c <= 'Z') value = c - 'A';
        if (c >= 'a' && c <= 'z') value = c - 'a' + 26;
        if (c >= '0' && c <= '9') value = c - '0' + 52;
        if (c == '+' || c == '-') value = 62;
        if (c == '/' || c == '_') value = 63;
        if (c == '=') break;
        if (value < 0) {
          return fail(ParseErrorReason::kUnsupported, "data_base64 of the CloudEvent is no base64.",
                      0);
        }
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        if (++count % 4 != 1) {
          const int shift = count % 4 == 2 ? 4 : count % 4 == 3 ? 2 : 0;
          out[size++] = static_cast<char>(bits >> shift);
        }
      }
      data = {out, size};
    }
    event_ = {.id = arena_.copy(get(Key::kId)),
              .source = arena_.copy(get(Key::kSource)),
              .subject = arena_.copy(get(Key::kSubjects)),
              .time = arena_.copy(get(Key::kTime))};
    data = arena_.copy(data);  // The walk reuses the buffers that the view lives in.
    if (data.empty()) return fail(ParseErrorReason::kNoText, "The CloudEvent carries no data.", 0);
    buffer_.resize_and_overwrite(data.size() + simdjson::SIMDJSON_PADDING,
                                 [](char*, std::size_t size) { return size; });
    std::memcpy(buffer_.data(), data.data(), data.size());
    std::memset(buffer_.data() + data.size(), ' ', simdjson::SIMDJSON_PADDING);
    size_ = data.size();
    return {};
  }

  // Puts U+FFFD for escapes of lone surrogates. False when there is none: the string is bad
  // otherwise.
  bool repair_escapes() {
    const auto hex4 = [&](std::size_t at) -> std::optional<std::uint32_t> {
      if (at + 4 > size_) return std::nullopt;
      std::uint32_t value = 0;
      for (std::size_t i = at; i < at + 4; ++i) {
        const char c = buffer_[i];
        std::uint32_t digit = 0;
        if (c >= '0' && c <= '9') {
          digit = static_cast<std::uint32_t>(c - '0');
        } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
          digit = static_cast<std::uint32_t>((c | 0x20) - 'a') + 10;
        } else {
          return std::nullopt;
        }
        value = value << 4 | digit;
      }
      return value;
    };
    std::uint32_t count = 0;
    for (std::size_t at = 0; at + 1 < size_; ++at) {
      if (buffer_[at] != '\\') continue;
      if (buffer_[at + 1] != 'u') {
        ++at;
        continue;
      }
      const auto unit = hex4(at + 2);
      if (!unit) return false;
      if (*unit >= 0xD800 && *unit <= 0xDBFF) {
        const bool escape = at + 12 <= size_ && buffer_[at + 6] == '\\' && buffer_[at + 7] == 'u';
        const auto low = escape ? hex4(at + 8) : std::nullopt;
        if (low && *low >= 0xDC00 && *low <= 0xDFFF) {
          at += 11;
          continue;
        }
      }
      if (*unit >= 0xD800 && *unit <= 0xDFFF) {
        std::memcpy(buffer_.data() + at + 2, "fffd", 4);
        ++count;
      }
      at += 5;
    }
    replaced_ += count;
    return count > 0;
  }

  // Plain text of a value that may be HTML, with NULs replaced and the limit kept.
  std::string_view finish_text(std::string_view text, bool html, Article& article) {
    if (!html && text.find('&') != std::string_view::npos) {  // A feed that escaped plain text.
      html_.clear();
      if (decode_references(text, html_)) {
        text = arena_.copy(html_);
        html = looks_like_html(text);  // Markup that was escaped as a whole.
      }
    }
    if (html) {
      html_.clear();
      html_to_text(text, html_);
      text = arena_.copy(html_);
    }
    if (text.find('\0') != std::string_view::npos) {
      html_.clear();
      for (const char c : text) {
        if (c == '\0') {
          html_.append("\xEF\xBF\xBD");
          ++article.replaced_characters;
        } else {
          html_.push_back(c);
        }
      }
      text = arena_.copy(html_);
    }
    if (text.size() > options_.text_bytes_max) {
      std::size_t end = options_.text_bytes_max;
      while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
      text = text.substr(0, end);
      article.text_cut = true;
    }
    return text;
  }

  std::string_view date(Key key, Article& article, std::int64_t* milliseconds) {
    return date(get(key), article, milliseconds);
  }

  std::string_view date(std::string_view text, Article& article, std::int64_t* milliseconds) {
    if (text.empty()) return {};
    const auto parsed = parse_date_time(text);
    if (!parsed) {
      ++article.invalid_dates;
      return {};
    }
    if (milliseconds != nullptr) *milliseconds = *parsed;
    if (is_rfc3339(text)) return text;
    scratch_.clear();
    append_rfc3339(*parsed, scratch_);
    return arena_.copy(scratch_);
  }

  Result fill(Article& article) {
    auto carried = std::move(article.carried);
    article = Article{};
    carried.assign(carried_.begin(), carried_.end());
    article.carried = std::move(carried);
    article.replaced_characters = replaced_;
    if (auto result = fill_format(article); !result) return result;
    fill_texts(article);
    if (!has_letter(article.headline) && !has_letter(article.body)) {
      return fail(
          ParseErrorReason::kNoText,
          "Neither headline nor body has any text; known fields are headline, title, headlines, "
          "body, text, content, bodies, body_html, and those of article.field_map.",
          0);
    }
    fill_provenance(article);
    fill_dates(article);
    fill_status(article);
    fill_uri(article);
    return {};
  }

  Result fill_format(Article& article) const {
    const bool ninjs3 = camel_case_ && !lower_case_;
    if (!ninjs3 && !lower_case_ && !ninjs_arrays_ && !headline_variants_ &&
        !seen(Key::kNinjs1Mark) && !seen(Key::kNinjs2Mark))
      return {};
    article.format = ninjs3          ? ArticleFormat::kNinjs3
                     : ninjs_arrays_ ? ArticleFormat::kNinjs2
                                     : ArticleFormat::kNinjs1;
    const std::string_view type = get(Key::kType);
    for (const std::string_view other :
         {"picture", "video", "audio", "graphic", "event", "planning"}) {
      if (type == other) {
        return fail(ParseErrorReason::kTypeNotText,
                    "The ninjs type is \"" + std::string(type) + "\"; only text is classified.", 0);
      }
    }
    return {};
  }

  // The first of these fields that has text.
  [[nodiscard]] std::string_view first_of(std::initializer_list<Key> keys) const {
    for (const Key key : keys) {
      if (const std::string_view text = get(key); !text.empty()) return text;
    }
    return {};
  }

  void fill_texts(Article& article) {
    const std::string_view headline = first_of({Key::kHeadlines, Key::kHeadline, Key::kTitle});
    article.headline = finish_text(headline, looks_like_html(headline), article);
    std::string_view body = get(Key::kBodies);
    bool html = body_html_in_bodies_;
    for (const Key key : {Key::kBodyPlain, Key::kText, Key::kBodyHtml, Key::kContent}) {
      if (!body.empty()) break;
      body = get(key);
      html = key == Key::kBodyHtml || (key != Key::kBodyPlain && looks_like_html(body));
    }
    std::string_view summary = first_of({Key::kDescriptions, Key::kSummary, Key::kDescription});
    if (body.empty() && !summary.empty()) {  // A feed's teaser is all the text there is.
      body = summary;
      html = looks_like_html(body);
      summary = {};
    }
    article.body = finish_text(body, html, article);
    article.summary = finish_text(summary, looks_like_html(summary), article);
  }

  void fill_provenance(Article& article) {
    article.url = get(Key::kUrl);
    article.source = first_of({Key::kInfoSources, Key::kSource});
    article.source_uri = source_address_;
    source_address_ = {};
    if (is_language_tag(get(Key::kLanguage))) article.language = get(Key::kLanguage);
    article.version = get(Key::kVersion);
    if (article.version.empty()) article.version = "1";
    article.byline = get(Key::kByline);
    article.located = get(Key::kLocated);
    article.slugline = get(Key::kSlugline);
    article.ed_note = get(Key::kEdNote);
    article.predecessor_uri = get(Key::kEvolvedFrom);
    article.urgency = urgency_;
  }

  void fill_dates(Article& article) {
    article.version_created = date(Key::kVersionCreated, article, &article.version_created_ms);
    article.first_created = date(Key::kFirstCreated, article, nullptr);
    article.content_created = date(Key::kContentCreated, article, nullptr);
    article.embargoed_until = date(Key::kEmbargoed, article, &article.embargoed_until_ms);
    article.expires = date(Key::kExpires, article, nullptr);
    for (const std::string_view other : {get(Key::kPublished), get(Key::kTime), event_.time}) {
      if (!article.version_created.empty()) return;
      article.version_created = date(other, article, &article.version_created_ms);
    }
  }

  void fill_status(Article& article) const {
    const std::string_view status = get(Key::kPubStatus);
    if (equals_lower(status, "canceled") || equals_lower(status, "cancelled") ||
        equals_lower(status, "stat:canceled")) {
      article.pub_status = PubStatus::kCanceled;
    } else if (equals_lower(status, "withheld") || equals_lower(status, "stat:withheld")) {
      article.pub_status = PubStatus::kWithheld;
    }
    article.signal = article.pub_status == PubStatus::kCanceled ? Signal::kKill : signal_;
    if (article.signal == Signal::kNone) article.signal = headline_signal(article.headline);
  }

  // What the message calls itself; else its address, else a name of its content.
  void fill_uri(Article& article) {
    article.uri = first_of({Key::kUri, Key::kGuid});
    if (article.uri.empty() && is_uri(get(Key::kId))) article.uri = get(Key::kId);
    if (is_uri(article.uri)) return;
    article.uri_derived = true;
    if (is_uri(article.url)) {
      article.uri = article.url;
      return;
    }
    std::string_view id = article.uri.empty() ? get(Key::kId) : article.uri;
    std::uint64_t hash = hash_bytes(id, 1);
    if (id.empty()) {
      if (is_uri(event_.subject)) {
        article.uri = event_.subject;
        return;
      }
      id = event_.subject.empty() ? event_.id : event_.subject;  // Unique within the source.
      hash = hash_bytes(event_.source, hash_bytes(id, 3));
    }
    if (id.empty())
      hash = hash_bytes(article.source, hash_bytes(article.headline, hash_bytes(article.body, 7)));
    constexpr std::string_view kPrefix = "urn:wirewatch:article:";
    char* out = arena_.allocate(kPrefix.size() + 16);
    std::memcpy(out, kPrefix.data(), kPrefix.size());
    for (std::size_t i = 0; i < 16; ++i)
      out[kPrefix.size() + i] = "0123456789abcdef"[hash >> (60 - 4 * i) & 15];
    article.uri = {out, kPrefix.size() + 16};
  }

  ArticleParserOptions options_;
  KeyTable keys_;
  od::parser parser_;
  std::string buffer_;  // The message with padding.
  std::size_t size_ = 0;
  Arena arena_;
  std::string scratch_;
  std::string html_;

  std::array<bool, kKeyCount> seen_{};
  std::array<std::string_view, kKeyCount> strings_{};
  std::vector<CarriedProperty> carried_;
  CloudEventAttributes event_;
  std::string path_;  // Of the value that the field map looks at.
  std::string_view source_address_;
  std::size_t position_ = 0;
  std::uint32_t replaced_ = 0;
  int urgency_ = 0;
  Signal signal_ = Signal::kNone;
  bool nested_too_deep_ = false;
  bool body_html_in_bodies_ = false;
  bool ninjs_arrays_ = false;
  bool camel_case_ = false;
  bool lower_case_ = false;
  bool headline_variants_ = false;
};

ArticleParser::ArticleParser(ArticleParserOptions options)
    : impl_(std::make_unique<Impl>(std::move(options))) {}
ArticleParser::~ArticleParser() = default;
ArticleParser::ArticleParser(ArticleParser&&) noexcept = default;
ArticleParser& ArticleParser::operator=(ArticleParser&&) noexcept = default;

std::expected<void, ParseError> ArticleParser::parse(std::string_view message, Article& article,
                                                     const CloudEventAttributes& event) {
  return impl_->parse(message, article, event);
}

}  // namespace wirewatch
