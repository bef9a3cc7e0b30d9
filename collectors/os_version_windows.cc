// SPDX-License-Identifier: Apache-2.0
#include "collectors/answers.h"
#include "collectors/os_version.h"
#include "collectors/windows_registry.h"

namespace sallyport {
namespace {

constexpr char kEnvironment[] =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Environment)";
constexpr int64_t kFirstWindows11 = 22'000;

// Windows 11 calls itself "Windows 10 Pro" here.
Result<std::string> ProductName(const Host& host, int64_t build) {
  auto name = RegistryText(host, kCurrentVersionKey, "ProductName");
  constexpr std::string_view kTen = "Windows 10";
  if (name && build >= kFirstWindows11 && name->starts_with(kTen)) {
    name->replace(0, kTen.size(), "Windows 11");
  }
  return name;
}

}  // namespace

Result<Rows> OsVersionWindows(const Host& host, const Keys&) {
  const Result<WindowsBuild> windows = ReadWindowsBuild(host);
  if (!windows) return tl::unexpected(windows.error());
  return Rows{{
      TextOrUnknown(ProductName(host, windows->build)),
      Cell(windows->Version()),
      Cell(windows->major),
      Cell(windows->minor),
      Cell(windows->build),
      Cell(std::to_string(windows->build)),
      Cell("windows"),
      Cell("windows"),
      // "23H2"; the first releases had none.
      TextOrNull(RegistryText(host, kCurrentVersionKey, "DisplayVersion")),
      TextOrUnknown(RegistryText(host, kEnvironment, "PROCESSOR_ARCHITECTURE")),
      Cell(std::nullopt),
      NumberOrUnknown(RegistryNumber(host, kCurrentVersionKey, "InstallDate")),
      NumberOrUnknown(windows->revision),
  }};
}

}  // namespace sallyport
