// SPDX-License-Identifier: Apache-2.0
// MacosHost: the running Mac, asked through Host.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platform/host_posix.h"
#include "platform/this_host.h"

namespace sallyport {

class MacosHost : public PosixHost {
 public:
  explicit MacosHost(std::vector<std::string> allowed_commands = DefaultCommands(),
                     PathGuard guard = nullptr);

  Os os() const override { return Os::kMacos; }
  // `boot` is CLOCK_MONOTONIC_RAW: clock_gettime(3) of macOS says that it goes on while the system
  // sleeps and that no adjustment moves it; CLOCK_UPTIME_RAW stands still in sleep.
  Now Time() const override;
  Result<Value> ReadDbusProperty(const DbusProperty& property) const override;  // kUnsupported

 private:
  Result<std::string> OpenedPath(int fd, const std::string& path) const override;
  std::optional<int64_t> BornAt(const std::string& path, const struct stat& status,
                                bool link) const override;
};

}  // namespace sallyport
