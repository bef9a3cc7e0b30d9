// SPDX-License-Identifier: Apache-2.0
#include "agent/user_posix.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

#include "platform/errno_posix.h"

namespace sallyport {

Result<User> FindAgentUser(const std::string& name) {
  std::array<char, 1 << 14> buffer;
  passwd entry{};
  passwd* found = nullptr;
  const int error = getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (error != 0) return FailErrno(error, "user " + name);
  if (found == nullptr) return Fail(Code::kNotFound, "user " + name + ": there is none");
  if (entry.pw_uid == 0) {
    return Fail(Code::kInvalidArgument, "user " + name + ": the agent must not be root");
  }
  return User{entry.pw_uid, entry.pw_gid};
}

Status MakeFolder(const std::string& path, mode_t mode, User owner) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return FailErrno(errno, path);
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) return FailErrno(errno, path);
  if (!S_ISDIR(status.st_mode)) return Fail(Code::kConflict, path + ": is not a folder");
  if (geteuid() == 0 && lchown(path.c_str(), owner.uid, owner.gid) != 0) {
    return FailErrno(errno, path);
  }
  if (chmod(path.c_str(), mode) != 0) return FailErrno(errno, path);
  return {};
}

Status MakeAgentFolders(const std::string& state, const std::string& run, User agent) {
  if (Status made = MakeFolder(state, 0700, agent); !made) return made;
  return MakeFolder(run, 01775, {0, agent.gid});
}

}  // namespace sallyport
