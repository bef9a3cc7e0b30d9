// SPDX-License-Identifier: Apache-2.0
// The running kernel against the installed kernel packages of Debian and Ubuntu.
#pragma once

#include <string_view>
#include <vector>

#include "base/table.h"
#include "collectors/dpkg_status.h"

namespace sallyport {

struct KernelState {
  Value newest;   // release; NULL: no kernel is a package here; unknown: none of this flavour is
  Value current;  // 1 or 0, else like newest

  friend bool operator==(const KernelState&, const KernelState&) = default;
};

// `release` is uname -r; `proc_version` the content of /proc/version, which on Debian ends with
// the version of the package that was booted: a kernel may be replaced without a new release.
KernelState CompareKernels(const std::vector<InstalledPackage>& installed, std::string_view release,
                           std::string_view proc_version);

// "6.1.0-18-cloud-amd64" is "cloud-amd64"; "6.12.48+deb13-amd64" is "amd64".
std::string KernelFlavour(std::string_view release);

}  // namespace sallyport
