#include "common/topic/tools/model_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>

#include "common/text/article_text.h"
#include "common/topic/topic_features.h"

namespace wirewatch::topic_tools {

namespace {

constexpr std::uint32_t kNone = TrainingSet::kNone;

struct Ranked {
  float influence = 0;
  std::uint32_t feature = 0;
};

// The features of the space with their influence, the greatest first.
std::vector<Ranked> ranked_features(const VectorSpace& space, std::span<const Weights> weights) {
  std::vector<Ranked> ranked;
  ranked.reserve(space.size());
  for (std::size_t dense = 0; dense < space.size(); ++dense) {
    const TrainingSet::Feature& feature = space.set().features()[space.feature(dense)];
    float sum = 0;
    for (const Weights& of_class : weights) sum += of_class[dense] * of_class[dense];
    const float influence =
        std::sqrt(sum) * space.idf()[dense] * std::sqrt(static_cast<float>(feature.frequency));
    ranked.push_back({feature.is_kept ? std::numeric_limits<float>::infinity() : influence,
                      space.feature(dense)});
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const Ranked& a, const Ranked& b) { return a.influence > b.influence; });
  return ranked;
}

// Of a word by its rank among the words of the language, by Zipf's law: an article of some 200
// words has each of the most frequent ones. Few articles may lack even a "for", which is not rare
// for that.
float usual_idf(std::size_t rank) {
  constexpr float kInEveryArticle = 20;
  constexpr float kLeast = 0.1F;
  return std::log(std::max(1.0F, static_cast<float>(rank + 1) / kInEveryArticle)) + kLeast;
}

// The place in the space of the stem of a word, or kNone.
std::uint32_t stem_of(const VectorSpace& space, std::string_view word) {
  const std::size_t size = stem_size(word);
  if (size == 0) return kNone;
  const std::uint32_t stem = space.set().find(stem_feature(word.substr(0, size)));
  return stem == kNone ? kNone : space.dense(stem);
}

void add_unseen_words(const VectorSpace& space, std::span<const Weights> weights, bool stems,
                      std::size_t row_max, std::vector<ModelRow>& rows) {
  const WordVectors* vectors = space.vectors().vectors();
  if (vectors == nullptr) return;
  const float idf_max = *std::max_element(space.idf().begin(), space.idf().end());
  for (std::size_t index = 0; index < vectors->size() && rows.size() < row_max; ++index) {
    const std::string& word = vectors->word(index);
    if (space.set().find(token_hash(word)) != kNone) continue;
    const float idf = std::min(usual_idf(index), idf_max);
    const std::uint32_t stem = stems ? stem_of(space, word) : kNone;
    const float stem_idf = stem == kNone ? 0 : space.idf()[stem];
    ModelRow row{.feature = token_hash(word),
                 .pair_words = {},
                 .length = std::hypot(idf, stem_idf),
                 .weights = {}};
    for (const Weights& of_class : weights) {
      const float* const of_dimensions = of_class.data() + space.size();
      row.weights.push_back(idf * space.vectors().share() *
                                dot(vectors->vector(index), of_dimensions) +
                            (stem == kNone ? 0 : of_class[stem] * stem_idf));
    }
    rows.push_back(std::move(row));
  }
}

}  // namespace

std::vector<std::uint32_t> most_influential(const VectorSpace& space,
                                            std::span<const Weights> weights, std::size_t row_max) {
  const std::span<const TrainingSet::Feature> features = space.set().features();
  std::vector<bool> kept(features.size(), false);
  std::vector<std::uint32_t> chosen;
  const auto keep = [&](std::uint32_t feature) {
    if (kept[feature]) return;
    kept[feature] = true;
    chosen.push_back(feature);
  };
  constexpr std::size_t kMostAtOnce = 3;
  for (const Ranked& entry : ranked_features(space, weights)) {
    if (chosen.size() + kMostAtOnce > row_max) break;
    const TrainingSet::Feature& feature = features[entry.feature];
    if (feature.first_word != kNone) {
      if (space.dense(feature.first_word) == kNone || space.dense(feature.second_word) == kNone) {
        continue;
      }
      keep(feature.first_word);
      keep(feature.second_word);
    }
    keep(entry.feature);
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

std::vector<ModelRow> model_rows(const VectorSpace& space, std::span<const Weights> weights,
                                 bool stems, std::size_t row_max) {
  const std::span<const TrainingSet::Feature> features = space.set().features();
  // Of features that it cannot tell apart the writer keeps the earlier one: the more frequent.
  std::vector<std::uint32_t> order(space.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return features[space.feature(a)].frequency > features[space.feature(b)].frequency;
  });
  std::vector<ModelRow> rows;
  for (const std::uint32_t dense : order) {
    const std::uint32_t stem = space.stem(dense);
    const float idf = space.idf()[dense];
    const float stem_idf = stem == kNone ? 0 : space.idf()[stem];
    const TrainingSet::Feature& feature = features[space.feature(dense)];
    ModelRow row{.feature = feature.hash,
                 .pair_words = {},
                 .length = std::hypot(idf, stem_idf),
                 .weights = {}};
    if (feature.first_word != kNone) {
      row.pair_words = {features[feature.first_word].hash, features[feature.second_word].hash};
    }
    for (const Weights& of_class : weights) {
      row.weights.push_back(of_class[dense] * idf +
                            (stem == kNone ? 0 : of_class[stem] * stem_idf));
    }
    rows.push_back(std::move(row));
  }
  add_unseen_words(space, weights, stems, row_max, rows);
  return rows;
}

}  // namespace wirewatch::topic_tools
