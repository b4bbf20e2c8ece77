#include "common/http/http_server.h"

#include <atomic>
#include <stdexcept>
#include <thread>
#include <utility>  // Before asio: Boost 1.74 forgets to include it.
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <sys/socket.h>
#include <sys/time.h>

namespace wirewatch {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr int kThreads = 4;
constexpr int kTimeoutSeconds = 5;
constexpr std::uint32_t kHeaderBytesMax = 8192;

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const std::string& address, std::uint16_t port, std::map<std::string, Handler> routes)
      : routes_(std::move(routes)), acceptor_(context_) {
    try {
      const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(address), port);
      acceptor_.open(endpoint.protocol());
      acceptor_.set_option(asio::socket_base::reuse_address(true));
      acceptor_.bind(endpoint);
      acceptor_.listen(64);
    } catch (const std::exception& error) {
      throw std::runtime_error("cannot listen at " + address + ":" + std::to_string(port) + " (" +
                               error.what() + "); choose another http.port, or 0 for any free one");
    }
    for (int i = 0; i < kThreads; ++i) {
      threads_.emplace_back([this] { serve(); });
    }
  }

  ~Impl() {
    stopping_ = true;
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR);  // Wakes the accepting threads.
    for (std::thread& thread : threads_) thread.join();
  }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  void serve() {
    while (!stopping_) {
      beast::error_code code;
      asio::ip::tcp::socket socket(context_);
      acceptor_.accept(socket, code);
      if (stopping_) return;
      if (code) continue;
      answer(socket);
      socket.shutdown(asio::ip::tcp::socket::shutdown_both, code);
    }
  }

  void answer(asio::ip::tcp::socket& socket) const {
    const timeval timeout{kTimeoutSeconds, 0};
    ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    beast::error_code code;
    beast::flat_buffer buffer;
    http::request_parser<http::empty_body> parser;
    parser.header_limit(kHeaderBytesMax);
    http::read_header(socket, buffer, parser, code);
    if (code) return;
    const auto& request = parser.get();
    http::response<http::string_body> response;
    response.version(request.version());
    response.keep_alive(false);
    response.set(http::field::server, "wirewatch");
    const std::string target(request.target().substr(0, request.target().find('?')));
    if (request.method() != http::verb::get && request.method() != http::verb::head) {
      response.result(http::status::method_not_allowed);
      response.set(http::field::allow, "GET, HEAD");
      response.body() = "only GET and HEAD\n";
    } else if (const auto route = routes_.find(target); route != routes_.end()) {
      HttpResponse made = route->second();
      response.result(static_cast<unsigned>(made.status));
      response.set(http::field::content_type, made.content_type);
      response.body() = std::move(made.body);
    } else {
      response.result(http::status::not_found);
      response.set(http::field::content_type, "text/plain; charset=utf-8");
      std::string paths;
      for (const auto& [path, handler] : routes_) paths += path + "\n";
      response.body() = "not found; there are\n" + paths;
    }
    response.prepare_payload();
    if (request.method() == http::verb::head) response.body().clear();
    http::write(socket, response, code);
  }

  std::map<std::string, Handler> routes_;
  asio::io_context context_;
  asio::ip::tcp::acceptor acceptor_;
  std::atomic<bool> stopping_ = false;
  std::vector<std::thread> threads_;
};

HttpServer::HttpServer(const std::string& address, std::uint16_t port,
                       std::map<std::string, Handler> routes)
    : impl_(std::make_unique<Impl>(address, port, std::move(routes))) {}
HttpServer::~HttpServer() = default;
std::uint16_t HttpServer::port() const {
  return impl_->port();
}

}  // namespace wirewatch
