// Any text, also from HTML, has zones that cover its tokens in order.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/article/html_to_text.h"
#include "common/base/check.h"
#include "common/text/zone_labeler.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const wirewatch::ZoneLabeler labeler;
  static wirewatch::ArticleText text;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string plain;
  wirewatch::html_to_text(bytes, plain);
  for (const std::string_view body : {bytes, std::string_view(plain)}) {
    wirewatch::TextAnalyzer().analyze(bytes.substr(0, size / 5), body, text);
    labeler.label(text);
    std::uint32_t covered = 0;
    for (const wirewatch::ZoneSpan& zone : text.zones()) {
      WIREWATCH_CHECK(zone.token_begin == covered && zone.token_end > covered);
      WIREWATCH_CHECK(zone.span.begin <= zone.span.end);
      covered = zone.token_end;
    }
    WIREWATCH_CHECK(covered == text.token_count());
  }
  return 0;
}
