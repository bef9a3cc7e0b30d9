// SPDX-License-Identifier: Apache-2.0
// Table disk_unlock: what opens the encrypted volumes at a start, and does it take a person? A
// volume that a TPM or a file on a clear disk opens is encrypted, and open to who has the laptop.
#pragma once

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Column kDiskUnlockColumns[] = {
    {"name", Type::kText, "the mapping, as /dev/mapper has it"},
    {"device", Type::kText, "what it opens; unknown when it is not one device"},
    {"method", Type::kText,
     "passphrase recovery tpm2 tpm2+pin fido2 pkcs11 clevis keyfile keyscript random; unknown for "
     "others"},
    {"needs_person", Type::kInteger,
     "1: somebody brings a secret or a key; 0: the machine opens it by itself; NULL: nobody does "
     "after a restart (random); a key file on an encrypted volume needs who opens that one"},
    {"key_file", Type::kText, "of keyfile and keyscript; NULL: no file"},
    {"key_file_protection", Type::kText,
     "of what the key file lies on: on, off, partial; of a file that the volume itself holds: what "
     "/boot lies on, with the initial file system that has a copy; NULL: no key file"},
};
inline constexpr Schema kDiskUnlock{"disk_unlock", kDiskUnlockColumns,
                                    "what opens encrypted volumes at a start"};

inline constexpr Trigger kDiskUnlockLinuxTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/etc/crypttab"},
    {.kind = Trigger::Kind::kPath, .what = "/etc/cryptsetup-keys.d"},
    {.kind = Trigger::Kind::kPath, .what = "/proc/self/mountinfo"},
    {.kind = Trigger::Kind::kPath, .what = "/proc/swaps"},
};

// A row for each way to open each mapping of dm-crypt that is open now: tokens and slots of LUKS2's
// header, crypttab(5) and its folder of key files. Of LUKS1, whose header names no way, what
// crypttab says. Keys that the kernel's command line names (rd.luks.key) are not seen.
Result<Rows> DiskUnlockLinux(const Host& host, const Keys& keys);

}  // namespace sallyport
