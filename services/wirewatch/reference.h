// The reference of the commands, made from the very table that parses them: docs/COMMANDS.md, the
// man page, and completion for bash.

#pragma once

#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11 names it.
class App;
}

namespace wirewatch {

// `form` is markdown, man or bash.
[[nodiscard]] std::string command_reference(const CLI::App& app, const std::string& form);

}  // namespace wirewatch
