// SPDX-License-Identifier: Apache-2.0
// clang-format off
#include "platform/host.h"  // before windows.h, which makes a macro of "interface"
#include "platform/registry_windows.h"
// clang-format on

#include <algorithm>
#include <array>
#include <optional>

#include "platform/handle_windows.h"
#include "platform/windows_formats.h"

namespace sallyport {
namespace {

constexpr DWORD kMaxValueBytes = 1 << 20;
constexpr size_t kMaxKeyBytes = 16 << 20;   // of all values of a key
constexpr DWORD kMaxKeys = 100'000;         // subkeys or values of a key
constexpr size_t kMaxNameUnits = 16 << 10;  // a value's name has 16,383 characters at most

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
  if (hive == nullptr) {
    return Fail(Code::kInvalidArgument, key + ": no key of HKEY_LOCAL_MACHINE or HKEY_USERS");
  }
  const auto path = Wide(slash == std::string::npos ? "" : key.substr(slash + 1));
  if (!path) return tl::unexpected(path.error());
  HKEY opened = nullptr;
  const LSTATUS status = RegOpenKeyExW(hive, path->c_str(), 0, rights | KEY_WOW64_64KEY, &opened);
  if (status != ERROR_SUCCESS) return FailWindows(static_cast<DWORD>(status), key);
  return KeyHandle(opened);
}

namespace {

struct RawValue {
  std::wstring name;
  DWORD type = 0;
  std::string bytes;
};

// One value by its number; nullopt behind the last. It may grow while it is read.
Result<std::optional<RawValue>> ValueAt(HKEY key, DWORD index, const std::string& thing) {
  std::wstring name(kMaxNameUnits, L'\0');
  std::string bytes(256, '\0');
  for (;;) {
    DWORD type = 0;
    auto name_size = static_cast<DWORD>(name.size());
    auto size = static_cast<DWORD>(bytes.size());
    const LSTATUS status = RegEnumValueW(key, index, name.data(), &name_size, nullptr, &type,
                                         reinterpret_cast<unsigned char*>(bytes.data()), &size);
    if (status == ERROR_NO_MORE_ITEMS) return std::optional<RawValue>();
    if (status == ERROR_MORE_DATA) {
      if (size > kMaxValueBytes || size <= bytes.size()) {
        return Fail(Code::kTooLarge,
                    thing + ": a value over " + std::to_string(kMaxValueBytes) + " bytes");
      }
      bytes.resize(size);
      continue;
    }
    if (status != ERROR_SUCCESS) return FailWindows(static_cast<DWORD>(status), thing);
    name.resize(name_size);
    bytes.resize(size);
    return RawValue{std::move(name), type, std::move(bytes)};
  }
}

Result<int64_t> ModifiedAt(HKEY key, const std::string& thing) {
  FILETIME written{};
  const LSTATUS status = RegQueryInfoKeyW(key, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr,
                                          nullptr, nullptr, nullptr, nullptr, &written);
  if (status != ERROR_SUCCESS) return FailWindows(static_cast<DWORD>(status), thing);
  const uint64_t ticks = uint64_t{written.dwHighDateTime} << 32 | written.dwLowDateTime;
  return static_cast<int64_t>(ticks / 10'000'000) - 11'644'473'600;
}

}  // namespace

Result<RegistryContent> ReadRegistryValues(const std::string& key) {
  const auto opened = OpenRegistryKey(key, KEY_QUERY_VALUE);
  if (!opened) return tl::unexpected(opened.error());
  const auto modified = ModifiedAt(opened->get(), key);
  if (!modified) return tl::unexpected(modified.error());
  RegistryContent content{.modified_s = *modified};
  size_t bytes = 0;
  for (DWORD i = 0; i < kMaxKeys; ++i) {
    const auto value = ValueAt(opened->get(), i, key);
    if (!value) return tl::unexpected(value.error());
    if (!*value) {
      std::ranges::sort(content.entries, {}, &RegistryEntry::name);
      return content;
    }
    auto name = Narrow((*value)->name, key + ": a value in it");
    if (!name) return tl::unexpected(name.error());
    bytes += (*value)->bytes.size();
    if (bytes > kMaxKeyBytes) {
      return Fail(Code::kTooLarge, key + ": over " + std::to_string(kMaxKeyBytes) + " bytes");
    }
    content.entries.push_back({*std::move(name), RegistryTypeName((*value)->type),
                               RegistryData((*value)->type, (*value)->bytes)});
  }
  return Fail(Code::kTooLarge, key + ": too many values");
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
