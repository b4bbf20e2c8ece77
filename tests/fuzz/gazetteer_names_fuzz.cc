// The newsroom's own file of names: any bytes are taken, or refused with a line and a cure.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/check.h"
#include "common/text/article_text.h"
#include "tests/fuzz/small_gazetteer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const wirewatch::Gazetteer gazetteer = wirewatch::small_gazetteer();
  const std::string_view rows(reinterpret_cast<const char*>(data), size);
  const auto own = gazetteer.with_overrides(rows, "own.tsv");
  if (!own) {
    WIREWATCH_CHECK(own.error().starts_with("own.tsv"));
    return 0;
  }
  static wirewatch::ArticleText text;
  static std::vector<wirewatch::PhraseHit> hits;
  static std::vector<wirewatch::PhraseHit> spare;
  wirewatch::TextAnalyzer().analyze("Paris", rows, text);
  own->find(text, ~std::uint64_t{0}, true, hits, spare);
  for (const wirewatch::PhraseHit& hit : hits) {
    for (const wirewatch::GazetteerName& name : own->names(hit.phrase)) {
      if (wirewatch::is_place(name.kind)) (void)own->place(name.place);
    }
  }
  return 0;
}
