// Any bytes at /metrics give a reading, and a picture of it; quantiles stay within the bounds.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "common/base/check.h"
#include "services/wirewatch/service_reading.h"
#include "services/wirewatch/top_view.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  wirewatch::Observed service;
  service.address = "service:1";
  service.state = "ready";
  service.before = wirewatch::read_service(bytes.substr(0, size / 2));
  service.now = wirewatch::read_service(bytes);
  service.seconds = 1;
  service.minute_before = service.before;
  service.minute_seconds = 1;
  const wirewatch::Buckets& latency = service.now->latency;
  WIREWATCH_CHECK(latency.bounds.size() == latency.counts.size());
  WIREWATCH_CHECK(!std::isinf(wirewatch::quantile_between({}, latency, .5)));
  WIREWATCH_CHECK(!wirewatch::top_text(std::vector{service}).empty());
  return 0;
}
