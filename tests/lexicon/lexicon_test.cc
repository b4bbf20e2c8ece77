#include "common/lexicon/lexicon.h"

#include <algorithm>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

namespace wirewatch {
namespace {

std::vector<std::string> found(const Lexicon& lexicon, std::string_view headline,
                               std::string_view body) {
  ArticleText text;
  TextAnalyzer().analyze(headline, body, text);
  std::vector<PhraseHit> hits;
  lexicon.find(text, hits);
  std::vector<std::string> out;
  for (const PhraseHit& hit : hits) {
    out.push_back(std::to_string(hit.phrase.value()) + ":" +
                  std::string(text.source(text.source_span(hit.token_begin, hit.token_end))));
  }
  return out;
}

Lexicon build(const std::vector<std::string>& phrases) {
  LexiconBuilder builder;
  for (const std::string& phrase : phrases) EXPECT_TRUE(builder.add(phrase)) << phrase;
  return builder.build();
}

using Strings = std::vector<std::string>;

TEST(Lexicon, FindsOverlappingPhrases) {
  const Lexicon lexicon = build({"north korea", "korea", "New York Times", "New York"});
  EXPECT_EQ(found(lexicon, "", "North Korea, the New York Times says"),
            (Strings{"0:North Korea", "1:Korea", "3:New York", "2:New York Times"}));
}

TEST(Lexicon, PrefixesMatchAnyEnding) {
  const Lexicon lexicon = build({"korea*", "северн* коре*"});
  EXPECT_EQ(found(lexicon, "", "Koreans in Северной Корее; Коре"),
            (Strings{"0:Koreans", "1:Северной Корее"}));
}

TEST(Lexicon, HangulBeginsAtAWord) {
  const Lexicon lexicon = build({"북한", "한국"});
  EXPECT_EQ(found(lexicon, "", "북한에서 대한국"), (Strings{"0:북한"}));
}

TEST(Lexicon, HanMatchesInsideARun) {
  const Lexicon lexicon = build({"朝鲜"});
  EXPECT_EQ(found(lexicon, "", "据朝鲜报道"), (Strings{"0:朝鲜"}));
}

TEST(Lexicon, NoPhraseSpansABlankLineOrTheHeadline) {
  const Lexicon lexicon = build({"north korea"});
  EXPECT_TRUE(
      found(lexicon, "Wind from the north", "Korea votes. Up north\n\nKorea plays").empty());
  EXPECT_EQ(found(lexicon, "", "north\nKorea").size(), 1U);
}

TEST(Lexicon, EqualPhrasesHaveOneId) {
  LexiconBuilder builder;
  EXPECT_EQ(builder.add("U.S."), builder.add("u s"));
  EXPECT_FALSE(builder.add("..."));
  EXPECT_FALSE(builder.add("a*"));
}

TEST(Lexicon, SurvivesSerialization) {
  const Lexicon lexicon = build({"north korea", "korea*", "평양"});
  const std::string bytes = lexicon.serialize();
  const auto view = Lexicon::view(bytes);
  ASSERT_TRUE(view);
  EXPECT_EQ(found(*view, "평양", "North Korea"), found(lexicon, "평양", "North Korea"));
  EXPECT_FALSE(Lexicon::view(std::string_view(bytes).substr(0, bytes.size() - 8)));
  EXPECT_FALSE(Lexicon::view("no lexicon at all"));
}

TEST(Lexicon, AGroupHasItsOwnPrefixes) {
  LexiconBuilder builder;
  ASSERT_TRUE(builder.add("korea*", {.groups = 1}));
  ASSERT_TRUE(builder.add("kore*", {.groups = 2}));
  ASSERT_TRUE(builder.add("north kor*", {.groups = 2}));
  ASSERT_TRUE(builder.add("korea", {.groups = 1}));
  ASSERT_TRUE(builder.add("kore*", {.groups = 4}));  // The same phrase.
  const Lexicon lexicon = builder.build();
  ArticleText text;
  TextAnalyzer().analyze("", "North Korean", text);
  std::vector<PhraseHit> hits;
  const auto phrases = [&](std::uint64_t groups) {
    lexicon.find(text, hits, {.groups = groups});
    std::vector<std::uint32_t> ids;
    for (const PhraseHit& hit : hits) ids.push_back(hit.phrase.value());
    return ids;
  };
  using Ids = std::vector<std::uint32_t>;
  EXPECT_EQ(phrases(7), (Ids{2, 0, 1}));
  // More than what is asked for may be found.
  EXPECT_EQ(std::ranges::count(phrases(1), 0U), 1);
  EXPECT_EQ(std::ranges::count(phrases(2), 1U), 1);
  EXPECT_EQ(std::ranges::count(phrases(2), 2U), 1);
  EXPECT_EQ(std::ranges::count(phrases(4), 1U), 1);
  EXPECT_EQ(phrases(8), Ids{});
}

TEST(Lexicon, LeavesOutWhatNeedsACapital) {
  LexiconBuilder builder;
  ASSERT_TRUE(builder.add("reading", {.needs_capital = true}));
  ASSERT_TRUE(builder.add("nice*", {.needs_capital = true}));
  ASSERT_TRUE(builder.add("la paz", {.needs_capital = true}));
  ASSERT_TRUE(builder.add("russe"));
  ASSERT_TRUE(builder.add("corée du nor*"));
  ASSERT_TRUE(builder.add("bath", {.needs_capital = true}));
  ASSERT_TRUE(builder.add("bath"));  // Once without is enough.
  ASSERT_TRUE(builder.add("münch*", {.needs_capital = true}));
  ASSERT_TRUE(builder.add("münchn*"));
  const Lexicon lexicon = builder.build();
  ArticleText text;
  const auto phrases = [&](std::string_view body, bool any_case) {
    TextAnalyzer().analyze("", body, text);
    std::vector<PhraseHit> hits;
    lexicon.find(text, hits, {.any_case = any_case});
    std::vector<std::uint32_t> ids;
    for (const PhraseHit& hit : hits) ids.push_back(hit.phrase.value());
    return ids;
  };
  using Ids = std::vector<std::uint32_t>;
  EXPECT_EQ(phrases("Reading, Nicest, La paz, Russe, Corée du nord, Bath", false),
            (Ids{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(phrases("russe, corée du Nord, bath, Münchner", false), (Ids{3, 4, 5, 6, 7}));
  EXPECT_EQ(std::ranges::count(phrases("münchner", false), 7U), 1);
  EXPECT_EQ(phrases("reading, nicest, la paz", true), (Ids{0, 1, 2}));
  EXPECT_EQ(phrases("reading, nicest, la paz", false), Ids{});
}

// A word of a phrase, for the naive search.
struct Word {
  std::string folded;
  bool prefix = false;
};

bool matches(const ArticleText& text, std::uint32_t token, const Word& word) {
  const std::string_view folded = text.folded(token);
  return word.prefix ? folded.starts_with(word.folded) : folded == word.folded;
}

bool may_follow(const ArticleText& text, std::uint32_t token) {
  if (token >= text.token_count() || token == text.headline_token_count()) return false;
  const std::string_view gap = text.gap_before(token);
  return std::count(gap.begin(), gap.end(), '\n') < 2;
}

// Every phrase is compared at every token.
std::vector<PhraseHit> naive_search(const std::vector<std::vector<Word>>& phrases,
                                    const ArticleText& text) {
  std::vector<PhraseHit> hits;
  for (std::uint32_t begin = 0; begin < text.token_count(); ++begin) {
    const std::string_view folded = text.folded(begin);
    if (!text.starts_word(begin) && folded >= "가" && folded <= "힣") continue;
    for (std::uint32_t phrase = 0; phrase < phrases.size(); ++phrase) {
      std::uint32_t at = begin;
      for (const Word& word : phrases[phrase]) {
        if (at >= text.token_count() || (at > begin && !may_follow(text, at)) ||
            !matches(text, at, word)) {
          at = begin;
          break;
        }
        ++at;
      }
      if (at > begin) hits.push_back({PhraseId(phrase), begin, at});
    }
  }
  std::sort(hits.begin(), hits.end(), [](const PhraseHit& a, const PhraseHit& b) {
    return std::tuple(a.token_begin, a.token_end, a.phrase.value()) <
           std::tuple(b.token_begin, b.token_end, b.phrase.value());
  });
  return hits;
}

std::string fold_word(const std::string& word) {
  std::string folded;
  fold(word, folded);
  return folded;
}

// Random phrases of few words, of which many are prefixes of others, in texts of the same words.
class RandomTexts {
 public:
  explicit RandomTexts(std::uint32_t seed) : random_(seed) {}

  std::string word() {
    static const Strings kWords = {"north",
                                   "korea",
                                   "koreans",
                                   "koreanisch",
                                   "ko",
                                   "kor",
                                   "kim",
                                   "u",
                                   "s",
                                   "new",
                                   "newyork",
                                   "newyorkers",
                                   "коре",
                                   "корея",
                                   "корейский",
                                   "северокорейский",
                                   "ко",
                                   "한",
                                   "국",
                                   "북",
                                   "朝",
                                   "鮮",
                                   "人",
                                   "შეერთებული",
                                   "შეერთ",
                                   "a",
                                   "antidisestablishmentarianism",
                                   "antidis"};
    return kWords[random_() % kWords.size()];
  }

  std::vector<Word> phrase() {
    std::vector<Word> words(1 + random_() % 3 + (random_() % 8 == 0 ? 3 : 0));
    for (Word& each : words) {
      each.folded = fold_word(word());
      // A single character of such a script followed by '*' is the character.
      const bool may =
          each.folded.size() > 3 ||
          (each.folded.size() > 1 && static_cast<unsigned char>(each.folded[0]) < 0x80);
      each.prefix = may && random_() % 3 == 0;
    }
    return words;
  }

  std::string text(std::size_t count) {
    static const Strings kGaps = {" ", " ", " ", " ", ", ", ". ", "\n", "\n\n", "-"};
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) {
        const std::string& gap = kGaps[random_() % kGaps.size()];
        // Characters of unspaced scripts also stand side by side.
        const bool joins = static_cast<unsigned char>(out.back()) >= 0x80 && random_() % 2 == 0;
        if (!joins) out += gap;
      }
      out += word();
    }
    return out;
  }

  std::uint32_t number(std::uint32_t below) {
    return static_cast<std::uint32_t>(random_() % below);
  }

 private:
  std::mt19937 random_;
};

std::string spelled(const std::vector<Word>& phrase) {
  std::string out;
  for (const Word& word : phrase) {
    out += (out.empty() ? "" : " ") + word.folded + (word.prefix ? "*" : "");
  }
  return out;
}

// The trie finds what a comparison of every phrase at every token finds.
TEST(Lexicon, AgreesWithTheNaiveSearch) {
  RandomTexts random(11);
  for (int round = 0; round < 400; ++round) {
    std::vector<std::vector<Word>> phrases;
    LexiconBuilder builder;
    const std::uint32_t count = 1 + random.number(40);
    for (std::uint32_t i = 0; i < count; ++i) {
      std::vector<Word> phrase = random.phrase();
      const auto id = builder.add(spelled(phrase));
      ASSERT_TRUE(id) << spelled(phrase);
      if (id->value() == phrases.size()) phrases.push_back(std::move(phrase));
    }
    const Lexicon built = builder.build();
    const std::string bytes = built.serialize();
    const auto viewed = Lexicon::view(bytes);
    ASSERT_TRUE(viewed);
    const std::string headline = random.text(random.number(10));
    const std::string body = random.text(random.number(400));
    ArticleText text;
    TextAnalyzer().analyze(headline, body, text);
    std::vector<PhraseHit> hits;
    const std::vector<PhraseHit> expected = naive_search(phrases, text);
    built.find(text, hits);
    EXPECT_EQ(hits, expected) << headline << "\n\n" << body;
    viewed->find(text, hits);
    EXPECT_EQ(hits, expected);
  }
}

// More starts and prefixes than a block of the search holds.
TEST(Lexicon, ManyPrefixesOfOneWord) {
  LexiconBuilder builder;
  std::vector<std::vector<Word>> phrases;
  const std::string longest = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
  for (std::size_t first = 2; first <= longest.size(); first += 2) {
    for (std::size_t second = 2; second <= longest.size(); second += 2) {
      phrases.push_back({{longest.substr(0, first), true}, {longest.substr(0, second), true}});
      ASSERT_TRUE(builder.add(spelled(phrases.back())));
    }
  }
  std::string body;
  for (int i = 0; i < 10; ++i) body += longest + " ";
  ArticleText text;
  TextAnalyzer().analyze("", body, text);
  std::vector<PhraseHit> hits;
  builder.build().find(text, hits);
  EXPECT_EQ(hits, naive_search(phrases, text));
}

// Whatever the bytes are, a damaged file is read within its bounds.
TEST(Lexicon, DamagedTablesAreReadWithinBounds) {
  LexiconBuilder builder;
  RandomTexts random(3);
  for (int i = 0; i < 60; ++i) ASSERT_TRUE(builder.add(spelled(random.phrase())));
  const std::string bytes = builder.build().serialize();
  constexpr std::size_t kFilterPlaces = 2048;
  ASSERT_GT(bytes.size(), kFilterPlaces + 512);
  ArticleText text;
  TextAnalyzer().analyze("", random.text(300), text);
  std::vector<PhraseHit> hits;
  int searched = 0;
  for (int round = 0; round < 300; ++round) {
    std::string damaged = bytes;
    // The header, and where the filters lie, which is at the end, are left alone in most rounds, so
    // that there is something to search.
    const bool all = round % 3 == 0;
    const std::uint32_t from = all ? 0 : 256;
    const auto to = static_cast<std::uint32_t>(bytes.size() - (all ? 0 : kFilterPlaces));
    for (int i = 0; i < 20; ++i) {
      damaged[from + random.number(to - from)] = static_cast<char>(random.number(256));
    }
    const auto viewed = Lexicon::view(damaged);
    if (!viewed) continue;
    ++searched;
    viewed->find(text, hits);
    for (const PhraseHit& hit : hits) {
      ASSERT_LT(hit.token_begin, hit.token_end);
      ASSERT_LE(hit.token_end, text.token_count());
    }
  }
  EXPECT_GE(searched, 100);
}

}  // namespace
}  // namespace wirewatch
