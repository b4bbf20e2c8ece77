#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/wirewatch/service_reading.h"
#include "services/wirewatch/top_view.h"

namespace wirewatch {
namespace {

constexpr const char* kMetrics = R"(# HELP wirewatch_articles_total Records by outcome.
# TYPE wirewatch_articles_total counter
wirewatch_articles_total{outcome="enriched"} 190
wirewatch_articles_total{outcome="dead"} 10
wirewatch_dead_letter_records_total{reason="no_text"} 7
wirewatch_dead_letter_records_total{reason="invalid_json"} 3
wirewatch_alerts_total{level="urgent",profile="north-korea"} 12
wirewatch_alerts_total{level="alert",profile="north-korea"} 3
wirewatch_alerts_total{level="alert",profile="elections"} 1
wirewatch_country_articles_total{country="KP"} 14
wirewatch_subject_articles_total{subject="crime, law and justice"} 5
wirewatch_consumer_lag_records{topic="articles.raw",partition="0"} 40
wirewatch_consumer_lag_records{topic="articles.raw",partition="1"} 2
wirewatch_inflight_bytes 46000
wirewatch_waiting{fault="temporary"} 1
wirewatch_waiting{fault="fenced"} 0
wirewatch_poison_breaker_open 0
wirewatch_profile_reload_refused 1
wirewatch_end_to_end_latency_seconds_bucket{le="0.01"} 100
wirewatch_end_to_end_latency_seconds_bucket{le="0.1"} 200
wirewatch_end_to_end_latency_seconds_bucket{le="+Inf"} 200
process_cpu_seconds_total 2.5e+00
process_resident_memory_bytes 1.12e+08
a line that is none
someone_else_total{path="a\"b\\c, {}"} 1
wirewatch_articles_total{outcome="unfinished
)";

Observed observed(const std::string& address, double seconds) {
  Observed service;
  service.address = address;
  service.state = "ready";
  service.now = read_service(kMetrics);
  service.seconds = seconds;
  service.minute_seconds = seconds;
  return service;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

TEST(ServiceReading, SumsSeriesAndSplitsThemByLabel) {
  const ServiceReading reading = read_service(kMetrics);
  EXPECT_EQ(reading.articles.at("enriched"), 190);
  EXPECT_EQ(reading.articles.size(), 2U);
  EXPECT_EQ(reading.alerts.at("north-korea"), 15);
  EXPECT_EQ(reading.subjects.at("crime, law and justice"), 5);
  EXPECT_EQ(reading.dead.at("no_text"), 7);
  EXPECT_EQ(reading.lag_records, 42);
  EXPECT_EQ(reading.cpu_s, 2.5);
  EXPECT_EQ(reading.troubles,
            (std::vector<std::string>{"waits: temporary", "changed profiles are refused"}));
  ASSERT_EQ(reading.latency.bounds.size(), 3U);
  EXPECT_TRUE(std::isinf(reading.latency.bounds[2]));
}

TEST(ServiceReading, TakesNothingFromWhatIsNoExposition) {
  const ServiceReading reading =
      read_service("<html>{{}}\n{\nwirewatch_articles_total{outcome=\"\n");
  EXPECT_TRUE(reading.articles.empty());
  EXPECT_TRUE(reading.troubles.empty());
}

// The value of a label may hold what ends labels elsewhere.
TEST(ServiceReading, ReadsEscapedLabels) {
  const ServiceReading reading =
      read_service("wirewatch_alerts_total{profile=\"a\\\"b\\\\c, {}\",level=\"info\"} 3\n");
  ASSERT_EQ(reading.alerts.size(), 1U);
  EXPECT_EQ(reading.alerts.begin()->first, "a\"b\\c, {}");
  EXPECT_EQ(reading.alerts.begin()->second, 3);
}

// What no histogram of ours has is left out, or a quantile would be no number.
TEST(ServiceReading, LeavesOutBucketsThatAreNone) {
  const std::string bucket = "wirewatch_end_to_end_latency_seconds_bucket{le=";
  const ServiceReading reading = read_service(
      bucket + "\"-inf\"} 1\n" + bucket + "\"0.1\"} 1\n" + bucket + "\"0.1\"} 2\n" + bucket +
      "\"0.2\"} -3\n" + bucket + "\"+Inf\"} nan\n" + bucket + "\"+Inf\"} 2\n");
  EXPECT_EQ(reading.latency.bounds, (std::vector<double>{.1, INFINITY}));
  EXPECT_EQ(reading.latency.counts, (std::vector<double>{1, 2}));
}

TEST(QuantileBetween, InterpolatesInsideABucket) {
  const Buckets before{{.01, .1, INFINITY}, {100, 100, 100}};
  const Buckets now{{.01, .1, INFINITY}, {110, 190, 200}};
  EXPECT_NEAR(quantile_between(before, now, .05), .005, 1e-9);  // Half of the first bucket's ten.
  EXPECT_NEAR(quantile_between(before, now, .5), .01 + .09 * 40 / 80, 1e-9);
  EXPECT_EQ(quantile_between(before, now, .99), .1);  // Beyond the last bound there is no more.
  EXPECT_EQ(quantile_between(now, now, .5), 0);
  EXPECT_EQ(quantile_between({}, {}, .5), 0);
}

TEST(QuantileBetween, TakesAllOfAProcessThatStartedAnew) {
  const Buckets before{{.01, INFINITY}, {1000, 1000}};
  const Buckets now{{.01, INFINITY}, {10, 10}};
  EXPECT_NEAR(quantile_between(before, now, .5), .005, 1e-9);
}

TEST(TopText, ShowsRatesOfWhatHasGrown) {
  Observed service = observed("enricher-0:9464", 10);
  service.before.articles = {{"enriched", 90}, {"dead", 10}};
  service.before.cpu_s = 1;
  const std::vector<std::string> lines = lines_of(top_text(std::vector{service}));
  ASSERT_GE(lines.size(), 2U);
  EXPECT_EQ(
      lines[0],
      "               articles/s  dead/s  alerts/s  p50 ms  p99 ms      lag  in flight  cores   "
      "memory");
  EXPECT_EQ(
      lines[1],
      "enricher-0:9464      10.0       0       1.6    10.0    98.2       42      46 kB   0.15   "
      "112 MB");
  EXPECT_EQ(lines[2], "  waits: temporary");
}

TEST(TopText, CountsACounterThatBeganAnewFromNothing) {
  Observed service = observed("a:1", 10);
  service.before.articles = {{"enriched", 5000}, {"dead", 0}};
  EXPECT_NE(top_text(std::vector{service}).find("20.0     1.0"), std::string::npos);
}

TEST(TopText, HasNoRatesAtFirst) {
  const std::string text = top_text(std::vector{observed("a:1", 0)});
  EXPECT_NE(text.find("         -       -         -"), std::string::npos) << text;
  EXPECT_EQ(text.find("in the last"), std::string::npos);
}

TEST(TopText, AddsServicesUpAndSaysWhichDoesNotAnswer) {
  Observed silent;
  silent.address = "b:1";
  silent.state = "nothing answers at b:1: Connection refused";
  Observed starting = observed("c:1", 10);
  starting.state = "no partitions assigned yet";
  const std::string text = top_text(std::vector{observed("a:1", 10), silent, starting});
  EXPECT_NE(text.find("\nb:1       nothing answers at b:1: Connection refused\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("\n  not ready: no partitions assigned yet\n"), std::string::npos);
  EXPECT_NE(text.find("\nall           40.0     2.0       3.2"), std::string::npos) << text;
}

TEST(TopText, ListsTheMostFrequentFirst) {
  const std::string text = top_text(std::vector{observed("a:1", 10)});
  const std::size_t first = text.find("north-korea     15   KP North Korea     14   crime, law");
  EXPECT_NE(first, std::string::npos) << text;
  EXPECT_LT(first, text.find("elections        1"));
  EXPECT_NE(text.find("no_text           7"), std::string::npos) << text;
}

}  // namespace
}  // namespace wirewatch
