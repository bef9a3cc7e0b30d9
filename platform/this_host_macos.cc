// SPDX-License-Identifier: Apache-2.0
#include <sys/sysctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "platform/errno_posix.h"
#include "platform/host_macos.h"
#include "platform/this_host.h"

namespace sallyport {

std::unique_ptr<Host> MakeThisHost(std::vector<std::string> allowed_commands, PathGuard guard) {
  return std::make_unique<MacosHost>(std::move(allowed_commands), std::move(guard));
}

std::string MachineName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

Result<std::string> BootId() {
  std::array<char, 64> id{};
  size_t size = id.size() - 1;
  if (sysctlbyname("kern.bootsessionuuid", id.data(), &size, nullptr, 0) != 0) {
    return FailErrno(errno, "sysctl kern.bootsessionuuid");
  }
  if (id[0] == '\0') return Fail(Code::kMalformed, "sysctl kern.bootsessionuuid: empty");
  return std::string(id.data());
}

}  // namespace sallyport
