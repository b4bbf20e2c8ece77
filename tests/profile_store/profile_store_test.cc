// The folder: which files are beats, what they share, and what people are told of them.

#include "common/profile_store/profile_store.h"

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "common/profile/profile_lint.h"

namespace wirewatch {
namespace {

class ProfileFolder : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = std::filesystem::path(WIREWATCH_BINARY_DIR) / "profile_store_test" / test->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  [[nodiscard]] auto load() const { return load_profiles(folder_.string()); }

  std::filesystem::path folder_;
};

TEST_F(ProfileFolder, GivesItsBeatsInOrderOfName) {
  write("b.toml", "title = \"B\"\nquery = \"x\"");
  write("a.toml", "title = \"A\"\nquery = \"x\"");
  write(".hidden.toml", "nonsense");
  write("README.md", "nonsense");
  const auto sources = load();
  ASSERT_TRUE(sources);
  ASSERT_EQ(sources->size(), 2U);
  EXPECT_EQ((*sources)[0].id, "a");
  EXPECT_EQ((*sources)[1].id, "b");
}

TEST_F(ProfileFolder, MayBeEmptyButNotAbsent) {
  ASSERT_TRUE(load());
  EXPECT_TRUE(load()->empty());
  EXPECT_FALSE(load_profiles((folder_ / "absent").string()));
}

TEST_F(ProfileFolder, SharesDefinitions) {
  write("_shared.toml", "[terms]\nnames = [\"korea\"]\nplaces = [\"seoul\"]");
  write("a.toml", "title = \"A\"\nquery = \"$names\"");
  write("b.toml", "title = \"B\"\nquery = \"$names\"\n[expressions]\nnames = \"japan\"");
  const auto sources = load();
  ASSERT_TRUE(sources);
  EXPECT_EQ((*sources)[0].term_lists.size(), 2U);
  EXPECT_TRUE((*sources)[0].term_lists[0].shared);
  EXPECT_EQ((*sources)[1].term_lists.size(), 1U);  // Its own $names wins.
  EXPECT_TRUE(ProfileSet::compile(*sources));
}

TEST_F(ProfileFolder, RefusesASharedNameOfTwoFiles) {
  write("_a.toml", "[terms]\nnames = [\"korea\"]");
  write("_b.toml", "[expressions]\nplaces = \"seoul\"\nnames = \"japan\"");
  write("a.toml", "title = \"A\"\nquery = \"$names\"");
  const auto sources = load();
  ASSERT_FALSE(sources);
  ASSERT_EQ(sources.error().size(), 1U);
  const std::string text = to_text(sources.error()[0]);
  EXPECT_NE(text.find("_b.toml:3:"), std::string::npos) << text;
  EXPECT_NE(text.find("$names is defined in "), std::string::npos) << text;
  EXPECT_NE(text.find("_a.toml:2 too"), std::string::npos) << text;
}

TEST_F(ProfileFolder, FaultsOfASharedFilePointIntoItOnce) {
  write("_shared.toml", "[expressions]\nnames = \"korea -japan\"");
  write("a.toml", "title = \"A\"\nquery = \"$names\"");
  write("b.toml", "title = \"B\"\nquery = \"$names AND x\"");
  const auto sources = load();
  ASSERT_TRUE(sources);
  const auto set = ProfileSet::compile(*sources);
  ASSERT_FALSE(set);
  ASSERT_EQ(set.error().size(), 1U);
  EXPECT_NE(to_text(set.error()[0]).find("_shared.toml:2:16: '-'"), std::string::npos)
      << to_text(set.error()[0]);
}

TEST_F(ProfileFolder, DoubtsOfASharedFilePointIntoItOnce) {
  write("_shared.toml", "[expressions]\nnames = \"korea OR north japan\"");
  write("a.toml", "title = \"A\"\nquery = \"$names\"");
  write("b.toml", "title = \"B\"\nquery = \"$names AND xy\"");
  const auto sources = load();
  ASSERT_TRUE(sources);
  const auto set = ProfileSet::compile(*sources);
  ASSERT_TRUE(set);
  std::vector<std::string> origins;
  for (const ProfileWarning& warning : lint_profiles(*set, *sources)) {
    if (warning.lint == ProfileLint::kSideBySide) origins.push_back(warning.text.origin);
  }
  ASSERT_EQ(origins.size(), 1U);
  EXPECT_TRUE(origins[0].ends_with("_shared.toml")) << origins[0];
}

TEST_F(ProfileFolder, NamesAFileThatIsMissingWithoutAPlaceInIt) {
  const std::string path = (folder_ / "nof.toml").string();
  const auto source = load_profile(path, folder_.string());
  ASSERT_FALSE(source);
  EXPECT_EQ(to_text(source.error()[0]).find(path + ": the file cannot be read"), 0U);
}

TEST_F(ProfileFolder, NamesWhatLooksLikeProfilesAndIsNone) {
  const std::string beat = "title = \"A\"\nquery = \"x\"\n";
  for (const char* name : {"a.toml", "b.tml", "c.TOML", "d.toml.txt", "README.md", "e", ".f.tml"})
    write(name, beat);
  std::filesystem::create_directories(folder_ / "more" / "..data");
  std::filesystem::create_directories(folder_ / "..data");
  write("more/g.toml", beat);
  write("more/h.tml", beat);
  write("..data/i.toml", beat);  // As Kubernetes has it.
  std::vector<std::string> names;
  for (const std::string& path : ignored_profile_files(folder_.string()))
    names.push_back(std::filesystem::relative(path, folder_).string());
  EXPECT_EQ(names, (std::vector<std::string>{"b.tml", "c.TOML", "d.toml.txt", "more/g.toml"}));
  EXPECT_TRUE(ignored_profile_files((folder_ / "absent").string()).empty());
}

TEST_F(ProfileFolder, NamesWhatIsCalledAProfileAndIsNoFile) {
  write("a.toml", "title = \"A\"\nquery = \"x\"\n");
  std::filesystem::create_directories(folder_ / "b.toml");
  std::filesystem::create_symlink("gone.toml", folder_ / "c.toml");
  std::filesystem::create_symlink("d.toml", folder_ / "d.toml");
  std::filesystem::create_symlink("a.toml", folder_ / "e.toml");
  std::filesystem::create_symlink("gone.toml", folder_ / ".#a.toml");  // An editor's lock.
  const auto ignored = ignored_profile_files(folder_.string());
  ASSERT_EQ(ignored.size(), 3U);
  EXPECT_TRUE(ignored[0].ends_with("b.toml")) << ignored[0];
  EXPECT_TRUE(ignored[1].ends_with("c.toml")) << ignored[1];
  EXPECT_TRUE(ignored[2].ends_with("d.toml")) << ignored[2];
  EXPECT_NE(ignored_file_text(ignored[1]).find("leads to no file"), std::string::npos);
}

TEST_F(ProfileFolder, ReportsAllFilesAtOnce) {
  write("a.toml", "titel = \"A\"\nquery = \"x\"");
  write("b.toml", "title = ");
  const auto sources = load();
  ASSERT_FALSE(sources);
  EXPECT_GE(sources.error().size(), 2U);
}

TEST_F(ProfileFolder, ReportsQueriesBesideFilesThatCannotBeRead) {
  write("a.toml", "title = ");
  write("b.toml", "title = \"B\"\nquery = \"(x\"");
  write("c.toml", "title = \"C\"\nquery = \"$names\"");
  const auto sources = load();
  ASSERT_FALSE(sources);
  ASSERT_EQ(sources.error().size(), 3U);
  EXPECT_NE(to_text(sources.error()[1]).find("b.toml:2:10: '(' is never closed"), std::string::npos)
      << to_text(sources.error()[1]);
  write("_shared.toml", "[terms]\nnames = ");  // Nothing is known of $names.
  EXPECT_EQ(load().error().size(), 2U);
}

TEST(ShippedBeats, CompileAndLintClean) {
  const auto sources = load_profiles(WIREWATCH_SOURCE_DIR "/deploy/profiles");
  ASSERT_TRUE(sources) << sources.error()[0].origin << ": " << sources.error()[0].message;
  EXPECT_GE(sources->size(), 25U);
  const auto set = ProfileSet::compile(*sources);
  ASSERT_TRUE(set) << set.error()[0].origin << ":" << set.error()[0].line << ": "
                   << set.error()[0].message;
  for (const ProfileWarning& warning : lint_profiles(*set, *sources)) {
    ADD_FAILURE() << warning.text.origin << ":" << warning.text.line << ": "
                  << to_string(warning.lint) << ": " << warning.text.message;
  }
  for (const ProfileSource& source : *sources) {
    std::set<std::string> languages;
    for (const ProfileExample& example : source.examples) {
      if (example.must_match) languages.insert(example.language);
    }
    EXPECT_GE(languages.size(), 2U) << source.id << ": examples of two languages must match";
  }
}

}  // namespace
}  // namespace wirewatch
