// A damaged gazetteer file is refused or harmless. The input is a list of changes (place, value) to
// a small valid file, so that it need not know the layout; the checksum is made right, so that the
// checks behind it are reached.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "common/base/hash.h"
#include "common/gazetteer/gazetteer_format.h"
#include "common/text/article_text.h"
#include "tests/fuzz/small_gazetteer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using wirewatch::gazetteer_internal::Header;
  static const std::string valid = wirewatch::small_gazetteer_bytes();
  std::string bytes = valid;
  for (std::size_t i = 0; i + 3 <= size; i += 3) {
    const std::size_t at = (data[i] | static_cast<std::size_t>(data[i + 1]) << 8) % bytes.size();
    bytes[at] = static_cast<char>(data[i + 2]);
  }
  if (size % 3 == 1) bytes.resize(data[size - 1] * bytes.size() / 256);
  if (bytes.size() >= sizeof(Header)) {
    const std::uint64_t checksum =
        wirewatch::hash_bytes(std::string_view(bytes).substr(sizeof(Header)));
    std::memcpy(bytes.data() + offsetof(Header, content_hash), &checksum, sizeof(checksum));
  }
  const wirewatch::AlignedBytes aligned(bytes);
  const auto gazetteer = wirewatch::Gazetteer::from_bytes(aligned.span());
  if (!gazetteer) return gazetteer.error().empty() ? 1 : 0;
  static wirewatch::ArticleText text;
  static std::vector<wirewatch::PhraseHit> hits;
  static std::vector<wirewatch::PhraseHit> spare;
  wirewatch::TextAnalyzer().analyze("Paris Hilton leaves Pyongyang",
                                    "From Paris, France, to the United States. باريس", text);
  gazetteer->find(text, ~std::uint64_t{0}, true, hits, spare);
  for (const wirewatch::PhraseHit& hit : hits) {
    for (const wirewatch::GazetteerName& name : gazetteer->names(hit.phrase)) {
      if (!wirewatch::is_place(name.kind)) continue;
      const wirewatch::Place place = gazetteer->place(name.place);
      for (const std::uint16_t member : place.members) (void)member;
      (void)std::string(place.english).append(place.admin1_code);
    }
  }
  (void)gazetteer->source_home("www.lemonde.fr");
  (void)gazetteer->language_bit("de");
  return 0;
}
