#include "common/base/base64.h"

#include <string>

#include <gtest/gtest.h>

namespace wirewatch {
namespace {

std::optional<std::string> decode(std::string_view encoded) {
  std::string out(base64_bytes_max(encoded.size()), '?');
  const std::optional<std::size_t> size = decode_base64(encoded, out.data());
  if (!size) return std::nullopt;
  out.resize(*size);
  return out;
}

TEST(Base64, VectorsOfRfc4648) {
  EXPECT_EQ(decode(""), "");
  EXPECT_EQ(decode("Zg=="), "f");
  EXPECT_EQ(decode("Zm8="), "fo");
  EXPECT_EQ(decode("Zm9v"), "foo");
  EXPECT_EQ(decode("Zm9vYg"), "foob");  // Without padding, as in a JWT.
  EXPECT_EQ(decode("Zm9vYmFy"), "foobar");
}

TEST(Base64, BothAlphabets) {
  EXPECT_EQ(decode("+/+/"), "\xFB\xFF\xBF");
  EXPECT_EQ(decode("-_-_"), "\xFB\xFF\xBF");
}

TEST(Base64, OtherCharactersAndALoneOneAreNone) {
  EXPECT_EQ(decode("Zm9v!"), std::nullopt);
  EXPECT_EQ(decode("Zm 9v"), std::nullopt);
  EXPECT_EQ(decode("Zm9vY"), std::nullopt);
}

}  // namespace
}  // namespace wirewatch
