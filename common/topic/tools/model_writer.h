// Writes model files, see topic_model_format.h.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/topic/topic_model.h"

namespace wirewatch::topic_tools {

// A feature with its weight for every class.
struct ModelRow {
  std::uint64_t feature = 0;
  float length = 0;  // Of the feature in an article's vector. >= 0.
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
  std::vector<ModelRow> rows;       // Of two in one bucket the earlier is kept.
};

[[nodiscard]] std::string write_model(ModelContents contents);

}  // namespace wirewatch::topic_tools
