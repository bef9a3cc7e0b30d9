// SPDX-License-Identifier: Apache-2.0
#include "collectors/macos_management.h"
#include "collectors/named_values.h"
#include "collectors/os_patch_state.h"

namespace sallyport {

// Apple writes nowhere until when a release gets updates, and which update mends a weakness:
// unknown, as all that is not set here.
Result<Rows> OsPatchStateMacos(const Host& host, const Keys&) {
  const auto kernel = AskNamedValues(host, {"/usr/sbin/sysctl", "kern.osrelease"});
  if (!kernel) return tl::unexpected(kernel.error());
  const MacosUpdates updates = ReadMacosUpdates(host);
  Row row(kOsPatchState.columns.size(), Unknown{});
  const auto set = [&row](std::string_view column, Value value) {
    row[static_cast<size_t>(kOsPatchState.IndexOf(column))] = std::move(value);
  };
  set("package_manager", Cell("softwareupdate"));
  set("updates_pending", updates.pending);
  if (updates.pending == Cell(0)) set("security_updates_pending", Cell(0));
  set("lists_age_days", updates.age_days);
  set("lists_expired", Cell(std::nullopt));
  set("security_list_age_days", Cell(std::nullopt));
  set("kernel_running", TextOf(*kernel, "kern.osrelease"));
  set("kernel_installed", Cell(std::nullopt));
  set("livepatches", Cell(std::nullopt));
  set("auto_updates", updates.installs_itself);
  return Rows{std::move(row)};
}

}  // namespace sallyport
