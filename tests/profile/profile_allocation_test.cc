// Matching allocates nothing once its buffers have grown.

#include <vector>

#include <gtest/gtest.h>

#include "tests/profile/profile_test_support.h"
#include "tests/support/allocation_counter.h"

namespace wirewatch {
namespace {

TEST(ProfileAllocation, NoneInSteadyState) {
  std::vector<ProfileSource> sources;
  sources.push_back(make_profile("a", "korea NEAR/5 missil* AND region:KP"));
  sources.push_back(
      make_profile("b", "at least 2 of (\"north korea\", launch*, japan SENTENCE protest*)"));
  sources.push_back(make_profile("c", "=US OR *iles OR /miss(ile|ive)s?/ OR source:yonhap"));
  sources.push_back(make_profile("d", "(korea AND japan) PARAGRAPH launch NOT IN \"launch pad\""));
  sources[0].exclude = {{"korea house", 1, 1}};
  const ProfileSet set = compile(sources);
  TestArticle article("North Korea fires missiles",
                      "North Korea fired two missiles on Monday, the US said.\n\n"
                      "Japan protested against the launch by North Korea.");
  article.about("KP", 0.6F).mention("KP", Field::kHeadline, "North Korea");
  article.article().source = "Yonhap News Agency of the Republic of Korea";
  const ProfileMatcher matcher(set);
  const ProfileInput input = article.input();
  ProfileScratch scratch;
  ProfileMatches out;
  for (int i = 0; i < 3; ++i) matcher.match(input, scratch, out);
  ASSERT_EQ(out.matches.size(), 4U);
  const std::size_t before = allocation_count();
  for (int i = 0; i < 100; ++i) matcher.match(input, scratch, out);
  EXPECT_EQ(allocation_count() - before, 0U);
}

}  // namespace
}  // namespace wirewatch
