// Apache Kafka on loopback by deploy/kafka.sh, each broker behind a proxy, each to be killed,
// stopped and started by itself.

#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "tests/faults/fault_proxy.h"

namespace wirewatch::faults {

class RealKafka {
 public:
  // `script` is deploy/kafka.sh. The error is "" when Kafka cannot be had here.
  [[nodiscard]] static std::expected<std::unique_ptr<RealKafka>, std::string> start(
      const std::string& script, int brokers);
  ~RealKafka();
  RealKafka(const RealKafka&) = delete;
  RealKafka& operator=(const RealKafka&) = delete;

  [[nodiscard]] int size() const { return static_cast<int>(proxies_.size()); }
  [[nodiscard]] const std::string& bootstrap() const { return bootstrap_; }
  [[nodiscard]] std::string proxied_bootstrap() const;
  [[nodiscard]] FaultProxy& proxy(int node = 1) {
    return *proxies_[static_cast<std::size_t>(node - 1)];
  }
  void set_proxies(const ProxyFaults& faults);

  // Nodes count from 1.
  void kill(int node);       // SIGKILL.
  void terminate(int node);  // SIGTERM, and waits for the end.
  void freeze(int node);     // SIGSTOP.
  void thaw(int node);
  // Starts a node that has ended; waits until it listens.
  [[nodiscard]] bool restart(int node);
  void heal();  // Every node runs, no proxy has a fault.
  [[nodiscard]] std::string data_directory(int node) const;

 private:
  RealKafka() = default;
  [[nodiscard]] int pid(int node) const;
  void await_end(int node) const;

  std::string script_;
  std::string directory_;
  std::string bootstrap_;
  int guard_ = -1;  // Whoever waits for its end stops the brokers when this process has died.
  std::vector<std::unique_ptr<FaultProxy>> proxies_;
};

}  // namespace wirewatch::faults
