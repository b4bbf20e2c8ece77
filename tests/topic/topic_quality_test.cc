// Floors under the measured quality of the committed models, a little below what was reached.

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "tests/topic/quality_report.h"

namespace wirewatch::quality {
namespace {

std::filesystem::path corpora() {
  const char* named = std::getenv("WIREWATCH_CORPORA");
  return named != nullptr ? named : WIREWATCH_SOURCE_DIR "/../shared/corpora";
}

class TopicQuality : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(corpora() / "topics-bbc.jsonl.gz")) {
      GTEST_SKIP() << "no corpora in " << corpora();
    }
  }
};

TEST_F(TopicQuality, MediaTopics) {
  const auto topics = load_model(WIREWATCH_SOURCE_DIR "/common/topic/data/topic_model.bin");
  ASSERT_TRUE(topics) << topics.error();
  const TopicClassifier classifier(&topics->model, nullptr, nullptr);
  struct Floor {
    const char* file;
    const char* body;
    double first_right;
    double micro_f1;
  };
  for (const Floor& floor : {Floor{"topics-bbc.jsonl.gz", "body", 0.95, 0.94},
                             Floor{"topics-agnews.jsonl.gz", "body", 0.84, 0.84},
                             Floor{"topics-20newsgroups.jsonl.gz", "body_stripped", 0.90, 0.88},
                             Floor{"topics-masakhanews.jsonl.gz", "body", 0.84, 0.83},
                             Floor{"topics-thucnews-titles.jsonl.gz", "body", 0.82, 0.80},
                             Floor{"reuters-places.jsonl.gz", "body", 0.96, 0.96}}) {
    const auto figures =
        measure_topics(classifier, {.path = corpora() / floor.file, .body_field = floor.body},
                       Part::kHeldOut, 400);
    ASSERT_TRUE(figures) << figures.error();
    EXPECT_GE(figures->first_right, floor.first_right) << floor.file;
    EXPECT_GE(figures->micro_f1, floor.micro_f1) << floor.file;
    EXPECT_LE(figures->calibration_error, 0.12) << floor.file;
  }
}

TEST_F(TopicQuality, SampleNews) {
  const auto topics = load_model(WIREWATCH_SOURCE_DIR "/common/topic/data/topic_model.bin");
  ASSERT_TRUE(topics) << topics.error();
  const TopicClassifier classifier(&topics->model, nullptr, nullptr);
  const auto figures =
      measure_samples(classifier, WIREWATCH_SOURCE_DIR "/deploy/sample-news", false);
  ASSERT_TRUE(figures) << figures.error();
  EXPECT_GE(figures->first_right, 0.80);
}

TEST_F(TopicQuality, LanguagesOfTextsOver200Characters) {
  const auto model = load_model(WIREWATCH_SOURCE_DIR "/common/topic/data/language_model.bin");
  ASSERT_TRUE(model) << model.error();
  const LanguageIdentifier languages(model->model);
  for (const char* file : {"country-names-multilingual.jsonl.gz", "topics-masakhanews.jsonl.gz"}) {
    const auto figures = measure_languages(
        languages, {.path = corpora() / file, .part = Part::kHeldOut, .bytes_min = 200});
    ASSERT_TRUE(figures) << figures.error();
    EXPECT_GE(figures->right, 0.99) << file;
    EXPECT_LE(figures->wrong, 0.005) << file;
  }
}

TEST_F(TopicQuality, LabelsOfASmallSet) {
  const auto figures = measure_labels({.path = corpora() / "topics-bbc.jsonl.gz"}, std::nullopt, 1);
  ASSERT_TRUE(figures) << figures.error();
  EXPECT_GE(figures->first_right, 0.97);
}

}  // namespace
}  // namespace wirewatch::quality
