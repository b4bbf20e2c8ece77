// Measures the region classifier on labelled sets, beside plain look-ups on the same texts.
// An adapter: it reads files.
//
// Rules and weights are tuned on one half of each set (Part::kTrain); the report shows the other.
// The halves are those of topic_tools::is_for_tuning, translations of one sentence together.

#pragma once

#include <cstddef>
#include <cstdio>
#include <expected>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/region/region_classifier.h"
#include "common/text/article_text.h"
#include "common/text/zone_labeler.h"
#include "common/topic/language_identifier.h"
#include "common/topic/tools/corpus_reader.h"
#include "tests/quality/naive_regions.h"

namespace wirewatch::quality {

using topic_tools::Part;

// One figure of the report, in [0, 1].
struct Measure {
  std::string name;
  std::size_t count = 0;  // Documents or mentions behind it.
  double value = 0;
  std::vector<std::pair<std::string, double>> baselines;  // What they are and what they reach.
};

struct RegionMeasureOptions {
  std::filesystem::path corpora;
  Part part = Part::kHeldOut;
  std::size_t documents_max = 1'000'000;  // Of each set.
  bool errors = false;                    // Print what is wrong, one line each.
  std::FILE* salience_rows = nullptr;     // What tools/train_salience.py reads is written here.
};

class RegionMeasures {
 public:
  // The arguments outlive it.
  RegionMeasures(const Gazetteer& gazetteer, const LanguageIdentifier& languages,
                 RegionMeasureOptions options);

  // Each gives its measures, or why it cannot.
  using Result = std::expected<std::vector<Measure>, std::string>;
  [[nodiscard]] Result reuters();
  [[nodiscard]] Result focus();
  // One of the toponyms-* sets.
  [[nodiscard]] Result toponyms(std::string_view set);
  [[nodiscard]] Result country_names();
  // What CLDR calls the countries; common/gazetteer/tools/list_country_names.py writes the set.
  [[nodiscard]] Result listed_names();
  [[nodiscard]] Result pages();
  // Rows of the labelled articles of deploy/sample-news go to salience_rows.
  void write_samples(const std::filesystem::path& folder);

 private:
  struct Document;

  // Calls `visit` for each document of the part that is asked for.
  [[nodiscard]] std::expected<void, std::string> read(
      std::string_view file, const std::function<void(const Document&)>& visit);
  [[nodiscard]] std::expected<void, std::string> read_part(
      Part part, std::string_view file, const std::function<void(const Document&)>& visit);
  // As the pipeline does: where the document does not say its language, the text is asked.
  const RegionResult& classify(std::string_view headline, std::string_view body,
                               std::string_view language, std::string_view located,
                               std::string_view source);
  void write_rows(const std::string& article, double weight, const std::set<std::string>& gold);
  void print_error(std::string_view set, std::string_view id, std::string_view gold,
                   std::string_view text) const;

  const Gazetteer& gazetteer_;
  const LanguageIdentifier& languages_;
  RegionMeasureOptions options_;
  RegionClassifier classifier_;
  NaiveRegions naive_;
  TextAnalyzer analyzer_;
  ZoneLabeler labeler_;
  ArticleText text_;
  RegionScratch scratch_;
  RegionResult result_;
  RegionExplanation explanation_;
  TopicScratch language_scratch_;
};

}  // namespace wirewatch::quality
