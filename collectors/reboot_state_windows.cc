// SPDX-License-Identifier: Apache-2.0
#include "collectors/reboot_state.h"
#include "collectors/windows_reboot.h"

namespace sallyport {

// The keys hold no time that Host could be asked for.
Result<Rows> RebootStateWindows(const Host& host, const Keys&) {
  const WindowsRestart restart = ReadWindowsRestart(host);
  Rows rows;
  if (restart.servicing.value_or(false)) {
    rows.push_back({Cell(true), Cell("component servicing"), Unknown{}});
  }
  if (restart.update.value_or(false)) {
    rows.push_back({Cell(true), Cell("Windows Update"), Unknown{}});
  }
  if (restart.renames.value_or(false)) {
    rows.push_back({Cell(false), Cell("files to be renamed"), Unknown{}});
  }
  // The weak sign is not asked of: whether it could be read changes nothing.
  const bool certain = restart.servicing && restart.update;
  if (!certain) {
    rows.push_back({Unknown{}, Unknown{}, Unknown{}});
  } else if (rows.empty()) {
    rows.push_back({Cell(false), Cell(std::nullopt), Cell(std::nullopt)});
  }
  return rows;
}

}  // namespace sallyport
