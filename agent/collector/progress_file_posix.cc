// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "agent/collector/progress_file.h"
#include "platform/errno_posix.h"
#include "platform/fd_posix.h"

namespace sallyport {

std::string ReadOwnFile(const std::string& path) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (!fd.valid() || fstat(fd.get(), &status) != 0) return "";
  if (!S_ISREG(status.st_mode) || status.st_uid != geteuid()) return "";
  std::array<char, 512> text;
  const ssize_t got = read(fd.get(), text.data(), text.size());
  return got <= 0 ? "" : std::string(text.data(), static_cast<size_t>(got));
}

Result<ProgressFile> ProgressFile::MakeAnew(const std::string& path) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return FailErrno(errno, path);
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return FailErrno(errno, path);
  ProgressFile file;
  file.path_ = path;
  file.native_ = fd;
  return file;
}

ProgressFile::~ProgressFile() {
  if (native_ != -1) close(static_cast<int>(native_));
}

Status ProgressFile::Write(std::string_view text) {
  const ssize_t wrote = pwrite(static_cast<int>(native_), text.data(), text.size(), 0);
  if (wrote == static_cast<ssize_t>(text.size())) return {};
  return FailErrno(errno, path_);
}

}  // namespace sallyport
