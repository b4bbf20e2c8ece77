// The faults by family, and what they share. Internal to the scenarios.

#pragma once

#include <vector>

#include "tests/faults/scenarios.h"

namespace wirewatch::faults {

inline constexpr int kRate = 300;  // Articles a second, unless a scenario says otherwise.

// Numbers of requests in Kafka's protocol.
inline constexpr int kProduce = 0;
inline constexpr int kFetch = 1;
inline constexpr int kOffsetCommit = 8;
inline constexpr int kJoinGroup = 11;
inline constexpr int kHeartbeat = 12;
inline constexpr int kEndTxn = 26;

// One enricher under load, reading.
void begin(World& world, int rate = kRate);

// Enrichers that are killed, stopped, started and added.
[[nodiscard]] std::vector<Scenario> process_faults();
// Brokers that die and stand still.
[[nodiscard]] std::vector<Scenario> broker_faults();
// What happens on the way to Kafka and back, by the fault proxy.
[[nodiscard]] std::vector<Scenario> network_faults();
// Answers that only the embedded broker can be made to give.
[[nodiscard]] std::vector<Scenario> broker_error_faults();
// Topics that vanish, grow, or take no more.
[[nodiscard]] std::vector<Scenario> topic_faults();
// Credentials that run out.
[[nodiscard]] std::vector<Scenario> credential_faults();
// Messages that are no articles.
[[nodiscard]] std::vector<Scenario> input_faults();
// The process itself, its files, memory and clock.
[[nodiscard]] std::vector<Scenario> internal_faults();

}  // namespace wirewatch::faults
