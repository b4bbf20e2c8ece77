#include "services/wirewatch/config_faults.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace wirewatch {
namespace {

// Faults of the defaults with these flags, by lines.
std::string faults(std::vector<std::pair<std::string, std::string>> flags) {
  const auto config = load_config({.files = {}, .environment = {}, .flags = std::move(flags)});
  if (!config) return to_text(config.error()[0]);
  std::string text;
  for (const std::string& fault : name_faults(*config)) text += fault + "\n";
  return text;
}

TEST(NameFaults, TheDefaultsHaveNone) {
  EXPECT_EQ(faults({}), "");
  EXPECT_EQ(faults({{"kafka.topic_newsroom", ""}, {"kafka.topic_profiles", ""}}), "");
}

// Dead letters on the topic that is read would be read, and die, again and again.
TEST(NameFaults, EachTopicIsForOneThing) {
  EXPECT_EQ(faults({{"kafka.topic_dead", "articles.raw"}}),
            "kafka.topic_raw and kafka.topic_dead are both \"articles.raw\"; each needs a topic of "
            "its own\n");
  EXPECT_EQ(faults({{"kafka.topic_profiles", "x"}, {"kafka.topic_newsroom", "x"}}),
            "kafka.topic_profiles and kafka.topic_newsroom are both \"x\"; each needs a topic of "
            "its own\n");
}

TEST(NameFaults, TopicsHaveNamesThatKafkaTakes) {
  EXPECT_EQ(faults({{"kafka.topic_raw", ""}}), "kafka.topic_raw is empty; name a topic\n");
  for (const std::string& name : {std::string("a b"), std::string("été"), std::string(".."),
                                  std::string("a,b"), std::string(250, 'x')}) {
    EXPECT_EQ(faults({{"kafka.topic_alerts", name}}),
              "kafka.topic_alerts is \"" + name +
                  "\", which is no topic's name: those have letters, digits, '.', '_' and '-', at "
                  "most 249\n");
  }
  EXPECT_EQ(faults({{"kafka.topic_alerts", "Alerts_2.of-all"}}), "");
}

TEST(NameFaults, TheGroupHasAName) {
  EXPECT_EQ(faults({{"kafka.group_id", ""}}),
            "kafka.group_id is empty; name the consumer group that enrichers share\n");
}

TEST(NameFaults, TheAddressIsAnIpAddress) {
  for (const char* address : {"0.0.0.0", "::", "::1", "10.1.2.3", "fe80::1%lo"})
    EXPECT_EQ(faults({{"http.address", address}}), "") << address;
  for (const char* address : {"localhost", "300.1.1.1", "", "127.0.0.1:9464"}) {
    EXPECT_EQ(faults({{"http.address", address}}),
              "http.address \"" + std::string(address) +
                  "\" is no IP address, e.g. 127.0.0.1, 0.0.0.0 or ::\n");
  }
  EXPECT_EQ(faults({{"http.address", "localhost"}, {"http.enabled", "false"}}), "");
}

}  // namespace
}  // namespace wirewatch
