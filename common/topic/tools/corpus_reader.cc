#include "common/topic/tools/corpus_reader.h"

#include <cstdio>
#include <memory>
#include <utility>

#include "common/base/hash.h"

namespace wirewatch::topic_tools {

namespace {

using Element = simdjson::dom::element;

std::string text_of(const Element& object, std::string_view key) {
  std::string_view value;
  return object[key].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

// A string or a list of strings; nothing for anything else.
std::vector<std::string> texts_of(const Element& object, std::string_view key) {
  std::vector<std::string> texts;
  Element value;
  if (object[key].get(value) != simdjson::SUCCESS) return texts;
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    texts.emplace_back(text);
    return texts;
  }
  simdjson::dom::array list;
  if (value.get(list) != simdjson::SUCCESS) return texts;
  for (const Element& entry : list) {
    if (entry.get(text) == simdjson::SUCCESS) texts.emplace_back(text);
  }
  return texts;
}

bool has_value(const Element& object, std::string_view key) {
  Element value;
  return object[key].get(value) == simdjson::SUCCESS && !value.is_null();
}

CorpusDocument document_of(const Element& object, const CorpusFields& fields) {
  CorpusDocument document{.id = text_of(object, "id"),
                          .title = text_of(object, "title"),
                          .dateline = text_of(object, "dateline"),
                          .body = text_of(object, fields.body),
                          .language = text_of(object, "language"),
                          .labels = texts_of(object, fields.label),
                          .media_topics = texts_of(object, "medtop"),
                          .labelled = has_value(object, fields.label)};
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

}  // namespace

std::expected<void, std::string> read_json_lines(const std::filesystem::path& path,
                                                 const std::function<void(const Element&)>& visit) {
  Lines lines(path);
  if (!lines.is_open() || !std::filesystem::exists(path)) {
    return std::unexpected("cannot open " + path.string());
  }
  simdjson::dom::parser parser;
  std::string_view line;
  std::size_t number = 0;
  while (lines.next(line)) {
    ++number;
    if (line.find_first_not_of(" \t\r\n") == std::string_view::npos) continue;
    Element object;
    if (parser.parse(line.data(), line.size()).get(object) != simdjson::SUCCESS ||
        !object.is_object()) {
      return std::unexpected(path.string() + ":" + std::to_string(number) + ": not a JSON object");
    }
    visit(object);
  }
  if (!lines.close()) return std::unexpected("cannot read " + path.string());
  return {};
}

std::expected<void, std::string> read_corpus(const std::filesystem::path& path,
                                             const CorpusFields& fields,
                                             const std::function<void(CorpusDocument&&)>& visit) {
  return read_json_lines(path, [&](const Element& object) { visit(document_of(object, fields)); });
}

bool is_held_out(std::string_view id) {
  return hash_bytes(id) % 10 == 0;
}

bool is_for_tuning(std::string_view id) {
  return hash_bytes(id) / 16 % 2 == 0;
}

}  // namespace wirewatch::topic_tools
