// Reads profiles from a folder: one TOML file per beat, `<id>.toml`. README.md has the form.

#pragma once

#include <expected>
#include <string>
#include <vector>

#include "common/profile/profile.h"

namespace wirewatch {

// All *.toml files of `directory` in order of name, or every error in them with file, line and
// column.
[[nodiscard]] std::expected<std::vector<ProfileSource>, std::vector<ProfileError>> load_profiles(
    const std::string& directory);

}  // namespace wirewatch
