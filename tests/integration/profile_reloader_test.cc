// Changed profiles are taken into use while the service runs; faulty ones are refused.

#include "services/enricher/profile_reloader.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "common/kafka/kafka.h"
#include "common/profile_store/profile_store.h"
#include "tests/support/shipped_gazetteer.h"

namespace wirewatch {
namespace {

std::string read(const std::string& path) {
  std::ifstream file(WIREWATCH_SOURCE_DIR "/" + path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::shared_ptr<const RuleSet> no_rules() {
  static const std::shared_ptr<const RuleSet> kInstance = std::make_shared<const RuleSet>(
      shipped_gazetteer(),
      *TopicModels::from_files(read("common/topic/data/topic_model.bin"),
                               read("common/topic/data/language_model.bin")),
      ProfileSet());
  return kInstance;
}

std::string beat(const std::string& query, const std::string& example, bool must_match = true) {
  return "title = \"A beat\"\nquery = \"" + query +
         "\"\n[[examples]]\nmatch = " + (must_match ? "true" : "false") + "\nheadline = \"" +
         example + "\"\n";
}

class Reload : public testing::Test {
 protected:
  Reload()
      : folder_(std::filesystem::path(testing::TempDir()) /
                ("reload-" + std::to_string(::getpid()) + "-" +
                 testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::create_directories(folder_);
  }
  ~Reload() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }

  void start(int period_ms) {
    reloader_ = std::make_unique<ProfileReloader>(
        ProfileReloaderOptions{.directory = folder_.string(),
                               .texts = [this] { return texts(); },
                               .fingerprint = profiles_fingerprint(folder_.string()),
                               .period = std::chrono::milliseconds(period_ms),
                               .settle = std::chrono::milliseconds(200),
                               .processor = {}},
        no_rules(), metrics_, [this](std::shared_ptr<const RuleSet> rules) {
          const std::lock_guard lock(mutex_);
          used_.push_back(std::move(rules));
        });
  }

  ProfileTexts texts() {
    const std::lock_guard lock(mutex_);
    return texts_;
  }
  void set_text(const std::string& name, const std::string& text) {
    const std::lock_guard lock(mutex_);
    texts_[name] = text;
  }

  std::size_t used() {
    const std::lock_guard lock(mutex_);
    return used_.size();
  }
  // Ids of the profiles in use, with a space between.
  std::string in_use() {
    const std::lock_guard lock(mutex_);
    std::string ids;
    for (const Profile& profile : used_.back()->profiles().profiles())
      ids += (ids.empty() ? "" : " ") + profile.id;
    return ids;
  }
  [[nodiscard]] bool exposes(const std::string& line) const {
    return metrics_.expose().find(line + "\n") != std::string::npos;
  }

  // Gives up after a time that only a hanging program needs.
  static testing::AssertionResult becomes_true(const std::function<bool()>& condition) {
    for (int i = 0; i < 3000; ++i) {
      if (condition()) return testing::AssertionSuccess();
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return testing::AssertionFailure() << "did not come about";
  }

  std::filesystem::path folder_;
  Metrics metrics_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<const RuleSet>> used_;
  ProfileTexts texts_;
  std::unique_ptr<ProfileReloader> reloader_;
};

// Of thousands a changed one is compiled alone; later all are one again, of the same version.
TEST_F(Reload, SettlesWhenNothingChanges) {
  constexpr int kProfiles = 4200;
  {
    const std::lock_guard lock(mutex_);
    for (int i = 0; i < kProfiles; ++i) {
      texts_["p" + std::to_string(i)] =
          "title = \"A beat\"\nquery = \"w" + std::to_string(i) + "\"\n";
    }
  }
  start(20);
  ASSERT_TRUE(becomes_true([&] { return used() == 1; }));
  set_text("p7", "title = \"A beat\"\nquery = \"korea\"\n");
  ASSERT_TRUE(becomes_true([&] { return used() == 3; }));
  const std::lock_guard lock(mutex_);
  EXPECT_FALSE(used_[0]->profiles().is_layered());
  EXPECT_TRUE(used_[1]->profiles().is_layered());
  EXPECT_FALSE(used_[2]->profiles().is_layered());
  EXPECT_EQ(used_[1]->version(), used_[2]->version());
  EXPECT_NE(used_[0]->version(), used_[1]->version());
}

TEST_F(Reload, TakesAChangedFolderIntoUse) {
  write("a.toml", beat("korea", "Korea"));
  start(20);
  write("b.toml", beat("japan", "Japan"));
  ASSERT_TRUE(becomes_true([&] { return used() >= 1 && in_use() == "a b"; }));
  std::filesystem::remove(folder_ / "a.toml");
  ASSERT_TRUE(becomes_true([&] { return in_use() == "b"; }));
  EXPECT_TRUE(exposes("wirewatch_profiles 1"));
  EXPECT_TRUE(exposes("wirewatch_profile_reload_refused 0"));
}

TEST_F(Reload, RefusesToGoWithoutProfiles) {
  write("a.toml", beat("korea", "Korea"));
  start(20);
  write("b.toml", beat("japan", "Japan"));
  ASSERT_TRUE(becomes_true([&] { return used() >= 1 && in_use() == "a b"; }));
  std::filesystem::rename(folder_ / "a.toml", folder_ / "a.tml");
  std::filesystem::remove(folder_ / "b.toml");
  ASSERT_TRUE(becomes_true([&] { return exposes("wirewatch_profile_reload_refused 1"); }));
  EXPECT_EQ(in_use(), "a b");
  EXPECT_TRUE(exposes("wirewatch_profiles 2"));
  std::filesystem::rename(folder_ / "a.tml", folder_ / "a.toml");
  ASSERT_TRUE(becomes_true([&] { return in_use() == "a"; }));
  EXPECT_TRUE(exposes("wirewatch_profile_reload_refused 0"));
}

TEST_F(Reload, FollowsTheLinksOfKubernetes) {
  write("..1/a.toml", beat("korea", "Korea"));
  std::filesystem::create_directory_symlink("..1", folder_ / "..data");
  std::filesystem::create_symlink("..data/a.toml", folder_ / "a.toml");
  start(20);
  write("..2/a.toml", beat("japan", "Japan"));
  std::filesystem::create_directory_symlink("..2", folder_ / "..data_tmp");
  std::filesystem::rename(folder_ / "..data_tmp", folder_ / "..data");
  ASSERT_TRUE(becomes_true([&] { return used() >= 1; }));
  const std::lock_guard lock(mutex_);
  Processor processor(used_.back(), {});
  EXPECT_EQ(processor.process(R"({"title":"Japan","text":"x"})", {}).alert_count, 1U);
}

TEST_F(Reload, RefusesFaultsAndKeepsWhatIsInUse) {
  write("a.toml", beat("korea", "Korea"));
  start(20);
  write("b.toml", beat("(japan", "Japan"));  // Cannot be read.
  ASSERT_TRUE(becomes_true(
      [&] { return exposes("wirewatch_profile_reloads_total{outcome=\"refused\"} 1"); }));
  EXPECT_TRUE(exposes("wirewatch_profile_reload_refused 1"));
  write("b.toml", beat("japan", "Something about China"));  // Its example does not match.
  ASSERT_TRUE(becomes_true(
      [&] { return exposes("wirewatch_profile_reloads_total{outcome=\"refused\"} 2"); }));
  EXPECT_EQ(used(), 0U);
  write("b.toml", beat("japan", "Something about China", false));
  ASSERT_TRUE(becomes_true([&] { return used() == 1; }));
  EXPECT_EQ(in_use(), "a b");
  EXPECT_TRUE(exposes("wirewatch_profile_reload_refused 0"));
}

TEST_F(Reload, TakesTextsFromElsewhereOverFiles) {
  write("a.toml", beat("korea", "Korea"));
  write("b.toml", beat("japan", "Japan"));
  start(20);
  set_text("b", beat("china", "China"));
  set_text("c", beat("$places", "Peru"));
  set_text("_shared", "[terms]\nplaces = [\"peru\"]\n");
  ASSERT_TRUE(becomes_true([&] { return used() >= 1 && in_use() == "a b c"; }));
  {
    const std::lock_guard lock(mutex_);
    Processor processor(used_.back(), {});
    EXPECT_EQ(processor.process(R"({"title":"Japan","text":"x"})", {}).alert_count, 0U);
    EXPECT_EQ(processor.process(R"({"title":"China","text":"x"})", {}).alert_count, 1U);
  }
  set_text("c", beat("(peru", "Peru"));
  ASSERT_TRUE(becomes_true([&] { return exposes("wirewatch_profile_reload_refused 1"); }));
  EXPECT_EQ(in_use(), "a b c");
}

TEST(KafkaTable, HasTheNewestValueOfEveryKey) {
  EmbeddedBroker broker;
  broker.create_topic("profiles", 3);
  auto producer = KafkaProducer::create({.brokers = broker.bootstrap_servers(),
                                         .client_id = "editor",
                                         .transactional_id = {},
                                         .embedded = true,
                                         .properties = {},
                                         .topics = {"profiles"},
                                         .on_error = {}},
                                        [](void*, const KafkaFailure&) {});
  ASSERT_TRUE(producer) << producer.error();
  KafkaFailure error;
  const auto put = [&](std::string_view key, std::string_view value) {
    ASSERT_TRUE((*producer)->produce(0, key, value, {}, nullptr, error)) << error.text;
    ASSERT_TRUE((*producer)->flush(10000));
  };
  put("a", "1");
  put("b", "2");
  put("a", "3");
  put("b", {});  // Deleted.
  put("c", "4");
  auto table = KafkaTable::create({.brokers = broker.bootstrap_servers(),
                                   .client_id = "reader",
                                   .topic = "profiles",
                                   .embedded = true,
                                   .properties = {}});
  ASSERT_TRUE(table) << table.error();
  EXPECT_FALSE((*table)->is_complete());
  using Rows = std::map<std::string, std::string>;
  const auto reads = [&](const Rows& rows) {
    for (int i = 0; i < 300 && !((*table)->is_complete() && (*table)->rows() == rows); ++i)
      (*table)->read(100);
    return (*table)->rows() == rows;
  };
  EXPECT_TRUE(reads({{"a", "3"}, {"c", "4"}}));
  put("c", {});
  put("d", "5");
  EXPECT_TRUE(reads({{"a", "3"}, {"d", "5"}}));
}

TEST_F(Reload, WithoutAPeriodWaitsToBeAsked) {
  start(0);
  write("a.toml", beat("korea", "Korea"));
  EXPECT_EQ(used(), 0U);
  reloader_->request();
  ASSERT_TRUE(becomes_true([&] { return used() == 1; }));
  EXPECT_EQ(in_use(), "a");
}

TEST_F(Reload, NamesOneVersionAtATime) {
  start(0);
  for (const char* query : {"korea", "japan", "china"}) {
    write("a.toml", beat(query, query));
    const std::size_t before = used();
    reloader_->request();
    ASSERT_TRUE(becomes_true([&] { return used() > before; }));
  }
  const std::string text = metrics_.expose();
  const std::string name = "wirewatch_rules_info{";
  EXPECT_NE(text.find(name), std::string::npos);
  EXPECT_EQ(text.find(name), text.rfind(name));
}

}  // namespace
}  // namespace wirewatch
