#include "tests/faults/checker.h"

#include <algorithm>
#include <tuple>

namespace wirewatch::faults {

namespace {

constexpr std::size_t kExamplesMax = 8;

struct Came {
  std::map<std::string, std::int64_t> alerts;
  std::int64_t enriched = 0;
  std::int64_t dead = 0;
};

const char* name(Kind kind) {
  return kind == Kind::kEnriched ? "event" : kind == Kind::kAlert ? "alert" : "dead letter";
}

class Checker {
 public:
  explicit Checker(const std::map<std::string, Sent>& sent) : sent_(sent) {
    out_.sent = static_cast<std::int64_t>(sent.size());
  }

  void example(const std::string& text) {
    if (out_.examples.size() < kExamplesMax) out_.examples.push_back(text);
  }

  void see(const Seen& record) {
    ++out_.seen;
    const auto found = sent_.find(record.id);
    if (found == sent_.end()) {
      ++out_.unexpected;
      example(std::string("unexpected ") + name(record.kind) + " of " + record.id);
      return;
    }
    const Sent& sent = found->second;
    Came& came = came_[record.id];
    const bool fits = record.kind == Kind::kDead       ? sent.dead || sent.either
                      : record.kind == Kind::kEnriched ? !sent.dead
                                                       : sent.alerts.contains(record.profile);
    if (!fits) {
      ++out_.unexpected;
      example(std::string("unexpected ") + name(record.kind) + " " + record.profile + " of " +
              record.id);
    }
    if (record.kind == Kind::kEnriched && sent.payload != 0 && record.payload != sent.payload) {
      ++out_.mismatch;
      example("another event than classify gives of " + record.id);
    }
    if (record.kind == Kind::kDead && sent.bytes != 0 && record.payload != sent.bytes) {
      ++out_.mismatch;
      example("a dead letter of other bytes than were sent: " + record.id);
    }
    auto& count = record.kind == Kind::kAlert      ? came.alerts[record.profile]
                  : record.kind == Kind::kEnriched ? came.enriched
                                                   : came.dead;
    if (++count > 1) return;
    // A dead letter in place of an event is sent when that was refused, whenever that is.
    if (record.kind == Kind::kDead && !sent.dead) return;
    // In one output partition, articles of one key appear first in the order of the raw topic.
    auto& last = last_[{record.kind, record.partition, record.profile, sent.key, sent.partition}];
    if (sent.offset < last) {
      ++out_.reordered;
      example(std::string("overtaken ") + name(record.kind) + " of " + record.id);
    }
    last = std::max(last, sent.offset);
  }

  void count() {
    for (const auto& [id, sent] : sent_) {
      const Came& came = came_[id];
      if (!sent.beside && came.dead > 0 && (came.enriched > 0 || !came.alerts.empty())) {
        ++out_.both;
        example("dead letter and event of " + id);
      }
      // A dead letter in place of an event stands for all of its outputs.
      const bool dead = sent.dead || (sent.either && came.dead > 0);
      tally(dead ? 1 : 0, came.dead, sent, "dead letter", id);
      tally(dead ? 0 : 1, came.enriched, sent, "event", id);
      for (const std::string& profile : sent.alerts) {
        const auto alert = came.alerts.find(profile);
        tally(dead ? 0 : 1, alert == came.alerts.end() ? 0 : alert->second, sent, "alert", id);
      }
    }
  }

  void compare(const Snapshot& snapshot, const std::vector<Seen>& seen) {
    std::map<std::string, Came> done;
    for (const Seen& record : seen) {
      const auto end = snapshot.ends.find({record.kind, record.partition});
      if (end == snapshot.ends.end() || record.offset >= end->second) continue;
      Came& came = done[record.id];
      if (record.kind == Kind::kAlert)
        ++came.alerts[record.profile];
      else
        ++(record.kind == Kind::kEnriched ? came.enriched : came.dead);
    }
    for (const auto& [id, sent] : sent_) {
      const auto committed = snapshot.committed.find(sent.partition);
      if (committed == snapshot.committed.end() || sent.offset >= committed->second) continue;
      const Came& came = done[id];
      const bool whole = came.dead > 0 ? sent.dead || sent.either
                                       : !sent.dead && came.enriched > 0 &&
                                             came.alerts.size() >= sent.alerts.size();
      if (!whole) {
        ++out_.committed_ahead;
        example("committed without its outputs: " + id);
      }
    }
  }

  Findings& findings() { return out_; }

 private:
  void tally(std::int64_t wanted, std::int64_t came, const Sent& sent, const std::string& what,
             const std::string& id) {
    if (came < wanted) {
      ++out_.lost;
      example("lost " + what + " of " + id);
    }
    if (wanted > 0) out_.duplicate += std::max<std::int64_t>(came - sent.copies, 0);
  }

  const std::map<std::string, Sent>& sent_;
  std::map<std::string, Came> came_;
  std::map<std::tuple<Kind, std::int32_t, std::string, std::string, std::int32_t>, std::int64_t>
      last_;
  Findings out_;
};

}  // namespace

Findings check(const std::map<std::string, Sent>& sent, const std::vector<Seen>& seen,
               const std::vector<Snapshot>& snapshots,
               const std::set<std::pair<Place, std::int64_t>>& aborted) {
  Checker checker(sent);
  std::vector<const Seen*> in_order;
  in_order.reserve(seen.size());
  for (const Seen& record : seen) in_order.push_back(&record);
  std::sort(in_order.begin(), in_order.end(), [](const Seen* a, const Seen* b) {
    return std::tie(a->kind, a->partition, a->offset) < std::tie(b->kind, b->partition, b->offset);
  });
  for (const Seen* record : in_order) {
    checker.see(*record);
    if (aborted.contains({{record->kind, record->partition}, record->offset})) {
      ++checker.findings().aborted_visible;
      checker.example("of an aborted transaction: " + record->id);
    }
  }
  checker.count();
  for (const Snapshot& snapshot : snapshots) checker.compare(snapshot, seen);
  return std::move(checker.findings());
}

}  // namespace wirewatch::faults
