// The proxy against a server that answers each frame by itself.

#include "tests/faults/fault_proxy.h"

#include <atomic>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace wirewatch::faults {
namespace {

// Counts frames and echoes them.
class EchoServer {
 public:
  EchoServer() {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address));
    listen(listener_, 8);
    socklen_t size = sizeof(address);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    thread_ = std::thread([this] {
      for (int client = -1; (client = accept(listener_, nullptr, nullptr)) >= 0;) {
        std::thread([this, client] {
          char buffer[4096];
          for (ssize_t n = 0; (n = recv(client, buffer, sizeof(buffer), 0)) > 0;) {
            received += n;
            send(client, buffer, static_cast<std::size_t>(n), MSG_NOSIGNAL);
          }
          close(client);
          ++closed;
        }).detach();
      }
    });
  }
  ~EchoServer() {
    // While it listens: what was reset at once may not have been accepted yet.
    while (closed < expected_closed) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    shutdown(listener_, SHUT_RDWR);
    close(listener_);
    thread_.join();
  }
  std::uint16_t port = 0;
  std::atomic<std::int64_t> received = 0;
  std::atomic<int> closed = 0;
  std::atomic<int> expected_closed = 0;

 private:
  int listener_ = -1;
  std::thread thread_;
};

class ProxyTest : public testing::Test {
 protected:
  ProxyTest() : proxy_(0) {
    proxy_.set_upstream(server_.port);
    client_ = dial();
  }
  ~ProxyTest() override {
    proxy_.set({});
    close(client_);
    server_.expected_closed = proxy_.connections();
  }
  [[nodiscard]] int dial() const {
    const int client = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(proxy_.port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(client, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    wait_at_most(client, {0, 400'000});
    return client;
  }
  // How long a read waits for bytes that may never come.
  static void wait_at_most(int client, timeval limit) {
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  }
  // A frame of request `api`, with `extra` bytes.
  static std::string frame(int api, std::size_t extra = 0) {
    std::string out(8 + extra, 'x');
    const std::size_t size = 4 + extra;
    for (std::size_t i = 0; i < 4; ++i) out[i] = static_cast<char>(size >> (8 * (3 - i)));
    out[4] = static_cast<char>(api >> 8);
    out[5] = static_cast<char>(api);
    return out;
  }
  // What comes back of `bytes`, until nothing does.
  [[nodiscard]] std::size_t echo(const std::string& bytes) const {
    send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    std::size_t back = 0;
    char buffer[4096];
    while (back < bytes.size()) {
      const ssize_t n = recv(client_, buffer, sizeof(buffer), 0);
      if (n <= 0) break;
      back += static_cast<std::size_t>(n);
    }
    return back;
  }

  EchoServer server_;
  FaultProxy proxy_;
  int client_ = -1;
};

TEST_F(ProxyTest, PassesEverything) {
  EXPECT_EQ(echo(frame(0, 100'000)), 100'008U);
}

TEST_F(ProxyTest, PassesRequestsLargerThanItsQueue) {
  const std::string large = frame(0, 5'000'000);
  wait_at_most(client_, {20, 0});  // All bytes come, however busy the machine is.
  std::thread sender([&] { send(client_, large.data(), large.size(), MSG_NOSIGNAL); });
  std::size_t back = 0;
  char buffer[65536];
  while (back < large.size()) {
    const ssize_t n = recv(client_, buffer, sizeof(buffer), 0);
    if (n <= 0) break;
    back += static_cast<std::size_t>(n);
  }
  sender.join();
  EXPECT_EQ(back, large.size());
}

TEST_F(ProxyTest, SlicesKeepEveryByte) {
  proxy_.set({.slice_bytes = 7});
  EXPECT_EQ(echo(frame(1, 20'000)), 20'008U);
}

TEST_F(ProxyTest, ABlackHoleSwallowsAndHeals) {
  ASSERT_EQ(echo(frame(1)), 8U);
  proxy_.set({.blackhole = true});
  EXPECT_EQ(echo(frame(1)), 0U);
  proxy_.set({});
  EXPECT_GE(echo(frame(1)), 8U);  // What was held comes first.
}

TEST_F(ProxyTest, RefusesConnections) {
  proxy_.set({.refuse = true});
  EXPECT_EQ(echo(frame(1)), 0U);
}

TEST_F(ProxyTest, TellsWhetherAFaultMetAConnection) {
  for (const ProxyFaults& faults :
       {ProxyFaults{.reset_every_ms = 50}, ProxyFaults{.blackhole = true},
        ProxyFaults{.half_open = true}, ProxyFaults{.latency_ms = 1},
        ProxyFaults{.bytes_per_s = 1000000}, ProxyFaults{.slice_bytes = 3},
        ProxyFaults{.refuse = true}}) {
    proxy_.set({});
    close(client_);
    client_ = dial();
    ASSERT_EQ(echo(frame(1)), 8U);
    EXPECT_EQ(proxy_.struck(), 0);
    proxy_.set(faults);
    for (int tries = 0; proxy_.struck() == 0 && tries < 50; ++tries) (void)echo(frame(1, 100));
    EXPECT_EQ(proxy_.struck(), 1);
  }
}

TEST_F(ProxyTest, FreezesOnlyTheNamedRequest) {
  proxy_.set({.freeze_request = 0});
  EXPECT_EQ(echo(frame(1)), 8U);
  EXPECT_EQ(echo(frame(0)), 0U);
  EXPECT_EQ(proxy_.struck(), 1);
  EXPECT_EQ(server_.received, 8);
}

TEST_F(ProxyTest, AMutedRequestArrivesAndItsAnswerDoesNot) {
  proxy_.set({.mute_request = 3, .mute_reset_ms = 100});
  EXPECT_EQ(echo(frame(1)), 8U);
  EXPECT_EQ(echo(frame(3)), 0U);
  EXPECT_EQ(server_.received, 16);
}

TEST_F(ProxyTest, AHeldRequestArrivesAlthoughItsClientHasGone) {
  proxy_.set({.hold_request = 26, .hold_ms = 300, .request_faults_max = 1});
  const std::string bytes = frame(26);
  send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  while (proxy_.struck() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(server_.received, 0);
  close(client_);
  while (server_.received < 8) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  client_ = dial();
  EXPECT_EQ(echo(frame(26)), 8U);  // Once is enough.
}

}  // namespace
}  // namespace wirewatch::faults
