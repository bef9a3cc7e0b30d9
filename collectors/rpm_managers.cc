// SPDX-License-Identifier: Apache-2.0
#include "collectors/rpm_managers.h"

#include <optional>

#include "collectors/dnf_updates.h"
#include "collectors/fetched_metadata.h"
#include "collectors/last_answer.h"
#include "collectors/zypper_updates.h"

namespace sallyport {
namespace {

// rpm's database, where it lies today and where it lay.
constexpr const char* kDatabases[] = {
    "/usr/lib/sysimage/rpm/rpmdb.sqlite", "/var/lib/rpm/rpmdb.sqlite",
    "/usr/lib/sysimage/rpm/Packages.db", "/var/lib/rpm/Packages.db", "/var/lib/rpm/Packages"};
// What would change an answer besides: repositories, settings, and the fetched metadata.
constexpr const char* kFolders[] = {"/etc/yum.repos.d",  "/etc/dnf",       "/etc/zypp",
                                    "/etc/zypp/repos.d", "/var/cache/dnf", "/var/cache/zypp/raw"};

void AddTime(const Host& host, const std::string& path, std::string* out) {
  const Result<FileStat> stat = host.Stat(path);
  if (stat) *out += path + " " + std::to_string(stat->modified_s) + "\n";
}

// nullopt when the database has no time to tell a changed one by.
std::optional<std::string> Fingerprint(const Host& host, const std::string& manager) {
  std::string out = manager + "\n";
  bool dated = false;
  for (const char* path : kDatabases) {
    const Result<FileStat> stat = host.Stat(path);
    dated = dated || (stat && stat->modified_s != 0);
    AddTime(host, path, &out);
    AddTime(host, std::string(path) + "-wal", &out);
  }
  if (!dated) return std::nullopt;
  for (const std::string folder : kFolders) {
    AddTime(host, folder, &out);
    const auto entries = host.ListDir(folder);
    if (!entries) continue;
    for (const DirEntry& entry : *entries) {
      AddTime(host, folder + "/" + entry.name, &out);
      AddTime(host, folder + "/" + entry.name + "/repodata/repomd.xml", &out);
    }
  }
  return out;
}

Result<OfferedUpdates> Ask(const Host& host, const std::string& manager) {
  if (manager == "dnf") return ReadDnfUpdates(host);
  if (manager == "zypper") return ReadZypperUpdates(host);
  return Fail(Code::kUnsupported, manager + ": its updates are not read");
}

// Never destroyed: a reading that hangs may outlast main().
LastAnswer<OfferedUpdates>& LastOffers() {
  static auto* const last = new LastAnswer<OfferedUpdates>;
  return *last;
}

}  // namespace

Result<std::string> OtherPackageManager(const Host& host) {
  if (host.Stat("/run/ostree-booted")) return std::string("rpm-ostree");
  for (const auto& [name, program] : {std::pair("zypper", kZypper), std::pair("dnf", kDnf),
                                      std::pair("pacman", "/usr/bin/pacman")}) {
    if (host.Stat(program)) return std::string(name);
  }
  return Fail(Code::kNotFound, "no package manager that is known");
}

Result<OfferedUpdates> OfferedBy(const Host& host, const std::string& manager) {
  const std::optional<std::string> fingerprint = Fingerprint(host, manager);
  if (fingerprint) {
    if (auto kept = LastOffers().For(*fingerprint)) return *std::move(kept);
  }
  Result<OfferedUpdates> updates = Ask(host, manager);
  if (updates && fingerprint) LastOffers().Keep(*fingerprint, *updates);
  return updates;
}

Value MetadataAgeDays(const Host& host, const std::string& manager) {
  return FetchedDaysAgo(host, manager == "zypper" ? "/var/cache/zypp/raw" : "/var/cache/dnf");
}

}  // namespace sallyport
