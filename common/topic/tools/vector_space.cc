#include "common/topic/tools/vector_space.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

#include "common/topic/topic_model_format.h"

namespace wirewatch::topic_tools {

namespace format = topic_model_format;

namespace {

constexpr std::uint32_t kNone = TrainingSet::kNone;

float units_of(std::uint32_t count) {
  return static_cast<float>(format::kUnits[std::min(count, TopicModel::kCountMax)]) /
         format::kUnitsPerCount;
}

// Sums up the values of equal features, of a list in order of features.
void join_values(std::vector<SparseValue>& vector) {
  std::size_t kept = 0;
  for (std::size_t at = 0; at < vector.size(); ++at) {
    if (kept > 0 && vector[kept - 1].dense == vector[at].dense) {
      vector[kept - 1].value += vector[at].value;
    } else {
      vector[kept++] = vector[at];
    }
  }
  vector.resize(kept);
}

}  // namespace

float dot(std::span<const float> a, const float* b) {
  constexpr std::size_t kParts = 8;
  std::array<float, kParts> parts{};
  std::size_t at = 0;
  for (; at + kParts <= a.size(); at += kParts) {
    for (std::size_t part = 0; part < kParts; ++part) parts[part] += a[at + part] * b[at + part];
  }
  for (; at < a.size(); ++at) parts[at % kParts] += a[at] * b[at];
  return std::accumulate(parts.begin(), parts.end(), 0.0F);
}

VectorsOfWords::VectorsOfWords(const TrainingSet& set, const WordVectors* vectors, double share)
    : share_(static_cast<float>(share)), place_(set.features().size(), kNone) {
  constexpr double kLeastShare = 0.5;
  if (vectors == nullptr || share == 0) return;
  for (std::size_t feature = 0; feature < place_.size(); ++feature) {
    const std::size_t place = vectors->find(set.features()[feature].hash);
    if (place < vectors->size()) place_[feature] = static_cast<std::uint32_t>(place);
  }
  double words = 0;
  double found = 0;
  for (const TrainingSet::Document& document : set.documents()) {
    if (!document.role.is_real) continue;
    for (const TrainingSet::Entry& entry : set.entries(document)) {
      if (set.features()[entry.feature].first_word != kNone) continue;
      ++words;
      found += place_[entry.feature] == kNone ? 0 : 1;
    }
  }
  if (found > kLeastShare * words) {
    vectors_ = vectors;
  } else {
    place_.assign(place_.size(), kNone);
  }
}

VectorSpace::VectorSpace(const TrainingSet& set, const VectorsOfWords& vectors,
                         std::vector<std::uint32_t> features, double length_floor)
    : set_(set),
      vectors_(vectors),
      features_(std::move(features)),
      dense_(set.features().size(), kNone) {
  const std::vector<float> all_idf = set.inverse_frequencies();
  for (std::size_t dense = 0; dense < features_.size(); ++dense) {
    dense_[features_[dense]] = static_cast<std::uint32_t>(dense);
    idf_.push_back(all_idf[features_[dense]]);
  }
  for (const std::uint32_t feature : features_) {
    const std::uint32_t stem = set.features()[feature].stem;
    stems_.push_back(stem == kNone ? kNone : dense_[stem]);
  }
  build_vectors(length_floor);
  build_sums();
}

VectorSpace::Extent VectorSpace::build_vector(std::span<const TrainingSet::Entry> entries,
                                              std::vector<SparseValue>& vector) const {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> rows;  // With their counts.
  for (const auto& [feature, count] : entries) {
    std::uint32_t row = dense_[feature];
    const std::uint32_t stem = set_.features()[feature].stem;
    if (row == kNone && stem != kNone) row = dense_[stem];
    if (row != kNone) rows.emplace_back(row, count);
  }
  std::sort(rows.begin(), rows.end());
  vector.clear();
  std::uint32_t row_count = 0;
  float length = 0;
  for (std::size_t at = 0; at < rows.size();) {
    const std::uint32_t row = rows[at].first;
    std::uint32_t count = 0;
    ++row_count;
    for (; at < rows.size() && rows[at].first == row; ++at) count += rows[at].second;
    const float units = units_of(count);
    vector.push_back({row, units * idf_[row]});
    length += vector.back().value * vector.back().value;
    if (const std::uint32_t stem = stems_[row]; stem != kNone) {
      vector.push_back({stem, units * idf_[stem]});
      length += vector.back().value * vector.back().value;
    }
  }
  std::sort(vector.begin(), vector.end(),
            [](const SparseValue& a, const SparseValue& b) { return a.dense < b.dense; });
  join_values(vector);
  return {.length = std::sqrt(length), .row_count = row_count};
}

void VectorSpace::build_vectors(double length_floor) {
  std::vector<float> lengths;
  std::vector<float> lengths_real;
  std::vector<SparseValue> vector;
  begins_.push_back(0);
  for (const TrainingSet::Document& document : set_.documents()) {
    lengths.push_back(build_vector(set_.entries(document), vector).length);
    if (document.role.is_real) lengths_real.push_back(lengths.back());
    values_.insert(values_.end(), vector.begin(), vector.end());
    begins_.push_back(values_.size());
  }
  const auto middle = lengths_real.begin() + static_cast<std::ptrdiff_t>(lengths_real.size() / 2);
  std::nth_element(lengths_real.begin(), middle, lengths_real.end());
  const float median = lengths_real.empty() ? 1 : *middle;
  length_floor_ = std::max(1e-3F, static_cast<float>(length_floor) * median);
  for (std::size_t index = 0; index < lengths.size(); ++index) {
    const float length = std::max(lengths[index], length_floor_);
    for (std::size_t at = begins_[index]; at < begins_[index + 1]; ++at) {
      values_[at].value /= length;
    }
  }
}

void VectorSpace::build_sums() {
  sums_.assign(set_.documents().size() * dimensions(), 0.0F);
  if (dimensions() == 0) return;
  for (std::size_t index = 0; index < set_.documents().size(); ++index) {
    float* const sum = sums_.data() + index * dimensions();
    for (const auto& [dense, value] : values(index)) {
      const std::uint32_t place = vectors_.of_feature(features_[dense]);
      if (place == kNone) continue;
      const std::span<const float> components = vectors_.vectors()->vector(place);
      for (std::size_t at = 0; at < components.size(); ++at) {
        sum[at] += vectors_.share() * value * components[at];
      }
    }
  }
}

void VectorSpace::fold_vectors(Weights& weights) const {
  if (dimensions() == 0) return;
  const float* const of_dimensions = weights.data() + size();
  for (std::size_t dense = 0; dense < size(); ++dense) {
    const std::uint32_t place = vectors_.of_feature(features_[dense]);
    if (place == kNone) continue;
    weights[dense] += vectors_.share() * dot(vectors_.vectors()->vector(place), of_dimensions);
  }
}

float VectorSpace::score(const Weights& weights, std::size_t document) const {
  float sum = weights.back() * kBiasValue;
  for (const auto& [dense, value] : values(document)) sum += weights[dense] * value;
  return sum;
}

VectorSpace::TextVector VectorSpace::vector_of(std::span<const TrainingSet::Entry> entries) const {
  TextVector text;
  const auto [length, row_count] = build_vector(entries, text.values);
  text.row_count = row_count;
  for (SparseValue& value : text.values) value.value /= std::max(length, length_floor_);
  return text;
}

float VectorSpace::score(const Weights& weights, const TextVector& text) const {
  float sum = weights.back() * kBiasValue;
  for (const auto& [dense, value] : text.values) sum += weights[dense] * value;
  return sum;
}

}  // namespace wirewatch::topic_tools
