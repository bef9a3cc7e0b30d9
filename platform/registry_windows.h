// SPDX-License-Identifier: Apache-2.0
// Keys and values of the registry, always of the 64-bit view.
#pragma once

#include <windows.h>

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "base/result.h"
#include "base/table.h"

namespace sallyport {

struct RegistryContent;  // platform/host.h

struct CloseKeyOf {
  void operator()(HKEY key) const { RegCloseKey(key); }
};
using KeyHandle = std::unique_ptr<std::remove_pointer_t<HKEY>, CloseKeyOf>;

// "HKEY_LOCAL_MACHINE\SOFTWARE\..." or "HKEY_USERS\..." or the hive alone, with KEY_*
// rights; kInvalidArgument for another hive.
Result<KeyHandle> OpenRegistryKey(const std::string& key, REGSAM rights);

// kNotFound for a key or value that is not there, kDenied, kTooLarge over 1 MiB, kMalformed (see
// RegistryValue), kInvalidArgument for a key of no known hive.
Result<Value> ReadRegistryValue(const std::string& key, const std::string& name);

// The values of a key, sorted; kTooLarge over 100,000 of them or 16 MiB.
Result<RegistryContent> ReadRegistryValues(const std::string& key);

// The names of a key's subkeys, sorted; kTooLarge over 100,000. `key` may be a hive alone.
Result<std::vector<std::string>> ListRegistryKeys(const std::string& key);

}  // namespace sallyport
