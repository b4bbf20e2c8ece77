#include "common/base/json_writer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "common/base/hash.h"
#include "common/base/hexadecimal.h"

namespace wirewatch {

namespace {

constexpr std::size_t kSlack = 64;  // Room beyond the text for one escape and one vector store.

constexpr std::array<char, 200> kTwoDigits = [] {
  std::array<char, 200> digits{};
  for (std::size_t i = 0; i < 100; ++i) {
    digits[2 * i] = static_cast<char>('0' + i / 10);
    digits[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return digits;
}();

std::uint32_t load4(const char* at) {
  std::uint32_t word = 0;
  std::memcpy(&word, at, 4);
  return word;
}

bool needs_escape(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

// True when any byte of the word needs an escape. "Has a byte below n" and "has a zero byte" of
// Anderson's Bit Twiddling Hacks: exact as to whether there is one.
bool any_needs_escape(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101ULL;
  constexpr std::uint64_t kHigh = 0x8080808080808080ULL;
  const std::uint64_t quote = word ^ (kOnes * '"');
  const std::uint64_t backslash = word ^ (kOnes * '\\');
  return ((((word - kOnes * 0x20) & ~word) | ((quote - kOnes) & ~quote) |
           ((backslash - kOnes) & ~backslash)) &
          kHigh) != 0;
}

// Copies text of 4 to 15 bytes if no byte of it needs an escape.
[[gnu::always_inline]] inline bool copy_short(const char* from, std::size_t size, char* to) {
  if (size >= 8) {
    const std::uint64_t head = load8(from);
    const std::uint64_t tail = load8(from + size - 8);
    if (any_needs_escape(head) || any_needs_escape(tail)) return false;
    std::memcpy(to, &head, 8);
    std::memcpy(to + size - 8, &tail, 8);
    return true;
  }
  const std::uint32_t head = load4(from);
  const std::uint32_t tail = load4(from + size - 4);
  if (any_needs_escape(std::uint64_t{head} | std::uint64_t{tail} << 32)) return false;
  std::memcpy(to, &head, 4);
  std::memcpy(to + size - 4, &tail, 4);
  return true;
}

#if defined(__AVX2__)
// A bit for each byte that needs an escape.
std::uint32_t escape_bits(__m256i bytes) {
  const __m256i quote = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"'));
  const __m256i backslash = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'));
  // Unsigned "less than 0x20": the minimum with 0x1F is the byte itself.
  const __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1F)), bytes);
  return static_cast<std::uint32_t>(
      _mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(quote, backslash), control)));
}

// Copies text of 16 to 31 bytes if no byte of it needs an escape.
[[gnu::always_inline]] inline bool copy_half(const char* from, std::size_t size, char* to) {
  const __m128i head = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  const __m128i tail = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + size - 16));
  if (escape_bits(_mm256_set_m128i(tail, head)) != 0) return false;
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to), head);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to + size - 16), tail);
  return true;
}
#else
bool copy_half(const char* from, std::size_t size, char* to) {
  for (const std::size_t at : {std::size_t{0}, std::size_t{8}, size - 16, size - 8}) {
    const std::uint64_t word = load8(from + at);
    if (any_needs_escape(word)) return false;
    std::memcpy(to + at, &word, 8);
  }
  return true;
}
#endif

// At most 6 bytes.
char* put_escape(char c, char* at) {
  *at++ = '\\';
  switch (c) {
    case '"':
    case '\\':
      *at++ = c;
      return at;
    case '\n':
      *at++ = 'n';
      return at;
    case '\r':
      *at++ = 'r';
      return at;
    case '\t':
      *at++ = 't';
      return at;
    default: {
      std::memcpy(at, "u00", 3);
      std::memcpy(at + 3, hexadecimal(static_cast<unsigned char>(c)).data(), 2);
      return at + 5;
    }
  }
}

char* put_two_digits(std::uint32_t value, char* at) {
  std::memcpy(at, &kTwoDigits[2 * value], 2);
  return at + 2;
}

// Below 10,000; at most 4 bytes. The branches are foreseen: neighbours have mostly as many digits.
char* put_small(std::uint32_t value, char* at) {
  const std::uint32_t high = value / 100;
  if (high == 0 && value < 10) {
    *at = static_cast<char>('0' + value);
    return at + 1;
  }
  if (high >= 10) {
    at = put_two_digits(high, at);
  } else if (high > 0) {
    *at++ = static_cast<char>('0' + high);
  }
  return put_two_digits(value % 100, at);
}

// At most 20 bytes.
char* put_unsigned(std::uint64_t value, char* at) {
  if (value < 10'000) return put_small(static_cast<std::uint32_t>(value), at);
  if (value >= 100'000'000) return std::to_chars(at, at + 20, value).ptr;
  const auto small = static_cast<std::uint32_t>(value);
  at = put_small(small / 10'000, at);
  at = put_two_digits(small % 10'000 / 100, at);
  return put_two_digits(small % 100, at);
}

// At most 30 bytes. Of so many digits, a number that the compiler knows, so that nothing is
// divided.
template <std::size_t kDigits>
char* put_decimal(double value, char* at) {
  constexpr std::array<std::uint32_t, 7> kScale = {1, 10, 100, 1000, 10000, 100000, 1000000};
  constexpr std::uint32_t kUnit = kScale[kDigits];
  const double exact = value * kUnit;
  const auto scaled = static_cast<std::int64_t>(exact + (exact < 0 ? -0.5 : 0.5));
  if (scaled < 0) *at++ = '-';
  const auto magnitude = static_cast<std::uint64_t>(scaled < 0 ? -scaled : scaled);
  at = put_unsigned(magnitude / kUnit, at);
  auto fraction = static_cast<std::uint32_t>(magnitude % kUnit);
  if (fraction == 0) return at;
  fraction *= kScale[6 - kDigits];  // To millionths.
  *at = '.';
  const std::uint32_t low = fraction % 100;
  const std::uint32_t middle = fraction / 100 % 100;
  const std::uint32_t high = fraction / 10'000;
  put_two_digits(high, at + 1);
  put_two_digits(middle, at + 3);
  put_two_digits(low, at + 5);
  const std::uint32_t last = low != 0 ? low : middle != 0 ? middle : high;
  const std::size_t pairs = low != 0 ? 3 : middle != 0 ? 2 : 1;
  return at + 1 + 2 * pairs - (last % 10 == 0 ? 1 : 0);
}

char* put_decimal(double value, int digits, char* at) {
  switch (digits) {
    case 0:
      return put_decimal<0>(value, at);
    case 1:
      return put_decimal<1>(value, at);
    case 2:
      return put_decimal<2>(value, at);
    case 3:
      return put_decimal<3>(value, at);
    case 4:
      return put_decimal<4>(value, at);
    case 5:
      return put_decimal<5>(value, at);
    default:
      return put_decimal<6>(value, at);
  }
}

// A string that is not long, and its quotes; at most 6 · size + 2 bytes. So many bytes may be read
// from its beginning on, of which those behind it do not matter.
char* put_string(std::string_view text, [[maybe_unused]] std::size_t readable, char* at) {
  const std::size_t size = text.size();
  *at++ = '"';
  std::size_t done = 0;
#if defined(__AVX2__)
  for (; done < size && readable - done >= 32; done += 32) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + done));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(at + done), bytes);
    const auto left = static_cast<unsigned>(std::min<std::size_t>(size - done, 32));
    if ((escape_bits(bytes) & ((std::uint64_t{1} << left) - 1)) != 0) break;
  }
  done = std::min(done, size);
  at += done;
#endif
  text.remove_prefix(done);
  if (text.size() >= 4 && text.size() < 32 &&
      (text.size() >= 16 ? copy_half(text.data(), text.size(), at)
                         : copy_short(text.data(), text.size(), at))) {
    at += text.size();
  } else {
    for (const char c : text) {
      if (needs_escape(c)) {
        at = put_escape(c, at);
      } else {
        *at++ = c;
      }
    }
  }
  *at++ = '"';
  return at;
}

}  // namespace

void JsonWriter::grow(std::size_t size) {
  const auto used = static_cast<std::size_t>(at_ - out_.data());
  // What the writer has put lies within size(): growing keeps it.
  const std::size_t needed = used + size;
  std::size_t room = std::max(out_.capacity(), std::size_t{256});
  while (room < needed) room *= 2;
  out_.resize_and_overwrite(room, [](char*, std::size_t all) { return all; });
  at_ = out_.data() + used;
  limit_ = out_.data() + room;
}

void JsonWriter::finish() {
  out_.resize(static_cast<std::size_t>(at_ - out_.data()));
  limit_ = at_;  // What follows asks for room again.
}

// Room for the text that is left and kSlack more is kept all the time.
void JsonWriter::put_escaped(std::string_view text) {
  const char* from = text.data();
  std::size_t left = text.size();
  char* at = reserve(left + kSlack);
  const auto escape = [&] {
    at_ = put_escape(*from, at);
    ++from;
    --left;
    at = reserve(left + kSlack);
  };
#if defined(__AVX2__)
  while (left >= 32) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(at), bytes);
    const std::uint32_t bits = escape_bits(bytes);
    const std::size_t plain = bits == 0 ? 32 : static_cast<std::size_t>(std::countr_zero(bits));
    from += plain;
    at += plain;
    left -= plain;
    if (bits != 0) escape();
  }
#endif
  while (left >= 4) {
    const std::size_t size = std::min<std::size_t>(left, 31);
    if (size >= 16 ? copy_half(from, size, at) : copy_short(from, size, at)) {
      from += size;
      at += size;
      left -= size;
      continue;
    }
    while (!needs_escape(*from)) {
      *at++ = *from++;
      --left;
    }
    escape();
  }
  while (left > 0) {
    if (needs_escape(*from)) {
      escape();
      continue;
    }
    *at++ = *from++;
    --left;
  }
  at_ = at;
}

JsonWriter& JsonWriter::string(std::string_view text) {
  const std::size_t size = text.size();
  char* at = separated(size + kSlack);
  *at++ = '"';
  at_ = at;
  // Names and phrases, nearly always.
  if (size >= 4 && size < 32 &&
      (size >= 16 ? copy_half(text.data(), size, at) : copy_short(text.data(), size, at))) {
    at[size] = '"';
    at_ = at + size + 1;
    return *this;
  }
  put_escaped(text);
  *at_++ = '"';  // kSlack has room for it.
  return *this;
}

JsonText& JsonText::number(std::uint32_t value) {
  at_ = put_unsigned(value, at_);
  return *this;
}

JsonText& JsonText::decimal(double value, int digits) {
  at_ = put_decimal(value, digits, at_);
  return *this;
}

JsonText& JsonText::string(std::string_view text, std::size_t readable) {
  at_ = put_string(text, readable, at_);
  return *this;
}

JsonWriter& JsonWriter::number(std::int64_t value) {
  char* at = separated(24);
  auto magnitude = static_cast<std::uint64_t>(value);
  if (value < 0) {
    *at++ = '-';
    magnitude = ~magnitude + 1;
  }
  at_ = put_unsigned(magnitude, at);
  return *this;
}

JsonWriter& JsonWriter::decimal(double value, int digits) {
  at_ = put_decimal(value, digits, separated(40));
  return *this;
}

}  // namespace wirewatch
