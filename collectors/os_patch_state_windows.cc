// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <optional>

#include "base/text.h"
#include "collectors/dates.h"
#include "collectors/os_patch_state.h"
#include "collectors/windows_reboot.h"
#include "collectors/windows_registry.h"
#include "collectors/windows_support.h"

namespace sallyport {
namespace {

constexpr int64_t kDay = 86'400;
constexpr char kDetect[] = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion)"
                           R"(\WindowsUpdate\Auto Update\Results\Detect)";
constexpr char kPolicy[] =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU)";
constexpr char kMdmPolicy[] =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\PolicyManager\current\device\Update)";
constexpr char kSettings[] = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\WindowsUpdate\UX\Settings)";

Value RebootRequired(const Host& host) {
  const WindowsRestart restart = ReadWindowsRestart(host);
  if (restart.servicing.value_or(false) || restart.update.value_or(false)) return Cell(true);
  return restart.servicing && restart.update ? Cell(false) : Cell(Unknown{});
}

// "2026-11-20 08:15:30", UTC. Newer releases do not write it.
Value DaysSinceDetection(const Host& host, int64_t now_s) {
  const auto text = RegistryText(host, kDetect, "LastSuccessTime");
  const auto day = text ? ParseDay(text->substr(0, 10)) : std::nullopt;
  if (!day || *day > now_s) return Unknown{};
  return Cell((now_s - *day) / kDay);
}

// nullopt: no such setting.
Result<std::optional<int64_t>> Setting(const Host& host, const char* key, const char* name) {
  const auto number = RegistryNumber(host, key, name);
  if (number) return std::optional(*number);
  if (number.error().code == Code::kNotFound) return std::optional<int64_t>();
  return tl::unexpected(number.error());
}

// "2026-12-01T10:00:00Z". nullopt: may not be told.
std::optional<bool> IsPaused(const Host& host, int64_t now_s) {
  const auto until = RegistryText(host, kSettings, "PauseUpdatesExpiryTime");
  if (!until && until.error().code == Code::kNotFound) return false;
  const auto day = until ? ParseDay(until->substr(0, 10)) : std::nullopt;
  return day ? std::optional(*day > now_s) : std::nullopt;
}

// nullopt: may not be told.
std::optional<bool> ServiceIsDisabled(const Host& host) {
  const auto services = host.Services();
  if (!services) return std::nullopt;
  const auto found = std::ranges::find_if(
      *services, [](const ServiceInfo& service) { return Lower(service.name) == "wuauserv"; });
  if (found == services->end()) return true;
  if (!found->start) return std::nullopt;
  return *found->start == ServiceInfo::Start::kDisabled;
}

// AUOptions: 2 asks before it downloads, 3 before it installs, 4 installs by schedule, 5 leaves it
// to the local administrator, 7 asks before it restarts (Windows Update policies, "Configure
// Automatic Updates"). AllowAutoUpdate of Policy CSP - Update: 0 asks, 5 is off. Neither set:
// Windows installs by itself.
Value InstallsByItself(const Host& host, int64_t now_s) {
  const std::optional<bool> disabled = ServiceIsDisabled(host);
  if (disabled && *disabled) return Cell(false);
  const auto off = Setting(host, kPolicy, "NoAutoUpdate");
  const auto options = Setting(host, kPolicy, "AUOptions");
  const auto mdm = Setting(host, kMdmPolicy, "AllowAutoUpdate");
  const std::optional<bool> paused = IsPaused(host, now_s);
  if ((off && *off == 1) || (mdm && (*mdm == 0 || *mdm == 5)) || (paused && *paused)) {
    return Cell(false);
  }
  if (options && (*options == 2 || *options == 3 || *options == 7)) return Cell(false);
  if (!disabled || !off || !options || !mdm || !paused || *options == 5) return Unknown{};
  return Cell(true);
}

struct SupportCells {
  Value eol = Unknown{};
  Value support = Unknown{};
  Value supported = Unknown{};
};

// The last day counts: support ends with it.
SupportCells DescribeSupport(const Host& host, const WindowsBuild& windows, int64_t now_s) {
  SupportCells out;
  const auto edition = RegistryText(host, kCurrentVersionKey, "EditionID");
  if (!edition) return out;
  const auto support = WindowsSupportOf(
      windows.build, windows.revision ? std::optional(*windows.revision) : std::nullopt, *edition);
  const auto full = support ? ParseDay(support->full_until) : std::nullopt;
  const auto until = support ? ParseDay(support->until) : std::nullopt;
  if (!full || !until) return out;
  out.eol = Cell(support->until);
  out.supported = Cell(now_s < *until + kDay);
  out.support = now_s < *full + kDay    ? Cell("full")
                : now_s < *until + kDay ? Cell("lts")
                                        : Cell("ended");
  return out;
}

}  // namespace

Result<Rows> OsPatchStateWindows(const Host& host, const Keys&) {
  const int64_t now_s = std::chrono::duration_cast<std::chrono::seconds>(host.Time().wall).count();
  const Result<WindowsBuild> windows = ReadWindowsBuild(host);
  if (!windows) return tl::unexpected(windows.error());
  const SupportCells support = DescribeSupport(host, *windows, now_s);
  return Rows{{
      Cell("windows_update"),
      Unknown{},  // which updates there are only Windows Update's searcher tells
      Unknown{},
      Unknown{},
      Unknown{},
      Unknown{},
      DaysSinceDetection(host, now_s),
      Cell(std::nullopt),
      Cell(std::nullopt),
      RebootRequired(host),
      windows->revision ? Cell(windows->FullVersion()) : Cell(Unknown{}),
      Cell(std::nullopt),
      Unknown{},
      Unknown{},
      support.eol,
      support.support,
      support.supported,
      InstallsByItself(host, now_s),
  }};
}

}  // namespace sallyport
