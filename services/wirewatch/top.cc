#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <expected>
#include <future>
#include <iostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>

#include "common/http/http_get.h"
#include "services/wirewatch/commands.h"
#include "services/wirewatch/stop_signals.h"
#include "services/wirewatch/top_view.h"

namespace wirewatch {

namespace {

using Clock = std::chrono::steady_clock;

constexpr double kRateSeconds = 10;  // Rates are of about the last ten seconds …
constexpr double kListSeconds = 60;  // … and what is listed of the last minute.

double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

// A service, and what it said of itself in the last minute.
class Watched {
 public:
  Watched(std::string address, std::string host, std::string port)
      : address_(std::move(address)), host_(std::move(host)), port_(std::move(port)) {}

  // Asks it, and tells what came of it.
  Observed observe() {
    Observed observed;
    observed.address = address_;
    const auto metrics = http_get(host_, port_, "/metrics");
    if (!metrics) {
      observed.state = metrics.error();
      return observed;
    }
    if (metrics->status != 200) {
      observed.state = "/metrics answers with status " + std::to_string(metrics->status);
      return observed;
    }
    const auto ready = http_get(host_, port_, "/readyz");
    observed.state = ready ? ready->body.substr(0, ready->body.find('\n')) : ready.error();
    observed.now = read_service(metrics->body);
    const Clock::time_point now = Clock::now();
    // One reading of a minute ago stays.
    while (readings_.size() > 1 && seconds_between(readings_[1].first, now) >= kListSeconds)
      readings_.pop_front();
    for (const auto& [time, reading] : readings_) {
      const double seconds = seconds_between(time, now);
      if (observed.minute_seconds == 0) {
        observed.minute_before = reading;
        observed.minute_seconds = seconds;
      }
      if (observed.seconds != 0 && seconds < kRateSeconds) break;
      observed.before = reading;
      observed.seconds = seconds;
    }
    readings_.emplace_back(now, *observed.now);
    return observed;
  }

 private:
  std::string address_;
  std::string host_;
  std::string port_;
  std::deque<std::pair<Clock::time_point, ServiceReading>> readings_;
};

// "db1:9464", "db1", "[::1]:9464", "::1", or the address of /metrics as services print it.
std::expected<Watched, std::string> parse_address(const std::string& text, std::int64_t port) {
  std::string rest = text.starts_with("http://") ? text.substr(7) : text;
  rest.erase(std::min(rest.find('/'), rest.size()));
  std::string host = rest;
  std::string service = std::to_string(port);
  const std::size_t colon = rest.rfind(':');
  const std::size_t bracket = rest.rfind(']');
  const bool is_bracketed = bracket != std::string::npos;
  const bool has_port =
      is_bracketed ? colon > bracket : colon == rest.find(':');  // "::1" has none.
  if (colon != std::string::npos && has_port) {
    host = rest.substr(0, colon);
    service = rest.substr(colon + 1);
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const bool is_number = !service.empty() && service.size() <= 5 &&
                         service.find_first_not_of("0123456789") == std::string::npos;
  if (host.empty() || !is_number || std::stoi(service) > 65535)
    return std::unexpected("\"" + text + "\" is no address, e.g. enricher-0:9464");
  return Watched(rest, host, service);
}

std::vector<Observed> observe_all(std::vector<Watched>& services) {
  std::vector<std::future<Observed>> answers;
  answers.reserve(services.size());
  for (Watched& service : services)
    answers.push_back(std::async(std::launch::async, [&service] { return service.observe(); }));
  std::vector<Observed> observed;
  observed.reserve(answers.size());
  for (auto& answer : answers) observed.push_back(answer.get());
  return observed;
}

void wait(double seconds) {
  const Clock::time_point begin = Clock::now();
  while (!stop_requested() && seconds_between(begin, Clock::now()) < seconds)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

bool any_answered(const std::vector<Observed>& observed) {
  for (const Observed& each : observed) {
    if (each.now) return true;
  }
  return false;
}

std::expected<std::vector<Watched>, ExitStatus> services_of(const Config& config,
                                                            const TopOptions& options) {
  std::vector<Watched> services;
  for (const std::string& address : options.addresses) {
    auto service = parse_address(address, config.http_port);
    if (!service) {
      std::cerr << service.error() << "\n";
      return std::unexpected(kExitUsage);
    }
    services.push_back(std::move(*service));
  }
  if (!services.empty()) return services;
  const auto host = own_host(config);
  if (!host) {
    std::cerr << host.error() << "\n";
    return std::unexpected(kExitConfig);
  }
  const std::string port = std::to_string(config.http_port);
  services.emplace_back(*host + ":" + port, *host, port);
  return services;
}

}  // namespace

int command_top(const Config& config, const TopOptions& options) {
  auto services = services_of(config, options);
  if (!services) return services.error();
  install_stop_signals();
  const bool is_terminal = ::isatty(STDOUT_FILENO) == 1;
  std::vector<Observed> observed = observe_all(*services);
  if (options.once) {
    wait(options.every_s);
    observed = observe_all(*services);
    std::cout << top_text(observed);
    return any_answered(observed) ? kExitOk : kExitFailure;
  }
  while (!stop_requested() && std::cout.good()) {
    constexpr const char* kFromTheTop = "\033[H\033[J";
    std::cout << (is_terminal ? kFromTheTop : "") << top_text(observed)
              << (is_terminal ? "\nCtrl-C ends this.\n" : "\n") << std::flush;
    wait(options.every_s);
    if (!stop_requested()) observed = observe_all(*services);
  }
  return kExitOk;
}

}  // namespace wirewatch
