// A small HTTP server for metrics and health: GET and HEAD, a handler per path, a few threads.
//
// It never touches the pipeline: handlers read atomics and the metrics registry. Requests over 8
// KiB, slow ones (5 s) and other methods are refused. Slow clients delay nobody else: of more than
// 256 connections the one that has been silent the longest is closed, and a new one is refused only
// where all the others have asked and wait for their answer.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace wirewatch {

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

class HttpServer {
 public:
  using Handler = std::function<HttpResponse()>;

  // Binds at once; port 0 takes any free one. Throws std::runtime_error when the address cannot be
  // bound, with address and cure in its text. Handlers run on the server's threads.
  HttpServer(const std::string& address, std::uint16_t port, std::map<std::string, Handler> routes);
  ~HttpServer();  // Ends the threads; running requests finish or time out.
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wirewatch
