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

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/article/article.h"
#include "common/article/cloud_event.h"
#include "common/base/json_writer.h"
#include "common/event/place_json.h"
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
  std::span<const RenamedCountry> renamed_countries{};  // Others have their country_name().
};

// Deterministic identifiers: 32 hexadecimal digits.
struct EventId {
  char digits[32];
  [[nodiscard]] std::string_view view() const { return {digits, sizeof(digits)}; }
};

//   writer.begin(input);
//   writer.write_enriched(out);
//   for (std::size_t i = 0; i < input.matches.matches.size(); ++i) writer.write_alert(i,
//   alerts[i]);
//
// Cost: about the speed of copying the text; of what events of one article share, nothing is made
// twice.
class EventWriter {
 public:
  explicit EventWriter(EventMode mode = EventMode::kFull);

  // Takes an article. What `input` refers to must stay as it is until the article's last event is
  // written.
  void begin(const EventInput& input);

  // Append one JSON object without a line end. `match` is a place in the matches of the input.
  void write_enriched(std::string& out);
  void write_alert(std::size_t match, std::string& out) const;

  [[nodiscard]] EventId enriched_id() const;
  [[nodiscard]] EventId alert_id(std::size_t match) const;

 private:
  // Where the code points of 64 bytes of text begin.
  struct Block {
    std::uint64_t leads = 0;   // One bit per byte.
    std::uint32_t before = 0;  // Code points before the block.
  };
  struct Piece {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  static void index_field(std::string_view text, std::vector<Block>& blocks);
  // Code points before a byte offset of a field.
  [[nodiscard]] std::uint32_t code_points(Field field, std::uint32_t offset) const;
  void put_span(const SourceSpan& span, JsonWriter& json) const;
  [[nodiscard]] std::string_view shared(const Piece& piece) const {
    return std::string_view(shared_).substr(piece.begin, piece.end - piece.begin);
  }

  void put_article(JsonWriter& json) const;
  void put_text(JsonWriter& json) const;
  void put_own(std::string_view name, JsonWriter& json) const;
  void put_subjects_and_places(JsonWriter& json) const;
  void put_zones(JsonWriter& json) const;
  void put_regions(JsonWriter& json) const;
  void put_mentions(JsonWriter& json);
  void put_mention(const Mention& mention, JsonWriter& json);
  void put_evidence(const ProfileMatch& match, JsonWriter& json) const;
  void put_matches(JsonWriter& json) const;
  void put_alerted_article(JsonWriter& json) const;

  EventMode mode_;
  // The members whose values are few: `"field":"body"`, by the value's number.
  std::array<JsonFragment, 2> fields_;
  std::array<JsonFragment, kZoneCount> zones_;
  std::array<JsonFragment, 2> mention_heads_;           // `{"field":"body","start":`
  std::array<JsonFragment, kZoneCount> mention_zones_;  // `,"zone":"lede",`
  event_internal::CountryJson countries_;
  event_internal::PlaceJson places_;
  std::string places_version_;  // Of the rules whose places these are.
  std::optional<EventInput> input_;
  std::array<std::uint64_t, 2> content_hash_{};  // Of uri, version, text and status; two seeds.
  std::vector<Block> headline_blocks_;
  std::vector<Block> body_blocks_;
  std::string shared_;  // JSON that several events of the article contain.
  Piece regions_;
  Piece topics_;
  Piece alerted_article_;        // Where there is a match.
  std::vector<Piece> evidence_;  // By match.
};

// Header names and values of an outgoing event; values are free of control characters.
struct OutHeader {
  std::string_view key;
  std::string value;
};

inline constexpr std::string_view kEnrichedType = "wirewatch.article.enriched.v1";
inline constexpr std::string_view kAlertType = "wirewatch.alert.matched.v1";
inline constexpr std::string_view kEventSource = "/wirewatch/enricher";

// Overwrites `headers` with those of CloudEvents 1.0 binary mode, in the memory that they have.
// `time_ms` is the article's time or the record's; `traceparent` is that of the input, carried on
// when it is one.
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
