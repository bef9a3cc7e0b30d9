// SPDX-License-Identifier: Apache-2.0
#include "collectors/dnf_updates.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/package_version.h"
#include "base/text.h"

namespace sallyport {
namespace {

constexpr std::chrono::seconds kDeadline{60};

// "kernel-core.noarch" is a name and an architecture.
bool SplitArch(std::string_view text, DnfPackage* out) {
  const size_t dot = text.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == text.size()) return false;
  out->name = text.substr(0, dot);
  out->arch = text.substr(dot + 1);
  return true;
}

// "openssl-libs-1:3.0.7-25.el9_3.x86_64": name-[epoch:]version-release.arch.
bool SplitNevra(std::string_view text, DnfPackage* out) {
  if (!SplitArch(text, out)) return false;
  const std::string nevr = out->name;
  const size_t release = nevr.rfind('-');
  if (release == std::string::npos || release == 0) return false;
  const size_t version = nevr.rfind('-', release - 1);
  if (version == std::string::npos || version == 0) return false;
  out->name = nevr.substr(0, version);
  out->version = nevr.substr(version + 1);
  return true;
}

Result<std::string> RunDnf(const Host& host, std::vector<std::string> words) {
  Command command{.argv = {kDnf, "-q", "-C"}, .deadline = kDeadline};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  const Result<CommandOutput> output = host.Run(command);
  if (!output) return tl::unexpected(output.error());
  if (output->exit_code != 0 && output->exit_code != 100) {
    return Fail(Code::kUnavailable, "dnf " + words.front() + ": exit code " +
                                        std::to_string(output->exit_code) + ": " +
                                        Excerpt(Trim(output->err)));
  }
  return output->out;
}

using Installed = std::map<std::string, std::string>;  // "name.arch" to the newest version

// rpm(8): of packages that may be installed more than once, the kernel's, the newest counts.
Installed InstalledVersions(const Host& host, const std::vector<DnfPackage>& packages) {
  Installed out;
  if (packages.empty()) return out;
  Command command{.argv = {"/usr/bin/rpm", "-q", "--qf", "%{NAME}.%{ARCH} %{EVR}\n"}};
  for (const DnfPackage& package : packages) {
    if (!package.name.starts_with('-')) command.argv.push_back(package.name + "." + package.arch);
  }
  const Result<CommandOutput> output = host.Run(command);
  if (!output) return out;
  for (std::string_view line : Lines(output->out)) {
    const std::vector<std::string_view> fields = Fields(line);
    if (fields.size() != 2) continue;  // "package x is not installed"
    std::string& version = out[std::string(fields[0])];
    if (version.empty() || CompareRpmVersions(fields[1], version) > 0) version = fields[1];
  }
  return out;
}

bool SamePackage(const DnfPackage& a, const DnfPackage& b) {
  return a.name == b.name && a.arch == b.arch;
}

PackageUpdate UpdateOf(const DnfPackage& package, const Installed& installed) {
  PackageUpdate out;
  out.package = package.name;
  out.architecture = package.arch;
  out.candidate = package.version;
  out.origin = package.repository;
  out.security = Cell(false);
  out.held = Unknown{};  // a locked version is not offered, and not shown as locked
  const auto version = installed.find(package.name + "." + package.arch);
  if (version != installed.end()) out.installed = Cell(version->second);
  return out;
}

void NoteAdvisory(const DnfAdvisory& advisory, PackageUpdate* update) {
  update->security = Cell(true);
  if (IsNull(update->advisory)) {
    update->advisory = Cell(advisory.id);
    if (!advisory.severity.empty()) update->severity = Cell(advisory.severity);
  }
}

}  // namespace

Result<std::vector<DnfPackage>> ParseDnfCheckUpdate(std::string_view text) {
  std::vector<DnfPackage> out;
  std::vector<std::string_view> words;
  for (std::string_view line : Lines(text)) {
    if (line.starts_with("Obsoleting ")) break;
    const auto more = Fields(line);
    words.insert(words.end(), more.begin(), more.end());
    if (words.size() < 3) continue;
    DnfPackage package;
    if (words.size() > 3 || !SplitArch(words[0], &package)) {
      return Fail(Code::kMalformed, "dnf check-update: " + Excerpt(line));
    }
    package.version = words[1];
    package.repository = words[2];
    out.push_back(std::move(package));
    words.clear();
  }
  if (!words.empty()) return Fail(Code::kMalformed, "dnf check-update: ends early");
  return out;
}

Result<std::vector<DnfAdvisory>> ParseDnfUpdateinfo(std::string_view text) {
  std::vector<DnfAdvisory> out;
  for (std::string_view line : Lines(text)) {
    const std::vector<std::string_view> fields = Fields(line);
    if (fields.empty()) continue;
    DnfAdvisory advisory;
    const bool sound = fields.size() == 3 && fields[1].find("Sec.") != std::string_view::npos &&
                       SplitNevra(fields[2], &advisory.package);
    if (!sound) return Fail(Code::kMalformed, "dnf updateinfo: " + Excerpt(line));
    advisory.id = fields[0];
    const size_t slash = fields[1].find('/');
    if (slash != std::string_view::npos) advisory.severity = fields[1].substr(0, slash);
    out.push_back(std::move(advisory));
  }
  return out;
}

Result<OfferedUpdates> ReadDnfUpdates(const Host& host) {
  const Result<std::string> offered = RunDnf(host, {"check-update"});
  if (!offered) return tl::unexpected(offered.error());
  const Result<std::string> security = RunDnf(host, {"updateinfo", "list", "--security"});
  if (!security) return tl::unexpected(security.error());
  Result<std::vector<DnfPackage>> packages = ParseDnfCheckUpdate(*offered);
  if (!packages) return tl::unexpected(packages.error());
  const Result<std::vector<DnfAdvisory>> advisories = ParseDnfUpdateinfo(*security);
  if (!advisories) return tl::unexpected(advisories.error());

  OfferedUpdates out;
  out.packages = static_cast<int64_t>(packages->size());
  // What an advisory mends and check-update leaves out is excluded or locked, and missing.
  for (const DnfAdvisory& advisory : *advisories) {
    const bool known = std::ranges::any_of(
        *packages, [&](const DnfPackage& p) { return SamePackage(p, advisory.package); });
    if (!known) packages->push_back(advisory.package);
  }
  const Installed installed = InstalledVersions(host, *packages);
  for (const DnfPackage& package : *packages) {
    PackageUpdate update = UpdateOf(package, installed);
    for (const DnfAdvisory& advisory : *advisories) {
      if (SamePackage(advisory.package, package)) NoteAdvisory(advisory, &update);
    }
    out.security += update.security == Cell(true);
    out.updates.push_back(std::move(update));
  }
  return out;
}

}  // namespace sallyport
