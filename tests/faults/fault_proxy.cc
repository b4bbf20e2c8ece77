#include "tests/faults/fault_proxy.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <list>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace wirewatch::faults {

namespace {

constexpr std::size_t kQueueBytesMax = 1 << 20;  // Then it reads no more of that side.
constexpr std::size_t kHeldBytesMax = 32 << 20;  // A request is passed on whole.
constexpr int kTickMs = 5;

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void make_ready(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
}

void reset(int& socket) {
  if (socket < 0) return;
  const linger now{1, 0};
  setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  close(socket);
  socket = -1;
}

}  // namespace

// One client's connection and the broker's side of it; of the proxy's thread.
class FaultProxy::Connection {
 public:
  Connection(FaultProxy& proxy, int client) : proxy_(proxy), client_(client) {
    make_ready(client_);
    broker_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(proxy_.upstream_);
    // On loopback this is at once, or refused.
    if (connect(broker_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
      reset(broker_);
    else
      make_ready(broker_);
    open_ = broker_ >= 0;
  }
  ~Connection() {
    reset(client_);
    reset(broker_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void add(std::vector<pollfd>& polled) const {
    if (client_ >= 0 && to_broker_.bytes < kQueueBytesMax) polled.push_back({client_, POLLIN, 0});
    if (broker_ >= 0 && to_client_.bytes < kQueueBytesMax) polled.push_back({broker_, POLLIN, 0});
  }

  // False when the connection is over.
  bool step(const ProxyFaults& faults) {
    if (!open_) return false;
    const std::int64_t now = now_us();
    if (faults.refuse ||
        (faults.reset_every_ms > 0 && now - begun_ > faults.reset_every_ms * 1000LL)) {
      strike();
      return false;
    }
    if (muted_until_ > 0 && now > muted_until_) return false;
    if (faults.half_open && broker_ >= 0) {
      reset(broker_);
      half_open_ = true;
      strike();
    }
    if (half_open_) {
      // The client is answered no more; after the fault it is told, as by a peer that came back.
      if (!faults.half_open) return false;
      char waste[4096];
      while (recv(client_, waste, sizeof(waste), 0) > 0) {
      }
      return true;
    }
    if (faults.blackhole) {
      strike();
      return true;
    }
    if (faults.freeze_request < 0)
      frozen_ = false;
    else if (faults.freeze_request < 64 && (carried_ >> faults.freeze_request & 1) != 0)
      frozen_ = true;
    if (frozen_) return true;
    if (client_ >= 0 && !receive(client_, request_, to_broker_.bytes)) {
      // What is held is delivered although the client has gone.
      if (to_broker_.pieces.empty()) return false;
      reset(client_);
    }
    if (!parse_requests(faults)) return true;
    std::string answer;
    if (broker_ >= 0 && !receive(broker_, answer, to_client_.bytes)) return false;
    if (muted_until_ == 0 && client_ >= 0) put(to_client_, answer, faults, 0);
    if (!write(to_broker_, broker_, now)) return false;
    if (client_ >= 0 && !write(to_client_, client_, now)) return false;
    return client_ >= 0 || !to_broker_.pieces.empty();
  }

 private:
  struct Piece {
    std::int64_t due = 0;
    std::string bytes;
  };
  struct Way {
    std::deque<Piece> pieces;
    std::size_t bytes = 0;
    std::int64_t last_due = 0;
  };

  // Appends what has come. False at the end of the stream.
  static bool receive(int socket, std::string& to, std::size_t queued) {
    char buffer[65536];
    while (queued + to.size() < kHeldBytesMax) {
      const ssize_t count = recv(socket, buffer, sizeof(buffer), 0);
      if (count > 0) {
        to.append(buffer, static_cast<std::size_t>(count));
      } else {
        return count < 0 && (errno == EAGAIN || errno == EINTR);
      }
    }
    return true;
  }

  // Passes on whole requests. False when the connection froze.
  bool parse_requests(const ProxyFaults& faults) {
    while (request_.size() >= 8) {
      std::uint32_t size = 0;
      for (int i = 0; i < 4; ++i)
        size = size << 8 | static_cast<unsigned char>(request_[static_cast<std::size_t>(i)]);
      if (request_.size() < size + std::size_t{4}) return true;
      const int api =
          static_cast<unsigned char>(request_[4]) << 8 | static_cast<unsigned char>(request_[5]);
      if (api < 64) carried_ |= std::uint64_t{1} << api;
      if (api == faults.freeze_request) {
        frozen_ = true;
        ++proxy_.struck_;
        return false;
      }
      const bool strikes =
          faults.request_faults_max == 0 || proxy_.struck_ < faults.request_faults_max;
      std::int64_t extra_us = 0;
      if (strikes && api == faults.hold_request) {
        ++proxy_.struck_;
        extra_us = faults.hold_ms * 1000LL;
      }
      if (muted_until_ == 0)
        put(to_broker_, request_.substr(0, size + std::size_t{4}), faults, extra_us);
      request_.erase(0, size + std::size_t{4});
      if (strikes && api == faults.mute_request && muted_until_ == 0) {
        ++proxy_.struck_;
        muted_until_ = now_us() + faults.mute_reset_ms * 1000LL;
      }
    }
    return true;
  }

  // Counts this connection, once for each set of faults.
  void strike() {
    if (std::exchange(struck_generation_, proxy_.generation_) != proxy_.generation_)
      ++proxy_.struck_;
  }

  void put(Way& way, const std::string& bytes, const ProxyFaults& faults, std::int64_t extra_us) {
    if (!bytes.empty() &&
        (faults.latency_ms > 0 || faults.bytes_per_s > 0 || faults.slice_bytes > 0))
      strike();
    std::size_t at = 0;
    while (at < bytes.size()) {
      std::size_t size = bytes.size() - at;
      if (faults.slice_bytes > 0)
        size =
            std::min<std::size_t>(size, 1 + random_() % static_cast<unsigned>(faults.slice_bytes));
      if (faults.bytes_per_s > 0) size = std::min<std::size_t>(size, 4096);
      std::int64_t due = now_us() + extra_us + faults.latency_ms * 1000LL;
      if (faults.jitter_ms > 0) {
        due += (static_cast<std::int64_t>(random_() % static_cast<unsigned>(2 * faults.jitter_ms)) -
                faults.jitter_ms) *
               1000;
      }
      if (faults.bytes_per_s > 0)
        due = std::max(
            due, way.last_due + static_cast<std::int64_t>(size) * 1'000'000 / faults.bytes_per_s);
      way.last_due = std::max(way.last_due, due);
      way.pieces.push_back({way.last_due, bytes.substr(at, size)});
      way.bytes += size;
      at += size;
    }
  }

  static bool write(Way& way, int socket, std::int64_t now) {
    while (!way.pieces.empty() && way.pieces.front().due <= now) {
      Piece& piece = way.pieces.front();
      const ssize_t count = send(socket, piece.bytes.data(), piece.bytes.size(), MSG_NOSIGNAL);
      if (count < 0) return errno == EAGAIN || errno == EINTR;
      way.bytes -= static_cast<std::size_t>(count);
      piece.bytes.erase(0, static_cast<std::size_t>(count));
      if (!piece.bytes.empty()) return true;
      way.pieces.pop_front();
    }
    return true;
  }

  FaultProxy& proxy_;
  int client_;
  int broker_ = -1;
  bool open_ = false;
  bool half_open_ = false;
  bool frozen_ = false;
  int struck_generation_ = -1;
  std::uint64_t carried_ = 0;  // Requests by number.
  std::int64_t begun_ = now_us();
  std::int64_t muted_until_ = 0;
  std::string request_;
  Way to_broker_;
  Way to_client_;
  std::minstd_rand random_{42};
};

FaultProxy::FaultProxy(std::uint16_t port)
    : port_(port), faults_(std::make_shared<const ProxyFaults>()) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address = loopback(port);
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(listener_, 64) != 0) {
    close(listener_);
    throw std::runtime_error("the proxy cannot listen at port " + std::to_string(port));
  }
  socklen_t size = sizeof(address);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  fcntl(listener_, F_SETFL, fcntl(listener_, F_GETFL) | O_NONBLOCK);
  thread_ = std::thread([this] { serve(); });
}

FaultProxy::~FaultProxy() {
  stopped_ = true;
  thread_.join();
  close(listener_);
}

void FaultProxy::set(const ProxyFaults& faults) {
  const std::lock_guard lock(pass_);  // What is sent from now on meets these faults.
  struck_ = 0;
  ++generation_;
  faults_ = std::make_shared<const ProxyFaults>(faults);
}

void FaultProxy::serve() {
  std::list<Connection> connections;
  std::vector<pollfd> polled;
  while (!stopped_) {
    polled.assign(1, {listener_, POLLIN, 0});
    for (const Connection& connection : connections) connection.add(polled);
    const std::shared_ptr<const ProxyFaults> before = faults_;
    // A frozen connection that has something to read must not make this spin.
    const bool still = before->blackhole || before->freeze_request >= 0;
    if (still)
      std::this_thread::sleep_for(std::chrono::milliseconds(kTickMs));
    else
      poll(polled.data(), polled.size(), kTickMs);
    const std::lock_guard lock(pass_);
    const std::shared_ptr<const ProxyFaults> faults = faults_;
    for (int client = -1; (client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      ++connections_;
      connections.emplace_back(*this, client);
    }
    std::erase_if(connections, [&](Connection& connection) { return !connection.step(*faults); });
  }
}

}  // namespace wirewatch::faults
