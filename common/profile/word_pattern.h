// A wildcard or regular expression over one folded word.
//
// Wildcards: '*' any run of characters, '?' exactly one, '%' one or none. Regular expressions:
// letters and digits, '.', [abc], [a-z], [^abc], \d, groups, '|', '?', '*', '+', {n}, {n,m}; they
// match whole words. Matching simulates a position automaton of at most 64 positions: linear.
//
// Internal to common/profile.

#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wirewatch::profile_internal {

struct PatternError {
  std::size_t offset = 0;  // In the pattern.
  std::string message;
  std::string cure;
};

class WordPattern {
 public:
  [[nodiscard]] static std::expected<WordPattern, PatternError> from_wildcard(
      std::string_view text);
  [[nodiscard]] static std::expected<WordPattern, PatternError> from_regex(std::string_view text);

  // True when the whole folded word matches.
  [[nodiscard]] bool matches(std::string_view word) const;

  // Folded letters with which every match begins, in which every match ends, and the longest run of
  // letters that every match contains; empty when there are none. They find the words to try at
  // all.
  [[nodiscard]] const std::string& prefix() const { return prefix_; }
  [[nodiscard]] const std::string& suffix() const { return suffix_; }
  [[nodiscard]] const std::string& run() const { return run_; }

  [[nodiscard]] std::size_t memory_bytes() const;

  static constexpr std::size_t kPositionMax = 64;

 private:
  friend class PatternParser;
  struct Class {
    bool negated = false;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges;  // Code points, inclusive.
  };

  // "*shima" and "*shima*" need no automaton: their run says all.
  enum class Shape : std::uint8_t { kAutomaton, kEndsWith, kContains };

  void drop_automaton(Shape shape);

  Shape shape_ = Shape::kAutomaton;
  std::vector<Class> classes_;  // One per position.
  std::vector<std::uint64_t> follow_;
  std::uint64_t first_ = 0;
  std::uint64_t last_ = 0;
  bool nullable_ = false;
  std::string prefix_;
  std::string suffix_;
  std::string run_;
};

}  // namespace wirewatch::profile_internal
