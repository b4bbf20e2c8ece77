#include "common/text/article_text.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "common/base/check.h"
#include "common/base/hash.h"
#include "common/text/fold.h"

namespace wirewatch {

namespace {

using text_internal::Decoded;
using text_internal::FoldEntry;
using text_internal::FoldKind;

constexpr std::size_t kPadding = 64;  // Readable bytes after the folded text.

#if !defined(__AVX2__)
bool is_word_byte(char c) {
  return static_cast<unsigned char>(c) >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
#endif

// One bit per byte of a 64-byte block: does it belong to a word?
std::uint64_t word_bits(const char* at) {
#if defined(__AVX2__)
  const auto half = [](const char* from) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    const __m256i letter = _mm256_and_si256(_mm256_cmpgt_epi8(bytes, _mm256_set1_epi8('a' - 1)),
                                            _mm256_cmpgt_epi8(_mm256_set1_epi8('z' + 1), bytes));
    const __m256i digit = _mm256_and_si256(_mm256_cmpgt_epi8(bytes, _mm256_set1_epi8('0' - 1)),
                                           _mm256_cmpgt_epi8(_mm256_set1_epi8('9' + 1), bytes));
    // A byte >= 0x80 has its sign bit set: movemask reads just that bit.
    return static_cast<std::uint32_t>(
        _mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(letter, digit), bytes)));
  };
  return half(at) | (std::uint64_t{half(at + 32)} << 32);
#else
  std::uint64_t bits = 0;
  for (unsigned i = 0; i < 64; ++i) {
    bits |= std::uint64_t{is_word_byte(at[i])} << i;
  }
  return bits;
#endif
}

constexpr std::uint64_t kTokenSeed = 0xA0761D6478BD642FULL;

bool is_blank(std::string_view gap) {
  std::size_t newlines = 0;
  for (const char c : gap) newlines += static_cast<std::size_t>(c == '\n');
  return newlines >= 2;
}

bool has_blank_line(std::string_view text) {
  for (std::size_t at = text.find('\n'); at != std::string_view::npos;
       at = text.find('\n', at + 1)) {
    const std::string_view rest = text.substr(at + 1, 2);
    if (rest.starts_with('\n') || rest == "\r\n") return true;
  }
  return false;
}

}  // namespace

std::string_view to_string(Field field) {
  return field == Field::kHeadline ? "headline" : "body";
}

std::string_view to_string(Zone zone) {
  switch (zone) {
    case Zone::kHeadline:
      return "headline";
    case Zone::kDateline:
      return "dateline";
    case Zone::kLede:
      return "lede";
    case Zone::kBody:
      return "body";
    case Zone::kTail:
      return "tail";
  }
  return "body";
}

std::uint64_t token_hash(std::string_view folded) {
  if (folded.size() > 16) return hash_padded(folded.data(), folded.size(), kTokenSeed);
  char padded[16] = {};
  if (!folded.empty()) std::memcpy(padded, folded.data(), folded.size());
  return hash_padded(padded, folded.size(), kTokenSeed);
}

void fold(std::string_view text, std::string& folded) {
  text_internal::fold_into(text, 0, folded, nullptr);
}

void TextAnalyzer::analyze(std::string_view headline, std::string_view body,
                           ArticleText& text) const {
  text.zones_.clear();
  text.source_.clear();
  text.source_.append(headline).append("\n\n").append(body);
  text.headline_size_ = headline.size();
  text.folded_.clear();
  text.offsets_.clear();
  text.has_blank_lines_ = has_blank_line(body);
  // One pass per field, so that no joint or composition crosses the border.
  const std::string_view source = text.source_;
  text_internal::fold_into(source.substr(0, headline.size()), 0, text.folded_, &text.offsets_);
  const auto headline_folded = static_cast<std::uint32_t>(text.folded_.size());
  text_internal::fold_into(source.substr(headline.size()), headline.size(), text.folded_,
                           &text.offsets_);
  split(text);
  const std::span<const std::uint32_t> begins = std::span(text.begins_).first(text.token_count_);
  text.headline_token_count_ = static_cast<std::uint32_t>(
      std::lower_bound(begins.begin(), begins.end(), headline_folded) - begins.begin());
}

// A word begins where a word byte follows none, and ends where none follows one.
void TextAnalyzer::split(ArticleText& text) const {
  const std::size_t size = text.folded_.size();
  text.folded_.append(kPadding, '\0');  // Ends the last word, and is there to be read.
  const std::size_t room = std::min(size / 2 + 1, options_.token_max) + 64;
  if (text.hashes_.size() < room) {
    text.begins_.resize(room);
    text.ends_.resize(room);
    text.hashes_.resize(room);
  }
  const char* const folded = text.folded_.data();
  std::uint32_t* const begins = text.begins_.data();
  std::uint32_t* const ends = text.ends_.data();
  std::size_t begin_count = 0;
  std::size_t end_count = 0;
  std::size_t hash_count = 0;
  std::uint64_t carry = 0;
  for (std::size_t block = 0; block <= size && end_count < options_.token_max; block += 64) {
    const std::uint64_t bits = word_bits(folded + block);
    const std::uint64_t shifted = (bits << 1) | carry;
    std::uint64_t first = bits & ~shifted;
    std::uint64_t after = ~bits & shifted;
    carry = bits >> 63;
    const auto base = static_cast<std::uint32_t>(block);
    while (first != 0) {
      begins[begin_count++] = base + static_cast<std::uint32_t>(std::countr_zero(first));
      first &= first - 1;
    }
    while (after != 0) {
      ends[end_count++] = base + static_cast<std::uint32_t>(std::countr_zero(after));
      after &= after - 1;
    }
    for (; hash_count < end_count; ++hash_count) {
      text.hashes_[hash_count] = hash_padded(folded + begins[hash_count],
                                             ends[hash_count] - begins[hash_count], kTokenSeed);
    }
  }
  text.token_count_ =
      static_cast<std::uint32_t>(std::min<std::size_t>(end_count, options_.token_max));
  text.folded_.resize(size);
}

std::uint32_t ArticleText::source_offset(std::uint32_t folded_offset) const {
  // A joint is no character's: what follows it is meant.
  if (folded_offset < folded_.size() && (folded_[folded_offset] == text_internal::kInnerJoint ||
                                         folded_[folded_offset] == text_internal::kScriptJoint)) {
    ++folded_offset;
  }
  std::size_t at = offsets_.source_of(folded_offset);
  // Inside of a character that folds to several words ("℀"): its end.
  while (at < source_.size() && text_internal::is_continuation(source_[at])) ++at;
  return static_cast<std::uint32_t>(at);
}

SourceSpan ArticleText::source_span(std::uint32_t token_begin, std::uint32_t token_end) const {
  WIREWATCH_CHECK(token_begin < token_end && token_end <= token_count());
  const std::uint32_t begin = source_offset(begins_[token_begin]);
  const std::uint32_t end = std::max(source_offset(ends_[token_end - 1]), begin);
  if (token_begin < headline_token_count_) {
    const auto limit = static_cast<std::uint32_t>(headline_size_);
    return {Field::kHeadline, begin, std::min(end, limit)};
  }
  const auto base = static_cast<std::uint32_t>(body_begin());
  return {Field::kBody, begin - base, end - base};
}

bool ArticleText::is_capitalized(std::uint32_t token) const {
  const std::uint32_t at = source_offset(begins_[token]);
  const auto byte = static_cast<unsigned char>(source_[at]);
  if (byte < 0x80) return byte >= 'A' && byte <= 'Z';
  const Decoded decoded =
      text_internal::decode_utf8(source_.data() + at, source_.data() + source_.size());
  return decoded.code_point != text_internal::kInvalid &&
         text_internal::fold_entry(decoded.code_point).upper;
}

bool ArticleText::is_all_caps(std::uint32_t token) const {
  const char* at = source_.data() + source_offset(begins_[token]);
  const char* const end = source_.data() + source_offset(ends_[token]);
  bool any = false;
  while (at < end) {
    const Decoded decoded = text_internal::decode_utf8(at, end);
    if (decoded.code_point == text_internal::kInvalid) return false;
    const FoldEntry entry = text_internal::fold_entry(decoded.code_point);
    if (entry.upper) {
      any = true;
    } else if (entry.kind == FoldKind::kSpaced &&
               !(entry.bytes[0] >= '0' && entry.bytes[0] <= '9')) {
      return false;
    }
    at += decoded.size;
  }
  return any;
}

std::uint32_t ArticleText::token_at(Field which, std::uint32_t offset) const {
  const std::uint32_t low = which == Field::kHeadline ? 0 : headline_token_count_;
  const std::uint32_t high = which == Field::kHeadline ? headline_token_count_ : token_count();
  const std::size_t base = which == Field::kHeadline ? 0 : body_begin();
  const auto target = static_cast<std::uint32_t>(base + offset);
  const auto from = begins_.begin() + low;
  return static_cast<std::uint32_t>(
      std::partition_point(from, begins_.begin() + high,
                           [&](std::uint32_t begin) { return source_offset(begin) < target; }) -
      begins_.begin());
}

bool ArticleText::same_sentence(std::uint32_t a, std::uint32_t b) const {
  if (a > b) std::swap(a, b);
  for (std::uint32_t token = a + 1; token <= b; ++token) {
    const std::string_view gap = gap_before(token);
    if (is_blank(gap)) return false;
    const std::size_t stop = gap.find_first_of(".!?");
    if (stop == std::string_view::npos) continue;
    // "U.S. army", "Mr. Kim", "3.5": a stop ends no sentence after a single letter, an abbreviation
    // of up to three letters that begins with a capital, or inside a number.
    if (gap[stop] == '.') {
      if (gap.size() == 1) continue;
      const std::string_view before = folded(token - 1);
      const bool latin = static_cast<unsigned char>(before[0]) < 0x80;
      if (latin && before.size() <= 1) continue;
      if (latin && before.size() <= 3 && before[0] >= 'a' && is_capitalized(token - 1)) continue;
    }
    return false;
  }
  return true;
}

bool ArticleText::same_paragraph(std::uint32_t a, std::uint32_t b) const {
  if (a > b) std::swap(a, b);
  if ((a < headline_token_count_) != (b < headline_token_count_)) return false;
  for (std::uint32_t token = a + 1; token <= b; ++token) {
    const std::string_view gap = gap_before(token);
    if (has_blank_lines_ ? is_blank(gap) : gap.find('\n') != std::string_view::npos) return false;
  }
  return true;
}

std::uint32_t ArticleText::zone_index(std::uint32_t token) const {
  WIREWATCH_CHECK(!zones_.empty());
  const auto after = std::upper_bound(
      zones_.begin(), zones_.end(), token,
      [](std::uint32_t value, const ZoneSpan& zone) { return value < zone.token_end; });
  return static_cast<std::uint32_t>(
      std::min<std::ptrdiff_t>(after - zones_.begin(), std::ssize(zones_) - 1));
}

}  // namespace wirewatch
