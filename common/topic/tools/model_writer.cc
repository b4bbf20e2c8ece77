#include "common/topic/tools/model_writer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <span>
#include <unordered_map>
#include <utility>

#include "common/base/check.h"
#include "common/base/hash.h"
#include "common/topic/topic_model_format.h"

namespace wirewatch::topic_tools {

namespace format = topic_model_format;

namespace {

constexpr float kWeightMax = 127;
constexpr float kLengthMax = 255;
// Rows per bucket, on average: so few that hardly any bucket has more than fit.
constexpr std::size_t kRowsPerBucket = 22;

void pad(std::string& bytes) {
  bytes.resize(format::aligned(bytes.size()), '\0');
}

template <typename Value>
void append(std::string& bytes, std::span<const Value> values) {
  const std::size_t at = bytes.size();
  bytes.resize(at + values.size_bytes());
  if (!values.empty()) std::memcpy(bytes.data() + at, values.data(), values.size_bytes());
  pad(bytes);
}

// The scale by which a class's weights become 8-bit integers with the least squared error: a few
// very large weights may be cut, so that the many small ones keep their differences, but these few
// are the words that decide.
float scale_of(const std::vector<ModelRow>& rows, std::size_t class_index) {
  std::vector<float> sizes;
  sizes.reserve(rows.size());
  for (const ModelRow& row : rows) {
    if (row.weights[class_index] != 0) sizes.push_back(std::fabs(row.weights[class_index]));
  }
  if (sizes.empty()) return 1;
  constexpr std::size_t kCutShare = 5000;  // At most one weight in so many is cut.
  const std::size_t cut_max = sizes.size() / kCutShare;
  std::partial_sort(sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(cut_max + 1),
                    sizes.end(), std::greater<>());
  float best_scale = 1;
  double least_error = std::numeric_limits<double>::infinity();
  for (std::size_t cut = 0; cut <= cut_max; cut = 2 * cut + 1) {
    const float scale = std::max(sizes[cut], 1e-6F) / kWeightMax;
    double error = 0;
    for (const float size : sizes) {
      const float stored = std::min(std::round(size / scale), kWeightMax) * scale;
      error += static_cast<double>((size - stored) * (size - stored));
    }
    if (error < least_error) best_scale = scale;
    least_error = std::min(least_error, error);
  }
  return best_scale;
}

// Sorts rows by bucket and drops, of a bucket, those that are too many or that cannot be told from
// an earlier one.
void place_rows(std::vector<ModelRow>& rows, std::uint32_t bucket_bits) {
  const auto bucket = [&](const ModelRow& row) { return row.feature >> (64 - bucket_bits); };
  std::stable_sort(rows.begin(), rows.end(),
                   [&](const ModelRow& a, const ModelRow& b) { return bucket(a) < bucket(b); });
  std::size_t kept = 0;
  std::size_t first = 0;  // Of the bucket.
  for (std::size_t at = 0; at < rows.size(); ++at) {
    if (kept == 0 || bucket(rows[at]) != bucket(rows[kept - 1])) first = kept;
    const auto here = std::span(rows).subspan(first, kept - first);
    const bool is_taken = std::any_of(here.begin(), here.end(), [&](const ModelRow& row) {
      return format::fingerprint(row.feature) == format::fingerprint(rows[at].feature);
    });
    if (is_taken || here.size() == format::kBucketSlots) continue;
    if (kept != at) rows[kept] = std::move(rows[at]);
    ++kept;
  }
  rows.resize(kept);
}

std::vector<format::Bucket> table_of(const std::vector<ModelRow>& rows, std::uint32_t bucket_bits) {
  std::unordered_map<std::uint64_t, std::uint16_t> of_words;  // What pairs say of their words.
  for (const ModelRow& row : rows) {
    if (row.pair_words[1] == 0) continue;
    of_words[row.pair_words[0]] |= format::kBeginsPair;
    of_words[row.pair_words[1]] |= format::kEndsPair;
  }
  std::vector<format::Bucket> buckets(std::size_t{1} << bucket_bits);
  std::vector<std::size_t> used(buckets.size(), 0);
  for (const ModelRow& row : rows) {
    const std::uint64_t bucket = row.feature >> (64 - bucket_bits);
    std::uint16_t slot = format::fingerprint(row.feature);
    if (const auto found = of_words.find(row.feature); found != of_words.end()) {
      slot |= found->second;
    }
    buckets[bucket].slots[used[bucket]++] = slot;
  }
  std::uint32_t before = 0;
  for (std::size_t bucket = 0; bucket < buckets.size(); ++bucket) {
    buckets[bucket].rank = before;
    before += static_cast<std::uint32_t>(used[bucket]);
  }
  return buckets;
}

format::Header header_of(const ModelContents& contents, std::uint32_t bucket_bits) {
  format::Header header;
  header.kind = static_cast<std::uint32_t>(contents.kind);
  header.class_count = static_cast<std::uint32_t>(contents.classes.size());
  header.bucket_bits = bucket_bits;
  header.row_bytes = static_cast<std::uint32_t>(
      (contents.classes.size() + format::kRowHead + format::kRowPadding - 1) / format::kRowPadding *
      format::kRowPadding);
  header.row_count = static_cast<std::uint32_t>(contents.rows.size());
  header.pairs = contents.features.pairs ? 1 : 0;
  header.stems = contents.features.stems ? 1 : 0;
  header.whole_text = contents.features.whole_text ? 1 : 0;
  header.token_max = contents.features.token_max;
  header.exclusive = contents.exclusive ? 1 : 0;
  header.headline_count = contents.headline_count;
  float length_max = 0;
  for (const ModelRow& row : contents.rows) length_max = std::max(length_max, row.length);
  header.length_unit = length_max > 0 ? length_max * length_max / kLengthMax : 1;
  header.length_floor = contents.length_floor;
  header.scheme_size = static_cast<std::uint32_t>(contents.scheme.size());
  return header;
}

// Appends the classes' ids to `strings`.
std::vector<format::Class> stored_classes(const ModelContents& contents, std::string& strings) {
  std::vector<format::Class> classes;
  for (std::size_t index = 0; index < contents.classes.size(); ++index) {
    const TopicClass& entry = contents.classes[index];
    format::Class stored;
    stored.id_begin = static_cast<std::uint32_t>(strings.size());
    stored.id_size = static_cast<std::uint32_t>(entry.id.size());
    stored.parent = entry.parent;
    stored.level = entry.level;
    stored.scale = scale_of(contents.rows, index);
    stored.bias = entry.bias;
    stored.slope = entry.slope;
    stored.offset = entry.offset;
    stored.short_slope = entry.short_slope;
    stored.short_offset = entry.short_offset;
    stored.threshold = entry.threshold;
    classes.push_back(stored);
    strings += entry.id;
  }
  return classes;
}

// The weights of each row by their classes' scales, rounded.
std::string stored_rows(const ModelContents& contents, const format::Header& header,
                        std::span<const format::Class> classes) {
  std::string rows(contents.rows.size() * header.row_bytes, '\0');
  for (std::size_t index = 0; index < contents.rows.size(); ++index) {
    const ModelRow& row = contents.rows[index];
    WIREWATCH_CHECK(row.weights.size() == classes.size());
    char* at = rows.data() + index * header.row_bytes;
    const float length = std::round(row.length * row.length / header.length_unit);
    at[0] = static_cast<char>(static_cast<std::uint8_t>(std::clamp(length, 0.0F, kLengthMax)));
    for (std::size_t lane = 0; lane < classes.size(); ++lane) {
      const float weight = std::round(row.weights[lane] / classes[lane].scale);
      at[lane + format::kRowHead] =
          static_cast<char>(static_cast<std::int8_t>(std::clamp(weight, -kWeightMax, kWeightMax)));
    }
  }
  return rows;
}

}  // namespace

std::string write_model(ModelContents contents) {
  std::uint32_t bucket_bits = format::kBucketBitsMin;
  while ((kRowsPerBucket << bucket_bits) < contents.rows.size() &&
         bucket_bits < format::kBucketBitsMax) {
    ++bucket_bits;
  }
  place_rows(contents.rows, bucket_bits);
  format::Header header = header_of(contents, bucket_bits);
  std::string strings = contents.scheme;
  const std::vector<format::Class> classes = stored_classes(contents, strings);
  header.string_bytes = static_cast<std::uint32_t>(strings.size());

  std::string body;
  append(body, std::span<const format::Class>(classes));
  append(body, std::span<const char>(strings));
  const std::vector<format::Bucket> buckets = table_of(contents.rows, bucket_bits);
  append(body, std::span<const format::Bucket>(buckets));
  body += stored_rows(contents, header, classes);
  header.checksum = hash_bytes(body);
  header.file_bytes = sizeof header + body.size();
  std::string bytes(sizeof header, '\0');
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes + body;
}

}  // namespace wirewatch::topic_tools
