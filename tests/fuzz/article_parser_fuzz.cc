// Any bytes are an article or an error, twice the same.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/article/article_parser.h"
#include "common/base/check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static wirewatch::ArticleParser parser;
  static wirewatch::Article article;
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  const bool first = parser.parse(message, article).has_value();
  if (first) WIREWATCH_CHECK(!article.uri.empty());
  WIREWATCH_CHECK(parser.parse(message, article).has_value() == first);
  return 0;
}
