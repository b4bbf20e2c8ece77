#include "common/profile_store/profile_store.h"

#include <algorithm>
#include <filesystem>

#include <toml++/toml.h>

namespace wirewatch {

namespace {

std::expected<ProfileSource, std::vector<ProfileError>> load_profile(
    const std::filesystem::path& path) {
  ProfileSource source;
  source.origin = path.string();
  source.id = path.stem().string();
  std::vector<ProfileError> errors;
  toml::table table;
  try {
    table = toml::parse_file(path.string());
  } catch (const toml::parse_error& error) {
    return std::unexpected(
        std::vector<ProfileError>{{source.origin, error.source().begin.line,
                                   error.source().begin.column, std::string(error.description())}});
  }
  const auto fail = [&](const toml::source_region& where, std::string message) {
    errors.push_back({source.origin, where.begin.line, where.begin.column, std::move(message)});
  };
  for (const auto& [name, node] : table) {
    const std::string_view key = name.str();
    const auto text = [&](std::string& out) {
      if (const auto* value = node.as_string()) {
        out = value->get();
      } else {
        fail(node.source(), std::string(key) + " must be a string");
      }
    };
    if (key == "title") {
      text(source.title);
    } else if (key == "query") {
      text(source.query);
      source.query_line = node.source().begin.line;
      // A multi-line string begins after its quotation marks.
      if (node.source().end.line > node.source().begin.line) ++source.query_line;
    } else if (key == "destination") {
      text(source.destination);
    } else if (key == "level") {
      std::string level;
      text(level);
      if (level == "flash")
        source.level = AlertLevel::kFlash;
      else if (level == "urgent")
        source.level = AlertLevel::kUrgent;
      else if (level == "alert")
        source.level = AlertLevel::kAlert;
      else if (level == "info")
        source.level = AlertLevel::kInfo;
      else
        fail(node.source(), "level must be flash, urgent, alert or info");
    } else if (key == "cooldown_s") {
      const auto value = node.value<std::int64_t>();
      if (!value || *value < 0 || *value > 604800)
        fail(node.source(), "cooldown_s must be 0 to 604800 seconds");
      else
        source.cooldown_s = static_cast<std::uint32_t>(*value);
    } else if (key == "threshold") {
      const auto value = node.value<double>();
      if (!value || *value < 0)
        fail(node.source(), "threshold must be a number, 0 or more");
      else
        source.threshold = *value;
    } else if (key == "exclude") {
      const auto* list = node.as_array();
      if (list == nullptr)
        fail(node.source(), "exclude must be a list of phrases");
      else
        for (const auto& element : *list) source.exclude.push_back(element.value_or(std::string()));
    } else if (key == "expressions") {
      const auto* expressions = node.as_table();
      if (expressions == nullptr)
        fail(node.source(), "[expressions] must be a table of names and queries");
      else
        for (const auto& [expression, value] : *expressions)
          source.expressions.emplace_back(std::string(expression.str()),
                                          value.value_or(std::string()));
    } else if (key == "examples") {
      const auto* list = node.as_array();
      if (list == nullptr) {
        fail(node.source(), "examples are written as [[examples]]");
        continue;
      }
      for (const auto& element : *list) {
        const auto* row = element.as_table();
        if (row == nullptr) continue;
        ProfileExample example;
        example.line = element.source().begin.line;
        example.must_match = (*row)["match"].value_or(true);
        example.headline = (*row)["headline"].value_or(std::string());
        example.body = (*row)["body"].value_or(std::string());
        example.language = (*row)["language"].value_or(std::string());
        source.examples.push_back(std::move(example));
      }
    } else {
      fail(name.source(), "unknown key \"" + std::string(key) +
                              "\"; there are title, level, destination, cooldown_s, query, "
                              "threshold, exclude, [expressions] and [[examples]]");
    }
  }
  if (source.title.empty()) errors.push_back({source.origin, 1, 1, "a title is missing"});
  if (source.query.empty()) errors.push_back({source.origin, 1, 1, "a query is missing"});
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return source;
}

}  // namespace

std::expected<std::vector<ProfileSource>, std::vector<ProfileError>> load_profiles(
    const std::string& directory) {
  std::vector<std::filesystem::path> paths;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(directory, code)) {
    if (entry.path().extension() == ".toml") paths.push_back(entry.path());
  }
  if (code) {
    return std::unexpected(std::vector<ProfileError>{
        {directory, 0, 0, "the folder of profiles cannot be read: " + code.message()}});
  }
  std::sort(paths.begin(), paths.end());
  std::vector<ProfileSource> sources;
  std::vector<ProfileError> errors;
  for (const auto& path : paths) {
    auto source = load_profile(path);
    if (source)
      sources.push_back(std::move(*source));
    else
      errors.insert(errors.end(), source.error().begin(), source.error().end());
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return sources;
}

}  // namespace wirewatch
