// SPDX-License-Identifier: Apache-2.0
// Tables windows_security_products and windows_security_center of osquery, over what Security
// Center registers in WMI: wscapi.dll, which osquery asks, is no question of Host.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

// A product as it registered itself. It stays registered when its uninstaller forgets to take that
// back.
struct SecurityProduct {
  std::string name;
  Value state = Unknown{};  // On, Off, Snoozed, Expired
  Value signatures_up_to_date = Unknown{};
  Value state_timestamp = std::monostate{};
  Value path = std::monostate{};  // of the program that a person is sent to
  bool is_windows = false;        // Windows' own
};

// `class_name`: AntiVirusProduct, FirewallProduct, AntiSpywareProduct. kUnsupported on Server,
// which has no Security Center.
Result<std::vector<SecurityProduct>> ReadSecurityProducts(const Host& host,
                                                          const std::string& class_name);

inline constexpr Trigger kSecurityCenterTriggers[] = {
    {.kind = Trigger::Kind::kUnit, .what = "wscsvc"},
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Security Center\Provider)"},
    {.kind = Trigger::Kind::kUnit, .what = "mpssvc"},
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System)"},
};

// A row for each registered product. Windows' own firewall does not register.
Result<Rows> WindowsSecurityProducts(const Host& host, const Keys& keys);
// One row. `antivirus` is by the registered products, `firewall` by them and by what Windows' own
// is told, `user_account_control` by its policy, `windows_security_center_service` by the service
// manager; what else Security Center would judge, it tells wscapi.dll only: unknown.
Result<Rows> WindowsSecurityCenter(const Host& host, const Keys& keys);

}  // namespace sallyport
