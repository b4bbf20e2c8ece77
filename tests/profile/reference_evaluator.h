// The query language once more, the slow and plain way: every definition taken literally, over the
// syntax tree, with no index, no sharing and no order of evaluation. The engine is held against it.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/profile/profile.h"
#include "common/profile/query_parser.h"

namespace wirewatch {

class ReferenceEvaluator {
 public:
  // `exclusions` are plain phrases.
  ReferenceEvaluator(const ProfileInput& input, const std::vector<std::string>& exclusions);

  // Terms are words, phrases in which '*' may end a word, and patterns of one word; no names.
  [[nodiscard]] bool holds(const std::string& query);

 private:
  struct Span {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    friend bool operator==(const Span&, const Span&) = default;
  };
  using Spans = std::vector<Span>;
  // What a node says: whether it holds, and where.
  struct Value {
    bool truth = false;
    bool positional = false;
    bool window = false;
    Spans spans;
  };
  using Tree = profile_internal::QueryTree;

  Value evaluate(const Tree& tree, std::uint32_t node, std::uint8_t zones, std::uint32_t first);
  Value together(const profile_internal::QueryNode& node, const Value& a, const Value& b) const;
  Value apart(const Tree& tree, const profile_internal::QueryNode& node, const Value& a,
              std::uint8_t zones, std::uint32_t first);
  Spans find(const std::string& words, std::uint8_t zones, std::uint32_t first) const;
  Spans occurrences(const std::string& words) const;
  Spans occurrences_of(const std::string& words) const;
  Spans pattern_occurrences(const std::string& word, bool regex) const;
  [[nodiscard]] std::uint8_t zone_of(std::uint32_t token) const;
  [[nodiscard]] bool in_order(const profile_internal::QueryNode& node, const Span& a,
                              const Span& b) const;
  [[nodiscard]] bool near(const profile_internal::QueryNode& node, const Span& a,
                          const Span& b) const;
  [[nodiscard]] bool same_field(std::uint32_t a, std::uint32_t b) const;
  static Spans minimal(const Spans& spans);

  const ProfileInput& input_;
  Spans excluded_;
};

}  // namespace wirewatch
