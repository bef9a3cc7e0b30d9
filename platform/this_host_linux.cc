// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <array>

#include "base/text.h"
#include "platform/host_linux.h"
#include "platform/this_host.h"

namespace sallyport {

std::unique_ptr<Host> MakeThisHost(std::vector<std::string> allowed_commands, PathGuard guard) {
  return std::make_unique<LinuxHost>(std::move(allowed_commands), std::move(guard));
}

std::string MachineName() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

Result<std::string> BootId() {
  const auto id = LinuxHost(std::vector<std::string>()).ReadFile("/proc/sys/kernel/random/boot_id");
  if (!id) return tl::unexpected(id.error());
  return std::string(Trim(*id));
}

}  // namespace sallyport
