// SPDX-License-Identifier: Apache-2.0
// clang-format off
#include <windows.h>
#include <sddl.h>
// clang-format on

#include <cstddef>
#include <vector>

#include "agent/service/access_windows.h"
#include "agent/service/agent_token_windows.h"

namespace sallyport {
namespace {

// Well-known SIDs, MS-DTYP 2.4.2.4.
constexpr const wchar_t* kAdministering[] = {
    L"S-1-5-32-544",  // Administrators
    L"S-1-5-114",     // local account and member of Administrators
    L"S-1-5-32-547",  // Power Users
    L"S-1-5-32-548",  // Account Operators
    L"S-1-5-32-549",  // Server Operators
    L"S-1-5-32-550",  // Print Operators
    L"S-1-5-32-551",  // Backup Operators
    L"S-1-5-32-552",  // Replicator
    L"S-1-5-32-556",  // Network Configuration Operators
    L"S-1-5-32-569",  // Cryptographic Operators
    L"S-1-5-32-578",  // Hyper-V Administrators
    L"S-1-5-32-580",  // Remote Management Users
};
// What most of the system lets everybody write, the network among it; those of a service whose SID
// type is RESTRICTED are the same (SERVICE_SID_INFO).
constexpr const wchar_t* kEverybody[] = {
    L"S-1-1-0",   // Everyone
    L"S-1-5-33",  // WRITE RESTRICTED
};

class Sids {
 public:
  Status Add(const wchar_t* text) {
    void* sid = nullptr;
    if (!ConvertStringSidToSidW(text, &sid)) return FailWindows(GetLastError(), "SID");
    owned_.emplace_back(sid);
    list_.push_back({sid, 0});
    return {};
  }
  void Add(void* sid) { list_.push_back({sid, 0}); }  // lives as long as this

  SID_AND_ATTRIBUTES* data() { return list_.data(); }
  DWORD size() const { return static_cast<DWORD>(list_.size()); }

 private:
  std::vector<LocalPtr<void>> owned_;
  std::vector<SID_AND_ATTRIBUTES> list_;
};

// Aligned for what GetTokenInformation writes there.
Result<std::vector<std::max_align_t>> Ask(HANDLE token, TOKEN_INFORMATION_CLASS what) {
  DWORD size = 0;
  GetTokenInformation(token, what, nullptr, 0, &size);
  std::vector<std::max_align_t> answer(size / sizeof(std::max_align_t) + 1);
  if (!GetTokenInformation(token, what, answer.data(),
                           static_cast<DWORD>(answer.size() * sizeof(std::max_align_t)), &size)) {
    return FailWindows(GetLastError(), "token");
  }
  return answer;
}

// DISABLE_MAX_PRIVILEGE says the same, and Wine does not hear it.
std::vector<LUID_AND_ATTRIBUTES> AllButChangeNotify(const TOKEN_PRIVILEGES& held) {
  LUID kept{};
  LookupPrivilegeValueW(nullptr, L"SeChangeNotifyPrivilege", &kept);
  std::vector<LUID_AND_ATTRIBUTES> gone;
  for (DWORD i = 0; i < held.PrivilegeCount; ++i) {
    const LUID& luid = held.Privileges[i].Luid;
    if (luid.LowPart != kept.LowPart || luid.HighPart != kept.HighPart) gone.push_back({luid, 0});
  }
  return gone;
}

Result<Handle> LogOnLocalService() {
  HANDLE token = nullptr;
  if (!LogonUserW(L"LOCAL SERVICE", L"NT AUTHORITY", nullptr, LOGON32_LOGON_SERVICE,
                  LOGON32_PROVIDER_DEFAULT, &token) ||
      token == nullptr) {
    return FailWindows(GetLastError(), "logon of LOCAL SERVICE");
  }
  return Handle(token);
}

}  // namespace

Result<Handle> OwnToken() {
  HANDLE token = nullptr;
  if (!OpenProcessToken(GetCurrentProcess(),
                        TOKEN_QUERY | TOKEN_DUPLICATE | TOKEN_ASSIGN_PRIMARY | TOKEN_ADJUST_DEFAULT,
                        &token)) {
    return FailWindows(GetLastError(), "token of this process");
  }
  return Handle(token);
}

Result<Handle> RestrictedToken(HANDLE token) {
  Sids disabled;
  for (const wchar_t* text : kAdministering) {
    if (Status ok = disabled.Add(text); !ok) return tl::unexpected(ok.error());
  }
  Sids writers;
  for (const wchar_t* text : kEverybody) {
    if (Status ok = writers.Add(text); !ok) return tl::unexpected(ok.error());
  }
  auto user = Ask(token, TokenUser);
  auto groups = Ask(token, TokenGroups);
  if (!user) return tl::unexpected(user.error());
  if (!groups) return tl::unexpected(groups.error());
  writers.Add(reinterpret_cast<TOKEN_USER*>(user->data())->User.Sid);
  const auto* const member_of = reinterpret_cast<const TOKEN_GROUPS*>(groups->data());
  for (DWORD i = 0; i < member_of->GroupCount; ++i) {
    const SID_AND_ATTRIBUTES& group = member_of->Groups[i];
    if ((group.Attributes & SE_GROUP_LOGON_ID) == SE_GROUP_LOGON_ID) writers.Add(group.Sid);
  }
  auto privileges = Ask(token, TokenPrivileges);
  if (!privileges) return tl::unexpected(privileges.error());
  std::vector<LUID_AND_ATTRIBUTES> gone =
      AllButChangeNotify(*reinterpret_cast<const TOKEN_PRIVILEGES*>(privileges->data()));
  HANDLE restricted = nullptr;
  if (!CreateRestrictedToken(token, DISABLE_MAX_PRIVILEGE | WRITE_RESTRICTED, disabled.size(),
                             disabled.data(), static_cast<DWORD>(gone.size()), gone.data(),
                             writers.size(), writers.data(), &restricted)) {
    return FailWindows(GetLastError(), "restricted token");
  }
  return Handle(restricted);
}

Result<AgentToken> MakeAgentToken() {
  const UserId own = OwnUser();
  const bool system = own == "S-1-5-18";
  const auto base = system ? LogOnLocalService() : OwnToken();
  if (!base) return tl::unexpected(base.error());
  auto restricted = RestrictedToken(base->get());
  if (!restricted) return tl::unexpected(restricted.error());
  return AgentToken{*std::move(restricted), system ? "S-1-5-19" : own};
}

}  // namespace sallyport
