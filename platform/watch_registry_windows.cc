// SPDX-License-Identifier: Apache-2.0
#include "platform/watch_registry_windows.h"

#include <utility>
#include <vector>

namespace sallyport {
namespace {

// "HKEY_LOCAL_MACHINE\SOFTWARE" is in "HKEY_LOCAL_MACHINE\", and that is in nothing.
std::string ParentOf(const std::string& key) {
  const size_t hive = key.find('\\');
  const size_t last = key.rfind('\\');
  if (last == std::string::npos || last + 1 == key.size()) return {};
  return key.substr(0, last == hive ? last + 1 : last);
}

bool IsDeleted(HKEY key) {
  return RegQueryInfoKeyW(key, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
                          nullptr, nullptr, nullptr, nullptr) == ERROR_KEY_DELETED;
}

}  // namespace

RegistryWatch::RegistryWatch(OnChange on_change)
    : on_change_(std::move(on_change)), tell_([this] { Tell(); }) {}

Result<RegistryWatch::Armed> RegistryWatch::ArmKey(const std::string& key,
                                                   const std::string& target, bool values) {
  auto opened = OpenRegistryKey(key, KEY_NOTIFY | (values ? KEY_QUERY_VALUE : 0));
  if (!opened) return tl::unexpected(opened.error());
  Armed armed{std::move(*opened), Owned(CreateEventW(nullptr, TRUE, FALSE, nullptr)), nullptr};
  if (!armed.event) return FailWindows(GetLastError(), key);
  // THREAD_AGNOSTIC: the watch does not end with the thread that asked for it.
  const DWORD what = REG_NOTIFY_CHANGE_NAME | REG_NOTIFY_THREAD_AGNOSTIC |
                     (values ? REG_NOTIFY_CHANGE_LAST_SET : 0);
  const LSTATUS status =
      RegNotifyChangeKeyValue(armed.key.get(), FALSE, what, armed.event.get(), TRUE);
  if (status != ERROR_SUCCESS) return FailWindows(static_cast<DWORD>(status), key);
  armed.notifier = std::make_unique<QWinEventNotifier>(armed.event.get());
  QObject::connect(armed.notifier.get(), &QWinEventNotifier::activated,
                   [this, target, values, event = armed.event.get()] {
                     ResetEvent(event);
                     One& one = watched_.at(target);
                     one.changed = one.changed || values;
                     one.stirred = true;
                     tell_.Ask();
                   });
  return armed;
}

// Watches before it looks whether there is more, so nothing can appear in between unseen.
Status RegistryWatch::Arm(const std::string& target, One& one) {
  std::string key = target;
  one.exists = true;
  auto at = ArmKey(key, target, true);
  while (!at && at.error().code == Code::kNotFound) {
    one.exists = false;
    key = ParentOf(key);
    if (key.empty()) break;
    at = ArmKey(key, target, false);
  }
  if (!at) return tl::unexpected(at.error());
  const std::string parent = ParentOf(key);
  auto above = parent.empty() ? Result<Armed>(Armed()) : ArmKey(parent, target, false);
  if (!above) return tl::unexpected(above.error());
  one.at = std::move(*at);
  one.above = std::move(*above);
  return {};
}

Status RegistryWatch::Watch(const std::set<std::string>& keys) {
  std::erase_if(watched_, [&](const auto& one) { return !keys.contains(one.first); });
  Status first;
  for (const std::string& key : keys) {
    if (watched_.contains(key)) continue;
    One one;
    const Status armed = Arm(key, one);
    if (armed) watched_.emplace(key, std::move(one));
    if (!armed && first) first = armed;
  }
  return first;
}

void RegistryWatch::Tell() {
  std::vector<std::pair<std::string, std::string>> heard;
  for (auto& [key, one] : watched_) {
    if (!std::exchange(one.stirred, false)) continue;
    const bool existed = one.exists;
    const bool deleted = existed && IsDeleted(one.at.key.get());
    const bool changed = std::exchange(one.changed, false);
    One next;
    if (!Arm(key, next)) {
      heard.emplace_back(key, "registry " + key + ": cannot be watched any more");
      continue;
    }
    one = std::move(next);
    if (existed && (deleted || !one.exists)) {
      heard.emplace_back(key, "registry " + key + ": deleted");
    } else if (!existed && one.exists) {
      heard.emplace_back(key, "registry " + key + ": created");
    } else if (changed) {
      heard.emplace_back(key, "registry " + key + ": changed");
    }
  }
  for (const auto& [key, about] : heard) {
    if (watched_.contains(key)) on_change_(key, about);
  }
}

}  // namespace sallyport
