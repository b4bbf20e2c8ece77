// Doubts about profiles that compile: what an editor probably did not mean.
//
// Pure; not for the hot path.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "common/profile/profile.h"

namespace wirewatch {

enum class ProfileLint : std::uint8_t {
  kUnanchored,        // Verified for every article: nothing that it requires can be searched for.
  kContradictory,     // A part can never hold: it requires what it excludes, or two of one kind.
  kUnreachable,       // Asks for what no article has: a score, language, urgency or label.
  kLiteral,           // An operator or wildcard where it is only text: in a list, in source:.
  kSideBySide,        // Bare words without an operator among the alternatives of OR.
  kOverBroad,         // A large share of all articles would match, by estimate.
  kSubsumed,          // Matches only where another profile of the same destination matches.
  kUnusedExpression,  // A named expression or list that the query never uses.
  kTooFewExamples,    // Fewer than two examples that must match and two that must not.
};
[[nodiscard]] std::string_view to_string(ProfileLint lint);  // "unanchored", …

struct ProfileLintOptions {
  bool labels = true;  // Whether articles get labels: a model of them is configured.
};

struct ProfileWarning {
  ProfileLint lint = ProfileLint::kUnanchored;
  ProfileIndex profile;
  ProfileError text;  // Where, what, cure.
};

// `set` must have been compiled from `sources` as a whole. In order of profile.
[[nodiscard]] std::vector<ProfileWarning> lint_profiles(const ProfileSet& set,
                                                        std::span<const ProfileSource> sources,
                                                        const ProfileLintOptions& options = {});

}  // namespace wirewatch
