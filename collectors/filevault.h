// SPDX-License-Identifier: Apache-2.0
// FileVault of macOS: what fdesetup(8) says of the machine, what diskutil(8) says of its APFS
// volumes. Tables disk_encryption of osquery and filevault_status of Fleet.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

struct ApfsVolume {
  std::string device;  // disk3s5
  std::string uuid;
  std::vector<std::string> roles;  // System, Data, VM, Preboot, Recovery, Update
  std::optional<bool> encryption =
      {};                              // also by the disk's hardware, with a key that nobody guards
  std::optional<bool> filevault = {};  // the key hangs on a person's password
  std::optional<bool> converting = {};  // on its way, in either direction
  std::optional<bool> locked = {};

  bool Has(std::string_view role) const;
};

// Of "diskutil apfs list -plist".
Result<std::vector<ApfsVolume>> ReadApfsVolumes(const Host& host);

// What "fdesetup status" prints, without blanks around. Its words are English in every locale.
// kMalformed when it says nothing of FileVault.
Result<std::string> ReadFileVaultStatus(const Host& host);

// FileVault is on, finished, and nothing else is said: that it will be enabled at the next log out
// ("Deferred enablement"), that it needs a restart, that it still encrypts. nullopt: may not be
// told.
std::optional<bool> FileVaultIsOn(const Result<std::string>& status);

// A row for each APFS volume. `encrypted` is 1 for a volume of Apple silicon with FileVault off,
// too, whose disk encrypts by itself: `filevault_status` tells whether that keeps anybody out.
// `user_uuid` is the first person who can unlock it, and empty where a recovery key alone can.
Result<Rows> DiskEncryptionMacos(const Host& host, const Keys& keys);
// One row: what fdesetup prints.
Result<Rows> FilevaultStatusMacos(const Host& host, const Keys& keys);

}  // namespace sallyport
