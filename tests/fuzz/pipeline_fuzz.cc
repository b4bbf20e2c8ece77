// The whole way of a record: lines of headers ("name: value"), an empty line, the message. Any
// bytes have one outcome, twice the same, and what goes out is JSON.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "common/base/check.h"
#include "common/pipeline/processor.h"
#include "tests/fuzz/small_gazetteer.h"

namespace {

wirewatch::Processor make_processor() {
  wirewatch::ProfileSource source;
  source.id = "fuzz";
  source.title = "Fuzz";
  source.query = {"\"north korea\" OR region:KP OR missile OR body:pyong*", 1, 1};
  auto rules = std::make_shared<const wirewatch::RuleSet>(
      wirewatch::small_gazetteer(), *wirewatch::TopicModels::from_files("", ""),
      *wirewatch::ProfileSet::compile({&source, 1}));
  return {std::move(rules), {}};
}

void check_json(const std::string& text) {
  static simdjson::dom::parser parser;
  WIREWATCH_CHECK(parser.parse(text).error() == simdjson::SUCCESS);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static wirewatch::Processor processor = make_processor();
  static std::vector<wirewatch::HeaderView> headers;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  headers.clear();
  while (headers.size() < 16) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    const std::size_t colon = line.find(": ");
    if (end == std::string_view::npos || (colon == std::string_view::npos && !line.empty())) break;
    rest.remove_prefix(end + 1);
    if (line.empty()) break;
    headers.push_back({line.substr(0, colon), line.substr(colon + 2)});
  }
  const wirewatch::Outcome& outcome = processor.process(rest, headers);
  if (outcome.dead) {
    WIREWATCH_CHECK(!to_string(outcome.error.reason).empty());
    return 0;
  }
  const std::string first = outcome.enriched;
  check_json(first);
  for (std::size_t i = 0; i < outcome.alert_count; ++i) check_json(outcome.alerts[i].json);
  WIREWATCH_CHECK(!processor.process(rest, headers).dead);
  WIREWATCH_CHECK(outcome.enriched == first);
  return 0;
}
