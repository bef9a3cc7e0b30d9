// SPDX-License-Identifier: Apache-2.0
// selinuxfs: libselinux's policyvers(8), security_getenforce(3), booleans(8).
#include <algorithm>

#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/mounts.h"
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/table_rows.h"

namespace sallyport {
namespace {

constexpr const char* kTop[] = {"checkreqprot", "deny_unknown", "enforce",
                                "mls",          "policyvers",   "reject_unknown"};
constexpr const char* kScopes[] = {"booleans", "policy_capabilities", "initial_contexts"};

// "1 1": what holds, and what would be committed next.
Value BooleanCell(const std::string& text) {
  if (text == "0 0") return Cell("off");
  if (text == "1 1") return Cell("on");
  return Unknown{};
}

Value SettingCell(const Host& host, const std::string& path, bool boolean) {
  auto text = ReadTrimmed(host, path);
  if (!text) return Unknown{};
  while (text->ends_with('\0')) text->pop_back();
  return boolean ? BooleanCell(*text) : Cell(*text);
}

Status AddScope(const Host& host, const std::string& folder, const std::string& scope,
                TableRows* rows) {
  const auto entries = host.ListDir(folder + "/" + scope);
  if (!entries) {
    return entries.error().code == Code::kNotFound ? Status() : tl::unexpected(entries.error());
  }
  for (const DirEntry& entry : *entries) {
    if (entry.type == FileType::kDirectory) continue;
    const std::string path = folder + "/" + scope + "/" + entry.name;
    rows->Add({{"scope", Cell(scope)},
               {"key", Cell(entry.name)},
               {"value", SettingCell(host, path, scope == "booleans")}});
  }
  return {};
}

// class/file/perms/read: a row for each permission of a class.
Status AddClasses(const Host& host, const std::string& folder, TableRows* rows) {
  const auto classes = host.ListDir(folder + "/class");
  if (!classes) {
    return classes.error().code == Code::kNotFound ? Status() : tl::unexpected(classes.error());
  }
  for (const DirEntry& entry : *classes) {
    const auto permissions = host.ListDir(folder + "/class/" + entry.name + "/perms");
    if (!permissions) return tl::unexpected(permissions.error());
    for (const DirEntry& permission : *permissions) {
      rows->Add({{"scope", Cell("class")},
                 {"key", Cell(entry.name + "/perms")},
                 {"value", Cell(permission.name)}});
    }
  }
  return {};
}

}  // namespace

// A kernel that does not use SELinux has no selinuxfs: no rows.
Result<Rows> SelinuxSettingsLinux(const Host& host, const Keys& keys) {
  const Result<std::string> text = host.ReadFile("/proc/self/mountinfo");
  if (!text) return tl::unexpected(text.error());
  const Result<std::vector<Mount>> mounts = ParseMountinfo(*text);
  if (!mounts) return tl::unexpected(mounts.error());
  const auto mount = std::ranges::find(*mounts, "selinuxfs", &Mount::fs_type);
  TableRows rows(kSelinuxSettings);
  if (mount == mounts->end()) return rows.Take(keys);
  const std::string& folder = mount->mount_point;
  for (const char* key : kTop) {
    rows.Add({{"scope", Cell("")},
              {"key", Cell(key)},
              {"value", SettingCell(host, folder + "/" + key, false)}});
  }
  for (const char* scope : kScopes) {
    if (const Status ok = AddScope(host, folder, scope, &rows); !ok) {
      return tl::unexpected(ok.error());
    }
  }
  if (const Status ok = AddClasses(host, folder, &rows); !ok) return tl::unexpected(ok.error());
  return rows.Take(keys);
}

}  // namespace sallyport
