// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <vector>

#include "agent/cli/handover.h"
#include "platform/errno_posix.h"
#include "platform/fd_posix.h"

namespace sallyport {
namespace {

constexpr off_t kMaxErased = 1 << 20;

}  // namespace

struct Handover::Owner {
  uid_t uid = 0;
  gid_t gid = 0;
};

Result<Handover> Handover::To(const std::string& user) {
  Handover out;
  if (user.empty()) return out;
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16 * 1024);
  getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) return Fail(Code::kNotFound, "no user " + user);
  out.owner_ = std::make_shared<const Owner>(Owner{entry.pw_uid, entry.pw_gid});
  return out;
}

// Files first: once the folder is another's, its files may not be ours to find.
Status Handover::Give(const std::string& folder) const {
  if (!owner_) return {};
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string path = entry.path().string();
    if (lchown(path.c_str(), owner_->uid, owner_->gid) != 0) return FailErrno(errno, path);
  }
  if (error) return Fail(Code::kDenied, folder + ": " + error.message());
  if (lchown(folder.c_str(), owner_->uid, owner_->gid) != 0) return FailErrno(errno, folder);
  return {};
}

Status EraseFile(const std::string& path) {
  const Fd fd(open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
  struct stat info {};
  if (fd.valid() && fstat(fd.get(), &info) == 0 && info.st_size <= kMaxErased) {
    const std::string zeros(static_cast<size_t>(info.st_size), '\0');
    if (write(fd.get(), zeros.data(), zeros.size()) >= 0) fsync(fd.get());
  }
  if (unlink(path.c_str()) == 0) return {};
  return FailErrno(errno, path);
}

}  // namespace sallyport
