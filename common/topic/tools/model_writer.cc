#include "common/topic/tools/model_writer.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <span>

#include "common/base/check.h"
#include "common/base/hash.h"
#include "common/topic/topic_model_format.h"

namespace wirewatch::topic_tools {

namespace format = topic_model_format;

namespace {

constexpr float kWeightMax = 127;
constexpr float kLengthMax = 255;
// Buckets per row: more make collisions rarer and the bit table larger.
constexpr std::size_t kBucketsPerRow = 12;

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

}  // namespace

std::string write_model(ModelContents contents) {
  const std::size_t class_count = contents.classes.size();
  std::uint32_t bucket_bits = format::kBucketBitsMin;
  while ((std::size_t{1} << bucket_bits) < contents.rows.size() * kBucketsPerRow &&
         bucket_bits < format::kBucketBitsMax) {
    ++bucket_bits;
  }
  const auto bucket = [&](const ModelRow& row) { return row.feature >> (64 - bucket_bits); };
  std::stable_sort(contents.rows.begin(), contents.rows.end(),
                   [&](const ModelRow& a, const ModelRow& b) { return bucket(a) < bucket(b); });
  contents.rows.erase(
      std::unique(contents.rows.begin(), contents.rows.end(),
                  [&](const ModelRow& a, const ModelRow& b) { return bucket(a) == bucket(b); }),
      contents.rows.end());

  format::Header header;
  header.kind = static_cast<std::uint32_t>(contents.kind);
  header.class_count = static_cast<std::uint32_t>(class_count);
  header.bucket_bits = bucket_bits;
  header.row_bytes =
      static_cast<std::uint32_t>((class_count + format::kRowHead + format::kRowPadding - 1) /
                                 format::kRowPadding * format::kRowPadding);
  header.row_count = static_cast<std::uint32_t>(contents.rows.size());
  header.pairs = contents.features.pairs ? 1 : 0;
  header.stems = contents.features.stems ? 1 : 0;
  header.token_max = contents.features.token_max;
  header.exclusive = contents.exclusive ? 1 : 0;
  header.headline_count = contents.headline_count;
  float length_max = 0;
  for (const ModelRow& row : contents.rows) {
    length_max = std::max(length_max, row.length);
  }
  header.length_unit = length_max > 0 ? length_max * length_max / kLengthMax : 1;
  header.length_floor = contents.length_floor;

  std::string strings = contents.scheme;
  header.scheme_size = static_cast<std::uint32_t>(strings.size());
  std::vector<format::Class> classes;
  for (std::size_t index = 0; index < class_count; ++index) {
    TopicClass& entry = contents.classes[index];
    entry.scale = scale_of(contents.rows, index);
    format::Class stored;
    stored.id_begin = static_cast<std::uint32_t>(strings.size());
    stored.id_size = static_cast<std::uint32_t>(entry.id.size());
    stored.parent = entry.parent;
    stored.level = entry.level;
    stored.scale = entry.scale;
    stored.bias = entry.bias;
    stored.slope = entry.slope;
    stored.offset = entry.offset;
    stored.threshold = entry.threshold;
    classes.push_back(stored);
    strings += entry.id;
  }
  header.string_bytes = static_cast<std::uint32_t>(strings.size());

  std::vector<format::Block> blocks((std::size_t{1} << bucket_bits) / format::kBlockBuckets);
  std::string rows(contents.rows.size() * header.row_bytes, '\0');
  for (std::size_t index = 0; index < contents.rows.size(); ++index) {
    const ModelRow& row = contents.rows[index];
    WIREWATCH_CHECK(row.weights.size() == class_count);
    const std::uint64_t place = bucket(row) % format::kBlockBuckets;
    blocks[bucket(row) / format::kBlockBuckets].bits[place / 64] |= std::uint64_t{1}
                                                                    << (place % 64);
    char* at = rows.data() + index * header.row_bytes;
    const float length = std::round(row.length * row.length / header.length_unit);
    at[0] = static_cast<char>(static_cast<std::uint8_t>(std::clamp(length, 0.0F, kLengthMax)));
    at[1] = static_cast<char>(format::fingerprint(row.feature));
    for (std::size_t lane = 0; lane < class_count; ++lane) {
      const float weight = std::round(row.weights[lane] / contents.classes[lane].scale);
      at[lane + format::kRowHead] =
          static_cast<char>(static_cast<std::int8_t>(std::clamp(weight, -kWeightMax, kWeightMax)));
    }
  }
  std::uint64_t before = 0;
  for (format::Block& block : blocks) {
    block.rank = before;
    for (const std::uint64_t bits : block.bits) {
      before += static_cast<std::uint64_t>(std::popcount(bits));
    }
  }

  std::string body;
  append(body, std::span<const format::Class>(classes));
  append(body, std::span<const char>(strings));
  append(body, std::span<const format::Block>(blocks));
  body += rows;
  header.checksum = hash_bytes(body);
  header.file_bytes = sizeof header + body.size();
  std::string bytes(sizeof header, '\0');
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes + body;
}

}  // namespace wirewatch::topic_tools
