// Whether one part of a query implies another, told by their form alone: what finds profiles that
// contradict themselves or that another one makes superfluous.
//
// Sound and not complete: "implies" is true of every article, its denial may only mean that the
// forms do not show it.
//
//   Implication implication(compiled);
//   if (implication.holds(own_root, other_root)) …   // Matches only where the other does.
//
// Internal to common/profile; for lint_profiles(), not for the hot path.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/profile/profile_tables.h"

namespace wirewatch::profile_internal {

// A word of a term as it is searched for: folded.
struct SoughtWord {
  std::string text;
  bool open = false;  // Any ending: "korea*".

  // Whether every word that `other` stands for is one of those that this stands for.
  [[nodiscard]] bool covers(const SoughtWord& other) const {
    return open ? other.text.starts_with(text) : !other.open && other.text == text;
  }
};
using SoughtWords = std::vector<SoughtWord>;

// Empty when the term has a wildcard other than an open ending.
[[nodiscard]] SoughtWords sought_words(std::string_view term);

// Whether `outer` stands, at the same words, wherever `inner` does.
[[nodiscard]] bool covers(const SoughtWords& outer, const SoughtWords& inner);

// What a comparison lets through of the values that there are: saliences and confidences, which
// are above 0 and at most 1, or numbers of mentions, from 1 on.
struct Degrees {
  float low = 0;
  float high = 0;
  bool with_low = true;
  bool with_high = true;

  [[nodiscard]] bool none() const {
    return low > high || (low == high && !(with_low && with_high));
  }
  [[nodiscard]] bool within(const Degrees& other) const {
    return (low > other.low || (low == other.low && (other.with_low || !with_low))) &&
           (high < other.high || (high == other.high && (other.with_high || !with_high)));
  }
};
[[nodiscard]] Degrees degrees_of(const Predicate& predicate, bool counted);

// Lifetime: the compiled set must outlive it. Threads: one thread, for it remembers words of terms.
class Implication {
 public:
  explicit Implication(const ProfileSet::Compiled& set) : set_(set), words_(set.terms.size()) {}

  // Whether node `b` holds wherever node `a` does. Gives up, with false, after 20,000 comparisons.
  [[nodiscard]] bool holds(std::uint32_t a, std::uint32_t b);

  // Of a term of the set.
  [[nodiscard]] const SoughtWords& words(const Term& term);

 private:
  bool implies(std::uint32_t a, std::uint32_t b);
  [[nodiscard]] bool degree_implies(NodeKind kind, const Predicate& a, const Predicate& b) const;
  bool term_implies(const Term& a, const Term& b);

  const ProfileSet::Compiled& set_;
  // By term; kept, for every term may be held against every other.
  std::vector<std::optional<SoughtWords>> words_;
  std::size_t left_ = 0;  // Comparisons.
};

}  // namespace wirewatch::profile_internal
