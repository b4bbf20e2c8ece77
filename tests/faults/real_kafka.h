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
  // `script` is deploy/kafka.sh. A secure one is a single broker that wants tokens of clients. The
  // error is "" when Kafka cannot be had here.
  [[nodiscard]] static std::expected<std::unique_ptr<RealKafka>, std::string> start(
      const std::string& script, int brokers, bool secure = false);
  ~RealKafka();
  RealKafka(const RealKafka&) = delete;
  RealKafka& operator=(const RealKafka&) = delete;

  [[nodiscard]] int size() const { return static_cast<int>(proxies_.size()); }
  [[nodiscard]] const std::string& bootstrap() const { return bootstrap_; }
  // Where the programs under test connect to: through the proxies, or with tokens.
  [[nodiscard]] std::string client_bootstrap() const;
  [[nodiscard]] bool is_secure() const { return !secure_bootstrap_.empty(); }
  // Another certificate, from the next start of a secure broker on.
  [[nodiscard]] bool change_certificate();
  [[nodiscard]] FaultProxy& proxy(int node = 1) {
    return *proxies_[static_cast<std::size_t>(node - 1)];
  }
  void set_proxies(const ProxyFaults& faults);
  [[nodiscard]] int struck() const;  // By all proxies' faults, as FaultProxy::struck().

  // Nodes count from 1.
  void kill(int node);       // SIGKILL.
  void terminate(int node);  // SIGTERM, and waits for the end.
  void freeze(int node);     // SIGSTOP.
  void thaw(int node);
  // Starts a node that has ended; waits until it listens.
  [[nodiscard]] bool restart(int node);
  void heal();  // Every node runs, no proxy has a fault.
  [[nodiscard]] std::string data_directory(int node) const;
  [[nodiscard]] const std::string& directory() const { return directory_; }

 private:
  RealKafka() = default;
  [[nodiscard]] int pid(int node) const;
  void await_end(int node) const;

  std::string script_;
  std::string directory_;
  std::string bootstrap_;
  std::string secure_bootstrap_;
  std::vector<std::unique_ptr<FaultProxy>> proxies_;
};

}  // namespace wirewatch::faults
