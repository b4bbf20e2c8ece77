// Reads labelled articles from JSON Lines, also gzip-compressed, for training and for reports.
//
// A line is one object with `title`, `body`, `label` (a string or a list of strings), and perhaps
// `id`, `language`, `medtop` (likewise a string, a list or null); other fields are passed over.
//
// An adapter: it reads files, and starts gzip for names that end in ".gz".

#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

namespace wirewatch::topic_tools {

struct CorpusDocument {
  std::string id;
  std::string title;
  std::string dateline;  // Where the set has it apart from the body.
  std::string body;
  std::string language;
  std::vector<std::string> labels;
  std::vector<std::string> media_topics;  // `medtop`
  bool labelled = true;  // False where `topics_labelled` is false or the label is null.
  bool has_body = true;  // Whether it has the field of the body.
  // What is wrong with the label, where it is neither a string nor a list of strings, or empty.
  std::string label_fault;
  std::size_t line = 0;
};

struct CorpusFields {
  std::string body = "body";
  std::string label = "label";
};

// Calls `visit` for each line that is not blank. The reason in words when the file cannot be read
// or a line is no JSON object; its number and a cure are part of the reason.
[[nodiscard]] std::expected<void, std::string> read_corpus(
    const std::filesystem::path& path, const CorpusFields& fields,
    const std::function<void(CorpusDocument&&)>& visit);

// The same for files with fields of their own. The element lives until `visit` returns.
[[nodiscard]] std::expected<void, std::string> read_json_lines(
    const std::filesystem::path& path,
    const std::function<void(const simdjson::dom::element&)>& visit);

// Which articles of a set: those that models and rules are made with, those that are only reported
// on, or all.
enum class Part : std::uint8_t { kTrain, kHeldOut, kAll };

// Topics and labels: one article in ten, by its id, is only reported on.
[[nodiscard]] bool is_held_out(std::string_view id);
// Regions: one half of each set, by the id; the other half is only reported on.
[[nodiscard]] bool is_for_tuning(std::string_view id);

}  // namespace wirewatch::topic_tools
