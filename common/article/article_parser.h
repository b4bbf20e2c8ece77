// Message bytes → Article, or the reason why not.
//
// The format is recognised per message: ninjs 1.x, 2.x and 3.x (and Superdesk's dialect), the flat
// JSON of scrapers, news APIs and content management systems, and anything else through a field
// map. What wraps an article is opened: CloudEvents in structured mode, Kafka Connect, Debezium,
// log shippers. A message that gzip or zstd compressed is unpacked. Binary mode of CloudEvents is a
// matter of headers, see cloud_event.h.
//
//   ArticleParser parser(options);
//   Article article;
//   if (const auto parsed = parser.parse(message, article); !parsed) {
//     report(parsed.error().reason, parsed.error().position);
//   }
//
// Limits: a message over message_bytes_max, packed or unpacked, deeper than nesting_max, or without
// any text is refused; a text over text_bytes_max is cut at a character boundary and marked.
// Lifetime: what parse() fills in lives until the next parse() of the same parser, or as long as
// `message`, whichever ends first. Threads: one parser per thread. Cost: one simdjson on-demand
// walk; nothing is allocated once buffers have grown.

#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/article/article.h"
#include "common/article/cloud_event.h"

namespace wirewatch {

// Why a message cannot become an article. The names are the values of the dead letter's reason and
// of the metric label, see to_string().
enum class ParseErrorReason : std::uint8_t {
  kEmpty,               // No bytes (a tombstone).
  kTooLarge,            // More bytes than message_bytes_max, packed or unpacked.
  kInvalidCompression,  // gzip or zstd, but damaged or cut off.
  kInvalidUtf8,         // Not UTF-8.
  kInvalidJson,         // Not a JSON document: syntax, truncation, trailing bytes.
  kNestingTooDeep,      // Deeper than nesting_max.
  kNotAnObject,         // JSON, but no object.
  kNoText,              // Neither headline nor body with any letter.
  kUnsupported,         // Content that this parser does not read (batch CloudEvents, binary data).
  kTypeNotText,         // ninjs `type` is picture, video …: nothing to read.
};
inline constexpr std::size_t kParseErrorReasonCount = 10;

// snake_case name, e.g. "invalid_json".
[[nodiscard]] std::string_view to_string(ParseErrorReason reason);

struct ParseError {
  ParseErrorReason reason = ParseErrorReason::kInvalidJson;
  std::string detail;  // For people: what was found, what would cure it. Plain text.
  // Byte offset in the message where it was noticed, 0 where that is in what it wraps or unpacks
  // to; best effort.
  std::size_t position = 0;
};

// One more place to look for a field: `path` is a dotted path ("kopf.zeile") into the message, and
// into what it wraps, which need not be part of it.
struct FieldMapping {
  std::string path;
  std::string field;  // One of mappable_fields().
};

// The fields that a field map may lead to: "headline", "body", "body_html" …
[[nodiscard]] std::span<const std::string_view> mappable_fields();

struct ArticleParserOptions {
  std::size_t message_bytes_max = 4UL * 1024 * 1024;  // >= 1 KiB.
  std::size_t text_bytes_max = 1024UL * 1024;         // Headline and body each. >= 1 KiB.
  std::size_t nesting_max = 64;                       // 8 to 1024.
  std::vector<FieldMapping> field_map{};              // Tried before the built-in names.
};

class ArticleParser {
 public:
  // Options out of range are a programmer's error; what a user typed is validated by config/.
  explicit ArticleParser(ArticleParserOptions options = {});
  ~ArticleParser();
  ArticleParser(ArticleParser&&) noexcept;
  ArticleParser& operator=(ArticleParser&&) noexcept;

  // Overwrites `article`. `message` may be any bytes; no padding is asked for. `event` are the
  // attributes of a CloudEvent in binary mode, read where the message has no URI, id or date; those
  // of structured mode are in the message. They live as long as `message`.
  [[nodiscard]] std::expected<void, ParseError> parse(std::string_view message, Article& article,
                                                      const CloudEventAttributes& event = {});

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wirewatch
