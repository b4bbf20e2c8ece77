// Appends JSON to a string that is reused from event to event.
//
// Strings are escaped as RFC 8259 asks, with a vector loop over what needs no escape. Bytes that
// are not UTF-8 do not occur: the parser refuses them.
//
//   std::string out;
//   JsonWriter(out).begin_object().key("start").number(7).end_object();
//
// What is written very often, in a form that hardly varies, goes faster as a JsonText: its constant
// parts are literals, commas and all, and room is asked for once.
//
// The string holds the text whenever the outermost object or array is closed, and when the writer
// is gone; in between its content is the writer's own. Threads: one writer per thread. Cost: about
// the speed of copying; nothing is allocated once the string has grown.

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "common/base/check.h"

namespace wirewatch {

// JSON text of at most kSizeMax bytes that is written often, such as one of the few values that a
// member has, `"zone":"lede"`: copied in one step, whatever its size.
class JsonFragment {
 public:
  static constexpr std::size_t kSizeMax = 32;

  JsonFragment() = default;
  // A value, or several members with commas between.
  explicit JsonFragment(std::string_view json) : size_(json.size()) {
    WIREWATCH_CHECK(json.size() <= kSizeMax);
    std::copy(json.begin(), json.end(), bytes_.begin());
  }

 private:
  friend class JsonText;
  friend class JsonWriter;
  std::array<char, kSizeMax> bytes_{};
  std::size_t size_ = 0;
};

// Writes a value of which it is known how long it can get; see JsonWriter::value().
class JsonText {
 public:
  // The value as far as it goes: any part of it, commas, quotes and braces included.
  template <std::size_t N>
  JsonText& literal(const char (&text)[N]) {
    std::memcpy(at_, text, N - 1);
    at_ += N - 1;
    return *this;
  }
  JsonText& fragment(const JsonFragment& json) {
    std::memcpy(at_, json.bytes_.data(), JsonFragment::kSizeMax);
    at_ += json.size_;
    return *this;
  }
  // The same of any length, where what follows the text may be read: kPiece bytes in all, or, of a
  // longer one, up to a multiple of kChunk. kPiece is a size that most do not exceed.
  static constexpr std::size_t kChunk = 32;
  template <std::size_t kPiece>
  JsonText& padded(std::string_view json) {
    static_assert(kPiece % kChunk == 0 && kPiece <= kSlack);
#pragma GCC unroll 4
    for (std::size_t at = 0; at < kPiece; at += kChunk)
      std::memcpy(at_ + at, json.data() + at, kChunk);
    for (std::size_t at = kPiece; at < json.size(); at += kChunk)
      std::memcpy(at_ + at, json.data() + at, kChunk);
    at_ += json.size();
    return *this;
  }
  // At most 10 bytes.
  JsonText& number(std::uint32_t value);
  // At most 30 bytes; as JsonWriter::decimal().
  JsonText& decimal(double value, int digits);
  // A string, escaped: at most 6 · size + 2 bytes. So many bytes may be read from its beginning on,
  // of which those behind it do not matter.
  JsonText& string(std::string_view text, std::size_t readable);
  JsonText& string(std::string_view text) { return string(text, text.size()); }

 private:
  friend class JsonWriter;
  explicit JsonText(char* at) : at_(at) {}
  // What may be written beyond the text.
  static constexpr std::size_t kSlack = 128;

  char* at_;
};

class JsonWriter {
 public:
  // Appends to `out`, which must outlive the writer.
  explicit JsonWriter(std::string& out) : out_(out), at_(out.data() + out.size()), limit_(at_) {}
  ~JsonWriter() {
    if (at_ != limit_) finish();
  }
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  // Name of the member whose value comes next. Must need no escape.
  JsonWriter& key(std::string_view name) {
    char* at = separated(name.size() + 3);
    *at++ = '"';
    std::memcpy(at, name.data(), name.size());
    return end_key(at + name.size());
  }
  // The same for a literal, whose length the compiler knows.
  template <std::size_t N>
  JsonWriter& key(const char (&name)[N]) {
    char* at = separated(N + 2);
    *at++ = '"';
    std::memcpy(at, name, N - 1);
    return end_key(at + N - 1);
  }
  JsonWriter& string(std::string_view text);
  // A string that needs no escape: a code, a date, a name of the program's own.
  JsonWriter& plain(std::string_view text) {
    char* at = separated(text.size() + 2);
    *at++ = '"';
    copy(text, at);
    at += text.size();
    *at++ = '"';
    at_ = at;
    return *this;
  }
  JsonWriter& number(std::int64_t value);
  // A decimal with at most `digits` (0 to 6) after the point, trailing zeros left out.
  JsonWriter& decimal(double value, int digits);
  JsonWriter& boolean(bool value) { return raw(value ? "true" : "false"); }
  // JSON text that is valid as it is: a value, or several with commas between.
  JsonWriter& raw(std::string_view json) {
    char* at = separated(json.size());
    std::memcpy(at, json.data(), json.size());
    at_ = at + json.size();
    return *this;
  }

  // The same.
  JsonWriter& fragment(const JsonFragment& json) {
    char* at = separated(JsonFragment::kSizeMax);
    std::memcpy(at, json.bytes_.data(), JsonFragment::kSizeMax);
    at_ = at + json.size_;
    return *this;
  }

  // A value of at most `size_max` bytes, which put(JsonText&) writes.
  template <typename Put>
  JsonWriter& value(std::size_t size_max, const Put& put) {
    JsonText text(separated(size_max + JsonText::kSlack));
    put(text);
    at_ = text.at_;
    return *this;
  }

  // key and string, when the text is not empty.
  template <std::size_t N>
  JsonWriter& member(const char (&name)[N], std::string_view text) {
    return text.empty() ? *this : key(name).string(text);
  }

 private:
  // Of few bytes, mostly: in fewer steps than a call of memcpy takes.
  static void copy(std::string_view text, char* to) {
    const std::size_t size = text.size();
    const auto both_ends = [&]<std::size_t kBytes>(std::array<char, kBytes> head) {
      std::array<char, kBytes> tail;
      std::memcpy(head.data(), text.data(), kBytes);
      std::memcpy(tail.data(), text.data() + size - kBytes, kBytes);
      std::memcpy(to, head.data(), kBytes);
      std::memcpy(to + size - kBytes, tail.data(), kBytes);
    };
    if (size > 32) {
      std::memcpy(to, text.data(), size);
    } else if (size >= 16) {
      both_ends(std::array<char, 16>{});
    } else if (size >= 8) {
      both_ends(std::array<char, 8>{});
    } else if (size >= 4) {
      both_ends(std::array<char, 4>{});
    } else {
      for (std::size_t i = 0; i < size; ++i) to[i] = text[i];
    }
  }
  // Room for `size` bytes at at_.
  char* reserve(std::size_t size) {
    if (static_cast<std::size_t>(limit_ - at_) < size) [[unlikely]]
      grow(size);
    return at_;
  }
  // The same, after the comma that belongs before the next value or name.
  char* separated(std::size_t size) {
    char* at = reserve(size + 1);
    *at = ',';
    at += comma_;
    comma_ = 1;
    return at;
  }
  JsonWriter& end_key(char* at) {
    at[0] = '"';
    at[1] = ':';
    at_ = at + 2;
    comma_ = 0;
    return *this;
  }
  JsonWriter& open(char bracket) {
    char* at = separated(1);
    *at = bracket;
    at_ = at + 1;
    comma_ = 0;
    ++depth_;
    return *this;
  }
  JsonWriter& close(char bracket) {
    *reserve(1) = bracket;
    ++at_;
    comma_ = 1;
    if (--depth_ == 0) finish();
    return *this;
  }
  void put_escaped(std::string_view text);
  void grow(std::size_t size);
  void finish();

  std::string& out_;
  char* at_;     // Where the next byte goes.
  char* limit_;  // End of the room that is the writer's.
  std::size_t comma_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace wirewatch
