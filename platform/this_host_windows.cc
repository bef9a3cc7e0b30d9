// SPDX-License-Identifier: Apache-2.0
// clang-format off
#include <windows.h>
#include <objbase.h>
// clang-format on
#undef interface  // a name in host.h

#include <array>

#include "platform/handle_windows.h"
#include "platform/host_windows.h"
#include "platform/this_host.h"

namespace sallyport {
namespace {

constexpr char kBootKey[] = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Sallyport\\Boot";
constexpr wchar_t kBootPath[] = L"SOFTWARE\\Sallyport\\Boot";

std::wstring RandomGuid() {
  GUID guid{};
  if (CoCreateGuid(&guid) != S_OK) return L"";
  std::array<wchar_t, 39> text{};  // with braces and the NUL
  StringFromGUID2(guid, text.data(), static_cast<int>(text.size()));
  return std::wstring(text.data() + 1, 36);
}

// The first process of a boot that may write there gives the boot its name.
Status NameThisBoot() {
  HKEY key = nullptr;
  const LSTATUS made =
      RegCreateKeyExW(HKEY_LOCAL_MACHINE, kBootPath, 0, nullptr, REG_OPTION_VOLATILE,
                      KEY_SET_VALUE | KEY_WOW64_64KEY, nullptr, &key, nullptr);
  if (made != ERROR_SUCCESS) return FailWindows(static_cast<DWORD>(made), kBootKey);
  const std::wstring id = RandomGuid();
  const LSTATUS set =
      id.empty() ? ERROR_GEN_FAILURE
                 : RegSetValueExW(key, L"Id", 0, REG_SZ, reinterpret_cast<const BYTE*>(id.c_str()),
                                  static_cast<DWORD>((id.size() + 1) * sizeof(wchar_t)));
  RegCloseKey(key);
  if (set != ERROR_SUCCESS) return FailWindows(static_cast<DWORD>(set), kBootKey);
  return {};
}

}  // namespace

std::vector<std::string> DefaultCommands() { return {}; }

std::unique_ptr<Host> MakeThisHost(std::vector<std::string> allowed_commands, PathGuard guard) {
  return std::make_unique<WindowsHost>(std::move(allowed_commands), std::move(guard));
}

std::string MachineName() {
  std::array<wchar_t, 256> name{};
  DWORD size = static_cast<DWORD>(name.size());
  if (!GetComputerNameExW(ComputerNamePhysicalDnsHostname, name.data(), &size)) return "";
  return Narrow(std::wstring_view(name.data(), size), "this machine's name").value_or("");
}

Result<std::string> BootId() {
  const WindowsHost host;
  auto id = host.ReadRegistry(kBootKey, "Id");
  if (!id && id.error().code == Code::kNotFound) {
    if (const Status named = NameThisBoot(); !named) return tl::unexpected(named.error());
    id = host.ReadRegistry(kBootKey, "Id");
  }
  if (!id) return tl::unexpected(id.error());
  const auto* const text = std::get_if<std::string>(&*id);
  if (text == nullptr) return Fail(Code::kMalformed, std::string(kBootKey) + ": Id is no text");
  return *text;
}

}  // namespace sallyport
