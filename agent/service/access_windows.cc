// SPDX-License-Identifier: Apache-2.0
// clang-format off
#include <windows.h>
#include <sddl.h>
// clang-format on

#include <algorithm>
#include <vector>

#include "agent/service/access_windows.h"
#include "platform/handle_windows.h"

namespace sallyport {
namespace {

constexpr char kSystem[] = "S-1-5-18";

// What lets somebody change what lies there, or who may.
constexpr DWORD kWrites = FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_EA |
                          FILE_WRITE_ATTRIBUTES | FILE_DELETE_CHILD | DELETE | WRITE_DAC |
                          WRITE_OWNER | ACCESS_SYSTEM_SECURITY | MAXIMUM_ALLOWED | GENERIC_WRITE |
                          GENERIC_ALL;

std::string Also(const UserId& own, const char* flags, const char* rights) {
  if (own == kSystem) return "";
  return "(A;" + std::string(flags) + ";" + rights + ";;;" + own + ")";
}

std::string TextOf(void* sid) {
  wchar_t* text = nullptr;
  if (!IsValidSid(sid) || !ConvertSidToStringSidW(sid, &text)) return "";
  const LocalPtr<wchar_t> freed(text);
  return Narrow(text, "SID").value_or("");
}

// Administrators; CREATOR OWNER and OWNER RIGHTS, which are whoever made a thing.
bool MayBeThere(const UserId& who) {
  const char* const known[] = {kSystem, "S-1-5-32-544", "S-1-3-0", "S-1-3-4"};
  return std::ranges::find(known, who) != std::end(known);
}

}  // namespace

std::string FolderSddl(const UserId& own, const std::optional<UserId>& agent) {
  std::string sddl = "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)" + Also(own, "OICI", "FA");
  // 0x1301bf: generic read, write and execute, and DELETE.
  if (agent && *agent != own) sddl += "(A;OICI;0x1301bf;;;" + *agent + ")";
  return sddl;
}

std::string ProcessSddl(const UserId& own) {
  return "D:P(A;;GA;;;SY)(A;;GA;;;BA)" + Also(own, "", "GA");
}

Trust Judge(void* descriptor, const UserId& own, const std::optional<UserId>& agent) {
  void* owner = nullptr;
  ACL* list = nullptr;
  BOOL present = FALSE;
  BOOL defaulted = FALSE;
  if (!GetSecurityDescriptorOwner(descriptor, &owner, &defaulted) || owner == nullptr ||
      !GetSecurityDescriptorDacl(descriptor, &present, &list, &defaulted)) {
    return Trust::kForeign;
  }
  const UserId of = TextOf(owner);
  if (of != kSystem && of != "S-1-5-32-544" && of != own) return Trust::kForeign;
  if (!present || list == nullptr) return Trust::kForeign;  // everybody may do everything
  Trust trust = Trust::kOurs;
  for (DWORD i = 0; i < list->AceCount; ++i) {
    void* raw = nullptr;
    if (!GetAce(list, i, &raw)) return Trust::kForeign;
    const auto* const header = static_cast<const ACE_HEADER*>(raw);
    if (header->AceType == ACCESS_DENIED_ACE_TYPE) continue;
    if (header->AceType != ACCESS_ALLOWED_ACE_TYPE) return Trust::kForeign;  // may allow anything
    auto* const ace = static_cast<ACCESS_ALLOWED_ACE*>(raw);
    const UserId who = TextOf(&ace->SidStart);
    if (MayBeThere(who) || who == own || (agent && who == *agent)) continue;
    if ((ace->Mask & kWrites) != 0) return Trust::kForeign;
    if (ace->Mask != 0) trust = Trust::kReadable;
  }
  return trust;
}

}  // namespace sallyport
