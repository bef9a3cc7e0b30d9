// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "collectors/disk_volumes.h"
#include "collectors/filevault.h"

namespace sallyport {
namespace {

struct Mounted {
  std::string device;  // disk3s1s1
  std::string path;
  std::string fs_type;
  bool read_only = false;
};

// mount(8): "/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, protect)". A path may
// hold blanks and parentheses: the options are the last ones.
std::optional<Mounted> ParseMounted(std::string_view line) {
  constexpr std::string_view kDevices = "/dev/disk";
  const size_t on = line.find(" on ");
  const size_t options = line.rfind(" (");
  if (!line.starts_with(kDevices) || on == std::string_view::npos ||
      options == std::string_view::npos || options < on + 4 || !line.ends_with(')')) {
    return std::nullopt;
  }
  Mounted out{.device = std::string(line.substr(5, on - 5)),
              .path = std::string(line.substr(on + 4, options - on - 4)),
              .fs_type = ""};
  for (const std::string_view part :
       Split(line.substr(options + 2, line.size() - options - 3), ',')) {
    const std::string_view option = Trim(part);
    if (out.fs_type.empty()) out.fs_type = std::string(option);
    if (option == "read-only") out.read_only = true;
  }
  return out;
}

Result<std::vector<Mounted>> ReadMounted(const Host& host) {
  const auto said = host.Run({{"/sbin/mount"}});
  if (!said) return tl::unexpected(said.error());
  std::vector<Mounted> out;
  for (const std::string_view line : Lines(said->out)) {
    if (!line.starts_with("/dev/")) continue;  // devfs, automounter, network
    const auto mounted = ParseMounted(line);
    if (!mounted) return Fail(Code::kMalformed, "mount: " + Excerpt(line));
    out.push_back(*mounted);
  }
  if (out.empty()) return Fail(Code::kMalformed, "mount: not one disk");
  return out;
}

// The volume, or the snapshot of it: the system starts from disk3s1s1, a snapshot of disk3s1.
const ApfsVolume* FindVolume(const Result<std::vector<ApfsVolume>>& volumes,
                             const std::string& device) {
  if (!volumes) return nullptr;
  for (const ApfsVolume& volume : *volumes) {
    if (!device.starts_with(volume.device) || volume.device.empty()) continue;
    const std::string_view rest = std::string_view(device).substr(volume.device.size());
    if (rest.empty() || rest.starts_with('s')) return &volume;
  }
  return nullptr;
}

// Encryption by the disk's own hardware keeps nobody out while FileVault is off: its key hangs on
// no password. What the machine says ("Deferred enablement") counts against what a volume says.
Value ProtectionOf(const ApfsVolume* volume, const std::optional<bool>& machine) {
  if (volume == nullptr) return Unknown{};
  if (volume->filevault == false) return Cell("off");
  if (!volume->filevault || !volume->converting) return Unknown{};
  if (*volume->converting) return Cell("partial");
  if (!machine) return Unknown{};
  return *machine ? Cell("on") : Cell("partial");
}

struct Method {
  Value name = Unknown{};
  Value cipher = Unknown{};
};

Method MethodOf(const ApfsVolume* volume) {
  if (volume == nullptr || !volume->filevault) return {};
  if (*volume->filevault) return {Cell("FileVault"), Cell("AES-XTS")};
  return {Cell(std::nullopt), Cell(std::nullopt)};
}

// Roles of APFS that hold nothing of a user, and must be readable before the disk is unlocked.
bool IsExempt(const ApfsVolume* volume) {
  return volume != nullptr && (volume->Has("Preboot") || volume->Has("Recovery"));
}

}  // namespace

Result<Rows> DiskVolumesMacos(const Host& host, const Keys&) {
  const auto mounted = ReadMounted(host);
  if (!mounted) return tl::unexpected(mounted.error());
  const auto volumes = ReadApfsVolumes(host);
  const std::optional<bool> machine = FileVaultIsOn(ReadFileVaultStatus(host));
  Rows rows;
  for (const Mounted& at : *mounted) {
    const ApfsVolume* const volume = FindVolume(volumes, at.device);
    const Method method = MethodOf(volume);
    const bool exempt = IsExempt(volume);
    const bool system = at.path == "/" || (volume != nullptr && volume->Has("System"));
    const bool swap = at.path == "/System/Volumes/VM" || (volume != nullptr && volume->Has("VM"));
    rows.push_back({Cell(at.path), Cell("/dev/" + at.device), Cell(at.fs_type),
                    ProtectionOf(volume, machine), method.name, method.cipher, Cell(system),
                    Cell(!exempt && !(system && at.read_only)), Cell(swap), Cell(exempt),
                    Cell(at.read_only)});
  }
  return rows;
}

}  // namespace sallyport
