#include <iostream>
#include <string>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "common/http/http_get.h"
#include "services/wirewatch/commands.h"

namespace wirewatch {

std::expected<std::string, std::string> own_host(const Config& config) {
  in_addr v4{};
  if (::inet_pton(AF_INET, config.http_address.c_str(), &v4) == 1)  // 0.0.0.0 listens here, too.
    return v4.s_addr == htonl(INADDR_ANY) ? "127.0.0.1" : config.http_address;
  in6_addr v6{};
  if (::inet_pton(AF_INET6, config.http_address.c_str(), &v6) == 1)
    return IN6_IS_ADDR_UNSPECIFIED(&v6) ? "::1" : config.http_address;
  return std::unexpected("http.address \"" + config.http_address + "\" is no IP address");
}

int command_probe(const Config& config, const std::string& path) {
  const auto host = own_host(config);
  if (!host) {
    std::cerr << host.error() << "\n";
    return kExitConfig;
  }
  const auto answer = http_get(*host, std::to_string(config.http_port), path);
  if (!answer) {
    std::cerr << answer.error() << "\n";
    return kExitFailure;
  }
  std::cout << answer->body;
  return answer->status == 200 ? kExitOk : kExitFailure;
}

}  // namespace wirewatch
