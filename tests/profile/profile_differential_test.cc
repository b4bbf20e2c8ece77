// The engine and the reference evaluator agree on random queries over random articles, in several
// scripts; and presearch never loses a match.

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/profile/profile_test_support.h"
#include "tests/profile/reference_evaluator.h"

namespace wirewatch {
namespace {

// Few words, so that they meet often.
const std::vector<std::string> kWords = {
    "korea", "north", "missile", "launch", "talks",    "japan",  "коре",     "ракета", "北",
    "朝",    "鲜",    "미사일",  "صاروخ",  "missiles", "korean", "بالصاروخ", "وصاروخ"};
const std::vector<std::string> kTerms = {"korea",
                                         "korea*",
                                         "missil*",
                                         "launch",
                                         "talks",
                                         "japan",
                                         "\"north korea\"",
                                         "\"north korea*\"",
                                         "\"launch talks\"",
                                         "коре*",
                                         "ракета",
                                         "朝鲜",
                                         "\"北 朝\"",
                                         "미사일",
                                         "صاروخ",
                                         "صار*",
                                         "بالصاروخ",
                                         "absent",
                                         "north",
                                         "\"talks japan\"",
                                         "*orea",
                                         "*issil*",
                                         "mis?ile",
                                         "l*nch",
                                         "kore%an",
                                         "*акет*",
                                         "к*ре",
                                         "/miss(ile|ive)s?/",
                                         "/[kj](orea|apan)/"};

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  std::string text(std::size_t words, bool paragraphs) {
    std::string out;
    for (std::size_t i = 0; i < words; ++i) {
      out += pick(kWords);
      const std::uint32_t kind = below(20);
      if (paragraphs && kind == 0) {
        out += ".\n\n";
      } else if (kind < 4) {
        out += ". ";
      } else if (kind < 6) {
        out += ", ";
      } else {
        out += " ";
      }
    }
    return out;
  }

  // Anything; `positional` restricts it to what NEAR may take.
  std::string query(std::uint32_t depth, bool positional, bool zoned = false) {
    if (depth == 0) return pick(kTerms);
    const auto inner = [&](bool with_position) {
      return "(" + query(depth - 1, with_position, zoned) + ")";
    };
    switch (below(positional ? 16 : 20)) {
      case 0:
      case 1:
        return pick(kTerms);
      case 2:
      case 3:
        return inner(positional) + " AND " + inner(positional);
      case 4:
      case 5:
        return inner(positional) + " OR " + inner(positional);
      case 6:
        return inner(true) + " NEAR/" + std::to_string(below(6)) + " " + inner(true);
      case 7:
        return inner(true) + " ONEAR/" + std::to_string(below(6)) + " " + inner(true);
      case 8:
        return inner(true) + " SENTENCE " + inner(true);
      case 9:
        return inner(true) + " PARAGRAPH " + inner(true);
      case 10:
        return inner(true) + " NOT NEAR/" + std::to_string(below(4)) + " " + inner(true);
      case 11:
        return inner(true) + (below(2) == 0 ? " NOT SENTENCE " : " NOT PARAGRAPH ") + inner(true);
      case 12:
        return inner(true) + " NOT IN " + inner(true);
      case 13:
        return "times/" + std::to_string(1 + below(3)) + ":" + inner(true);
      case 14:
        if (zoned) return pick(kTerms);
        return pick({"headline:", "lede:", "body:", "anywhere:", "tail:", "top:", "first/5:"}) +
               ("(" + query(depth - 1, positional, true) + ")");
      case 15:
        return many(positional, " OR ");
      case 16:
        return "NOT " + inner(false);
      case 17:
        return inner(false) + " AND NOT " + inner(false);
      case 18:
        return "at least " + std::to_string(2 + below(4)) + " of " + many(positional, ", ");
      default:
        return "at least 2 of (" + query(depth - 1, false, zoned) + ", " +
               query(depth - 1, false, zoned) + ", " + query(depth - 1, false, zoned) + ")";
    }
  }

  // So many alternatives that the engine enters them by what the article shows.
  std::string many(bool positional, const std::string& between) {
    std::string out = "(" + query(1, positional, true);
    for (std::uint32_t i = 0, count = 12 + below(10); i < count; ++i) {
      out += between + pick(kTerms);
    }
    return out + ")";
  }

  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  std::string pick(const std::vector<std::string>& from) {
    return from[below(static_cast<std::uint32_t>(from.size()))];
  }

 private:
  std::mt19937 random_;
};

TEST(ProfileDifferential, EngineAgreesWithTheReference) {
  constexpr unsigned kRounds = 60;
  constexpr int kQueries = 60;
  constexpr int kArticles = 4;
  std::size_t held = 0;
  std::size_t compared = 0;
  for (unsigned round = 0; round < kRounds; ++round) {
    Generator generator(round + 1);
    const bool excludes = round % 3 == 0;
    std::vector<ProfileSource> sources;
    while (sources.size() < kQueries) {
      ProfileSource source =
          make_profile("p" + std::to_string(sources.size()), generator.query(3, false));
      source.threshold = 0;
      if (excludes) source.exclude = {{"korea launch", 1, 1}, {"missile", 1, 1}};
      // A part without positions where one is needed is refused: try another.
      if (ProfileSet::compile({&source, 1})) sources.push_back(std::move(source));
    }
    const ProfileSet set = compile(sources);
    const ProfileMatcher matcher(set);
    ProfileScratch scratch;
    for (int i = 0; i < kArticles; ++i) {
      const TestArticle article(generator.text(generator.below(8), false),
                                generator.text(generator.below(60), true));
      ProfileMatches fast;
      ProfileMatches all;
      matcher.match(article.input(), scratch, fast);
      matcher.match_all(article.input(), scratch, all);
      std::vector<bool> matched(sources.size(), false);
      for (const ProfileMatch& found : fast.matches) matched[found.profile.value()] = true;
      EXPECT_EQ(fast.matches.size(), all.matches.size());
      const ProfileInput input = article.input();
      ReferenceEvaluator reference(input, excludes
                                              ? std::vector<std::string>{"korea launch", "missile"}
                                              : std::vector<std::string>{});
      for (std::size_t p = 0; p < sources.size(); ++p) {
        const bool expected = reference.holds(sources[p].query.text);
        held += expected ? 1U : 0U;
        ++compared;
        ASSERT_EQ(matched[p], expected)
            << "query: " << sources[p].query.text << "\nheadline: " << article.text().headline()
            << "\nbody: " << article.text().body() << "\nround " << round;
      }
    }
  }
  // The comparison means something only when both outcomes are frequent.
  EXPECT_GT(held, compared / 10);
  EXPECT_LT(held, compared * 9 / 10);
}

// All that a match says.
std::string told(const ProfileMatches& result) {
  std::string out;
  for (const ProfileMatch& one : result.matches) {
    out += std::to_string(one.profile.value()) + " " + std::to_string(one.score) + " of " +
           std::to_string(one.threshold) + " by " + std::string(one.presearch) + ":";
    for (const Evidence& piece : result.evidence_of(one)) {
      out += " " + std::string(piece.clause) + "@" + std::string(to_string(piece.zone)) + "/" +
             std::to_string(piece.span.begin) + "-" + std::to_string(piece.span.end) + "*" +
             std::to_string(piece.weight) + "<" + std::to_string(piece.path_end - piece.path_begin);
    }
    out += "\n";
  }
  return out;
}

// Presearch decides profiles of one to three terms by itself; their queries say the same, also
// where a second layer has some of them.
TEST(ProfileDifferential, PlainProfilesAreToldAsTheirQueriesAre) {
  constexpr std::uint32_t kProfiles = 4200;  // So many that a change makes a second layer.
  constexpr int kArticles = 10;
  const std::vector<std::string> zones = {"", "", "", "headline:", "lede:", "anywhere:", "top:"};
  for (unsigned round = 0; round < 2; ++round) {
    Generator generator(round + 1000);
    std::vector<ProfileSource> sources;
    while (sources.size() < kProfiles) {
      std::string query = generator.pick(zones) + generator.pick(kTerms);
      for (std::uint32_t more = generator.below(4); more > 0; --more)
        query += " AND " + generator.pick(zones) + generator.pick(kTerms);
      ProfileSource source = make_profile("p" + std::to_string(sources.size()), query);
      source.threshold = generator.below(8);
      if (ProfileSet::compile({&source, 1})) sources.push_back(std::move(source));
    }
    const ProfileSet before = compile(sources);
    for (std::uint32_t i = 0; i < kProfiles; i += 97) sources[i].query.text += " AND NOT absent";
    for (std::uint32_t i = 50; i < kProfiles; i += 97) std::swap(sources[i], sources[i + 1]);
    const auto after = ProfileSet::compile(sources, before);
    ASSERT_TRUE(after);
    ASSERT_TRUE(after->is_layered());
    ProfileScratch scratch;
    std::size_t found = 0;
    for (int i = 0; i < kArticles; ++i) {
      const TestArticle article(generator.text(generator.below(8), false),
                                generator.text(generator.below(60), true));
      for (const ProfileSet* set : {&before, &*after}) {
        ProfileMatches fast;
        ProfileMatches all;
        ProfileMatcher(*set).match(article.input(), scratch, fast);
        ProfileMatcher(*set).match_all(article.input(), scratch, all);
        ASSERT_EQ(told(fast), told(all)) << article.text().body();
        ASSERT_TRUE(std::ranges::is_sorted(
            fast.matches, {}, [](const ProfileMatch& one) { return one.profile.value(); }));
        found += fast.matches.size();
      }
    }
    EXPECT_GT(found, std::size_t{kArticles} * kProfiles / 20);
  }
}

}  // namespace
}  // namespace wirewatch
