// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "base/text.h"
#include "collectors/at_rest.h"
#include "collectors/mounts.h"
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/table_rows.h"

namespace sallyport {
namespace {

// The order in which proc_pid_mounts(5) shows what mountinfo keeps apart: read-only if either is,
// what holds for every mount of the file system, this mount's own, the file system's own.
std::string JoinedOptions(const Mount& mount) {
  constexpr std::string_view kOfSuperblock[] = {"sync", "dirsync", "mand", "lazytime", "seclabel"};
  std::vector<std::string> first, own, rest;
  bool read_only = mount.read_only;
  for (const std::string_view option : Split(mount.options, ',')) {
    if (option != "ro" && option != "rw" && !option.empty()) own.emplace_back(option);
  }
  for (const std::string_view option : Split(mount.super_options, ',')) {
    if (option == "ro") read_only = true;
    if (option == "ro" || option == "rw" || option.empty()) continue;
    const bool general = std::ranges::find(kOfSuperblock, option) != std::end(kOfSuperblock);
    (general ? first : rest).emplace_back(option);
  }
  std::vector<std::string> all = {read_only ? "ro" : "rw"};
  for (const auto* part : {&first, &own, &rest}) all.insert(all.end(), part->begin(), part->end());
  return Join(all, ",");
}

// Which mounts another one lies over: their paths lead elsewhere. What a mount is mounted on is
// above it and does not hide it.
class Hidden {
 public:
  explicit Hidden(const std::vector<Mount>& mounts) : mounts_(mounts) {
    for (const Mount& mount : mounts) by_id_.emplace(mount.id, &mount);
    for (const Mount& mount : mounts) paths_.emplace(mount.mount_point, &mount);
  }

  // Of so many mounts that it would take long: all that are left are said to be hidden.
  bool operator()(const Mount& mount) {
    for (std::string path = mount.mount_point;; path = Above(path)) {
      const auto [begin, end] = paths_.equal_range(path);
      const bool hides = std::any_of(begin, end, [&](const auto& other) {
        return steps_ > kMaxSteps || (other.second != &mount && !LiesOn(mount, *other.second));
      });
      if (hides) return true;
      if (path == "/" || path.empty()) return false;
    }
  }

 private:
  static std::string Above(const std::string& path) {
    const size_t slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
  }

  bool LiesOn(const Mount& mount, const Mount& below) {
    const Mount* at = &mount;
    for (size_t steps = 0; steps <= mounts_.size(); ++steps, ++steps_) {
      const auto parent = by_id_.find(at->parent);
      if (parent == by_id_.end() || parent->second == at) return false;
      at = parent->second;
      if (at == &below) return true;
    }
    return false;
  }

  static constexpr size_t kMaxSteps = 1'000'000;

  const std::vector<Mount>& mounts_;
  size_t steps_ = 0;
  std::map<std::string, const Mount*> by_id_;
  std::multimap<std::string, const Mount*> paths_;
};

bool MayHang(const Mount& mount) {
  return IsNetworkFileSystem(mount.fs_type) || mount.fs_type.starts_with("fuse") ||
         mount.fs_type == "autofs" || mount.fs_type == "9p";
}

}  // namespace

Result<Rows> MountsLinux(const Host& host, const Keys& keys) {
  const Result<std::string> text = host.ReadFile("/proc/self/mountinfo");
  if (!text) return tl::unexpected(text.error());
  const Result<std::vector<Mount>> mounts = ParseMountinfo(*text);
  if (!mounts) return tl::unexpected(mounts.error());
  Hidden hidden(*mounts);
  TableRows rows(kMounts);
  for (const Mount& mount : *mounts) {
    const bool asked = !MayHang(mount) && !hidden(mount);
    const auto use = asked ? host.StatFileSystem(mount.mount_point)
                           : Result<FileSystemUse>(Fail(Code::kUnavailable, "not asked"));
    const auto number = [&](int64_t FileSystemUse::*of) {
      return use ? Cell((*use).*of) : Cell(Unknown{});
    };
    const auto real = mount.source.starts_with('/') ? host.RealPath(mount.source)
                                                    : Result<std::string>(mount.source);
    rows.Add({{"device", Cell(mount.source)},
              {"device_alias", Cell(real ? *real : mount.source)},
              {"path", Cell(mount.mount_point)},
              {"type", Cell(mount.fs_type)},
              {"blocks_size", number(&FileSystemUse::block_size)},
              {"blocks", number(&FileSystemUse::blocks)},
              {"blocks_free", number(&FileSystemUse::blocks_free)},
              {"blocks_available", number(&FileSystemUse::blocks_available)},
              {"inodes", number(&FileSystemUse::inodes)},
              {"inodes_free", number(&FileSystemUse::inodes_free)},
              {"flags", Cell(JoinedOptions(mount))}});
  }
  return rows.Take(keys);
}

}  // namespace sallyport
