#include "common/article/json_fault.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "common/article/message_reader.h"
#include "common/base/utf8.h"

namespace wirewatch {

namespace {

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
    while (back < 3 && end > low && is_continuation(text[end - 1])) {
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

// What the first bytes of a text say it is instead of UTF-8; empty where nothing.
std::string_view encoding_of(std::string_view text) {
  struct Mark {
    std::string_view bytes;
    std::string_view name;
  };
  using std::string_view_literals::operator""sv;
  constexpr Mark kMarks[] = {{"\x1F\x8B"sv, "compressed by gzip"},
                             {"\x28\xB5\x2F\xFD"sv, "compressed by zstd"},
                             {"\x04\x22\x4D\x18"sv, "compressed by lz4"},
                             {"\xFF\x06\0\0sNaPpY"sv, "compressed by snappy"},
                             {"\x82SNAPPY\0"sv, "compressed by snappy"},
                             {"\xFF\xFE"sv, "UTF-16"},
                             {"\xFE\xFF"sv, "UTF-16"},
                             {"{\0"sv, "UTF-16"},
                             {"\0{"sv, "UTF-16"}};
  for (const Mark& mark : kMarks) {
    if (text.starts_with(mark.bytes)) return mark.name;
  }
  return {};
}

// Where the first object of the text ends, npos where it does not.
std::size_t object_end(std::string_view text) {
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
    } else if (c == '}' || c == ']') {
      if (depth <= 1) return at + 1;
      --depth;
    }
  }
  return std::string_view::npos;
}

// The first control character in a string of the text, npos where there is none.
std::size_t control_in_string(std::string_view text) {
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"') {
      in_string = !in_string;
    } else if (in_string && static_cast<unsigned char>(c) < 0x20) {
      return at;
    } else if (in_string && c == '\\' && at + 1 < text.size() &&
               static_cast<unsigned char>(text[at + 1]) >= 0x20) {
      ++at;
    }
  }
  return std::string_view::npos;
}

ParseError control_character(char c, std::size_t position) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  std::string detail = "A control character (U+00";
  detail += kDigits[byte >> 4];
  detail += kDigits[byte & 15];
  detail += ") stands in a string as it is; write it as an escape.";
  return {ParseErrorReason::kInvalidJson, std::move(detail), position};
}

}  // namespace

ParseError describe_json_fault(simdjson::error_code code, std::string_view text,
                               std::size_t position) {
  if (const std::string_view encoding = encoding_of(text); !encoding.empty()) {
    return {ParseErrorReason::kInvalidUtf8,
            "The message is " + std::string(encoding) +
                "; send JSON in UTF-8, compressed by gzip or zstd once or by the producer "
                "(compression.type).",
            0};
  }
  if (code == simdjson::UTF8_ERROR) {
    return {ParseErrorReason::kInvalidUtf8, "The message is not UTF-8; convert it before sending.",
            valid_utf8_prefix(text)};
  }
  if (code == simdjson::EMPTY) {
    return {ParseErrorReason::kEmpty, "The message is white space; send an article.", 0};
  }
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (code == simdjson::INCORRECT_TYPE && first != std::string_view::npos && text[first] != '{') {
    const char c = text[first];
    return {ParseErrorReason::kNotAnObject,
            c == '['   ? "The message is a JSON array; send one article per message."
            : c == '"' ? "The message is a JSON string; send the object itself, not a string of it."
            : c == '<' ? "The message is XML or HTML; send one article as a JSON object."
                       : "The message is no JSON object; send one article as an object.",
            first};
  }
  if (code == simdjson::UNESCAPED_CHARS) {
    if (const std::size_t at = control_in_string(text); at != std::string_view::npos)
      return control_character(text[at], at);
  }
  bool trails = code == kTrailingContent;
  if (code == simdjson::INCOMPLETE_ARRAY_OR_OBJECT || code == simdjson::UNCLOSED_STRING) {
    // simdjson looks at the last bracket first, and tells no end that is missing from one too
    // many.
    const std::size_t end = object_end(text);
    const std::size_t rest =
        end == std::string_view::npos ? end : text.find_first_not_of(" \t\r\n", end);
    if (end == std::string_view::npos) {
      position = text.size();
    } else if (code == simdjson::INCOMPLETE_ARRAY_OR_OBJECT && rest != std::string_view::npos) {
      trails = true;
      position = rest;
    }
  }
  if (trails) {
    return {ParseErrorReason::kInvalidJson,
            "Something follows the end of the JSON object; send one article per message.",
            position};
  }
  return {ParseErrorReason::kInvalidJson,
          std::string("The message is no valid JSON: ") + simdjson::error_message(code), position};
}

bool describe_members(std::string_view text, std::string_view wrapper, std::string& out) {
  constexpr std::size_t kNamesMax = 12;
  constexpr std::size_t kNameBytesMax = 32;
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(text.data(), text.size()).get_object().get(object) != simdjson::SUCCESS)
    return false;
  out += wrapper.empty() ? "The message" : "\"" + std::string(wrapper) + "\" in the message";
  out += " has: ";
  bool list = false;
  std::size_t count = 0;
  for (const auto& [name, value] : object) {
    if (++count <= kNamesMax) {
      out += count == 1 ? "" : ", ";
      const bool control = std::any_of(
          name.begin(), name.end(), [](char c) { return (c >= '\0' && c < ' ') || c == '\x7F'; });
      out += name.size() <= kNameBytesMax && !control ? name : "…";
      if (value.is_object()) out += " (an object)";
      if (value.is_array()) out += " (a list)";
    }
    simdjson::dom::array array;
    list = list || (value.get_array().get(array) == simdjson::SUCCESS && array.size() > 0 &&
                    array.at(0).is_object());
  }
  if (count > kNamesMax) out += " and " + std::to_string(count - kNamesMax) + " more";
  out += count == 0 ? "nothing. " : ". ";
  return list;
}

std::uint32_t replace_lone_surrogates(std::string& text, std::size_t size) {
  const auto hex4 = [&](std::size_t at) -> std::optional<std::uint32_t> {
    if (at + 4 > size) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = at; i < at + 4; ++i) {
      const char c = text[i];
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
  for (std::size_t at = 0; at + 1 < size; ++at) {
    if (text[at] != '\\') continue;
    if (text[at + 1] != 'u') {
      ++at;
      continue;
    }
    const auto unit = hex4(at + 2);
    if (!unit) return 0;
    if (*unit >= 0xD800 && *unit <= 0xDBFF) {
      const bool escape = at + 12 <= size && text[at + 6] == '\\' && text[at + 7] == 'u';
      const auto low = escape ? hex4(at + 8) : std::nullopt;
      if (low && *low >= 0xDC00 && *low <= 0xDFFF) {
        at += 11;
        continue;
      }
    }
    if (*unit >= 0xD800 && *unit <= 0xDFFF) {
      std::memcpy(text.data() + at + 2, "fffd", 4);
      ++count;
    }
    at += 5;
  }
  return count;
}

}  // namespace wirewatch
