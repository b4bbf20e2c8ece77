#include "common/text/article_text.h"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "common/base/check.h"
#include "common/base/hash.h"
#include "common/base/utf8.h"
#include "common/text/fold.h"

namespace wirewatch {

namespace {

using text_internal::Decoded;
using text_internal::FoldEntry;
using text_internal::FoldKind;

constexpr std::size_t kPadding = 64;  // Bytes after the folded text, of which a block is read.
static_assert(kPadding >= ArticleText::kReadable);
constexpr std::size_t kRoom =
    64;  // Entries after the last token, of which a block may have so many.
static_assert(kRoom >= ArticleText::kReadableTokens);

#if !defined(__AVX2__)
bool is_word_byte(char c) {
  return static_cast<unsigned char>(c) >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
#endif

// One bit per byte of a 64-byte block.
struct BlockBits {
  std::uint64_t words = 0;  // Does it belong to a word?
  std::uint64_t line_ends = 0;
};

BlockBits block_bits(const char* at) {
#if defined(__AVX2__)
  const auto bits = [](__m256i bytes) {  // The sign bit of each byte.
    return std::uint64_t{static_cast<std::uint32_t>(_mm256_movemask_epi8(bytes))};
  };
  const auto half = [&](const char* from) -> BlockBits {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    const __m256i letter = _mm256_and_si256(_mm256_cmpgt_epi8(bytes, _mm256_set1_epi8('a' - 1)),
                                            _mm256_cmpgt_epi8(_mm256_set1_epi8('z' + 1), bytes));
    const __m256i digit = _mm256_and_si256(_mm256_cmpgt_epi8(bytes, _mm256_set1_epi8('0' - 1)),
                                           _mm256_cmpgt_epi8(_mm256_set1_epi8('9' + 1), bytes));
    // A byte >= 0x80 has its sign bit set.
    return {bits(_mm256_or_si256(_mm256_or_si256(letter, digit), bytes)),
            bits(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\n')))};
  };
  const BlockBits low = half(at);
  const BlockBits high = half(at + 32);
  return {low.words | high.words << 32, low.line_ends | high.line_ends << 32};
#else
  BlockBits bits;
  for (unsigned i = 0; i < 64; ++i) {
    bits.words |= std::uint64_t{is_word_byte(at[i])} << i;
    bits.line_ends |= std::uint64_t{at[i] == '\n'} << i;
  }
  return bits;
#endif
}

// Writes base and the place of each bit, and returns the end. A number of them is written without
// asking how many there are: that could not be predicted. 64 places must be writable.
std::uint32_t* put_places(std::uint64_t bits, std::uint32_t base, std::uint32_t* to) {
  constexpr std::size_t kAlways = 24;  // Of a block of English, 21 on average.
  std::uint32_t* const end = to + std::popcount(bits);
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kAlways; ++i) {
    to[i] = base + static_cast<std::uint32_t>(std::countr_zero(bits));
    bits &= bits - 1;
  }
  for (to += kAlways; to < end; ++to) {
    *to = base + static_cast<std::uint32_t>(std::countr_zero(bits));
    bits &= bits - 1;
  }
  return end;
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
  text.has_blank_lines_ = has_blank_line(body);
  // One pass per field, so that no joint or composition crosses the border.
  const std::string_view source = text.source_;
  text.trace_.offsets.begin(source.size(), 2);
  text_internal::fold_into(source.substr(0, headline.size()), 0, text.folded_, &text.trace_);
  const auto headline_folded = static_cast<std::uint32_t>(text.folded_.size());
  text_internal::fold_into(source.substr(headline.size()), headline.size(), text.folded_,
                           &text.trace_);
  text.trace_.offsets.finish();
  split(text);
  text.headline_token_count_ = text.first_token(0, text.token_count_, [&](std::uint32_t token) {
    return text.begin_of(token) >= headline_folded;
  });
}

// A word begins where a word byte follows none, and ends where none follows one: these places take
// turns.
void TextAnalyzer::split(ArticleText& text) const {
  const std::size_t size = text.folded_.size();
  text.folded_size_ = size;
  text.folded_.append(kPadding, '\0');  // Ends the last word.
  const std::size_t room = std::min(size / 2 + 1, options_.token_max) + kRoom;
  if (text.hashes_.size() < room) {
    text.edges_.resize(2 * room);
    text.capitals_.resize(room);
    text.hashes_.resize(room);
    text.first_bytes_.resize(room);
  }
  const char* const folded = text.folded_.data();
  std::uint32_t* edge = text.edges_.data();
  const std::uint32_t* const edge_max = edge + 2 * options_.token_max;
  text.lines_.clear();
  std::uint64_t carry = 0;
  for (std::size_t block = 0; block <= size && edge < edge_max; block += 64) {
    const auto [words, line_ends] = block_bits(folded + block);
    const std::uint64_t edges = words ^ ((words << 1) | carry);
    carry = words >> 63;
    const auto edges_before = static_cast<std::size_t>(edge - text.edges_.data());
    for (std::uint64_t left = line_ends; left != 0; left &= left - 1) {
      // All words that began before it have ended, at the latest there.
      const int here = std::popcount(edges & (left ^ (left - 1)));
      add_line(static_cast<std::uint32_t>((edges_before + static_cast<std::size_t>(here)) / 2),
               text.lines_);
    }
    edge = put_places(edges, static_cast<std::uint32_t>(block), edge);
  }
  const std::size_t count =
      std::min(static_cast<std::size_t>(edge - text.edges_.data()) / 2, options_.token_max);
  text.token_count_ = static_cast<std::uint32_t>(count);
  const std::uint32_t* const edges = text.edges_.data();
  const char* const upper = text.trace_.capitals.data();
  std::uint8_t* const capitals = text.capitals_.data();
  std::uint64_t* const hashes = text.hashes_.data();
  std::uint64_t* const first_bytes = text.first_bytes_.data();
  for (std::size_t token = 0; token < count; ++token) {
    const std::uint32_t begin = edges[2 * token];
    hashes[token] = hash_padded(folded + begin, edges[2 * token + 1] - begin, kTokenSeed);
    first_bytes[token] = load8(folded + begin);
    capitals[token] = static_cast<std::uint8_t>(upper[begin] & 1);
  }
}

void TextAnalyzer::add_line(std::uint32_t token, std::vector<ArticleText::Line>& lines) {
  if (!lines.empty() && lines.back().token == token) {
    ++lines.back().line_ends;
  } else {
    lines.push_back({token, 1});
  }
}

std::uint32_t ArticleText::source_offset(std::uint32_t folded_offset) const {
  // A joint is no character's: what follows it is meant.
  if (folded_[folded_offset] == text_internal::kInnerJoint ||
      folded_[folded_offset] == text_internal::kScriptJoint) {
    ++folded_offset;
  }
  std::size_t at = trace_.offsets.source_of(folded_offset);
  // Inside of a character that folds to several words ("℀"): its end.
  while (at < source_.size() && is_continuation(source_[at])) ++at;
  return static_cast<std::uint32_t>(at);
}

SourceSpan ArticleText::source_span(std::uint32_t token_begin, std::uint32_t token_end) const {
  WIREWATCH_CHECK(token_begin < token_end && token_end <= token_count());
  const std::uint32_t begin = source_offset(begin_of(token_begin));
  const std::uint32_t end = std::max(source_offset(end_of(token_end - 1)), begin);
  if (token_begin < headline_token_count_) {
    const auto limit = static_cast<std::uint32_t>(headline_size_);
    return {Field::kHeadline, begin, std::min(end, limit)};
  }
  const auto base = static_cast<std::uint32_t>(body_begin());
  return {Field::kBody, begin - base, end - base};
}

bool ArticleText::is_all_caps(std::uint32_t token) const {
  const char* at = source_.data() + source_offset(begin_of(token));
  // Most words tell by their second letter.
  if (end_of(token) - begin_of(token) > 1 && at + 1 < source_.data() + source_.size() &&
      at[1] >= 'a' && at[1] <= 'z') {
    return false;
  }
  const char* const end = source_.data() + source_offset(end_of(token));
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
  return first_token(low, high,
                     [&](std::uint32_t token) { return source_offset(begin_of(token)) >= target; });
}

std::uint32_t ArticleText::sentence_end(std::uint32_t token, std::uint32_t last) const {
  const auto is_east_asian = [this](std::uint32_t of) {
    return static_cast<unsigned char>(folded(of)[0]) >= 0xE3;  // From U+3000 on.
  };
  for (++token; token <= last; ++token) {
    const std::string_view gap = gap_before(token);
    if (gap.size() == 1 && gap[0] == ' ') continue;  // Nearly always.
    if (is_blank(gap)) break;
    const std::size_t stop = gap.find_first_of(".!?");
    if (stop == std::string_view::npos) continue;
    // "U.S. army", "Mr. Kim", "3.5": a stop ends no sentence after a single letter, an abbreviation
    // of up to three letters that begins with a capital, or inside a number. Beside Han, kana and
    // Hangul it always does: no space need follow.
    if (gap[stop] == '.' && !is_east_asian(token - 1) && !is_east_asian(token)) {
      if (gap.size() == 1) continue;
      const std::string_view before = folded(token - 1);
      const bool latin = static_cast<unsigned char>(before[0]) < 0x80;
      if (latin && before.size() <= 1) continue;
      if (latin && before.size() <= 3 && before[0] >= 'a' && is_capitalized(token - 1)) continue;
    }
    break;
  }
  return token;
}

std::uint32_t ArticleText::paragraph_end(std::uint32_t token, std::uint32_t last) const {
  for (++token; token <= last; ++token) {
    const std::string_view gap = gap_before(token);
    if (token == headline_token_count_ ||
        (has_blank_lines_ ? is_blank(gap) : gap.find('\n') != std::string_view::npos)) {
      break;
    }
  }
  return token;
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
