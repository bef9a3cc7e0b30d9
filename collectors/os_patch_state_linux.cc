// SPDX-License-Identifier: Apache-2.0
#include "collectors/os_patch_state.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/apt_lists.h"
#include "collectors/apt_periodic.h"
#include "collectors/apt_updates.h"
#include "collectors/dates.h"
#include "collectors/distribution_support.h"
#include "collectors/dpkg_status.h"
#include "collectors/fetched_metadata.h"
#include "collectors/kernel_packages.h"
#include "collectors/os_release.h"
#include "collectors/rpm_managers.h"

namespace sallyport {
namespace {

// What the package manager says.
struct Updates {
  Value manager = Unknown{};
  Value security = Unknown{};
  Value security_held = Unknown{};
  Value pending = Unknown{};
  Value held = Unknown{};
  Value phased = Unknown{};
  Value lists_age = Unknown{};
  Value expired = Unknown{};
  Value security_age = Unknown{};
  Value automatic = Unknown{};
  KernelState kernel{Unknown{}, Unknown{}};
};

constexpr int64_t kDay = 86'400;
// As long as Debian's security archive lets its lists stand.
constexpr int64_t kTrustedDays = 7;

// apt renames fetched lists into the folder; the stamp is written by its periodic job after
// success. When nothing had changed on the server, the folder may look older than it is.
Value ListsAge(const Host& host) {
  std::optional<int64_t> newest;
  for (const char* path : {kAptListsFolder, "/var/lib/apt/periodic/update-success-stamp"}) {
    const Result<FileStat> stat = host.Stat(path);
    if (!stat || stat->modified_s == 0) continue;  // reproducible images set times to 1970
    newest = std::max(newest.value_or(stat->modified_s), stat->modified_s);
  }
  return WholeDaysSince(host, newest);
}

void DescribeSecurityLists(const Host& host, const std::vector<AptSource>& sources, int64_t now_s,
                           Updates* out) {
  std::optional<int64_t> newest;
  bool any = false;
  bool expired = false;
  for (const AptSource& source : sources) {
    if (!source.IsSecurity()) continue;
    any = true;
    expired = expired || (source.valid_until && *source.valid_until < now_s);
    if (source.signed_at) newest = std::max(newest.value_or(*source.signed_at), *source.signed_at);
  }
  if (!any) return;
  out->expired = Cell(expired);
  out->security_age = WholeDaysSince(host, newest);
}

// Old lists cannot say that nothing is missing; what they do say is missing, is. Ubuntu's and rpm's
// have no date until which they hold.
Value SecurityPending(int64_t counted, const Value& expired, const Value& lists_age) {
  const int64_t* days = std::get_if<int64_t>(&lists_age);
  const bool fresh = expired != Cell(true) && days != nullptr && *days <= kTrustedDays;
  return counted > 0 || fresh ? Cell(counted) : Cell(Unknown{});
}

void CountWithLists(const Host& host, std::string_view status,
                    const std::vector<InstalledPackage>& installed, int64_t now_s, Updates* out) {
  const Result<std::vector<AptSource>> sources = AllAptSources(host);
  if (!sources) return;
  DescribeSecurityLists(host, *sources, now_s, out);
  const Result<UpdateCounts> counts = CountUpdates(host, status, installed, *sources);
  if (!counts || !counts->has_lists) return;
  out->lists_age = ListsAge(host);
  if (counts->has_security_lists) {
    out->security = SecurityPending(counts->security, out->expired, out->lists_age);
    out->security_held = Cell(counts->security_held);
  }
  out->pending = Cell(counts->pending);
  out->held = Cell(counts->held);
  out->phased = Cell(counts->phased);
}

// Of rpm's managers neither holds nor kernels are asked; nothing is phased there.
Updates ReadOther(const Host& host) {
  Updates out;
  const Result<std::string> manager = OtherPackageManager(host);
  if (!manager) return out;
  out.manager = Cell(*manager);
  const Result<OfferedUpdates> offered = OfferedBy(host, *manager);
  if (!offered) return out;
  out.lists_age = MetadataAgeDays(host, *manager);
  out.security = SecurityPending(offered->security, Cell(std::nullopt), out.lists_age);
  out.pending = Cell(offered->packages);
  out.phased = Cell(std::nullopt);
  out.expired = Cell(std::nullopt);
  return out;
}

Result<Updates> ReadUpdates(const Host& host, const Result<std::string>& release, int64_t now_s) {
  const Result<std::string> status = host.ReadFile(kDpkgStatusPath, kMaxDpkgStatusBytes);
  if (!status) {
    if (status.error().code == Code::kNotFound) return ReadOther(host);
    return tl::unexpected(status.error());
  }
  const Result<std::vector<InstalledPackage>> installed = ParseDpkgStatus(*status);
  if (!installed) return tl::unexpected(installed.error());

  Updates out;
  out.manager = Cell("apt");
  out.automatic = InstallsUpdatesByItself(host, *status);
  CountWithLists(host, *status, *installed, now_s, &out);
  if (release) {
    const Result<std::string> version = host.ReadFile("/proc/version");
    out.kernel = CompareKernels(*installed, *release, version ? *version : "");
  }
  return out;
}

// The file is written by update-notifier, unattended-upgrades and kernel hooks.
Value RebootRequired(const Host& host, const KernelState& kernel) {
  const Result<FileStat> file = host.Stat("/run/reboot-required");
  if (file || kernel.current == Cell(false)) return Cell(true);
  if (file.error().code != Code::kNotFound || IsUnknown(kernel.current)) return Unknown{};
  return Cell(false);
}

Value LivePatches(const Host& host) {
  const auto patches = host.ListDir("/sys/kernel/livepatch");
  if (patches) return Cell(static_cast<int64_t>(patches->size()));
  return patches.error().code == Code::kNotFound ? Cell(0) : Cell(Unknown{});
}

struct SupportCells {
  Value eol = Unknown{};
  Value support = Unknown{};
  Value supported = Unknown{};
};

// The last day counts: support ends with it.
SupportCells DescribeSupport(const Host& host, int64_t now_s) {
  SupportCells out;
  const Result<OsRelease> release = ReadOsRelease(host);
  if (!release) return out;
  const std::optional<DistributionSupport> support = SupportOf(*release);
  if (!support) return out;
  const std::optional<int64_t> full = ParseDay(support->full_until);
  const std::optional<int64_t> until = ParseDay(support->until);
  if (!full || !until) return out;
  out.eol = Cell(support->until);
  out.supported = Cell(now_s < *until + kDay);
  out.support = now_s < *full + kDay    ? Cell("full")
                : now_s < *until + kDay ? Cell("lts")
                                        : Cell("ended");
  return out;
}

}  // namespace

Result<Rows> OsPatchStateLinux(const Host& host, const Keys&) {
  const int64_t now_s = std::chrono::duration_cast<std::chrono::seconds>(host.Time().wall).count();
  const Result<std::string> release = ReadTrimmed(host, "/proc/sys/kernel/osrelease");
  const Result<Updates> updates = ReadUpdates(host, release, now_s);
  if (!updates) return tl::unexpected(updates.error());
  const SupportCells support = DescribeSupport(host, now_s);
  return Rows{{
      updates->manager,
      updates->security,
      updates->security_held,
      updates->pending,
      updates->held,
      updates->phased,
      updates->lists_age,
      updates->expired,
      updates->security_age,
      RebootRequired(host, updates->kernel),
      release ? Cell(*release) : Cell(Unknown{}),
      updates->kernel.newest,
      updates->kernel.current,
      LivePatches(host),
      support.eol,
      support.support,
      support.supported,
      updates->automatic,
  }};
}

}  // namespace sallyport
