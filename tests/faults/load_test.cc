#include "tests/faults/load.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/faults/kafka_probe.h"
#include "tests/support/mock_cluster.h"

namespace wirewatch::faults {
namespace {

constexpr const char* kTopic = "load";
constexpr int kRecords = 200;
constexpr std::int64_t kWaitMs = 20000;

class LoadTest : public testing::Test {
 protected:
  LoadTest() { cluster.create_topic(kTopic, 1); }

  KafkaProducer::Options options() const {
    KafkaProducer::Options options;
    options.brokers = cluster.bootstrap_servers();
    options.client_id = "load-test";
    options.embedded = true;
    options.topics = {kTopic};
    return options;
  }
  // Ids in the order in which they appear first.
  std::vector<std::string> ids() const {
    std::vector<std::string> found;
    EXPECT_TRUE(read_topic(cluster.bootstrap_servers(), kTopic, [&](const KafkaRecord& record) {
      const std::string id(record.headers().front().value);
      if (std::find(found.begin(), found.end(), id) == found.end()) found.push_back(id);
    }));
    return found;
  }

  MockCluster cluster;
};

TEST_F(LoadTest, AnotherProducerSendsWhatOneRefused) {
  Load load(options(), "id");
  std::vector<std::string> sent;
  for (int i = 0; i < kRecords; ++i) {
    if (i == kRecords / 2)
      cluster.answer_with(MockCluster::kProduce, {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH});
    sent.push_back(std::to_string(i));
    load.send("key", "value", sent.back());
  }
  EXPECT_TRUE(load.flush(kWaitMs));
  EXPECT_EQ(load.ended(), 1);
  EXPECT_FALSE(load.failure().empty());
  EXPECT_EQ(ids(), sent);
}

TEST_F(LoadTest, WhatIsRefusedForGoodIsGivenUp) {
  KafkaProducer::Options limited = options();
  limited.properties = {{"message.max.bytes", "2000"}};
  Load load(limited, "id");
  load.send("key", std::string(4000, 'x'), "large");
  EXPECT_FALSE(load.flush(kWaitMs));
  EXPECT_GT(load.ended(), 1);
  EXPECT_NE(load.failure().find("size too large"), std::string::npos) << load.failure();
}

}  // namespace
}  // namespace wirewatch::faults
