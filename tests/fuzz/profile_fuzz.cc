// Any query compiles or has an error with a place, and then matches without harm; presearch loses
// no match.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/profile/profile.h"
#include "common/profile/profile_lint.h"
#include "common/text/zone_labeler.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const wirewatch::ZoneLabeler labeler;
  const std::string input(reinterpret_cast<const char*>(data), size);
  wirewatch::ProfileSource source;
  source.id = "fuzz";
  source.title = "Fuzz";
  source.query = {input, 1, 1};
  source.threshold = 0;
  source.expressions = {{"a", {"missile OR \"north korea\"", 1, 1}, false},
                        {"b", {"$a NEAR/3 korea", 1, 1}, false}};
  source.exclude = {{"fires missile", 1, 1}};
  const auto set = wirewatch::ProfileSet::compile({&source, 1});
  if (!set) {
    if (set.error().empty() || set.error()[0].message.empty()) std::abort();
    return 0;
  }
  wirewatch::ArticleText text;
  wirewatch::TextAnalyzer().analyze("North Korea fires missile", input, text);
  labeler.label(text);
  const wirewatch::Article article;
  const wirewatch::RegionResult regions;
  const wirewatch::TopicResult topics;
  const wirewatch::ProfileInput all{text, article, regions, topics};
  wirewatch::ProfileScratch scratch;
  wirewatch::ProfileMatches matches;
  const wirewatch::ProfileMatcher matcher(*set);
  matcher.match(all, scratch, matches);
  const std::size_t found = matches.matches.size();
  for (const wirewatch::Evidence& evidence : matches.evidence) {
    if (text.source(evidence.span).empty()) std::abort();
  }
  matcher.match_all(all, scratch, matches);
  if (matches.matches.size() != found) std::abort();
  (void)matcher.explain(wirewatch::ProfileIndex(0), all, scratch);
  (void)wirewatch::lint_profiles(*set, {&source, 1});
  return 0;
}
