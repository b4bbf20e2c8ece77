#include "common/config/config.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "common/telemetry/metric_catalogue.h"

namespace wirewatch {
namespace {

std::string write_file(const std::string& text) {
  const std::string path = (std::filesystem::temp_directory_path() /
                            ("wirewatch-config-" + std::to_string(::getpid()) + ".toml"))
                               .string();
  std::ofstream(path) << text;
  return path;
}

std::string only_error(const ConfigSources& sources) {
  const auto config = load_config(sources);
  if (config) return "no error";
  return to_text(config.error()[0]);
}

TEST(Config, LaterSourcesWin) {
  const std::string file =
      write_file("[kafka]\nbrokers = \"file:1\"\ngroup_id = \"file\"\nclient_id = \"file\"\n");
  const auto config = load_config(
      {.files = {file},
       .environment = {{"WIREWATCH_KAFKA__BROKERS", "env:1"}, {"WIREWATCH_KAFKA__GROUP_ID", "env"}},
       .flags = {{"kafka.brokers", "flag:1"}}});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->kafka_brokers, "flag:1");
  EXPECT_EQ(config->kafka_group_id, "env");
  EXPECT_EQ(config->kafka_client_id, "file");
  EXPECT_EQ(config->kafka_topic_raw, "articles.raw");
}

TEST(Config, UnknownKeysNameLineAndSuggestion) {
  const std::string error = only_error(
      {.files = {write_file("[kafka]\n\nbroker = \"x\"\n")}, .environment = {}, .flags = {}});
  EXPECT_NE(error.find(":3:1: "), std::string::npos) << error;
  EXPECT_NE(error.find("did you mean \"kafka.brokers\""), std::string::npos) << error;
}

TEST(Config, WhatIsNoTomlHasACure) {
  const std::string error = only_error(
      {.files = {write_file("[kafka]\nbrokers = kafka:9092\n")}, .environment = {}, .flags = {}});
  EXPECT_NE(error.find(":2:11: "), std::string::npos) << error;
  EXPECT_NE(error.find("; a text stands in quotes"), std::string::npos) << error;
}

TEST(Config, BadValuesSayWhatIsWanted) {
  EXPECT_NE(only_error({.files = {}, .environment = {}, .flags = {{"http.port", "70000"}}})
                .find("0 to 65535"),
            std::string::npos);
  EXPECT_NE(only_error({.files = {}, .environment = {}, .flags = {{"enricher.workers", "many"}}})
                .find("whole number"),
            std::string::npos);
  EXPECT_NE(
      only_error({.files = {}, .environment = {{"WIREWATCH_LOG__LEVEL", "loud"}}, .flags = {}})
          .find("debug"),
      std::string::npos);
  EXPECT_NE(
      only_error({.files = {write_file("[kafka\n")}, .environment = {}, .flags = {}}).find(":1:"),
      std::string::npos);
}

TEST(Config, ListensOnLoopbackUnlessTold) {
  const auto config = load_config({});
  ASSERT_TRUE(config);
  EXPECT_EQ(config->http_address, "127.0.0.1");
}

TEST(Config, TheDumpShowsNoSecretButWhereItIs) {
  const auto config = load_config(
      {.files = {},
       .environment = {{"WIREWATCH_KAFKA__PROPERTIES__SSL_KEY_PASSWORD", "hidden1"},
                       {"WIREWATCH_KAFKA__PROPERTIES__SASL_PASSWORD_FILE", "/run/secrets/kafka"}},
       .flags = {{"kafka.properties.ssl.key.pem", "hidden2"},
                 {"kafka.properties.sasl.oauthbearer.config", "hidden3"},
                 {"kafka.properties.sasl.oauthbearer.client.secret", "hidden4"},
                 {"kafka.properties.sasl.oauthbearer.token.command", "hidden5"}}});
  ASSERT_TRUE(config);
  const std::string dump = config_dump(*config);
  EXPECT_EQ(dump.find("hidden"), std::string::npos) << dump;
  EXPECT_NE(dump.find("\"sasl.password.file\" = \"/run/secrets/kafka\""), std::string::npos)
      << dump;
}

std::string error_of_file(const std::string& text) {
  const std::string error =
      only_error({.files = {write_file(text)}, .environment = {}, .flags = {}});
  return error.substr(error.find(".toml") + 5);
}

TEST(Config, UnknownSectionsGetASuggestion) {
  EXPECT_EQ(error_of_file("[log]\n[kakfa]\nbrokers = \"x\"\n"),
            ":2:2: unknown section [kakfa]; did you mean \"kafka\"?");
  EXPECT_EQ(error_of_file("[kafka.propertis]\n"),
            ":1:8: unknown option \"kafka.propertis\"; did you mean \"kafka.properties\"?");
}

TEST(Config, ValuesInFilesHaveTheirType) {
  EXPECT_EQ(error_of_file("[kafka]\nbrokers = 3\n"),
            ":2:1: kafka.brokers must be text; write \"3\"");
  EXPECT_EQ(error_of_file("[http]\nport = \"9464\"\n"),
            ":2:1: http.port must be a whole number, without quotes");
  EXPECT_EQ(error_of_file("[http]\nenabled = 1\n"), ":2:1: http.enabled must be true or false");
  EXPECT_EQ(error_of_file("[kafka.brokers]\nx = 1\n"), ":1:8: kafka.brokers must be text");
  EXPECT_EQ(error_of_file("[kafka]\nproperties = 1\n"),
            ":2:1: kafka.properties is a table; [kafka.properties] and then \"NAME\" = VALUE");
  EXPECT_EQ(error_of_file("[kafka.properties]\n\"linger.ms\" = 0.5\n"),
            ":2:1: the kafka property \"linger.ms\" must be text, a whole number, true or false");
}

TEST(Config, TheFieldMapIsCheckedAsOptionsAre) {
  const auto error_of = [](const std::string& row) {
    return error_of_file("[[article.field_map]]\n" + row);
  };
  EXPECT_EQ(error_of("path = \"a\"\nfild = \"body\"\nfield = \"body\"\n"),
            ":3:1: unknown key \"fild\" in [[article.field_map]]; did you mean \"field\"?");
  EXPECT_EQ(error_of("path = \"a\"\nfield = \"bodi\"\n").substr(0, 54),
            ":3:9: unknown field \"bodi\"; did you mean \"body\"?; ther");
  EXPECT_EQ(error_of("path = \"a\"\n"),
            ":1:1: every [[article.field_map]] has a path and a field, both text");
  const std::string body = "\nfield = \"body\"\n";
  EXPECT_EQ(error_of("path = \"\"" + body),
            ":2:8: the path \"\" has an empty name; write names parted by single dots");
  EXPECT_EQ(error_of("path = \"a..b\"" + body),
            ":2:8: the path \"a..b\" has an empty name; write names parted by single dots");
  EXPECT_EQ(error_of("path = \"items.0\"" + body),
            ":2:8: the path \"items.0\" goes into a list; paths go through objects alone");
  EXPECT_EQ(error_of("path = \"a\"" + body + "[[article.field_map]]\npath = \"a\"" + body),
            ":5:8: the path \"a\" leads to body already");
  EXPECT_EQ(
      error_of_file("[article]\nfield_map = \"x\"\n"),
      ":2:1: article.field_map is a list of tables in a file: [[article.field_map]] with path "
      "and field");
}

TEST(Config, PropertiesNeedNoQuotes) {
  const auto config = load_config(
      {.files = {write_file("[kafka.properties]\nsasl.mechanism = \"PLAIN\"\nlinger.ms = 3\n")},
       .environment = {},
       .flags = {}});
  ASSERT_TRUE(config);
  auto properties = config->kafka_properties;
  std::sort(properties.begin(), properties.end());
  const std::vector<std::pair<std::string, std::string>> expected = {{"linger.ms", "3"},
                                                                     {"sasl.mechanism", "PLAIN"}};
  EXPECT_EQ(properties, expected);
}

TEST(Config, PassesPropertiesAndFieldMapOn) {
  const auto config =
      load_config({.files = {write_file(
                       "[kafka.properties]\n\"sasl.password\" = "
                       "\"secret\"\n[[article.field_map]]\npath = \"a.b\"\nfield = \"body\"\n")},
                   .environment = {},
                   .flags = {}});
  ASSERT_TRUE(config);
  ASSERT_EQ(config->kafka_properties.size(), 1U);
  EXPECT_EQ(config->article_field_map[0].first, "a.b");
  EXPECT_EQ(config_dump(*config).find("secret"), std::string::npos);
}

TEST(Config, PropertiesComeFromEverySource) {
  const auto config = load_config(
      {.files = {write_file("[kafka.properties]\n\"linger.ms\" = 1\n\"client.rack\" = \"a\"\n")},
       .environment = {{"WIREWATCH_KAFKA__PROPERTIES__CLIENT_RACK", "b"},
                       {"WIREWATCH_KAFKA__PROPERTIES__SASL_PASSWORD", "Aa_b"}},
       .flags = {{"kafka.properties.group.instance.id", "enricher-0"},
                 {"kafka.properties.linger.ms", "7"}}});
  ASSERT_TRUE(config);
  const std::vector<std::pair<std::string, std::string>> expected = {
      {"client.rack", "b"},
      {"group.instance.id", "enricher-0"},
      {"linger.ms", "7"},
      {"sasl.password", "Aa_b"}};
  auto properties = config->kafka_properties;
  std::sort(properties.begin(), properties.end());
  EXPECT_EQ(properties, expected);
}

TEST(Config, DumpIsAConfiguration) {
  const auto config = load_config({});
  ASSERT_TRUE(config);
  const auto again =
      load_config({.files = {write_file(config_dump(*config))}, .environment = {}, .flags = {}});
  ASSERT_TRUE(again);
  EXPECT_EQ(config_dump(*config), config_dump(*again));
}

// Committed copies of what code generates. WIREWATCH_UPDATE_GOLDEN=1 rewrites them.
void expect_committed(const std::string& name, const std::string& text) {
  const std::string path = std::string(WIREWATCH_SOURCE_DIR "/") + name;
  if (std::getenv("WIREWATCH_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text;
  std::ifstream file(path);
  std::stringstream committed;
  committed << file.rdbuf();
  EXPECT_EQ(committed.str(), text)
      << name << " is stale; run this test with WIREWATCH_UPDATE_GOLDEN=1";
}

TEST(Config, ReferenceIsCommitted) {
  expect_committed("deploy/CONFIGURATION.md", config_docs());
}
TEST(Metrics, CatalogueIsCommitted) {
  expect_committed("monitoring/METRICS.md", metrics_docs());
}

TEST(Config, TheDumpIsReadAgainWhateverTheValues) {
  const std::string name = "a \"b\" \\ line\nbreak\ttab \x7f";
  const auto config =
      load_config({.files = {}, .environment = {}, .flags = {{"kafka.client_id", name}}});
  ASSERT_TRUE(config);
  const std::string dump = config_dump(*config);
  EXPECT_NE(dump.find(R"(client_id = "a \"b\" \\ line\u000abreak\u0009tab \u007f")"),
            std::string::npos)
      << dump;
}

TEST(Config, AForgottenUnderscoreIsNoSilence) {
  const auto config =
      load_config({.files = {},
                   .environment = {{"WIREWATCH_HTTP_PORT", "1"}, {"WIREWATCH_REQUIRE_KAFKA", "1"}},
                   .flags = {}});
  ASSERT_FALSE(config);
  ASSERT_EQ(config.error().size(), 1U);
  EXPECT_EQ(to_text(config.error()[0]),
            "environment variable WIREWATCH_HTTP_PORT: two underscores part section and option: "
            "WIREWATCH_HTTP__PORT");
}

}  // namespace
}  // namespace wirewatch
