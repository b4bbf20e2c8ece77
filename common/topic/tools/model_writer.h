// Writes model files, see topic_model_format.h.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "common/topic/topic_model.h"

namespace wirewatch::topic_tools {

// A feature with its weight for every class.
struct ModelRow {
  std::uint64_t feature = 0;
  std::array<std::uint64_t, 2> pair_words{};  // The words of a pair; 0 for anything else.
  float length = 0;                           // Of the feature in an article's vector. >= 0.
  std::vector<float> weights;
};

struct ModelContents {
  TopicModelKind kind = TopicModelKind::kLabels;
  std::string scheme;
  bool exclusive = false;
  FeatureOptions features;
  std::uint32_t headline_count = 1;
  float length_floor = 1;
  std::vector<TopicClass> classes;  // `scale` is chosen here. Ids may point anywhere.
  std::vector<ModelRow> rows;       // Of those that cannot be told apart the earlier is kept.
};

[[nodiscard]] std::string write_model(ModelContents contents);

}  // namespace wirewatch::topic_tools
