// SPDX-License-Identifier: Apache-2.0
#include "collectors/disk_volumes.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "collectors/at_rest.h"
#include "collectors/mounts.h"

namespace sallyport {
namespace {

using Protection = AtRest::Protection;

template <size_t N>
bool OneOf(const std::string& text, const std::string_view (&list)[N]) {
  return std::ranges::find(list, text) != std::end(list);
}

// What firmware and boot loader must read before anything is unlocked.
constexpr std::string_view kBootMounts[] = {"/boot", "/boot/efi", "/boot/firmware", "/efi"};
constexpr std::string_view kSystemMounts[] = {"/", "/usr", "/etc", "/var", "/opt"};
// Images that were written once, by whoever made them.
constexpr std::string_view kImageTypes[] = {"squashfs", "erofs", "iso9660", "cramfs", "romfs"};

Value ProtectionCell(Protection protection) {
  switch (protection) {
    case Protection::kOn:
      return Cell("on");
    case Protection::kOff:
      return Cell("off");
    case Protection::kPartial:
      return Cell("partial");
    case Protection::kNothing:
      return Cell(std::nullopt);
    case Protection::kUnknown:
      break;
  }
  return Unknown{};
}

Value MethodCell(const AtRest& at_rest) {
  if (at_rest.protection == Protection::kUnknown) return Unknown{};
  return at_rest.method.empty() ? Cell(std::nullopt) : Cell(at_rest.method);
}

Value CipherCell(const AtRest& at_rest) {
  if (!at_rest.cipher.empty()) return Cell(at_rest.cipher);
  const bool has_one =
      at_rest.protection == Protection::kOn || at_rest.protection == Protection::kUnknown;
  return has_one ? Cell(Unknown{}) : Cell(std::nullopt);
}

bool HoldsUserData(const Mount& mount, const AtRest& at_rest) {
  return at_rest.protection != Protection::kNothing && !OneOf(mount.mount_point, kBootMounts) &&
         !OneOf(mount.fs_type, kImageTypes) && mount.mount_point != "/usr";
}

Row VolumeRow(const Mount& mount, const AtRest& at_rest) {
  const bool boot = OneOf(mount.mount_point, kBootMounts);
  return {Cell(mount.mount_point),
          Cell(mount.source),
          Cell(mount.fs_type),
          ProtectionCell(at_rest.protection),
          MethodCell(at_rest),
          CipherCell(at_rest),
          Cell(boot || OneOf(mount.mount_point, kSystemMounts)),
          Cell(HoldsUserData(mount, at_rest)),
          Cell(false),
          Cell(boot),
          Cell(mount.read_only)};
}

Row SwapRow(const SwapArea& area, const AtRest& at_rest) {
  return {Cell(std::nullopt),  Cell(area.path),
          Cell("swap"),        ProtectionCell(at_rest.protection),
          MethodCell(at_rest), CipherCell(at_rest),
          Cell(false),         Cell(at_rest.protection != Protection::kNothing),
          Cell(true),          Cell(false),
          Cell(std::nullopt)};
}

// A bind mount shows a part of a volume again; it gets a row only when nothing else shows the
// volume. Of btrfs every mount is kept: subvolumes look like bind mounts.
std::vector<Mount> WithoutRepeats(const std::vector<Mount>& mounts) {
  std::set<std::string> whole;
  for (const Mount& mount : mounts) {
    if (mount.root == "/") whole.insert(mount.device);
  }
  std::vector<Mount> out;
  std::set<std::string> bound;
  for (const Mount& mount : mounts) {
    if (IsPseudoFileSystem(mount.fs_type)) continue;
    const bool kept = mount.root == "/" || mount.fs_type == "btrfs" ||
                      (!whole.contains(mount.device) && bound.insert(mount.device).second);
    if (kept) out.push_back(mount);
  }
  return out;
}

}  // namespace

Result<Rows> DiskVolumesLinux(const Host& host, const Keys&) {
  const Result<std::string> mountinfo = host.ReadFile("/proc/self/mountinfo");
  if (!mountinfo) return tl::unexpected(mountinfo.error());
  const Result<std::vector<Mount>> mounts = ParseMountinfo(*mountinfo);
  if (!mounts) return tl::unexpected(mounts.error());

  const Result<std::string> swaps = host.ReadFile("/proc/swaps");
  if (!swaps && swaps.error().code != Code::kNotFound) return tl::unexpected(swaps.error());
  const Result<std::vector<SwapArea>> areas = ParseSwaps(swaps ? *swaps : "");
  if (!areas) return tl::unexpected(areas.error());

  Rows rows;
  AtRestWalk walk(host, *mounts);
  for (const Mount& mount : WithoutRepeats(*mounts)) {
    rows.push_back(VolumeRow(mount, walk.OfMount(mount)));
  }
  for (const SwapArea& area : *areas) rows.push_back(SwapRow(area, walk.OfSwap(area)));
  return rows;
}

}  // namespace sallyport
