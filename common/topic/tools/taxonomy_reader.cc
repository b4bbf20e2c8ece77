#include "common/topic/tools/taxonomy_reader.h"

#include <string_view>
#include <unordered_map>

#include <simdjson.h>

#include "common/topic/topic_classifier.h"

namespace wirewatch::topic_tools {

namespace {

using simdjson::SUCCESS;
using Broader = std::unordered_map<std::string, std::vector<std::string>>;

Broader broader_of(const simdjson::dom::array& concepts) {
  Broader broader;
  for (const simdjson::dom::element& entry : concepts) {
    std::string_view id;
    simdjson::dom::array parents;
    if (entry["id"].get(id) != SUCCESS || entry["broader"].get(parents) != SUCCESS) continue;
    for (const simdjson::dom::element& parent : parents) {
      std::string_view parent_id;
      if (parent.get(parent_id) == SUCCESS) broader[std::string(id)].emplace_back(parent_id);
    }
  }
  return broader;
}

void add_lineage(const std::string& id, const Broader& broader, int depth,
                 std::vector<TopicId>& lineage) {
  constexpr int kDepthMax = 8;  // More than there are levels.
  if (const auto topic = parse_topic_id(id)) lineage.push_back(*topic);
  const auto parents = broader.find(id);
  if (parents == broader.end() || depth == kDepthMax) return;
  for (const std::string& parent : parents->second) {
    add_lineage(parent, broader, depth + 1, lineage);
  }
}

void visit_languages(const simdjson::dom::element& entry, TaxonomyEntry& visited,
                     const std::function<void(const TaxonomyEntry&)>& visit) {
  const auto text = [](const auto& element) {
    std::string_view value;
    return element.get(value) == SUCCESS ? std::string(value) : std::string();
  };
  visited.language = "en";
  visited.name = text(entry["name"]);
  visited.definition = text(entry["definition"]);
  if (visited.name.empty()) return;
  visit(visited);
  simdjson::dom::object names;
  if (entry["names"].get(names) != SUCCESS) return;
  for (const auto& translation : names) {
    if (translation.key.starts_with("en")) continue;
    visited.language = translation.key;
    visited.name = text(translation.value);
    visited.definition = text(entry["definitions"][translation.key]);
    if (!visited.name.empty()) visit(visited);
  }
}

}  // namespace

std::expected<void, std::string> read_taxonomy(
    const std::filesystem::path& path, const std::function<void(const TaxonomyEntry&)>& visit) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::array concepts;
  if (parser.load(path.string()).get(root) != SUCCESS ||
      root["concepts"].get(concepts) != SUCCESS) {
    return std::unexpected("cannot read " + path.string());
  }
  const Broader broader = broader_of(concepts);
  for (const simdjson::dom::element& entry : concepts) {
    bool retired = true;
    std::string_view id;
    if (entry["retired"].get(retired) != SUCCESS || retired) continue;
    if (entry["id"].get(id) != SUCCESS) continue;
    TaxonomyEntry visited;
    add_lineage(std::string(id), broader, 0, visited.lineage);
    visit_languages(entry, visited, visit);
  }
  return {};
}

}  // namespace wirewatch::topic_tools
