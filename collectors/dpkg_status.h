// SPDX-License-Identifier: Apache-2.0
// dpkg's database of installed packages, and the stanzas that it shares with package lists:
// deb822(5), dpkg-query(1).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/host.h"

namespace sallyport {

// Views live as long as the text that they were read from.
struct InstalledPackage {
  std::string_view name;
  std::string_view version;
  std::string_view architecture;
  bool held = false;  // "hold ok installed"
};

// Those whose files are there (want may be anything, status is not "not-installed" or
// "config-files"). A stanza without Package, Status or Version is kMalformed and named.
Result<std::vector<InstalledPackage>> ParseDpkgStatus(std::string_view text);

// The version of one installed package, found without reading all others; nullopt: not installed.
std::optional<std::string> InstalledVersion(std::string_view dpkg_status, std::string_view package);

// The value of a field in one stanza, without the blanks around it; empty when it is not there.
// Continuation lines are not fields.
std::string_view StanzaField(std::string_view stanza, std::string_view name);

// Calls `stanza` for each run of lines between empty ones.
void ForEachStanza(std::string_view text, const std::function<void(std::string_view)>& stanza);

inline constexpr char kDpkgStatusPath[] = "/var/lib/dpkg/status";
inline constexpr size_t kMaxDpkgStatusBytes = 64 << 20;

}  // namespace sallyport
