// The process's log.

#pragma once

#include <string_view>

namespace wirewatch {

// Sets up spdlog's default logger, which writes to standard error. `level` is one of spdlog's;
// `format` is auto, text or json; auto is text when standard error is a terminal. Before any other
// thread logs.
void init_logging(std::string_view level, std::string_view format);

}  // namespace wirewatch
