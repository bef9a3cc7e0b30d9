// SPDX-License-Identifier: Apache-2.0
#include "collectors/osquery/declared.h"
#include "collectors/osquery/extension.h"

namespace sallyport {
namespace {

constexpr Schema kTables[] = {
    kFileLines,
    kParseJson,
    kParseJsonl,
    kParseIni,
    kParseXml,
    kMdm,
    kMdmBridge,
    kCisAudit,
    kSoftwareUpdate,
    kWindowsUpdates,
    kFilevaultStatus,
    kPwdPolicy,
    kPmset,
    kAuthdb,
    kSudoInfo,
    kFindCmd,
    kDscl,
    kCsrutilInfo,
    kNvramInfo,
    kUserLoginSettings,
    kCryptsetupStatus,
    kLsblk,
    kNftables,
    kDconfRead,
    kFalconctlOptions,
    kFalconKernelCheck,
    kOrbitInfo,
};

}  // namespace

std::span<const Schema> DeclaredExtensionTables() { return kTables; }

}  // namespace sallyport
