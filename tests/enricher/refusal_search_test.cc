#include "services/enricher/refusal_search.h"

#include <array>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace wirewatch {
namespace {

// Reads [0, count) of one partition until nothing is refused any more, as the poll loop does: what
// goes together is a batch, and a batch with one of `bad` is refused whole.
class Reader {
 public:
  Reader(std::int64_t count, std::set<std::int64_t> bad) : count_(count), bad_(std::move(bad)) {}

  // Batches sent.
  int run() {
    while (!pass()) {
      search.restart(std::array{PartitionOffset{0, done_}});
      (void)search.take_progress();
      if (batches_ > 10000) break;
    }
    return batches_;
  }
  RefusalSearch search;
  std::set<std::int64_t> refused;

 private:
  bool pass() {
    batch_.clear();
    for (std::int64_t offset = done_; offset < count_; ++offset) {
      const bool suspect = search.is_suspect(0, offset);
      const RefusalSearch::Turn turn = search.turn(suspect);
      if (turn.after_all_before && !flush()) return false;
      alone_ = turn.alone;
      batch_.push_back(offset);
      if (search.gone(suspect) && !flush()) return false;
    }
    return flush();
  }
  bool flush() {
    if (batch_.empty()) return true;
    ++batches_;
    bool is_refused = false;
    for (const std::int64_t offset : batch_)
      is_refused = is_refused || (bad_.contains(offset) && !search.is_refused(0, offset));
    for (const std::int64_t offset : batch_) {
      if (is_refused && search.note(0, offset, alone_, 0)) refused.insert(offset);
    }
    if (!is_refused) done_ = batch_.back() + 1;
    batch_.clear();
    alone_ = false;
    return !is_refused;
  }

  std::int64_t count_;
  std::set<std::int64_t> bad_;
  std::vector<std::int64_t> batch_;
  bool alone_ = false;
  std::int64_t done_ = 0;
  int batches_ = 0;
};

TEST(RefusalSearch, FindsExactlyWhatIsRefused) {
  for (const std::int64_t count : {1, 7, 16, 17, 100, 300}) {
    for (const std::set<std::int64_t>& bad :
         {std::set<std::int64_t>{}, {0}, {count - 1}, {count / 2, count / 3}}) {
      Reader reader(count, bad);
      reader.run();
      EXPECT_EQ(reader.refused, bad) << count;
    }
  }
}

TEST(RefusalSearch, ForgetsWhatIsFinished) {
  RefusalSearch search;
  for (const std::int64_t offset : {5, 7, 9}) {
    (void)search.note(1, offset, false, 0);
    (void)search.note(1, offset, true, 0);
    (void)search.note(2, offset, true, 0);
  }
  search.restart(std::array{PartitionOffset{1, 7}});
  EXPECT_FALSE(search.is_suspect(1, 5));
  EXPECT_FALSE(search.is_refused(1, 5));
  EXPECT_TRUE(search.is_suspect(1, 7));
  EXPECT_TRUE(search.is_refused(1, 7));
  EXPECT_TRUE(search.is_refused(1, 9));
  EXPECT_FALSE(search.is_refused(2, 9));  // Nothing of it is unfinished.
  search.restart({});
  EXPECT_FALSE(search.is_refused(1, 9));
}

TEST(RefusalSearch, GoesInGroupsWhenSuspectsAreMany) {
  Reader reader(320, {200});
  // Far fewer batches than suspects: groups of sixteen, and one of them record by record.
  EXPECT_LT(reader.run(), 60);
}

TEST(RefusalSearch, TellsProgressOnceAndForgetsPartitions) {
  RefusalSearch search;
  EXPECT_FALSE(search.take_progress());
  EXPECT_FALSE(search.is_active(0));
  EXPECT_FALSE(search.note(4, 9, false, 100));
  EXPECT_TRUE(search.is_active(100 + RefusalSearch::kStepMs - 1));
  EXPECT_FALSE(search.is_active(100 + RefusalSearch::kStepMs));
  EXPECT_TRUE(search.take_progress());
  EXPECT_FALSE(search.note(4, 9, false, 200));  // Known.
  EXPECT_FALSE(search.take_progress());
  EXPECT_TRUE(search.note(4, 9, true, 300));
  EXPECT_TRUE(search.is_suspect(4, 9));
  EXPECT_TRUE(search.is_refused(4, 9));
  search.forget(std::array{std::int32_t{4}});
  EXPECT_FALSE(search.is_suspect(4, 9));
  EXPECT_FALSE(search.is_refused(4, 9));
}

}  // namespace
}  // namespace wirewatch
