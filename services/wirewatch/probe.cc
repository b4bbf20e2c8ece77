#include <cerrno>
#include <cstring>
#include <iostream>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "services/wirewatch/commands.h"

namespace wirewatch {

int command_probe(const Config& config, const std::string& path) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(config.http_port));
  if (::inet_pton(AF_INET, config.http_address.c_str(), &address.sin_addr) != 1 ||
      address.sin_addr.s_addr == htonl(INADDR_ANY)) {
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);  // Who listens everywhere listens here.
  }
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
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
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
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
