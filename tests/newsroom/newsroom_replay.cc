// Replays an archive through VolumeWatch by the articles' own time, and prints the bursts: for
// choosing newsroom.window_s, and for seeing what the method finds in news that one knows.
//
//   wirewatch classify --json archive.ndjson | newsroom_replay [--window_s N] [--half_life_s N]
//       [--score X] [--articles N]
//
// Lines need `versionCreated`; those without are left out. A burst is printed once, when it begins,
// and its pair is quiet again when its score has fallen below half of the threshold.

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <simdjson.h>

#include "common/article/date_time.h"
#include "common/newsroom/volume_watch.h"

namespace wirewatch {
namespace {

struct Line {
  std::int64_t time_ms = 0;
  std::string headline;
  std::vector<CountryScore> about;
  std::vector<TopicScore> topics;
};

bool read(simdjson::dom::parser& parser, const std::string& text, Line& line) {
  simdjson::dom::element root;
  std::string_view time;
  if (parser.parse(text).get(root) != simdjson::SUCCESS ||
      root["article"]["versionCreated"].get(time) != simdjson::SUCCESS)
    return false;
  const auto ms = parse_date_time(time);
  if (!ms) return false;
  line.time_ms = *ms;
  std::string_view word;
  line.headline.clear();
  if (root["article"]["headlines"].at(0)["value"].get(word) == simdjson::SUCCESS)
    line.headline = word;
  line.about.clear();
  line.topics.clear();
  simdjson::dom::array array;
  if (root["enrichment"]["regions"].get(array) == simdjson::SUCCESS) {
    for (const auto region : array) {
      if (region["country"].get(word) == simdjson::SUCCESS)
        line.about.push_back({CountryCode(word), 1, 1});
    }
  }
  if (root["enrichment"]["topics"].get(array) == simdjson::SUCCESS) {
    for (const auto topic : array) {
      std::int64_t level = 0;
      if (topic["id"].get(word) == simdjson::SUCCESS && word.size() > 7 &&
          topic["level"].get(level) == simdjson::SUCCESS && level == 1) {
        line.topics.push_back(
            {TopicId(static_cast<std::uint32_t>(std::stoul(std::string(word.substr(7))))), 1, 1});
      }
    }
  }
  return true;
}

int run(int argc, char** argv) {
  CLI::App app("Prints the bursts of an archive");
  std::int64_t window_s = 600;
  std::int64_t half_life_s = 86400;
  double threshold = 6;
  std::uint32_t articles_min = 10;
  app.add_option("--window_s", window_s);
  app.add_option("--half_life_s", half_life_s);
  app.add_option("--score", threshold);
  app.add_option("--articles", articles_min);
  CLI11_PARSE(app, argc, argv);

  std::vector<Line> lines;
  simdjson::dom::parser parser;
  std::string text;
  std::size_t without_time = 0;
  for (Line line; std::getline(std::cin, text);) {
    if (read(parser, text, line))
      lines.push_back(line);
    else
      ++without_time;
  }
  if (lines.empty()) {
    std::printf("no article has a time\n");
    return 1;
  }
  std::stable_sort(lines.begin(), lines.end(),
                   [](const Line& a, const Line& b) { return a.time_ms < b.time_ms; });
  VolumeOptions options;
  options.bin_ms = window_s * 100;
  options.half_life_bins = static_cast<double>(half_life_s * 10) / static_cast<double>(window_s);
  VolumeWatch watch(options, lines.front().time_ms);
  std::map<std::pair<std::string, std::uint8_t>, bool> bursting;
  std::vector<VolumeRow> rows;
  std::size_t bursts = 0;
  for (const Line& line : lines) {
    watch.observe(line.about, line.topics, line.time_ms);
    for (auto& [pair, on] : bursting) {
      if (on && watch.row(CountryCode(pair.first), pair.second).score < threshold / 2) on = false;
    }
    watch.top(5, rows);
    for (const VolumeRow& row : rows) {
      if (row.score <= threshold || row.articles < articles_min) continue;
      bool& on = bursting[{std::string(row.country.text()), row.subject}];
      if (on) continue;
      on = true;
      ++bursts;
      std::string time;
      append_rfc3339(line.time_ms, time);
      std::printf("%s  %.*s  %.*s  %u articles, %.1f expected, score %.1f  %s\n", time.c_str(), 2,
                  row.country.text().data(), static_cast<int>(subject_name(row.subject).size()),
                  subject_name(row.subject).data(), row.articles, row.expected, row.score,
                  line.headline.c_str());
    }
  }
  std::printf("%zu articles, %zu without a time, %zu bursts\n", lines.size(), without_time, bursts);
  return 0;
}

}  // namespace
}  // namespace wirewatch

int main(int argc, char** argv) {
  return wirewatch::run(argc, argv);
}
