#include "common/newsroom/volume_watch.h"

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "common/newsroom/newsroom_state.h"
#include "tests/support/allocation_counter.h"

namespace wirewatch {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kDay = 24 * 60 * kMinute;
constexpr std::uint8_t kConflict = 15;  // medtop:16000000

std::vector<CountryScore> about(std::string_view country) {
  return {{CountryCode(country), 0.5F, 1}};
}
std::vector<TopicScore> topic(std::uint32_t id) {
  return {{TopicId(id), 1, 0.9F}};
}

TEST(BurstScore, IsTheSignedRootOfTheDeviance) {
  EXPECT_DOUBLE_EQ(burst_score(7, 7, 1), 0);
  EXPECT_NEAR(burst_score(10, 1, 1), std::sqrt(2 * (10 * std::log(10.0) - 9)), 1e-12);
  EXPECT_NEAR(burst_score(0, 8, 1), -4, 1e-12);
  EXPECT_NEAR(burst_score(10, 1, 4), burst_score(10, 1, 1) / 2, 1e-12);
  // Near the mean it is the usual standard score.
  EXPECT_NEAR(burst_score(10'100, 10'000, 1), 1, 0.01);
}

TEST(VolumeWatch, CountsAPairOnceAndOnlyTopicsOfTheFirstLevel) {
  VolumeWatch watch({}, 0);
  const std::vector<TopicScore> topics = {
      {TopicId(16000000), 1, 0.9F}, {TopicId(16000000), 1, 0.9F}, {TopicId(20000056), 2, 0.9F}};
  watch.observe(about("KP"), topics, 0);
  EXPECT_EQ(watch.row(CountryCode("KP"), kConflict).articles, 1U);
  EXPECT_EQ(watch.row(CountryCode("KP"), kAnySubject).articles, 1U);
  std::vector<VolumeRow> rows;
  watch.top(10, rows);
  EXPECT_EQ(rows.size(), 2U);
  EXPECT_EQ(watch.country_totals()[CountryCode("KP").index()], 1U);
  EXPECT_EQ(watch.subject_totals()[kConflict], 1U);
  EXPECT_EQ(subject_name(kConflict), "conflict, war and peace");
  EXPECT_EQ(subject_name(kAnySubject), "any");
}

TEST(VolumeWatch, AnArticleLeavesTheWindow) {
  VolumeWatch watch({}, 0);
  watch.observe(about("KP"), topic(16000000), 30'000);
  watch.advance(10 * kMinute - 1);
  EXPECT_EQ(watch.row(CountryCode("KP"), kConflict).articles, 1U);
  watch.advance(10 * kMinute);
  EXPECT_EQ(watch.row(CountryCode("KP"), kConflict).articles, 0U);
}

// News of a made-up world: some three hundred pairs of unequal size, quiet at night, and every
// story in several copies within minutes of one another.
class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) {
    for (char a = 'A'; a <= 'T'; ++a) countries_.push_back({a, 'A'});
    for (std::size_t i = 0; i < countries_.size() * kSubjectCount; ++i)
      weights_.push_back(1.0 / static_cast<double>(i + 3));
    pick_ = std::discrete_distribution<std::size_t>(weights_.begin(), weights_.end());
  }

  // A minute of news, `share` of the partitions.
  template <typename F>
  void minute(std::int64_t begin_ms, double stories_per_minute, double share, F&& article) {
    const double hour = static_cast<double>(begin_ms % kDay) / 3'600'000;
    const double rate = stories_per_minute * (1.2 + std::cos((hour - 15) * 3.14159265 / 12));
    const auto stories = std::poisson_distribution<int>(rate)(random_);
    for (int i = 0; i < stories; ++i) {
      const std::size_t pair = pick_(random_);
      const int copies = 1 + std::geometric_distribution<int>(0.5)(random_);
      for (int copy = 0; copy < copies; ++copy) {
        if (std::uniform_real_distribution<>(0, 1)(random_) < share)
          article(std::string_view(countries_[pair / kSubjectCount].data(), 2),
                  static_cast<std::uint32_t>(pair % kSubjectCount + 1) * 1'000'000);
      }
    }
  }

 private:
  std::mt19937_64 random_;
  std::vector<std::array<char, 2>> countries_;
  std::vector<double> weights_;
  std::discrete_distribution<std::size_t> pick_;
};

struct Observed {
  double highest = 0;           // Score of a pair with ten articles or more.
  std::uint64_t above_six = 0;  // Minutes times pairs.
};

Observed watch_calm_days(VolumeWatch& watch, World& world, int from_day, int to_day, double share) {
  Observed observed;
  std::vector<VolumeRow> rows;
  for (std::int64_t now = from_day * kDay; now < to_day * kDay; now += kMinute) {
    world.minute(now, 20, share, [&](std::string_view country, std::uint32_t subject) {
      watch.observe(about(country), topic(subject), now + 1000);
    });
    watch.advance(now + kMinute - 1);
    watch.top(5, rows);
    for (const VolumeRow& row : rows) {
      if (row.articles < 10) continue;
      observed.highest = std::max(observed.highest, row.score);
      observed.above_six += row.score > 6 ? 1 : 0;
    }
  }
  return observed;
}

TEST(VolumeWatch, IsCalmInACalmWorldAndSeesABurstWithinMinutes) {
  World world(1);
  VolumeWatch watch({}, 0);
  const Observed calm = watch_calm_days(watch, world, 0, 4, 1);
  RecordProperty("highest_calm_score", std::to_string(calm.highest));
  EXPECT_EQ(calm.above_six, 0U) << "highest " << calm.highest;

  // A country that was hardly ever in the news: four articles a minute.
  std::int64_t now = 4 * kDay;
  int minutes = 0;
  while (minutes < 30) {
    ++minutes;
    world.minute(now, 20, 1, [&](std::string_view country, std::uint32_t subject) {
      watch.observe(about(country), topic(subject), now);
    });
    for (int i = 0; i < 4; ++i) watch.observe(about("KP"), topic(16000000), now);
    const VolumeRow row = watch.row(CountryCode("KP"), kConflict);
    if (row.score > 6 && row.articles >= 10) break;
    now += kMinute;
  }
  RecordProperty("minutes_until_seen", minutes);
  EXPECT_LE(minutes, 8);
  std::vector<VolumeRow> rows;
  watch.top(2, rows);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].country.text(), "KP");
  EXPECT_EQ(rows[1].country.text(), "KP");
}

// What `watch` remembers, written, read, and merged by itself.
NewsroomState kept(const VolumeWatch& watch, std::int64_t taken_ms, std::int64_t now_ms) {
  NewsroomState state;
  state.taken_ms = taken_ms;
  state.volumes = watch.state();
  auto parsed = parse_newsroom_state(to_json(state));
  EXPECT_TRUE(parsed) << parsed.error();
  return merge({&*parsed, 1}, static_cast<double>(kDay), now_ms);
}

TEST(VolumeWatch, ARestartKeepsWhatIsUsual) {
  World world(4);
  VolumeWatch before({}, 0);
  watch_calm_days(before, world, 0, 3, 1);
  VolumeWatch after({}, 3 * kDay);
  after.restore(kept(before, 3 * kDay, 3 * kDay + 5 * kMinute).volumes);
  VolumeWatch forgetful({}, 3 * kDay);
  // Both see the same hour, with a burst in its second half.
  int seen = 0;
  double highest_calm = 0;
  std::vector<VolumeRow> rows;
  for (int minute = 0; minute < 60; ++minute) {
    const std::int64_t now = 3 * kDay + minute * kMinute;
    const auto observe = [&](std::string_view country, std::uint32_t subject) {
      after.observe(about(country), topic(subject), now);
      forgetful.observe(about(country), topic(subject), now);
    };
    world.minute(now, 20, 1, observe);
    if (minute < 30) {
      after.top(3, rows);
      for (const VolumeRow& row : rows)
        if (row.articles >= 10) highest_calm = std::max(highest_calm, row.score);
      continue;
    }
    for (int i = 0; i < 4; ++i) observe("KP", 16000000);
    if (seen == 0 && after.row(CountryCode("KP"), kConflict).score > 6) seen = minute - 29;
  }
  EXPECT_GT(highest_calm, 0);  // It scores from the first minute …
  EXPECT_LT(highest_calm, 6);  // … and cries no wolf.
  EXPECT_GT(seen, 0);
  EXPECT_LE(seen, 8);
  EXPECT_EQ(forgetful.row(CountryCode("KP"), kConflict).score, 0);
}

TEST(NewsroomState, TwoHalvesOfAStreamMakeTheWhole) {
  World world(5);
  VolumeWatch whole({}, 0);
  VolumeWatch halves[] = {VolumeWatch({}, 0), VolumeWatch({}, 0)};
  std::size_t count = 0;
  for (std::int64_t now = 0; now < 2 * kDay; now += kMinute) {
    world.minute(now, 20, 1, [&](std::string_view country, std::uint32_t subject) {
      whole.observe(about(country), topic(subject), now);
      halves[++count % 2].observe(about(country), topic(subject), now);
    });
  }
  NewsroomState states[3];
  for (int i = 0; i < 2; ++i) {
    states[i].taken_ms = 2 * kDay;
    states[i].volumes = halves[i].state();
  }
  states[2].taken_ms = 9 * kDay;  // Of a clock that is wrong: left out.
  states[2].volumes = halves[0].state();
  const NewsroomState merged = merge(states, static_cast<double>(kDay), 2 * kDay);
  EXPECT_NEAR(merged.volumes.total, whole.state().total / 2, 1);
  std::size_t compared = 0;
  for (const VolumeState::Pair& pair : whole.state().pairs) {
    for (const VolumeState::Pair& other : merged.volumes.pairs) {
      if (other.country != pair.country || other.subject != pair.subject || pair.count < 100)
        continue;
      ++compared;
      EXPECT_NEAR(other.count / other.total, pair.count / pair.total, 0.1 * pair.count / pair.total)
          << pair.country.text();
    }
  }
  EXPECT_GT(compared, 20U);
  // A day later half of it is left, after a month nothing.
  EXPECT_NEAR(merge(states, static_cast<double>(kDay), 3 * kDay).volumes.total,
              merged.volumes.total / 2, 1);
  EXPECT_EQ(merge({states, 2}, static_cast<double>(kDay), 40 * kDay).volumes.pairs.size(), 0U);
}

TEST(NewsroomState, WhatWasMergedIsReadAgain) {
  const auto state = parse_newsroom_state(
      R"({"version":1,"taken_ms":1000,"window_ms":600000,"bins":9,"total":9,"deviance":0.5,)"
      R"("windows":1,"pairs":[],"sources":[],"profiles":[["ports",9000000000000,1,2,3]]})");
  ASSERT_TRUE(state) << state.error();
  const NewsroomState both[] = {*state, *state};
  const NewsroomState merged = merge(both, static_cast<double>(kDay), 1000);
  const auto again = parse_newsroom_state(to_json(merged));
  ASSERT_TRUE(again) << again.error();
  ASSERT_EQ(again->profiles.size(), 1U);
  EXPECT_EQ(again->profiles[0].arrivals.count, 10'000'000'000'000U);
}

TEST(NewsroomState, RefusesWhatIsNone) {
  const std::string good =
      R"({"version":1,"taken_ms":1,"window_ms":600000,"bins":9,"total":9,"deviance":0,"windows":0,)"
      R"("pairs":[["KP",15,2.5,9,0,0]],"sources":[["A \"wire\"",3,1,2,5]],"profiles":[]})";
  const auto state = parse_newsroom_state(good);
  ASSERT_TRUE(state) << state.error();
  EXPECT_EQ(state->volumes.pairs[0].country.text(), "KP");
  EXPECT_EQ(state->sources[0].name, "A \"wire\"");
  EXPECT_EQ(state->sources[0].arrivals.last_ms, 2);
  EXPECT_EQ(to_json(*parse_newsroom_state(to_json(*state))), to_json(*state));
  const std::pair<const char*, const char*> faults[] = {{"\"version\":1", "\"version\":2"},
                                                        {"\"KP\",15", "\"kp\",15"},
                                                        {"\"KP\",15", "\"KP\",18"},
                                                        {"2.5,9", "2.5,2"},
                                                        {"2.5,9", "-1,9"},
                                                        {"2.5,9", "1e300,1e300"},
                                                        {",3,1,2,5", ",3,2,1,5"},
                                                        {",\"profiles\":[]", ""}};
  for (const auto& [text, fault] : faults) {
    std::string bad = good;
    bad.replace(bad.find(text), std::string_view(text).size(), fault);
    EXPECT_FALSE(parse_newsroom_state(bad)) << bad;
  }
  EXPECT_FALSE(parse_newsroom_state("{"));
}

TEST(VolumeWatch, APartitionThatMovesAndABacklogThatIsReadAreNoBursts) {
  World world(2);
  VolumeWatch watch({}, 0);
  watch_calm_days(watch, world, 0, 2, 0.25);
  const Observed doubled = watch_calm_days(watch, world, 2, 3, 0.75);
  EXPECT_EQ(doubled.above_six, 0U) << doubled.highest;
  // An hour's news in a minute.
  Observed backlog;
  std::vector<VolumeRow> rows;
  for (int i = 0; i < 60; ++i) {
    world.minute(3 * kDay, 20, 0.75, [&](std::string_view country, std::uint32_t subject) {
      watch.observe(about(country), topic(subject), 3 * kDay);
    });
  }
  watch.top(5, rows);
  for (const VolumeRow& row : rows) EXPECT_LT(row.score, 6) << row.country.text();
}

TEST(VolumeWatch, ABurstDoesNotBecomeTheBaselineAtOnce) {
  World world(3);
  VolumeWatch watch({}, 0);
  watch_calm_days(watch, world, 0, 2, 1);
  for (std::int64_t now = 2 * kDay; now < 2 * kDay + 120 * kMinute; now += kMinute) {
    world.minute(now, 20, 1, [&](std::string_view country, std::uint32_t subject) {
      watch.observe(about(country), topic(subject), now);
    });
    for (int i = 0; i < 5; ++i) watch.observe(about("KP"), topic(16000000), now);
  }
  EXPECT_GT(watch.row(CountryCode("KP"), kConflict).score, 6);
  // What stays for weeks is no burst any more.
  for (std::int64_t now = 3 * kDay; now < 20 * kDay; now += kMinute) {
    world.minute(now, 20, 1, [&](std::string_view country, std::uint32_t subject) {
      watch.observe(about(country), topic(subject), now);
    });
    for (int i = 0; i < 5; ++i) watch.observe(about("KP"), topic(16000000), now);
  }
  EXPECT_LT(watch.row(CountryCode("KP"), kConflict).score, 3);
}

TEST(VolumeWatch, SaysNothingBeforeItHasSeenEnough) {
  VolumeWatch watch({}, 0);
  for (int i = 0; i < 100; ++i) watch.observe(about("KP"), topic(16000000), 59 * kMinute);
  EXPECT_EQ(watch.row(CountryCode("KP"), kConflict).score, 0);
}

TEST(VolumeWatch, TimeMayJump) {
  VolumeWatch watch({}, 1000 * kDay);
  watch.observe(about("KP"), topic(16000000), 1000 * kDay);
  watch.observe(about("KP"), topic(16000000), 0);  // Back: still the present bin.
  EXPECT_EQ(watch.row(CountryCode("KP"), kConflict).articles, 2U);
  watch.advance(3000 * kDay);
  EXPECT_EQ(watch.row(CountryCode("KP"), kConflict).articles, 0U);
  watch.observe(about("KP"), topic(16000000), 3000 * kDay);
  EXPECT_EQ(watch.row(CountryCode("KP"), kConflict).articles, 1U);
}

TEST(VolumeWatch, AllocatesNothingAndListsNoMoreThanItIsAsked) {
  VolumeWatch watch({}, 0);
  std::vector<std::vector<CountryScore>> countries;
  for (char a = 'A'; a <= 'Z'; ++a) {
    for (char b = 'A'; b <= 'Z'; ++b) {
      const char letters[] = {a, b};
      countries.push_back(about(std::string_view(letters, 2)));
    }
  }
  std::vector<TopicScore> topics;
  for (std::uint32_t i = 1; i <= kSubjectCount; ++i)
    topics.push_back({TopicId(i * 1'000'000), 1, 0.5F});
  const std::size_t before = allocation_count();
  for (int minute = 0; minute < 3; ++minute) {
    for (const auto& country : countries) watch.observe(country, topics, minute * kMinute);
  }
  EXPECT_EQ(allocation_count(), before);
  std::vector<VolumeRow> rows;
  watch.top(200, rows);
  EXPECT_EQ(rows.size(), 200U);
}

}  // namespace
}  // namespace wirewatch
