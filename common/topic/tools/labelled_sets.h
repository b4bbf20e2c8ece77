// What the labels of known sets of news say in Media Topics: for training, and for reports.

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/topic/tools/corpus_reader.h"

namespace wirewatch::topic_tools {

// A label of a set: the topics that hold, of which the parents hold too; 0 where there are fewer.
struct LabelTopics {
  std::string_view label;
  std::array<std::uint32_t, 2> topics{};
};

// A set of news. Each article has at most one label; the topics in `excluded` are those that a
// label of the set stands for, so that an article with another label is not about them.
struct LabelledSet {
  std::string_view file;
  std::string_view body = "body";
  std::string_view label = "label";
  std::span<const LabelTopics> labels;
  std::span<const std::uint32_t> excluded;
  float weight = 1;
};

[[nodiscard]] std::span<const LabelledSet> labelled_sets();

// The topics of an article of a set; empty for a label that stands for none.
[[nodiscard]] std::vector<std::uint32_t> topics_of(const LabelledSet& set,
                                                   const CorpusDocument& document);

// Reuters-21578 is unlike the others: an article may have several labels. They are companies' news,
// indicators of the economy, or commodities.
inline constexpr std::string_view kReutersFile = "reuters-places.jsonl.gz";
inline constexpr std::string_view kReutersLabel = "topics";
[[nodiscard]] std::vector<std::uint32_t> reuters_topics(const CorpusDocument& document);

}  // namespace wirewatch::topic_tools
