// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>
#include <utility>
#include <vector>

#include "agent/cli/enroll_command.h"
#include "attestation/enrollment.h"
#include "base/table.h"
#include "base/text.h"

namespace sallyport {
namespace {

constexpr size_t kMaxTokenBytes = 4096;

struct Owner {
  uid_t uid = 0;
  gid_t gid = 0;
};

Result<std::optional<Owner>> FindOwner(const std::string& user) {
  if (user.empty()) return std::optional<Owner>();
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> buffer(16 * 1024);
  getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) return Fail(Code::kNotFound, "no user " + user);
  return std::optional<Owner>(Owner{entry.pw_uid, entry.pw_gid});
}

Result<std::string> ReadToken(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Fail(Code::kNotFound, path + ": " + std::strerror(errno));
  std::string token(kMaxTokenBytes + 1, '\0');
  file.read(token.data(), static_cast<std::streamsize>(token.size()));
  token.resize(static_cast<size_t>(file.gcount()));
  if (token.size() > kMaxTokenBytes) return Fail(Code::kTooLarge, path + ": too long for a token");
  const std::string trimmed(Trim(token));
  if (trimmed.empty()) return Fail(Code::kInvalidArgument, path + ": holds no token");
  return trimmed;
}

// The token is worth nothing any more; still nobody should find it.
Status EraseFile(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
  if (fd >= 0) {
    struct stat info {};
    const bool known = fstat(fd, &info) == 0 && info.st_size <= static_cast<off_t>(kMaxTokenBytes);
    const std::string zeros(known ? static_cast<size_t>(info.st_size) : 0, '\0');
    const ssize_t written = write(fd, zeros.data(), zeros.size());
    if (written >= 0) fsync(fd);
    close(fd);
  }
  if (unlink(path.c_str()) == 0) return {};
  return Fail(Code::kDenied, path + ": cannot be removed: " + std::strerror(errno));
}

// Files first: once the folder is another's, its files may not be ours to find.
Status GiveTo(const std::string& folder, const Owner& owner) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string path = entry.path().string();
    if (lchown(path.c_str(), owner.uid, owner.gid) != 0) {
      return Fail(Code::kDenied, path + ": " + std::strerror(errno));
    }
  }
  if (error) return Fail(Code::kDenied, folder + ": " + error.message());
  if (lchown(folder.c_str(), owner.uid, owner.gid) != 0) {
    return Fail(Code::kDenied, folder + ": " + std::strerror(errno));
  }
  return {};
}

std::string Hostname() {
  char name[256] = {};
  return gethostname(name, sizeof(name) - 1) == 0 ? name : "";
}

}  // namespace

Result<std::string> RunEnroll(const EnrollArguments& arguments) {
  const Result<std::optional<Owner>> owner = FindOwner(arguments.user);
  if (!owner) return tl::unexpected(owner.error());
  Result<std::string> token = ReadToken(arguments.token_file);
  if (!token) return tl::unexpected(token.error());

  EnrollmentOptions options;
  options.folder = arguments.state;
  options.service = arguments.service;
  options.ca_file = arguments.ca_file;
  options.token = *std::move(token);
  options.want_vpn = arguments.want_vpn;
  options.hostname = Hostname();
  options.platform = OsName(Os::kLinux);
  const Result<EnrollmentRecord> record = Enroll(options);
  if (!record) return tl::unexpected(record.error());

  if (*owner) {
    if (const Status given = GiveTo(arguments.state, **owner); !given) {
      return tl::unexpected(given.error());
    }
  }
  if (const Status erased = EraseFile(arguments.token_file); !erased) {
    return tl::unexpected(erased.error());
  }
  return record->name.id;
}

}  // namespace sallyport
