#include "common/event/json_writer.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace wirewatch {

namespace {

bool needs_escape(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

// Bytes at the beginning of `text` that need no escape.
std::size_t plain_prefix(std::string_view text) {
  std::size_t at = 0;
#if defined(__AVX2__)
  while (text.size() - at >= 32) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + at));
    const __m256i quote = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"'));
    const __m256i backslash = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'));
    // Unsigned "less than 0x20": the minimum with 0x1F is the byte itself.
    const __m256i control =
        _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1F)), bytes);
    const auto mask = static_cast<std::uint32_t>(
        _mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(quote, backslash), control)));
    if (mask != 0) return at + static_cast<std::size_t>(std::countr_zero(mask));
    at += 32;
  }
#endif
  while (at < text.size() && !needs_escape(text[at])) ++at;
  return at;
}

}  // namespace

void append_escaped(std::string_view text, std::string& out) {
  while (!text.empty()) {
    const std::size_t plain = plain_prefix(text);
    out.append(text.data(), plain);
    if (plain == text.size()) return;
    const char c = text[plain];
    switch (c) {
      case '"':
        out.append("\\\"");
        break;
      case '\\':
        out.append("\\\\");
        break;
      case '\n':
        out.append("\\n");
        break;
      case '\r':
        out.append("\\r");
        break;
      case '\t':
        out.append("\\t");
        break;
      default: {
        constexpr char kHex[] = "0123456789abcdef";
        const auto byte = static_cast<unsigned char>(c);
        out.append("\\u00");
        out.push_back(kHex[byte >> 4]);
        out.push_back(kHex[byte & 15]);
      }
    }
    text.remove_prefix(plain + 1);
  }
}

void JsonWriter::separate() {
  if (comma_) out_.push_back(',');
  comma_ = true;
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  out_.push_back(bracket);
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  out_.push_back(bracket);
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  out_.push_back('"');
  out_.append(name).append("\":");
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
  separate();
  out_.push_back('"');
  append_escaped(text, out_);
  out_.push_back('"');
  return *this;
}

JsonWriter& JsonWriter::number(std::int64_t value) {
  separate();
  char buffer[24];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value);
  out_.append(buffer, result.ptr);
  return *this;
}

JsonWriter& JsonWriter::decimal(double value, int digits) {
  separate();
  std::int64_t scale = 1;
  for (int i = 0; i < digits; ++i) scale *= 10;
  auto scaled = static_cast<std::int64_t>(std::llround(value * static_cast<double>(scale)));
  if (scaled < 0) {
    out_.push_back('-');
    scaled = -scaled;
  }
  char buffer[24];
  const auto whole = std::to_chars(buffer, buffer + sizeof(buffer), scaled / scale);
  out_.append(buffer, whole.ptr);
  std::int64_t fraction = scaled % scale;
  if (fraction != 0) {
    out_.push_back('.');
    for (std::int64_t unit = scale / 10; fraction != 0; unit /= 10) {
      out_.push_back(static_cast<char>('0' + fraction / unit));
      fraction %= unit;
    }
  }
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
  separate();
  out_.append(value ? "true" : "false");
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_.append(json);
  return *this;
}

}  // namespace wirewatch
