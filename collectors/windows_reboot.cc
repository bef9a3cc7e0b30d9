// SPDX-License-Identifier: Apache-2.0
#include "collectors/windows_reboot.h"

#include <algorithm>

#include "collectors/windows_registry.h"

namespace sallyport {
namespace {

constexpr char kServicing[] = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion)"
                              R"(\Component Based Servicing)";
constexpr char kAutoUpdate[] = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion)"
                               R"(\WindowsUpdate\Auto Update)";
constexpr char kSessionManager[] =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager)";

bool Has(const std::vector<std::string>& keys, std::string_view name) {
  return std::ranges::find(keys, name) != keys.end();
}

}  // namespace

// Every Windows has the servicing key: where it is missing, it is not asked the right way.
WindowsRestart ReadWindowsRestart(const Host& host) {
  WindowsRestart out;
  if (const auto keys = host.ListRegistry(kServicing)) out.servicing = Has(*keys, "RebootPending");
  const auto update = host.ListRegistry(kAutoUpdate);
  if (update) {
    out.update = Has(*update, "RebootRequired");
  } else if (update.error().code == Code::kNotFound) {
    out.update = false;
  }
  const auto renames = RegistryText(host, kSessionManager, "PendingFileRenameOperations");
  if (renames) {
    out.renames = !renames->empty();
  } else if (renames.error().code == Code::kNotFound) {
    out.renames = false;
  }
  return out;
}

}  // namespace sallyport
