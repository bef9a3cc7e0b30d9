// SPDX-License-Identifier: Apache-2.0
#include "collectors/at_rest.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/zfs_volume.h"

namespace sallyport {
namespace {

using Protection = AtRest::Protection;

constexpr AtRest::Protection kOff = Protection::kOff;

// cryptsetup puts the kind of mapping in the device's UUID: "CRYPT-LUKS2-<uuid>-<name>". VERITY
// and INTEGRITY are not in the list: they detect change and hide nothing.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kCryptKinds = {{
    {"CRYPT-LUKS2-", "LUKS2"},
    {"CRYPT-LUKS1-", "LUKS1"},
    {"CRYPT-PLAIN-", "plain"},
    {"CRYPT-BITLK-", "BITLK"},
    {"CRYPT-TCRYPT-", "TCRYPT"},
    {"CRYPT-FVAULT2-", "FVAULT2"},
}};

std::string CryptMethod(std::string_view uuid) {
  for (const auto& [prefix, method] : kCryptKinds) {
    if (uuid.starts_with(prefix)) return std::string(method);
  }
  return "";
}

// Names of disks that end the walk: what is on them is as readable as the disk is. A disk of any
// other driver (network block devices, zvols, ...) may be anything below.
bool IsPlainDisk(std::string_view name) {
  constexpr std::string_view kPrefixes[] = {"sd", "hd",     "vd",   "xvd",     "nvme",
                                            "sr", "mmcblk", "pmem", "mtdblock"};
  return std::ranges::any_of(kPrefixes, [&](std::string_view p) { return name.starts_with(p); });
}

// "upperdir" of "rw,lowerdir=/a:/b,upperdir=/c,workdir=/d"; "" when there is none.
std::string MountOption(const std::string& options, std::string_view name) {
  for (std::string_view option : Split(options, ',')) {
    if (option.size() > name.size() && option.starts_with(name) && option[name.size()] == '=') {
      return std::string(option.substr(name.size() + 1));
    }
  }
  return "";
}

// cryptsetup-status(8) prints "  cipher:  aes-xts-plain64"; from 2.7 on also "  encryption: HW OPAL
// only" and, while it runs, "  reencryption:  in-progress" (action_status of its source).
std::string StatusOf(std::string_view status, std::string_view name) {
  for (std::string_view line : Lines(status)) {
    const std::string_view text = Trim(line);
    if (text.starts_with(name)) return std::string(Trim(text.substr(name.size())));
  }
  return "";
}

// "253:2" of an st_rdev, as makedev(3) of glibc packs it.
std::string DeviceNumber(int64_t device) {
  const auto bits = static_cast<uint64_t>(device);
  const uint64_t major = ((bits >> 8) & 0xfff) | ((bits >> 32) & ~uint64_t{0xfff});
  const uint64_t minor = (bits & 0xff) | ((bits >> 12) & ~uint64_t{0xff});
  return std::to_string(major) + ":" + std::to_string(minor);
}

AtRest Combine(const std::vector<AtRest>& parts) {
  const auto any = [&](Protection p) {
    return std::ranges::any_of(parts, [p](const AtRest& part) { return part.protection == p; });
  };
  const bool clear = any(kOff);
  if (any(Protection::kPartial) || (clear && (any(Protection::kOn) || any(Protection::kUnknown)))) {
    return {Protection::kPartial, "", ""};
  }
  if (clear) return {kOff, "", ""};
  if (any(Protection::kUnknown)) return {};
  const auto on = std::ranges::find(parts, Protection::kOn, &AtRest::protection);
  return on == parts.end() ? parts.front() : *on;
}

}  // namespace

bool IsPseudoFileSystem(const std::string& fs_type) {
  static constexpr std::string_view kNames[] = {"autofs",
                                                "binfmt_misc",
                                                "bpf",
                                                "cgroup",
                                                "cgroup2",
                                                "configfs",
                                                "debugfs",
                                                "devpts",
                                                "devtmpfs",
                                                "efivarfs",
                                                "fusectl",
                                                "hugetlbfs",
                                                "mqueue",
                                                "nsfs",
                                                "pipefs",
                                                "proc",
                                                "pstore",
                                                "ramfs",
                                                "resctrl",
                                                "rootfs",
                                                "rpc_pipefs",
                                                "securityfs",
                                                "selinuxfs",
                                                "smackfs",
                                                "sockfs",
                                                "sysfs",
                                                "tmpfs",
                                                "tracefs",
                                                "nfsd",
                                                "fuse.lxcfs",
                                                "fuse.portal",
                                                "fuse.gvfsd-fuse",
                                                "fuse.snapfuse-control"};
  return std::ranges::find(kNames, fs_type) != std::end(kNames);
}

bool IsNetworkFileSystem(const std::string& fs_type) {
  static constexpr std::string_view kNames[] = {
      "nfs",    "nfs4",  "cifs",  "smb3",        "afs",       "ceph",          "fuse.sshfs",
      "lustre", "davfs", "ncpfs", "fuse.davfs2", "glusterfs", "fuse.glusterfs"};
  return std::ranges::find(kNames, fs_type) != std::end(kNames);
}

AtRest AtRestWalk::OfMount(const Mount& mount, int depth) {
  if (depth > kMaxDepth) return {};
  if (IsPseudoFileSystem(mount.fs_type) || IsNetworkFileSystem(mount.fs_type)) {
    return {Protection::kNothing, "", ""};
  }
  if (mount.fs_type == "ecryptfs") {
    return {Protection::kOn, "eCryptfs", MountOption(mount.super_options, "ecryptfs_cipher")};
  }
  if (mount.fs_type == "btrfs") return OfBtrfs(mount.source, depth + 1);
  if (mount.fs_type == "zfs") return OfZfs(mount.source, depth + 1);
  if (mount.fs_type == "overlay") {
    // Of an overlay at / the paths are those of another mount namespace, or of a live medium.
    const std::string upper = MountOption(mount.super_options, "upperdir");
    if (mount.mount_point == "/" || !upper.starts_with('/')) return {};
    return OfFile(upper, mount.id, depth + 1);
  }
  if (mount.device.starts_with("0:")) return {};  // bcachefs, 9p, virtiofs, other FUSE
  const Result<std::string> node = host_.RealPath("/sys/dev/block/" + mount.device);
  return node ? OfNode(*node, depth + 1) : AtRest{};
}

AtRest AtRestWalk::OfSwap(const SwapArea& area) {
  constexpr std::string_view kDeleted = " (deleted)";
  std::string path = area.path;
  if (path.ends_with(kDeleted)) path.resize(path.size() - kDeleted.size());
  return area.is_file ? OfFile(path, "", 0) : OfDevice(path, 0);
}

AtRest AtRestWalk::OfFile(const std::string& path, const std::string& except_mount, int depth) {
  const Mount* mount = MountOf(mounts_, path, except_mount);
  return mount ? OfMount(*mount, depth + 1) : AtRest{};
}

AtRest AtRestWalk::OfDevice(const std::string& path, int depth) {
  const Result<std::string> device = host_.RealPath(path);
  if (!device || !device->starts_with("/dev/")) return {};
  std::string link = "/sys/class/block/" + BaseName(*device);
  if (DirName(*device) != "/dev") {
    // Without udev the nodes of /dev/mapper are no links; their names are those of mappings.
    const Result<FileDetails> details = host_.Inspect(*device);
    if (!details || details->kind != FileDetails::Kind::kBlock || !details->device) return {};
    link = "/sys/dev/block/" + DeviceNumber(*details->device);
  }
  const Result<std::string> node = host_.RealPath(link);
  return node ? OfNode(*node, depth + 1) : AtRest{};
}

// A btrfs has an anonymous number, 0:N; mountinfo names one of its devices, and
// /sys/fs/btrfs/<uuid>/devices holds all of them. Where the named one cannot be found there (it may
// have been taken out since), the only btrfs that the kernel has mounted is meant.
AtRest AtRestWalk::OfBtrfs(const std::string& source, int depth) {
  const Result<std::string> device = host_.RealPath(source);
  const auto volumes = host_.ListDir("/sys/fs/btrfs");
  if (!volumes) return {};
  const std::string name = device ? BaseName(*device) : "";
  std::vector<std::vector<std::string>> all;
  for (const DirEntry& volume : *volumes) {
    const std::string folder = "/sys/fs/btrfs/" + volume.name + "/devices";
    const auto devices = host_.ListDir(folder);
    if (!devices) continue;  // "features", "debug"
    std::vector<std::string> nodes;
    for (const DirEntry& entry : *devices) nodes.push_back(folder + "/" + entry.name);
    const bool named = std::ranges::find(*devices, name, &DirEntry::name) != devices->end();
    if (named) return OfParts(nodes, depth);
    all.push_back(std::move(nodes));
  }
  return all.size() == 1 ? OfParts(all.front(), depth) : AtRest{};
}

// Encrypted by ZFS itself, or else as what its pool lies on.
AtRest AtRestWalk::OfZfs(const std::string& dataset, int depth) {
  const Result<std::string> encryption = ZfsEncryption(host_, dataset);
  if (!encryption) return {};
  if (*encryption != "off") return {Protection::kOn, "ZFS", *encryption};
  const Result<std::vector<std::string>> devices = ZpoolDevices(host_, dataset);
  if (!devices || devices->empty()) return {};
  std::vector<AtRest> parts;
  for (const std::string& path : *devices) {
    parts.push_back(path.starts_with("/dev/") ? OfDevice(path, depth + 1)
                                              : OfFile(path, "", depth + 1));
  }
  return Combine(parts);
}

AtRest AtRestWalk::OfParts(const std::vector<std::string>& nodes, int depth) {
  std::vector<AtRest> parts;
  for (const std::string& path : nodes) {
    const Result<std::string> node = host_.RealPath(path);
    parts.push_back(node ? OfNode(*node, depth + 1) : AtRest{});
  }
  return parts.empty() ? AtRest{} : Combine(parts);
}

AtRest AtRestWalk::OfCrypt(const std::string& node, const std::string& uuid) {
  AtRest on{Protection::kOn, CryptMethod(uuid), ""};
  const Result<std::string> name = ReadTrimmed(host_, node + "/dm/name");
  if (!name || name->empty() || name->starts_with('-')) return on;
  const Result<CommandOutput> status =
      host_.Run({.argv = {"/usr/sbin/cryptsetup", "status", *name}});
  if (!status || status->exit_code != 0) return on;
  // Encryption and decryption in place show the same as a change of the key: which sectors are
  // clear yet is not told.
  if (!StatusOf(status->out, "reencryption:").empty()) return {};
  if (StatusOf(status->out, "encryption:") == "HW OPAL only") {
    return {Protection::kOn, on.method + "-OPAL", "hardware"};
  }
  on.cipher = StatusOf(status->out, "cipher:");
  // A header and a passphrase, and nothing is hidden: cryptsetup's "cipher_null-ecb".
  if (on.cipher.starts_with("cipher_null")) return {kOff, "", ""};
  return on;
}

AtRest AtRestWalk::OfNode(const std::string& node, int depth) {
  if (const auto known = known_.find(node); known != known_.end()) return known->second;
  if (depth > kMaxDepth || ++nodes_ > kMaxNodes) return {};
  const auto answer = [&](AtRest found) { return known_[node] = std::move(found); };

  const Result<std::string> uuid = ReadTrimmed(host_, node + "/dm/uuid");
  if (!uuid && uuid.error().code != Code::kNotFound) return answer({});
  if (uuid && !CryptMethod(*uuid).empty()) return answer(OfCrypt(node, *uuid));

  // A partition has no slaves of its own, its disk may: md0p1, loop0p1.
  if (host_.Stat(node + "/partition")) return answer(OfNode(DirName(node), depth + 1));

  if (const auto file = ReadTrimmed(host_, node + "/loop/backing_file")) {
    return answer(OfFile(*file, "", depth + 1));
  }
  const std::string name = BaseName(node);
  if (name.starts_with("zram")) {
    const Result<std::string> backing = ReadTrimmed(host_, node + "/backing_dev");
    if (!backing && backing.error().code != Code::kNotFound) return answer({});
    if (!backing || *backing == "none") return answer({Protection::kNothing, "", ""});
    return answer(OfDevice(*backing, depth + 1));
  }
  const auto slaves = host_.ListDir(node + "/slaves");
  if (!slaves && slaves.error().code != Code::kNotFound) return answer({});
  if (slaves && !slaves->empty()) {
    std::vector<std::string> nodes;
    for (const DirEntry& slave : *slaves) nodes.push_back(node + "/slaves/" + slave.name);
    return answer(OfParts(nodes, depth));
  }
  return answer(IsPlainDisk(name) ? AtRest{kOff, "", ""} : AtRest{});
}

}  // namespace sallyport
