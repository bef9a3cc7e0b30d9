// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "base/text.h"
#include "collectors/dconf.h"
#include "collectors/desktop_users.h"
#include "collectors/gnome_lock_settings.h"
#include "collectors/kconfig.h"
#include "collectors/screen_lock.h"

namespace sallyport {
namespace {

struct Lock {
  bool enabled = false;
  std::optional<int64_t> idle_seconds = {};  // nullopt: never
  int64_t grace_seconds = 0;
  bool enforced = false;
  std::string source;
};

void AddSource(const std::string& source, std::vector<std::string>* sources) {
  if (!source.empty() && std::ranges::find(*sources, source) == sources->end()) {
    sources->push_back(source);
  }
}

// gnome-shell's screenShield.js: after idle-delay (0: never) the screen blanks; lock-delay later it
// locks, where lock-enabled and not disable-lock-screen.
Result<Lock> GnomeLock(const Host& host, const DesktopUser& user) {
  const DconfUser dconf(host, *user.uid, user.home);
  std::array<int64_t, std::size(kGnomeLockSettings)> values{};
  std::vector<std::string> sources;
  bool locked = true;
  for (size_t i = 0; i < std::size(kGnomeLockSettings); ++i) {
    const auto& [schema, key] = kGnomeLockSettings[i];
    const Result<DconfSetting> setting = dconf.Setting(std::string(schema), std::string(key));
    if (!setting) return tl::unexpected(setting.error());
    values[i] = setting->value;
    locked = locked && setting->locked;
    AddSource(setting->source, &sources);
  }
  const auto [lock_enabled, disabled, idle, delay] = values;
  Lock lock;
  lock.enabled = lock_enabled != 0 && disabled == 0 && idle != 0;
  if (idle != 0) lock.idle_seconds = idle;
  lock.grace_seconds = delay;
  lock.enforced = locked && lock.enabled;
  lock.source = Join(sources, ", ");
  return lock;
}

// KConfigGroup: what is not one of these is true.
bool IsTrue(const std::string& text) {
  const std::string lower = Lower(text);
  return lower != "false" && lower != "no" && lower != "off" && lower != "0";
}

Result<int64_t> NumberOf(const KconfigEntry& entry, const std::string& key, int64_t otherwise) {
  if (!entry.value) return otherwise;
  const auto number = ParseInt(*entry.value);
  if (number && *number >= 0 && *number <= INT32_MAX) return *number;
  return Fail(Code::kMalformed, entry.source + ": " + key + ": " + Excerpt(*entry.value));
}

// kscreenlocker's kscreenlockersettings.kcfg: group Daemon, with its defaults.
constexpr const char* kDaemonKeys[] = {"Autolock", "RequirePassword", "Timeout", "LockGrace"};
constexpr int64_t kTimeoutMinutes = 5;
constexpr int64_t kLockGraceSeconds = 5;

struct Daemon {
  KconfigGroup group{"Daemon"};
  bool enforced = false;  // the administrator's file holds each key; the user's own marks do not
};

Result<Daemon> ReadDaemon(const Host& host, const DesktopUser& user) {
  Daemon daemon;
  const std::string system = "/etc/xdg/kscreenlockerrc";
  for (const std::string& path : {system, user.home + "/.config/kdedefaults/kscreenlockerrc",
                                  user.home + "/.config/kscreenlockerrc"}) {
    const Result<std::string> text = host.ReadFile(path);
    if (!text && text.error().code == Code::kNotFound) continue;
    if (!text) return tl::unexpected(text.error());
    if (const Status ok = daemon.group.Add(*text, path); !ok) return tl::unexpected(ok.error());
    if (path != system) continue;
    daemon.enforced = std::ranges::all_of(
        kDaemonKeys, [&](const char* key) { return daemon.group.Get(key).immutable; });
  }
  return daemon;
}

Result<Lock> KdeLock(const Host& host, const DesktopUser& user) {
  const Result<Daemon> daemon = ReadDaemon(host, user);
  if (!daemon) return tl::unexpected(daemon.error());
  const auto on = [&](const char* key) {
    const KconfigEntry entry = daemon->group.Get(key);
    return !entry.value || IsTrue(*entry.value);
  };
  const Result<int64_t> minutes =
      NumberOf(daemon->group.Get("Timeout"), "Timeout", kTimeoutMinutes);
  if (!minutes) return tl::unexpected(minutes.error());
  const Result<int64_t> grace =
      NumberOf(daemon->group.Get("LockGrace"), "LockGrace", kLockGraceSeconds);
  if (!grace) return tl::unexpected(grace.error());

  Lock lock;
  if (on("Autolock") && *minutes > 0) lock.idle_seconds = *minutes * 60;
  lock.enabled = lock.idle_seconds && on("RequirePassword");
  lock.grace_seconds = *grace;
  lock.enforced = lock.enabled && daemon->enforced;
  std::vector<std::string> sources;
  for (const char* key : kDaemonKeys) AddSource(daemon->group.Get(key).source, &sources);
  lock.source = sources.empty() ? user.session : Join(sources, ", ");
  return lock;
}

Result<Lock> LockOf(const Host& host, const DesktopUser& user) {
  if (user.uid && user.desktop == DesktopUser::Desktop::kGnome) return GnomeLock(host, user);
  if (user.uid && user.desktop == DesktopUser::Desktop::kKde) return KdeLock(host, user);
  return Fail(Code::kUnsupported, user.session);
}

Row RowOf(const DesktopUser& user, const Result<Lock>& lock) {
  if (!lock) {
    const Value source = user.session.empty() ? Cell(Unknown{}) : Cell(user.session);
    return {Cell(user.name), Cell(Unknown{}), Cell(Unknown{}),
            Cell(Unknown{}), Cell(Unknown{}), source};
  }
  return {Cell(user.name),
          Cell(lock->enabled),
          lock->idle_seconds ? Cell(*lock->idle_seconds) : Cell(std::nullopt),
          lock->enabled ? Cell(lock->grace_seconds) : Cell(std::nullopt),
          Cell(lock->enforced),
          Cell(lock->source)};
}

}  // namespace

Result<Rows> ScreenLockLinux(const Host& host, const Keys&) {
  const Result<std::vector<DesktopUser>> users = DesktopUsers(host);
  if (!users) return tl::unexpected(users.error());
  Rows rows;
  for (const DesktopUser& user : *users) rows.push_back(RowOf(user, LockOf(host, user)));
  return rows;
}

}  // namespace sallyport
