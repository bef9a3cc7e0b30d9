// SPDX-License-Identifier: Apache-2.0
#include "collectors/answers.h"
#include "collectors/kernel_info.h"
#include "collectors/windows_registry.h"

namespace sallyport {

Result<Rows> KernelInfoWindows(const Host& host, const Keys&) {
  const std::string control = R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control)";
  const Result<WindowsBuild> windows = ReadWindowsBuild(host);
  if (!windows) return tl::unexpected(windows.error());
  const Result<std::string> root = RegistryText(host, kCurrentVersionKey, "SystemRoot");
  return Rows{{
      windows->revision ? Cell(windows->FullVersion()) : Cell(Unknown{}),
      TextOrNull(RegistryText(host, control, "SystemStartOptions")),
      root && !root->empty() ? Cell(*root + R"(\system32\ntoskrnl.exe)") : Cell(Unknown{}),
      TextOrUnknown(RegistryText(host, control, "SystemBootDevice")),
  }};
}

}  // namespace sallyport
