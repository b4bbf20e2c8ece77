#include "common/lexicon/lexicon.h"

#include <algorithm>
#include <random>
#include <string>
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

// The trie finds what a comparison of every phrase at every place finds.
TEST(Lexicon, AgreesWithTheNaiveSearch) {
  std::mt19937 random(11);
  const Strings words = {"north", "korea", "south", "kim", "army", "new", "york", "times"};
  for (int round = 0; round < 200; ++round) {
    Strings phrases;
    for (int i = 0; i < 12; ++i) {
      std::string phrase;
      for (std::size_t n = 0; n <= random() % 3; ++n)
        phrase += (n > 0 ? " " : "") + words[random() % words.size()];
      if (std::find(phrases.begin(), phrases.end(), phrase) == phrases.end())
        phrases.push_back(phrase);
    }
    std::string body;
    for (int i = 0; i < 40; ++i) body += (i > 0 ? " " : "") + words[random() % words.size()];
    const std::string padded = " " + body + " ";
    std::size_t naive = 0;
    for (const std::string& phrase : phrases) {
      for (std::size_t at = padded.find(" " + phrase + " "); at != std::string::npos;
           at = padded.find(" " + phrase + " ", at + 1))
        ++naive;
    }
    EXPECT_EQ(found(build(phrases), "", body).size(), naive) << body;
  }
}

}  // namespace
}  // namespace wirewatch
