#include "common/topic/topic_model.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>

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
  if (header.format_version != TopicModel::kFormatVersion) {
    return "another version of the format; train it again by this version's wirewatch_train_topics";
  }
  if (header.file_bytes != file_bytes) return "the file is cut or has bytes after its end";
  if (header.kind < 1 || header.kind > 3) return "unknown kind of model";
  if (header.class_count < 1 || header.class_count > TopicModel::kClassMax) {
    return "number of classes out of range";
  }
  if (header.bucket_bits < format::kBucketBitsMin || header.bucket_bits > format::kBucketBitsMax) {
    return "number of buckets out of range";
  }
  if (header.row_bytes % format::kRowPadding != 0 ||
      header.row_bytes < header.class_count + format::kRowHead ||
      header.row_bytes > TopicModel::kClassMax + format::kRowHead + format::kRowPadding) {
    return "size of a row out of range";
  }
  if (header.row_count < 1 || header.row_count > std::uint64_t{format::kBucketSlots}
                                                     << header.bucket_bits) {
    return "number of rows out of range";
  }
  if (header.token_max < 1 || header.token_max > TopicModel::kTokenMax ||
      header.headline_count < 1 || header.headline_count > 15) {
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
         is_sane(entry.short_slope) && is_sane(entry.short_offset) && is_sane(entry.threshold);
}

// The number of slots in use, or nothing where these are not the first ones.
std::optional<std::uint32_t> rows_of(const format::Bucket& bucket) {
  const auto is_used = [](std::uint16_t slot) { return slot != 0; };
  const auto* const end = std::find(bucket.slots.begin(), bucket.slots.end(), 0);
  if (std::any_of(end, bucket.slots.end(), is_used)) return std::nullopt;
  return static_cast<std::uint32_t>(end - bucket.slots.begin());
}

// The checksum is no proof against a made-up file: every row that can be found must exist. Empty
// when it does.
std::string_view buckets_defect(std::span<const format::Bucket> buckets, std::uint32_t row_count) {
  std::uint64_t rows = 0;
  for (const format::Bucket& bucket : buckets) {
    if (bucket.rank != rows) return "the ranks do not fit the buckets";
    const auto in_use = rows_of(bucket);
    if (!in_use) return "a slot is neither free nor in use";
    rows += *in_use;
  }
  return rows == row_count ? "" : "the buckets do not fit the rows";
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

  const std::uint64_t bucket_count = std::uint64_t{1} << header.bucket_bits;
  const std::uint64_t classes_at = sizeof(format::Header);
  const std::uint64_t strings_at =
      classes_at + format::aligned(header.class_count * sizeof(format::Class));
  const std::uint64_t buckets_at = strings_at + format::aligned(header.string_bytes);
  const std::uint64_t rows_at = buckets_at + bucket_count * sizeof(format::Bucket);
  const std::uint64_t end = rows_at + std::uint64_t{header.row_count} * header.row_bytes;
  if (end != bytes.size()) return refuse("the sections do not fill the file");
  if (hash_bytes(as_text(bytes.subspan(sizeof(format::Header)))) != header.checksum) {
    return refuse("the checksum differs: the file is damaged");
  }

  TopicModel model;
  model.kind_ = static_cast<TopicModelKind>(header.kind);
  model.features_ = {.pairs = header.pairs != 0,
                     .stems = header.stems != 0,
                     .whole_text = header.whole_text != 0,
                     .token_max = header.token_max};
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
                              .short_slope = entry.short_slope,
                              .short_offset = entry.short_offset,
                              .threshold = entry.threshold});
  }
  model.buckets_ = reinterpret_cast<const format::Bucket*>(bytes.data() + buckets_at);
  // A row has hardly more bytes than there are classes, each of which has 64 before the rows.
  model.before_rows_ =
      reinterpret_cast<const std::uint8_t*>(bytes.data() + rows_at) - header.row_bytes;

  const std::string_view defect =
      buckets_defect(std::span(model.buckets_, bucket_count), header.row_count);
  if (!defect.empty()) return refuse(defect);
  return model;
}

// Where a feature was found: its row, from 1 on, and what the table says of it; both 0 without one.
struct TopicModel::Hit {
  std::uint32_t row = 0;
  std::uint32_t slot = 0;
};

namespace {

constexpr std::size_t kRankWidth = sizeof(std::uint32_t) / sizeof(std::uint16_t);  // In slots.

// Two bits for each slot that has the fingerprint, behind those of the rank, which are 0.
#if defined(__AVX2__)
inline std::uint64_t slots_with(const format::Bucket& bucket, std::uint16_t fingerprint) {
  const auto* halves = reinterpret_cast<const __m256i*>(&bucket);
  const __m256i wanted = _mm256_set1_epi16(static_cast<short>(fingerprint));
  const __m256i kept = _mm256_set1_epi16(static_cast<short>(format::kFingerprint));
  const auto equal = [&](const __m256i* at) {
    const __m256i slots = _mm256_and_si256(_mm256_loadu_si256(at), kept);
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi16(slots, wanted)));
  };
  constexpr std::uint64_t kRank = (1U << (2 * kRankWidth)) - 1;
  return (std::uint64_t{equal(halves + 1)} << 32 | equal(halves)) & ~kRank;
}
#else
inline std::uint64_t slots_with(const format::Bucket& bucket, std::uint16_t fingerprint) {
  std::uint64_t found = 0;
  for (std::size_t slot = 0; slot < format::kBucketSlots; ++slot) {
    const bool equal = (bucket.slots[slot] & format::kFingerprint) == fingerprint;
    found |= std::uint64_t{equal ? 3U : 0U} << (2 * (slot + kRankWidth));
  }
  return found;
}
#endif

}  // namespace

// What look-ups need of the model, in variables of their own: what they write could be the model as
// far as the compiler knows.
struct TopicModel::Table {
  const format::Bucket* buckets = nullptr;
  const std::uint8_t* before_rows = nullptr;
  std::size_t row_bytes = 0;
  std::uint32_t shift = 0;

  void prefetch(std::uint64_t feature) const { __builtin_prefetch(buckets + (feature >> shift)); }

  // Without a branch: whether a feature has a row is as good as random. Asks for the row.
  [[nodiscard]] Hit look_up(std::uint64_t feature) const {
    const format::Bucket& bucket = buckets[feature >> shift];
    const std::uint64_t found = slots_with(bucket, format::fingerprint(feature));
    constexpr std::uint64_t kLast = std::uint64_t{1} << 62;  // So that there is a slot to read.
    const auto at = static_cast<std::uint32_t>(std::countr_zero(found | kLast)) / 2;
    const std::uint32_t row = bucket.rank + at - static_cast<std::uint32_t>(kRankWidth) + 1;
    const std::uint32_t slot = bucket.slots[at - kRankWidth];
    const std::uint32_t all = found != 0 ? ~0U : 0U;
    __builtin_prefetch(before_rows + (row & all) * row_bytes);
    return {.row = row & all, .slot = slot & all};
  }
};

inline TopicModel::Table TopicModel::table() const {
  return {.buckets = buckets_,
          .before_rows = before_rows_,
          .row_bytes = row_bytes_,
          .shift = bucket_shift_};
}

namespace {

// Counts rows and lists them as they are first found. Row 0 is never new, so that what has no row
// needs no branch.
class RowCounter {
 public:
  RowCounter(std::uint8_t* counts, std::uint32_t* rows, std::size_t size)
      : counts_(counts), rows_(rows), size_(size) {}

  void add(std::uint32_t row, std::uint32_t count) {
    const std::uint32_t before = counts_[row];
    rows_[size_] = row;
    size_ += before == 0 ? 1U : 0U;
    counts_[row] = static_cast<std::uint8_t>(std::min(before + count, TopicModel::kCountMax));
  }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::uint8_t* counts_;
  std::uint32_t* rows_;
  std::size_t size_;
};

}  // namespace

void TopicModel::begin(TopicScratch& scratch) const {
  grow(scratch.counts_, std::size_t{row_count_} + 1);
  scratch.counts_[0] = 1;
  // What an article left that was not finished.
  for (const std::uint32_t row : std::span(scratch.rows_).first(scratch.row_count_)) {
    scratch.counts_[row] = 0;
  }
  scratch.row_count_ = 0;
  scratch.sums_.assign(row_bytes_, 0);
  scratch.scores.assign(classes_.size(), 0.0F);
  scratch.known_feature_count = 0;
}

void TopicModel::add(std::span<const std::uint64_t> features, std::uint32_t count,
                     TopicScratch& scratch) const {
  const Table table = this->table();
  for (const std::uint64_t feature : features) table.prefetch(feature);
  find_probes(features, count, scratch);
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
  const Found found = find_words(text, headline, scratch);
  std::size_t probes = features_.pairs ? probe_pairs(text, found.pairs, scratch) : 0;
  if (features_.stems) probes = probe_stems(text, found.others, probes, scratch);
  find_probes(std::span(scratch.probes_).first(probes), headline ? headline_count_ : 1, scratch);
}

// A pair has a row only where both of its words have one and say so: neighbours that do are all
// there is to look up.
TopicModel::Found TopicModel::find_words(const ArticleText& text, bool headline,
                                         TopicScratch& scratch) const {
  constexpr std::uint32_t kAhead = 32;  // Tokens.
  const std::uint64_t* const hashes = text.hashes().data();
  const std::size_t size =
      std::min<std::size_t>(text.token_count(), features_.token_max) + 1;  // For what is not kept.
  grow(scratch.others_, size);
  grow(scratch.pairs_, size);
  grow(scratch.probes_, 2 * size);
  grow(scratch.rows_, scratch.row_count_ + size);
  const Table table = this->table();
  const std::uint32_t count = headline ? headline_count_ : 1;
  RowCounter rows(scratch.counts_.data(), scratch.rows_.data(), scratch.row_count_);
  std::uint32_t* const others = scratch.others_.data();
  std::uint32_t* const pairs = scratch.pairs_.data();
  Found found;
  std::uint32_t after = 0;   // The token after the last one that was read …
  std::uint32_t before = 0;  // … and what the table says of that one.
  const auto read = [&](std::uint32_t token) {
    const Hit hit = table.look_up(hashes[token]);
    rows.add(hit.row, count);
    others[found.others] = token;
    found.others += hit.row == 0 ? 1U : 0U;
    static_assert(format::kBeginsPair == 1 && format::kEndsPair == 2);
    pairs[found.pairs] = token;
    found.pairs += before & hit.slot >> 1 & 1U;
    before = hit.slot;
  };
  for_each_counted_range(text, features_, [&](std::uint32_t begin, std::uint32_t end) {
    if ((end <= text.headline_token_count()) != headline) return;
    if (begin != after) before = 0;
    after = end;
    const std::uint32_t asked = std::min(end, begin + kAhead);
    for (std::uint32_t token = begin; token < asked; ++token) table.prefetch(hashes[token]);
    for (std::uint32_t next = asked; next < end; ++next) {
      table.prefetch(hashes[next]);
      read(next - kAhead);
    }
    for (std::uint32_t token = end - (asked - begin); token < end; ++token) read(token);
  });
  scratch.row_count_ = rows.size();
  return found;
}

std::size_t TopicModel::probe_pairs(const ArticleText& text, std::size_t pair_count,
                                    TopicScratch& scratch) const {
  const Table table = this->table();
  const std::uint64_t* const hashes = text.hashes().data();
  const std::uint32_t* const pairs = scratch.pairs_.data();
  std::uint64_t* const probes = scratch.probes_.data();
  for (std::size_t at = 0; at < pair_count; ++at) {
    const std::uint32_t token = pairs[at];
    probes[at] = pair_feature(hashes[token - 1], hashes[token]);
    table.prefetch(probes[at]);
  }
  return pair_count;
}

std::size_t TopicModel::probe_stems(const ArticleText& text, std::size_t other_count,
                                    std::size_t probe_count, TopicScratch& scratch) const {
  if (text.token_count() == 0) return probe_count;
  const std::string_view last = text.folded(text.token_count() - 1);
  const char* const text_end = last.data() + last.size();
  const Table table = this->table();
  const std::uint32_t* const others = scratch.others_.data();
  std::uint64_t* const probes = scratch.probes_.data();
  for (std::size_t index = 0; index < other_count; ++index) {
    const Stem stem = stem_of(text.folded(others[index]), text_end);
    table.prefetch(stem.feature);
    probes[probe_count] = stem.feature;
    probe_count += stem.exists ? 1U : 0U;
  }
  return probe_count;
}

void TopicModel::find_probes(std::span<const std::uint64_t> probes, std::uint32_t count,
                             TopicScratch& scratch) const {
  probes = probes.first(std::min(probes.size(), kFoundMax - scratch.row_count_));
  grow(scratch.rows_, scratch.row_count_ + probes.size() + 1);
  RowCounter rows(scratch.counts_.data(), scratch.rows_.data(), scratch.row_count_);
  const Table table = this->table();
  for (const std::uint64_t feature : probes) rows.add(table.look_up(feature).row, count);
  scratch.row_count_ = rows.size();
}

// Turns what was found into rows with their units, and leaves nothing behind for the next article;
// the square of the article's length.
std::uint64_t TopicModel::take_counts(TopicScratch& scratch) const {
  const std::size_t size = scratch.row_count_;
  grow(scratch.counted_, size + 1);
  std::uint8_t* const counts = scratch.counts_.data();
  const std::uint32_t* const rows = scratch.rows_.data();
  TopicScratch::Counted* const counted = scratch.counted_.data();
  const Table table = this->table();
  std::uint64_t length_squared = 0;
  for (std::size_t at = 0; at < size; ++at) {
    const std::uint32_t row = rows[at];
    const std::uint32_t units = format::kUnits[counts[row]];
    counts[row] = 0;
    counted[at] = {.row = row, .units = units};
    length_squared += std::uint64_t{units * units} * table.before_rows[row * table.row_bytes];
  }
  counted[size] = {.row = 1, .units = 0};  // For rows that are taken in pairs.
  scratch.known_feature_count = static_cast<std::uint32_t>(size);
  scratch.row_count_ = 0;
  return length_squared;
}

void TopicModel::finish_portable(TopicScratch& scratch) const {
  const std::uint64_t length_squared = take_counts(scratch);
  for (const auto& [row, units] : std::span(scratch.counted_).first(scratch.known_feature_count)) {
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

// The 16-bit sums of one vector of weights. They stand as the unpacking of bytes left them: the low
// unpacking holds bytes 0 to 7 and 16 to 23, the high one the others.
struct Sums {
  __m256i low = _mm256_setzero_si256();
  __m256i high = _mm256_setzero_si256();

  // The weights of two rows stand beside each other, and one instruction multiplies both by their
  // units and adds the products.
  void add(__m256i a, __m256i b, __m256i units) {
    low = _mm256_add_epi16(low, _mm256_maddubs_epi16(units, _mm256_unpacklo_epi8(a, b)));
    high = _mm256_add_epi16(high, _mm256_maddubs_epi16(units, _mm256_unpackhi_epi8(a, b)));
  }
  void flush(std::int32_t* to) const {
    flush_half(_mm256_castsi256_si128(low), to);
    flush_half(_mm256_castsi256_si128(high), to + 8);
    flush_half(_mm256_extracti128_si256(low, 1), to + 16);
    flush_half(_mm256_extracti128_si256(high, 1), to + 24);
  }
};

// Adds kVectors vectors of each row to `sums`. `rows` points to where the first of them would be in
// row 0. The list ends with an entry that counts nothing: rows are taken in pairs.
template <std::size_t kVectors, typename Counted>
void add_rows(const std::uint8_t* rows, std::size_t row_bytes, const Counted* counted,
              std::size_t size, std::int32_t* sums) {
  for (std::size_t first = 0; first < size; first += kRowsPerFlush) {
    std::array<Sums, kVectors> parts;
    const std::size_t end = std::min(first + kRowsPerFlush, size);
    for (std::size_t index = first; index < end; index += 2) {
      const Counted& one = counted[index];
      const Counted& other = counted[index + 1];
      const auto* a = reinterpret_cast<const __m256i*>(rows + std::size_t{one.row} * row_bytes);
      const auto* b = reinterpret_cast<const __m256i*>(rows + std::size_t{other.row} * row_bytes);
      const __m256i units = _mm256_set1_epi16(static_cast<short>(one.units | (other.units << 8)));
      for (std::size_t vector = 0; vector < kVectors; ++vector) {
        parts[vector].add(_mm256_loadu_si256(a + vector), _mm256_loadu_si256(b + vector), units);
      }
    }
    for (std::size_t vector = 0; vector < kVectors; ++vector) {
      parts[vector].flush(sums + vector * kLanes);
    }
  }
}

}  // namespace

void TopicModel::finish(TopicScratch& scratch) const {
  const std::uint64_t length_squared = take_counts(scratch);
  const std::size_t size = scratch.known_feature_count;
  const TopicScratch::Counted* const counted = scratch.counted_.data();
  std::size_t block = 0;
  for (; block + 2 * kLanes <= row_bytes_; block += 2 * kLanes) {
    add_rows<2>(before_rows_ + block, row_bytes_, counted, size, scratch.sums_.data() + block);
  }
  if (block < row_bytes_) {
    add_rows<1>(before_rows_ + block, row_bytes_, counted, size, scratch.sums_.data() + block);
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
}

float TopicModel::confidence(std::size_t class_index, float score, float shortness) const {
  return 1 / (1 + std::exp(-log_odds(class_index, score, shortness)));
}

bool TopicModel::knows(std::uint64_t feature) const {
  return table().look_up(feature).row != 0;
}

float TopicModel::weight(std::uint64_t feature, std::size_t class_index) const {
  const Hit hit = table().look_up(feature);
  if (hit.row == 0) return 0;
  const std::uint8_t* weights = row_at(hit.row) + format::kRowHead;
  return classes_[class_index].scale *
         static_cast<float>(static_cast<std::int8_t>(weights[class_index]));
}

}  // namespace wirewatch
