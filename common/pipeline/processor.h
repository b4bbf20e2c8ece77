// From a message's bytes to its outcome: parse, clean, classify, match, serialise.
//
// A pure function of the bytes and the rules: no I/O, no clock, no logging. The enricher,
// `classify`, `explain`, the tests and the benchmarks all call it.
//
//   Processor processor(rules, options);
//   const Outcome& outcome = processor.process(message, headers);
//   if (outcome.dead) … else publish(outcome.enriched, outcome.alerts);
//
// Lifetime: an Outcome's strings and views are those of the Processor and live until its next
// process() or use(). Threads: one processor per thread; they share the rules.

#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/article/article_parser.h"
#include "common/article/cloud_event.h"
#include "common/event/event_writer.h"
#include "common/gazetteer/gazetteer.h"
#include "common/profile/profile.h"
#include "common/region/region_classifier.h"
#include "common/text/zone_labeler.h"
#include "common/topic/topic_models.h"

namespace wirewatch {

// Everything that decides outcomes, immutable and shared.
class RuleSet {
 public:
  RuleSet(Gazetteer gazetteer, TopicModels topics, ProfileSet profiles);
  // Other profiles over the gazetteer and models of `other`, which both then share.
  RuleSet(const RuleSet& other, ProfileSet profiles);

  [[nodiscard]] const Gazetteer& gazetteer() const { return data_->gazetteer; }
  [[nodiscard]] const ProfileSet& profiles() const { return profiles_; }
  [[nodiscard]] const RegionClassifier& regions() const { return data_->regions; }
  [[nodiscard]] const TopicClassifier& topics() const { return data_->topics.classifier(); }
  [[nodiscard]] const ZoneLabeler& zones() const { return data_->zones; }
  // Named in every event: eight hexadecimal digits of the program's sources, a hyphen, and sixteen
  // of the data and the profiles. Equal versions give equal outcomes.
  [[nodiscard]] std::string_view version() const { return version_; }

 private:
  // What does not change while the process runs.
  struct Data {
    Data(Gazetteer gazetteer_in, TopicModels topics_in);

    Gazetteer gazetteer;
    TopicModels topics;
    RegionClassifier regions;
    ZoneLabeler zones;
    std::uint64_t hash = 0;
  };

  RuleSet(std::shared_ptr<const Data> data, ProfileSet profiles);

  std::shared_ptr<const Data> data_;
  ProfileSet profiles_;
  std::string version_;
};

enum class Stage : std::uint8_t { kParse, kAnalyze, kZones, kRegion, kTopic, kMatch, kSerialize };
inline constexpr std::size_t kStageCount = 7;
[[nodiscard]] std::string_view to_string(Stage stage);

struct AlertOut {
  std::string_view profile_id;  // Kafka key.
  std::string_view title;
  std::string_view level;
  EventId id{};
  std::string json;
};

struct Outcome {
  bool dead = false;
  ParseError error;      // When dead.
  std::string enriched;  // JSON, when not dead.
  EventId enriched_id{};
  std::string_view uri;             // Kafka key of the enriched event.
  std::int64_t event_time_ms = -1;  // versionCreated, or -1.
  std::size_t alert_count = 0;      // The first alert_count of `alerts` are this article's.
  std::vector<AlertOut> alerts;
};

struct ProcessorOptions {
  ArticleParserOptions parser;
  TextAnalyzerOptions analyzer;
  EventMode event_mode = EventMode::kFull;
};

class Processor {
 public:
  Processor(std::shared_ptr<const RuleSet> rules, const ProcessorOptions& options);

  const Outcome& process(std::string_view message, std::span<const HeaderView> headers);

  // From the next article on. Buffers are kept, so that a change of rules costs nothing later.
  void use(std::shared_ptr<const RuleSet> rules);

  // Nanoseconds that each stage took in the last process(); zero for stages that did not run.
  // Measured with a steady clock that no decision depends on.
  [[nodiscard]] const std::array<std::int64_t, kStageCount>& stage_ns() const { return stage_ns_; }

  [[nodiscard]] const RuleSet& rules() const { return *rules_; }

  // What the last process() found.
  [[nodiscard]] const Article& article() const { return article_; }
  [[nodiscard]] const ArticleText& text() const { return text_; }
  [[nodiscard]] const RegionResult& region_result() const { return regions_; }
  [[nodiscard]] const TopicResult& topic_result() const { return topics_; }
  [[nodiscard]] const ProfileMatches& match_result() const { return matches_; }
  [[nodiscard]] std::string explain(ProfileIndex profile);
  // Classifies the regions of the last article again, with the reasons. For people: slower.
  [[nodiscard]] RegionExplanation explain_regions();

 private:
  [[nodiscard]] RegionContext region_context() const;

  std::shared_ptr<const RuleSet> rules_;
  ArticleParser parser_;
  TextAnalyzer analyzer_;
  EventWriter writer_;
  Article article_;
  ArticleText text_;
  RegionScratch region_scratch_;
  RegionResult regions_;
  TopicScratch topic_scratch_;
  TopicResult topics_;
  ProfileScratch profile_scratch_;
  ProfileMatches matches_;
  Outcome outcome_;
  std::array<std::int64_t, kStageCount> stage_ns_{};
};

}  // namespace wirewatch
