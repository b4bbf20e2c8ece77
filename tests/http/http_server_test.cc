#include "common/http/http_server.h"

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace wirewatch {
namespace {

// A connection to loopback whose reads give up after half a minute.
class Connection {
 public:
  explicit Connection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval limit{.tv_sec = 30, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~Connection() { ::close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }
  void send(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // Closed by the other side.
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  // Everything until the server closes; `closed` is false when it did not.
  std::string receive(bool& closed) const {
    std::string text;
    char buffer[4096];
    while (true) {
      const ssize_t size = ::recv(socket_, buffer, sizeof(buffer), 0);
      closed = size == 0 || (size < 0 && errno == ECONNRESET);
      if (size <= 0) return text;
      text.append(buffer, static_cast<std::size_t>(size));
    }
  }

 private:
  int socket_;
  bool connected_ = false;
};

class HttpServerTest : public testing::Test {
 protected:
  // What the server answers before it closes the connection.
  std::string ask(std::string_view request) {
    const Connection connection(server_.port());
    connection.send(request);
    bool closed = false;
    std::string answer = connection.receive(closed);
    EXPECT_TRUE(closed) << request.substr(0, 60);
    return answer;
  }
  static std::string status(const std::string& answer) {
    return answer.size() < 12 ? "" : answer.substr(9, 3);
  }
  bool works() { return status(ask("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")) == "200"; }

  std::atomic<int> calls_ = 0;
  HttpServer server_{"127.0.0.1", 0, {{"/livez", [this] {
                                         ++calls_;
                                         return HttpResponse{200, "text/plain", "ok\n"};
                                       }}}};
};

TEST_F(HttpServerTest, AnswersGetAndHead) {
  const std::string got = ask("GET /livez?verbose=1 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(status(got), "200");
  EXPECT_TRUE(got.ends_with("\r\n\r\nok\n")) << got;
  const std::string head = ask("HEAD /livez HTTP/1.0\r\n\r\n");
  EXPECT_EQ(status(head), "200");
  EXPECT_TRUE(head.ends_with("\r\n\r\n")) << head;
  EXPECT_EQ(status(ask("GET /other HTTP/1.1\r\nHost: x\r\n\r\n")), "404");
}

TEST_F(HttpServerTest, NothingThatWritesIsReached) {
  for (const char* method :
       {"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "X"}) {
    const std::string answer = ask(std::string(method) + " /livez HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(status(answer), "405") << method;
    EXPECT_NE(answer.find("Allow: GET, HEAD"), std::string::npos) << method;
  }
  EXPECT_EQ(calls_, 0);
}

TEST_F(HttpServerTest, LongHeadersAreRefused) {
  const std::string fields = "GET /livez HTTP/1.1\r\nHost: x\r\nX: ";
  EXPECT_EQ(status(ask(fields + std::string(4000, 'a') + "\r\n\r\n")), "200");
  EXPECT_NE(status(ask(fields + std::string(9000, 'a') + "\r\n\r\n")), "200");
  EXPECT_NE(status(ask("GET /" + std::string(100000, 'a') + " HTTP/1.1\r\n\r\n")), "200");
  EXPECT_EQ(calls_, 1);
  EXPECT_TRUE(works());
}

TEST_F(HttpServerTest, BodiesAreNotRead) {
  const std::string request = "GET /livez HTTP/1.1\r\nHost: x\r\n";
  // Closed without waiting for what is announced.
  ask(request + "Content-Length: 1000000\r\n\r\n");
  ask(request + "Content-Length: 99999999999999\r\n\r\n");
  ask(request + "Transfer-Encoding: chunked\r\n\r\n");
  ask(request + "Content-Length: 400000\r\n\r\n" + std::string(400000, 'x'));
  EXPECT_TRUE(works());
}

TEST_F(HttpServerTest, BrokenRequestsEndTheirConnectionOnly) {
  for (const std::string& request :
       {std::string("\r\n\r\n"), std::string("GET\r\n\r\n"), std::string("\0\xff\x16\x03\x01", 5),
        std::string("GET /livez HTTP/9.9\r\n\r\n"), std::string("GET  /livez HTTP/1.1\r\n\r\n")}) {
    EXPECT_NE(status(ask(request)), "200");
  }
  EXPECT_TRUE(works());
}

TEST_F(HttpServerTest, WhoDoesNotFinishAskingIsDroppedAndDelaysNobody) {
  const Connection silent(server_.port());
  const Connection slow(server_.port());
  slow.send("GET /livez HTTP/1.1\r\nHo");
  EXPECT_TRUE(works());
  for (const Connection* connection : {&silent, &slow}) {
    bool closed = false;
    EXPECT_EQ(connection->receive(closed), "");
    EXPECT_TRUE(closed);
  }
}

TEST_F(HttpServerTest, OverTheLimitTheLongestSilentMakesRoomForWhoAsks) {
  // An answer in between shows that the server has taken up all before: else the queue of the
  // system runs over, and what it drops then is taken up seconds later.
  std::vector<std::unique_ptr<Connection>> silent;
  for (int i = 0; i < 300; ++i) {
    if (i % 32 == 0) {
      ASSERT_TRUE(works());
    }
    silent.push_back(std::make_unique<Connection>(server_.port()));
    ASSERT_TRUE(silent.back()->connected());
  }
  ASSERT_TRUE(works());
  // The first were closed, and the last stand.
  bool closed = false;
  EXPECT_EQ(silent.front()->receive(closed), "");
  EXPECT_TRUE(closed);
  silent.back()->send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(status(silent.back()->receive(closed)), "200");
}

TEST_F(HttpServerTest, AnAddressThatCannotBeHadIsToldWithItsCure) {
  const auto refuse = [](const std::string& address, std::uint16_t port) -> std::string {
    try {
      const HttpServer second(address, port, {});
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  };
  const std::string taken = refuse("127.0.0.1", server_.port());
  EXPECT_NE(taken.find(std::to_string(server_.port())), std::string::npos) << taken;
  EXPECT_NE(taken.find("http.port"), std::string::npos) << taken;
  EXPECT_NE(refuse("nowhere", 0).find("nowhere"), std::string::npos);
}

}  // namespace
}  // namespace wirewatch
