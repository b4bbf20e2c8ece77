// Judges what came out of the enricher against what went in.
//
// Every article that went in is named by an id, and so is every record that came out. The order of
// input is that of the raw topic: within one key the outputs must appear in it for the first time.
// A repeat is a duplicate, whatever its order. Pure: no I/O, no clock.

#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace wirewatch::faults {

enum class Kind : std::uint8_t { kEnriched, kAlert, kDead };

// An article of the raw topic, and what must come of it.
struct Sent {
  std::string key;             // Articles of one key keep their order.
  std::int32_t partition = 0;  // Of the raw topic.
  std::int64_t offset = 0;
  std::int64_t copies = 1;         // How often the raw topic has it.
  bool dead = false;               // Else an enriched event.
  bool either = false;             // A dead letter is right too: Kafka was made to refuse outputs.
  bool beside = false;             // So is one beside outputs that Kafka had taken before.
  std::uint64_t payload = 0;       // Hash of the enriched event; 0: not compared.
  std::uint64_t bytes = 0;         // Hash of what was sent, which a dead letter keeps; 0: as above.
  std::set<std::string> alerts{};  // Profiles.
};

// A record that a reader of committed records found in an output topic.
struct Seen {
  Kind kind = Kind::kEnriched;
  std::string id;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = 0;
  std::string profile{};      // Of an alert.
  std::uint64_t payload = 0;  // Of an enriched event or a dead letter.
};

using Place = std::pair<Kind, std::int32_t>;  // An output topic and a partition of it.

// What the group had committed at a moment, and where the outputs ended after it.
struct Snapshot {
  std::map<std::int32_t, std::int64_t> committed;  // By partition of the raw topic.
  std::map<Place, std::int64_t> ends;
};

struct Findings {
  std::int64_t sent = 0;
  std::int64_t seen = 0;
  std::int64_t lost = 0;        // Outputs that are missing.
  std::int64_t duplicate = 0;   // Outputs that are there too often.
  std::int64_t both = 0;        // Articles with a dead letter and an event or an alert.
  std::int64_t reordered = 0;   // First appearances that overtook another of their key.
  std::int64_t unexpected = 0;  // Outputs of no article, or of the wrong kind.
  std::int64_t mismatch = 0;    // Events that `wirewatch classify` gives otherwise; changed bytes.
  std::int64_t aborted_visible = 0;     // Records of aborted transactions that the reader saw.
  std::int64_t committed_ahead = 0;     // Articles below a committed offset without all outputs.
  std::int64_t peak_per_s = 0;          // Most outputs in a second.
  std::vector<std::string> examples{};  // Of what is wrong, the first few.

  // Everything but duplicates, which at-least-once delivery allows in bounds.
  [[nodiscard]] bool sound() const {
    return lost + both + reordered + unexpected + mismatch + aborted_visible + committed_ahead == 0;
  }
};

// `aborted` are the records of output topics that the broker's log holds as aborted.
[[nodiscard]] Findings check(const std::map<std::string, Sent>& sent, const std::vector<Seen>& seen,
                             const std::vector<Snapshot>& snapshots,
                             const std::set<std::pair<Place, std::int64_t>>& aborted);

}  // namespace wirewatch::faults
