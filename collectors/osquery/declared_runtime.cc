// SPDX-License-Identifier: Apache-2.0
#include "collectors/osquery/declared.h"
#include "collectors/osquery/runtime.h"

namespace sallyport {
namespace {

constexpr Schema kTables[] = {
    kProcesses,     kServices,       kSystemdUnits,     kLaunchd,         kStartupItems,
    kKernelModules, kSystemControls, kApparmorProfiles, kSelinuxSettings, kListeningPorts,
};

}  // namespace

std::span<const Schema> DeclaredRuntimeTables() { return kTables; }

}  // namespace sallyport
