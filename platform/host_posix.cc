// SPDX-License-Identifier: Apache-2.0
#include "platform/host_posix.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>

#include "platform/command_posix.h"
#include "platform/errno_posix.h"
#include "platform/fd_posix.h"

namespace sallyport {
namespace {

constexpr size_t kMaxEntries = 200'000;  // of one folder

Status CheckPath(const std::string& path) {
  if (!path.starts_with('/')) return Fail(Code::kInvalidArgument, path + ": not absolute");
  if (path.find('\0') != std::string::npos) {
    return Fail(Code::kInvalidArgument, "a path with a NUL in it");
  }
  return {};
}

FileType TypeOfMode(mode_t mode) {
  if (S_ISREG(mode)) return FileType::kFile;
  if (S_ISDIR(mode)) return FileType::kDirectory;
  if (S_ISLNK(mode)) return FileType::kSymlink;
  return FileType::kOther;
}

FileDetails::Kind KindOfMode(mode_t mode) {
  using Kind = FileDetails::Kind;
  if (S_ISREG(mode)) return Kind::kRegular;
  if (S_ISDIR(mode)) return Kind::kDirectory;
  if (S_ISLNK(mode)) return Kind::kSymlink;
  if (S_ISBLK(mode)) return Kind::kBlock;
  if (S_ISCHR(mode)) return Kind::kCharacter;
  if (S_ISFIFO(mode)) return Kind::kFifo;
  return S_ISSOCK(mode) ? Kind::kSocket : Kind::kUnknown;
}

FileType TypeOfEntry(int folder, const dirent& entry) {
  switch (entry.d_type) {
    case DT_REG:
      return FileType::kFile;
    case DT_DIR:
      return FileType::kDirectory;
    case DT_LNK:
      return FileType::kSymlink;
    case DT_UNKNOWN: {  // some file systems do not say, readdir(3)
      struct stat status {};
      if (fstatat(folder, entry.d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) return FileType::kOther;
      return TypeOfMode(status.st_mode);
    }
    default:
      return FileType::kOther;
  }
}

// To the end, whatever st_size said: files of /proc have none, others grow while they are read.
// Over the bound it is an error, or with `cut` the first bytes.
Result<std::string> ReadToEnd(int fd, const std::string& path, const struct stat& status,
                              size_t max_bytes, bool cut) {
  std::string content;
  // What st_size promises has to lie on the disk: a file of /sys says 4096 whatever it holds.
  if (status.st_size > 0 && status.st_blocks > 0) {
    content.reserve(std::min(static_cast<size_t>(status.st_size), max_bytes));
  }
  std::array<char, 1 << 16> chunk;
  for (;;) {
    const ssize_t got = read(fd, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FailErrno(errno, path);
    if (got == 0) return content;
    if (content.size() + static_cast<size_t>(got) > max_bytes) {
      if (cut) {
        content.append(chunk.data(), max_bytes - content.size());
        return content;
      }
      return Fail(Code::kTooLarge, path + ": over " + std::to_string(max_bytes) + " bytes");
    }
    content.append(chunk.data(), static_cast<size_t>(got));
  }
}

}  // namespace

PosixHost::PosixHost(std::vector<std::string> allowed_commands, PathGuard guard)
    : allowed_commands_(std::move(allowed_commands)), guard_(std::move(guard)) {}

Millis PosixHost::Clock(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return std::chrono::duration_cast<Millis>(std::chrono::seconds(t.tv_sec) +
                                            std::chrono::nanoseconds(t.tv_nsec));
}

Status PosixHost::CheckOpened(int fd, const std::string& path) const {
  if (!guard_) return {};
  const auto real = OpenedPath(fd, path);
  if (!real) return tl::unexpected(real.error());
  return guard_(*real);
}

Result<std::string> PosixHost::ReadFile(const std::string& path, size_t max_bytes) const {
  return Read(path, max_bytes, Over::kRefuse);
}

Result<std::string> PosixHost::ReadHead(const std::string& path, size_t bytes) const {
  return Read(path, bytes, Over::kCut);
}

Result<std::string> PosixHost::Read(const std::string& path, size_t max_bytes, Over over) const {
  if (const Status ok = CheckPath(path); !ok) return tl::unexpected(ok.error());
  // Looked at before it is opened: opening some devices has effects.
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return FailErrno(errno, path);
  if (!S_ISREG(status.st_mode)) return Fail(Code::kInvalidArgument, path + ": not a regular file");
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd.valid()) return FailErrno(errno, path);
  if (fstat(fd.get(), &status) != 0) return FailErrno(errno, path);
  if (!S_ISREG(status.st_mode)) return Fail(Code::kInvalidArgument, path + ": not a regular file");
  if (const Status ok = CheckOpened(fd.get(), path); !ok) return tl::unexpected(ok.error());
  if (over == Over::kRefuse && status.st_size > 0 &&
      static_cast<uint64_t>(status.st_size) > max_bytes && status.st_blocks > 0) {
    return Fail(Code::kTooLarge, path + ": over " + std::to_string(max_bytes) + " bytes");
  }
  return ReadToEnd(fd.get(), path, status, max_bytes, over == Over::kCut);
}

Result<std::vector<DirEntry>> PosixHost::ListDir(const std::string& path) const {
  if (const Status ok = CheckPath(path); !ok) return tl::unexpected(ok.error());
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return FailErrno(errno, path);
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(fdopendir(fd), closedir);
  if (!folder) {
    const int error = errno;
    ::close(fd);
    return FailErrno(error, path);
  }
  if (const Status ok = CheckOpened(fd, path); !ok) return tl::unexpected(ok.error());
  std::vector<DirEntry> entries;
  for (;;) {
    errno = 0;
    const dirent* entry = readdir(folder.get());
    if (entry == nullptr && errno != 0) return FailErrno(errno, path);
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    if (entries.size() == kMaxEntries) return Fail(Code::kTooLarge, path + ": too many entries");
    entries.push_back({name, TypeOfEntry(fd, *entry)});
  }
  std::ranges::sort(entries, {}, &DirEntry::name);
  return entries;
}

Result<FileStat> PosixHost::Stat(const std::string& path) const {
  if (const Status ok = CheckPath(path); !ok) return tl::unexpected(ok.error());
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return FailErrno(errno, path);
  return FileStat{.type = TypeOfMode(status.st_mode),
                  .size = status.st_size,
                  .modified_s = status.st_mtime,
                  .mode = status.st_mode & 07777u,
                  .uid = status.st_uid,
                  .gid = status.st_gid};
}

Result<FileDetails> PosixHost::Inspect(const std::string& path) const {
  if (const Status ok = CheckPath(path); !ok) return tl::unexpected(ok.error());
  FileDetails details;
  struct stat link {};
  if (lstat(path.c_str(), &link) != 0) return FailErrno(errno, path);
  struct stat status = link;
  bool dangling = false;
  if (S_ISLNK(link.st_mode)) {
    auto target = ReadLink(path);
    if (!target) return tl::unexpected(target.error());
    details.link_target = *std::move(target);
    dangling = stat(path.c_str(), &status) != 0;
    // A loop of links leads nowhere either, stat(2).
    if (dangling && errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
      return FailErrno(errno, path);
    }
    if (dangling) status = link;
  }
  details.kind = dangling ? FileDetails::Kind::kUnknown : KindOfMode(status.st_mode);
  details.size = status.st_size;
  details.modified_s = status.st_mtime;
  details.accessed_s = status.st_atime;
  details.changed_s = status.st_ctime;
  details.born_s = BornAt(path, status, dangling);
  details.uid = status.st_uid;
  details.gid = status.st_gid;
  details.mode = status.st_mode & 07777u;
  details.device = static_cast<int64_t>(status.st_rdev);
  details.inode = static_cast<int64_t>(status.st_ino);
  details.hard_links = static_cast<int64_t>(status.st_nlink);
  details.block_size = status.st_blksize;
  return details;
}

Result<std::string> PosixHost::ReadLink(const std::string& path) const {
  if (const Status ok = CheckPath(path); !ok) return tl::unexpected(ok.error());
  std::array<char, PATH_MAX> target;
  const ssize_t size = readlink(path.c_str(), target.data(), target.size());
  if (size < 0) return FailErrno(errno, path);
  if (static_cast<size_t>(size) == target.size()) return Fail(Code::kTooLarge, path);
  return std::string(target.data(), static_cast<size_t>(size));
}

Result<std::string> PosixHost::RealPath(const std::string& path) const {
  if (const Status ok = CheckPath(path); !ok) return tl::unexpected(ok.error());
  const std::unique_ptr<char, void (*)(void*)> real(realpath(path.c_str(), nullptr), std::free);
  if (!real) return FailErrno(errno, path);
  return std::string(real.get());
}

Result<FileSystemUse> PosixHost::StatFileSystem(const std::string& path) const {
  if (const Status ok = CheckPath(path); !ok) return tl::unexpected(ok.error());
  struct statvfs use {};
  if (statvfs(path.c_str(), &use) != 0) return FailErrno(errno, path);
  return FileSystemUse{.block_size = static_cast<int64_t>(use.f_frsize),
                       .blocks = static_cast<int64_t>(use.f_blocks),
                       .blocks_free = static_cast<int64_t>(use.f_bfree),
                       .blocks_available = static_cast<int64_t>(use.f_bavail),
                       .inodes = static_cast<int64_t>(use.f_files),
                       .inodes_free = static_cast<int64_t>(use.f_ffree)};
}

Result<CommandOutput> PosixHost::Run(const Command& command) const {
  if (command.argv.empty()) return Fail(Code::kInvalidArgument, "a command without a name");
  if (std::ranges::find(allowed_commands_, command.argv[0]) == allowed_commands_.end()) {
    return Fail(Code::kDenied, command.argv[0] + ": not in the list of allowed commands");
  }
  return RunCommand(command);
}

}  // namespace sallyport
