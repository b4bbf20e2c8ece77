#include "common/http/http_server.h"

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>  // Before asio: Boost 1.74 forgets to include it.
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace wirewatch {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

constexpr int kThreads = 2;
constexpr int kConnectionsMax = 256;
constexpr int kTimeoutSeconds = 5;
constexpr std::uint32_t kHeaderBytesMax = 8192;

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const std::string& address, std::uint16_t port, std::map<std::string, Handler> routes)
      : routes_(std::move(routes)), acceptor_(context_), pause_(context_) {
    boost::system::error_code not_one;
    const asio::ip::address parsed = asio::ip::make_address(address, not_one);
    if (not_one)
      throw std::runtime_error("http.address \"" + address +
                               "\" is no IP address, e.g. 127.0.0.1, 0.0.0.0 or ::");
    try {
      const asio::ip::tcp::endpoint endpoint(parsed, port);
      acceptor_.open(endpoint.protocol());
      acceptor_.set_option(asio::socket_base::reuse_address(true));
      acceptor_.bind(endpoint);
      acceptor_.listen(64);
    } catch (const std::exception& error) {
      throw std::runtime_error("cannot listen at " + address + ":" + std::to_string(port) + " (" +
                               error.what() + "); choose another http.port, or 0 for any free one");
    }
    accept();
    for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { context_.run(); });
  }

  ~Impl() {
    context_.stop();
    for (std::thread& thread : threads_) thread.join();
  }

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  // One request. No thread waits for its client, so that slow ones delay nobody.
  struct Session : std::enable_shared_from_this<Session> {
    Session(const Impl& server, asio::ip::tcp::socket socket)
        : server_(server), stream_(std::move(socket)) {
      ++server_.sessions_;
      parser_.header_limit(kHeaderBytesMax);
    }
    ~Session() { --server_.sessions_; }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void start() {
      stream_.expires_after(std::chrono::seconds(kTimeoutSeconds));
      http::async_read_header(stream_, buffer_, parser_,
                              [self = shared_from_this()](beast::error_code code, std::size_t) {
                                self->has_asked_ = true;
                                if (!code) self->answer();
                              });
    }
    [[nodiscard]] bool has_asked() const { return has_asked_; }
    void close_unless_asked() {
      asio::post(stream_.get_executor(), [self = shared_from_this()] {
        if (!self->has_asked_) self->stream_.close();
      });
    }

   private:
    void answer() {
      server_.answer(parser_.get(), response_);
      stream_.expires_after(std::chrono::seconds(kTimeoutSeconds));
      http::async_write(
          stream_, response_, [self = shared_from_this()](beast::error_code code, std::size_t) {
            (void)self->stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, code);
          });
    }

    const Impl& server_;
    std::atomic<bool> has_asked_ = false;
    beast::tcp_stream stream_;
    beast::flat_buffer buffer_;
    http::request_parser<http::empty_body> parser_;
    http::response<http::string_body> response_;
  };

  // The session that has been open the longest without a request, or none. Called by one thread at
  // a time, as accept() is.
  std::shared_ptr<Session> take_longest_silent() {
    while (!silent_.empty()) {
      std::shared_ptr<Session> session = silent_.front().lock();
      silent_.pop_front();
      if (session && !session->has_asked()) return session;
    }
    return nullptr;
  }

  // At the limit whoever has been silent the longest makes room: a probe or a scrape must be
  // answered whatever else has connected. Where all have asked the new one is refused.
  void take_up(asio::ip::tcp::socket socket) {
    if (sessions_ >= kConnectionsMax) {
      const std::shared_ptr<Session> silent = take_longest_silent();
      if (!silent) return;
      silent->close_unless_asked();
    }
    while (!silent_.empty() && silent_.front().expired()) silent_.pop_front();
    const auto session = std::make_shared<Session>(*this, std::move(socket));
    silent_.push_back(session);
    session->start();
  }

  void accept() {
    acceptor_.async_accept(asio::make_strand(context_),
                           [this](beast::error_code code, asio::ip::tcp::socket socket) {
                             if (!code) take_up(std::move(socket));
                             // The process or the system is short of files or memory, and may be
                             // for long.
                             if (code && code != asio::error::operation_aborted) {
                               pause_.expires_after(std::chrono::milliseconds(100));
                               pause_.async_wait([this](beast::error_code) { accept(); });
                             } else if (!code) {
                               accept();
                             }
                           });
  }

  void answer(const http::request<http::empty_body>& request,
              http::response<http::string_body>& response) const {
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
  }

  std::map<std::string, Handler> routes_;
  mutable std::atomic<int> sessions_ = 0;      // Outlives the context, which may hold some.
  std::deque<std::weak_ptr<Session>> silent_;  // In the order of their coming; some have asked.
  asio::io_context context_;
  asio::ip::tcp::acceptor acceptor_;
  asio::steady_timer pause_;
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
