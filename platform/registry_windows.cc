// SPDX-License-Identifier: Apache-2.0
#include "platform/registry_windows.h"

#include <algorithm>
#include <array>

#include "platform/handle_windows.h"
#include "platform/windows_formats.h"

namespace sallyport {
namespace {

constexpr DWORD kMaxValueBytes = 1 << 20;

// HKEY_CURRENT_USER is left out on purpose: it is whoever the collector runs as.
HKEY HiveOf(const std::string& name) {
  if (name == "HKEY_LOCAL_MACHINE") return HKEY_LOCAL_MACHINE;
  if (name == "HKEY_USERS") return HKEY_USERS;
  return nullptr;
}

}  // namespace

Result<KeyHandle> OpenRegistryKey(const std::string& key, REGSAM rights) {
  const size_t slash = key.find('\\');
  const HKEY hive = HiveOf(key.substr(0, slash));
  if (hive == nullptr || slash == std::string::npos) {
    return Fail(Code::kInvalidArgument, key + ": no key of HKEY_LOCAL_MACHINE or HKEY_USERS");
  }
  const auto path = Wide(key.substr(slash + 1));
  if (!path) return tl::unexpected(path.error());
  HKEY opened = nullptr;
  const LSTATUS status = RegOpenKeyExW(hive, path->c_str(), 0, rights | KEY_WOW64_64KEY, &opened);
  if (status != ERROR_SUCCESS) return FailWindows(static_cast<DWORD>(status), key);
  return KeyHandle(opened);
}

Result<Value> ReadRegistryValue(const std::string& key, const std::string& name) {
  const auto opened = OpenRegistryKey(key, KEY_QUERY_VALUE);
  if (!opened) return tl::unexpected(opened.error());
  const auto wide = Wide(name);
  if (!wide) return tl::unexpected(wide.error());
  const std::string thing = key + "\\" + name;
  std::string bytes(256, '\0');
  for (;;) {
    DWORD type = 0;
    auto size = static_cast<DWORD>(bytes.size());
    const LSTATUS status = RegQueryValueExW(opened->get(), wide->c_str(), nullptr, &type,
                                            reinterpret_cast<unsigned char*>(bytes.data()), &size);
    if (status == ERROR_MORE_DATA) {  // it may grow while it is read
      if (size > kMaxValueBytes) {
        return Fail(Code::kTooLarge, thing + ": over " + std::to_string(kMaxValueBytes) + " bytes");
      }
      bytes.resize(size);
      continue;
    }
    if (status != ERROR_SUCCESS) return FailWindows(static_cast<DWORD>(status), thing);
    bytes.resize(size);
    return RegistryValue(type, bytes, thing);
  }
}

Result<std::vector<std::string>> ListRegistryKeys(const std::string& key) {
  constexpr DWORD kMaxKeys = 100'000;
  const auto opened = OpenRegistryKey(key, KEY_ENUMERATE_SUB_KEYS);
  if (!opened) return tl::unexpected(opened.error());
  std::vector<std::string> names;
  std::array<wchar_t, 256> name;  // a key's name has 255 characters at most
  for (DWORD i = 0; i < kMaxKeys; ++i) {
    auto size = static_cast<DWORD>(name.size());
    const LSTATUS status =
        RegEnumKeyExW(opened->get(), i, name.data(), &size, nullptr, nullptr, nullptr, nullptr);
    if (status == ERROR_NO_MORE_ITEMS) {
      std::ranges::sort(names);
      return names;
    }
    if (status != ERROR_SUCCESS) return FailWindows(static_cast<DWORD>(status), key);
    auto narrow = Narrow(std::wstring_view(name.data(), size), key + ": a key in it");
    if (!narrow) return tl::unexpected(narrow.error());
    names.push_back(*std::move(narrow));
  }
  return Fail(Code::kTooLarge, key + ": too many keys");
}

}  // namespace sallyport
