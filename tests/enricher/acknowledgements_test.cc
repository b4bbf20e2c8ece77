#include "services/enricher/acknowledgements.h"

#include <algorithm>
#include <array>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "tests/enricher/articles.h"

namespace wirewatch {
namespace {

constexpr KafkaFault kNone = KafkaFault::kNone;

class AcknowledgementsTest : public testing::Test {
 protected:
  explicit AcknowledgementsTest(bool exactly_once = false)
      : positions_(exactly_once), acks_(parts(exactly_once)) {
    positions_.assign(std::array{std::int32_t{1}});
  }

  Acknowledgements::Parts parts(bool exactly_once) {
    options_.exactly_once = exactly_once;
    options_.topic_enriched = "enriched";
    options_.topic_alerts = "alerts";
    options_.topic_dead = "dead";
    return {.options = options_,
            .metrics = metrics_,
            .positions = positions_,
            .refusals = refusals_,
            .faults = faults_,
            .watch = watch_,
            .totals = totals_,
            .store = [this](std::span<const PartitionOffset> offsets) {
              for (const PartitionOffset& o : offsets) stored_.push_back(o.offset);
            }};
  }

  // In flight with so many outputs produced, and let go by its worker.
  InFlight* produced(std::int64_t offset, int outputs) {
    InFlight* made = article(1, offset).release();
    EXPECT_TRUE(positions_.take(*made, 0));
    ++totals_.records;
    totals_.bytes += made->bytes;
    made->pending += outputs;
    if (outputs > 0) acks_.release(made);
    return made;
  }
  void deliver(InFlight* article, std::size_t output, KafkaFault fault = kNone) {
    acks_.delivered(to_opaque({article, output}), {fault, "refused"});
  }

  // What the metrics say of the records of a topic.
  std::string produced_to(const std::string& topic) {
    const std::string text = metrics_.expose();
    const std::string series = "wirewatch_records_produced_total{topic=\"" + topic + "\"} ";
    const std::size_t at = text.find(series);
    if (at == std::string::npos) return "none";
    const std::size_t begin = at + series.size();
    return text.substr(begin, text.find('\n', begin) - begin);
  }

  EnricherOptions options_;
  EnricherHealth health_;
  Metrics metrics_;
  PartitionPositions positions_;
  RefusalSearch refusals_;
  Faults faults_{health_};
  StreamWatch watch_{{}, health_, metrics_};
  InFlightTotals totals_;
  std::vector<std::int64_t> stored_;
  Acknowledgements acks_;
};

class AcknowledgementsOfTransactionsTest : public AcknowledgementsTest {
 protected:
  AcknowledgementsOfTransactionsTest() : AcknowledgementsTest(true) {}
};

TEST_F(AcknowledgementsTest, AnArticleIsFinishedByItsLastOutput) {
  InFlight* a = produced(5, 2);
  deliver(a, 0);
  acks_.end_of_burst();
  EXPECT_TRUE(stored_.empty());
  EXPECT_EQ(metrics_.enriched_count(), 0U);
  deliver(a, 1);
  acks_.end_of_burst();
  EXPECT_EQ(stored_, std::vector<std::int64_t>{6});
  EXPECT_EQ(metrics_.enriched_count(), 1U);
  EXPECT_EQ(totals_.records, 0);
  EXPECT_EQ(totals_.bytes, 0);
}

TEST_F(AcknowledgementsTest, OutputsCountAsTheyAreAcknowledged) {
  InFlight* a = produced(5, 3);
  deliver(a, 0);
  deliver(a, 1);
  EXPECT_EQ(produced_to("enriched"), "1");
  EXPECT_EQ(produced_to("alerts"), "1");
  deliver(a, 2);
  acks_.end_of_burst();
  EXPECT_EQ(produced_to("alerts"), "2");
  InFlight* b = produced(6, 1);
  b->dead = true;
  b->reason = "no_text";
  deliver(b, 0);
  acks_.end_of_burst();
  EXPECT_EQ(produced_to("dead"), "1");
}

TEST_F(AcknowledgementsTest, OneBurstStoresOneOffset) {
  std::vector<InFlight*> articles;
  for (std::int64_t offset = 0; offset < 50; ++offset) articles.push_back(produced(offset, 1));
  for (InFlight* a : articles) deliver(a, 0);
  acks_.end_of_burst();
  EXPECT_EQ(stored_, std::vector<std::int64_t>{50});
  EXPECT_EQ(watch_.finished(), 50U);
  EXPECT_EQ(totals_.records, 0);
}

TEST_F(AcknowledgementsTest, ReportsComeOnTwoThreadsAtATime) {
  constexpr std::int64_t kArticles = 20000;
  std::vector<InFlight*> articles;
  for (std::int64_t offset = 0; offset < kArticles; ++offset)
    articles.push_back(produced(offset, 2));
  const auto report = [&](std::size_t output) {
    for (std::size_t i = 0; i < articles.size(); ++i) {
      deliver(articles[i], output);
      if (i % 10 == 0) acks_.end_of_burst();
    }
    acks_.end_of_burst();
  };
  std::thread other([&] { report(1); });
  report(0);
  other.join();
  EXPECT_EQ(totals_.records, 0);
  EXPECT_EQ(watch_.finished(), static_cast<std::uint64_t>(kArticles));
  EXPECT_TRUE(std::is_sorted(stored_.begin(), stored_.end()));
  EXPECT_EQ(stored_.back(), kArticles);
}

TEST_F(AcknowledgementsTest, WhoComesLastSettles) {
  InFlight* a = produced(5, 0);
  ++a->pending;
  deliver(a, 0);  // Before its worker has let it go.
  acks_.end_of_burst();
  EXPECT_TRUE(stored_.empty());
  acks_.release(a);
  EXPECT_EQ(stored_, std::vector<std::int64_t>{6});
}

TEST_F(AcknowledgementsTest, ARefusedOutputLeavesTheArticleUnfinished) {
  InFlight* a = produced(5, 2);
  deliver(a, 0);
  deliver(a, 1, KafkaFault::kMissingTopic);
  acks_.end_of_burst();
  EXPECT_TRUE(stored_.empty());
  EXPECT_EQ(watch_.finished(), 0U);
  EXPECT_EQ(totals_.records, 0);
  ASSERT_TRUE(faults_.is_raised());
  EXPECT_EQ(faults_.current().failure.fault, KafkaFault::kMissingTopic);
  EXPECT_EQ(faults_.current().step, TransactionStep::kRebuild);
  EXPECT_EQ(positions_.restart_offsets().at(0).offset, 5);
  positions_.restarted();
  InFlight* again = produced(5, 0);
  EXPECT_EQ(again->before, 1U);  // The first output is not sent again.
  acks_.release(again);
  EXPECT_EQ(stored_, std::vector<std::int64_t>{6});
}

TEST_F(AcknowledgementsTest, ARefusedRecordIsSearchedFor) {
  InFlight* a = produced(5, 1);
  InFlight* b = produced(6, 1);
  deliver(a, 0, KafkaFault::kRecord);
  b->alone = true;
  deliver(b, 0, KafkaFault::kRecord);
  acks_.end_of_burst();
  EXPECT_TRUE(refusals_.is_suspect(1, 5));
  EXPECT_FALSE(refusals_.is_refused(1, 5));
  EXPECT_TRUE(refusals_.is_refused(1, 6));
  EXPECT_EQ(faults_.current().step, TransactionStep::kAbort);
}

TEST_F(AcknowledgementsOfTransactionsTest, ArticlesCountWhenTheyAreCommitted) {
  deliver(produced(5, 1), 0);
  acks_.end_of_burst();
  EXPECT_EQ(totals_.records, 0);
  EXPECT_EQ(totals_.bytes, 1);  // Until the commit.
  EXPECT_EQ(metrics_.enriched_count(), 0U);
  acks_.settle(true);
  EXPECT_EQ(metrics_.enriched_count(), 1U);
  EXPECT_EQ(totals_.bytes, 0);
  EXPECT_TRUE(stored_.empty());
  deliver(produced(6, 1), 0);
  acks_.end_of_burst();
  acks_.settle(false);
  EXPECT_EQ(metrics_.enriched_count(), 1U);
  EXPECT_EQ(totals_.bytes, 0);
}

TEST_F(AcknowledgementsOfTransactionsTest, OutputsCountWhenTheyAreCommitted) {
  InFlight* a = produced(5, 2);
  deliver(a, 0);
  deliver(a, 1);
  acks_.end_of_burst();
  acks_.settle(false);
  EXPECT_EQ(produced_to("enriched"), "none");
  positions_.restarted();
  InFlight* again = produced(5, 2);
  deliver(again, 0);
  deliver(again, 1);
  acks_.end_of_burst();
  EXPECT_EQ(produced_to("alerts"), "none");
  acks_.settle(true);
  EXPECT_EQ(produced_to("enriched"), "1");
  EXPECT_EQ(produced_to("alerts"), "1");
}

}  // namespace
}  // namespace wirewatch
