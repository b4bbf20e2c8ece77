// Writes the outgoing events: `articles.enriched`, `alerts.matched`, and the headers of all three
// topics.
//
// The contract is deploy/schemas: JSON Schemas and an AsyncAPI document. `article` is a valid
// ninjs 3.1 document; what ninjs has no place for stands beside it in `enrichment`. Offsets count
// Unicode code points of headlines[0].value and bodies[0].value of the event itself.
//
// Pure: equal input gives equal bytes and equal ids, so that a replay repeats its events exactly.
// Threads: one writer per thread. Nothing is allocated once the strings have grown.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/article/article.h"
#include "common/article/cloud_event.h"
#include "common/profile/profile.h"
#include "common/region/region.h"
#include "common/text/article_text.h"
#include "common/topic/topic.h"

namespace wirewatch {

enum class EventMode : std::uint8_t {
  kFull,            // The article with its text.
  kEnrichmentOnly,  // The article's identity and the enrichment; offsets refer to the input's text.
};

// Everything that an event tells, by reference.
struct EventInput {
  const Article& article;
  const ArticleText& text;
  const RegionResult& regions;
  const TopicResult& topics;
  const ProfileSet& profiles;
  const ProfileMatches& matches;
  std::string_view rules_version;
};

// Deterministic identifiers: 32 hexadecimal digits.
struct EventId {
  char digits[32];
  [[nodiscard]] std::string_view view() const { return {digits, sizeof(digits)}; }
};
[[nodiscard]] EventId enriched_event_id(const EventInput& input);
[[nodiscard]] EventId alert_event_id(const EventInput& input, const ProfileMatch& match);

class EventWriter {
 public:
  explicit EventWriter(EventMode mode = EventMode::kFull) : mode_(mode) {}

  // Append one JSON object without a line end.
  void write_enriched(const EventInput& input, std::string& out);
  void write_alert(const EventInput& input, const ProfileMatch& match, std::string& out);

 private:
  // Code points before a byte offset, in rising order of offsets where possible.
  [[nodiscard]] std::int64_t code_points(const SourceSpan& span, std::uint32_t offset);
  void index_text(const ArticleText& text);

  EventMode mode_;
  std::vector<std::uint32_t> headline_index_;  // Code points before each 64th byte.
  std::vector<std::uint32_t> body_index_;
  std::string_view headline_;
  std::string_view body_;
};

// Header names and values of an outgoing event; values are free of control characters.
struct OutHeader {
  std::string_view key;
  std::string value;
};

inline constexpr std::string_view kEnrichedType = "wirewatch.article.enriched.v1";
inline constexpr std::string_view kAlertType = "wirewatch.alert.matched.v1";
inline constexpr std::string_view kEventSource = "/wirewatch/enricher";

// Overwrites `headers` with those of CloudEvents 1.0 binary mode. `time_ms` is the article's time
// or the record's; `traceparent` is carried on when the input had one.
void event_headers(std::string_view type, const EventId& id, std::string_view subject,
                   std::int64_t time_ms, std::string_view traceparent,
                   std::vector<OutHeader>& headers);

// Where a record came from.
struct Provenance {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = -1;  // -1 when unknown.
};

// Headers that a dead letter carries beside its original ones: wirewatch_reason, wirewatch_detail,
// wirewatch_position, wirewatch_source_topic, …_partition, …_offset, …_timestamp.
void dead_letter_headers(std::string_view reason, std::string_view detail, std::size_t position,
                         const Provenance& provenance, std::vector<OutHeader>& headers);

}  // namespace wirewatch
