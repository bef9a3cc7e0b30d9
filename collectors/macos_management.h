// SPDX-License-Identifier: Apache-2.0
// What is set and installed on a Mac: tables managed_policies, system_extensions and apps of
// osquery, mdm and software_update of Fleet.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Trigger kManagedPoliciesTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/Library/Managed Preferences"},
};
inline constexpr Trigger kSystemExtensionsTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/Library/SystemExtensions/db.plist"},
};
inline constexpr Trigger kAppsTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/Applications"},
};
inline constexpr Trigger kSoftwareUpdateTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/Library/Preferences/com.apple.SoftwareUpdate.plist"},
};

// A row for each setting of each profile; `username` is empty for those of the machine.
Result<Rows> ManagedPoliciesMacos(const Host& host, const Keys& keys);

struct SystemExtension {
  std::string identifier;
  std::string version;
  std::string state;  // activated_enabled; activated_waiting_for_user: it does not run yet
  std::string team;
  std::string unique_id;
  std::string category;
  std::string origin;
  std::string bundle;
  bool managed = false;  // a profile allows it
};
// None where there is no database: nobody ever asked for one.
Result<std::vector<SystemExtension>> ReadSystemExtensions(const Host& host);
Result<Rows> SystemExtensionsMacos(const Host& host, const Keys& keys);

// One row: profiles(1) tells of the enrollment, and of the profile that made it.
Result<Rows> MdmMacos(const Host& host, const Keys& keys);

// What macOS found when it last looked for updates.
struct MacosUpdates {
  Value pending = Unknown{};  // how many; unknown when it has not looked for a week, and found none
  Value age_days = Unknown{};  // since it last looked, with success
  Value installs_itself =
      Unknown{};  // a declaration of MDM may install with a deadline, nonetheless
};
MacosUpdates ReadMacosUpdates(const Host& host);
// One row. From the settings: "softwareupdate --list" asks Apple, and may hang.
Result<Rows> SoftwareUpdateMacos(const Host& host, const Keys& keys);

// A row for each application that is installed for all users.
Result<Rows> AppsMacos(const Host& host, const Keys& keys);

}  // namespace sallyport
