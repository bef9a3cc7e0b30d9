// SPDX-License-Identifier: Apache-2.0
// What apt has fetched: the sources in /var/lib/apt/lists, who made them, and their packages.
// Formats: https://wiki.debian.org/DebianRepository/Format, apt_preferences(5).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/host.h"

namespace sallyport {

struct AptSource {
  std::string name;  // file name in the folder of lists, without "InRelease"
  std::string origin;
  std::string label;
  std::string suite;
  std::string codename;
  std::optional<int64_t> signed_at;    // Date, seconds since 1970
  std::optional<int64_t> valid_until;  // Valid-Until
  bool not_automatic = false;          // never upgraded to by itself: experimental
  bool only_upgrades = false;          // ButAutomaticUpgrades: backports
  std::vector<std::string> lists;      // paths of the Packages files, compressed or not

  // Ubuntu's extended security maintenance: origins UbuntuESM and UbuntuESMApps, as
  // /etc/apt/apt.conf.d/50unattended-upgrades of Ubuntu names them. Fetching from there needs a
  // token; its lists can be read without one.
  bool IsEsm() const;
  // Debian-Security, or a suite or code name "...-security" (Ubuntu, and its ESM).
  bool IsSecurity() const;

  friend bool operator==(const AptSource&, const AptSource&) = default;
};

// `text` is an InRelease or Release file, or its beginning up to the checksums.
AptSource ParseRelease(std::string_view text);

// The sources of a folder of lists. Packages files without a Release of their own belong to a
// source without origin. No folder: none.
Result<std::vector<AptSource>> ReadAptSources(const Host& host, const std::string& folder);

// Calls `stanza` with each package of a list. Plain text and .lz4 are read here, every other
// compression (.gz, .xz, .zst, .bz2) by apt-helper(1).
Status ForEachListed(const Host& host, const std::string& list,
                     const std::function<void(std::string_view)>& stanza);

inline constexpr char kAptHelper[] = "/usr/lib/apt/apt-helper";
inline constexpr char kAptListsFolder[] = "/var/lib/apt/lists";
// Where Ubuntu keeps the lists of ESM on a machine that has no token for it.
inline constexpr char kEsmListsFolder[] = "/var/lib/ubuntu-advantage/apt-esm/var/lib/apt/lists";
inline constexpr size_t kMaxListBytes = 256 << 20;

}  // namespace sallyport
