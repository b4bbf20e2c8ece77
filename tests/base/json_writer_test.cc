#include "common/base/json_writer.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "common/base/hash.h"

namespace wirewatch {
namespace {

std::string written(std::string_view text) {
  std::string out;
  JsonWriter(out).begin_array().string(text).end_array();
  return out;
}

// As RFC 8259 reads, a byte at a time.
std::string expected(std::string_view text) {
  std::string out = "[\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr char kHex[] = "0123456789abcdef";
      out += {'\\', 'u', '0', '0', kHex[c >> 4], kHex[c & 15]};
    } else {
      out += c;
    }
  }
  return out + "\"]";
}

TEST(JsonWriter, EscapesAtEveryPlaceOfEveryLength) {
  for (std::size_t size = 0; size <= 100; ++size) {
    const std::string plain(size, 'x');
    EXPECT_EQ(written(plain), expected(plain));
    for (std::size_t at = 0; at < size; ++at) {
      for (const char c : {'"', '\\', '\n', '\t', '\r', '\x01', '\x1f', '\0', ' ', '\x7f'}) {
        std::string text = plain;
        text[at] = c;
        ASSERT_EQ(written(text), expected(text)) << size << " " << at;
      }
    }
  }
}

TEST(JsonWriter, EscapesNothingElse) {
  const std::string text = "Łódź 平壌 平양 \xF0\x9F\x9A\x80 /<>&'";
  EXPECT_EQ(written(text), expected(text));
}

TEST(JsonWriter, GrowsForTextThatIsAllEscapes) {
  const std::string text(10'000, '\x02');
  EXPECT_EQ(written(text), expected(text));
}

TEST(JsonText, EscapesAtEveryPlaceOfEveryLength) {
  const std::string behind = "\"\n\"" + std::string(100, '\0');  // Is read, and does not matter.
  for (std::size_t size = 0; size <= 70; ++size) {
    const std::string plain(size, 'x');
    for (std::size_t at = 0; at <= size; ++at) {
      std::string text = plain;
      if (at < size) text[at] = at % 2 == 0 ? '"' : '\x01';
      const std::string all = text + behind;
      for (const std::size_t readable : {size, size + 5, all.size()}) {
        std::string out = "[";
        JsonWriter(out).value(6 * size + 2, [&](JsonText& value) {
          value.string(std::string_view(all).substr(0, size), readable);
        });
        ASSERT_EQ(out + "]", expected(text)) << size << " " << at << " " << readable;
      }
    }
  }
}

TEST(JsonText, IsAValueLikeAnyOther) {
  const std::string padded = "[1,2]" + std::string(32, ' ');
  const JsonFragment fragment(R"("f":true)");
  std::string out;
  JsonWriter json(out);
  json.begin_array().number(0);
  for (const std::uint32_t number : {7U, 4294967295U}) {
    json.value(100, [&](JsonText& text) {
      text.literal(R"({"a":)").number(number).literal(",").fragment(fragment);
      text.literal(R"(,"b":)").padded<32>(std::string_view(padded).substr(0, 5));
      text.literal(R"(,"c":)").decimal(-0.125, 3).literal(R"(,"d":)").string("Łódź").literal("}");
    });
  }
  json.end_array();
  EXPECT_EQ(out, R"([0,{"a":7,"f":true,"b":[1,2],"c":-0.125,"d":"Łódź"},)"
                 R"({"a":4294967295,"f":true,"b":[1,2],"c":-0.125,"d":"Łódź"}])");
}

TEST(JsonWriter, PutsCommasBetweenValuesAndMembers) {
  std::string out = "before ";
  JsonWriter json(out);
  json.begin_object().key("a").begin_array().number(1).plain("x").boolean(true).end_array();
  json.key(std::string_view("b")).begin_object().end_object().member("c", "").member("d", "e");
  json.key("f").raw("[1,2]").end_object();
  EXPECT_EQ(out, R"(before {"a":[1,"x",true],"b":{},"d":"e","f":[1,2]})");
}

TEST(JsonWriter, WritesNumbers) {
  std::string out;
  JsonWriter json(out);
  json.begin_array();
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{9}, std::int64_t{10}, std::int64_t{99}, std::int64_t{100},
        std::int64_t{999}, std::int64_t{1000}, std::int64_t{9999}, std::int64_t{10000},
        std::int64_t{-7}, std::int64_t{1234567890123}, INT64_MAX, INT64_MIN}) {
    json.number(value);
  }
  json.end_array();
  EXPECT_EQ(out,
            "[0,9,10,99,100,999,1000,9999,10000,-7,1234567890123,9223372036854775807,"
            "-9223372036854775808]");
}

TEST(JsonWriter, WritesDecimals) {
  std::string out;
  JsonWriter json(out);
  json.begin_array();
  json.decimal(0, 3).decimal(1, 3).decimal(0.5, 3).decimal(0.1234, 3).decimal(0.9996, 3);
  json.decimal(-33.8678, 4).decimal(151.2073, 4).decimal(0.0001, 4).decimal(-0.00001, 4);
  json.decimal(2.5, 0).decimal(3.000001, 6).decimal(12.3, 2).end_array();
  EXPECT_EQ(out, "[0,1,0.5,0.123,1,-33.8678,151.2073,0.0001,0,3,3.000001,12.3]");
}

TEST(HashBytes, OfSeveralSeedsIsThatOfEach) {
  std::string text;
  for (int size = 0; size < 40; ++size) {
    const std::array<std::uint64_t, 3> seeds = {1, 2, 77};
    const std::array<std::uint64_t, 3> all = hash_bytes(text, seeds);
    for (std::size_t i = 0; i < seeds.size(); ++i) EXPECT_EQ(all[i], hash_bytes(text, seeds[i]));
    text.push_back(static_cast<char>('a' + size % 26));
  }
  EXPECT_EQ(hash_bytes("Pyongyang"), 0x07CB1C14C392E280ULL);
}

}  // namespace
}  // namespace wirewatch
