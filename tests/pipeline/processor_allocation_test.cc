// Once its buffers have grown, the whole pipeline allocates nothing for an article; and a value
// that is packed in a way that is not read is told apart from one that is broken.

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "services/wirewatch/setup.h"
#include "tests/support/allocation_counter.h"

namespace wirewatch {
namespace {

TEST(ProcessorAllocation, NoneInSteadyState) {
  const auto loaded =
      load({.config_files = {},
            .settings = {"profiles.directory=" WIREWATCH_SOURCE_DIR "/deploy/profiles"}});
  ASSERT_TRUE(loaded.has_value());
  const Config& config = *loaded;
  const auto rules = load_rules(config);
  ASSERT_TRUE(rules.has_value());
  std::vector<std::string> messages;
  for (const auto& entry :
       std::filesystem::directory_iterator(WIREWATCH_SOURCE_DIR "/deploy/sample-news")) {
    if (entry.path().filename() == "expected.ndjson") continue;
    for_each_line(entry.path().string(),
                  [&](std::string_view line) { messages.emplace_back(line); });
  }
  Processor processor(rules->set, processor_options(config));
  // The way to the dead letters is told by what the headers say.
  for (const std::string_view coding : {"br", "deflate"}) {
    const HeaderView headers[] = {{"Content-Encoding", coding}};
    const Outcome& outcome = processor.process("\x8B\x02\x80", headers);
    ASSERT_TRUE(outcome.dead);
    EXPECT_EQ(outcome.error.reason, ParseErrorReason::kUnsupported);
    EXPECT_NE(outcome.error.detail.find(coding), std::string::npos) << outcome.error.detail;
    EXPECT_FALSE(processor.process(R"({"title":"Port opens"})", headers).dead);
  }
  // A dead letter's reason is a string of its own: it is no steady state.
  std::erase_if(messages,
                [&](const std::string& message) { return processor.process(message, {}).dead; });
  ASSERT_GT(messages.size(), 150U);
  for (const std::string& message : messages) (void)processor.process(message, {});
  // So often that a buffer which keeps growing has to grow: its room doubles each time.
  for (int pass = 0; pass < 8; ++pass) {
    for (const std::string& message : messages) {
      const std::size_t before = allocation_count();
      (void)processor.process(message, {});
      EXPECT_EQ(allocation_count(), before) << message.substr(0, 100);
    }
  }
}

}  // namespace
}  // namespace wirewatch
