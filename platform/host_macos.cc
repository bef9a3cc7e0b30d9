// SPDX-License-Identifier: Apache-2.0
#include "platform/host_macos.h"

#include <fcntl.h>
#include <sys/param.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "platform/errno_posix.h"

namespace sallyport {
namespace {

constexpr const char* kDefaultCommands[] = {
    "/Applications/Falcon.app/Contents/Resources/falconctl",
    "/sbin/mount",
    "/sbin/pfctl",
    "/usr/bin/csrutil",
    "/usr/bin/fdesetup",
    "/usr/bin/profiles",
    "/usr/bin/sw_vers",
    "/usr/bin/systemextensionsctl",
    "/usr/libexec/ApplicationFirewall/socketfilterfw",
    "/usr/local/bin/mdatp",
    "/usr/sbin/diskutil",
    "/usr/sbin/ioreg",
    "/usr/sbin/nvram",
    "/usr/sbin/scutil",
    "/usr/sbin/softwareupdate",
    "/usr/sbin/spctl",
    "/usr/sbin/sysctl",
    "/usr/sbin/system_profiler",
};

}  // namespace

std::vector<std::string> DefaultCommands() {
  return {std::begin(kDefaultCommands), std::end(kDefaultCommands)};
}

MacosHost::MacosHost(std::vector<std::string> allowed_commands, PathGuard guard)
    : PosixHost(std::move(allowed_commands), std::move(guard)) {}

Now MacosHost::Time() const { return {Clock(CLOCK_MONOTONIC_RAW), Clock(CLOCK_REALTIME)}; }

// fcntl(2): F_GETPATH wants a buffer of MAXPATHLEN.
Result<std::string> MacosHost::OpenedPath(int fd, const std::string& path) const {
  std::array<char, MAXPATHLEN> real{};
  if (fcntl(fd, F_GETPATH, real.data()) != 0) return FailErrno(errno, path);
  return std::string(real.data());
}

// stat(2) of macOS
std::optional<int64_t> MacosHost::BornAt(const std::string&, const struct stat& status,
                                         bool) const {
  return status.st_birthtimespec.tv_sec;
}

Result<Value> MacosHost::ReadDbusProperty(const DbusProperty& property) const {
  return Fail(Code::kUnsupported, "D-Bus " + property.service + ": not on macOS");
}

}  // namespace sallyport
