// What is remembered of the news of late, as a value: to be kept outside of the process, so that a
// restart does not begin anew.
//
//   keep(to_json(signals.state(now_ms)));                                  // now and then
//   signals.restore(merge(everything_kept, half_life_ms, now_ms), now_ms);  // at the start
//
// States of several processes can be merged, because what they remember are shares of the news and
// not counts: each saw a random sample of the same stream, by key. The merged state is their mean,
// each weighed by its age, and never more certain than one of them.
//
// Pure. The parser takes any bytes; a state that claims too much is refused, not believed.

#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/newsroom/arrival_watch.h"
#include "common/newsroom/volume_watch.h"

namespace wirewatch {

struct NamedArrivals {
  std::string name;
  ArrivalState arrivals;
};

struct NewsroomState {
  std::int64_t taken_ms = 0;  // Unix time.
  VolumeState volumes{};
  std::vector<NamedArrivals> sources{};   // Names as in SourceWatch, each once.
  std::vector<NamedArrivals> profiles{};  // By id.
};

// At most some 200 kB, for every country with every subject.
[[nodiscard]] std::string to_json(const NewsroomState& state);
// An error says what is wrong, for a log.
[[nodiscard]] std::expected<NewsroomState, std::string> parse_newsroom_state(std::string_view json);

// The mean of states as of `now_ms`; those that nothing is left of after twenty half-lives, and
// those of the future, are left out. Of sources and profiles the last arrival and the shortest of
// the longest silences, because the others saw a part of their articles only.
[[nodiscard]] NewsroomState merge(std::span<const NewsroomState> states, double half_life_ms,
                                  std::int64_t now_ms);

}  // namespace wirewatch
