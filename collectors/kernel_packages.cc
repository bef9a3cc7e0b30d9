// SPDX-License-Identifier: Apache-2.0
#include "collectors/kernel_packages.h"

#include "base/package_version.h"
#include "base/text.h"

namespace sallyport {
namespace {

bool StartsWithDigit(std::string_view text) {
  return !text.empty() && text[0] >= '0' && text[0] <= '9';
}

// "linux-image-6.1.0-18-amd64" is "6.1.0-18-amd64"; meta packages and debug symbols are "".
std::string_view ReleaseOf(std::string_view package) {
  constexpr std::string_view kPrefix = "linux-image-";
  constexpr std::string_view kUbuntuUnsigned = "unsigned-";  // linux-image-unsigned-6.8.0-31-...
  constexpr std::string_view kDebianUnsigned = "-unsigned";  // linux-image-6.1.0-18-amd64-unsigned
  if (!package.starts_with(kPrefix)) return {};
  package.remove_prefix(kPrefix.size());
  if (package.starts_with(kUbuntuUnsigned)) package.remove_prefix(kUbuntuUnsigned.size());
  if (package.ends_with(kDebianUnsigned)) package.remove_suffix(kDebianUnsigned.size());
  if (!StartsWithDigit(package) || package.ends_with("-dbg") || package.ends_with("-dbgsym")) {
    return {};
  }
  return package;
}

// "... SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)" is "6.1.76-1".
std::string_view BootedPackageVersion(std::string_view proc_version) {
  constexpr std::string_view kMark = " Debian ";
  const size_t mark = proc_version.rfind(kMark);
  if (mark == std::string_view::npos) return {};
  const std::string_view rest = proc_version.substr(mark + kMark.size());
  const std::string_view version = Trim(rest.substr(0, rest.find(" (")));
  return StartsWithDigit(version) ? version : std::string_view{};
}

// Rebuilt without a change of source: "6.1.76-1+b2".
std::string_view WithoutRebuild(std::string_view version) {
  const size_t plus = version.rfind("+b");
  if (plus == std::string_view::npos || !ParseInt(version.substr(plus + 2))) return version;
  return version.substr(0, plus);
}

}  // namespace

std::string KernelFlavour(std::string_view release) {
  const auto parts = Split(release, '-');
  std::vector<std::string> flavour;
  for (size_t i = 1; i < parts.size(); ++i) {
    if (flavour.empty() && StartsWithDigit(parts[i])) continue;  // "18", "0.deb11.13"
    flavour.emplace_back(parts[i]);
  }
  return Join(flavour, "-");
}

KernelState CompareKernels(const std::vector<InstalledPackage>& installed, std::string_view release,
                           std::string_view proc_version) {
  const std::string flavour = KernelFlavour(release);
  bool any = false;
  std::string_view newest;
  std::string_view newest_version;
  for (const InstalledPackage& package : installed) {
    const std::string_view candidate = ReleaseOf(package.name);
    if (candidate.empty()) continue;
    any = true;
    if (KernelFlavour(candidate) != flavour) continue;
    if (newest.empty() || CompareDpkgVersions(candidate, newest) > 0) {
      newest = candidate;
      newest_version = package.version;
    }
  }
  if (!any) return {Cell(std::nullopt), Cell(std::nullopt)};
  if (newest.empty()) return {Unknown{}, Unknown{}};
  if (newest != release) return {Cell(newest), Cell(false)};
  const std::string_view booted = BootedPackageVersion(proc_version);
  const bool replaced =
      !booted.empty() && CompareDpkgVersions(WithoutRebuild(newest_version), booted) > 0;
  return {Cell(newest), Cell(!replaced)};
}

}  // namespace sallyport
