// A profile's text in TOML. README.md has the form.
//
// Unknown keys are errors with a suggestion: a mistyped key would silently change what fires.
//
// Any bytes may come in; nothing is thrown. Threads: from any.

#pragma once

#include <cstddef>
#include <expected>
#include <string_view>
#include <vector>

#include "common/profile/profile.h"

namespace wirewatch {

inline constexpr std::size_t kProfileFileBytesMax = 4UL * 1024 * 1024;

// What shared files define.
struct ProfileLibrary {
  std::vector<ProfileExpression> expressions;
  std::vector<ProfileTermList> term_lists;
};

// One beat. `id` is used when the text names none. The library's definitions are added, marked as
// shared; the beat's own names win over them. `origin` is for messages.
[[nodiscard]] std::expected<ProfileSource, std::vector<ProfileError>> parse_profile(
    std::string_view toml, std::string_view id, std::string_view origin,
    const ProfileLibrary& library = {});

// A shared file: only [expressions], [terms] and [weighted].
[[nodiscard]] std::expected<ProfileLibrary, std::vector<ProfileError>> parse_profile_library(
    std::string_view toml, std::string_view origin);

}  // namespace wirewatch
