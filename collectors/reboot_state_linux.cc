// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/dpkg_status.h"
#include "collectors/kernel_packages.h"
#include "collectors/reboot_state.h"

namespace sallyport {
namespace {

// "linux-image-6.1.0-40-amd64, libc6" of one name a line; a name may stand there often.
std::string Packages(const Host& host) {
  const Result<std::string> text = host.ReadFile("/run/reboot-required.pkgs");
  if (!text) return "";
  std::string out;
  for (std::string_view line : Lines(*text)) {
    if (Trim(line).empty() || out.find(Trim(line)) != std::string::npos) continue;
    out += (out.empty() ? ": " : ", ") + std::string(Trim(line));
  }
  return out;
}

// Where dpkg keeps no kernel (NULL) there is none to wait for; without dpkg it is not known.
KernelState ReadKernel(const Host& host) {
  const auto status = host.ReadFile(kDpkgStatusPath, kMaxDpkgStatusBytes);
  const Result<std::string> release = ReadTrimmed(host, "/proc/sys/kernel/osrelease");
  if (!status || !release) return {Unknown{}, Unknown{}};
  const Result<std::vector<InstalledPackage>> installed = ParseDpkgStatus(*status);
  if (!installed) return {Unknown{}, Unknown{}};
  const Result<std::string> version = host.ReadFile("/proc/version");
  return CompareKernels(*installed, *release, version ? *version : "");
}

}  // namespace

// The file is written by update-notifier, unattended-upgrades and kernel hooks.
Result<Rows> RebootStateLinux(const Host& host, const Keys&) {
  Rows rows;
  const Result<FileStat> file = host.Stat("/run/reboot-required");
  if (file) {
    const Value since = file->modified_s == 0 ? Cell(Unknown{}) : Cell(file->modified_s);
    rows.push_back({Cell(true), Cell("packages" + Packages(host)), since});
  }
  const KernelState kernel = ReadKernel(host);
  if (kernel.current == Cell(false)) {
    rows.push_back({Cell(true), Cell("kernel " + ToText(kernel.newest)), Unknown{}});
  }
  const bool certain = (file || file.error().code == Code::kNotFound) && !IsUnknown(kernel.current);
  if (rows.empty() && certain) {
    rows.push_back({Cell(false), Cell(std::nullopt), Cell(std::nullopt)});
  } else if (rows.empty()) {
    rows.push_back({Unknown{}, Unknown{}, Unknown{}});
  }
  return rows;
}

}  // namespace sallyport
