// SPDX-License-Identifier: Apache-2.0
// RegistryWatch: hears of changes to keys of the registry, also of keys that do not exist yet.
#pragma once

#include <QWinEventNotifier>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "base/result.h"
#include "platform/handle_windows.h"
#include "platform/posted.h"
#include "platform/registry_windows.h"

namespace sallyport {

// Of a key: its values and the names of its subkeys (RegNotifyChangeKeyValue). Its parent is
// watched for names, since not every system tells at the key itself that it was deleted; where the
// key is missing, so are the nearest key above it that exists and that one's parent. A key is
// deleted only after all below it, so nothing goes unheard.
class RegistryWatch {
 public:
  using OnChange = std::function<void(const std::string& key, const std::string& about)>;

  // `on_change` comes from the Qt loop, once per key and burst.
  explicit RegistryWatch(OnChange on_change);

  // Replaces the set. The error is the first key's that could not be watched; the others are.
  Status Watch(const std::set<std::string>& keys);

 private:
  struct Armed {
    KeyHandle key;
    Handle event;
    std::unique_ptr<QWinEventNotifier> notifier;
  };
  struct One {
    Armed at;     // the key, or the nearest one above it
    Armed above;  // its parent; nothing at a hive's root
    bool exists = false;
    bool changed = false;  // at the key itself
    bool stirred = false;  // somewhere that was watched for it
  };

  Status Arm(const std::string& target, One& one);
  Result<Armed> ArmKey(const std::string& key, const std::string& target, bool values);
  void Tell();

  OnChange on_change_;
  std::map<std::string, One> watched_;
  Posted tell_;
};

}  // namespace sallyport
