#include "common/kafka/oauth_token.h"

#include <string>

#include <gtest/gtest.h>

namespace wirewatch {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000;

// {"alg":"none"} . {"sub":"desk","exp":1700000060.5} .
const std::string kJwt = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJkZXNrIiwiZXhwIjoxNzAwMDAwMDYwLjV9.";

TEST(OauthToken, ReadsTheClaimsOfAJwt) {
  const auto token = parse_oauth_token("  " + kJwt + "\n", kNow);
  ASSERT_TRUE(token) << token.error();
  EXPECT_EQ(token->value, kJwt);
  EXPECT_EQ(token->principal, "desk");
  EXPECT_EQ(token->expires_ms, 1'700'000'060'500);
}

TEST(OauthToken, TakesTheAnswerOfATokenEndpoint) {
  const auto opaque = parse_oauth_token(
      R"({"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer","expires_in":3600})", kNow);
  ASSERT_TRUE(opaque) << opaque.error();
  EXPECT_EQ(opaque->value, "2YotnFZFEjr1zCsicMWpAA");
  EXPECT_EQ(opaque->expires_ms, kNow + 3'600'000);
  EXPECT_EQ(opaque->principal, "unknown");
  const auto jwt = parse_oauth_token(R"({"access_token":")" + kJwt + R"(","expires_in":1})", kNow);
  ASSERT_TRUE(jwt) << jwt.error();
  EXPECT_EQ(jwt->expires_ms, 1'700'000'060'500);  // The token knows better.
}

TEST(OauthToken, RefusesWhatIsNoneAndShowsNothingOfIt) {
  for (const std::string& printed :
       {std::string(), std::string("\n"), std::string("s3cret"), std::string("s3cret.s3cret.x"),
        std::string("{\"access_token\":\"s3cret\"}"), std::string("{\"access_token\":s3cret"),
        std::string("{\"token\":\"s3cret\",\"expires_in\":3}"),
        std::string("{\"access_token\":\"s3cret\",\"expires_in\":0}")}) {
    const auto token = parse_oauth_token(printed, kNow);
    ASSERT_FALSE(token) << printed;
    EXPECT_EQ(token.error().find("s3cret"), std::string::npos) << token.error();
  }
  EXPECT_FALSE(parse_oauth_token(kJwt, kNow + 61'000));
}

// {"exp":1e300}, {"exp":-1e300}
TEST(OauthToken, TimesBeyondAnyCalendarAreThatOfItsEnd) {
  constexpr std::int64_t kEndOfYear9999Ms = 253'402'300'799'000;
  for (const std::string& printed :
       {std::string("e30.eyJleHAiOjFlMzAwfQ."),
        std::string(R"({"access_token":"opaque","expires_in":1e300})"),
        std::string(R"({"access_token":"opaque","expires_in":18446744073709551615})")}) {
    const auto token = parse_oauth_token(printed, kNow);
    ASSERT_TRUE(token) << printed;
    EXPECT_EQ(token->expires_ms, kEndOfYear9999Ms) << printed;
  }
  EXPECT_FALSE(parse_oauth_token("e30.eyJleHAiOi0xZTMwMH0.", kNow));
}

TEST(RunCommand, GivesWhatItPrints) {
  EXPECT_EQ(run_command("printf 'a\\nb'", 10000, 100).value_or("?"), "a\nb");
  EXPECT_EQ(run_command("exit 3", 10000, 100).error(), "it ended with status 3");
  EXPECT_EQ(run_command("kill -9 $$", 10000, 100).error(), "signal 9 ended it");
  EXPECT_EQ(run_command("/no/such/command 2> /dev/null", 10000, 100).error(),
            "it ended with status 127");
}

TEST(RunCommand, StopsWhatPrintsTooMuchOrTakesTooLong) {
  EXPECT_EQ(run_command("yes", 10000, 100).error(), "it printed more than 100 bytes");
  EXPECT_EQ(run_command("sleep 60 & sleep 60", 200, 100).error(), "it took longer than 200 ms");
  EXPECT_FALSE(run_command("exec 1>&-; sleep 60", 200, 100));
}

}  // namespace
}  // namespace wirewatch
