// A TCP proxy between Kafka's clients and one broker that can be made faulty while it runs.
//
// It stands on the port that the broker advertises to clients, so that every connection of theirs
// passes it. From client to broker it knows Kafka's frames (a length, then the number of the
// request), so that it can act on one kind of request. On loopback only. Threads: set() from any.

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace wirewatch::faults {

struct ProxyFaults {
  bool refuse = false;         // Connections are reset, new ones at once.
  int reset_every_ms = 0;      // Every connection is reset (RST) at this age.
  bool blackhole = false;      // Nothing passes, nothing is closed.
  bool half_open = false;      // The broker's side is closed, the client is not told.
  int latency_ms = 0;          // One way, each way.
  int jitter_ms = 0;           // Plus or minus, at random; order is kept.
  int bytes_per_s = 0;         // Each way, of each connection.
  int slice_bytes = 0;         // Written in pieces of 1 to so many bytes.
  int freeze_request = -1;     // Connections that carry this request stand still for good.
  int mute_request = -1;       // This request passes; nothing after it, nor its answer, ...
  int mute_reset_ms = 1000;    // ... and then the connection is reset.
  int hold_request = -1;       // This request is held, and delivered after ...
  int hold_ms = 0;             // ... so long, even when the client has gone.
  int request_faults_max = 0;  // Mutes and holds so many times; 0: always.
};

class FaultProxy {
 public:
  explicit FaultProxy(std::uint16_t port);  // Throws std::runtime_error when it is taken.
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  void set_upstream(std::uint16_t port) { upstream_ = port; }  // On loopback.
  void set(const ProxyFaults& faults);                         // From now on; {} heals.
  // Since set(): the requests that a fault of one request struck, and the connections that any
  // other fault did. While it is 0, the fault has not happened.
  [[nodiscard]] int struck() const { return struck_; }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  class Connection;
  void serve();

  std::uint16_t port_;
  int listener_ = -1;
  std::atomic<std::uint16_t> upstream_ = 0;
  std::mutex pass_;  // Held while bytes are passed on, by one set of faults.
  std::atomic<std::shared_ptr<const ProxyFaults>> faults_;
  std::atomic<int> struck_ = 0;
  int generation_ = 0;  // Counts set(); under pass_.
  std::atomic<int> connections_ = 0;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

}  // namespace wirewatch::faults
