// Text of a query → syntax tree. The grammar is in README.md.
//
// Recursive descent with bounds on size and depth; any bytes may come in. What names mean (region
// codes, sub-expressions, wildcards) is the compiler's business; here only the form counts.
//
// Internal to common/profile, and the input of the reference evaluator in its tests.

#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace wirewatch::profile_internal {

enum class QueryOp : std::uint8_t {
  kTerm,       // text: word or phrase with wildcards; exact: letter for letter.
  kRegex,      // text: the expression between the slashes.
  kReference,  // text: the name after '$'.
  kPredicate,  // predicate, text, comparison, value.
  kAnd,        // Two or more children; also for kOr.
  kOr,
  kNot,   // One child.
  kNear,  // Two children, number: words between at most; also kOrderedNear, kNotNear.
  kOrderedNear,
  kSentence,  // Two children; also kParagraph and the kNot….
  kParagraph,
  kNotNear,
  kNotSentence,
  kNotParagraph,
  kNotIn,
  kAtLeast,  // number of children that must hold.
  kTimes,    // One child, number of occurrences.
  kZone,     // One child, zones.
  kFirst,    // One child, number of words.
};

enum class PredicateKind : std::uint8_t {
  kRegion,
  kMentions,
  kTopic,
  kLabel,
  kLanguage,
  kSource,
  kUrgency,
  kSignal,
  kGenre,
};

enum class Comparison : std::uint8_t { kNone, kLess, kLessEqual, kEqual, kGreaterEqual, kGreater };

// Bits of a zone mask: one per Zone, and one for repeated paragraphs of any zone.
inline constexpr std::uint8_t kZoneHeadline = 1;
inline constexpr std::uint8_t kZoneDateline = 2;
inline constexpr std::uint8_t kZoneLede = 4;
inline constexpr std::uint8_t kZoneBody = 8;
inline constexpr std::uint8_t kZoneTail = 16;
inline constexpr std::uint8_t kZoneRepeated = 32;
inline constexpr std::uint8_t kZonesDefault = kZoneHeadline | kZoneLede | kZoneBody;
inline constexpr std::uint8_t kZonesAll = 63;

struct QueryNode {
  QueryOp op = QueryOp::kTerm;
  bool exact = false;
  bool side_by_side = false;  // Of kAnd: has bare words without an operator, outside parentheses.
  std::uint8_t zones = 0;
  PredicateKind predicate = PredicateKind::kRegion;
  Comparison comparison = Comparison::kNone;
  std::uint32_t number = 0;
  float value = 0;
  std::uint32_t begin = 0;  // Bytes [begin, end) of the query's text.
  std::uint32_t end = 0;
  std::uint32_t depth = 1;
  std::string text;
  std::vector<std::uint32_t> children;
};

struct QueryTree {
  std::vector<QueryNode> nodes;
  std::uint32_t root = 0;
};

struct QueryError {
  std::size_t offset = 0;  // Byte in the query's text.
  std::string message;
  std::string cure;
};

inline constexpr std::size_t kQueryBytesMax = 64 * 1024;
inline constexpr std::size_t kQueryNodeMax = 20'000;
inline constexpr std::uint32_t kQueryDepthMax = 64;
inline constexpr std::uint32_t kNearMax = 1000;

[[nodiscard]] std::expected<QueryTree, QueryError> parse_query(std::string_view text);

}  // namespace wirewatch::profile_internal
