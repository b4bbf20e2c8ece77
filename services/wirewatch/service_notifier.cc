#include "services/wirewatch/service_notifier.h"

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace wirewatch {

ServiceNotifier::ServiceNotifier() {
  const char* path = std::getenv("NOTIFY_SOCKET");  // NOLINT(concurrency-mt-unsafe): only read.
  if (path == nullptr || (*path != '/' && *path != '@')) return;
  const std::size_t size = std::strlen(path);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (size >= sizeof(address.sun_path)) return;
  std::memcpy(address.sun_path, path, size);
  if (*path == '@') address.sun_path[0] = '\0';  // An abstract name.
  socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return;
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + size);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), length) != 0) {
    ::close(socket_);
    socket_ = -1;
    return;
  }
  const char* watchdog = std::getenv("WATCHDOG_USEC");  // NOLINT(concurrency-mt-unsafe)
  if (watchdog != nullptr)
    period_ = std::chrono::microseconds(std::strtoll(watchdog, nullptr, 10) / 4);
}

ServiceNotifier::~ServiceNotifier() {
  if (socket_ >= 0) ::close(socket_);
}

void ServiceNotifier::alive() {
  if (socket_ < 0) return;
  if (!ready_) {
    ready_ = true;
    send("READY=1");
  }
  if (period_.count() <= 0) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + period_;
  send("WATCHDOG=1");
}

void ServiceNotifier::stopping() {
  send("STOPPING=1");
}

// A lost message is no fault of the service's; systemd acts when all are missing.
void ServiceNotifier::send(std::string_view message) const {
  if (socket_ >= 0) (void)::send(socket_, message.data(), message.size(), MSG_NOSIGNAL);
}

}  // namespace wirewatch
