// Values that are compressed themselves.

#include "common/article/unpacker.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "common/article/article_parser.h"
#include "tests/support/allocation_counter.h"
#include "tests/support/packed.h"

namespace wirewatch {
namespace {

constexpr std::string_view kMessage =
    R"({"headline":"Port opens","text":"The port of Oakport opened on Tuesday."})";

const Compression kBoth[] = {Compression::kGzip, Compression::kZstd};

std::string packed(Compression by, std::string_view text) {
  return by == Compression::kGzip ? gzip_packed(text) : zstd_packed(text);
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) out += kDigits[bits >> (count - 6) & 63];
  }
  if (count > 0) out += kDigits[bits << (6 - count) & 63];
  return out;
}

// How a message ends: "" for an article, else the reason.
std::string outcome(ArticleParser& parser, std::string_view message, std::string* detail = nullptr,
                    std::size_t* position = nullptr) {
  Article article;
  const auto parsed = parser.parse(message, article);
  if (parsed) {
    EXPECT_EQ(article.headline, "Port opens");
    EXPECT_EQ(article.body, "The port of Oakport opened on Tuesday.");
    return "";
  }
  if (detail != nullptr) *detail = parsed.error().detail;
  if (position != nullptr) *position = parsed.error().position;
  return std::string(to_string(parsed.error().reason));
}

TEST(Unpacker, ACompressedValueIsTheArticleThatItWas) {
  ArticleParser parser;
  Article plain;
  ASSERT_TRUE(parser.parse(kMessage, plain));
  const std::string uri(plain.uri);
  for (const Compression by : kBoth) {
    SCOPED_TRACE(to_string(by));
    EXPECT_EQ(outcome(parser, packed(by, kMessage)), "");
    Article article;
    ASSERT_TRUE(parser.parse(packed(by, kMessage), article));
    EXPECT_EQ(article.uri, uri);  // The same id, however it came.
    // Appended to each other.
    EXPECT_EQ(outcome(parser, packed(by, kMessage.substr(0, 9)) + packed(by, kMessage.substr(9))),
              "");
    // What may stand before an article may do so here too.
    EXPECT_EQ(outcome(parser, packed(by, "\xEF\xBB\xBF" + std::string(kMessage))), "");
    EXPECT_EQ(outcome(parser, packed(by, R"({"payload":)" + std::string(kMessage) + "}")), "");
  }
  // zstd of a stream, whose size is not told.
  EXPECT_EQ(outcome(parser, zstd_packed(kMessage, false)), "");
}

TEST(Unpacker, TheDataOfACloudEventMayBeCompressed) {
  ArticleParser parser;
  const std::string event =
      R"({"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":")" +
      base64(gzip_packed(kMessage)) + "\"}";
  EXPECT_EQ(outcome(parser, event), "");
  const std::string cut =
      R"({"specversion":"1.0","id":"1","source":"/s","type":"t","data_base64":")" +
      base64(gzip_packed(kMessage).substr(0, 30)) + "\"}";
  std::size_t position = 1;
  EXPECT_EQ(outcome(parser, cut, nullptr, &position), "invalid_compression");
  EXPECT_EQ(position, 0U);
}

TEST(Unpacker, WhatIsDamagedIsRefused) {
  ArticleParser parser;
  for (const Compression by : kBoth) {
    SCOPED_TRACE(to_string(by));
    const std::string whole = packed(by, kMessage);
    std::string detail;
    for (std::size_t size = 4; size < whole.size(); ++size) {
      EXPECT_EQ(outcome(parser, std::string_view(whole).substr(0, size), &detail),
                "invalid_compression")
          << size;
      EXPECT_NE(detail.find(to_string(by)), std::string::npos) << detail;
    }
    // The checksum is looked at.
    std::string changed = whole;
    changed[changed.size() - (by == Compression::kGzip ? 5 : 1)] ^= 1;
    EXPECT_EQ(outcome(parser, changed), "invalid_compression");
    EXPECT_EQ(outcome(parser, whole + "x"), "invalid_compression");
    EXPECT_EQ(outcome(parser, whole), "");  // And nothing of it stays.
  }
  std::size_t position = 0;
  EXPECT_EQ(outcome(parser, gzip_packed(kMessage) + "more", nullptr, &position),
            "invalid_compression");
  EXPECT_GE(position, gzip_packed(kMessage).size());
}

TEST(Unpacker, FaultsOfTheTextAreToldWithTheirPlaceInIt) {
  ArticleParser parser;
  std::string detail;
  std::size_t position = 1;
  EXPECT_EQ(outcome(parser, gzip_packed(R"({"headline":"H",})"), &detail, &position),
            "invalid_json");
  EXPECT_TRUE(detail.starts_with("In what gzip unpacks to, byte ")) << detail;
  EXPECT_EQ(position, 0U);
  EXPECT_EQ(outcome(parser, zstd_packed("")), "empty");
  EXPECT_EQ(outcome(parser, gzip_packed(zstd_packed(kMessage)), &detail), "invalid_utf8");
  EXPECT_NE(detail.find("compressed by zstd"), std::string::npos) << detail;
}

TEST(Unpacker, TheLimitIsThatOfTheMessage) {
  constexpr std::size_t kMax = 64UL * 1024;
  ArticleParser parser({.message_bytes_max = kMax});
  for (const Compression by : kBoth) {
    SCOPED_TRACE(to_string(by));
    const std::string fits = std::string(kMessage) + std::string(kMax - kMessage.size(), ' ');
    EXPECT_EQ(outcome(parser, packed(by, fits)), "");
    std::string detail;
    EXPECT_EQ(outcome(parser, packed(by, fits + " "), &detail), "too_large");
    EXPECT_NE(detail.find("enricher.message_bytes_max"), std::string::npos) << detail;
    EXPECT_EQ(outcome(parser, packed(by, std::string(8UL << 20, ' '))), "too_large");
  }
  EXPECT_EQ(outcome(parser, zstd_packed(std::string(kMax + 1, ' '), false)), "too_large");
  EXPECT_EQ(outcome(parser, zstd_packed(std::string(8UL << 20, ' '), false)), "too_large");
}

// However much a value claims to hold, no more than the limit is asked for.
TEST(Unpacker, NoMoreMemoryThanTheLimitIsTaken) {
  Unpacker unpacker;
  std::string out;
  for (const std::string& bomb :
       {gzip_packed(std::string(8UL << 20, ' ')), zstd_packed(std::string(8UL << 20, ' ')),
        zstd_packed(std::string(8UL << 20, ' '), false)}) {
    const auto unpacked = unpacker.unpack(compression_of(bomb), bomb, 100'000, out);
    ASSERT_FALSE(unpacked);
    EXPECT_TRUE(unpacked.error().too_large);
    EXPECT_LE(out.size(), 100'001U);
  }
}

TEST(Unpacker, NothingIsAllocatedOnceBuffersHaveGrown) {
  ArticleParser parser;
  Article article;
  const std::string messages[] = {gzip_packed(kMessage), zstd_packed(kMessage),
                                  std::string(kMessage)};
  const auto parse_all = [&] {
    for (const std::string& message : messages) ASSERT_TRUE(parser.parse(message, article));
  };
  parse_all();
  parse_all();
  const std::size_t before = allocation_count();
  parse_all();
  EXPECT_EQ(allocation_count(), before);
}

}  // namespace
}  // namespace wirewatch
