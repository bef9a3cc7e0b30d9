// SPDX-License-Identifier: Apache-2.0
#include "platform/host_linux.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

#include "platform/dbus_linux.h"
#include "platform/errno_posix.h"

namespace sallyport {
namespace {

constexpr const char* kDefaultCommands[] = {
    "/usr/bin/apt-cache",   //
    "/usr/bin/apt-config",  //
    "/usr/bin/apt-get",     //
    "/usr/bin/dpkg-query",  //
    "/usr/lib/apt/apt-helper", "/usr/sbin/auditctl", "/usr/sbin/cryptsetup",
};

constexpr std::chrono::milliseconds kDbusTimeout{5'000};

}  // namespace

std::vector<std::string> DefaultCommands() {
  return {std::begin(kDefaultCommands), std::end(kDefaultCommands)};
}

LinuxHost::LinuxHost(std::vector<std::string> allowed_commands, PathGuard guard)
    : PosixHost(std::move(allowed_commands), std::move(guard)) {}

Now LinuxHost::Time() const { return {Clock(CLOCK_BOOTTIME), Clock(CLOCK_REALTIME)}; }

Result<std::string> LinuxHost::OpenedPath(int fd, const std::string& path) const {
  std::array<char, PATH_MAX> real;
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  const ssize_t size = readlink(link.c_str(), real.data(), real.size());
  if (size < 0) return FailErrno(errno, path);
  return std::string(real.data(), static_cast<size_t>(size));
}

Result<Value> LinuxHost::ReadDbusProperty(const DbusProperty& property) const {
  return ReadSystemBusProperty(property, kDbusTimeout);
}

Result<std::vector<SystemdUnit>> LinuxHost::SystemdUnits() const {
  return ListSystemdUnits(kDbusTimeout);
}

}  // namespace sallyport
