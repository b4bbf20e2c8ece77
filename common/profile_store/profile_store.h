// Reads profiles from a folder: one TOML file per beat, `<id>.toml`, in the form of profile_toml.h.
//
// Files whose names begin with '_' hold expressions and lists that all profiles may use.
//
// Any bytes may come in; nothing is thrown. Threads: from any.

#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <vector>

#include "common/profile/profile.h"

namespace wirewatch {

// Texts of files by name without ".toml" that come from elsewhere: they stand in for those of the
// folder, or beside them.
using ProfileTexts = std::map<std::string, std::string>;

// All *.toml files of `directory` in order of name, hidden ones left out, or every error in them
// with file, line and column, and then in the queries of the others. An empty folder gives no
// profiles and is no error.
[[nodiscard]] std::expected<std::vector<ProfileSource>, std::vector<ProfileError>> load_profiles(
    const std::string& directory, const ProfileTexts& texts = {});

// What to tell people of a folder that gives no profiles.
[[nodiscard]] std::string no_profiles_text(const std::string& directory);

// Paths in and below `directory` that look like profiles and are none: names as "beat.tml" and
// "beat.toml.txt", *.toml files of subfolders, and what is called *.toml and is no file: a folder,
// a link that leads nowhere. Hidden files and folders are left out. Sorted, kIgnoredFilesMax at
// most; empty where the folder cannot be read.
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
