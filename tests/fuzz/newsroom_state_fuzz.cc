// What is kept of the newsroom's signals: any bytes are refused, or can be merged, taken up, kept
// again and read again.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/base/check.h"
#include "common/newsroom/newsroom_state.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto state = wirewatch::parse_newsroom_state({reinterpret_cast<const char*>(data), size});
  if (!state) {
    WIREWATCH_CHECK(!state.error().empty());
    return 0;
  }
  const wirewatch::NewsroomState both[] = {*state, *state};
  const std::int64_t now = state->taken_ms + 60'000;
  const wirewatch::NewsroomState merged = wirewatch::merge(both, 86'400'000, now);
  static wirewatch::VolumeWatch watch({}, 0);
  watch.restore(merged.volumes);
  watch.advance(0);
  wirewatch::SourceWatch sources({.tracked_max = 8});
  for (const auto& [name, arrivals] : merged.sources) sources.restore(name, arrivals, 60'000, now);
  for (const wirewatch::VolumeState::Pair& pair : merged.volumes.pairs)
    WIREWATCH_CHECK(std::isfinite(watch.row(pair.country, pair.subject).score));
  wirewatch::NewsroomState kept = merged;
  kept.volumes = watch.state();
  WIREWATCH_CHECK(wirewatch::parse_newsroom_state(to_json(kept)));
  return 0;
}
