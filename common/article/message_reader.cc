#include "common/article/message_reader.h"

#include <algorithm>
#include <array>

#include "common/article/html_to_text.h"
#include "common/article/uri.h"
#include "common/base/json_writer.h"
#include "common/base/trimmed.h"

namespace wirewatch {

namespace {

namespace od = simdjson::ondemand;

constexpr std::string_view kTopicPrefix = "medtop:";
constexpr std::string_view kTopicAddress = "http://cv.iptc.org/newscodes/mediatopic/";

constexpr std::size_t kMemberDepth = 2;  // Of the values of the message's own members.

// Fields that feeds send under several names, of which any may be empty. Those that are carried
// along, and what follows them, have no text here.
bool may_be_spelled_twice(MessageField field) {
  return (field > MessageField::kNone && field < MessageField::kSubjects) ||
         field == MessageField::kWrapper || field == MessageField::kBeside;
}

// What ninjs 3 calls a field that is carried along.
std::string_view name_of_output(MessageField field) {
  switch (field) {
    case MessageField::kPlaces:
      return "places";
    case MessageField::kPeople:
      return "people";
    case MessageField::kOrganisations:
      return "organisations";
    case MessageField::kGenres:
      return "genres";
    case MessageField::kCopyrightHolder:
      return "copyrightHolder";
    case MessageField::kCopyrightNotice:
      return "copyrightNotice";
    case MessageField::kUsageTerms:
      return "usageTerms";
    default:
      return {};
  }
}

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

bool has_letter(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x80 || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
  });
}

// 0 to 100, as JSON writes a whole number.
bool is_percentage(std::string_view text) {
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits && ((text.size() == 1) || (text.size() == 2 && text[0] != '0') || text == "100");
}

// Whether a string is meant as a JSON object.
bool begins_as_object(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

}  // namespace

// The members of an object that is carried along: the first of each name.
class MessageReader::CarriedMembers {
 public:
  void take(std::string_view name, std::string_view text, bool number = false) {
    const auto end = members_.begin() + static_cast<std::ptrdiff_t>(count_);
    if (count_ == members_.size() ||
        std::any_of(members_.begin(), end, [&](const Member& m) { return m.name == name; }))
      return;
    members_[count_++] = {name, text, number};
  }
  // Empty where there is none.
  [[nodiscard]] std::string_view name() const {
    for (std::size_t i = 0; i < count_; ++i) {
      if (members_[i].name == "name") return members_[i].text;
    }
    return {};
  }
  void write(JsonWriter& json) const {
    if (count_ == 0) return;
    json.begin_object();
    for (std::size_t i = 0; i < count_; ++i) {
      json.key(members_[i].name);
      if (members_[i].number) {
        json.raw(members_[i].text);
      } else {
        json.string(members_[i].text);
      }
    }
    json.end_object();
  }

 private:
  struct Member {
    std::string_view name;
    std::string_view text;
    bool number = false;
  };
  std::array<Member, 8> members_;
  std::size_t count_ = 0;
};

simdjson::error_code MessageReader::read(const std::string& text, std::size_t size,
                                         MessageFields& fields) {
  text_ = text.data();
  size_ = size;
  fields_ = &fields;
  position_ = 0;
  nested_too_deep_ = false;
  fields.clear();
  od::document document;
  if (const auto code =
          parser_.iterate(text_, size_, size_ + simdjson::SIMDJSON_PADDING).get(document);
      code != simdjson::SUCCESS)
    return code;
  const auto code = read(document);
  const char* at = nullptr;
  if (code != simdjson::SUCCESS && code != kTrailingContent &&
      document.current_location().get(at) == simdjson::SUCCESS)
    position_ = std::max(position_, static_cast<std::size_t>(at - text_));
  return code;
}

// Takes the first value of every known field.
simdjson::error_code MessageReader::read(od::document& document) {
  od::object object;
  if (const auto code = document.get_object().get(object); code != simdjson::SUCCESS) {
    return code;
  }
  if (const auto code = read_members(object, kMemberDepth, true); code != simdjson::SUCCESS)
    return code;
  // A location after the object's end means that something follows it.
  const char* rest = nullptr;
  if (document.current_location().get(rest) == simdjson::SUCCESS) {
    position_ = static_cast<std::size_t>(rest - text_);
    return kTrailingContent;
  }
  return simdjson::SUCCESS;
}

// Takes the members of the message's object, or of one whose members belong to it as well.
simdjson::error_code MessageReader::read_members(od::object& object, std::size_t depth,
                                                 bool outermost) {
  if (depth > nesting_max_) {
    nested_too_deep_ = true;
    return simdjson::DEPTH_ERROR;
  }
  for (auto member : object) {
    std::string_view name;
    {
      od::raw_json_string raw;
      if (const auto code = member.key().get(raw); code != simdjson::SUCCESS) return code;
      const char* begin = raw.raw();
      const char* end = begin;
      const char* const limit = text_ + size_;
      while (end < limit && *end != '"') end += *end == '\\' ? 2 : 1;
      if (end > limit) return simdjson::STRING_ERROR;
      name = {begin, static_cast<std::size_t>(end - begin)};
      position_ = static_cast<std::size_t>(begin - text_);
    }
    od::value value;
    if (const auto code = member.value().get(value); code != simdjson::SUCCESS) return code;
    if (outermost && !field_map_.empty() && maps(name)) {
      path_.assign(name);
      if (const auto code = take_mapped(value, kMemberDepth); code != simdjson::SUCCESS)
        return code;
      continue;
    }
    const auto [field, spelling] = field_of_name(name);
    if (field == MessageField::kNone || fields_->seen(field)) {
      // A second spelling of a field that was empty may still fill it.
      const bool empty_before = field != MessageField::kNone && fields_->get(field).empty() &&
                                may_be_spelled_twice(field);
      if (!empty_before) {
        if (const auto code = skip(value); code != simdjson::SUCCESS) return code;
        continue;
      }
    }
    fields_->mark_seen(field);
    fields_->note_spelling(spelling);
    const auto code = field == MessageField::kBeside  ? take_beside(value, depth)
                      : field == MessageField::kGraph ? take_graph(value)
                      : field == MessageField::kWrapper || field == MessageField::kData
                          ? take_wrapper(field, name, value)
                          : take(field, value);
    if (code != simdjson::SUCCESS) return code;
  }
  return simdjson::SUCCESS;
}

// An object whose members are read as if they stood around it: `fields` of the Guardian and of
// Contentful, `attributes` of JSON:API.
simdjson::error_code MessageReader::take_beside(od::value value, std::size_t depth) {
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  if (type != od::json_type::object) return skip(value);
  od::object object;
  if (const auto code = value.get_object().get(object); code != simdjson::SUCCESS) return code;
  return read_members(object, depth + 1, false);
}

// True when some path of the field map is `name` or goes through it.
bool MessageReader::maps(std::string_view name) const {
  return std::any_of(field_map_.begin(), field_map_.end(), [&](const FieldMapping& m) {
    return m.path == name ||
           (m.path.size() > name.size() && m.path.starts_with(name) && m.path[name.size()] == '.');
  });
}

// The value at path_: a mapped field, or an object on the way to one.
simdjson::error_code MessageReader::take_mapped(od::value value, std::size_t depth) {
  for (const FieldMapping& mapping : field_map_) {
    if (mapping.path != path_) continue;
    const MessageField field = field_of_mapping(mapping.field);
    std::string_view text;
    const bool body = field == MessageField::kBodyPlain || field == MessageField::kBodyHtml;
    const auto code = body ? body_of(value, depth, text) : name_of(value, depth, text, nullptr);
    if (code == simdjson::SUCCESS && field != MessageField::kNone && !text.empty()) {
      fields_->set(field, text);
      fields_->mark_seen(field);
    }
    return code;
  }
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  if (type != od::json_type::object || depth > nesting_max_) return skip_nested(value, depth);
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

// A value that is not read: its brackets are counted, because nothing else will look at them.
simdjson::error_code MessageReader::skip(od::value value) {
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  switch (type) {
    case od::json_type::object:
    case od::json_type::array:
      return skip_nested(value, kMemberDepth);
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

simdjson::error_code MessageReader::skip_nested(od::value value, std::size_t depth) {
  if (depth > nesting_max_) {
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
    return skip_members(object, depth);
  }
  return skip(value);
}

simdjson::error_code MessageReader::skip_members(od::object& object, std::size_t depth) {
  for (auto field : object) {
    od::value child;
    if (const auto code = field.value().get(child); code != simdjson::SUCCESS) return code;
    if (const auto code = skip_nested(child, depth + 1); code != simdjson::SUCCESS) return code;
  }
  return simdjson::SUCCESS;
}

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
  if (depth > nesting_max_) {  // Arrays of arrays: the stack has an end.
    nested_too_deep_ = true;
    return simdjson::DEPTH_ERROR;
  }
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  if (type == od::json_type::string) return value.get_string().get(out);
  if (type == od::json_type::object) return name_of_object(value, depth, out, uri);
  if (type != od::json_type::array) return text_of(value, out);
  od::array array;
  if (const auto code = value.get_array().get(array); code != simdjson::SUCCESS) return code;
  for (auto element : array) {
    od::value child;
    if (const auto code = element.get(child); code != simdjson::SUCCESS) return code;
    std::string_view name;
    std::string_view address;
    if (const auto code = name_of(child, depth + 1, name, &address); code != simdjson::SUCCESS)
      return code;
    if (out.empty()) {
      out = name;
      if (uri != nullptr && uri->empty()) *uri = address;
    }
  }
  return simdjson::SUCCESS;
}

simdjson::error_code MessageReader::name_of_object(od::value value, std::size_t depth,
                                                   std::string_view& out, std::string_view* uri) {
  od::object object;
  if (const auto code = value.get_object().get(object); code != simdjson::SUCCESS) return code;
  std::string_view fallback;
  for (auto field : object) {
    std::string_view name;
    if (const auto code = field.unescaped_key().get(name); code != simdjson::SUCCESS) return code;
    od::value child;
    if (const auto code = field.value().get(child); code != simdjson::SUCCESS) return code;
    const bool telling = is_one_of(name, kTellingNames);
    const bool addresses = !telling && is_one_of(name, kAddressNames);
    const bool identifies = name == "id" || name == "code";
    std::string_view text;
    std::string_view address;
    const auto code = telling || addresses ? name_of(child, depth + 1, text, &address)
                      : identifies         ? text_of(child, text)
                                           : skip_nested(child, depth + 1);
    if (code != simdjson::SUCCESS) return code;
    if (telling && out.empty()) out = text;
    if (addresses && uri != nullptr && uri->empty()) *uri = address.empty() ? text : address;
    if (identifies && fallback.empty()) fallback = text;
  }
  if (out.empty()) out = fallback;
  return simdjson::SUCCESS;
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
  od::array array;
  if (const auto code = value.get_array().get(array); code != simdjson::SUCCESS) return code;
  std::size_t count = 0;
  for (auto element : array) {
    od::value child;
    if (const auto code = element.get(child); code != simdjson::SUCCESS) return code;
    name = {};
    if (const auto code = name_of(child, kMemberDepth + 1, name, nullptr);
        code != simdjson::SUCCESS)
      return code;
    if (!has_letter(name)) continue;
    if (++count == 1) {
      out = name;
      continue;
    }
    if (count == 2) scratch_.assign(out);
    scratch_.append(", ").append(name);
  }
  if (count > 1) out = arena_->copy(scratch_);
  return simdjson::SUCCESS;
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
  if (depth > nesting_max_) {
    nested_too_deep_ = true;
    return simdjson::DEPTH_ERROR;
  }
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
  od::array array;
  if (const auto code = value.get_array().get(array); code != simdjson::SUCCESS) return code;
  const std::size_t begin = scratch_.size();
  bool leaf_before = false;
  Part first;
  for (auto element : array) {
    od::value child;
    if (const auto code = element.get(child); code != simdjson::SUCCESS) return code;
    const std::size_t end = scratch_.size();
    Part next;
    if (const auto code = append_parts(child, depth + 1, false, next); code != simdjson::SUCCESS)
      return code;
    if (scratch_.size() == end) continue;
    if (end == begin) {
      first = next;
    } else if (next.media && first.media) {  // The same once more: plain text before HTML.
      const bool better = next.plain && !first.plain;
      scratch_.erase(better ? begin : end, better ? end - begin : std::string::npos);
      if (better) first = next;
      continue;
    } else if (!inside || (!leaf_before && !next.leaf)) {
      scratch_.insert(end, "\n\n");
    }
    leaf_before = next.leaf;
  }
  return simdjson::SUCCESS;
}

simdjson::error_code MessageReader::append_object(od::value value, std::size_t depth, Part& part) {
  od::object object;
  if (const auto code = value.get_object().get(object); code != simdjson::SUCCESS) return code;
  const std::size_t begin = scratch_.size();
  for (auto field : object) {
    std::string_view name;
    if (const auto code = field.unescaped_key().get(name); code != simdjson::SUCCESS) return code;
    od::value child;
    if (const auto code = field.value().get(child); code != simdjson::SUCCESS) return code;
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
    if (code != simdjson::SUCCESS) return code;
  }
  return simdjson::SUCCESS;
}

// headlines[], bodies[], descriptions[]: {role, contentType, value}. The main one, whose role is
// "main" or none, before those for other uses; then plain text before HTML; then the first.
simdjson::error_code MessageReader::texts_of(od::value value, std::string_view& out, bool* html) {
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  if (type != od::json_type::array) return name_of(value, kMemberDepth, out, nullptr);
  od::array array;
  if (const auto code = value.get_array().get(array); code != simdjson::SUCCESS) return code;
  int best = 0;
  for (auto element : array) {
    od::value child;
    if (const auto code = element.get(child); code != simdjson::SUCCESS) return code;
    TextVariant variant;
    if (const auto code = variant_of(child, variant); code != simdjson::SUCCESS) return code;
    if (variant.text.empty()) continue;
    const bool is_html =
        variant.content_type.find("html") != std::string_view::npos ||
        (variant.content_type.empty() && html != nullptr && looks_like_html(variant.text));
    const bool is_main = variant.role.empty() || variant.role == "main";
    const int rank = 1 + (is_main ? 2 : 0) + (is_html ? 0 : 1);
    if (rank <= best) continue;
    best = rank;
    out = variant.text;
    if (html != nullptr) *html = is_html;
  }
  return simdjson::SUCCESS;
}

simdjson::error_code MessageReader::variant_of(od::value value, TextVariant& variant) {
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  if (type != od::json_type::object) return text_of(value, variant.text);
  od::object object;
  if (const auto code = value.get_object().get(object); code != simdjson::SUCCESS) return code;
  for (auto field : object) {
    std::string_view name;
    if (const auto code = field.unescaped_key().get(name); code != simdjson::SUCCESS) return code;
    od::value member;
    if (const auto code = field.value().get(member); code != simdjson::SUCCESS) return code;
    std::string_view text;
    if (const auto code = text_of(member, text); code != simdjson::SUCCESS) return code;
    if (name == "value") variant.text = text;
    if (name == "role") variant.role = text;
    const bool camel_case = name == "contentType";
    if (!camel_case && name != "contenttype") continue;
    variant.content_type = text;
    fields_->note_spelling(camel_case ? Spelling::kCamelCase : Spelling::kLowerCase);
  }
  return simdjson::SUCCESS;
}

// The members of an object that ninjs 3 allows in the array of that name.
simdjson::error_code MessageReader::carry_members(std::string_view name, od::value value,
                                                  CarriedMembers& members) {
  od::object object;
  if (const auto code = value.get_object().get(object); code != simdjson::SUCCESS) return code;
  for (auto field : object) {
    std::string_view member;
    if (const auto code = field.unescaped_key().get(member); code != simdjson::SUCCESS) return code;
    od::value member_value;
    if (const auto code = field.value().get(member_value); code != simdjson::SUCCESS) return code;
    od::json_type type{};
    if (const auto code = member_value.type().get(type); code != simdjson::SUCCESS) return code;
    std::string_view text;
    if (const auto code = text_of(member_value, text); code != simdjson::SUCCESS) return code;
    if (member == "code" && name == "subjects" && text.starts_with(kTopicPrefix)) {
      // IPTC's own short form of its address.
      member = "uri";
      const std::string_view id = text.substr(kTopicPrefix.size());
      char* address = arena_->allocate(kTopicAddress.size() + id.size());
      std::copy(id.begin(), id.end(),
                std::copy(kTopicAddress.begin(), kTopicAddress.end(), address));
      text = {address, kTopicAddress.size() + id.size()};
    }
    if (member == "code") member = "literal";
    const bool allowed = member == "name" || member == "uri" || member == "literal" ||
                         (member == "rel" && name != "genres") ||
                         (member == "creator" && name == "subjects");
    if (allowed && type == od::json_type::string && !text.empty() &&
        (member != "uri" || is_uri(text)))
      members.take(member, text);
    // How sure the sender is.
    if (name == "subjects" && (member == "relevance" || member == "confidence") &&
        type == od::json_type::number && is_percentage(text))
      members.take(member, text, true);
  }
  return simdjson::SUCCESS;
}

// Arrays of ninjs objects, rebuilt with the members that ninjs 3 allows.
simdjson::error_code MessageReader::carry(std::string_view name, od::value value) {
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  if (type != od::json_type::array) return skip(value);
  od::array array;
  if (const auto code = value.get_array().get(array); code != simdjson::SUCCESS) return code;
  scratch_.clear();
  JsonWriter json(scratch_);
  json.begin_array();
  for (auto element : array) {
    od::value child;
    if (const auto code = element.get(child); code != simdjson::SUCCESS) return code;
    od::json_type child_type{};
    if (const auto code = child.type().get(child_type); code != simdjson::SUCCESS) return code;
    CarriedMembers members;
    if (child_type == od::json_type::object) {
      if (const auto code = carry_members(name, child, members); code != simdjson::SUCCESS)
        return code;
    } else if (child_type == od::json_type::string) {
      std::string_view text;
      if (const auto code = child.get_string().get(text); code != simdjson::SUCCESS) return code;
      if (!text.empty()) members.take("name", text);
    } else if (const auto code = skip(child); code != simdjson::SUCCESS) {
      return code;
    }
    if (name == "places" || name == "subjects") note_label(members.name());
    members.write(json);
  }
  json.end_array();
  if (scratch_.size() > 2) fields_->carried.push_back({name, arena_->copy(scratch_)});
  return simdjson::SUCCESS;
}

// Keywords, tags, categories and sections: subjects of which a feed tells the name alone. A list,
// or one string with commas.
simdjson::error_code MessageReader::carry_words(od::value value) {
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  scratch_.clear();
  JsonWriter json(scratch_);
  json.begin_array();
  if (type == od::json_type::array) {
    od::array array;
    if (const auto code = value.get_array().get(array); code != simdjson::SUCCESS) return code;
    for (auto element : array) {
      od::value child;
      if (const auto code = element.get(child); code != simdjson::SUCCESS) return code;
      if (const auto code = carry_word(child, json); code != simdjson::SUCCESS) return code;
    }
  } else if (type == od::json_type::string) {
    std::string_view words;
    if (const auto code = value.get_string().get(words); code != simdjson::SUCCESS) return code;
    while (!words.empty()) {
      const std::size_t end = std::min(words.find_first_of(",;"), words.size());
      const std::string_view word = trimmed(words.substr(0, end));
      if (has_letter(word)) {
        note_label(word);
        json.begin_object().key("name").string(word).end_object();
      }
      words.remove_prefix(std::min(end + 1, words.size()));
    }
  } else if (const auto code = carry_word(value, json); code != simdjson::SUCCESS) {
    return code;
  }
  json.end_array();
  if (scratch_.size() > 2) fields_->carried.push_back({"subjects", arena_->copy(scratch_)});
  return simdjson::SUCCESS;
}

// A word, or an object that has one. What is a number, as WordPress has them, tells nothing.
simdjson::error_code MessageReader::carry_word(od::value value, JsonWriter& json) {
  std::string_view word;
  std::string_view address;
  if (const auto code = name_of(value, kMemberDepth + 1, word, &address); code != simdjson::SUCCESS)
    return code;
  word = trimmed(word);
  if (!has_letter(word)) return simdjson::SUCCESS;
  note_label(word);
  json.begin_object().key("name").string(word);
  if (is_uri(address)) json.key("uri").string(address);
  json.end_object();
  return simdjson::SUCCESS;
}

void MessageReader::note_label(std::string_view label) {
  if (label.empty() || fields_->labels.size() >= Article::kLabelMax) return;
  fields_->labels.push_back(arena_->copy(label));
}

simdjson::error_code MessageReader::carry_string(std::string_view name, od::value value) {
  std::string_view text;
  if (const auto code = text_of(value, text); code != simdjson::SUCCESS) return code;
  if (text.empty()) return simdjson::SUCCESS;
  scratch_.clear();
  JsonWriter(scratch_).string(text);
  fields_->carried.push_back({name, arena_->copy(scratch_)});
  return simdjson::SUCCESS;
}

// What an envelope carries: the raw text of an object, or a string, which may hold one. It is
// walked here for its faults alone, and read when the envelope is opened.
simdjson::error_code MessageReader::take_wrapper(MessageField field, std::string_view name,
                                                 od::value value) {
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  const bool data = field == MessageField::kData;
  std::string_view text;
  if (type == od::json_type::string) {
    if (const auto code = value.get_string().get(text); code != simdjson::SUCCESS) return code;
    if (data) fields_->set(MessageField::kData, text);
    if (!begins_as_object(text)) {
      // These two are names of bodies as well.
      if ((name == "article" || name == "story") && fields_->get(MessageField::kText).empty())
        fields_->set(MessageField::kText, text);
      return simdjson::SUCCESS;
    }
  } else if (type == od::json_type::object) {
    od::object object;
    if (const auto code = value.get_object().get(object); code != simdjson::SUCCESS) return code;
    if (const auto code = object.raw_json().get(text); code != simdjson::SUCCESS) return code;
    if (const auto code = object.reset().error(); code != simdjson::SUCCESS) return code;
    if (const auto code = skip_members(object, kMemberDepth); code != simdjson::SUCCESS)
      return code;
    if (data) fields_->set(MessageField::kData, text);
  } else if (type == od::json_type::array && (name == "article" || name == "story")) {
    return take(MessageField::kText, value);
  } else {
    return skip(value);
  }
  if (fields_->wrapped.empty()) {
    fields_->wrapped = text;
    fields_->wrapper = name;
  }
  return simdjson::SUCCESS;
}

// The first of JSON-LD's things whose type is an article's: NewsArticle, LiveBlogPosting.
simdjson::error_code MessageReader::take_graph(od::value value) {
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  if (type != od::json_type::array) return skip(value);
  od::array array;
  if (const auto code = value.get_array().get(array); code != simdjson::SUCCESS) return code;
  for (auto element : array) {
    od::value child;
    if (const auto code = element.get(child); code != simdjson::SUCCESS) return code;
    if (const auto code = child.type().get(type); code != simdjson::SUCCESS) return code;
    if (type != od::json_type::object) {
      if (const auto code = skip_nested(child, kMemberDepth + 1); code != simdjson::SUCCESS)
        return code;
      continue;
    }
    od::object object;
    if (const auto code = child.get_object().get(object); code != simdjson::SUCCESS) return code;
    std::string_view kind;
    for (auto field : object) {
      std::string_view name;
      if (const auto code = field.unescaped_key().get(name); code != simdjson::SUCCESS) return code;
      od::value member;
      if (const auto code = field.value().get(member); code != simdjson::SUCCESS) return code;
      const auto code = name == "@type" ? name_of(member, kMemberDepth + 2, kind, nullptr)
                                        : skip_nested(member, kMemberDepth + 2);
      if (code != simdjson::SUCCESS) return code;
    }
    if (!fields_->wrapped.empty() || !(kind.ends_with("Article") || kind.ends_with("Posting")))
      continue;
    if (const auto code = object.reset().error(); code != simdjson::SUCCESS) return code;
    if (const auto code = object.raw_json().get(fields_->wrapped); code != simdjson::SUCCESS)
      return code;
    fields_->wrapper = "@graph";
  }
  return simdjson::SUCCESS;
}

simdjson::error_code MessageReader::take(MessageField field, od::value value) {
  std::string_view text;
  simdjson::error_code code = simdjson::SUCCESS;
  switch (field) {
    case MessageField::kHeadlines:
    case MessageField::kDescriptions:
      code = texts_of(value, text, nullptr);
      break;
    case MessageField::kBodies:
      code = texts_of(value, text, &fields_->bodies_are_html);
      break;
    case MessageField::kByline:
    case MessageField::kAuthors:
      code = authors_of(value, text);
      break;
    case MessageField::kUrl:
      code = address_of(value, text);
      break;
    case MessageField::kText:
    case MessageField::kContent:
    case MessageField::kPlainCopy:
    case MessageField::kBodyPlain:
    case MessageField::kBodyVariant:
    case MessageField::kBodyHtml:
      code = body_of(value, kMemberDepth, text);
      break;
    case MessageField::kSource:
    case MessageField::kInfoSources: {
      std::string_view address;
      code = name_of(value, kMemberDepth, text, &address);
      // An address is no name: another member may have that.
      if (text.starts_with("http://") || text.starts_with("https://")) {
        if (address.empty()) address = text;
        text = {};
      }
      if (fields_->source_address.empty()) fields_->source_address = address;
      break;
    }
    case MessageField::kSubjects: {
      od::json_type type{};
      if (code = value.type().get(type); code != simdjson::SUCCESS) return code;
      if (type != od::json_type::string) return carry("subjects", value);
      code = value.get_string().get(text);  // A CloudEvent's: what it is about.
      break;
    }
    case MessageField::kPlaces:
    case MessageField::kPeople:
    case MessageField::kOrganisations:
    case MessageField::kGenres:
      return carry(name_of_output(field), value);
    case MessageField::kKeywords:
    case MessageField::kTags:
    case MessageField::kCategories:
    case MessageField::kSections:
      return carry_words(value);
    case MessageField::kCopyrightHolder:
    case MessageField::kCopyrightNotice:
    case MessageField::kUsageTerms:
      return carry_string(name_of_output(field), value);
    case MessageField::kAltIds:
      return skip(value);
    default:
      code = name_of(value, kMemberDepth, text, nullptr);
      break;
  }
  if (code == simdjson::SUCCESS) fields_->set(field, text);
  return code;
}

}  // namespace wirewatch
