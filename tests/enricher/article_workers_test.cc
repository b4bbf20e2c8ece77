#include "services/enricher/article_workers.h"

#include <map>
#include <string>

#include <gtest/gtest.h>

#include "tests/enricher/articles.h"

namespace wirewatch {
namespace {

// Rules that are told apart by their address alone.
std::shared_ptr<const RuleSet> rules(const int* which) {
  return {std::shared_ptr<const int>(which, [](const int*) {}),
          reinterpret_cast<const RuleSet*>(which)};
}

struct Seen {
  std::mutex mutex;
  std::map<std::string, std::vector<std::int64_t>> offsets;  // By key, in order of handling.
  std::map<std::string, std::thread::id> threads;
  int on_two_threads = 0;
  std::map<std::int64_t, const RuleSet*> rules;
  int idle = 0;
};

class Note final : public ArticleWorkers::Handler {
 public:
  explicit Note(Seen& seen) : seen_(seen) {}
  void use_rules(const std::shared_ptr<const RuleSet>& rules) override { rules_ = rules; }
  void handle(InFlight* in_flight) override {
    const std::lock_guard lock(seen_.mutex);
    const std::string key(in_flight->record.key());
    const auto [where, first] = seen_.threads.emplace(key, std::this_thread::get_id());
    if (!first && where->second != std::this_thread::get_id()) ++seen_.on_two_threads;
    seen_.offsets[key].push_back(in_flight->record.offset());
    seen_.rules[in_flight->record.offset()] = rules_.get();
  }
  void idle() override {
    const std::lock_guard lock(seen_.mutex);
    ++seen_.idle;
  }

 private:
  Seen& seen_;
  std::shared_ptr<const RuleSet> rules_;
};

TEST(ArticleWorkers, EachKeyKeepsItsOrderOnOneThread) {
  Seen seen;
  const int first = 0;
  ArticleWorkers workers(4, rules(&first), [&] { return std::make_unique<Note>(seen); });
  workers.start();
  std::vector<std::string> keys;
  for (int i = 0; i < 23; ++i) keys.push_back("key-" + std::to_string(i));
  std::vector<std::unique_ptr<InFlight>> articles;
  for (std::int64_t offset = 0; offset < 5000; ++offset) {
    articles.push_back(article(0, offset, keys[static_cast<std::size_t>(offset % 23)]));
    workers.add(articles.back().get());
    if (offset % 7 == 0) workers.hand_over();
  }
  workers.stop();  // Hands over what is left, and handles it.
  EXPECT_EQ(workers.added(), 0U);
  std::size_t count = 0;
  for (const auto& [key, offsets] : seen.offsets) {
    EXPECT_TRUE(std::is_sorted(offsets.begin(), offsets.end())) << key;
    count += offsets.size();
  }
  EXPECT_EQ(count, articles.size());
  EXPECT_EQ(seen.on_two_threads, 0);
}

TEST(ArticleWorkers, WithoutAKeyOnePartitionKeepsItsOrder) {
  Seen seen;
  const int first = 0;
  ArticleWorkers workers(3, rules(&first), [&] { return std::make_unique<Note>(seen); });
  workers.start();
  std::vector<std::unique_ptr<InFlight>> articles;
  for (std::int64_t offset = 0; offset < 300; ++offset) {
    articles.push_back(article(5, offset, std::string_view{}));
    workers.add(articles.back().get());
    workers.hand_over();
  }
  workers.stop();
  EXPECT_TRUE(std::is_sorted(seen.offsets[""].begin(), seen.offsets[""].end()));
  EXPECT_EQ(seen.on_two_threads, 0);
}

TEST(ArticleWorkers, TheCallerHandlesAFewThatFindEveryWorkerIdle) {
  Seen seen;
  const int first = 0;
  ArticleWorkers workers(2, rules(&first), [&] { return std::make_unique<Note>(seen); });
  workers.start();
  const auto one = article(0, 1, "a");
  workers.add(one.get());
  workers.hand_over(true);
  EXPECT_EQ(seen.offsets["a"], std::vector<std::int64_t>{1});
  EXPECT_EQ(seen.threads["a"], std::this_thread::get_id());
  // Many go to the workers, as does what the caller has no time for.
  std::vector<std::unique_ptr<InFlight>> many;
  for (std::int64_t offset = 0; offset < 100; ++offset) {
    many.push_back(article(0, offset, "b"));
    workers.add(many.back().get());
  }
  workers.hand_over(true);
  const auto other = article(0, 1, "c");
  workers.add(other.get());
  workers.hand_over(false);
  workers.stop();
  EXPECT_EQ(seen.offsets["b"].size(), many.size());
  EXPECT_NE(seen.threads["b"], std::this_thread::get_id());
  EXPECT_NE(seen.threads["c"], std::this_thread::get_id());
}

TEST(ArticleWorkers, OrderIsKeptWhenTheCallerHelps) {
  Seen seen;
  const int first = 0;
  ArticleWorkers workers(3, rules(&first), [&] { return std::make_unique<Note>(seen); });
  workers.start();
  std::vector<std::unique_ptr<InFlight>> articles;
  for (std::int64_t offset = 0; offset < 5000; ++offset) {
    articles.push_back(article(0, offset, offset % 2 == 0 ? "even" : "odd"));
    workers.add(articles.back().get());
    if (offset % 5 == 0 || offset % 97 > 60) workers.hand_over(true);
  }
  workers.stop();
  for (const auto& [key, offsets] : seen.offsets) {
    EXPECT_TRUE(std::is_sorted(offsets.begin(), offsets.end())) << key;
    EXPECT_EQ(offsets.size(), articles.size() / 2);
  }
}

TEST(ArticleWorkers, NewRulesAreTakenBeforeTheNextArticle) {
  Seen seen;
  const int first = 0;
  const int second = 0;
  ArticleWorkers workers(1, rules(&first), [&] { return std::make_unique<Note>(seen); });
  const auto before = article(0, 1);
  const auto after = article(0, 2);
  workers.start();
  workers.add(before.get());
  workers.hand_over();
  while (true) {
    const std::lock_guard lock(seen.mutex);
    if (seen.rules.contains(1)) break;
  }
  workers.use_rules(rules(&second));
  workers.add(after.get());
  workers.stop();
  EXPECT_EQ(seen.rules[1], reinterpret_cast<const RuleSet*>(&first));
  EXPECT_EQ(seen.rules[2], reinterpret_cast<const RuleSet*>(&second));
}

TEST(ArticleWorkers, OneWithoutWorkForAWhileIsToldSo) {
  Seen seen;
  const int first = 0;
  ArticleWorkers workers(1, rules(&first), [&] { return std::make_unique<Note>(seen); });
  workers.start();
  for (int idle = 0; idle == 0; std::this_thread::yield()) {
    const std::lock_guard lock(seen.mutex);
    idle = seen.idle;
  }
  workers.stop();
}

TEST(ArticleWorkers, OneWithoutWorkLetsGoOfOldRules) {
  Seen seen;
  const int second = 0;
  const auto old = std::make_shared<const int>(0);
  ArticleWorkers workers(
      2, std::shared_ptr<const RuleSet>(old, reinterpret_cast<const RuleSet*>(old.get())),
      [&] { return std::make_unique<Note>(seen); });
  workers.start();
  workers.use_rules(rules(&second));
  while (old.use_count() > 1) {
    workers.hand_over();  // The caller has a handler, too.
    std::this_thread::yield();
  }
  workers.stop();
  EXPECT_EQ(old.use_count(), 1);
}

}  // namespace
}  // namespace wirewatch
