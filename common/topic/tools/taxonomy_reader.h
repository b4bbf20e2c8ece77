// Reads the IPTC Media Topics: the name and the definition of every concept in use, in each
// language, with the topics above it.

#pragma once

#include <expected>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "common/topic/topic.h"

namespace wirewatch::topic_tools {

// A concept in one language.
struct TaxonomyEntry {
  std::string language;  // As in the file: "en", "pt-BR".
  std::string name;
  std::string definition;        // Empty where there is none.
  std::vector<TopicId> lineage;  // The concept itself and all above it; some may stand twice.
};

// Calls `visit` for each, the English one of a concept before its translations. `path` is a file as
// iptc-media-topics.json of the corpora. The reason in words when it cannot be read.
[[nodiscard]] std::expected<void, std::string> read_taxonomy(
    const std::filesystem::path& path, const std::function<void(const TaxonomyEntry&)>& visit);

}  // namespace wirewatch::topic_tools
