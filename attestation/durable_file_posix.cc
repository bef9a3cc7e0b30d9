// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "attestation/durable_file.h"
#include "attestation/keys.h"
#include "base/hex.h"

namespace sallyport {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

tl::unexpected<Error> FailErrno(const std::string& path, const char* what, int error) {
  Code code = Code::kInternal;
  if (error == ENOENT || error == ENOTDIR) code = Code::kNotFound;
  if (error == EACCES || error == EPERM || error == EROFS) code = Code::kDenied;
  if (error == EEXIST) code = Code::kConflict;
  if (error == ENOSPC || error == EDQUOT) code = Code::kExhausted;
  return Fail(code, path + ": " + what + ": " + std::generic_category().message(error));
}

std::string FolderOf(const std::string& path) {
  const std::string parent = fs::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

Status SyncFolder(const std::string& folder) {
  const Descriptor fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) return FailErrno(folder, "open", errno);
  if (fsync(fd.get()) != 0) return FailErrno(folder, "fsync", errno);
  return {};
}

Status WriteAll(int fd, std::string_view content, const std::string& path) {
  while (!content.empty()) {
    const ssize_t n = write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FailErrno(path, "write", errno);
    content.remove_prefix(static_cast<size_t>(n));
  }
  return {};
}

Status WriteSynced(const std::string& path, std::string_view content, FileAccess access) {
  const mode_t mode = access == FileAccess::kOwner ? 0600 : 0644;
  const Descriptor fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (fd.get() < 0) return FailErrno(path, "open", errno);
  // The umask may only have taken bits away; the mode is a promise of ours.
  if (fchmod(fd.get(), mode) != 0) return FailErrno(path, "fchmod", errno);
  if (const Status s = WriteAll(fd.get(), content, path); !s) return s;
  if (fsync(fd.get()) != 0) return FailErrno(path, "fsync", errno);
  return {};
}

// `place` moves the temporary file to its name and returns 0, or -1 with errno.
template <typename Place>
Status WriteAndPlace(const std::string& path, std::string_view content, FileAccess access,
                     const char* what, Place place) {
  const std::string temporary = path + "." + ToHex(RandomBytes(8)) + ".tmp";
  Status status = WriteSynced(temporary, content, access);
  if (status && place(temporary.c_str()) != 0) status = FailErrno(path, what, errno);
  unlink(temporary.c_str());  // gone already after a rename
  if (!status) return status;
  return SyncFolder(FolderOf(path));
}

}  // namespace

Status ReplaceSmallFile(const std::string& path, std::string_view content, FileAccess access) {
  return WriteAndPlace(path, content, access, "rename",
                       [&path](const char* temporary) { return rename(temporary, path.c_str()); });
}

Status CreateSmallFile(const std::string& path, std::string_view content, FileAccess access) {
  // link(2) refuses an existing name, rename(2) would replace it.
  return WriteAndPlace(path, content, access, "create",
                       [&path](const char* temporary) { return link(temporary, path.c_str()); });
}

Result<std::string> ReadSmallFile(const std::string& path, size_t max_bytes) {
  const Descriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return FailErrno(path, "open", errno);
  std::string content;
  std::string buffer(4096, '\0');
  while (true) {
    const ssize_t n = read(fd.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FailErrno(path, "read", errno);
    if (n == 0) return content;
    content.append(buffer, 0, static_cast<size_t>(n));
    if (content.size() > max_bytes) {
      return Fail(Code::kTooLarge, path + ": over " + std::to_string(max_bytes) + " bytes");
    }
  }
}

Status CheckOwnerOnly(const std::string& path) {
  struct stat found {};
  if (stat(path.c_str(), &found) != 0) return FailErrno(path, "stat", errno);
  if ((found.st_mode & 077) != 0) {
    return Fail(Code::kDenied, path + ": a private key must have mode 0600");
  }
  return {};
}

Status MakeOwnerFolder(const std::string& path) {
  std::string folder = path;
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  if (mkdir(folder.c_str(), 0700) == 0) return SyncFolder(FolderOf(folder));
  if (errno == ENOENT && FolderOf(folder) != folder) {
    if (const Status s = MakeOwnerFolder(FolderOf(folder)); !s) return s;
    if (mkdir(folder.c_str(), 0700) == 0) return SyncFolder(FolderOf(folder));
  }
  if (errno != EEXIST) return FailErrno(path, "mkdir", errno);
  struct stat found {};
  if (stat(folder.c_str(), &found) != 0) return FailErrno(path, "stat", errno);
  if (!S_ISDIR(found.st_mode)) return Fail(Code::kConflict, path + ": not a folder");
  if ((found.st_mode & 077) != 0 && chmod(folder.c_str(), 0700) != 0) {
    return FailErrno(path, "chmod", errno);
  }
  return {};
}

}  // namespace sallyport
