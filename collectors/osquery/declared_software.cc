// SPDX-License-Identifier: Apache-2.0
#include "collectors/osquery/declared.h"
#include "collectors/osquery/software.h"

namespace sallyport {
namespace {

constexpr Schema kTables[] = {
    kPatches,     kWindowsUpdateHistory, kPrograms, kDebPackages,     kAptSources,
    kRpmPackages, kYumSources,           kApps,     kPackageReceipts,
};

}  // namespace

std::span<const Schema> DeclaredSoftwareTables() { return kTables; }

}  // namespace sallyport
