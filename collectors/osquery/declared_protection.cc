// SPDX-License-Identifier: Apache-2.0
#include "collectors/osquery/declared.h"
#include "collectors/osquery/protection.h"

namespace sallyport {
namespace {

constexpr Schema kTables[] = {
    kWindowsSecurityCenter,
    kWindowsSecurityProducts,
    kWindowsFirewallRules,
    kWindowsOptionalFeatures,
    kSecurityProfileInfo,
    kAlf,
    kAlfExceptions,
    kGatekeeper,
    kSipConfig,
    kScreenlock,
    kManagedPolicies,
    kPasswordPolicy,
    kLocationServices,
    kSystemExtensions,
    kXprotectMeta,
    kXprotectEntries,
    kXprotectReports,
};

}  // namespace

std::span<const Schema> DeclaredProtectionTables() { return kTables; }

}  // namespace sallyport
