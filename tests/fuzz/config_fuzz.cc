// A configuration file, an environment variable and a flag: any bytes are taken, or refused with a
// place; what is taken, printed and read again is the same.

#include <cstddef>
#include <cstdint>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/config/config.h"

namespace {

// A file in memory, by a path that it can be opened at.
class MemoryFile {
 public:
  MemoryFile() : file_(::memfd_create("config", MFD_CLOEXEC)) {}
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }
  void write(const void* data, std::size_t size) const {
    WIREWATCH_CHECK(::ftruncate(file_, 0) == 0);
    WIREWATCH_CHECK(::pwrite(file_, data, size, 0) == static_cast<ssize_t>(size));
  }

 private:
  int file_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const MemoryFile file;
  file.write(data, size);
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string key = text.substr(0, text.find('='));
  const std::string value = text.substr(std::min(text.size(), key.size() + 1));
  const auto config =
      wirewatch::load_config({.files = {file.path()}, .environment = {}, .flags = {}});
  if (!config) {
    WIREWATCH_CHECK(!config.error().empty());
    for (const wirewatch::ConfigError& error : config.error())
      WIREWATCH_CHECK(to_text(error).starts_with(error.origin) && !error.message.empty());
  } else if (config->kafka_properties.empty()) {  // Those may be secrets, which are not printed.
    const std::string dump = config_dump(*config);
    file.write(dump.data(), dump.size());
    const auto again =
        wirewatch::load_config({.files = {file.path()}, .environment = {}, .flags = {}});
    WIREWATCH_CHECK(again && config_dump(*again) == dump);
  }
  (void)wirewatch::load_config(
      {.files = {}, .environment = {{"WIREWATCH_" + key, value}}, .flags = {}});
  (void)wirewatch::load_config({.files = {}, .environment = {}, .flags = {{key, value}}});
  return 0;
}
