// Articles in flight, without Kafka.

#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "services/enricher/in_flight.h"

namespace wirewatch {

// The views must outlive it.
inline std::unique_ptr<InFlight> article(std::int32_t partition, std::int64_t offset,
                                         std::string_view key = "k", std::string_view value = "v") {
  auto made = std::make_unique<InFlight>();
  made->record = KafkaRecord(partition, offset, key, value);
  made->bytes = 1;
  return made;
}

}  // namespace wirewatch
