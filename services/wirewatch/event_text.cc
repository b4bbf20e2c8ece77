#include "services/wirewatch/event_text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

#include <simdjson.h>

#include "common/base/printable.h"
#include "common/base/utf8.h"

namespace wirewatch {

namespace {

using simdjson::dom::element;

// What `make` makes of an event. A record that lacks what every event of ours has is none.
template <typename Make>
auto text_of(std::string_view json, Make make) -> std::optional<decltype(make(element()))> {
  // One for each thread: it grows to the largest event that it has read.
  static thread_local simdjson::dom::parser parser;
  try {
    return make(parser.parse(json).value());
  } catch (const simdjson::simdjson_error&) {
    return std::nullopt;
  }
}

// A text of an event, or nothing where it has none there.
std::string_view text_at(const element& event, std::string_view pointer) {
  std::string_view text;
  return event.at_pointer(pointer).get(text) == simdjson::SUCCESS ? text : std::string_view();
}

// The last name in a piece of evidence's path, with a colon behind it, or nothing.
std::string name_around(const element& evidence) {
  simdjson::dom::array path;
  std::string name;
  if (evidence["path"].get(path) != simdjson::SUCCESS) return name;
  for (const element step_element : path) {
    const std::string_view step(step_element);
    if (step.starts_with('$')) name = std::string(step) + ": ";
  }
  return name;
}

// "$names: Pyongyang (headline), North Korea (lede); score 5, threshold 2", of an alert of ours. A
// name stands before the first of what was found by it.
std::string reason_of(const element& alert) {
  constexpr int kShownMax = 4;
  std::string reason;
  std::string last_name;
  std::set<std::string> told;
  for (const element evidence : alert["evidence"]) {
    if (told.size() == kShownMax) break;
    const std::string piece = std::string(std::string_view(evidence["text"])) + " (" +
                              std::string(std::string_view(evidence["zone"])) + ")";
    if (!told.insert(piece).second) continue;  // Two clauses found the same.
    const std::string name = name_around(evidence);
    reason += (reason.empty() ? "" : ", ") + (name == last_name ? "" : name) + piece;
    last_name = name;
  }
  std::array<char, 64> score{};
  std::snprintf(score.data(), score.size(), "; score %.4g, threshold %.4g", double(alert["score"]),
                double(alert["threshold"]));
  return reason.empty() ? "the article's region or topic" : reason + score.data();
}

// Level, profile and headline; what matched.
std::string alert_lines(const element& event) {
  const bool killed = text_at(event, "/article/signal") == "kill";
  const std::string reason = reason_of(event);
  std::string text = killed ? "WITHDRAWN " : "ALERT ";
  text += std::string_view(event["profile"]["level"]);
  text += "  ";
  text += std::string_view(event["profile"]["title"]);
  text += " [";
  text += std::string_view(event["profile"]["id"]);
  text += "]  ";
  text += text_at(event, "/article/headline");
  return printable(text) + "\n      because: " + printable(reason) + "\n";
}

std::string origin_line(const element& event) {
  std::string text;
  for (const std::string_view pointer :
       {"/article/source", "/article/versionCreated", "/article/url"}) {
    const std::string_view part = text_at(event, pointer);
    if (!part.empty()) text += (text.empty() ? "" : ", ") + std::string(part);
  }
  if (text.empty()) text = std::string_view(event["article"]["uri"]);
  return "      from: " + printable(text) + "\n";
}

// The values at `pointer` of each of a list, as many as are worth a line, parted by ", ".
std::string listed(const element& event, std::string_view list, std::string_view pointer) {
  constexpr std::size_t kShownMax = 4;
  simdjson::dom::array values;
  std::string text;
  if (event.at_pointer(list).get(values) != simdjson::SUCCESS) return text;
  std::size_t shown = 0;
  for (const element value : values) {
    const std::string_view one = text_at(value, pointer);
    if (one.empty()) continue;
    if (shown++ == kShownMax) return text + " …";
    text += (text.empty() ? "" : ", ") + std::string(one);
  }
  return text;
}

// The beginning of a message as a line: what a terminal might obey is not printed, and neither half
// of a character nor what is none.
std::string beginning_of(std::string_view message) {
  constexpr std::size_t kBytesMax = 160;
  std::size_t size = std::min(message.size(), kBytesMax);
  while (size < message.size() && size > 0 && is_continuation(message[size])) {
    --size;
  }
  const std::string_view shown = message.substr(0, size);
  std::string line = printable(shown);
  if (!simdjson::validate_utf8(shown)) {
    line.clear();
    for (const char c : printable(shown)) {
      line += static_cast<unsigned char>(c) < 0x80 ? std::string(1, c) : "\uFFFD";
    }
  }
  return size < message.size() ? line + "…" : line;
}

}  // namespace

std::optional<AlertText> alert_text(std::string_view alert) {
  return text_of(alert, [](const element& event) {
    return AlertText{.alert = alert_lines(event), .origin = origin_line(event)};
  });
}

std::optional<std::string> enriched_text(std::string_view event) {
  return text_of(event, [](const element& enriched) {
    const element enrichment = enriched["enrichment"];
    std::string_view headline = text_at(enriched, "/article/headlines/0/value");
    if (headline.empty()) headline = std::string_view(enriched["article"]["uri"]);
    std::string text = std::string(headline);
    for (const auto& [list, pointer] :
         {std::pair("/regions", "/country"), std::pair("/topics", "/name"),
          std::pair("/matches", "/profile")}) {
      const std::string part = listed(enrichment, list, pointer);
      text += "  |  " + (part.empty() ? std::string("–") : part);
    }
    return printable(text) + "\n";
  });
}

std::string dead_text(const KafkaRecord& record) {
  const auto header = [&](std::string_view name) {
    for (const KafkaHeader& each : record.headers()) {
      if (each.key == name) return std::string(each.value);
    }
    return std::string("?");
  };
  return "DEAD " + header("wirewatch_reason") + "  " + header("wirewatch_source_topic") + "/" +
         header("wirewatch_source_partition") + "@" + header("wirewatch_source_offset") + ": " +
         beginning_of(header("wirewatch_detail")) + "\n      " + beginning_of(record.value()) +
         "\n";
}

std::optional<std::string> profile_of(std::string_view alert) {
  return text_of(alert, [](const element& event) {
    return std::string(std::string_view(event["profile"]["id"]));
  });
}

}  // namespace wirewatch
