// Every verdict of the checker can fail: it is fed each fault it is there to find.

#include "tests/faults/checker.h"

#include <gtest/gtest.h>

namespace wirewatch::faults {
namespace {

using Inputs = std::map<std::string, Sent>;

Sent article(std::int64_t offset, std::set<std::string> alerts = {}) {
  Sent sent;
  sent.key = "k";
  sent.offset = offset;
  sent.payload = 7;
  sent.alerts = std::move(alerts);
  return sent;
}
Sent poison(std::int64_t offset) {
  Sent sent = article(offset);
  sent.dead = true;
  sent.bytes = 9;
  return sent;
}
Seen event(const std::string& id, std::int64_t offset) {
  return {.kind = Kind::kEnriched, .id = id, .offset = offset, .payload = 7};
}
Seen alert(const std::string& id, std::int64_t offset, const std::string& profile = "p") {
  return {.kind = Kind::kAlert, .id = id, .offset = offset, .profile = profile};
}
Seen dead(const std::string& id, std::int64_t offset) {
  return {.kind = Kind::kDead, .id = id, .offset = offset, .payload = 9};
}

const Inputs kInputs = {{"a", article(0)}, {"b", article(1, {"p"})}, {"c", poison(2)}};
const std::vector<Seen> kRight = {event("a", 0), event("b", 1), alert("b", 0), dead("c", 0)};

std::vector<Seen> with(const Seen& record) {
  std::vector<Seen> seen = kRight;
  seen.push_back(record);
  return seen;
}
std::vector<Seen> without(std::size_t index) {
  std::vector<Seen> seen = kRight;
  seen.erase(seen.begin() + static_cast<std::ptrdiff_t>(index));
  return seen;
}

TEST(Checker, PassesWhatIsRight) {
  const Findings findings = check(kInputs, kRight, {}, {});
  EXPECT_TRUE(findings.sound());
  EXPECT_EQ(findings.duplicate, 0);
  EXPECT_EQ(findings.sent, 3);
  EXPECT_EQ(findings.seen, 4);
  EXPECT_TRUE(findings.examples.empty());
}

TEST(Checker, FindsEachLostOutput) {
  for (std::size_t i = 0; i < kRight.size(); ++i) {
    const Findings findings = check(kInputs, without(i), {}, {});
    EXPECT_EQ(findings.lost, 1) << i;
    EXPECT_FALSE(findings.sound());
  }
}

TEST(Checker, FindsEachDuplicate) {
  for (Seen record : kRight) {
    record.offset = 9;
    const Findings findings = check(kInputs, with(record), {}, {});
    EXPECT_EQ(findings.duplicate, 1);
    EXPECT_TRUE(findings.sound());
  }
}

TEST(Checker, TakesACopyInTheInputForNoDuplicate) {
  Inputs inputs = kInputs;
  inputs["a"].copies = 2;
  EXPECT_EQ(check(inputs, with(event("a", 9)), {}, {}).duplicate, 0);
}

TEST(Checker, FindsADeadLetterBesideAnEvent) {
  EXPECT_EQ(check(kInputs, with(dead("a", 9)), {}, {}).both, 1);
  EXPECT_EQ(check(kInputs, with(event("c", 9)), {}, {}).both, 1);
}

TEST(Checker, TakesADeadLetterWhereKafkaRefuses) {
  Inputs inputs = {{"b", article(1, {"p"})}};
  inputs["b"].either = true;
  EXPECT_TRUE(check(inputs, {dead("b", 0)}, {}, {}).sound());
  EXPECT_EQ(check(inputs, {dead("b", 0), event("b", 0)}, {}, {}).both, 1);
  EXPECT_EQ(check(inputs, {}, {}, {}).lost, 2);
  inputs["b"].beside = true;
  EXPECT_TRUE(check(inputs, {dead("b", 0), event("b", 0)}, {}, {}).sound());
}

TEST(Checker, FindsWhatOvertook) {
  const Inputs inputs = {{"a", article(0)}, {"b", article(1)}};
  EXPECT_EQ(check(inputs, {event("b", 0), event("a", 1)}, {}, {}).reordered, 1);
  // A repeat after a crash begins anew and overtakes nothing.
  const Findings repeated =
      check(inputs, {event("a", 0), event("b", 1), event("a", 2), event("b", 3)}, {}, {});
  EXPECT_EQ(repeated.reordered, 0);
  EXPECT_EQ(repeated.duplicate, 2);
}

TEST(Checker, OtherKeysMayOvertake) {
  Inputs inputs = {{"a", article(0)}, {"b", article(1)}};
  inputs["b"].key = "other";
  EXPECT_EQ(check(inputs, {event("b", 0), event("a", 1)}, {}, {}).reordered, 0);
}

TEST(Checker, FindsTheUnexpected) {
  EXPECT_EQ(check(kInputs, with(event("stranger", 9)), {}, {}).unexpected, 1);
  EXPECT_EQ(check(kInputs, with(alert("a", 9)), {}, {}).unexpected, 1);
  EXPECT_EQ(check(kInputs, with(alert("b", 9, "other")), {}, {}).unexpected, 1);
  EXPECT_EQ(check(kInputs, with(dead("b", 9)), {}, {}).unexpected, 1);
}

TEST(Checker, FindsAnotherPayload) {
  std::vector<Seen> seen = kRight;
  seen[0].payload = 8;
  EXPECT_EQ(check(kInputs, seen, {}, {}).mismatch, 1);
  seen = kRight;
  seen[3].payload = 8;  // A dead letter of other bytes than were sent.
  EXPECT_EQ(check(kInputs, seen, {}, {}).mismatch, 1);
}

TEST(Checker, FindsAnAbortedRecordThatWasSeen) {
  EXPECT_EQ(check(kInputs, kRight, {}, {{{Kind::kEnriched, 0}, 1}}).aborted_visible, 1);
  EXPECT_EQ(check(kInputs, kRight, {}, {{{Kind::kEnriched, 0}, 5}}).aborted_visible, 0);
}

TEST(Checker, FindsACommitAheadOfItsOutputs) {
  Snapshot snapshot;
  snapshot.committed[0] = 2;  // a and b.
  snapshot.ends = {{{Kind::kEnriched, 0}, 2}, {{Kind::kAlert, 0}, 1}, {{Kind::kDead, 0}, 0}};
  EXPECT_EQ(check(kInputs, kRight, {snapshot}, {}).committed_ahead, 0);
  snapshot.ends[{Kind::kAlert, 0}] = 0;  // The alert of b came later.
  EXPECT_EQ(check(kInputs, kRight, {snapshot}, {}).committed_ahead, 1);
  snapshot.committed[0] = 3;  // And c, whose dead letter came later too.
  EXPECT_EQ(check(kInputs, kRight, {snapshot}, {}).committed_ahead, 2);
}

}  // namespace
}  // namespace wirewatch::faults
