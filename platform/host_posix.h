// SPDX-License-Identifier: Apache-2.0
// PosixHost: files, folders and commands, which Linux and macOS have alike.
#pragma once

#include <sys/stat.h>
#include <time.h>

#include <optional>
#include <string>
#include <vector>

#include "platform/host.h"
#include "platform/this_host.h"

namespace sallyport {

// Beyond host.h: only regular files are read and only folders are listed; anything else, a FIFO
// or device above all, is kInvalidArgument and is never opened for reading. A path that is not
// absolute is kInvalidArgument.
class PosixHost : public Host {
 public:
  PosixHost(std::vector<std::string> allowed_commands, PathGuard guard);

  Result<std::string> ReadFile(const std::string& path,
                               size_t max_bytes = kMaxFileBytes) const override;
  Result<std::string> ReadHead(const std::string& path, size_t bytes) const override;
  Result<std::vector<DirEntry>> ListDir(const std::string& path) const override;
  Result<FileStat> Stat(const std::string& path) const override;
  Result<FileDetails> Inspect(const std::string& path) const override;
  Result<std::string> ReadLink(const std::string& path) const override;
  Result<std::string> RealPath(const std::string& path) const override;
  Result<CommandOutput> Run(const Command& command) const override;
  Result<FileSystemUse> StatFileSystem(const std::string& path) const override;

 protected:
  // clock_gettime(2)
  static Millis Clock(clockid_t clock);
  // The path, with every link followed, of what `fd` has open. Errors name `path`.
  virtual Result<std::string> OpenedPath(int fd, const std::string& path) const = 0;

  // When the file that `status` is of was made; of the link itself when `link` is set.
  virtual std::optional<int64_t> BornAt(const std::string& path, const struct stat& status,
                                        bool link) const = 0;

 private:
  enum class Over { kRefuse, kCut };
  Result<std::string> Read(const std::string& path, size_t max_bytes, Over over) const;
  Status CheckOpened(int fd, const std::string& path) const;

  std::vector<std::string> allowed_commands_;
  PathGuard guard_;
};

}  // namespace sallyport
