// SPDX-License-Identifier: Apache-2.0
#include "collectors/osquery/declared.h"
#include "collectors/osquery/disk.h"

namespace sallyport {
namespace {

constexpr Schema kTables[] = {
    kDiskEncryption, kBitlockerInfo, kMounts, kBlockDevices, kLogicalDrives,
};

}  // namespace

std::span<const Schema> DeclaredDiskTables() { return kTables; }

}  // namespace sallyport
