// SPDX-License-Identifier: Apache-2.0
#include "platform/host_linux.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

#include "platform/dbus_linux.h"
#include "platform/errno_posix.h"

namespace sallyport {
namespace {

constexpr const char* kDefaultCommands[] = {
    "/opt/CrowdStrike/falconctl",  //
    "/usr/bin/apt-cache",          //
    "/usr/bin/apt-config",         //
    "/usr/bin/apt-get",            //
    "/usr/bin/dnf",                //
    "/usr/bin/dpkg-query",         //
    "/usr/bin/mdatp",              //
    "/usr/bin/rpm",                //
    "/usr/bin/zypper",             //
    "/usr/lib/apt/apt-helper",     //
    "/usr/sbin/auditctl",          //
    "/usr/sbin/blkid",             //
    "/usr/sbin/cryptsetup",        //
    "/usr/sbin/ip",                //
    "/usr/sbin/iptables-save",     //
    "/usr/sbin/nft",               //
    "/usr/sbin/zfs",               //
    "/usr/sbin/zpool",             //
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

// statx(2). Some file systems do not keep it, and some of these say 1970.
std::optional<int64_t> LinuxHost::BornAt(const std::string& path, const struct stat& status,
                                         bool link) const {
  struct statx more {};
  const int flags = AT_STATX_DONT_SYNC | (link ? AT_SYMLINK_NOFOLLOW : 0);
  if (statx(AT_FDCWD, path.c_str(), flags, STATX_BTIME | STATX_INO, &more) != 0)
    return std::nullopt;
  if ((more.stx_mask & STATX_BTIME) == 0 || more.stx_ino != status.st_ino) return std::nullopt;
  if (more.stx_btime.tv_sec == 0) return std::nullopt;
  return more.stx_btime.tv_sec;
}

Result<Value> LinuxHost::ReadDbusProperty(const DbusProperty& property) const {
  return ReadSystemBusProperty(property, kDbusTimeout);
}

Result<std::vector<SystemdUnit>> LinuxHost::SystemdUnits() const {
  return ListSystemdUnits(kDbusTimeout);
}

}  // namespace sallyport
