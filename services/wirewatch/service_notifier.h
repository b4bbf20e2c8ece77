// Tells systemd how the service is, by the protocol of sd_notify(3): datagrams to $NOTIFY_SOCKET.
//
// Without a service manager every function does nothing. One thread, that of the poll loop: so that
// the watchdog restarts a process whose loop stands still.

#pragma once

#include <chrono>
#include <string_view>

namespace wirewatch {

class ServiceNotifier {
 public:
  ServiceNotifier();
  ~ServiceNotifier();
  ServiceNotifier(const ServiceNotifier&) = delete;
  ServiceNotifier& operator=(const ServiceNotifier&) = delete;

  // Called often. The first call says READY=1; later ones say WATCHDOG=1, four times per the period
  // that systemd asks for ($WATCHDOG_USEC), if it does.
  void alive();
  // Says STOPPING=1.
  void stopping();

 private:
  void send(std::string_view message) const;

  int socket_ = -1;
  bool ready_ = false;
  std::chrono::microseconds period_{0};
  std::chrono::steady_clock::time_point next_;
};

}  // namespace wirewatch
