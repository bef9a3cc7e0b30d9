// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "collectors/logical_drives.h"
#include "collectors/windows_registry.h"

namespace sallyport {
namespace {

// osquery says of the column: the drive that Windows booted from.
Value IsBooted(const Value& device, const Result<std::string>& system_root) {
  const auto* letter = std::get_if<std::string>(&device);
  if (letter == nullptr || !system_root || system_root->size() < 2) return Unknown{};
  return Cell(Lower(*letter) == Lower(system_root->substr(0, 2)));
}

}  // namespace

// `type` is "Unknown" in osquery, always.
Result<Rows> LogicalDrivesWindows(const Host& host, const Keys&) {
  const auto drives = host.QueryWmi(
      R"(root\CIMV2)",
      "SELECT DeviceID, Description, FreeSpace, Size, FileSystem FROM Win32_LogicalDisk");
  if (!drives) return tl::unexpected(drives.error());
  const auto system_root = RegistryText(host, kCurrentVersionKey, "SystemRoot");
  Rows rows;
  for (const Row& drive : *drives) {
    rows.push_back({drive.at(0), Cell("Unknown"), drive.at(1), drive.at(2), drive.at(3),
                    drive.at(4), IsBooted(drive.at(0), system_root)});
  }
  return rows;
}

}  // namespace sallyport
