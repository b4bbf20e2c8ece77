#include "common/topic/topic_model.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "common/base/check.h"
#include "common/base/hash.h"
#include "common/topic/topic_model_format.h"

namespace wirewatch {

namespace format = topic_model_format;

namespace {

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_sane(float value) {
  return std::isfinite(value) && std::fabs(value) < 1e9F;
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
  if (!is_sane(header.length_unit) || !is_sane(header.length_floor) || header.length_unit <= 0 ||
      header.length_floor <= 0) {
    return "length of features out of range";
  }
  if (header.scheme_begin > header.string_bytes ||
      header.scheme_size > header.string_bytes - header.scheme_begin) {
    return "strings out of range";
  }
  return {};
}

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
  const std::uint64_t classes_at = sizeof(format::Header);
  const std::uint64_t strings_at =
      classes_at + format::aligned(header.class_count * sizeof(format::Class));
  const std::uint64_t bits_at = strings_at + format::aligned(header.string_bytes);
  const std::uint64_t ranks_at = bits_at + format::aligned(buckets / 8);
  const std::uint64_t fingerprints_at =
      ranks_at + format::aligned(buckets / format::kRankBits * sizeof(std::uint32_t));
  const std::uint64_t rows_at = fingerprints_at + format::aligned(header.row_count);
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
  model.bits_ = reinterpret_cast<const std::uint64_t*>(bytes.data() + bits_at);
  model.ranks_ = reinterpret_cast<const std::uint32_t*>(bytes.data() + ranks_at);
  model.fingerprints_ = reinterpret_cast<const std::uint8_t*>(bytes.data() + fingerprints_at);
  model.rows_ = reinterpret_cast<const std::uint8_t*>(bytes.data() + rows_at);

  // The checksum is no proof against a made-up file: every row that find() can give must exist.
  std::uint64_t rows = 0;
  for (std::uint64_t word = 0; word < buckets / 64; ++word) {
    if (word % (format::kRankBits / 64) == 0 &&
        model.ranks_[word / (format::kRankBits / 64)] != rows) {
      return refuse("the rank table does not fit the bit table");
    }
    rows += static_cast<std::uint64_t>(std::popcount(model.bits_[word]));
  }
  if (rows != header.row_count) return refuse("the bit table does not fit the rows");
  return model;
}

std::uint32_t TopicModel::row_of(std::uint64_t feature) const {
  constexpr std::uint64_t kWords = format::kRankBits / 64;
  static_assert(kWords == 4);
  const std::uint64_t bucket = feature >> bucket_shift_;
  const std::uint64_t word = bucket / 64;
  const std::uint64_t* block = bits_ + (word & ~(kWords - 1));
  // Words before the feature's own count whole. Masks instead of a loop: its length could not be
  // predicted.
  const std::uint64_t place = word % kWords;
  const auto whole = [&](std::uint64_t index) {
    return block[index] & (index < place ? ~std::uint64_t{0} : std::uint64_t{0});
  };
  const std::uint64_t below = block[place] & ((std::uint64_t{1} << (bucket % 64)) - 1);
  return ranks_[bucket / format::kRankBits] +
         static_cast<std::uint32_t>(std::popcount(whole(0)) + std::popcount(whole(1)) +
                                    std::popcount(whole(2)) + std::popcount(below));
}

void TopicModel::begin(TopicScratch& scratch) const {
  if (scratch.counts_.size() < row_count_) scratch.counts_.resize(row_count_, 0);
  scratch.touched_.clear();
  scratch.sums_.assign(row_bytes_, 0);
  scratch.scores.assign(classes_.size(), 0.0F);
  scratch.known_feature_count = 0;
}

// Three passes without branches on the data: whether a feature is known is as good as random, and a
// mispredicted branch costs more than all the rest.
void TopicModel::add(std::span<const std::uint64_t> features, std::uint32_t count,
                     TopicScratch& scratch) const {
  if (scratch.present_.size() < features.size()) {
    scratch.present_.resize(features.size());
    scratch.rows_.resize(features.size());
  }
  std::size_t present = 0;
  for (const std::uint64_t feature : features) {
    scratch.present_[present] = feature;
    present += is_present(feature) ? 1U : 0U;
  }
  std::size_t known = 0;
  for (std::size_t index = 0; index < present; ++index) {
    const std::uint64_t feature = scratch.present_[index];
    const std::uint32_t row = row_of(feature);
    scratch.rows_[known] = row;
    known += fingerprints_[row] == format::fingerprint(feature) ? 1U : 0U;
  }
  std::size_t touched = scratch.touched_.size();
  scratch.touched_.resize(touched + known);
  for (std::size_t index = 0; index < known; ++index) {
    const std::uint32_t row = scratch.rows_[index];
    std::uint8_t& seen = scratch.counts_[row];
    scratch.touched_[touched] = row;
    touched += seen == 0 ? 1U : 0U;
    seen = static_cast<std::uint8_t>(std::min(seen + count, kCountMax));
  }
  scratch.touched_.resize(touched);
}

void TopicModel::finish_portable(TopicScratch& scratch) const {
  std::uint64_t length_squared = 0;
  for (const std::uint32_t row_index : scratch.touched_) {
    const std::uint8_t* row = rows_ + std::size_t{row_index} * row_bytes_;
    const std::int32_t units = format::kUnits[scratch.counts_[row_index]];
    length_squared += static_cast<std::uint64_t>(units * units) * row[0];
    for (std::size_t lane = 0; lane < row_bytes_; ++lane) {
      scratch.sums_[lane] += units * static_cast<std::int8_t>(row[lane]);
    }
  }
  take_sums(length_squared, scratch);
}

#if defined(__AVX2__)

namespace {

constexpr std::size_t kLanes = 32;         // Bytes of one vector.
constexpr std::size_t kPairsPerFlush = 8;  // 8 pairs of rows · 2 · 15 · 128 fit in 16 bits.
constexpr std::size_t kPrefetchDistance = 12;

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
  const std::span<const std::uint32_t> touched = scratch.touched_;
  const auto row_at = [&](std::size_t index) {
    return rows_ + std::size_t{touched[index]} * row_bytes_;
  };
  const auto units_at = [&](std::size_t index) {
    return format::kUnits[scratch.counts_[touched[index]]];
  };
  std::uint64_t length_squared = 0;
  for (std::size_t block = 0; block < row_bytes_; block += kLanes) {
    __m256i low = _mm256_setzero_si256();
    __m256i high = _mm256_setzero_si256();
    std::size_t pairs = 0;
    for (std::size_t index = 0; index < touched.size(); index += 2) {
      const bool last = index + 1 == touched.size();
      if (block == 0) {
        // Rows lie far apart in memory that is larger than the near caches.
        for (std::size_t ahead = index + kPrefetchDistance;
             ahead < std::min(index + kPrefetchDistance + 2, touched.size()); ++ahead) {
          for (std::size_t line = 0; line < row_bytes_; line += format::kAlignment) {
            _mm_prefetch(reinterpret_cast<const char*>(row_at(ahead) + line), _MM_HINT_T0);
          }
        }
        const std::uint64_t first = units_at(index);
        length_squared += first * first * row_at(index)[0];
        if (!last) {
          const std::uint64_t second = units_at(index + 1);
          length_squared += second * second * row_at(index + 1)[0];
        }
      }
      // The weights of two rows stand beside each other, and one instruction multiplies both by
      // their units and adds the products.
      const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row_at(index) + block));
      const __m256i b =
          last ? _mm256_setzero_si256()
               : _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row_at(index + 1) + block));
      const int second_units = last ? 0 : units_at(index + 1);
      const __m256i units =
          _mm256_set1_epi16(static_cast<short>(units_at(index) | (second_units << 8)));
      low = _mm256_add_epi16(low, _mm256_maddubs_epi16(units, _mm256_unpacklo_epi8(a, b)));
      high = _mm256_add_epi16(high, _mm256_maddubs_epi16(units, _mm256_unpackhi_epi8(a, b)));
      if (++pairs == kPairsPerFlush) {
        flush(low, high, scratch.sums_.data() + block);
        low = _mm256_setzero_si256();
        high = _mm256_setzero_si256();
        pairs = 0;
      }
    }
    flush(low, high, scratch.sums_.data() + block);
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
  scratch.known_feature_count = static_cast<std::uint32_t>(scratch.touched_.size());
  for (const std::uint32_t row : scratch.touched_) {
    scratch.counts_[row] = 0;
  }
}

void TopicModel::score(const ArticleText& text, TopicScratch& scratch) const {
  begin(scratch);
  const std::uint32_t headline_end = text.headline_token_count();
  for_each_counted_range(
      text, features_.token_max, [&](std::uint32_t token_begin, std::uint32_t token_end) {
        scratch.features.resize(std::size_t{token_end - token_begin} * kFeaturesPerToken);
        std::uint64_t* at = scratch.features.data();
        for_each_feature_in(text, features_, token_begin, token_end,
                            [&](const TopicFeature& feature) { *at++ = feature.hash; });
        const auto size = static_cast<std::size_t>(at - scratch.features.data());
        add({scratch.features.data(), size}, token_end <= headline_end ? headline_count_ : 1,
            scratch);
      });
  finish(scratch);
}

float TopicModel::confidence(std::size_t class_index, float score) const {
  const TopicClass& entry = classes_[class_index];
  return 1 / (1 + std::exp(-(entry.slope * score + entry.offset)));
}

float TopicModel::weight(std::uint64_t feature, std::size_t class_index) const {
  if (!is_present(feature)) return 0;
  const std::uint32_t row = row_of(feature);
  if (fingerprints_[row] != format::fingerprint(feature)) return 0;
  const std::uint8_t* weights = rows_ + std::size_t{row} * row_bytes_ + format::kRowHead;
  return classes_[class_index].scale *
         static_cast<float>(static_cast<std::int8_t>(weights[class_index]));
}

}  // namespace wirewatch
