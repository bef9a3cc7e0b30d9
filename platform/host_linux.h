// SPDX-License-Identifier: Apache-2.0
// LinuxHost: the running Linux machine, asked through Host.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "platform/host.h"

namespace sallyport {

// Commands that a collector may run. One line per command; the path is compared as a whole.
std::vector<std::string> DefaultCommands();

// Asked with the real path of what has been opened, so no link and no rename can lead around it.
using PathGuard = std::function<Status(const std::string& real_path)>;

// Beyond host.h: only regular files are read and only folders are listed; anything else, a FIFO
// or device above all, is kInvalidArgument and is never opened for reading. A path that is not
// absolute is kInvalidArgument.
class LinuxHost : public Host {
 public:
  explicit LinuxHost(std::vector<std::string> allowed_commands = DefaultCommands(),
                     PathGuard guard = nullptr);

  Os os() const override { return Os::kLinux; }
  Now Time() const override;
  Result<std::string> ReadFile(const std::string& path,
                               size_t max_bytes = kMaxFileBytes) const override;
  Result<std::string> ReadHead(const std::string& path, size_t bytes) const override;
  Result<std::vector<DirEntry>> ListDir(const std::string& path) const override;
  Result<FileStat> Stat(const std::string& path) const override;
  Result<std::string> ReadLink(const std::string& path) const override;
  Result<std::string> RealPath(const std::string& path) const override;
  Result<CommandOutput> Run(const Command& command) const override;
  // Waits at most five seconds. Never starts the service that it asks.
  Result<Value> ReadDbusProperty(const DbusProperty& property) const override;

 private:
  enum class Over { kRefuse, kCut };
  Result<std::string> Read(const std::string& path, size_t max_bytes, Over over) const;
  Status CheckOpened(int fd, const std::string& path) const;

  std::vector<std::string> allowed_commands_;
  PathGuard guard_;
};

}  // namespace sallyport
