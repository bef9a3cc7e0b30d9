// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "collectors/screen_lock.h"
#include "collectors/windows_registry.h"

namespace sallyport {
namespace {

constexpr char kSystemPolicies[] =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System)";
constexpr char kDeviceLock[] =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\PolicyManager\current\device\DeviceLock)";
constexpr char kWinlogon[] =
    R"(HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon)";
constexpr char kDesktopPolicies[] = R"(\Software\Policies\Microsoft\Windows\Control Panel\Desktop)";
constexpr char kDesktop[] = R"(\Control Panel\Desktop)";
constexpr int64_t kDefaultGrace = 5;  // ScreenSaverGracePeriod, when it is not set

// One thing that locks: of the table, the columns after the user.
struct Lock {
  Value enabled = Unknown{};
  Value idle = Unknown{};
  Value grace = Unknown{};
  Value enforced = Unknown{};
  Value source = std::monostate{};
};

// A number, also one that is written as text, as those of the desktop are. NULL: not set.
Value Setting(const Host& host, const std::string& key, const char* name) {
  const auto value = host.ReadRegistry(key, name);
  if (!value) return value.error().code == Code::kNotFound ? Cell(std::nullopt) : Cell(Unknown{});
  if (std::holds_alternative<int64_t>(*value)) return *value;
  const auto* text = std::get_if<std::string>(&*value);
  const auto number = text == nullptr ? std::nullopt : ParseInt(Trim(*text));
  return number ? Cell(*number) : Cell(Unknown{});
}

// 0 is no limit. "Interactive logon: Machine inactivity limit".
Lock InactivityLimit(const Host& host) {
  const Value seconds = Setting(host, kSystemPolicies, "InactivityTimeoutSecs");
  if (IsUnknown(seconds)) return {};
  const bool off = IsNull(seconds) || seconds == Cell(0);
  if (off) return {.enabled = Cell(0)};
  return {Cell(1), seconds, Cell(0), Cell(1), Cell("policy InactivityTimeoutSecs")};
}

// Policy CSP - DeviceLock: minutes, 0 is no limit; counts only with DevicePasswordEnabled 0, which
// means that it is.
Lock ManagedLimit(const Host& host) {
  const Value minutes = Setting(host, kDeviceLock, "MaxInactivityTimeDeviceLock");
  const Value disabled = Setting(host, kDeviceLock, "DevicePasswordEnabled");
  if (IsUnknown(minutes) || IsUnknown(disabled)) return {};
  const auto* number = std::get_if<int64_t>(&minutes);
  if (number == nullptr || *number == 0 || disabled == Cell(1)) return {.enabled = Cell(0)};
  if (disabled != Cell(0)) return {};
  return {Cell(1), Cell(*number * 60), Cell(0), Cell(1), Cell("MDM MaxInactivityTimeDeviceLock")};
}

// A policy's value stands over the person's, each by itself.
struct Choice {
  Value value;
  bool by_policy = false;
};
Choice Chosen(const Host& host, const std::string& hive, const char* name) {
  const Value policy = Setting(host, hive + kDesktopPolicies, name);
  if (!IsNull(policy)) return {policy, true};
  return {Setting(host, hive + kDesktop, name), false};
}

// A screen saver without a program never starts: "(None)" of its dialogue takes the value away.
Value HasProgram(const Host& host, const std::string& hive) {
  for (const char* folder : {kDesktopPolicies, kDesktop}) {
    const auto program = RegistryText(host, hive + folder, "SCRNSAVE.EXE");
    if (program) return Cell(!program->empty());
    if (program.error().code != Code::kNotFound) return Unknown{};
  }
  return Cell(0);
}

Value All(const std::vector<Value>& conditions) {
  Value out = Cell(1);
  for (const Value& condition : conditions) {
    if (condition == Cell(0)) return Cell(0);
    if (condition != Cell(1)) out = Unknown{};
  }
  return out;
}

Lock ScreenSaver(const Host& host, const std::string& hive, const Choice& active) {
  const Choice secure = Chosen(host, hive, "ScreenSaverIsSecure");
  const Choice timeout = Chosen(host, hive, "ScreenSaveTimeOut");
  const auto* seconds = std::get_if<int64_t>(&timeout.value);
  Lock out;
  out.enabled = All({active.value, IsNull(secure.value) ? Cell(0) : secure.value,
                     HasProgram(host, hive), seconds ? Cell(*seconds > 0) : Cell(Unknown{})});
  if (out.enabled != Cell(1)) return out;
  out.idle = timeout.value;
  const Value grace = Setting(host, kWinlogon, "ScreenSaverGracePeriod");
  out.grace = IsNull(grace) ? Cell(kDefaultGrace) : grace;
  const bool enforced = active.by_policy && secure.by_policy && timeout.by_policy;
  out.enforced = Cell(enforced);
  out.source = Cell(enforced ? "policy: screen saver" : "screen saver");
  return out;
}

// Of those that lock, whose idle time is a number: what an administrator set before what a person
// did, then the shorter one.
bool IsBetter(const Lock& a, const Lock& b) {
  if (b.enabled != Cell(1)) return true;
  if (a.enforced != b.enforced) return a.enforced == Cell(1);
  return std::get<int64_t>(a.idle) < std::get<int64_t>(b.idle);
}

Lock FirstOf(const std::vector<Lock>& locks) {
  Lock out{Cell(0), Cell(std::nullopt), Cell(std::nullopt), Cell(0), Cell(std::nullopt)};
  for (const Lock& lock : locks) {
    if (lock.enabled == Cell(1) && IsBetter(lock, out)) out = lock;
    if (IsUnknown(lock.enabled) && out.enabled == Cell(0)) out = {};
  }
  return out;
}

Row RowOf(const Value& user, const Lock& lock) {
  return {user, lock.enabled, lock.idle, lock.grace, lock.enforced, lock.source};
}

// "Interactive logon: Machine inactivity limit" locks by the screen saver, which must be active.
Lock WithScreenSaver(Lock limit, const Value& active) {
  const bool may_be_off = active == Cell(0) || IsUnknown(active);
  return limit.enabled == Cell(1) && may_be_off ? Lock{} : limit;
}

// "Volatile Environment" is made when a person logs on; a service's account has none.
Result<std::vector<std::string>> HivesOfPeople(const Host& host) {
  const auto sids = host.ListRegistry("HKEY_USERS");
  if (!sids) return tl::unexpected(sids.error());
  std::vector<std::string> out;
  for (const std::string& sid : *sids) {
    const bool account = sid.starts_with("S-1-5-21-") || sid.starts_with("S-1-12-1-");
    if (!account || sid.ends_with("_Classes")) continue;
    const std::string hive = "HKEY_USERS\\" + sid;
    const auto session = host.ReadRegistryKey(hive + "\\Volatile Environment");
    if (session || session.error().code != Code::kNotFound) out.push_back(hive);
  }
  return out;
}

Value NameOf(const Host& host, const std::string& hive) {
  return TextOrUnknown(RegistryText(host, hive + "\\Volatile Environment", "USERNAME"));
}

}  // namespace

Result<Rows> ScreenLockWindows(const Host& host, const Keys&) {
  const auto hives = HivesOfPeople(host);
  if (!hives) return tl::unexpected(hives.error());
  const Lock inactivity = InactivityLimit(host);
  const Lock managed = ManagedLimit(host);
  Rows rows;
  for (const std::string& hive : *hives) {
    const Choice active = Chosen(host, hive, "ScreenSaveActive");
    rows.push_back(RowOf(NameOf(host, hive), FirstOf({WithScreenSaver(inactivity, active.value),
                                                      managed, ScreenSaver(host, hive, active)})));
  }
  if (!rows.empty()) return rows;
  const Lock machine = FirstOf({inactivity, managed});
  // Without a limit it hangs on who logs on.
  return Rows{RowOf(Cell(std::nullopt), machine.enabled == Cell(1) ? machine : Lock{})};
}

}  // namespace sallyport
