#include "common/article/message_reader.h"

#include <algorithm>

#include "common/article/json_walk.h"

namespace wirewatch {

namespace {

namespace od = simdjson::ondemand;

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

// Whether a string is meant as a JSON object.
bool begins_as_object(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

}  // namespace

simdjson::error_code MessageReader::read(const std::string& text, std::size_t size,
                                         MessageFields& fields) {
  text_ = text.data();
  size_ = size;
  fields_ = &fields;
  position_ = 0;
  nested_too_deep_ = false;
  fields.clear();
  mapped_.reset();
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

simdjson::error_code MessageReader::check_depth(std::size_t depth) {
  if (depth <= nesting_max_) return simdjson::SUCCESS;
  nested_too_deep_ = true;
  return simdjson::DEPTH_ERROR;
}

// Takes the members of the message's object, or of one whose members belong to it as well.
simdjson::error_code MessageReader::read_members(od::object& object, std::size_t depth,
                                                 bool outermost) {
  if (const auto code = check_depth(depth); code != simdjson::SUCCESS) return code;
  for (auto member : object) {
    std::string_view name;
    {
      od::raw_json_string raw;
      if (const auto code = member.key().get(raw); code != simdjson::SUCCESS) return code;
      const char* begin = raw.raw();
      const char* end = begin;
      const char* const limit = text_ + size_;
      while (end < limit && *end != '"' && *end != '\\') ++end;
      position_ = static_cast<std::size_t>(begin - text_);
      if (end < limit && *end == '\\') {
        // Who writes ASCII alone escapes other letters in names, too.
        if (const auto code = member.unescaped_key().get(name); code != simdjson::SUCCESS)
          return code;
      } else {
        name = {begin, static_cast<std::size_t>(end - begin)};
      }
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
    const bool body = field == MessageField::kBodies;
    const auto code = body ? body_of(value, depth, text) : name_of(value, depth, text, nullptr);
    if (code != simdjson::SUCCESS || field == MessageField::kNone || text.empty()) return code;
    const bool html = mapping.field == kHtmlMapping;
    auto&& taken = mapped_[static_cast<std::size_t>(field)];
    if (taken && !(body && !html && fields_->bodies_are_html)) return code;
    taken = true;
    fields_->set(field, text);
    fields_->mark_seen(field);
    if (body) fields_->bodies_are_html = html;
    return code;
  }
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  if (type != od::json_type::object || depth > nesting_max_) return skip_nested(value, depth);
  const std::size_t size = path_.size();
  return for_each_member(value, [&](std::string_view name, od::value child) {
    path_.resize(size);
    path_.append(".").append(name);
    const auto code = maps(path_) ? take_mapped(child, depth + 1) : skip_nested(child, depth + 1);
    path_.resize(size);
    return code;
  });
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
  if (const auto code = check_depth(depth); code != simdjson::SUCCESS) return code;
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  if (type == od::json_type::array) {
    return for_each_element(value, [&](od::value child) { return skip_nested(child, depth + 1); });
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
  return for_each_element(value, [&](od::value thing) { return take_thing(thing); });
}

simdjson::error_code MessageReader::take_thing(od::value value) {
  od::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  if (type != od::json_type::object) return skip_nested(value, kMemberDepth + 1);
  od::object object;
  if (const auto code = value.get_object().get(object); code != simdjson::SUCCESS) return code;
  std::string_view kind;
  const auto code = for_each_member(object, [&](std::string_view name, od::value member) {
    return name == "@type" ? name_of(member, kMemberDepth + 2, kind, nullptr)
                           : skip_nested(member, kMemberDepth + 2);
  });
  if (code != simdjson::SUCCESS) return code;
  const bool is_article = kind.ends_with("Article") || kind.ends_with("Posting");
  if (!is_article || !fields_->wrapped.empty()) return simdjson::SUCCESS;
  if (const auto reset = object.reset().error(); reset != simdjson::SUCCESS) return reset;
  fields_->wrapper = "@graph";
  return object.raw_json().get(fields_->wrapped);
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
    case MessageField::kInfoSources:
      code = source_of(value, text);
      break;
    case MessageField::kSubjects: {
      od::json_type type{};
      if (code = value.type().get(type); code != simdjson::SUCCESS) return code;
      if (type != od::json_type::string) return carry("subjects", value);
      code = value.get_string().get(text);  // A CloudEvent's: what it is about.
      break;
    }
    case MessageField::kSignal:
      code = signals_of(value, text);
      break;
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
