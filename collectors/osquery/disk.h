// SPDX-License-Identifier: Apache-2.0
// Declarations of osquery's tables: disks, volumes and their encryption.
#pragma once

#include "base/table.h"

namespace sallyport {

inline constexpr Column kDiskEncryptionColumns[] = {
    {"name", Type::kText, "device", "", Role::kIndex},
    {"uuid", Type::kText, "of the device", "nocase"},
    {"encrypted", Type::kInteger, "1: encrypted; 0: not"},
    {"type", Type::kText, "method and cipher"},
    {"encryption_status", Type::kText, "encrypted, not encrypted, or undefined"},
    {"uid", Type::kText, "macOS: of the user who may unlock it"},
    {"user_uuid", Type::kText, "macOS: of the user who may unlock it", "nocase"},
    {"filevault_status", Type::kText, "macOS: on, off or unknown"},
};
inline constexpr Schema kDiskEncryption{"disk_encryption", kDiskEncryptionColumns,
                                        "encryption of block devices"};

inline constexpr Column kBitlockerInfoColumns[] = {
    {"device_id", Type::kText, "of the volume"},
    {"drive_letter", Type::kText, "of the volume"},
    {"persistent_volume_id", Type::kText, "BitLocker's identifier of the volume"},
    {"conversion_status", Type::kInteger,
     "0 decrypted, 1 encrypted, 2 encrypting, 3 decrypting, 4 and 5 paused"},
    {"protection_status", Type::kInteger, "0 off or suspended, 1 on, 2 unknown"},
    {"encryption_method", Type::kText, "cipher"},
    {"protector_types", Type::kText, "kinds of key protectors"},
    {"version", Type::kInteger, "of BitLocker's metadata"},
    {"percentage_encrypted", Type::kInteger, "share of the volume"},
    {"lock_status", Type::kInteger, "0 unlocked, 1 locked"},
};
inline constexpr Schema kBitlockerInfo{"bitlocker_info", kBitlockerInfoColumns,
                                       "volumes of Windows that BitLocker can protect"};

inline constexpr Column kMountsColumns[] = {
    {"device", Type::kText, "as the mount table names it"},
    {"device_alias", Type::kText, "with symbolic links followed"},
    {"path", Type::kText, "where it is mounted"},
    {"type", Type::kText, "of the filesystem"},
    {"blocks_size", Type::kBigint, "bytes of a block"},
    {"blocks", Type::kBigint, "blocks of the filesystem"},
    {"blocks_free", Type::kBigint, "free blocks"},
    {"blocks_available", Type::kBigint, "free blocks that any user may take"},
    {"inodes", Type::kBigint, "inodes of the filesystem"},
    {"inodes_free", Type::kBigint, "free inodes"},
    {"flags", Type::kText, "options, by commas"},
};
inline constexpr Schema kMounts{"mounts", kMountsColumns, "filesystems that are mounted"};

inline constexpr Column kBlockDevicesColumns[] = {
    {"name", Type::kText, "device", "", Role::kIndex},
    {"parent", Type::kText, "device that it is a part of"},
    {"vendor", Type::kText, "of the disk"},
    {"model", Type::kText, "of the disk"},
    {"serial", Type::kText, "of the disk"},
    {"size", Type::kBigint, "in blocks"},
    {"block_size", Type::kInteger, "bytes of a block"},
    {"uuid", Type::kText, "of the filesystem", "nocase"},
    {"type", Type::kText, "of the filesystem"},
    {"label", Type::kText, "of the filesystem"},
};
inline constexpr Schema kBlockDevices{"block_devices", kBlockDevicesColumns,
                                      "disks, partitions and what lies on them"};

inline constexpr Column kLogicalDrivesColumns[] = {
    {"device_id", Type::kText, "drive letter with colon"},
    {"type", Type::kText, "deprecated: always Unknown"},
    {"description", Type::kText, "kind of drive in words"},
    {"free_space", Type::kBigint, "bytes; -1: not told"},
    {"size", Type::kBigint, "bytes; -1: not told"},
    {"file_system", Type::kText, "NTFS, FAT32 and the like"},
    {"boot_partition", Type::kInteger, "1: Windows starts from it"},
};
inline constexpr Schema kLogicalDrives{"logical_drives", kLogicalDrivesColumns,
                                       "drives of Windows"};

}  // namespace sallyport
