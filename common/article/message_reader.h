// One JSON object → MessageFields, by simdjson on-demand.
//
//   message_reader.cc   walks over the members and takes what wraps an article
//   message_texts.cc    reads names, addresses and bodies
//   message_carried.cc  rebuilds what is carried along into the event
//
// Internal to common/article. Threads: one at a time. Cost: one walk over the message; nothing is
// allocated once buffers have grown.

#pragma once

#include <bitset>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "common/article/article_parser.h"
#include "common/article/message_fields.h"
#include "common/base/arena.h"

namespace wirewatch {

class JsonWriter;

// What MessageReader::read() gives when something follows the object;
// simdjson::TRAILING_CONTENT came after 3.0.
inline constexpr simdjson::error_code kTrailingContent = simdjson::UNEXPECTED_ERROR;

class MessageReader {
 public:
  // `field_map` and `arena`, which takes texts that are put together, outlive the reader.
  MessageReader(std::span<const FieldMapping> field_map, std::size_t nesting_max, Arena& arena)
      : field_map_(field_map), nesting_max_(nesting_max), arena_(&arena) {}

  // Takes the first value of every known field of the object in the first `size` bytes of `text`,
  // after which SIMDJSON_PADDING bytes follow; before the built-in names the field map's. Views in
  // `fields` live until the next read() or arena's reset. After an error `fields` is of no use.
  [[nodiscard]] simdjson::error_code read(const std::string& text, std::size_t size,
                                          MessageFields& fields);

  // Where the latest read() failed, in bytes; best effort.
  [[nodiscard]] std::size_t position() const { return position_; }
  // Whether it failed because of nesting_max.
  [[nodiscard]] bool nested_too_deep() const { return nested_too_deep_; }

 private:
  class CarriedMembers;
  using Value = simdjson::ondemand::value;
  using Object = simdjson::ondemand::object;

  static constexpr std::size_t kMemberDepth = 2;  // Of the values of the message's own members.

  // What one of several texts of a field is for.
  struct TextVariant {
    std::string_view text;
    std::string_view role;
    std::string_view content_type;
  };
  // What a part of a body is.
  struct Part {
    bool leaf = false;   // Has a text of its own.
    bool media = false;  // Has a media type: parts that have one are the same text.
    bool plain = false;  // … that of plain text.
  };

  simdjson::error_code read(simdjson::ondemand::document& document);
  simdjson::error_code check_depth(std::size_t depth);
  simdjson::error_code read_members(Object& object, std::size_t depth, bool outermost);
  [[nodiscard]] bool maps(std::string_view name) const;
  simdjson::error_code take_mapped(Value value, std::size_t depth);
  simdjson::error_code take(MessageField field, Value value);
  simdjson::error_code take_beside(Value value, std::size_t depth);
  simdjson::error_code take_graph(Value value);
  simdjson::error_code take_thing(Value value);
  simdjson::error_code take_wrapper(MessageField field, std::string_view name, Value value);
  simdjson::error_code skip(Value value);
  simdjson::error_code skip_nested(Value value, std::size_t depth);
  simdjson::error_code skip_members(Object& object, std::size_t depth);
  simdjson::error_code text_of(Value value, std::string_view& out);
  simdjson::error_code name_of(Value value, std::size_t depth, std::string_view& out,
                               std::string_view* uri);
  simdjson::error_code name_of_object(Value value, std::size_t depth, std::string_view& out,
                                      std::string_view* uri);
  simdjson::error_code source_of(Value value, std::string_view& out);
  simdjson::error_code signals_of(Value value, std::string_view& out);
  simdjson::error_code authors_of(Value value, std::string_view& out);
  simdjson::error_code address_of(Value value, std::string_view& out);
  simdjson::error_code body_of(Value value, std::size_t depth, std::string_view& out);
  simdjson::error_code append_parts(Value value, std::size_t depth, bool inside, Part& part);
  simdjson::error_code append_object(Value value, std::size_t depth, Part& part);
  simdjson::error_code texts_of(Value value, std::string_view& out, bool* html);
  simdjson::error_code variant_of(Value value, TextVariant& variant);
  simdjson::error_code carry_words(Value value);
  simdjson::error_code carry_word(Value value, JsonWriter& json);
  simdjson::error_code members_of(std::string_view name, Value value, CarriedMembers& members);
  simdjson::error_code carry_members(std::string_view name, Value value, CarriedMembers& members);
  simdjson::error_code carry(std::string_view name, Value value);
  void note_label(std::string_view label);
  simdjson::error_code carry_string(std::string_view name, Value value);

  std::span<const FieldMapping> field_map_;
  std::size_t nesting_max_;
  Arena* arena_;
  simdjson::ondemand::parser parser_;
  const char* text_ = nullptr;
  std::size_t size_ = 0;
  MessageFields* fields_ = nullptr;
  std::string path_;                        // Of the value that the field map looks at.
  std::bitset<kMessageFieldCount> mapped_;  // Fields that have their text by the field map.
  std::string scratch_;
  std::size_t position_ = 0;
  bool nested_too_deep_ = false;
};

}  // namespace wirewatch
