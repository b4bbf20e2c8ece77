#include "tests/faults/process.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wirewatch::faults {

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void limit(int resource, std::int64_t value) {
  if (value <= 0) return;
  const rlimit both{static_cast<rlim_t>(value), static_cast<rlim_t>(value)};
  setrlimit(static_cast<__rlimit_resource>(resource), &both);
}

// Forks; the child has its output in `output` and becomes the program.
pid_t spawn(const ProcessOptions& options, int output) {
  std::vector<std::string> arguments = options.arguments;
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  for (const auto& [key, value] : options.environment) setenv(key.c_str(), value.c_str(), 1);
  limit(RLIMIT_NOFILE, options.files_max);
  limit(RLIMIT_AS, options.memory_max);
  execvp(pointers[0], pointers.data());
  _exit(127);
}

}  // namespace

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}
void sleep_ms(std::int64_t ms) {
  std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

std::vector<std::uint16_t> free_ports(std::size_t count) {
  std::vector<int> sockets;
  std::vector<std::uint16_t> ports;
  for (std::size_t i = 0; i < count; ++i) {
    sockets.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof(address);
    if (bind(sockets.back(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        getsockname(sockets.back(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
      throw std::runtime_error("no free port");
    ports.push_back(ntohs(address.sin_port));
  }
  for (const int socket : sockets) close(socket);
  return ports;
}

Process::Process(const ProcessOptions& options) {
  const int output = open(options.output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (output < 0) throw std::runtime_error("cannot write " + options.output);
  pid_ = spawn(options, output);
  close(output);
  if (pid_ < 0) throw std::runtime_error("cannot start " + options.arguments[0]);
}

Process::~Process() {
  if (!runs()) return;
  signal(SIGKILL);
  (void)wait(10000);
}

void Process::signal(int number) const {
  if (!status_) kill(pid_, number);
}

std::optional<int> Process::wait(std::int64_t timeout_ms) {
  const std::int64_t deadline = steady_ms() + timeout_ms;
  while (!status_) {
    int status = 0;
    if (waitpid(pid_, &status, WNOHANG) == pid_) {
      status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    } else if (steady_ms() >= deadline) {
      break;
    } else {
      sleep_ms(5);
    }
  }
  return status_;
}

std::int64_t Process::status_kb(const std::string& field) const {
  if (status_) return 0;
  std::ifstream file("/proc/" + std::to_string(pid_) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(field + ":")) return std::stoll(line.substr(field.size() + 1));
  }
  return 0;
}
std::int64_t Process::peak_rss_kb() const {
  return status_kb("VmHWM");
}
std::int64_t Process::rss_kb() const {
  return status_kb("VmRSS");
}
std::int64_t Process::open_files() const {
  std::error_code code;
  const std::filesystem::directory_iterator files("/proc/" + std::to_string(pid_) + "/fd", code);
  return code ? 0 : std::distance(begin(files), end(files));
}

bool Process::hold_threads(const std::string& name, std::int64_t ms) const {
  std::vector<pid_t> held;
  std::error_code code;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid_) + "/task", code)) {
    std::string comm;
    std::getline(std::ifstream(entry.path() / "comm"), comm);
    const pid_t thread = std::stoi(entry.path().filename().string());
    if (comm != name || ptrace(PTRACE_SEIZE, thread, 0, 0) != 0) continue;
    ptrace(PTRACE_INTERRUPT, thread, 0, 0);
    waitpid(thread, nullptr, __WALL);
    held.push_back(thread);
  }
  if (held.empty()) return false;
  sleep_ms(ms);
  for (const pid_t thread : held) ptrace(PTRACE_DETACH, thread, 0, 0);
  return true;
}

std::pair<int, std::string> run(
    const std::vector<std::string>& arguments,
    const std::vector<std::pair<std::string, std::string>>& environment) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  ProcessOptions options{.arguments = arguments, .output = {}, .environment = environment};
  const pid_t pid = spawn(options, ends[1]);
  close(ends[1]);
  std::string output;
  char buffer[65536];
  for (ssize_t count = 0; (count = read(ends[0], buffer, sizeof(buffer))) > 0;)
    output.append(buffer, static_cast<std::size_t>(count));
  close(ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), output};
}

int connect_to(std::uint16_t port) {
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{5, 0};
  setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  const sockaddr_in address = loopback(port);
  if (connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0)
    return client;
  close(client);
  return -1;
}

HttpAnswer http_get(std::uint16_t port, const std::string& path) {
  return wirewatch::http_get("127.0.0.1", std::to_string(port), path).value_or(HttpAnswer{});
}

}  // namespace wirewatch::faults
