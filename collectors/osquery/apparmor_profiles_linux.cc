// SPDX-License-Identifier: Apache-2.0
// Documentation/admin-guide/LSM/apparmor.rst of the kernel, and its apparmorfs.
#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/table_rows.h"

namespace sallyport {
namespace {

constexpr int kMaxDepth = 16;

// Of a profile that was replaced meanwhile the folder is gone.
Status AddProfiles(const Host& host, const std::string& folder, const std::string& above, int depth,
                   TableRows* rows) {
  if (depth > kMaxDepth) return Fail(Code::kTooLarge, folder + ": too deep");
  const auto profiles = host.ListDir(folder);
  if (!profiles) {
    const bool none = depth > 0 && profiles.error().code == Code::kNotFound;
    return none ? Status() : tl::unexpected(profiles.error());
  }
  for (const DirEntry& entry : *profiles) {
    const std::string profile = folder + "/" + entry.name + "/";
    const auto name = ReadTrimmed(host, profile + "name");
    if (!name && name.error().code == Code::kNotFound) continue;
    if (!name) return tl::unexpected(name.error());
    const auto cell = [&](const char* file) {
      return TextOrNull(ReadTrimmed(host, profile + file));
    };
    const std::string path = above.empty() ? *name : above + "//" + *name;
    rows->Add({{"path", Cell(path)},
               {"name", Cell(*name)},
               {"attach", cell("attach")},
               {"mode", cell("mode")},
               {"sha1", cell("sha1")},
               {"sha256", cell("sha256")}});
    const Status below = AddProfiles(host, profile + "profiles", path, depth + 1, rows);
    if (!below) return below;
  }
  return {};
}

}  // namespace

// AppArmor that is on, and whose profiles cannot be seen, is not one without profiles.
Result<Rows> ApparmorProfilesLinux(const Host& host, const Keys& keys) {
  TableRows rows(kApparmorProfiles);
  const Status read =
      AddProfiles(host, "/sys/kernel/security/apparmor/policy/profiles", "", 0, &rows);
  if (read) return rows.Take(keys);
  if (read.error().code != Code::kNotFound) return tl::unexpected(read.error());
  const auto enabled = ReadTrimmed(host, "/sys/module/apparmor/parameters/enabled");
  if (enabled && *enabled == "Y") {
    return Fail(Code::kUnavailable, "AppArmor is on, and securityfs does not show its profiles");
  }
  if (!enabled && enabled.error().code != Code::kNotFound) return tl::unexpected(enabled.error());
  return Rows{};
}

}  // namespace sallyport
