// Prints the quality report of topics, labels and languages.
//
//   wirewatch_topic_quality [CORPORA] [--errors] [--no-labels]
//
// CORPORA defaults to $WIREWATCH_CORPORA, then to the folder beside the repository.

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/topic/quality_report.h"

namespace {

using namespace wirewatch;           // NOLINT(google-build-using-namespace): one program.
using namespace wirewatch::quality;  // NOLINT(google-build-using-namespace)

struct Set {
  std::string_view name;
  std::string_view file;
  std::string_view label_field = "label";
  std::string_view body_field = "body";
};
constexpr Set kSets[] = {
    {"BBC", "topics-bbc.jsonl.gz"},
    {"AG News", "topics-agnews.jsonl.gz"},
    {"20 Newsgroups", "topics-20newsgroups.jsonl.gz", "label", "body_stripped"},
    {"MasakhaNEWS", "topics-masakhanews.jsonl.gz"},
    {"THUCNews titles", "topics-thucnews-titles.jsonl.gz"},
    {"Reuters", "reuters-places.jsonl.gz", "topics"},
};

void print_header(const char* what) {
  std::printf("\n%-34s %6s %7s %7s %7s %7s %7s %8s\n", what, "texts", "first", "in two", "micro",
              "macro", "calibr.", "ns/KB");
}

void print(std::string_view name, const std::expected<Figures, std::string>& measured) {
  if (!measured) {
    std::printf("%-34.*s %s\n", static_cast<int>(name.size()), name.data(),
                measured.error().c_str());
    return;
  }
  std::printf("%-34.*s %6zu %7.4f %7.4f %7.4f %7.4f %7.4f %8.0f\n", static_cast<int>(name.size()),
              name.data(), measured->documents, measured->first_right, measured->first_two_right,
              measured->micro_f1, measured->macro_f1, measured->calibration_error,
              measured->nanoseconds_per_kb);
}

void print_languages(const std::map<std::string, std::pair<std::size_t, std::size_t>>& languages) {
  std::size_t column = 0;
  for (const auto& [name, count] : languages) {
    std::printf("  %s %zu/%zu", name.c_str(), count.first, count.second);
    if (++column % 8 == 0) std::printf("\n");
  }
  std::printf("\n");
}

int run(const std::vector<std::string>& words) {
  std::filesystem::path corpora = std::string(WIREWATCH_SOURCE_DIR) + "/../shared/corpora";
  if (const char* named = std::getenv("WIREWATCH_CORPORA"); named != nullptr) corpora = named;
  bool errors = false;
  bool labels = true;
  for (const std::string& word : words) {
    if (word == "--errors") {
      errors = true;
    } else if (word == "--no-labels") {
      labels = false;
    } else {
      corpora = word;
    }
  }
  const std::filesystem::path data = std::string(WIREWATCH_SOURCE_DIR) + "/common/topic/data";
  const auto topics = load_model(data / "topic_model.bin");
  const auto language_model = load_model(data / "language_model.bin");
  if (!topics || !language_model) {
    std::fprintf(stderr, "%s\n", (topics ? language_model.error() : topics.error()).c_str());
    return 1;
  }
  const LanguageIdentifier languages(language_model->model);
  const TopicClassifier classifier(&topics->model, nullptr, &languages);

  print_header("Media Topics, level 1");
  for (const Set& set : kSets) {
    const auto measured = measure_topics(classifier, corpora / set.file, set.body_field, 100'000);
    print(set.name, measured);
    if (measured && set.name == "MasakhaNEWS") print_languages(measured->by_language);
  }
  const auto samples = measure_samples(
      classifier, std::string(WIREWATCH_SOURCE_DIR) + "/deploy/sample-news", errors);
  print("Sample news (editors' topics)", samples);
  if (samples) print_languages(samples->by_language);

  std::printf("\n%-34s %6s %7s %7s\n", "Language", "texts", "right", "wrong");
  for (const std::string_view file :
       {"country-names-multilingual.jsonl.gz", "topics-masakhanews.jsonl.gz"}) {
    for (const std::size_t bytes_min : {std::size_t{0}, std::size_t{200}}) {
      const auto measured = measure_languages(languages, corpora / file, bytes_min);
      if (!measured) {
        std::printf("%s\n", measured.error().c_str());
        continue;
      }
      std::printf("%-27.*s >= %3zu %6zu %7.4f %7.4f\n", 27, file.data(), bytes_min,
                  measured->documents, measured->right, measured->wrong);
      if (bytes_min > 0) print_languages(measured->by_language);
    }
  }

  if (labels) {
    print_header("Labels of the sets themselves");
    for (const Set& set : kSets) {
      print(set.name, measure_labels(corpora / set.file, set.label_field, set.body_field,
                                     std::max(1U, std::thread::hardware_concurrency())));
    }
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(std::vector<std::string>(argv + 1, argv + argc));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
