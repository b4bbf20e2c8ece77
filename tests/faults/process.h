// Programs under test: started with their output in a file, stopped, watched, and asked by HTTP.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "common/http/http_get.h"

namespace wirewatch::faults {

[[nodiscard]] std::int64_t steady_ms();
void sleep_ms(std::int64_t ms);
[[nodiscard]] std::vector<std::uint16_t> free_ports(std::size_t count);  // On loopback.

struct ProcessOptions {
  std::vector<std::string> arguments;  // The program first.
  std::string output;                  // File that both outputs are appended to.
  std::vector<std::pair<std::string, std::string>> environment{};
  std::int64_t files_max = 0;   // ulimit -n; 0 leaves it.
  std::int64_t memory_max = 0;  // ulimit -v, in bytes; 0 leaves it.
};

// Ends with the thread that started it, at the latest.
class Process {
 public:
  explicit Process(const ProcessOptions& options);
  ~Process();  // Kills what still runs.
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const;
  // The status (128 + signal where one ended it), or nothing while it runs after so long.
  std::optional<int> wait(std::int64_t timeout_ms);
  [[nodiscard]] bool runs() { return !wait(0).has_value(); }
  [[nodiscard]] std::int64_t peak_rss_kb() const;  // 0 when it has ended.
  [[nodiscard]] std::int64_t rss_kb() const;
  [[nodiscard]] std::int64_t open_files() const;
  // Stops the threads of this name for so long, and only them. False when there is none.
  [[nodiscard]] bool hold_threads(const std::string& name, std::int64_t ms) const;

 private:
  [[nodiscard]] std::int64_t status_kb(const std::string& field) const;
  pid_t pid_ = -1;
  std::optional<int> status_;
};

// Runs a program to its end. The status and what it printed.
std::pair<int, std::string> run(
    const std::vector<std::string>& arguments,
    const std::vector<std::pair<std::string, std::string>>& environment = {});

// Of this machine; status 0 where there is no answer.
[[nodiscard]] HttpAnswer http_get(std::uint16_t port, const std::string& path);
[[nodiscard]] int connect_to(std::uint16_t port);  // A socket, or -1.

}  // namespace wirewatch::faults
