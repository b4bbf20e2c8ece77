// One question to a service's port: GET, and the whole answer.

#pragma once

#include <expected>
#include <string>

namespace wirewatch {

struct HttpAnswer {
  int status = 0;
  std::string body;
};

// `host` is a name or an IP address, `port` a number. Blocks for up to five seconds for each of
// connecting, sending and every part of the answer. The error says what is wrong with which
// address: "nothing answers at db1:9464: Connection refused". For any thread.
[[nodiscard]] std::expected<HttpAnswer, std::string> http_get(const std::string& host,
                                                              const std::string& port,
                                                              const std::string& path);

}  // namespace wirewatch
