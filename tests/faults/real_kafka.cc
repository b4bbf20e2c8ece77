#include "tests/faults/real_kafka.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "tests/faults/process.h"

namespace wirewatch::faults {

namespace {

constexpr int kUnavailable = 69;
const char* const kHeap = "-Xms128m -Xmx400m";

bool alive(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string word;
  char state = 'Z';
  file >> word >> word >> state;
  return file && state != 'Z';
}

}  // namespace

std::expected<std::unique_ptr<RealKafka>, std::string> RealKafka::start(const std::string& script,
                                                                        int brokers, bool secure) {
  std::unique_ptr<RealKafka> kafka(new RealKafka);
  kafka->script_ = script;
  std::string directory = std::filesystem::temp_directory_path() / "wirewatch-faults-XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) return std::unexpected("no temporary folder");
  kafka->directory_ = directory;
  std::string ports;
  for (const std::uint16_t port : free_ports(static_cast<std::size_t>(brokers))) {
    kafka->proxies_.push_back(std::make_unique<FaultProxy>(port));
    ports += (ports.empty() ? "" : ",") + std::to_string(port);
  }
  const auto [status, output] =
      run({script, "start", secure ? "secure" : std::to_string(brokers), directory},
          {{"KAFKA_HEAP_OPTS", kHeap},
           {"KAFKA_PROXY_PORTS", ports},
           {"KAFKA_OWNER", std::to_string(getpid())}});
  if (status == kUnavailable) return std::unexpected("");
  if (status != 0) return std::unexpected("Kafka did not start");
  std::string line = output;
  while (!line.empty() && line.back() == '\n') line.pop_back();
  kafka->bootstrap_ = line.substr(line.rfind('\n') == std::string::npos ? 0 : line.rfind('\n') + 1);
  for (int node = 1; node <= brokers; ++node) {
    std::ifstream file(directory + "/server-" + std::to_string(node) + ".properties");
    for (std::string text; std::getline(file, text);) {
      if (!text.starts_with("listeners=")) continue;
      kafka->proxy(node).set_upstream(
          static_cast<std::uint16_t>(std::stoi(text.substr(text.rfind(':') + 1))));
    }
  }
  std::ifstream endpoints(directory + "/secure/endpoints");
  for (std::string name, address; endpoints >> name >> address;) {
    if (name == "OAUTH") kafka->secure_bootstrap_ = address;
  }
  return kafka;
}

RealKafka::~RealKafka() {
  for (int node = 1; node <= size(); ++node) thaw(node);
  (void)run({script_, "stop", directory_});
  std::error_code code;
  std::filesystem::remove_all(directory_, code);
}

bool RealKafka::change_certificate() {
  return run({script_, "certificate", directory_}).first == 0;
}

std::string RealKafka::client_bootstrap() const {
  if (is_secure()) return secure_bootstrap_;
  std::string list;
  for (const auto& proxy : proxies_)
    list += (list.empty() ? "127.0.0.1:" : ",127.0.0.1:") + std::to_string(proxy->port());
  return list;
}

void RealKafka::set_proxies(const ProxyFaults& faults) {
  for (const auto& proxy : proxies_) proxy->set(faults);
}

int RealKafka::struck() const {
  int count = 0;
  for (const auto& proxy : proxies_) count += proxy->struck();
  return count;
}

int RealKafka::pid(int node) const {
  int pid = 0;
  std::ifstream(directory_ + "/broker-" + std::to_string(node) + ".pid") >> pid;
  return pid;
}

void RealKafka::await_end(int node) const {
  const int process = pid(node);
  for (int i = 0; i < 600 && alive(process); ++i) sleep_ms(100);
}

void RealKafka::kill(int node) {
  if (const int process = pid(node); process > 0) ::kill(process, SIGKILL);
  await_end(node);
}
void RealKafka::terminate(int node) {
  if (const int process = pid(node); process > 0) ::kill(process, SIGTERM);
  await_end(node);
}
void RealKafka::freeze(int node) {
  if (const int process = pid(node); process > 0) ::kill(process, SIGSTOP);
}
void RealKafka::thaw(int node) {
  if (const int process = pid(node); process > 0) ::kill(process, SIGCONT);
}
bool RealKafka::restart(int node) {
  return run({script_, "restart", std::to_string(node), directory_}, {{"KAFKA_HEAP_OPTS", kHeap}})
             .first == 0;
}

void RealKafka::heal() {
  set_proxies({});
  for (int node = 1; node <= size(); ++node) {
    thaw(node);
    if (!alive(pid(node))) (void)restart(node);
  }
}

std::string RealKafka::data_directory(int node) const {
  return directory_ + "/data-" + std::to_string(node);
}

}  // namespace wirewatch::faults
