// Appends JSON to a string that is reused from event to event.
//
// Strings are escaped as RFC 8259 asks, with a vector loop over what needs no escape. Bytes that
// are not UTF-8 do not occur: the parser refuses them.
//
// Threads: one writer per thread. Cost: about the speed of copying; nothing is allocated once the
// string has grown.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wirewatch {

class JsonWriter {
 public:
  // Appends to `out`, which must outlive the writer.
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  // Name of the member whose value comes next. Must need no escape.
  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view text);
  JsonWriter& number(std::int64_t value);
  // A decimal with at most `digits` (0 to 6) after the point, trailing zeros left out.
  JsonWriter& decimal(double value, int digits);
  JsonWriter& boolean(bool value);
  // JSON text that is valid as it is.
  JsonWriter& raw(std::string_view json);

  // key and string, when the text is not empty.
  JsonWriter& member(std::string_view name, std::string_view text) {
    return text.empty() ? *this : key(name).string(text);
  }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();

  std::string& out_;
  bool comma_ = false;
};

// Appends the escaped content of a JSON string, without quotation marks.
void append_escaped(std::string_view text, std::string& out);

}  // namespace wirewatch
