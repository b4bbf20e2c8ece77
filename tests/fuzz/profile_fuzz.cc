// Any query compiles or has an error with a place, and then matches without harm.

#include <cstddef>
#include <cstdint>
#include <string>

#include "common/profile/profile.h"
#include "common/text/zone_labeler.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const wirewatch::ZoneLabeler labeler;
  wirewatch::ProfileSource source;
  source.id = "fuzz";
  source.query.assign(reinterpret_cast<const char*>(data), size);
  const auto set = wirewatch::ProfileSet::compile({&source, 1});
  if (!set) return 0;
  wirewatch::ArticleText text;
  wirewatch::TextAnalyzer().analyze("North Korea fires missile", source.query, text);
  labeler.label(text);
  const wirewatch::Article article;
  const wirewatch::RegionResult regions;
  const wirewatch::TopicResult topics;
  wirewatch::ProfileScratch scratch;
  wirewatch::ProfileMatches matches;
  const wirewatch::ProfileMatcher matcher(*set);
  matcher.match({text, article, regions, topics}, scratch, matches);
  (void)matcher.explain(wirewatch::ProfileIndex(0), {text, article, regions, topics}, scratch);
  return 0;
}
