#include "common/profile_store/profile_store.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include <sys/stat.h>

#include "common/base/closest_name.h"
#include "common/base/hash.h"
#include "common/profile_store/profile_toml.h"

namespace wirewatch {

namespace {

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::string text;
  std::array<char, 16384> block{};
  while (text.size() <= kProfileFileBytesMax &&
         (in.read(block.data(), block.size()) || in.gcount() > 0)) {
    text.append(block.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) return std::nullopt;
  return text;
}

// The folder's TOML files, sorted by name.
std::expected<std::vector<std::filesystem::path>, std::string> list_files(
    const std::string& directory) {
  std::error_code error;
  std::filesystem::directory_iterator entries(directory, error);
  if (error) return std::unexpected(error.message());
  std::vector<std::filesystem::path> files;
  for (const std::filesystem::directory_iterator end; entries != end; entries.increment(error)) {
    const std::filesystem::path& path = entries->path();
    // Kubernetes mounts files as symbolic links through a hidden folder; status() follows them.
    std::error_code ignored;
    if (!path.filename().string().starts_with('.') && path.extension() == ".toml" &&
        std::filesystem::is_regular_file(std::filesystem::status(path, ignored))) {
      files.push_back(path);
    }
  }
  if (error) return std::unexpected(error.message());
  std::sort(files.begin(), files.end());
  return files;
}

// "beat.tml", "beat.TOML", "beat.toml.txt", "beat.toml.bak".
bool is_misnamed(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  static constexpr std::string_view kExtension = ".toml";
  return path.stem().extension() == kExtension ||
         closest_name(extension, {&kExtension, 1}) == kExtension;
}

void append(std::vector<ProfileError>& errors, const std::vector<ProfileError>& more) {
  errors.insert(errors.end(), more.begin(), more.end());
}

// A file's text, or one that stands for a file.
struct Document {
  std::string name;  // Without ".toml".
  std::string origin;
  std::optional<std::string> text;  // Nothing when it cannot be read.
};

bool is_shared(const Document& document) {
  return document.name.starts_with('_');
}

// In order of name.
std::expected<std::vector<Document>, std::vector<ProfileError>> read_documents(
    const std::string& directory, const ProfileTexts& texts) {
  const auto files = list_files(directory);
  if (!files) {
    return std::unexpected(std::vector<ProfileError>{
        {directory, 0, 0, "the folder of profiles cannot be read: " + files.error()}});
  }
  std::vector<Document> documents;
  for (const std::filesystem::path& path : *files) {
    std::string name = path.stem().string();
    if (!texts.contains(name)) {
      documents.push_back({std::move(name), path.string(), read_file(path)});
    }
  }
  for (const auto& [name, text] : texts) documents.push_back({name, "profile " + name, text});
  std::sort(documents.begin(), documents.end(),
            [](const Document& a, const Document& b) { return a.name < b.name; });
  return documents;
}

std::vector<ProfileError> cannot_be_read(const Document& document) {
  return {{document.origin, 0, 0, "the file cannot be read; does it exist, and may you read it?"}};
}

// Where a name was first defined by a shared file.
struct SharedName {
  std::string name;
  std::string origin;
  std::size_t line = 0;
};

// Of two shared files that define one name either could win, by their order: both are named.
void check_shared_names(const ProfileLibrary& library, const std::string& origin,
                        std::vector<SharedName>& names, std::vector<ProfileError>& errors) {
  const std::size_t before = names.size();  // A file's own names have been held against each other.
  const auto check = [&](const std::string& name, std::size_t line, std::size_t column) {
    const auto end = names.begin() + static_cast<std::ptrdiff_t>(before);
    const auto other = std::find_if(names.begin(), end,
                                    [&](const SharedName& entry) { return entry.name == name; });
    if (other != end) {
      errors.push_back({origin, line, column,
                        "$" + name + " is defined in " + other->origin + ":" +
                            std::to_string(other->line) +
                            " too; shared files share one set of names: rename one of the two"});
    }
    names.push_back({name, origin, line});
  };
  for (const ProfileExpression& entry : library.expressions) {
    check(entry.name, entry.query.line, entry.query.column);
  }
  for (const ProfileTermList& entry : library.term_lists)
    check(entry.name, entry.line, entry.column);
}

// What the shared ones among `documents` define; their faults are appended to `errors`.
ProfileLibrary read_library(const std::vector<Document>& documents,
                            std::vector<ProfileError>& errors) {
  ProfileLibrary library;
  std::vector<SharedName> names;
  for (const Document& document : documents) {
    if (!is_shared(document)) continue;
    if (!document.text) {
      append(errors, cannot_be_read(document));
      continue;
    }
    auto parsed = parse_profile_library(*document.text, document.origin);
    if (!parsed) {
      append(errors, parsed.error());
      continue;
    }
    check_shared_names(*parsed, document.origin, names, errors);
    std::move(parsed->expressions.begin(), parsed->expressions.end(),
              std::back_inserter(library.expressions));
    std::move(parsed->term_lists.begin(), parsed->term_lists.end(),
              std::back_inserter(library.term_lists));
  }
  return library;
}

std::expected<ProfileSource, std::vector<ProfileError>> read_profile(
    const Document& document, const ProfileLibrary& library) {
  if (!document.text) return std::unexpected(cannot_be_read(document));
  return parse_profile(*document.text, document.name, document.origin, library);
}

}  // namespace

std::expected<std::vector<ProfileSource>, std::vector<ProfileError>> load_profiles(
    const std::string& directory, const ProfileTexts& texts) {
  const auto documents = read_documents(directory, texts);
  if (!documents) return std::unexpected(documents.error());
  std::vector<ProfileError> errors;
  const ProfileLibrary library = read_library(*documents, errors);
  const bool library_holds = errors.empty();
  std::vector<ProfileSource> profiles;
  for (const Document& document : *documents) {
    if (is_shared(document)) continue;
    if (auto parsed = read_profile(document, library)) {
      profiles.push_back(std::move(*parsed));
    } else {
      append(errors, parsed.error());
    }
  }
  if (errors.empty()) return profiles;
  // The queries of the others too, so that an editor need not come back for them; but not where
  // names that they share are missing.
  if (library_holds) {
    if (const auto set = ProfileSet::compile(profiles); !set) append(errors, set.error());
  }
  return std::unexpected(std::move(errors));
}

std::string no_profiles_text(const std::string& directory) {
  return directory +
         ": there are no profiles in this folder, and without one nothing alerts; they are files "
         "<id>.toml directly in the folder that profiles.directory names";
}

std::vector<std::string> ignored_profile_files(const std::string& directory) {
  std::vector<std::string> ignored;
  std::error_code error;
  std::filesystem::recursive_directory_iterator entries(directory, error);
  for (const std::filesystem::recursive_directory_iterator end;
       !error && entries != end && ignored.size() < kIgnoredFilesMax; entries.increment(error)) {
    const std::filesystem::path& path = entries->path();
    const bool hidden = path.filename().string().starts_with('.');
    std::error_code unknown;
    const bool here = entries.depth() == 0;
    const bool named = path.extension() == ".toml";
    if (entries->is_directory(unknown)) {
      if (hidden) entries.disable_recursion_pending();
      if (!hidden && here && named) ignored.push_back(path.string());
      continue;
    }
    const bool is_file = entries->is_regular_file(unknown);
    if (!hidden && (named ? !here || !is_file : here && is_misnamed(path)))
      ignored.push_back(path.string());
  }
  std::sort(ignored.begin(), ignored.end());
  return ignored;
}

std::string ignored_file_text(const std::string& path) {
  std::error_code unknown;
  if (std::filesystem::is_symlink(path, unknown) && !std::filesystem::exists(path, unknown)) {
    return path + ": ignored, for the link leads to no file; remove it, or put its target back";
  }
  return path + ": ignored; profiles are files <id>.toml directly in the folder";
}

std::expected<ProfileSource, std::vector<ProfileError>> load_profile(const std::string& path,
                                                                     const std::string& directory) {
  std::vector<ProfileError> errors;
  ProfileLibrary library;
  if (const auto documents = read_documents(directory, {})) {
    library = read_library(*documents, errors);
  }
  if (!errors.empty()) return std::unexpected(std::move(errors));
  return read_profile({std::filesystem::path(path).stem().string(), path, read_file(path)},
                      library);
}

std::uint64_t profiles_fingerprint(const std::string& directory, const ProfileTexts& texts) {
  const auto files = list_files(directory);
  if (!files) return hash_bytes(files.error());
  std::uint64_t hash = files->size();
  for (const auto& [name, text] : texts) hash = hash_bytes(text, hash_bytes(name, hash));
  for (const std::filesystem::path& path : *files) {
    hash = hash_bytes(path.native(), hash);
    struct stat state{};
    if (::stat(path.c_str(), &state) != 0) continue;  // Gone again; the next look sees it.
    for (const auto part :
         {static_cast<std::uint64_t>(state.st_ino), static_cast<std::uint64_t>(state.st_size),
          static_cast<std::uint64_t>(state.st_mtim.tv_sec),
          static_cast<std::uint64_t>(state.st_mtim.tv_nsec)}) {
      hash = hash_combine(hash, part);
    }
  }
  return hash;
}

}  // namespace wirewatch
