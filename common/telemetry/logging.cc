#include "common/telemetry/logging.h"

#include <chrono>
#include <memory>
#include <string>

#include <spdlog/details/log_msg.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "common/base/json_writer.h"

namespace wirewatch {

namespace {

// One JSON object per line: ts, level, msg. spdlog's patterns do not escape.
class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(message.time.time_since_epoch())
            .count();
    const auto level = spdlog::level::to_string_view(message.level);
    std::string line;
    JsonWriter(line)
        .begin_object()
        .key("ts")
        .raw(std::to_string(ms / 1000) + "." + std::to_string(1000 + ms % 1000).substr(1))
        .key("level")
        .plain({level.data(), level.size()})
        .key("msg")
        .string({message.payload.data(), message.payload.size()})
        .end_object();
    line.push_back('\n');
    out.append(line.data(), line.data() + line.size());
  }
  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonFormatter>();
  }
};

}  // namespace

void init_logging(std::string_view level, std::string_view format) {
  auto logger = std::make_shared<spdlog::logger>("wirewatch",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
  const bool json = format == "json" || (format == "auto" && ::isatty(STDERR_FILENO) == 0);
  if (json) {
    logger->set_formatter(std::make_unique<JsonFormatter>());
  } else {
    logger->set_pattern("%H:%M:%S %l %v");
  }
  logger->set_level(spdlog::level::from_str(std::string(level == "warn" ? "warning" : level)));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace wirewatch
