#include "common/kafka/oauth_token.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <simdjson.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/base64.h"
#include "common/base/trimmed.h"
#include "common/kafka/clocks.h"

extern char** environ;  // NOLINT(readability-identifier-naming): POSIX names it.

namespace wirewatch {

namespace {

// Of seconds since 1970. A time beyond the year 9999 is that year's end: librdkafka counts in
// microseconds, and what no integer holds must not be converted to one.
std::int64_t calendar_ms(double seconds) {
  constexpr double kEndOfYear9999S = 253'402'300'799.0;
  return static_cast<std::int64_t>(std::clamp(seconds, 0.0, kEndOfYear9999S) * 1000);
}

// The claims of a JWT taken over into `token`; false when it is none.
bool read_claims(OauthToken& token) {
  const std::string_view jwt = token.value;
  const std::size_t first = jwt.find('.');
  const std::size_t second = first == std::string_view::npos ? first : jwt.find('.', first + 1);
  if (second == std::string_view::npos) return false;
  const std::string_view encoded = jwt.substr(first + 1, second - first - 1);
  std::string payload(base64_bytes_max(encoded.size()), '\0');
  payload.resize(decode_base64(encoded, payload.data()).value_or(0));
  simdjson::dom::parser parser;
  simdjson::dom::element claims;
  if (payload.empty() || parser.parse(payload).get(claims) != simdjson::SUCCESS) return false;
  double expires_s = 0;
  if (claims["exp"].get_double().get(expires_s) != simdjson::SUCCESS) return false;
  token.expires_ms = calendar_ms(expires_s);
  std::string_view subject;
  if (claims["sub"].get_string().get(subject) == simdjson::SUCCESS) token.principal = subject;
  return true;
}

// A process of its own group, its standard output the pipe's end. -1 when it cannot be.
pid_t spawn(const std::string& command, int output) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  sigset_t none;
  sigemptyset(&none);  // Clients' threads block all signals.
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  std::string shell = "/bin/sh";
  std::string option = "-c";
  std::string text = command;
  char* const arguments[] = {shell.data(), option.data(), text.data(), nullptr};
  pid_t child = -1;
  if (posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments, environ) != 0) child = -1;
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return child;
}

}  // namespace

std::expected<OauthToken, std::string> parse_oauth_token(std::string_view printed,
                                                         std::int64_t now_ms) {
  OauthToken token;
  std::string_view text = trimmed(printed);
  double expires_in_s = -1;
  simdjson::dom::parser parser;
  if (text.starts_with('{')) {
    simdjson::dom::element answer;
    std::string_view value;
    if (parser.parse(text.data(), text.size()).get(answer) != simdjson::SUCCESS)
      return std::unexpected("it printed broken JSON");
    if (answer["access_token"].get_string().get(value) != simdjson::SUCCESS)
      return std::unexpected("it printed JSON without a string access_token");
    if (answer["expires_in"].get_double().get(expires_in_s) != simdjson::SUCCESS) expires_in_s = -1;
    text = value;
  }
  if (text.empty()) return std::unexpected("it printed nothing");
  token.value = text;
  if (!read_claims(token)) {
    if (expires_in_s < 0)
      return std::unexpected("it printed neither a JWT with exp nor JSON with expires_in");
    token.expires_ms = calendar_ms(static_cast<double>(now_ms) / 1000 + expires_in_s);
  }
  if (token.expires_ms <= now_ms) return std::unexpected("the token that it printed has expired");
  if (token.principal.empty()) token.principal = "unknown";
  return token;
}

std::expected<std::string, std::string> run_command(const std::string& command, int timeout_ms,
                                                    std::size_t bytes_max) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    return std::unexpected(std::string("it cannot be run: ") +
                           std::generic_category().message(errno));
  const pid_t child = spawn(command, ends[1]);
  ::close(ends[1]);
  if (child < 0) {
    ::close(ends[0]);
    return std::unexpected("it cannot be run: /bin/sh does not start");
  }
  const std::int64_t deadline = steady_ms() + timeout_ms;
  std::string out;
  std::string failure;
  while (failure.empty()) {
    const std::int64_t left = deadline - steady_ms();
    pollfd waiting{ends[0], POLLIN, 0};
    if (left <= 0) {
      failure = "it took longer than " + std::to_string(timeout_ms) + " ms";
    } else if (::poll(&waiting, 1, static_cast<int>(left)) > 0) {
      char buffer[4096];
      const ssize_t size = ::read(ends[0], buffer, sizeof(buffer));
      if (size <= 0) break;
      out.append(buffer, static_cast<std::size_t>(size));
      if (out.size() > bytes_max)
        failure = "it printed more than " + std::to_string(bytes_max) + " bytes";
    }
  }
  ::close(ends[0]);
  if (!failure.empty()) ::kill(-child, SIGKILL);
  int status = 0;
  // Who has closed its output may still run.
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (steady_ms() >= deadline) ::kill(-child, SIGKILL);
    ::usleep(2000);
  }
  if (!failure.empty()) return std::unexpected(failure);
  if (WIFSIGNALED(status))
    return std::unexpected("signal " + std::to_string(WTERMSIG(status)) + " ended it");
  if (WEXITSTATUS(status) != 0)
    return std::unexpected("it ended with status " + std::to_string(WEXITSTATUS(status)));
  return out;
}

}  // namespace wirewatch
