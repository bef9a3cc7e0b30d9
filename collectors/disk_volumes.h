// SPDX-License-Identifier: Apache-2.0
// Table disk_volumes: are the mounted volumes and swap areas encrypted at rest?
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Column kDiskVolumesColumns[] = {
    {"mount_point", Type::kText, "as the OS prints it; NULL for swap"},
    {"device", Type::kText, "as the OS names the volume"},
    {"fs_type", Type::kText, "file system; \"swap\" for swap"},
    {"protection", Type::kText,
     "on; off; partial: some of what it lies on is clear; NULL: nothing is kept at rest here"},
    {"method", Type::kText,
     "LUKS2 LUKS2-OPAL LUKS1 plain ZFS BITLK TCRYPT FVAULT2 eCryptfs BitLocker; NULL: none"},
    {"cipher", Type::kText,
     "as cryptsetup names it, or AES-128-CBC-Elephant, hardware; unknown when it cannot be asked"},
    {"holds_os", Type::kInteger, "1: part of the operating system lies here"},
    {"holds_user_data", Type::kInteger, "0: nothing of a user can lie here at rest"},
    {"is_swap", Type::kInteger, "1: memory is paged out to it, or (Windows) to a file on it"},
    {"exempt", Type::kInteger, "1: must be readable before the disk is unlocked (/boot, ESP)"},
    {"read_only", Type::kInteger, "1: mounted read-only; NULL for swap"},
};
inline constexpr Schema kDiskVolumes{"disk_volumes", kDiskVolumesColumns,
                                     "encryption of mounted volumes and swap"};
inline constexpr Trigger kDiskVolumesLinuxTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/proc/self/mountinfo"},
    {.kind = Trigger::Kind::kPath, .what = "/proc/swaps"},
};

// WMI tells nobody: what BitLocker does is seen by schedule.
inline constexpr Trigger kDiskVolumesWindowsTriggers[] = {
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control)"
             R"(\Session Manager\Memory Management)"},
    {.kind = Trigger::Kind::kRegistry, .what = R"(HKEY_LOCAL_MACHINE\SYSTEM\MountedDevices)"},
};

// One row per mounted volume (bind mounts of it are not repeated) and per swap area. No rows means
// no volumes; a volume list that cannot be read is an error.
Result<Rows> DiskVolumesLinux(const Host& host, const Keys& keys);
// APFS, with FileVault: encryption by the disk's own hardware keeps nobody out.
Result<Rows> DiskVolumesMacos(const Host& host, const Keys& keys);
// BitLocker alone is asked; what it does not know is unknown.
Result<Rows> DiskVolumesWindows(const Host& host, const Keys& keys);

}  // namespace sallyport
