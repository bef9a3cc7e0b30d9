// SPDX-License-Identifier: Apache-2.0
// What macOS has to protect itself: tables alf, gatekeeper, sip_config, screenlock, xprotect_meta,
// secureboot of osquery and csrutil_info of Fleet.
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Trigger kAlfTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/Library/Preferences/com.apple.alf.plist"},
};
inline constexpr Trigger kXprotectTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/var/protected/xprotect"},
    {.kind = Trigger::Kind::kPath, .what = "/Library/Apple/System/Library/CoreServices"},
};

// One row. Up to macOS 14 the firewall's settings are a property list; from 15 on they are none,
// and socketfilterfw is asked. Where neither tells, an error: a file that is missing is no firewall
// that is off.
Result<Rows> AlfMacos(const Host& host, const Keys& keys);

// One row, of spctl(8).
Result<Rows> GatekeeperMacos(const Host& host, const Keys& keys);

// The row "sip", and one for each thing that a configuration may allow. A custom configuration is
// not on: "sip" is 0, and the rows beside it say what it allows.
Result<Rows> SipConfigMacos(const Host& host, const Keys& keys);

// One row: is the system volume sealed?
Result<Rows> CsrutilInfoMacos(const Host& host, const Keys& keys);

// One row, of the organization's profile. Without one unknown: what a person set is told only in
// that person's session, where no daemon is.
Result<Rows> ScreenlockMacos(const Host& host, const Keys& keys);

// The rules of the one XProtect bundle that counts (xprotect_bundle.h).
Result<Rows> XprotectMetaMacos(const Host& host, const Keys& keys);

// One row. kUnsupported in a virtual machine, which has no firmware of Apple's.
Result<Rows> SecurebootMacos(const Host& host, const Keys& keys);

}  // namespace sallyport
