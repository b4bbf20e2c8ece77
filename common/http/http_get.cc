#include "common/http/http_get.h"

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <memory>
#include <string_view>
#include <system_error>

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace wirewatch {

namespace {

constexpr timeval kPatience{.tv_sec = 5, .tv_usec = 0};
constexpr std::size_t kAnswerBytesMax = std::size_t{64} << 20;

class Socket {
 public:
  explicit Socket(int number) : number_(number) {}
  ~Socket() {
    if (number_ >= 0) ::close(number_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

// The answer as it is sent; empty, with errno, where there is none.
std::string ask(const addrinfo& address, std::string_view request) {
  const Socket socket(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.number() < 0) return {};
  ::setsockopt(socket.number(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
  ::setsockopt(socket.number(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
  if (::connect(socket.number(), address.ai_addr, address.ai_addrlen) != 0) return {};
  if (::send(socket.number(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return {};
  }
  std::string answer;
  char buffer[16384];
  ssize_t size = 0;
  while (answer.size() < kAnswerBytesMax &&
         (size = ::recv(socket.number(), buffer, sizeof(buffer), 0)) > 0) {
    answer.append(buffer, static_cast<std::size_t>(size));
  }
  if (size < 0) answer.clear();  // A part of an answer is none.
  return answer;
}

// As it stands in a URL.
std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace

std::expected<HttpAnswer, std::string> http_get(const std::string& host, const std::string& port,
                                                const std::string& path) {
  const std::string where = bracketed(host) + ":" + port;
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0)
    return std::unexpected("there is no " + where + ": " + ::gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  const std::string request =
      "GET " + path + " HTTP/1.1\r\nHost: " + where + "\r\nConnection: close\r\n\r\n";
  std::string answer;
  int error = 0;
  for (const addrinfo* at = found; at != nullptr && answer.empty(); at = at->ai_next) {
    errno = 0;
    answer = ask(*at, request);
    error = errno;
  }
  if (error == EAGAIN || error == EINPROGRESS) error = ETIMEDOUT;  // A socket's patience is over.
  if (answer.empty()) {
    return std::unexpected("nothing answers at " + where +
                           (error == 0 ? "" : ": " + std::generic_category().message(error)));
  }
  constexpr std::string_view kVersion = "HTTP/1.";
  constexpr std::size_t kStatus = kVersion.size() + 2;  // Behind the digit and the space.
  const std::size_t end = answer.find("\r\n\r\n");
  HttpAnswer result;
  if (!answer.starts_with(kVersion) || end == std::string::npos || end <= kStatus ||
      std::from_chars(answer.data() + kStatus, answer.data() + end, result.status).ec !=
          std::errc()) {
    return std::unexpected("what answers at " + where + " does not speak HTTP");
  }
  result.body = answer.substr(end + 4);
  return result;
}

}  // namespace wirewatch
