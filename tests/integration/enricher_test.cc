// The enricher on the embedded broker: every record in one outcome, offsets committed, nothing lost
// at a restart.

#include "services/enricher/enricher.h"

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "common/kafka/kafka.h"
#include "common/pipeline/watermark.h"
#include "common/profile_store/profile_store.h"
#include "services/canary/canary.h"
#include "tests/support/mock_cluster.h"
#include "tests/support/no_rebalance.h"
#include "tests/support/packed.h"
#include "tests/support/shipped_gazetteer.h"

namespace wirewatch {
namespace {

std::string read(const std::string& path) {
  std::ifstream file(std::string(WIREWATCH_SOURCE_DIR "/") + path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::shared_ptr<const RuleSet> rules() {
  static const std::shared_ptr<const RuleSet> kInstance = [] {
    auto sources = load_profiles(WIREWATCH_SOURCE_DIR "/deploy/profiles");
    return std::make_shared<const RuleSet>(
        shipped_gazetteer(),
        *TopicModels::from_files(read("common/topic/data/topic_model.bin"),
                                 read("common/topic/data/language_model.bin")),
        *ProfileSet::compile(*sources));
  }();
  return kInstance;
}

struct Published {
  std::string key;
  std::string value;
  std::map<std::string, std::string> headers;
};

// Reads `count` records of a topic, or what there is after 20 s without one.
std::vector<Published> read_topic(const std::string& brokers, const std::string& topic,
                                  std::size_t count, const std::string& group) {
  NoRebalance listener;
  auto consumer = KafkaConsumer::create({.brokers = brokers,
                                         .client_id = "test",
                                         .group_id = group,
                                         .topic = topic,
                                         .instance_id = {},
                                         .embedded = true,
                                         .properties = {},
                                         .on_statistics = {},
                                         .on_error = {}},
                                        listener);
  std::vector<Published> out;
  if (!consumer) return out;
  KafkaRecord record;
  KafkaFailure error;
  for (int idle = 0; out.size() < count && idle < 200;) {
    if (!(*consumer)->poll(100, record, error)) {
      ++idle;
      continue;
    }
    idle = 0;
    Published published{std::string(record.key()), std::string(record.value()), {}};
    for (const KafkaHeader& header : record.headers())
      published.headers[std::string(header.key)] = std::string(header.value);
    out.push_back(std::move(published));
    record = KafkaRecord();
  }
  return out;
}

class EnricherTest : public testing::Test {
 protected:
  EnricherTest() {
    for (const char* topic :
         {"articles.raw", "articles.enriched", "alerts.matched", "articles.dead"})
      broker_.create_topic(topic, 4);
  }

  void feed(const std::vector<std::pair<std::string, std::string>>& messages) {
    auto producer = KafkaProducer::create({.brokers = broker_.bootstrap_servers(),
                                           .client_id = "feed",
                                           .transactional_id = {},
                                           .embedded = true,
                                           .properties = {},
                                           .topics = {"articles.raw"},
                                           .on_error = {}},
                                          [](void*, const KafkaFailure&) {});
    ASSERT_TRUE(producer) << producer.error();
    KafkaFailure error;
    const KafkaHeader headers[] = {{"origin", "test"}};
    for (const auto& [key, value] : messages)
      ASSERT_TRUE((*producer)->produce(0, key, value, headers, nullptr, error)) << error.text;
    ASSERT_TRUE((*producer)->flush(10000));
  }

  [[nodiscard]] EnricherOptions enricher_options(std::size_t workers = 2) const {
    EnricherOptions options;
    options.brokers = broker_.bootstrap_servers();
    options.embedded = true;
    options.client_id = "enricher";
    options.group_id = "enricher";
    options.topic_raw = "articles.raw";
    options.topic_enriched = "articles.enriched";
    options.topic_alerts = "alerts.matched";
    options.topic_dead = "articles.dead";
    options.workers = workers;
    return options;
  }

  // Runs an enricher until `count` records are done.
  void run(Metrics& metrics, std::uint64_t count, std::size_t workers = 2) {
    Enricher enricher(enricher_options(workers), rules(), metrics);
    const std::string failure =
        enricher.run([&] { return metrics.enriched_count() + metrics.dead_count() >= count; });
    EXPECT_EQ(failure, "");
  }

  MockCluster broker_;
};

TEST_F(EnricherTest, EveryRecordHasOneOutcome) {
  std::vector<std::pair<std::string, std::string>> messages;
  for (int i = 0; i < 200; ++i) {
    messages.emplace_back(
        "k" + std::to_string(i % 7),
        R"({"uri":"urn:t:)" + std::to_string(i) +
            R"(","title":"North Korea fires missile","text":"Pyongyang fired a missile on Friday, the army said."})");
  }
  messages.emplace_back("bad", "{\"title\":");
  messages.emplace_back("worse", "[]");
  feed(messages);
  Metrics metrics;
  run(metrics, 202);
  EXPECT_EQ(metrics.consumed_count(), 202U);
  EXPECT_EQ(metrics.enriched_count(), 200U);
  EXPECT_EQ(metrics.dead_count(), 2U);
  EXPECT_EQ(metrics.alert_count(), 200U);
  const std::string exposition = metrics.expose();
  EXPECT_NE(exposition.find("wirewatch_articles_total{outcome=\"enriched\"} 200"),
            std::string::npos);
  EXPECT_NE(exposition.find("wirewatch_dead_letter_records_total{reason=\"not_an_object\"} 1"),
            std::string::npos);
  EXPECT_NE(exposition.find("wirewatch_stage_duration_seconds_count{stage=\"match\"} 200"),
            std::string::npos);

  const auto dead = read_topic(broker_.bootstrap_servers(), "articles.dead", 2, "dead");
  ASSERT_EQ(dead.size(), 2U);
  for (const Published& letter : dead) {
    EXPECT_EQ(letter.headers.at("origin"), "test");
    EXPECT_EQ(letter.headers.at("wirewatch_source_topic"), "articles.raw");
    EXPECT_EQ(letter.value, letter.key == "bad" ? "{\"title\":" : "[]");
    EXPECT_EQ(letter.headers.at("wirewatch_reason"),
              letter.key == "bad" ? "invalid_json" : "not_an_object");
  }
  const auto alerts = read_topic(broker_.bootstrap_servers(), "alerts.matched", 200, "alerts");
  ASSERT_EQ(alerts.size(), 200U);
  for (const Published& alert : alerts) {
    EXPECT_EQ(alert.key, "north-korea");
    EXPECT_EQ(alert.headers.at("ce_specversion"), "1.0");
    EXPECT_EQ(alert.headers.at("ce_type"), "wirewatch.alert.matched.v1");
    EXPECT_EQ(alert.headers.at("content-type"), "application/json");
  }
}

TEST_F(EnricherTest, CompressedValuesAreArticlesAndDeadLettersKeepTheirBytes) {
  const std::string article = R"({"title":"North Korea fires missile","text":"Pyongyang fired."})";
  const std::string cut = zstd_packed(article).substr(0, 20);
  const std::string large = gzip_packed(article + std::string(8UL << 20, ' '));
  feed({{"gzip", gzip_packed(article)},
        {"zstd", zstd_packed(article)},
        {"plain", article},
        {"cut", cut},
        {"large", large}});
  Metrics metrics;
  run(metrics, 5);
  EXPECT_EQ(metrics.consumed_count(), 5U);
  EXPECT_EQ(metrics.enriched_count(), 3U);
  EXPECT_EQ(metrics.alert_count(), 3U);
  const auto enriched = read_topic(broker_.bootstrap_servers(), "articles.enriched", 3, "e");
  ASSERT_EQ(enriched.size(), 3U);
  for (const Published& event : enriched) {
    EXPECT_EQ(event.value, enriched[0].value);
    EXPECT_EQ(event.headers.at("ce_id"), enriched[0].headers.at("ce_id"));
  }
  const auto dead = read_topic(broker_.bootstrap_servers(), "articles.dead", 2, "dead");
  ASSERT_EQ(dead.size(), 2U);
  for (const Published& letter : dead) {
    EXPECT_EQ(letter.value, letter.key == "cut" ? cut : large);
    EXPECT_EQ(letter.headers.at("wirewatch_reason"),
              letter.key == "cut" ? "invalid_compression" : "too_large");
  }
}

TEST_F(EnricherTest, OneKeyKeepsItsOrder) {
  std::vector<std::pair<std::string, std::string>> messages;
  for (int i = 0; i < 300; ++i) {
    // One uri per key, so that the enriched events of a key share a partition too.
    messages.emplace_back("k" + std::to_string(i % 5),
                          R"({"uri":"urn:k:)" + std::to_string(i % 5) + R"(","version":")" +
                              std::to_string(i) + R"(","title":"A title","text":"Some text."})");
  }
  feed(messages);
  Metrics metrics;
  run(metrics, 300, 4);
  const auto enriched = read_topic(broker_.bootstrap_servers(), "articles.enriched", 300, "order");
  ASSERT_EQ(enriched.size(), 300U);
  std::map<std::string, int> last;
  for (const Published& event : enriched) {
    const std::size_t at = event.value.find("\"version\":\"") + 11;
    const int version = std::stoi(event.value.substr(at));
    if (last.contains(event.key)) {
      EXPECT_GT(version, last[event.key]) << event.key;
    }
    last[event.key] = version;
  }
}

TEST_F(EnricherTest, ARestartReadsOnWhereItStopped) {
  const std::string message = R"({"title":"A title","text":"Some text."})";
  feed(std::vector<std::pair<std::string, std::string>>(50, {"k", message}));
  Metrics first;
  run(first, 50);
  feed(std::vector<std::pair<std::string, std::string>>(30, {"k", message}));
  Metrics second;
  run(second, 30);
  EXPECT_EQ(first.consumed_count(), 50U);
  EXPECT_EQ(second.consumed_count(), 30U);
}

TEST_F(EnricherTest, OffsetsThatCannotBeCommittedAreShown) {
  constexpr auto kRefused = RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
  for (int second = 0; second < 60; ++second)
    broker_.answer_with(MockCluster::kOffsetCommit, {kRefused});
  feed({{"k", R"({"title":"A title","text":"Some text."})"}});
  Metrics metrics;
  Enricher enricher(enricher_options(), rules(), metrics);
  const auto waited = [&] {
    const std::string text = metrics.expose();
    const std::string name = "\nwirewatch_oldest_uncommitted_seconds ";
    return std::stod(text.substr(text.find(name) + name.size()));
  };
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  EXPECT_EQ(
      enricher.run([&] { return waited() > 0 || std::chrono::steady_clock::now() > give_up; }), "");
  EXPECT_GT(waited(), 0);
}

TEST_F(EnricherTest, SignalsOfTheNewsroomAreExposed) {
  std::vector<std::pair<std::string, std::string>> messages;
  for (int i = 0; i < 60; ++i) {
    messages.emplace_back(
        "k",
        R"({"source":")" + std::string(i < 30 ? "ILKHA" : "once-" + std::to_string(i)) +
            R"(","title":"North Korea fires missile","text":"Pyongyang fired a missile on Friday, the army said."})");
  }
  feed(messages);
  Metrics metrics;
  run(metrics, 60);
  const std::string exposition = metrics.expose();
  EXPECT_NE(exposition.find("wirewatch_country_articles_total{country=\"KP\"} 60"),
            std::string::npos)
      << exposition;
  EXPECT_NE(exposition.find("wirewatch_volume_articles{country=\"KP\",subject=\"any\"} 60"),
            std::string::npos);
  EXPECT_NE(exposition.find("wirewatch_source_articles_total{source=\"ILKHA\"} 30"),
            std::string::npos);
  EXPECT_EQ(exposition.find("once-"), std::string::npos);
  // Before its first alert, which would be lost to increase() otherwise.
  EXPECT_NE(exposition.find("wirewatch_alerts_total{level=\"flash\",profile=\"earthquakes\"} 0"),
            std::string::npos);
  EXPECT_NE(exposition.find("wirewatch_profile_longest_gap_seconds{profile=\"north-korea\"}"),
            std::string::npos);
}

TEST_F(EnricherTest, TheCanaryComesBack) {
  Metrics metrics;
  EnricherOptions options = enricher_options();
  Enricher enricher(options, rules(), metrics);
  CanaryOptions canary_options;
  canary_options.brokers = broker_.bootstrap_servers();
  canary_options.embedded = true;
  canary_options.client_id = "canary";
  canary_options.topic_raw = "articles.raw";
  canary_options.topic_alerts = "alerts.matched";
  canary_options.interval_ms = 200;
  Canary canary(canary_options, metrics);
  std::atomic<bool> done = false;
  std::string canary_failure;
  std::thread thread([&] { canary_failure = canary.run([&] { return done.load(); }); });
  const auto returned = [&] {
    const std::string exposition = metrics.expose();
    const std::string name = "\nwirewatch_canary_round_trip_seconds_count ";
    const std::size_t at = exposition.find(name);
    return at == std::string::npos ? 0 : std::stoi(exposition.substr(at + name.size()));
  };
  EXPECT_EQ(enricher.run([&] { return returned() >= 3; }), "");
  done = true;
  thread.join();
  EXPECT_EQ(canary_failure, "");
  EXPECT_NE(metrics.expose().find("wirewatch_canary_lost_total 0"), std::string::npos);
}

TEST_F(EnricherTest, ACanaryThatStopsComingBackIsCounted) {
  // Nobody reads; an impostor answers once and never again.
  Metrics metrics;
  CanaryOptions canary_options;
  canary_options.brokers = broker_.bootstrap_servers();
  canary_options.embedded = true;
  canary_options.client_id = "canary";
  canary_options.topic_raw = "articles.raw";
  canary_options.topic_alerts = "alerts.matched";
  canary_options.interval_ms = 100;
  canary_options.timeout_ms = 500;
  Canary canary(canary_options, metrics);
  std::atomic<bool> done = false;
  std::thread impostor([&] {
    auto producer = KafkaProducer::create({.brokers = broker_.bootstrap_servers(),
                                           .client_id = "impostor",
                                           .transactional_id = {},
                                           .embedded = true,
                                           .properties = {},
                                           .topics = {"alerts.matched"},
                                           .on_error = {}},
                                          [](void*, const KafkaFailure&) {});
    NoRebalance listener;
    auto consumer = KafkaConsumer::create({.brokers = broker_.bootstrap_servers(),
                                           .client_id = "impostor",
                                           .group_id = "impostor",
                                           .topic = "articles.raw",
                                           .instance_id = {},
                                           .embedded = true,
                                           .properties = {},
                                           .on_statistics = {},
                                           .on_error = {}},
                                          listener);
    KafkaRecord record;
    KafkaFailure error;
    const auto none_returned = [&] {
      return metrics.expose().find("wirewatch_canary_round_trip_seconds_count 0") !=
             std::string::npos;
    };
    while (!done) {
      if (!(*consumer)->poll(50, record, error) || !none_returned()) continue;
      const std::string uri(record.key());
      const KafkaHeader headers[] = {{"ce_subject", uri}};
      (*producer)->produce(0, "canary", "{}", headers, nullptr, error);
      (*producer)->flush(5000);
    }
  });
  EXPECT_EQ(canary.run([&] {
    return metrics.expose().find("\nwirewatch_canary_lost_total 2") != std::string::npos;
  }),
            "");
  done = true;
  impostor.join();
}

// One profile, with this query.
std::shared_ptr<const RuleSet> rules_with(const std::string& query) {
  ProfileSource source;
  source.id = "beat";
  source.title = "Beat";
  source.query = {query, 1, 1};
  return std::make_shared<const RuleSet>(*rules(), *ProfileSet::compile({&source, 1}));
}

TEST_F(EnricherTest, RulesChangeWhileItRuns) {
  constexpr std::uint64_t kArticles = 400;
  std::vector<std::pair<std::string, std::string>> messages;
  for (std::uint64_t i = 0; i < kArticles; ++i)
    messages.emplace_back("k" + std::to_string(i % 9), R"({"title":"Korea","text":"Some text."})");
  Metrics metrics;
  Enricher enricher(enricher_options(2), rules_with("japan"), metrics);
  feed(messages);
  std::uint64_t fed = kArticles;
  std::uint64_t changes = 0;
  const std::string failure = enricher.run([&] {
    const std::uint64_t done = metrics.enriched_count() + metrics.dead_count();
    if (fed == kArticles) {
      enricher.use_rules(rules_with(++changes % 2 == 0 ? "japan" : "china"));
      if (done < fed) return false;
      EXPECT_EQ(metrics.alert_count(), 0U);
      enricher.use_rules(rules_with("korea"));
      feed(messages);
      fed += kArticles;
    }
    return done >= fed;
  });
  EXPECT_EQ(failure, "");
  EXPECT_GT(changes, 1U);
  EXPECT_EQ(metrics.enriched_count(), 2 * kArticles);
  EXPECT_EQ(metrics.alert_count(), kArticles);
  const std::string text = metrics.expose();
  EXPECT_NE(text.find("wirewatch_profile_candidates_total{profile=\"beat\"} 400"),
            std::string::npos);
}

TEST(ProfileMetrics, HaveABoundedNumberOfSeries) {
  constexpr std::size_t kProfiles = Metrics::kProfileSeriesMax + 300;
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < kProfiles; ++i) ids.push_back("p" + std::to_string(i));
  const std::vector<std::string_view> views(ids.begin(), ids.end());
  Metrics metrics;
  {
    WorkerMetrics worker(metrics,
                         {"parse", "analyze", "zones", "region", "topic", "match", "serialize"});
    worker.use_profiles(metrics.profile_slots(views));
    for (std::size_t i = 0; i < kProfiles; ++i) worker.candidate(i, 2, 5e6);
    worker.observe({});
  }
  for (const std::string& id : ids) metrics.alert(id, "alert");
  const std::string text = metrics.expose();
  EXPECT_NE(text.find("wirewatch_profile_candidates_total{profile=\"p199\"} 1\n"),
            std::string::npos);
  EXPECT_NE(text.find("wirewatch_profile_work_total{profile=\"_other\"} 600\n"), std::string::npos);
  EXPECT_NE(text.find("wirewatch_profile_seconds_total{profile=\"_other\"} 1.5\n"),
            std::string::npos);
  EXPECT_NE(text.find("wirewatch_alerts_total{level=\"alert\",profile=\"_other\"} 300\n"),
            std::string::npos);
  EXPECT_EQ(text.find("p200"), std::string::npos);
}

// Of all faults: which one a refusal is depends on who tells of it first.
int recoveries(const std::string& exposition) {
  const std::string name = "\nwirewatch_recoveries_total{";
  int sum = 0;
  for (std::size_t at = exposition.find(name); at != std::string::npos;
       at = exposition.find(name, at + 1))
    sum += std::stoi(exposition.substr(exposition.find(' ', at) + 1));
  return sum;
}

constexpr std::string_view kPlain = R"({"uri":"urn:t:1","title":"A title","text":"Some text."})";

TEST_F(EnricherTest, ARefusalThatPassesIsTriedAgain) {
  feed(std::vector<std::pair<std::string, std::string>>(20, {"k", std::string(kPlain)}));
  broker_.answer_with(MockCluster::kProduce, {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
                                              RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
                                              RD_KAFKA_RESP_ERR_INVALID_RECORD});
  Metrics metrics;
  run(metrics, 20);
  EXPECT_EQ(metrics.consumed_count(), 20U);
  EXPECT_EQ(metrics.enriched_count(), 20U);
  EXPECT_EQ(metrics.dead_count(), 0U);
  EXPECT_GE(recoveries(metrics.expose()), 1);
  EXPECT_EQ(read_topic(broker_.bootstrap_servers(), "articles.enriched", 20, "again").size(), 20U);
}

TEST_F(EnricherTest, WhatIsReadAgainCountsOnce) {
  feed(std::vector<std::pair<std::string, std::string>>(
      20, {"k", R"({"title":"North Korea fires missile","text":"Pyongyang fired a missile."})"}));
  broker_.answer_with(MockCluster::kProduce, {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
                                              RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  Metrics metrics;
  run(metrics, 20);
  EXPECT_EQ(metrics.enriched_count(), 20U);
  EXPECT_EQ(metrics.alert_count(), 20U);
  const std::string text = metrics.expose();
  EXPECT_GE(recoveries(text), 1);
  EXPECT_NE(text.find("wirewatch_country_articles_total{country=\"KP\"} 20\n"), std::string::npos)
      << text;
}

TEST_F(EnricherTest, ARestartKnowsWhatIsUsualInTheNews) {
  broker_.create_topic("newsroom", 1);
  EnricherOptions with = enricher_options();
  with.topic_newsroom = "newsroom";
  const auto run_once = [&](std::size_t count, const char* source) {
    feed(std::vector<std::pair<std::string, std::string>>(
        count, {"k", R"({"source":")" + std::string(source) +
                         R"(","title":"North Korea fires missile","text":"Pyongyang did."})"}));
    Metrics metrics;
    Enricher enricher(with, rules(), metrics);
    EXPECT_EQ(
        enricher.run([&] { return metrics.enriched_count() + metrics.dead_count() >= count; }), "");
    EXPECT_EQ(metrics.enriched_count(), count);
    return metrics.expose();
  };
  const std::string first = run_once(40, "ILKHA");
  EXPECT_NE(first.find("wirewatch_newsroom_states_total{result=\"kept\"} 1\n"), std::string::npos);
  const std::string second = run_once(1, "another");
  // Of this source it has seen no article itself.
  EXPECT_NE(second.find("wirewatch_source_last_article_timestamp_seconds{source=\"ILKHA\"}"),
            std::string::npos)
      << second;
  const auto kept = read_topic(broker_.bootstrap_servers(), "newsroom", 2, "kept");
  ASSERT_EQ(kept.size(), 2U);
  for (const Published& state : kept) {
    EXPECT_TRUE(state.key.starts_with("enricher/"));
    EXPECT_TRUE(parse_newsroom_state(state.value));
  }
}

TEST_F(EnricherTest, IsNotReadyAsSoonAsItIsToStop) {
  broker_.create_topic("newsroom", 1);
  EnricherOptions with = enricher_options();
  with.topic_newsroom = "newsroom";
  with.drain_timeout_ms = 100;
  Metrics metrics;
  Enricher enricher(with, rules(), metrics);
  bool told_before_the_rest = false;
  std::jthread watcher([&](const std::stop_token& stop) {
    while (!enricher.health().draining && !stop.stop_requested())
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    told_before_the_rest =
        metrics.expose().find("wirewatch_newsroom_states_total{result=\"failed\"} 0") !=
        std::string::npos;
  });
  const std::string failure = enricher.run([&] {
    if (!enricher.health().assigned) return false;
    rd_kafka_mock_broker_set_down(broker_.native(), 1);  // What it writes at the end takes seconds.
    return true;
  });
  watcher.join();
  EXPECT_EQ(failure, "");
  EXPECT_TRUE(told_before_the_rest);
}

TEST_F(EnricherTest, WithoutThatTopicTheStreamGoesOn) {
  EnricherOptions with = enricher_options();
  with.topic_newsroom = "no such topic";
  feed({{"k", std::string(kPlain)}});
  Metrics metrics;
  Enricher enricher(with, rules(), metrics);
  EXPECT_EQ(enricher.run([&] { return metrics.enriched_count() >= 1; }), "");
}

TEST_F(EnricherTest, WhatWaitsToBeSentIsShown) {
  feed({{"k", std::string(kPlain)}});
  // Sent again after a while, and again: until then the event waits in the producer's queue.
  broker_.answer_with(MockCluster::kProduce, {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                              RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                              RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION});
  EnricherOptions with = enricher_options();
  with.kafka_properties = {{"statistics.interval.ms", "20"}, {"retry.backoff.ms", "300"}};
  Metrics metrics;
  Enricher enricher(with, rules(), metrics);
  bool shown = false;
  EXPECT_EQ(enricher.run([&] {
    shown = shown || metrics.expose().find("\nwirewatch_rdkafka_producer_queue_messages 1\n") !=
                         std::string::npos;
    return metrics.enriched_count() >= 1;
  }),
            "");
  EXPECT_TRUE(shown);
}

TEST_F(EnricherTest, WhatKafkaRefusesAloneBecomesADeadLetter) {
  feed({{"k", std::string(kPlain)}});
  broker_.answer_with(MockCluster::kProduce,
                      {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE});
  Metrics metrics;
  run(metrics, 1);
  EXPECT_EQ(metrics.enriched_count(), 0U);
  EXPECT_EQ(metrics.dead_count(), 1U);
  const auto dead = read_topic(broker_.bootstrap_servers(), "articles.dead", 1, "refused");
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].value, kPlain);
  EXPECT_EQ(dead[0].headers.at("wirewatch_reason"), "output_refused");
}

TEST_F(EnricherTest, APolicyMayStopTheProcess) {
  feed({{"k", std::string(kPlain)}});
  broker_.answer_with(MockCluster::kProduce, {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
  EnricherOptions with = enricher_options();
  with.on_unauthorised = FaultPolicy::kStop;
  Metrics metrics;
  Enricher enricher(with, rules(), metrics);
  EXPECT_NE(enricher.run({}).find("policy is to stop"), std::string::npos);
  EXPECT_TRUE(enricher.health().failed);
  Metrics next;
  run(next, 1);  // Nothing was committed, so nothing is lost.
  EXPECT_EQ(next.enriched_count(), 1U);
}

TEST(Watermark, TellsWhatWouldBeReadAgain) {
  Watermark watermark;
  EXPECT_FALSE(watermark.front());
  for (const std::int64_t offset : {5, 6, 7}) watermark.begin(offset);
  watermark.done(6);
  EXPECT_EQ(watermark.front(), 5);
  std::vector<std::int64_t> done;
  watermark.for_each_done([&](std::int64_t offset) { done.push_back(offset); });
  EXPECT_EQ(done, std::vector<std::int64_t>{6});
}

TEST(Watermark, NeverPassesAnUnfinishedRecord) {
  Watermark watermark;
  for (const std::int64_t offset : {10, 11, 13, 14}) watermark.begin(offset);
  EXPECT_FALSE(watermark.done(11));
  EXPECT_FALSE(watermark.done(14));
  EXPECT_EQ(watermark.done(10), 12);
  EXPECT_EQ(watermark.done(13), 15);
  EXPECT_FALSE(watermark.done(13));
  EXPECT_EQ(watermark.in_flight(), 0U);
}

}  // namespace
}  // namespace wirewatch
