#include "common/newsroom/newsroom_state.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <simdjson.h>

#include "common/base/json_writer.h"

namespace wirewatch {

namespace {

constexpr std::int64_t kVersion = 1;
constexpr int kDigits = 4;
constexpr double kHalfLivesMax = 20;
constexpr std::int64_t kFutureMs = 60'000;  // Clocks differ by less.
constexpr std::size_t kArrivalsMax = 20'000;
constexpr std::size_t kNameBytesMax = 512;
// Nobody has seen more articles; the writer's decimals hold it.
constexpr double kCountMax = 1e13;
constexpr double kTimeMax = 1e14;  // Milliseconds: the year 5138.

void write(const std::vector<NamedArrivals>& list, JsonWriter& json) {
  json.begin_array();
  for (const auto& [name, arrivals] : list) {
    constexpr auto kMost = static_cast<std::uint64_t>(kCountMax);  // More would not be read again.
    json.begin_array().string(name);
    json.number(static_cast<std::int64_t>(std::min(arrivals.count, kMost)));
    json.number(arrivals.first_ms).number(arrivals.last_ms);
    json.decimal(arrivals.longest_gap_ms, 0).end_array();
  }
  json.end_array();
}

using Element = simdjson::dom::element;
using Array = simdjson::dom::array;

// A number in [0, max]; false when it is none.
bool read(simdjson::simdjson_result<Element> element, double max, double& value) {
  return element.get(value) == simdjson::SUCCESS && value >= 0 && value <= max;
}
bool read(simdjson::simdjson_result<Element> element, double max, std::int64_t& value) {
  double number = 0;
  if (!read(element, max, number)) return false;
  value = static_cast<std::int64_t>(number);
  return true;
}

bool read_pair(const Array& row, VolumeState::Pair& pair) {
  std::string_view country;
  std::int64_t subject = 0;
  if (row.at(0).get(country) != simdjson::SUCCESS || !read(row.at(1), kAnySubject, subject))
    return false;
  pair.country = CountryCode(country);
  if (pair.country.empty()) return false;
  pair.subject = static_cast<std::uint8_t>(subject);
  // A pair's articles are some of all, and a weighted sum of winsorised deviances is small.
  return read(row.at(2), kCountMax, pair.count) && read(row.at(3), kCountMax, pair.total) &&
         read(row.at(4), kCountMax, pair.deviance) && read(row.at(5), kCountMax, pair.windows) &&
         pair.count <= pair.total;
}

bool read_arrivals(const Element& root, const char* member, std::vector<NamedArrivals>& list) {
  Array rows;
  if (root[member].get(rows) != simdjson::SUCCESS || rows.size() > kArrivalsMax) return false;
  for (const Element element : rows) {
    Array row;
    std::string_view name;
    std::int64_t count = 0;
    ArrivalState arrivals;
    if (element.get(row) != simdjson::SUCCESS || row.at(0).get(name) != simdjson::SUCCESS ||
        name.empty() || name.size() > kNameBytesMax || !read(row.at(1), kCountMax, count) ||
        !read(row.at(2), kTimeMax, arrivals.first_ms) ||
        !read(row.at(3), kTimeMax, arrivals.last_ms) ||
        !read(row.at(4), kTimeMax, arrivals.longest_gap_ms) || arrivals.first_ms > arrivals.last_ms)
      return false;
    arrivals.count = static_cast<std::uint64_t>(count);
    list.push_back({std::string(name), arrivals});
  }
  return true;
}

std::vector<NamedArrivals> merge_arrivals(
    std::span<const NewsroomState* const> states,
    const std::vector<NamedArrivals> NewsroomState::* member) {
  std::map<std::string_view, ArrivalState> merged;
  for (const NewsroomState* state : states) {
    for (const auto& [name, arrivals] : state->*member) {
      const auto [found, inserted] = merged.try_emplace(name, arrivals);
      if (inserted) continue;
      ArrivalState& known = found->second;
      known.count += arrivals.count;
      known.first_ms = std::min(known.first_ms, arrivals.first_ms);
      known.last_ms = std::max(known.last_ms, arrivals.last_ms);
      known.longest_gap_ms = std::min(known.longest_gap_ms, arrivals.longest_gap_ms);
    }
  }
  std::vector<NamedArrivals> list;
  for (const auto& [name, arrivals] : merged) list.push_back({std::string(name), arrivals});
  return list;
}

}  // namespace

std::string to_json(const NewsroomState& state) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("version").number(kVersion).key("taken_ms").number(state.taken_ms);
  const VolumeState& volumes = state.volumes;
  json.key("window_ms").number(volumes.window_ms).key("bins").number(volumes.bins_ended);
  json.key("total").decimal(volumes.total, kDigits);
  json.key("deviance").decimal(volumes.deviance, kDigits);
  json.key("windows").decimal(volumes.windows, kDigits).key("pairs").begin_array();
  for (const VolumeState::Pair& pair : volumes.pairs) {
    json.begin_array().string(pair.country.text()).number(pair.subject);
    json.decimal(pair.count, kDigits).decimal(pair.total, kDigits);
    json.decimal(pair.deviance, kDigits).decimal(pair.windows, kDigits).end_array();
  }
  json.end_array().key("sources");
  write(state.sources, json);
  json.key("profiles");
  write(state.profiles, json);
  json.end_object();
  return out;
}

std::expected<NewsroomState, std::string> parse_newsroom_state(std::string_view text) {
  simdjson::dom::parser parser;
  Element root;
  if (const auto error = parser.parse(text.data(), text.size()).get(root);
      error != simdjson::SUCCESS)
    return std::unexpected(std::string("not JSON: ") + simdjson::error_message(error));
  std::int64_t version = 0;
  if (root["version"].get(version) != simdjson::SUCCESS || version != kVersion)
    return std::unexpected("version is not " + std::to_string(kVersion));
  NewsroomState state;
  VolumeState& volumes = state.volumes;
  if (!read(root["taken_ms"], kTimeMax, state.taken_ms) ||
      !read(root["window_ms"], kTimeMax, volumes.window_ms) ||
      !read(root["bins"], kCountMax, volumes.bins_ended) ||
      !read(root["total"], kCountMax, volumes.total) ||
      !read(root["deviance"], kCountMax, volumes.deviance) ||
      !read(root["windows"], kCountMax, volumes.windows))
    return std::unexpected(
        "taken_ms, window_ms, bins, total, deviance or windows is no number in range");
  Array pairs;
  if (root["pairs"].get(pairs) != simdjson::SUCCESS) return std::unexpected("there are no pairs");
  for (const Element element : pairs) {
    Array row;
    VolumeState::Pair pair;
    if (element.get(row) != simdjson::SUCCESS || !read_pair(row, pair))
      return std::unexpected("pair " + std::to_string(volumes.pairs.size()) + " is wrong");
    volumes.pairs.push_back(pair);
  }
  if (!read_arrivals(root, "sources", state.sources) ||
      !read_arrivals(root, "profiles", state.profiles))
    return std::unexpected("a source or a profile is wrong");
  return state;
}

NewsroomState merge(std::span<const NewsroomState> states, double half_life_ms,
                    std::int64_t now_ms) {
  std::vector<const NewsroomState*> used;
  for (const NewsroomState& state : states) {
    if (state.taken_ms <= now_ms + kFutureMs &&
        static_cast<double>(now_ms - state.taken_ms) < kHalfLivesMax * half_life_ms)
      used.push_back(&state);
  }
  NewsroomState merged;
  if (used.empty()) return merged;
  const auto newest = *std::max_element(used.begin(), used.end(), [](const auto* a, const auto* b) {
    return a->taken_ms < b->taken_ms;
  });
  merged.taken_ms = newest->taken_ms;
  VolumeState& volumes = merged.volumes;
  volumes.window_ms = newest->volumes.window_ms;
  std::map<std::pair<std::uint32_t, std::uint8_t>, VolumeState::Pair> pairs;
  for (const NewsroomState* state : used) {
    const double age = static_cast<double>(std::max<std::int64_t>(now_ms - state->taken_ms, 0));
    const double weight = std::exp2(-age / half_life_ms) / static_cast<double>(used.size());
    // How windows vary depends on their length.
    const double variation = state->volumes.window_ms == volumes.window_ms ? weight : 0;
    volumes.bins_ended = std::max(volumes.bins_ended, state->volumes.bins_ended);
    volumes.total += weight * state->volumes.total;
    volumes.deviance += variation * state->volumes.deviance;
    volumes.windows += variation * state->volumes.windows;
    for (const VolumeState::Pair& pair : state->volumes.pairs) {
      VolumeState::Pair& sum = pairs[{pair.country.index(), pair.subject}];
      sum.country = pair.country;
      sum.subject = pair.subject;
      sum.count += weight * pair.count;
      // What a process does not name was never there among all that it saw.
      sum.total += weight * (pair.total - state->volumes.total);
      sum.deviance += variation * pair.deviance;
      sum.windows += variation * pair.windows;
    }
  }
  for (auto& [key, pair] : pairs) {
    pair.total = std::max(pair.total + volumes.total, pair.count);
    volumes.pairs.push_back(pair);
  }
  const auto all = std::span<const NewsroomState* const>(used);
  merged.sources = merge_arrivals(all, &NewsroomState::sources);
  merged.profiles = merge_arrivals(all, &NewsroomState::profiles);
  return merged;
}

}  // namespace wirewatch
