// SPDX-License-Identifier: Apache-2.0
#include "collectors/apt_updates.h"
#include "collectors/pending_updates.h"
#include "collectors/rpm_managers.h"

namespace sallyport {
namespace {

Row AptRow(const AptUpdate& update) {
  return {Cell("apt"),
          Cell(update.package),
          Cell(update.architecture),
          Cell(update.installed),
          Cell(update.candidate),
          Cell(update.origin),
          Cell(update.security),
          Cell(update.phased),
          Cell(update.held),
          Cell(update.esm),
          Cell(update.offered),
          Cell(std::nullopt),
          Cell(std::nullopt)};
}

Row OtherRow(const std::string& manager, const PackageUpdate& update) {
  return {Cell(manager),
          Cell(update.package),
          Cell(update.architecture),
          update.installed,
          Cell(update.candidate),
          Cell(update.origin),
          update.security,
          update.phased,
          update.held,
          update.esm,
          Cell(true),
          update.severity,
          update.advisory};
}

Result<Rows> AptRows(const Host& host, std::string_view status) {
  const Result<std::vector<InstalledPackage>> installed = ParseDpkgStatus(status);
  if (!installed) return tl::unexpected(installed.error());
  const Result<std::vector<AptSource>> sources = AllAptSources(host);
  if (!sources) return tl::unexpected(sources.error());
  const Result<UpdateCounts> counts = CountUpdates(host, status, *installed, *sources);
  if (!counts) return tl::unexpected(counts.error());
  if (!counts->has_lists) {
    return Fail(Code::kUnavailable, std::string(kAptListsFolder) + ": no package lists");
  }
  Rows rows;
  for (const AptUpdate& update : counts->updates) rows.push_back(AptRow(update));
  return rows;
}

}  // namespace

Result<Rows> PendingUpdatesLinux(const Host& host, const Keys&) {
  const Result<std::string> status = host.ReadFile(kDpkgStatusPath, kMaxDpkgStatusBytes);
  if (status) return AptRows(host, *status);
  if (status.error().code != Code::kNotFound) return tl::unexpected(status.error());
  const Result<std::string> manager = OtherPackageManager(host);
  if (!manager) return Fail(Code::kUnsupported, manager.error().message);
  const Result<OfferedUpdates> offered = OfferedBy(host, *manager);
  if (!offered) return tl::unexpected(offered.error());
  Rows rows;
  for (const PackageUpdate& update : offered->updates) rows.push_back(OtherRow(*manager, update));
  return rows;
}

}  // namespace sallyport
