// The file format: what it gives, what it refuses and where it points.

#include "common/profile_store/profile_store.h"

#include <filesystem>
#include <fstream>
#include <ostream>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "common/profile/profile_lint.h"

namespace wirewatch {
namespace {

constexpr const char* kWhole = R"(title = "North Korea"
description = "All about it"
owner = "asia-desk"
level = "urgent"
destination = "alerts.asia"
cooldown = "10m"
threshold = 2
query = """
headline:$names OR
lede:$names OR $quake
"""
exclude = ["Korea House"]

[expressions]
weapons = 'missil* NEAR/5 test*'

[terms.names]
en = ["North Korea*", "=DPRK"]
de-only = ["Norden"]

[terms]
plain = ["a", "b"]

[weighted.quake]
threshold = 4
occurrence_max = 2
terms = [["earthquake*", 3], ["film", -5.5, "en"]]

[[examples]]
match = true
headline = "Pyongyang speaks"

[[examples]]
match = false
language = "en"
headline = "Seoul speaks"
body = "Text"
)";

TEST(ProfileStore, ReadsEveryKey) {
  const auto parsed = parse_profile(kWhole, "north-korea", "north-korea.toml");
  ASSERT_TRUE(parsed) << parsed.error()[0].message;
  const ProfileSource& profile = *parsed;
  EXPECT_EQ(profile.id, "north-korea");
  EXPECT_EQ(profile.title, "North Korea");
  EXPECT_EQ(profile.owner, "asia-desk");
  EXPECT_EQ(profile.level, AlertLevel::kUrgent);
  EXPECT_EQ(profile.destination, "alerts.asia");
  EXPECT_EQ(profile.cooldown_s, 600U);
  EXPECT_DOUBLE_EQ(profile.threshold, 2);
  EXPECT_EQ(profile.query.line, 9U);  // Behind the quotes' line end.
  EXPECT_EQ(profile.query.column, 1U);
  ASSERT_EQ(profile.exclude.size(), 1U);
  EXPECT_EQ(profile.exclude[0].column, 13U);
  ASSERT_EQ(profile.expressions.size(), 1U);
  EXPECT_EQ(profile.expressions[0].query.line, 15U);
  EXPECT_EQ(profile.expressions[0].query.column, 12U);
  ASSERT_EQ(profile.term_lists.size(), 3U);
  const ProfileTermList& names = profile.term_lists[0];
  EXPECT_EQ(names.name, "names");
  ASSERT_EQ(names.terms.size(), 3U);
  EXPECT_EQ(names.terms[0].language, "de");
  EXPECT_EQ(names.terms[1].language, "");
  const ProfileTermList& quake = profile.term_lists[2];
  EXPECT_TRUE(quake.weighted);
  EXPECT_FLOAT_EQ(quake.threshold, 4);
  EXPECT_EQ(quake.occurrence_max, 2U);
  EXPECT_FLOAT_EQ(quake.terms[1].weight, -5.5F);
  EXPECT_EQ(quake.terms[1].language, "en");
  ASSERT_EQ(profile.examples.size(), 2U);
  EXPECT_TRUE(profile.examples[0].must_match);
  EXPECT_EQ(profile.examples[0].line, 29U);
  EXPECT_FALSE(profile.examples[1].must_match);
  EXPECT_TRUE(ProfileSet::compile({&profile, 1}));
}

TEST(ProfileStore, ErrorsOfQueriesPointIntoTheFile) {
  auto parsed =
      parse_profile("title = \"X\"\nquery = '''\nkorea AND\n  hedline:x'''\n", "x", "x.toml");
  ASSERT_TRUE(parsed);
  auto set = ProfileSet::compile({&*parsed, 1});
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error()[0].origin, "x.toml");
  EXPECT_EQ(set.error()[0].line, 4U);
  EXPECT_EQ(set.error()[0].column, 3U);
  parsed = parse_profile("title = \"X\"\nquery = \"korea AND hedline:x\"\n", "x", "x.toml");
  set = ProfileSet::compile({&*parsed, 1});
  ASSERT_FALSE(set);
  EXPECT_EQ(set.error()[0].line, 2U);
  EXPECT_EQ(set.error()[0].column, 20U);
}

struct Case {
  const char* name;
  const char* toml;
  std::size_t line;
  const char* message;
};

void PrintTo(const Case& row, std::ostream* out) {
  *out << row.toml;
}

class ProfileStoreErrors : public testing::TestWithParam<Case> {};

TEST_P(ProfileStoreErrors, AreNamed) {
  const auto parsed =
      parse_profile("title = \"X\"\nquery = \"x\"\n" + std::string(GetParam().toml), "x", "x.toml");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error()[0].line, GetParam().line) << parsed.error()[0].message;
  EXPECT_NE(parsed.error()[0].message.find(GetParam().message), std::string::npos)
      << parsed.error()[0].message;
}

constexpr Case kCases[] = {
    {"Syntax", "level = ", 3, ""},
    {"UnknownKey", "treshold = 2", 3, "did you mean 'threshold'?"},
    {"UnknownLevel", "level = \"urgant\"", 3, "did you mean 'urgent'?"},
    {"LevelNoText", "level = 3", 3, "must be a text"},
    {"Cooldown", "cooldown = \"soon\"", 3, "30m"},
    {"CooldownTooLong", "cooldown_s = 9999999", 3, "604800"},
    {"Threshold", "threshold = -1", 3, "0 or more"},
    {"Exclude", "exclude = \"x\"", 3, "list of texts"},
    {"Expressions", "expressions = 1", 3, "must be a table"},
    {"ExpressionName", "[expressions]\n\"a b\" = \"x\"", 4, "no usable name"},
    {"NameTwice", "[expressions]\na = \"x\"\n[terms]\na = [\"x\"]", 6, "used twice"},
    {"Language", "[terms.a]\nKorean = [\"x\"]", 4, "no language"},
    {"WeightedTerm", "[weighted.a]\nthreshold = 1\nterms = [\"x\"]", 5, "[term, weight]"},
    {"WeightedThreshold", "[weighted.a]\nterms = [[\"x\", 1]]", 3, "no threshold"},
    {"WeightNumber", "[weighted.a]\nthreshold = 1\nterms = [[\"x\", \"y\"]]", 5, "number"},
    {"CooldownTwice", "cooldown = \"10m\"\ncooldown_s = 600", 4,
     "cooldown_s and cooldown (line 3) are the same setting"},
    {"LanguageNameHasCure", "[terms.a]\nKorean-only = [\"x\"]", 4, "did you mean 'ko'?"},
    {"WeightedLanguage", "[weighted.a]\nthreshold = 1\nterms = [[\"x\", 1, \"klingon\"]]", 5,
     "'klingon' is no language; the third part"},
    {"WeightedLanguageName", "[weighted.a]\nthreshold = 1\nterms = [[\"x\", 1, \"English\"]]", 5,
     "did you mean 'en'?"},
    {"WeightedLanguageRegion", "[weighted.a]\nthreshold = 1\nterms = [[\"x\", 1, \"pt-BR\"]]", 5,
     "did you mean 'pt'?"},
    {"WeightedLanguageEmpty", "[weighted.a]\nthreshold = 1\nterms = [[\"x\", 1, \"\"]]", 5,
     "'' is no language"},
    {"Example", "[[examples]]\nheadline = \"x\"", 3, "match = true"},
    {"ExampleKey", "[[examples]]\nmatch = true\nhedline = \"x\"", 5, "did you mean 'headline'?"},
    {"ExampleEmpty", "[[examples]]\nmatch = true", 3, "no text"},
};

INSTANTIATE_TEST_SUITE_P(Table, ProfileStoreErrors, testing::ValuesIn(kCases),
                         [](const auto& row) { return std::string(row.param.name); });

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

TEST_F(ProfileFolder, ReportsAllFilesAtOnce) {
  write("a.toml", "titel = \"A\"\nquery = \"x\"");
  write("b.toml", "title = ");
  const auto sources = load();
  ASSERT_FALSE(sources);
  EXPECT_GE(sources.error().size(), 2U);
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
