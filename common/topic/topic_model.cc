#include "common/topic/topic_model.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "common/base/hash.h"
#include "common/topic/topic_model_format.h"

namespace wirewatch {

namespace format = topic_model_format;

namespace {

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Within these bounds scores and log odds stay finite, whatever the rows hold.
constexpr float kSaneMax = 1e6F;

bool is_sane(float value) {
  return std::isfinite(value) && std::fabs(value) <= kSaneMax;
}

bool is_sane_length(float value) {
  return is_sane(value) && value >= 1 / kSaneMax;
}

// The first defect of a header, or nothing.
std::string_view header_defect(const format::Header& header, std::size_t file_bytes) {
  if (header.magic != format::kMagic) return "not a model file";
  if (header.format_version != TopicModel::kFormatVersion) return "another version of the format";
  if (header.file_bytes != file_bytes) return "the file is cut or has bytes after its end";
  if (header.kind < 1 || header.kind > 3) return "unknown kind of model";
  if (header.class_count < 1 || header.class_count > TopicModel::kClassMax) {
    return "number of classes out of range";
  }
  if (header.bucket_bits < format::kBucketBitsMin || header.bucket_bits > format::kBucketBitsMax) {
    return "size of the bit table out of range";
  }
  if (header.row_bytes % format::kRowPadding != 0 ||
      header.row_bytes < header.class_count + format::kRowHead ||
      header.row_bytes > TopicModel::kClassMax + format::kRowHead + format::kRowPadding) {
    return "size of a row out of range";
  }
  if (header.row_count > (1U << header.bucket_bits)) return "more rows than buckets";
  if (header.token_max < 1 || header.headline_count < 1 || header.headline_count > 15) {
    return "feature options out of range";
  }
  if (!is_sane_length(header.length_unit) || !is_sane_length(header.length_floor)) {
    return "length of features out of range";
  }
  if (header.scheme_begin > header.string_bytes ||
      header.scheme_size > header.string_bytes - header.scheme_begin) {
    return "strings out of range";
  }
  return {};
}

template <typename Value>
void grow(std::vector<Value>& values, std::size_t size) {
  if (values.size() < size) values.resize(size);
}

struct Stem {
  std::uint64_t feature = 0;
  bool exists = false;  // False for a short word.
};

Stem plain_stem(std::string_view word) {
  const std::size_t size = stem_size(word);
  return {.feature = stem_feature(word.substr(0, size)), .exists = size > 0};
}

#if defined(__AVX2__)
// `text_end` is where readable bytes end.
inline Stem stem_of(std::string_view word, const char* text_end) {
  constexpr std::size_t kBytes = 16;
  if (text_end - word.data() < static_cast<std::ptrdiff_t>(kBytes)) return plain_stem(word);
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(word.data()));
  // The bytes that begin a character, without the first five of them.
  constexpr char kLastInner = -65;  // 0xBF, the last of the bytes inside of a character.
  auto begins = static_cast<std::uint32_t>(
      _mm_movemask_epi8(_mm_cmpgt_epi8(bytes, _mm_set1_epi8(kLastInner))));
  for (std::size_t character = 0; character < kStemCharacters; ++character) begins &= begins - 1;
  const auto size = static_cast<std::size_t>(std::countr_zero(begins | (1U << kBytes)));
  if (size == kBytes && word.size() > kBytes) return plain_stem(word);  // Four-byte characters.
  static constexpr auto kMask = [] {
    std::array<std::uint8_t, 2 * kBytes> mask{};
    for (std::size_t at = 0; at < kBytes; ++at) mask[at] = 0xFF;
    return mask;
  }();
  const __m128i stem = _mm_and_si128(
      bytes, _mm_loadu_si128(reinterpret_cast<const __m128i*>(kMask.data() + kBytes - size)));
  return {.feature = stem_feature(static_cast<std::uint64_t>(_mm_cvtsi128_si64(stem)),
                                  static_cast<std::uint64_t>(_mm_extract_epi64(stem, 1))),
          .exists = size < word.size()};
}
#else
inline Stem stem_of(std::string_view word, const char* /*text_end*/) {
  return plain_stem(word);
}
#endif

bool is_sane(const format::Class& entry, const format::Header& header, std::uint32_t index) {
  return entry.id_begin <= header.string_bytes &&
         entry.id_size <= header.string_bytes - entry.id_begin && entry.parent >= -1 &&
         entry.parent < static_cast<std::int32_t>(index) && is_sane(entry.scale) &&
         is_sane(entry.bias) && is_sane(entry.slope) && is_sane(entry.offset) &&
         is_sane(entry.threshold);
}

}  // namespace

std::expected<TopicModel, std::string> TopicModel::from_bytes(std::span<const std::byte> bytes) {
  const auto refuse = [](std::string_view why) {
    return std::unexpected("topic model: " + std::string(why));
  };
  if (bytes.size() < sizeof(format::Header)) return refuse("the file is too short");
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(std::uint64_t) != 0) {
    return refuse("the bytes are not aligned");
  }
  format::Header header;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (const std::string_view defect = header_defect(header, bytes.size()); !defect.empty()) {
    return refuse(defect);
  }

  const std::uint64_t buckets = std::uint64_t{1} << header.bucket_bits;
  const std::uint64_t block_count = buckets / format::kBlockBuckets;
  const std::uint64_t classes_at = sizeof(format::Header);
  const std::uint64_t strings_at =
      classes_at + format::aligned(header.class_count * sizeof(format::Class));
  const std::uint64_t blocks_at = strings_at + format::aligned(header.string_bytes);
  const std::uint64_t rows_at = blocks_at + format::aligned(block_count * sizeof(format::Block));
  const std::uint64_t end = rows_at + std::uint64_t{header.row_count} * header.row_bytes;
  if (end != bytes.size()) return refuse("the sections do not fill the file");
  if (hash_bytes(as_text(bytes.subspan(sizeof(format::Header)))) != header.checksum) {
    return refuse("the checksum differs: the file is damaged");
  }

  TopicModel model;
  model.kind_ = static_cast<TopicModelKind>(header.kind);
  model.features_ = {
      .pairs = header.pairs != 0, .stems = header.stems != 0, .token_max = header.token_max};
  model.exclusive_ = header.exclusive != 0;
  model.headline_count_ = header.headline_count;
  model.checksum_ = header.checksum;
  model.length_unit_ = header.length_unit;
  model.length_floor_ = header.length_floor;
  model.bucket_shift_ = 64 - header.bucket_bits;
  model.row_bytes_ = header.row_bytes;
  model.row_count_ = header.row_count;
  const std::string_view strings = as_text(bytes.subspan(strings_at, header.string_bytes));
  model.scheme_ = strings.substr(header.scheme_begin, header.scheme_size);
  for (std::uint32_t index = 0; index < header.class_count; ++index) {
    format::Class entry;
    std::memcpy(&entry, bytes.data() + classes_at + index * sizeof entry, sizeof entry);
    if (!is_sane(entry, header, index)) return refuse("a class is out of range");
    model.classes_.push_back({.id = strings.substr(entry.id_begin, entry.id_size),
                              .parent = entry.parent,
                              .level = entry.level,
                              .scale = entry.scale,
                              .bias = entry.bias,
                              .slope = entry.slope,
                              .offset = entry.offset,
                              .threshold = entry.threshold});
  }
  model.blocks_ = reinterpret_cast<const format::Block*>(bytes.data() + blocks_at);
  model.rows_ = reinterpret_cast<const std::uint8_t*>(bytes.data() + rows_at);

  // The checksum is no proof against a made-up file: every row that can be found must exist.
  std::uint64_t rows = 0;
  for (const format::Block& block : std::span(model.blocks_, block_count)) {
    if (block.rank != rows) return refuse("the ranks do not fit the bit table");
    for (const std::uint64_t bits : block.bits) {
      rows += static_cast<std::uint64_t>(std::popcount(bits));
    }
  }
  if (rows != header.row_count) return refuse("the bit table does not fit the rows");
  return model;
}

inline const format::Block& TopicModel::block_of(std::uint64_t feature) const {
  return blocks_[(feature >> bucket_shift_) / format::kBlockBuckets];
}

inline bool TopicModel::is_present(std::uint64_t feature) const {
  const std::uint64_t bucket = feature >> bucket_shift_;
  const format::Block& block = block_of(feature);
  return ((block.bits[bucket % format::kBlockBuckets / 64] >> (bucket % 64)) & 1U) != 0;
}

inline std::uint32_t TopicModel::row_of(std::uint64_t feature) const {
  static_assert(format::kBlockBuckets == 4 * 64);
  const std::uint64_t bucket = feature >> bucket_shift_;
  const format::Block& block = block_of(feature);
  // Words before the feature's own count whole. Masks instead of a loop: its length could not be
  // predicted.
  const std::uint64_t place = bucket % format::kBlockBuckets / 64;
  const auto whole = [&](std::uint64_t index) {
    return block.bits[index] & (index < place ? ~std::uint64_t{0} : std::uint64_t{0});
  };
  const std::uint64_t below = block.bits[place] & ((std::uint64_t{1} << (bucket % 64)) - 1);
  return static_cast<std::uint32_t>(block.rank) +
         static_cast<std::uint32_t>(std::popcount(whole(0)) + std::popcount(whole(1)) +
                                    std::popcount(whole(2)) + std::popcount(below));
}

inline bool TopicModel::is_row_of(std::uint32_t row, std::uint64_t feature) const {
  return row_at(row)[1] == format::fingerprint(feature);
}

void TopicModel::begin(TopicScratch& scratch) const {
  if (scratch.counts_.size() < row_count_) scratch.counts_.resize(row_count_, 0);
  scratch.touched_count_ = 0;
  scratch.sums_.assign(row_bytes_, 0);
  scratch.scores.assign(classes_.size(), 0.0F);
  scratch.known_feature_count = 0;
}

void TopicModel::add(std::span<const std::uint64_t> features, std::uint32_t count,
                     TopicScratch& scratch) const {
  grow(scratch.present_, features.size());
  grow(scratch.rows_, features.size());
  std::copy(features.begin(), features.end(), scratch.present_.begin());
  for (const std::uint64_t feature : features) __builtin_prefetch(&block_of(feature));
  const std::size_t present = keep_present(0, features.size(), scratch);
  find_rows(0, present, scratch);
  count_rows(present, count, scratch);
}

void TopicModel::score(const ArticleText& text, TopicScratch& scratch) const {
  begin(scratch);
  add_segment(text, true, scratch);
  add_segment(text, false, scratch);
  finish(scratch);
}

// Every step is a loop without branches on the data: whether a word is known is as good as random,
// and a mispredicted branch costs more than all the rest. What a step will read is asked for
// before, so that it does not wait for memory: the tables are larger than the near caches, and
// other steps of the pipeline use these too.
void TopicModel::add_segment(const ArticleText& text, bool headline, TopicScratch& scratch) const {
  const std::size_t words = find_words(text, headline, scratch);
  find_rows(0, words, scratch);
  const std::size_t with_pairs = features_.pairs ? find_pairs(text, words, scratch) : words;
  find_rows(words, with_pairs, scratch);
  std::size_t all = with_pairs;
  if (features_.stems) {
    leave_to_stems(words, scratch);
    all = find_stems(text, with_pairs, scratch);
    find_rows(with_pairs, all, scratch);
  }
  count_rows(all, headline ? headline_count_ : 1, scratch);
}

std::size_t TopicModel::find_words(const ArticleText& text, bool headline,
                                   TopicScratch& scratch) const {
  constexpr std::uint32_t kAhead = 32;  // Tokens.
  const std::uint64_t* hashes = text.hashes().data();
  const std::size_t size =
      std::min<std::size_t>(text.token_count(), features_.token_max) + 1;  // For what is not kept.
  grow(scratch.tokens_, size);
  grow(scratch.others_, 2 * size);
  grow(scratch.present_, 4 * size);
  grow(scratch.rows_, 4 * size);
  std::size_t known = 0;
  std::size_t others = 0;
  for_each_counted_range(text, features_.token_max, [&](std::uint32_t begin, std::uint32_t end) {
    if ((end <= text.headline_token_count()) != headline) return;
    std::uint32_t* const known_at = scratch.tokens_.data();
    std::uint32_t* const others_at = scratch.others_.data();
    std::uint64_t* const present_at = scratch.present_.data();
    for (std::uint32_t token = begin; token < std::min(end, begin + kAhead); ++token) {
      __builtin_prefetch(&block_of(hashes[token]));
    }
    for (std::uint32_t token = begin; token < end; ++token) {
      __builtin_prefetch(&block_of(hashes[std::min(token + kAhead, end - 1)]));
      const std::size_t present = is_present(hashes[token]) ? 1 : 0;
      known_at[known] = token;
      present_at[known] = hashes[token];
      others_at[others] = token;
      known += present;
      others += 1 - present;
    }
  });
  scratch.other_count_ = others;
  return known;
}

// A pair has a row only where both of its words have one, so neighbours among the words found are
// all there is to look up.
std::size_t TopicModel::find_pairs(const ArticleText& text, std::size_t word_count,
                                   TopicScratch& scratch) const {
  const std::uint64_t* hashes = text.hashes().data();
  const std::uint32_t* tokens = scratch.tokens_.data();
  std::uint64_t* const present = scratch.present_.data();
  std::size_t found = word_count;
  for (std::size_t index = 1; index < word_count; ++index) {
    const std::uint32_t token = tokens[index];
    const std::uint32_t before = tokens[index - 1];
    const std::uint64_t feature = pair_feature(hashes[before], hashes[token]);
    __builtin_prefetch(&block_of(feature));
    present[found] = feature;
    found += token - before == 1 ? 1U : 0U;
  }
  return keep_present(word_count, found, scratch);
}

// Adds words that share their bucket with a row of something else to those without a row.
void TopicModel::leave_to_stems(std::size_t word_count, TopicScratch& scratch) const {
  std::size_t others = scratch.other_count_;
  for (std::size_t index = 0; index < word_count; ++index) {
    scratch.others_[others] = scratch.tokens_[index];
    others += is_row_of(scratch.rows_[index], scratch.present_[index]) ? 0U : 1U;
  }
  scratch.other_count_ = others;
}

std::size_t TopicModel::find_stems(const ArticleText& text, std::size_t found,
                                   TopicScratch& scratch) const {
  if (text.token_count() == 0) return found;
  const std::string_view last = text.folded(text.token_count() - 1);
  const char* const text_end = last.data() + last.size();
  std::size_t end = found;
  for (std::size_t index = 0; index < scratch.other_count_; ++index) {
    const Stem stem = stem_of(text.folded(scratch.others_[index]), text_end);
    __builtin_prefetch(&block_of(stem.feature));
    scratch.present_[end] = stem.feature;
    end += stem.exists ? 1U : 0U;
  }
  return keep_present(found, end, scratch);
}

std::size_t TopicModel::keep_present(std::size_t begin, std::size_t end,
                                     TopicScratch& scratch) const {
  std::uint64_t* const features = scratch.present_.data();
  std::size_t kept = begin;
  for (std::size_t index = begin; index < end; ++index) {
    const std::uint64_t feature = features[index];
    features[kept] = feature;
    kept += is_present(feature) ? 1U : 0U;
  }
  return kept;
}

void TopicModel::find_rows(std::size_t begin, std::size_t end, TopicScratch& scratch) const {
  for (std::size_t index = begin; index < end; ++index) {
    const std::uint32_t row = row_of(scratch.present_[index]);
    scratch.rows_[index] = row;
    __builtin_prefetch(row_at(row));
    __builtin_prefetch(&scratch.counts_[row]);
  }
}

void TopicModel::count_rows(std::size_t end, std::uint32_t count, TopicScratch& scratch) const {
  std::size_t touched = scratch.touched_count_;
  grow(scratch.touched_, touched + end + 1);
  std::uint32_t* const touched_at = scratch.touched_.data();
  std::uint8_t* const counts = scratch.counts_.data();
  for (std::size_t index = 0; index < end; ++index) {
    const std::uint32_t row = scratch.rows_[index];
    const std::uint32_t times = is_row_of(row, scratch.present_[index]) * count;
    const std::uint32_t seen = counts[row];
    touched_at[touched] = row;
    touched += (seen == 0 ? 1U : 0U) & (times != 0 ? 1U : 0U);
    counts[row] = static_cast<std::uint8_t>(std::min(seen + times, kCountMax));
  }
  scratch.touched_count_ = touched;
}

// Turns counts into units and makes them zero again; the square of the article's length.
std::uint64_t TopicModel::take_counts(TopicScratch& scratch) const {
  const std::span touched = std::span(scratch.touched_).first(scratch.touched_count_);
  grow(scratch.counted_, touched.size());
  std::uint64_t length_squared = 0;
  std::size_t at = 0;
  for (const std::uint32_t row : touched) {
    const std::uint32_t units = format::kUnits[scratch.counts_[row]];
    scratch.counts_[row] = 0;
    scratch.counted_[at++] = {.row = row, .units = units};
    length_squared += std::uint64_t{units * units} * row_at(row)[0];
  }
  return length_squared;
}

void TopicModel::finish_portable(TopicScratch& scratch) const {
  const std::uint64_t length_squared = take_counts(scratch);
  for (const auto& [row, units] : std::span(scratch.counted_).first(scratch.touched_count_)) {
    for (std::size_t lane = 0; lane < row_bytes_; ++lane) {
      scratch.sums_[lane] +=
          static_cast<std::int32_t>(units) * static_cast<std::int8_t>(row_at(row)[lane]);
    }
  }
  take_sums(length_squared, scratch);
}

#if defined(__AVX2__)

namespace {

constexpr std::size_t kLanes = 32;         // Bytes of one vector.
constexpr std::size_t kRowsPerFlush = 16;  // 8 pairs of rows · 2 · 15 · 128 fit in 16 bits.

// Adds eight 16-bit sums to eight 32-bit ones.
void flush_half(__m128i sums, std::int32_t* to) {
  __m256i* at = reinterpret_cast<__m256i*>(to);
  _mm256_storeu_si256(at, _mm256_add_epi32(_mm256_loadu_si256(at), _mm256_cvtepi16_epi32(sums)));
}

// The 16-bit sums stand as the unpacking of bytes left them: the low unpacking holds bytes 0 to 7
// and 16 to 23 of the block, the high one the others.
void flush(__m256i low, __m256i high, std::int32_t* to) {
  flush_half(_mm256_castsi256_si128(low), to);
  flush_half(_mm256_castsi256_si128(high), to + 8);
  flush_half(_mm256_extracti128_si256(low, 1), to + 16);
  flush_half(_mm256_extracti128_si256(high, 1), to + 24);
}

}  // namespace

void TopicModel::finish(TopicScratch& scratch) const {
  const std::uint64_t length_squared = take_counts(scratch);
  const std::size_t size = scratch.touched_count_;
  grow(scratch.counted_, size + 1);
  scratch.counted_[size] = {};  // Rows are taken in pairs: row 0, not once.
  const TopicScratch::Counted* const counted = scratch.counted_.data();
  for (std::size_t block = 0; block < row_bytes_; block += kLanes) {
    const auto load = [&](std::size_t index) {
      return _mm256_loadu_si256(
          reinterpret_cast<const __m256i*>(row_at(counted[index].row) + block));
    };
    for (std::size_t first = 0; first < size; first += kRowsPerFlush) {
      __m256i low = _mm256_setzero_si256();
      __m256i high = _mm256_setzero_si256();
      const std::size_t end = std::min(first + kRowsPerFlush, size);
      for (std::size_t index = first; index < end; index += 2) {
        // The weights of two rows stand beside each other, and one instruction multiplies both by
        // their units and adds the products.
        const __m256i a = load(index);
        const __m256i b = load(index + 1);
        const __m256i units = _mm256_set1_epi16(
            static_cast<short>(counted[index].units | (counted[index + 1].units << 8)));
        low = _mm256_add_epi16(low, _mm256_maddubs_epi16(units, _mm256_unpacklo_epi8(a, b)));
        high = _mm256_add_epi16(high, _mm256_maddubs_epi16(units, _mm256_unpackhi_epi8(a, b)));
      }
      flush(low, high, scratch.sums_.data() + block);
    }
  }
  take_sums(length_squared, scratch);
}

#else

void TopicModel::finish(TopicScratch& scratch) const {
  finish_portable(scratch);
}

#endif

void TopicModel::take_sums(std::uint64_t length_squared, TopicScratch& scratch) const {
  constexpr float kUnitsSquared = format::kUnitsPerCount * format::kUnitsPerCount;
  const float length = std::sqrt(static_cast<float>(length_squared) * length_unit_ / kUnitsSquared);
  const float factor = 1 / (format::kUnitsPerCount * std::max(length, length_floor_));
  for (std::size_t index = 0; index < classes_.size(); ++index) {
    const auto sum = static_cast<float>(scratch.sums_[index + format::kRowHead]);
    scratch.scores[index] = classes_[index].bias + classes_[index].scale * factor * sum;
  }
  scratch.known_feature_count = static_cast<std::uint32_t>(scratch.touched_count_);
}

float TopicModel::confidence(std::size_t class_index, float score) const {
  return 1 / (1 + std::exp(-log_odds(class_index, score)));
}

bool TopicModel::knows(std::uint64_t feature) const {
  return is_present(feature) && is_row_of(row_of(feature), feature);
}

float TopicModel::weight(std::uint64_t feature, std::size_t class_index) const {
  if (!knows(feature)) return 0;
  const std::uint8_t* weights = row_at(row_of(feature)) + format::kRowHead;
  return classes_[class_index].scale *
         static_cast<float>(static_cast<std::int8_t>(weights[class_index]));
}

}  // namespace wirewatch
