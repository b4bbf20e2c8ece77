// The vocabulary of topics: IPTC Media Topics and the labels of other vocabularies.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "common/base/strong_id.h"

namespace wirewatch {

// The number of an IPTC Media Topic: 11000000 is "politics and government".
using TopicId = StrongId<struct TopicIdTag>;

struct TopicScore {
  TopicId id;
  std::uint8_t level = 1;  // 1 or 2.
  float confidence = 0;    // In (0, 1]; calibrated: of topics at 0.8, four in five are right.
};

struct LabelScore {
  std::string_view scheme;  // Whose label it is, e.g. "desk". Lives as long as the model, as `id`.
  std::string_view id;      // As in the articles that the model was trained on, e.g. "crude".
  float confidence = 0;     // In (0, 1]; calibrated like a topic's.
};

struct TopicResult {
  std::vector<TopicScore> topics;  // Best first.
  std::vector<LabelScore> labels;  // Of the second model, best first; empty without one.
  std::string_view language;       // BCP 47 primary language that was used; empty when unknown.
  float language_confidence = 0;   // 1 when the input stated it.

  [[nodiscard]] bool has(TopicId id) const {
    for (const TopicScore& topic : topics) {
      if (topic.id == id) return true;
    }
    return false;
  }
};

// English name of a Media Topic ("politics and government"); empty for an unknown id.
[[nodiscard]] std::string_view topic_name(TopicId id);
// The topic above; TopicId{} (zero) for a topic of level 1 and for an unknown id.
[[nodiscard]] TopicId topic_parent(TopicId id);

}  // namespace wirewatch
