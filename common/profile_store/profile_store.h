// Reads profiles from a folder: one TOML file per beat, `<id>.toml`. README.md has the form.
//
// Files whose names begin with '_' hold expressions and lists that all profiles may use. Unknown
// keys are errors with a suggestion: a mistyped key would silently change what fires.
//
// Any bytes may come in; nothing is thrown. Threads: from any.

#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <string>
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

// Texts of files by name without ".toml" that come from elsewhere: they stand in for those of the
// folder, or beside them.
using ProfileTexts = std::map<std::string, std::string>;

// All *.toml files of `directory` in order of name, hidden ones left out, or every error in them
// with file, line and column. An empty folder gives no profiles and is no error.
[[nodiscard]] std::expected<std::vector<ProfileSource>, std::vector<ProfileError>> load_profiles(
    const std::string& directory, const ProfileTexts& texts = {});

// What to tell people of a folder that gives no profiles.
[[nodiscard]] std::string no_profiles_text(const std::string& directory);

// Paths in and below `directory` that look like profiles and are none: names as "beat.tml" and
// "beat.toml.txt", and *.toml files of subfolders. Hidden files and folders are left out. Sorted,
// kIgnoredFilesMax at most; empty where the folder cannot be read.
[[nodiscard]] std::vector<std::string> ignored_profile_files(const std::string& directory);
inline constexpr std::size_t kIgnoredFilesMax = 20;
// The message about one of them, with the cure.
[[nodiscard]] std::string ignored_file_text(const std::string& path);

// One beat's file, with the definitions that the files of `directory` share.
[[nodiscard]] std::expected<ProfileSource, std::vector<ProfileError>> load_profile(
    const std::string& path, const std::string& directory);

// A hash of the texts, and of names, sizes, times and identities of the folder's files: another one
// when anything has been written, renamed or, as Kubernetes does it, linked to another folder.
// Reads no file's contents.
[[nodiscard]] std::uint64_t profiles_fingerprint(const std::string& directory,
                                                 const ProfileTexts& texts = {});

}  // namespace wirewatch
