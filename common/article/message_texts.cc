// The texts of a message: its names, addresses and bodies, in the shapes that feeds give them.

#include <algorithm>

#include "common/article/html_to_text.h"
#include "common/article/json_walk.h"
#include "common/article/message_reader.h"

namespace wirewatch {

namespace {

namespace od = simdjson::ondemand;

// Members of an object that stand for the whole of it: what names a thing, and where converters
// of XML, content management systems and MongoDB put a value.
constexpr std::string_view kTellingNames[] = {
    "name",  "title", "value",    "text",        "literal",    "rendered",     "main",
    "by",    "_",     "original", "#text",       "#cdata",     "$t",           "@value",
    "$date", "$oid",  "content",  "$numberLong", "$numberInt", "$numberDouble"};
constexpr std::string_view kAddressNames[] = {"uri", "url",    "domain",  "href",
                                              "@id", "@_href", "htmlUrl", "$"};
// Of an object in a body: its text, and the arrays or objects of its parts.
constexpr std::string_view kTextNames[] = {"text",   "value", "rendered", "_",        "#text",
                                           "#cdata", "$t",    "@value",   "processed"};
constexpr std::string_view kPartNames[] = {"content", "children", "blocks", "paragraphs",
                                           "items",   "data",     "root"};

template <std::size_t N>
bool is_one_of(std::string_view name, const std::string_view (&names)[N]) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

}  // namespace

// The string of a value; numbers and booleans give their text; everything else is skipped.
simdjson::error_code MessageReader::text_of(od::value value, std::string_view& out) {
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  if (type == od::json_type::string) return value.get_string().get(out);
  if (type == od::json_type::number) {
    const std::string_view token = value.raw_json_token();
    out = arena_->copy(token.substr(0, token.find_last_not_of(" \t\r\n") + 1));
    return skip(value);
  }
  return skip(value);
}

// First string of: a string, an array of strings or objects, an object with a telling member.
simdjson::error_code MessageReader::name_of(od::value value, std::size_t depth,
                                            std::string_view& out, std::string_view* uri) {
  // Arrays of arrays: the stack has an end.
  if (const auto code = check_depth(depth); code != simdjson::SUCCESS) return code;
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  if (type == od::json_type::string) return value.get_string().get(out);
  if (type == od::json_type::object) return name_of_object(value, depth, out, uri);
  if (type != od::json_type::array) return text_of(value, out);
  return for_each_element(value, [&](od::value child) {
    std::string_view name;
    std::string_view address;
    const auto code = name_of(child, depth + 1, name, &address);
    if (code == simdjson::SUCCESS && out.empty()) {
      out = name;
      if (uri != nullptr && uri->empty()) *uri = address;
    }
    return code;
  });
}

simdjson::error_code MessageReader::name_of_object(od::value value, std::size_t depth,
                                                   std::string_view& out, std::string_view* uri) {
  std::string_view fallback;
  const auto code = for_each_member(value, [&](std::string_view name, od::value child) {
    const bool telling = is_one_of(name, kTellingNames);
    const bool addresses = !telling && is_one_of(name, kAddressNames);
    const bool identifies = name == "id" || name == "code";
    std::string_view text;
    std::string_view address;
    const auto read = telling || addresses ? name_of(child, depth + 1, text, &address)
                      : identifies         ? text_of(child, text)
                                           : skip_nested(child, depth + 1);
    if (read != simdjson::SUCCESS) return read;
    if (telling && out.empty()) out = text;
    if (addresses && uri != nullptr && uri->empty()) *uri = address.empty() ? text : address;
    if (identifies && fallback.empty()) fallback = text;
    return simdjson::SUCCESS;
  });
  if (out.empty()) out = fallback;
  return code;
}

// The names of one author or of several, parted by commas; a number is no name.
simdjson::error_code MessageReader::authors_of(od::value value, std::string_view& out) {
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  std::string_view name;
  if (type != od::json_type::array) {
    const auto code = name_of(value, kMemberDepth, name, nullptr);
    if (has_letter(name)) out = name;
    return code;
  }
  std::size_t count = 0;
  const auto code = for_each_element(value, [&](od::value child) {
    name = {};
    const auto read = name_of(child, kMemberDepth + 1, name, nullptr);
    if (read != simdjson::SUCCESS || !has_letter(name)) return read;
    if (++count == 1) {
      out = name;
    } else {
      if (count == 2) scratch_.assign(out);
      scratch_.append(", ").append(name);
    }
    return simdjson::SUCCESS;
  });
  if (count > 1) out = arena_->copy(scratch_);
  return code;
}

// The name of who sends it; an address is none: another member may have that.
simdjson::error_code MessageReader::source_of(od::value value, std::string_view& out) {
  std::string_view address;
  const auto code = name_of(value, kMemberDepth, out, &address);
  if (out.starts_with("http://") || out.starts_with("https://")) {
    if (address.empty()) address = out;
    out = {};
  }
  if (fields_->source_address.empty()) fields_->source_address = address;
  return code;
}

// What one signal or several are called, each on a line; its address where it has no name.
simdjson::error_code MessageReader::signals_of(od::value value, std::string_view& out) {
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  scratch_.clear();
  const auto append = [&](od::value one, std::size_t depth) {
    std::string_view name;
    std::string_view address;
    const auto code = name_of(one, depth, name, &address);
    scratch_.append(name.empty() ? address : name).push_back('\n');
    return code;
  };
  const auto code = type != od::json_type::array ? append(value, kMemberDepth)
                                                 : for_each_element(value, [&](od::value child) {
                                                     return append(child, kMemberDepth + 1);
                                                   });
  out = arena_->copy(scratch_);
  return code;
}

// The address of a page: a string, or an object or an array that has one.
simdjson::error_code MessageReader::address_of(od::value value, std::string_view& out) {
  std::string_view address;
  const auto code = name_of(value, kMemberDepth, out, &address);
  if (!address.empty()) out = address;
  return code;
}

// The text of a body: a string, or the paragraphs in arrays and objects, parted by blank lines.
simdjson::error_code MessageReader::body_of(od::value value, std::size_t depth,
                                            std::string_view& out) {
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  if (type == od::json_type::string) return value.get_string().get(out);
  if (type != od::json_type::array && type != od::json_type::object) return text_of(value, out);
  scratch_.clear();
  Part part;
  if (const auto code = append_parts(value, depth, false, part); code != simdjson::SUCCESS)
    return code;
  out = arena_->copy(scratch_);
  return simdjson::SUCCESS;
}

// Appends the text of a part of a body to scratch_. The parts of an array are blocks, with a blank
// line between them. `inside` of a block, such as a paragraph with words in bold, they are only
// where neither has a text of its own.
simdjson::error_code MessageReader::append_parts(od::value value, std::size_t depth, bool inside,
                                                 Part& part) {
  if (const auto code = check_depth(depth); code != simdjson::SUCCESS) return code;
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  if (type == od::json_type::object) return append_object(value, depth, part);
  if (type != od::json_type::array) {
    std::string_view text;
    const auto code = text_of(value, text);
    scratch_.append(text);
    part.leaf = true;
    return code;
  }
  const std::size_t begin = scratch_.size();
  bool leaf_before = false;
  Part first;
  return for_each_element(value, [&](od::value child) {
    const std::size_t end = scratch_.size();
    Part next;
    const auto code = append_parts(child, depth + 1, false, next);
    if (code != simdjson::SUCCESS || scratch_.size() == end) return code;
    if (end == begin) {
      first = next;
    } else if (next.media && first.media) {  // The same once more: plain text before HTML.
      const bool better = next.plain && !first.plain;
      scratch_.erase(better ? begin : end, better ? end - begin : std::string::npos);
      if (better) first = next;
      return code;
    } else if (!inside || (!leaf_before && !next.leaf)) {
      scratch_.insert(end, "\n\n");
    }
    leaf_before = next.leaf;
    return code;
  });
}

simdjson::error_code MessageReader::append_object(od::value value, std::size_t depth, Part& part) {
  const std::size_t begin = scratch_.size();
  return for_each_member(value, [&](std::string_view name, od::value child) {
    od::json_type type{};
    if (const auto code = child.type().get(type); code != simdjson::SUCCESS) return code;
    const bool nested = type == od::json_type::array || type == od::json_type::object;
    const bool text = is_one_of(name, kTextNames);
    simdjson::error_code code = simdjson::SUCCESS;
    if (scratch_.size() == begin && type != od::json_type::number &&
        (text || is_one_of(name, kPartNames))) {
      // Blocks in a member that is named so are no words of a sentence.
      const bool inside = name == "content" || name == "children";
      Part inner;
      code = append_parts(child, depth + 1, inside, inner);
      if (!nested && scratch_.size() > begin) part.leaf = true;
    } else if (name == "type" && type == od::json_type::string) {
      std::string_view media;
      code = child.get_string().get(media);
      part.media = media.find('/') != std::string_view::npos;
      part.plain = media == "text/plain";
    } else {
      code = skip_nested(child, depth + 1);
    }
    return code;
  });
}

// headlines[], bodies[], descriptions[]: {role, contentType, value}. The main one, whose role is
// "main" or none, before those for other uses; then plain text before HTML; then the first.
simdjson::error_code MessageReader::texts_of(od::value value, std::string_view& out, bool* html) {
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  if (type != od::json_type::array) return name_of(value, kMemberDepth, out, nullptr);
  int best = 0;
  return for_each_element(value, [&](od::value child) {
    TextVariant variant;
    const auto code = variant_of(child, variant);
    if (code != simdjson::SUCCESS || variant.text.empty()) return code;
    const bool is_html =
        variant.content_type.find("html") != std::string_view::npos ||
        (variant.content_type.empty() && html != nullptr && looks_like_html(variant.text));
    const bool is_main = variant.role.empty() || variant.role == "main";
    const int rank = 1 + (is_main ? 2 : 0) + (is_html ? 0 : 1);
    if (rank <= best) return code;
    best = rank;
    out = variant.text;
    if (html != nullptr) *html = is_html;
    return code;
  });
}

simdjson::error_code MessageReader::variant_of(od::value value, TextVariant& variant) {
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  if (type != od::json_type::object) return text_of(value, variant.text);
  return for_each_member(value, [&](std::string_view name, od::value member) {
    std::string_view text;
    if (const auto code = text_of(member, text); code != simdjson::SUCCESS) return code;
    if (name == "value") variant.text = text;
    if (name == "role") variant.role = text;
    const bool camel_case = name == "contentType";
    if (!camel_case && name != "contenttype") return simdjson::SUCCESS;
    variant.content_type = text;
    fields_->note_spelling(camel_case ? Spelling::kCamelCase : Spelling::kLowerCase);
    return simdjson::SUCCESS;
  });
}

}  // namespace wirewatch
