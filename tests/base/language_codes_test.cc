#include "common/base/language_codes.h"

#include <gtest/gtest.h>

namespace wirewatch {
namespace {

TEST(LanguageCodes, KnownOnesAreGivenInLowerCase) {
  EXPECT_EQ(known_language("NB"), "nb");
  EXPECT_EQ(known_language("fil"), "fil");
  EXPECT_EQ(known_language("zz"), "");
  EXPECT_EQ(known_language("abcd"), "");
}

TEST(LanguageCodes, AreWrittenAsBcp47AsksFor) {
  EXPECT_EQ(shortest_language_code("ger"), "de");
  EXPECT_EQ(shortest_language_code("iw"), "he");
  EXPECT_EQ(shortest_language_code("jp"), "ja");
  EXPECT_EQ(shortest_language_code("de"), "de");
  EXPECT_EQ(shortest_language_code("fil"), "fil");
  EXPECT_EQ(shortest_language_code(""), "");
}

// What a feed, a profile and the model may write for one language.
TEST(LanguageCodes, OfOneLanguageAreTheSame) {
  for (const char* code : {"no", "nb", "nn", "nor", "nob", "nno"}) {
    EXPECT_EQ(same_language(code), "no") << code;
  }
  for (const char* code : {"tl", "fil", "tgl"}) EXPECT_EQ(same_language(code), "tl") << code;
  EXPECT_EQ(same_language("in"), "id");
  EXPECT_EQ(same_language("ms"), "ms");
  EXPECT_EQ(same_language("hr"), "hr");
}

}  // namespace
}  // namespace wirewatch
