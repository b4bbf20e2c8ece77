#include <cerrno>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "services/wirewatch/commands.h"

namespace wirewatch {

namespace {

// Where a service that listens as configured is reached from its own machine; null, after a
// message, when no service can listen there.
std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> own_address(const Config& config) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(config.http_address.c_str(), std::to_string(config.http_port).c_str(), &hints,
                    &found) != 0) {
    std::cerr << "http.address \"" << config.http_address << "\" is no IP address\n";
    found = nullptr;
  } else if (found->ai_family == AF_INET) {  // Who listens everywhere listens here.
    auto& address = reinterpret_cast<sockaddr_in*>(found->ai_addr)->sin_addr;
    if (address.s_addr == htonl(INADDR_ANY)) address.s_addr = htonl(INADDR_LOOPBACK);
  } else {
    auto& address = reinterpret_cast<sockaddr_in6*>(found->ai_addr)->sin6_addr;
    if (IN6_IS_ADDR_UNSPECIFIED(&address)) address = in6addr_loopback;
  }
  return {found, &::freeaddrinfo};
}

}  // namespace

int command_probe(const Config& config, const std::string& path) {
  const auto address = own_address(config);
  if (!address) return kExitConfig;
  const int socket = ::socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) {
    std::cerr << "no socket: " << std::strerror(errno) << "\n";
    return kExitFailure;
  }
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  const std::string request =
      "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  std::string answer;
  if (::connect(socket, address->ai_addr, address->ai_addrlen) == 0 &&
      ::send(socket, request.data(), request.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(request.size())) {
    char buffer[1024];
    ssize_t size = 0;
    while ((size = ::recv(socket, buffer, sizeof(buffer), 0)) > 0 && answer.size() < 8192)
      answer.append(buffer, static_cast<std::size_t>(size));
  }
  ::close(socket);
  const std::size_t body = answer.find("\r\n\r\n");
  if (body == std::string::npos) {
    std::cerr << "nothing answers at port " << config.http_port << "\n";
    return kExitFailure;
  }
  std::cout << answer.substr(body + 4);
  return answer.starts_with("HTTP/1.1 200 ") ? kExitOk : kExitFailure;
}

}  // namespace wirewatch
