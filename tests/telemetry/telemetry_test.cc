#include "common/telemetry/telemetry.h"

#include <fstream>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include "common/telemetry/logging.h"
#include "common/telemetry/metric_catalogue.h"

namespace wirewatch {
namespace {

// The line of a series, its value included; empty when there is none.
std::string series(const Metrics& metrics, const std::string& name) {
  const std::string text = "\n" + metrics.expose();
  const std::size_t at = text.find("\n" + name + " ");
  return at == std::string::npos ? "" : text.substr(at + 1, text.find('\n', at + 1) - at - 1);
}

TEST(Metrics, FaultsHaveTheirSeriesBeforeTheFirstOne) {
  // increase() over a counter that begins with 1 is 0: the first fault would raise no alert.
  Metrics metrics;
  for (const char* name : {"wirewatch_delivery_failures_total", "wirewatch_recoveries_total",
                           "wirewatch_kafka_errors_total", "wirewatch_waiting"}) {
    for (const char* fault :
         {"temporary", "record", "unauthorised", "missing_topic", "fenced", "fatal"}) {
      const std::string labelled = std::string(name) + "{fault=\"" + fault + "\"}";
      EXPECT_EQ(series(metrics, labelled), labelled + " 0");
    }
  }
  metrics.recovered("fenced");
  EXPECT_EQ(series(metrics, "wirewatch_recoveries_total{fault=\"fenced\"}"),
            "wirewatch_recoveries_total{fault=\"fenced\"} 1");
}

TEST(Metrics, AProfilesAlertsHaveTheirSeriesBeforeTheFirstOne) {
  Metrics metrics;
  const std::string name = "wirewatch_alerts_total{level=\"flash\",profile=\"quakes\"}";
  metrics.may_alert("quakes", "flash");
  EXPECT_EQ(series(metrics, name), name + " 0");
  metrics.alert("quakes", "flash");
  metrics.may_alert("quakes", "flash");  // As when rules are taken into use again.
  EXPECT_EQ(series(metrics, name), name + " 1");
  EXPECT_EQ(metrics.alert_count(), 1U);
}

TEST(Metrics, RepairsAreCountedByTheirKind) {
  Metrics metrics;
  metrics.repaired(3, 0, false);
  metrics.repaired(0, 2, true);
  metrics.repaired(0, 0, false);
  EXPECT_EQ(series(metrics, "wirewatch_replaced_characters_total"),
            "wirewatch_replaced_characters_total 3");
  EXPECT_EQ(series(metrics, "wirewatch_invalid_dates_total"), "wirewatch_invalid_dates_total 2");
  EXPECT_EQ(series(metrics, "wirewatch_texts_cut_total"), "wirewatch_texts_cut_total 1");
}

TEST(Metrics, ProfilesHaveASeriesOnceThereAreRules) {
  Metrics metrics;
  EXPECT_EQ(series(metrics, "wirewatch_profiles"), "");
  metrics.rules("1", 0);
  EXPECT_EQ(series(metrics, "wirewatch_profiles"), "wirewatch_profiles 0");
}

TEST(Metrics, WaitingIsForOneFaultAtATime) {
  Metrics metrics;
  metrics.waiting("missing_topic");
  metrics.waiting("temporary");
  EXPECT_EQ(series(metrics, "wirewatch_waiting{fault=\"missing_topic\"}").back(), '0');
  EXPECT_EQ(series(metrics, "wirewatch_waiting{fault=\"temporary\"}").back(), '1');
  metrics.waiting("");
  EXPECT_EQ(series(metrics, "wirewatch_waiting{fault=\"temporary\"}").back(), '0');
}

// Statistics of librdkafka with one partition, as far as they are read.
std::string statistics(const char* state, int position, int next, int end) {
  return R"({"msg_cnt":0,"msg_size":0,"brokers":{"b:9092/1":{"state":"UP","rtt":{"avg":2500}}},"topics":{"t":{"partitions":{"-1":{},"7":{"fetch_state":")" +
         std::string(state) + R"(","app_offset":)" + std::to_string(position) +
         R"(,"committed_offset":-1001,"next_offset":)" + std::to_string(next) + R"(,"ls_offset":)" +
         std::to_string(end) + R"(,"hi_offset":999,"fetchq_cnt":0}}}}})";
}

TEST(Metrics, LagIsFromTheLastStableOffsetAndGoesWithThePartition) {
  Metrics metrics;
  const std::string lag = "wirewatch_consumer_lag_records{partition=\"7\",topic=\"t\"}";
  EXPECT_TRUE(metrics.consumer_statistics(statistics("active", 10, 12, 25)).behind);
  EXPECT_EQ(series(metrics, lag), lag + " 15");
  EXPECT_FALSE(metrics.consumer_statistics(statistics("active", 25, 25, 25)).behind);
  EXPECT_EQ(series(metrics, lag), lag + " 0");
  EXPECT_FALSE(metrics.consumer_statistics(statistics("none", 25, 25, 25)).behind);
  EXPECT_EQ(series(metrics, lag), "");
  EXPECT_FALSE(metrics.consumer_statistics("{").behind);
}

TEST(Metrics, OffsetsThatCannotBeCommittedGrowOld) {
  Metrics metrics;
  const auto seconds = [&](int at_s, int stored, int committed, const char* state = "active") {
    (void)metrics.consumer_statistics(
        R"({"ts":)" + std::to_string(at_s) +
        R"(000000,"topics":{"t":{"partitions":{"0":{"fetch_state":"active","app_offset":9,"ls_offset":9,"stored_offset":9,"committed_offset":9},"7":{"fetch_state":")" +
        state + R"(","app_offset":99,"ls_offset":99,"stored_offset":)" + std::to_string(stored) +
        R"(,"committed_offset":)" + std::to_string(committed) + "}}}}}");
    return series(metrics, "wirewatch_oldest_uncommitted_seconds").substr(37);
  };
  EXPECT_EQ(seconds(100, -1001, -1001), "0");  // Nothing is done yet; or exactly once.
  EXPECT_EQ(seconds(105, 20, -1001), "0");
  EXPECT_EQ(seconds(110, 30, -1001), "5");
  EXPECT_EQ(seconds(170, 40, -1001), "65");
  EXPECT_EQ(seconds(175, 45, 44), "0");  // A busy partition: the end is never committed.
  EXPECT_EQ(seconds(180, 55, 54), "0");
  EXPECT_EQ(seconds(185, 60, 54), "5");
  EXPECT_EQ(seconds(190, 60, 60), "0");
  EXPECT_EQ(seconds(200, 70, 60), "0");
  EXPECT_EQ(seconds(230, 70, 60), "30");
  EXPECT_EQ(seconds(240, 70, 60, "none"), "0");  // It went to another member.
  EXPECT_EQ(seconds(250, 70, 60), "0");
}

TEST(Metrics, FilesAndThreadsOfTheProcessAreCounted) {
  const Metrics metrics;
  const auto files = [&] { return std::stoi(series(metrics, "process_open_fds").substr(17)); };
  const int before = files();
  const std::ifstream opened("/proc/self/stat");
  EXPECT_EQ(files(), before + 1);
  EXPECT_GE(std::stoi(series(metrics, "process_threads").substr(16)), 1);
}

TEST(Metrics, AConsumerIsConnectedWhereSomeBrokerIsUp) {
  Metrics metrics;
  const auto connected = [&](const std::string& states) {
    return metrics.consumer_statistics(R"({"brokers":{)" + states + "}}").connected;
  };
  EXPECT_TRUE(connected(R"("a":{"state":"DOWN"},"b":{"state":"UP"},"c":{"state":"INIT"})"));
  EXPECT_FALSE(connected(R"("a":{"state":"DOWN"},"b":{"state":"CONNECT"})"));
  EXPECT_TRUE(metrics.consumer_statistics("{").connected);  // It does not tell.
}

TEST(Metrics, TheProducersQueueIsThatOfTheProducer) {
  Metrics metrics;
  metrics.producer_statistics(R"({"msg_cnt":3,"msg_size":4096})");
  metrics.producer_statistics("{");
  // A consumer has these members as well, and nothing in them.
  (void)metrics.consumer_statistics(statistics("active", 10, 12, 25));
  EXPECT_EQ(series(metrics, "wirewatch_rdkafka_producer_queue_messages").back(), '3');
  EXPECT_EQ(series(metrics, "wirewatch_rdkafka_producer_queue_bytes"),
            "wirewatch_rdkafka_producer_queue_bytes 4096");
}

TEST(Metrics, ABrokersRoundTripIsThatOfOutputsWhileThereAreAny) {
  Metrics metrics;
  const std::string slow = "wirewatch_rdkafka_broker_rtt_seconds{broker=\"b:9092/1\"}";
  // A fetch waits for articles on purpose: the consumer's time says nothing about a broker.
  (void)metrics.consumer_statistics(statistics("active", 10, 12, 25));
  EXPECT_EQ(series(metrics, slow), "");
  const auto tell = [&](const std::string& mean_us) {
    metrics.producer_statistics(
        R"({"msg_cnt":0,"msg_size":0,"brokers":{"b:9092/1":{"rtt":{"avg":)" + mean_us +
        R"(}},":0/bootstrap":{}}})");
  };
  tell("800000");
  EXPECT_EQ(series(metrics, slow), slow + " 0.8");
  tell("0");  // Nothing was sent: an old time would be no news.
  EXPECT_EQ(series(metrics, slow), "");
}

TEST(Metrics, SeriesOfTheNewsroomGoWithWhatTheyTellOf) {
  Metrics metrics;
  NewsroomReport report;
  report.countries = {{"KP", 3}};
  report.volumes = {{"KP", "any", 3, 1, 0.5}};
  report.sources = {{"A \"wire\"\n", 20, 100, 60}};
  metrics.newsroom(report);
  const std::string source = "wirewatch_source_articles_total{source=\"A \\\"wire\\\"\\n\"}";
  EXPECT_EQ(series(metrics, source), source + " 20");
  EXPECT_NE(series(metrics, "wirewatch_volume_burst_score{country=\"KP\",subject=\"any\"}"), "");
  report.volumes.clear();
  report.sources.clear();
  report.countries = {{"KP", 5}};
  metrics.newsroom(report);
  EXPECT_EQ(series(metrics, source), "");
  EXPECT_EQ(series(metrics, "wirewatch_volume_burst_score{country=\"KP\",subject=\"any\"}"), "");
  EXPECT_EQ(series(metrics, "wirewatch_country_articles_total{country=\"KP\"}").back(), '5');
}

TEST(Metrics, EveryExposedNameIsInTheCatalogue) {
  Metrics metrics;
  metrics.canary_started();
  const std::string docs = metrics_docs();
  const std::string text = metrics.expose();
  std::set<std::string> names;
  for (std::size_t at = text.find("# TYPE "); at != std::string::npos;
       at = text.find("# TYPE ", at + 1))
    names.insert(text.substr(at + 7, text.find(' ', at + 7) - at - 7));
  EXPECT_GT(names.size(), 20U);
  for (const std::string& name : names)
    EXPECT_NE(docs.find("| `" + name + "` |"), std::string::npos);
}

TEST(Log, IsOneJsonObjectPerLineWhateverTheText) {
  testing::internal::CaptureStderr();
  init_logging("info", "json");
  spdlog::info("a \"quoted\" \\ line\nand \x01 more");
  spdlog::debug("not at this level");
  const std::string line = testing::internal::GetCapturedStderr();
  EXPECT_NE(line.find(R"("level":"info","msg":"a \"quoted\" \\ line\nand \u0001 more"})"),
            std::string::npos)
      << line;
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  init_logging("warn", "text");
  testing::internal::CaptureStderr();
  spdlog::warn("text");
  spdlog::info("not at this level");
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(text.ends_with(" warning text\n")) << text;
}

}  // namespace
}  // namespace wirewatch
