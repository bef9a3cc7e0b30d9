// SPDX-License-Identifier: Apache-2.0
// LinuxHost: the running Linux machine, asked through Host.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platform/host_posix.h"
#include "platform/this_host.h"

namespace sallyport {

class LinuxHost : public PosixHost {
 public:
  explicit LinuxHost(std::vector<std::string> allowed_commands = DefaultCommands(),
                     PathGuard guard = nullptr);

  Os os() const override { return Os::kLinux; }
  Now Time() const override;
  // Waits at most five seconds. Never starts the service that it asks.
  Result<Value> ReadDbusProperty(const DbusProperty& property) const override;
  Result<std::vector<SystemdUnit>> SystemdUnits() const override;

 private:
  Result<std::string> OpenedPath(int fd, const std::string& path) const override;
  std::optional<int64_t> BornAt(const std::string& path, const struct stat& status,
                                bool link) const override;
};

}  // namespace sallyport
