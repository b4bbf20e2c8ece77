// A set made from an older one is the set that its sources make.

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "tests/profile/profile_test_support.h"

namespace wirewatch {
namespace {

constexpr std::size_t kProfiles = 5000;
constexpr const char* kWords[] = {"korea",  "missile", "flood",  "port",   "strike", "election",
                                  "harbor", "quake",   "rocket", "summit", "treaty", "storm"};
constexpr std::size_t kWordCount = std::size(kWords);

ProfileSource numbered(std::size_t i) {
  const std::string first = kWords[i % kWordCount];
  const std::string second = kWords[i / kWordCount % kWordCount];
  ProfileSource source =
      make_profile("p" + std::to_string(10000 + i),
                   first + " AND (" + second + " OR w" + std::to_string(i % 50) + "*)");
  if (i % 7 == 0) {
    source.query.text = "$list NEAR/4 " + second;
    source.term_lists = {make_list("list", {first, "w" + std::to_string(i % 11)})};
  }
  return source;
}

std::vector<ProfileSource> sources_of(std::size_t count) {
  std::vector<ProfileSource> sources;
  for (std::size_t i = 0; i < count; ++i) sources.push_back(numbered(i));
  return sources;
}

ProfileSet compile_from(const std::vector<ProfileSource>& sources, const ProfileSet& before) {
  auto set = ProfileSet::compile(sources, before);
  if (!set) {
    ADD_FAILURE() << to_text(set.error().front());
    return {};
  }
  return std::move(*set);
}

std::string found(const ProfileSet& set, const TestArticle& article) {
  const ProfileMatches result = match(set, article);
  std::string out;
  for (const ProfileMatch& one : result.matches) {
    out += set.profile(one.profile).id + " " + std::to_string(one.score);
    for (const Evidence& evidence : result.evidence_of(one)) {
      out += " " + std::string(evidence.clause) + "@" + std::to_string(evidence.span.begin);
      for (std::uint32_t step = evidence.path_begin; step < evidence.path_end; ++step)
        out += "<" + std::string(result.path[step]);
    }
    out += "\n";
  }
  return out;
}

void expect_same(const ProfileSet& made, const std::vector<ProfileSource>& sources) {
  const ProfileSet whole = compile(sources);
  EXPECT_EQ(made.version(), whole.version());
  ASSERT_EQ(made.profiles().size(), sources.size());
  std::size_t lines = 0;
  for (std::size_t i = 0; i < kWordCount; ++i) {
    const TestArticle article(std::string(kWords[i]) + " w7 w12",
                              std::string("The ") + kWords[(i + 5) % kWordCount] + " of w3 and " +
                                  kWords[(i + 1) % kWordCount] + " were new.");
    const std::string expected = found(whole, article);
    EXPECT_EQ(found(made, article), expected);
    lines += static_cast<std::size_t>(std::count(expected.begin(), expected.end(), '\n'));
  }
  EXPECT_GT(lines, 100U);
  for (std::uint32_t i = 0; i < sources.size(); ++i) {
    EXPECT_EQ(made.profiles()[i].id, sources[i].id);
    EXPECT_EQ(made.find(sources[i].id)->value(), i);
    EXPECT_EQ(made.profiles()[i].version.text(), whole.profiles()[i].version.text());
    EXPECT_EQ(made.profiles()[i].anchored, whole.profiles()[i].anchored);
  }
}

TEST(ProfileSetFromAnOlder, HasWhatItsSourcesSay) {
  std::vector<ProfileSource> sources = sources_of(kProfiles);
  ProfileSet set = compile(sources);
  for (int round = 0; round < 3; ++round) {
    sources[10].query.text = "flood OR w3" + std::string(static_cast<std::size_t>(round), 'x');
    sources[11].title += " anew";
    sources[4000].query.text = "NOT korea";
    sources.erase(sources.begin() + 100 + round);
    sources.insert(sources.begin() + 2000, numbered(kProfiles + static_cast<std::size_t>(round)));
    std::swap(sources[3000], sources[3001]);
    ProfileSet next = compile_from(sources, set);
    // What has not changed is shared: the sum of the layers is more than one set.
    EXPECT_GT(next.node_count(), compile(sources).node_count());
    expect_same(next, sources);
    set = std::move(next);
  }
}

TEST(ProfileSetFromAnOlder, ExplainsProfilesOfBoth) {
  std::vector<ProfileSource> sources = sources_of(kProfiles);
  const ProfileSet before = compile(sources);
  sources[0] = make_profile("a-new-one", "flood");
  const ProfileSet set = compile_from(sources, before);
  const TestArticle article("Flood", "A port was closed.");
  ProfileScratch scratch;
  EXPECT_TRUE(says(ProfileMatcher(set).explain(ProfileIndex(0), article.input(), scratch),
                   "a-new-one matches"));
  const auto other = set.find(numbered(38).id);
  ASSERT_TRUE(other);
  EXPECT_TRUE(
      says(ProfileMatcher(set).explain(*other, article.input(), scratch), "p10038 matches"));
}

TEST(ProfileSetFromAnOlder, IsCompiledAnewWhenMuchHasChanged) {
  const ProfileSet before = compile(sources_of(kProfiles));
  std::vector<ProfileSource> sources = sources_of(kProfiles);
  for (std::size_t i = 0; i < 300; ++i) sources[i].query.text = "w" + std::to_string(i);
  EXPECT_EQ(compile_from(sources, before).node_count(), compile(sources).node_count());
  const std::vector<ProfileSource> fewer = sources_of(kProfiles - 400);
  EXPECT_EQ(compile_from(fewer, before).node_count(), compile(fewer).node_count());
}

TEST(ProfileSetFromAnOlder, HasTheErrorsOfItsSources) {
  std::vector<ProfileSource> sources = sources_of(kProfiles);
  const ProfileSet before = compile(sources);
  sources[7].query = {"(flood", 3, 9};
  const auto broken = ProfileSet::compile(sources, before);
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().size(), 1U);
  EXPECT_EQ(broken.error()[0].line, 3U);
  sources[7] = numbered(8);
  const auto twice = ProfileSet::compile(sources, before);
  ASSERT_FALSE(twice);
  EXPECT_TRUE(says(twice.error()[0].message, "taken by another profile"));
}

TEST(ProfileSetFromAnOlder, TellsWhatHasChanged) {
  std::vector<ProfileSource> sources = sources_of(20);
  const ProfileSet before = compile(sources);
  sources[3].description = "For people.";
  sources[4].query.text = "flood";
  sources[5].examples.push_back({true, "Flood", "", "", 1});
  sources.push_back(numbered(20));
  std::vector<std::uint32_t> changed;
  for (const ProfileIndex index : compile(sources).changed_since(before)) {
    changed.push_back(index.value());
  }
  EXPECT_EQ(changed, (std::vector<std::uint32_t>{4, 5, 20}));
}

}  // namespace
}  // namespace wirewatch
