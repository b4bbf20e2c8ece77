// The sample news has the outcomes that its editor expects: deploy/sample-news/expected.ndjson.

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "common/pipeline/example_runner.h"
#include "common/pipeline/processor.h"
#include "common/profile_store/profile_store.h"
#include "tests/support/shipped_gazetteer.h"

namespace wirewatch {
namespace {

std::string read(const std::string& path) {
  std::ifstream file(std::string(WIREWATCH_SOURCE_DIR "/") + path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Loaded {
  std::shared_ptr<const RuleSet> rules;
  std::vector<ProfileSource> sources;
};

const Loaded& loaded() {
  static const Loaded kInstance = [] {
    auto topics = TopicModels::from_files(read("common/topic/data/topic_model.bin"),
                                          read("common/topic/data/language_model.bin"));
    auto sources = load_profiles(WIREWATCH_SOURCE_DIR "/deploy/profiles");
    if (!topics || !sources) {
      ADD_FAILURE() << "the shipped data does not load";
      std::abort();
    }
    auto profiles = ProfileSet::compile(*sources);
    if (!profiles) {
      ADD_FAILURE() << profiles.error()[0].origin << ": " << profiles.error()[0].message;
      std::abort();
    }
    return Loaded{std::make_shared<const RuleSet>(shipped_gazetteer(), std::move(*topics),
                                                  std::move(*profiles)),
                  std::move(*sources)};
  }();
  return kInstance;
}

std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> lines;
  std::istringstream text(read(path));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

std::set<std::string> strings(simdjson::dom::array array) {
  std::set<std::string> out;
  for (const auto element : array) out.emplace(std::string_view(element));
  return out;
}

TEST(SampleNews, HasTheExpectedOutcomes) {
  Processor processor(loaded().rules, {});
  std::map<std::string, std::vector<std::string>> files;
  simdjson::dom::parser parser;
  std::size_t rows = 0;
  std::size_t topic_rows = 0;
  std::size_t topic_hits = 0;
  std::set<std::string> languages;
  for (const std::string& line : lines_of("deploy/sample-news/expected.ndjson")) {
    ++rows;
    const simdjson::dom::element row = parser.parse(line);
    const std::string file{std::string_view(row["file"])};
    const auto number = static_cast<std::size_t>(std::int64_t(row["line"]));
    if (!files.contains(file)) files[file] = lines_of("deploy/sample-news/" + file);
    ASSERT_LE(number, files[file].size()) << file;
    const Outcome& outcome = processor.process(files[file][number - 1], {});
    const std::string where = file + ":" + std::to_string(number);
    if (std::string_view(row["outcome"]) == "dead") {
      EXPECT_TRUE(outcome.dead) << where;
      EXPECT_EQ(to_string(outcome.error.reason), std::string_view(row["reason"])) << where;
      continue;
    }
    ASSERT_FALSE(outcome.dead) << where << ": " << outcome.error.detail;
    std::set<std::string> alerts;
    for (std::size_t i = 0; i < outcome.alert_count; ++i) {
      EXPECT_TRUE(alerts.emplace(outcome.alerts[i].profile_id).second) << where;
    }
    EXPECT_EQ(alerts, strings(row["alerts"])) << where << " " << processor.article().headline;
    std::set<std::string> about;
    for (const CountryScore& score : processor.region_result().about)
      about.emplace(score.country.text());
    EXPECT_EQ(about, strings(row["about"])) << where << " " << processor.article().headline;
    languages.emplace(processor.article().language);
    std::string_view topic;
    if (row["topic"].get(topic) == simdjson::SUCCESS) {
      ++topic_rows;
      for (const TopicScore& score : processor.topic_result().topics) {
        if (score.id.value() == std::stoul(std::string(topic.substr(7)))) ++topic_hits;
      }
    }
  }
  EXPECT_GE(rows, 150U);
  EXPECT_GE(languages.size(), 12U);
  // Topics are a matter of degree: a floor, not each one. Two sentences are less than the models
  // are made for; their quality on whole articles is in common/topic/MODEL_CARD.md.
  EXPECT_GE(static_cast<double>(topic_hits), 0.85 * static_cast<double>(topic_rows));
}

TEST(SampleNews, EveryMessageIsExpected) {
  std::size_t messages = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(WIREWATCH_SOURCE_DIR "/deploy/sample-news")) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() == ".ndjson" && name != "expected.ndjson")
      messages += lines_of("deploy/sample-news/" + name).size();
  }
  EXPECT_EQ(messages, lines_of("deploy/sample-news/expected.ndjson").size());
}

TEST(ShippedProfiles, ExamplesHold) {
  for (const ProfileSource& source : loaded().sources) {
    EXPECT_GE(source.examples.size(), 4U) << source.id;
  }
  for (const FailingExample& failing : run_examples(loaded().rules, loaded().sources, {})) {
    ADD_FAILURE() << to_text(failing, loaded().sources) << "\n" << failing.explanation;
  }
}

TEST(Events, OffsetsPointAtTheTextTheyName) {
  Processor processor(loaded().rules, {});
  const Outcome& outcome = processor.process(
      R"({"title":"Переговоры в Пхеньяне","text":"МОСКВА, 20 ноября. /СВ/. Делегация прибыла в Пхеньян.","language":"ru"})",
      {});
  ASSERT_FALSE(outcome.dead);
  simdjson::dom::parser parser;
  const simdjson::dom::element event = parser.parse(outcome.enriched);
  const std::string_view headline(event["article"]["headlines"].at(0)["value"]);
  const std::string_view body(event["article"]["bodies"].at(0)["value"]);
  std::size_t checked = 0;
  for (const auto mention : simdjson::dom::array(event["enrichment"]["mentions"])) {
    const std::string_view text =
        std::string_view(mention["field"]) == "headline" ? headline : body;
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) starts.push_back(i);
    }
    starts.push_back(text.size());
    const std::size_t begin = starts[std::uint64_t(mention["start"])];
    const std::size_t end = starts[std::uint64_t(mention["end"])];
    EXPECT_EQ(text.substr(begin, end - begin), std::string_view(mention["text"]));
    ++checked;
  }
  EXPECT_GE(checked, 2U);
  for (const auto match : simdjson::dom::array(event["enrichment"]["matches"])) {
    for (const auto evidence : simdjson::dom::array(match["evidence"])) {
      const std::string_view text =
          std::string_view(evidence["field"]) == "headline" ? headline : body;
      const std::size_t begin = std::uint64_t(evidence["byte_start"]);
      const std::size_t end = std::uint64_t(evidence["byte_end"]);
      EXPECT_EQ(text.substr(begin, end - begin), std::string_view(evidence["text"]));
      ++checked;
    }
  }
  EXPECT_GE(checked, 4U);
}

TEST(Events, AReplayRepeatsThemExactly) {
  Processor first(loaded().rules, {});
  Processor second(loaded().rules, {});
  for (const std::string& line : lines_of("deploy/sample-news/01-english.ndjson")) {
    const Outcome& a = first.process(line, {});
    const Outcome& b = second.process(line, {});
    EXPECT_EQ(a.enriched, b.enriched);
    EXPECT_EQ(a.enriched_id.view(), b.enriched_id.view());
    ASSERT_EQ(a.alert_count, b.alert_count);
    for (std::size_t i = 0; i < a.alert_count; ++i) EXPECT_EQ(a.alerts[i].json, b.alerts[i].json);
  }
}

}  // namespace
}  // namespace wirewatch
