// SPDX-License-Identifier: Apache-2.0
#include "collectors/kernel_info.h"
#include "collectors/os_version.h"
#include "collectors/osquery/declared.h"
#include "collectors/osquery/system.h"
#include "collectors/system_info.h"

namespace sallyport {
namespace {

constexpr Schema kTables[] = {
    kOsVersion,    kKernelInfo, kSystemInfo, kUptime,
    kPlatformInfo, kSecureboot, kTpmInfo,    kDeviceguardStatus,
};

}  // namespace

std::span<const Schema> DeclaredSystemTables() { return kTables; }

}  // namespace sallyport
