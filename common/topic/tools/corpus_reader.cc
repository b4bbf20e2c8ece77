#include "common/topic/tools/corpus_reader.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <system_error>
#include <utility>

#include "common/base/hash.h"
#include "common/base/trimmed.h"

namespace wirewatch::topic_tools {

namespace {

using Element = simdjson::dom::element;

std::string text_of(const Element& object, std::string_view key) {
  std::string_view value;
  return object[key].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

// Strings: one, or those of a list.
struct Texts {
  std::vector<std::string> texts;
  bool are_all = true;  // False where something stands there that is no string.
};

Texts texts_of(const Element& object, std::string_view key) {
  Texts found;
  Element value;
  if (object[key].get(value) != simdjson::SUCCESS || value.is_null()) return found;
  std::string_view text;
  simdjson::dom::array list;
  if (value.get(text) == simdjson::SUCCESS) {
    found.texts.emplace_back(text);
  } else if (value.get(list) == simdjson::SUCCESS) {
    for (const Element& entry : list) {
      if (entry.get(text) == simdjson::SUCCESS) {
        found.texts.emplace_back(text);
      } else {
        found.are_all = false;
      }
    }
  } else {
    found.are_all = false;
  }
  return found;
}

std::string fault_of(const Texts& labels, std::string_view field) {
  const std::string named = "\"" + std::string(field) + "\" ";
  if (!labels.are_all) {
    return named + "is no string and no list of strings; write numbers and other values in quotes";
  }
  const auto is_blank = [](std::string_view label) { return trimmed(label).empty(); };
  if (std::any_of(labels.texts.begin(), labels.texts.end(), is_blank)) {
    return named + "is empty; name a label, or write [] where none fits";
  }
  return {};
}

bool has_field(const Element& object, std::string_view key) {
  return object[key].error() == simdjson::SUCCESS;
}

bool has_value(const Element& object, std::string_view key) {
  Element value;
  return object[key].get(value) == simdjson::SUCCESS && !value.is_null();
}

CorpusDocument document_of(const Element& object, const CorpusFields& fields) {
  Texts labels = texts_of(object, fields.label);
  std::string label_fault = fault_of(labels, fields.label);
  CorpusDocument document{.id = text_of(object, "id"),
                          .title = text_of(object, "title"),
                          .dateline = text_of(object, "dateline"),
                          .body = text_of(object, fields.body),
                          .language = text_of(object, "language"),
                          .labels = std::move(labels.texts),
                          .media_topics = texts_of(object, "medtop").texts,
                          .labelled = has_value(object, fields.label),
                          .has_body = has_field(object, fields.body),
                          .label_fault = std::move(label_fault)};
  bool flag = true;
  if (object["topics_labelled"].get(flag) == simdjson::SUCCESS && !flag) document.labelled = false;
  if (document.id.empty()) document.id = document.title + "\n" + document.body;
  return document;
}

// A file or the output of gzip, closed at the end.
class Lines {
 public:
  explicit Lines(const std::filesystem::path& path) : piped_(path.extension() == ".gz") {
    if (piped_) {
      std::string quoted = "'";
      for (const char c : path.string()) {
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
      }
      file_ = ::popen(("gzip -dc -- " + quoted + "'").c_str(), "r");
    } else {
      file_ = std::fopen(path.c_str(), "r");
    }
  }
  ~Lines() {
    std::free(line_);
    (void)close();
  }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  [[nodiscard]] bool is_open() const { return file_ != nullptr; }
  bool next(std::string_view& line) {
    const ssize_t size = ::getline(&line_, &capacity_, file_);
    if (size < 0) return false;
    line = {line_, static_cast<std::size_t>(size)};
    return true;
  }
  // True when all was read well.
  bool close() {
    if (file_ == nullptr) return true;
    const int status = piped_ ? ::pclose(file_) : std::fclose(file_);
    file_ = nullptr;
    return status == 0;
  }

 private:
  bool piped_;
  std::FILE* file_ = nullptr;
  char* line_ = nullptr;
  std::size_t capacity_ = 0;
};

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kNotUtf8 = "this is not UTF-8; save the file in that encoding";
constexpr std::string_view kNotAnObject =
    "not a JSON object; each line is one article (`jq -c . FILE` makes it of pretty-printed JSON, "
    "`jq -c '.[]' FILE` of a list)";

std::expected<void, std::string> read_numbered(
    const std::filesystem::path& path,
    const std::function<void(const Element&, std::size_t)>& visit) {
  // Asked before gzip is, which would tell of it in its own words.
  std::error_code code;
  if (!std::filesystem::exists(path, code)) {
    return std::unexpected("cannot open " + path.string());
  }
  if (std::filesystem::is_directory(path, code)) {
    return std::unexpected(path.string() + " is a directory; name the files in it");
  }
  Lines lines(path);
  if (!lines.is_open()) return std::unexpected("cannot open " + path.string());
  simdjson::dom::parser parser;
  std::string_view line;
  std::size_t number = 0;
  while (lines.next(line)) {
    ++number;
    if (number == 1 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
    if (trimmed(line).empty()) continue;
    Element object;
    if (const auto error = parser.parse(line.data(), line.size()).get(object);
        error != simdjson::SUCCESS || !object.is_object()) {
      return std::unexpected(path.string() + ":" + std::to_string(number) + ": " +
                             std::string(error == simdjson::UTF8_ERROR ? kNotUtf8 : kNotAnObject));
    }
    visit(object, number);
  }
  if (!lines.close()) {
    return std::unexpected("cannot read " + path.string() + " to its end; is it damaged?");
  }
  return {};
}

}  // namespace

std::expected<void, std::string> read_json_lines(const std::filesystem::path& path,
                                                 const std::function<void(const Element&)>& visit) {
  return read_numbered(path, [&](const Element& object, std::size_t) { visit(object); });
}

std::expected<void, std::string> read_corpus(const std::filesystem::path& path,
                                             const CorpusFields& fields,
                                             const std::function<void(CorpusDocument&&)>& visit) {
  return read_numbered(path, [&](const Element& object, std::size_t line) {
    CorpusDocument document = document_of(object, fields);
    document.line = line;
    visit(std::move(document));
  });
}

bool is_held_out(std::string_view id) {
  return hash_bytes(id) % 10 == 0;
}

bool is_for_tuning(std::string_view id) {
  return hash_bytes(id) / 16 % 2 == 0;
}

}  // namespace wirewatch::topic_tools
