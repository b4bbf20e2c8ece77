#include "common/gazetteer/gazetteer.h"

#include <cstring>
#include <limits>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "common/gazetteer/gazetteer_compiler.h"
#include "tests/support/shipped_gazetteer.h"

namespace wirewatch {
namespace {

// Two countries, two places of one name, a capital in Arabic, and words that are no places.
constexpr std::string_view kTable =
    "#wirewatch-gazetteer\t1\ten,de,ar\n"
    "FR\tcountry\tFR\t\t46\t2\t60000000\t3017382\tFrance\t*!c=France;de!c=Frankreich\n"
    "US\tcountry\tUS\t\t39.76\t-98.5\t300000000\t6252001\tUnited States\t*!c=United States\n"
    "gn1\tcapital\tFR\tFR-IDF\t48.85\t2.35\t2000000\t2988507\tParis\t*!cg=Paris;ar=باريس\n"
    "gn2\tcity\tUS\tUS-TX\t33.66\t-95.56\t24782\t4717560\tParis\t*!cg=Paris\n"
    "role.block\trole-block\t\t\t\t\t\t\tblock\ten!c=Paris Hilton\n"
    "source.FR\tsource\t\t\t\t\t\t\tFR\tlemonde.fr|le monde\n";

Gazetteer small() {
  const auto bytes = compile_gazetteer(kTable, "small.tsv");
  if (!bytes) throw std::runtime_error(bytes.error());
  return gazetteer_of(*bytes);
}

// English names of the places that the names in a text may mean, the longest name first.
std::string meanings(const Gazetteer& gazetteer, std::string_view words) {
  ArticleText text;
  TextAnalyzer().analyze(words, "", text);
  std::vector<PhraseHit> hits;
  std::vector<PhraseHit> spare;
  gazetteer.find(text, ~std::uint64_t{0}, true, hits, spare);
  std::string out;
  for (std::size_t i = hits.size(); i-- > 0;) {
    for (const GazetteerName& name : gazetteer.names(hits[i].phrase)) {
      out += out.empty() ? "" : ", ";
      if (!is_place(name.kind)) {
        out += "-";
        continue;
      }
      const Place place = gazetteer.place(name.place);
      out += std::string(place.english) + (place.admin1_code.empty() ? "" : " ") +
             std::string(place.admin1_code);
    }
  }
  return out;
}

TEST(Gazetteer, FindsNamesAndTheirPlacesLikeliestFirst) {
  const Gazetteer gazetteer = small();
  EXPECT_EQ(gazetteer.place_count(), 5U);
  EXPECT_EQ(meanings(gazetteer, "In Paris"), "Paris FR-IDF, Paris US-TX");
  EXPECT_EQ(meanings(gazetteer, "Frankreich"), "France");
  EXPECT_EQ(meanings(gazetteer, "Paris Hilton"), "-, Paris FR-IDF, Paris US-TX");
  EXPECT_EQ(meanings(gazetteer, "وباريس"), "Paris FR-IDF");
  EXPECT_EQ(meanings(gazetteer, "Berlin"), "");
}

TEST(Gazetteer, KnowsWhereSourcesAreAtHome) {
  const Gazetteer gazetteer = small();
  const auto country = [&](std::string_view source) -> int {
    const auto home = gazetteer.source_home(source);
    return home ? home->country : -1;
  };
  constexpr int kFrance = 5 * 26 + 17;
  EXPECT_EQ(country("www.LeMonde.fr"), kFrance);
  EXPECT_EQ(country("Le Monde"), kFrance);
  EXPECT_EQ(country("example.fr"), kFrance);
  EXPECT_EQ(country("example.co.uk"), 6 * 26 + 1);
  EXPECT_EQ(country("example.com"), -1);
  EXPECT_EQ(country("example.io"), -1);
  EXPECT_EQ(country(""), -1);
}

TEST(Gazetteer, NewsroomsRowsWin) {
  const auto own = small().with_overrides(
      "# ours\n"
      "add\tCity of Light|Lutetia\t2988507\n"
      "add\tParis\t4717560\r\n"
      "rename\tFrench Republic\tFR\n"
      "add\tCamp Nine\tUS@30.5,-95.25\n"
      "block\tUnited States\n"
      "source\tDesk Nine\tUS\n",
      "own.tsv");
  ASSERT_TRUE(own) << own.error();
  EXPECT_EQ(meanings(*own, "Lutetia"), "Paris FR-IDF");
  EXPECT_EQ(meanings(*own, "City of Light"), "Paris FR-IDF");
  EXPECT_TRUE(meanings(*own, "Paris").ends_with("Paris US-TX")) << meanings(*own, "Paris");
  EXPECT_EQ(meanings(*own, "French Republic"), "French Republic");
  EXPECT_EQ(meanings(*own, "France"), "French Republic");
  EXPECT_EQ(meanings(*own, "Camp Nine"), "Camp Nine");
  EXPECT_NE(meanings(*own, "United States").find('-'), std::string::npos);
  ASSERT_TRUE(own->source_home("desk nine"));
  EXPECT_NE(own->version_hash(), small().version_hash());
  EXPECT_EQ(meanings(small(), "France"), "France");
}

TEST(Gazetteer, NewsroomsRowsMayHaveBlanksBetween) {
  const auto own = small().with_overrides(
      " add \t Lutetia | Camp Nine | \t FR \n"
      "source\tDesk Nine | nine.example\tUS\n"
      "rename\t Gallia \tFR",
      "own.tsv");
  ASSERT_TRUE(own) << own.error();
  EXPECT_EQ(meanings(*own, "Camp Nine"), "Gallia");
  EXPECT_TRUE(own->source_home("nine.example"));
  EXPECT_TRUE(own->source_home("Desk Nine"));
}

TEST(Gazetteer, KnowsWhichCountriesANewsroomRenames) {
  const auto own = small().with_overrides(
      "rename\tGaul\tFR\nrename\tCity of Light\t2988507\nrename\tGallia\tFR\n", "own.tsv");
  ASSERT_TRUE(own) << own.error();
  ASSERT_EQ(own->own_country_names().size(), 1U);
  EXPECT_EQ(own->own_country_names()[0].country, 5 * 26 + 17);
  EXPECT_EQ(own->own_country_names()[0].name, "Gallia");
  EXPECT_TRUE(small().own_country_names().empty());
}

TEST(Gazetteer, ErrorsNameLineAndCure) {
  const Gazetteer gazetteer = small();
  const auto error = [&](std::string_view rows) {
    const auto own = gazetteer.with_overrides(rows, "own.tsv");
    return own ? std::string() : own.error();
  };
  EXPECT_NE(error("\n\nadd\tX-Town\tQQ\n").find("own.tsv:3: unknown place \"QQ\""),
            std::string::npos);
  EXPECT_NE(error("silence\tParis\n").find("use add, rename, block or source"), std::string::npos);
  EXPECT_NE(error("add Paris FR\n").find("separated by tabs"), std::string::npos);
  EXPECT_NE(error("block\tParis\tFR\n").find("remove the third column"), std::string::npos);
  EXPECT_NE(error("add\t...\tFR\n").find("has no letters"), std::string::npos);
  EXPECT_NE(error("add\t\tFR\n").find("has no names"), std::string::npos);
  EXPECT_NE(error("add\t | \tFR\n").find("has no names"), std::string::npos);
  EXPECT_NE(error("add\tFar\t3017382x\n").find("unknown place"), std::string::npos);
  EXPECT_NE(error("rename\tC\xF4te\tFR\n").find("own.tsv:1: this is not UTF-8"), std::string::npos);
  EXPECT_EQ(error("\xEF\xBB\xBF"
                  "add\tCôte\tFR\n"),
            "");  // As some editors begin a file.
  EXPECT_NE(error("add\tFar\tFR@nan,0\n").find("unknown place"), std::string::npos);
  EXPECT_NE(error("add\tFar\tFR@91,0\n").find("unknown place"), std::string::npos);
  const auto table = compile_gazetteer("#wirewatch-gazetteer\t1\ten\nFR\tcountry\n", "t.tsv");
  ASSERT_FALSE(table);
  EXPECT_NE(table.error().find("t.tsv:2: there are 2 columns instead of 10"), std::string::npos);
  const auto joint = compile_gazetteer(
      "#wirewatch-gazetteer\t1\tzh\nFR\tcountry\tFR\t\t\t\t\t\tFrance\tzh!1=英法\n", "t.tsv");
  ASSERT_FALSE(joint);
  EXPECT_NE(joint.error().find("t.tsv:2: the flags 1 to 7 and b"), std::string::npos);
  const auto adjective = compile_gazetteer(
      "#wirewatch-gazetteer\t1\ths\nFR\tcountry\tFR\t\t\t\t\t\tFrance\ths!dj=f\n", "t.tsv");
  ASSERT_FALSE(adjective);
  EXPECT_NE(adjective.error().find("t.tsv:2: the flag d cannot stand beside j"), std::string::npos);
  const auto known = compile_gazetteer(
      "#wirewatch-gazetteer\t1\tes\ngn1\tcity\tVE\t\t\t\t\t\tValencia\tes!dk=Valencia\n", "t.tsv");
  ASSERT_FALSE(known);
  EXPECT_NE(known.error().find("t.tsv:2: the flags d and s cannot stand beside k"),
            std::string::npos);
  for (const char* latitude : {"nan", "inf", "90.5"}) {
    const auto nowhere =
        compile_gazetteer("#wirewatch-gazetteer\t1\ten\nFR\tcountry\tFR\t\t" +
                              std::string(latitude) + "\t2\t\t\tFrance\ten=France\n",
                          "t.tsv");
    ASSERT_FALSE(nowhere) << latitude;
    EXPECT_NE(nowhere.error().find("t.tsv:2: latitude must be"), std::string::npos);
  }
}

TEST(Gazetteer, LanguagesMayShareABit) {
  const auto bytes = compile_gazetteer(
      "#wirewatch-gazetteer\t1\ten,nb+no,af+lt+zu\n"
      "FR\tcountry\tFR\t\t46\t2\t\t\tFrance\ten!c=France;af!c=Prancūzija;nb!c=Frankrike\n",
      "shared.tsv");
  ASSERT_TRUE(bytes) << bytes.error();
  const Gazetteer gazetteer = gazetteer_of(*bytes);
  EXPECT_EQ(gazetteer.language_bit("en"), 1U);
  EXPECT_EQ(gazetteer.language_bit("no-NO"), 2U);
  EXPECT_EQ(gazetteer.language_bit("nb"), 2U);
  for (const char* language : {"af", "lt", "zu"}) EXPECT_EQ(gazetteer.language_bit(language), 4U);
  EXPECT_EQ(gazetteer.language_bit("af+lt"), 0U);
  EXPECT_EQ(gazetteer.language_bit("de"), 0U);
}

TEST(Gazetteer, OnlyArabicWritesSmallWordsOntoAName) {
  const auto bytes = compile_gazetteer(
      "#wirewatch-gazetteer\t1\ten,ar,fa\n"
      "US-ME\tsubdivision\tUS\tUS-ME\t45\t-69\t\t\tMaine\tar,fa=مين\n",
      "proclitics.tsv");
  ASSERT_TRUE(bytes) << bytes.error();
  const Gazetteer gazetteer = gazetteer_of(*bytes);
  ArticleText text;
  TextAnalyzer().analyze("كمين", "", text);  // "As Maine", or an ambush.
  std::vector<PhraseHit> hits;
  std::vector<PhraseHit> spare;
  gazetteer.find(text, gazetteer.language_bit("ar"), true, hits, spare);
  EXPECT_EQ(hits.size(), 1U);
  gazetteer.find(text, gazetteer.language_bit("fa"), true, hits, spare);
  for (const PhraseHit& hit : hits) {
    for (const GazetteerName& name : gazetteer.names(hit.phrase)) {
      EXPECT_EQ(gazetteer.languages(name) & gazetteer.language_bit("fa"), 0U);
    }
  }
}

TEST(Gazetteer, MarksTellSyllablesApart) {
  const std::vector<std::vector<std::string_view>> syllables = {
      {"my", "mỹ", "mì", "mí", "mị"},
      {"nga", "ngã", "ngà", "ngả"},
      {"anh", "ảnh", "ánh", "ành"},
      {"bi", "bỉ", "bị", "bí", "bì"},
      {"an", "ấn", "ăn", "án", "ẩn", "ân"},
      {"duc", "đức", "đúc", "đục", "đực"},
      {"nhat", "nhật", "nhất", "nhặt", "nhạt", "nhát"},
      {"thai", "thái", "thải", "thài"},
      {"tiep", "tiệp", "tiếp"},
      {"viet", "việt", "viết"}};
  for (const auto& forms : syllables) {
    for (std::size_t i = 0; i < forms.size(); ++i) {
      for (std::size_t j = i + 1; j < forms.size(); ++j) {
        EXPECT_NE(marks_of(forms[i]), marks_of(forms[j])) << forms[i] << " " << forms[j];
      }
    }
  }
  EXPECT_EQ(marks_of("ẤN ĐỘ"), marks_of("ấn độ"));
  EXPECT_EQ(marks_of("Moscow"), 0U);
}

TEST(Gazetteer, RefusesDamagedBytes) {
  const auto bytes = compile_gazetteer(kTable, "small.tsv");
  ASSERT_TRUE(bytes);
  constexpr std::size_t kEveryByte = 2048;
  for (const std::size_t size : {std::size_t{0}, std::size_t{8}, bytes->size() / 2}) {
    EXPECT_THROW((void)gazetteer_of(bytes->substr(0, size)), std::runtime_error) << size;
  }
  // Any one byte may be wrong: it is refused or harmless. Where the filters lie is most of the
  // bytes, and much alike.
  for (std::size_t at = 0; at < bytes->size(); at += at < kEveryByte ? 1 : 61) {
    std::string damaged = *bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
    try {
      const Gazetteer gazetteer = gazetteer_of(damaged);
      (void)meanings(gazetteer, "In Paris, France and the United States");
    } catch (const std::runtime_error& refused) {
      EXPECT_STRNE(refused.what(), "");
    }
  }
}

// A search computes cells of a grid from coordinates, so that none may lie outside of it.
TEST(Gazetteer, RefusesCoordinatesThatAreNone) {
  const auto bytes = compile_gazetteer(kTable, "small.tsv");
  ASSERT_TRUE(bytes);
  const auto bytes_of = [](float number) {
    std::string out(sizeof(number), '\0');
    std::memcpy(out.data(), &number, sizeof(number));
    return out;
  };
  const std::string latitude = bytes_of(48.85F);
  int found = 0;
  for (std::size_t at = bytes->find(latitude); at != std::string::npos;
       at = bytes->find(latitude, at + 1)) {
    ++found;
    for (const float number : {std::numeric_limits<float>::quiet_NaN(), 1e30F, -91.0F}) {
      std::string damaged = *bytes;
      damaged.replace(at, latitude.size(), bytes_of(number));
      EXPECT_THROW((void)gazetteer_of(damaged), std::runtime_error) << number;
    }
  }
  EXPECT_GE(found, 3);  // Of the place, and of its two names at least.
}

TEST(Gazetteer, ShippedDataIsWhole) {
  const Gazetteer& gazetteer = shipped_gazetteer();
  EXPECT_GT(gazetteer.place_count(), 40'000U);
  EXPECT_GT(gazetteer.phrase_count(), 200'000U);
  EXPECT_NE(meanings(gazetteer, "북한").find("North Korea"), std::string::npos);
  EXPECT_NE(meanings(gazetteer, "Пхеньяне").find("Pyongyang"), std::string::npos);
  EXPECT_NE(meanings(gazetteer, "Madison County").find("Madison County US-AL"), std::string::npos);
}

}  // namespace
}  // namespace wirewatch
