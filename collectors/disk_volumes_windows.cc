// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <set>

#include "base/text.h"
#include "collectors/bitlocker.h"
#include "collectors/disk_volumes.h"
#include "collectors/windows_registry.h"

namespace sallyport {
namespace {

constexpr char kCimv2[] = R"(root\CIMV2)";
constexpr char kPageFiles[] =
    R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management)";

// DriveType of Win32_Volume and Win32_LogicalDisk that keep nothing on a disk of this machine.
constexpr int64_t kElsewhere[] = {1 /*no root*/, 4 /*network*/, 5 /*compact disc*/, 6 /*RAM*/};

struct Volume {
  Value mount_point = std::monostate{};
  std::string device;  // "\\?\Volume{...}\", or "C:"
  std::string letter;  // "C:"; empty: none
  Value fs_type = Unknown{};
  std::optional<int64_t> type = {};
  std::optional<bool> is_boot = {};  // firmware and boot loader read it; nullopt: may not be told
};

std::string TextOf(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text == nullptr ? "" : *text;
}

std::optional<int64_t> NumberOf(const Value& value) {
  const auto* number = std::get_if<int64_t>(&value);
  return number == nullptr ? std::nullopt : std::optional(*number);
}

// Of Windows' words, BootVolume holds the operating system and SystemVolume the boot loader.
Result<std::vector<Volume>> VolumesOf(const Host& host) {
  const Result<Rows> rows = host.QueryWmi(
      kCimv2,
      "SELECT DeviceID, DriveLetter, Name, FileSystem, DriveType, BootVolume, SystemVolume "
      "FROM Win32_Volume");
  if (!rows) return tl::unexpected(rows.error());
  std::vector<Volume> volumes;
  for (const Row& row : *rows) {
    Volume volume{
        .device = TextOf(row.at(0)), .letter = TextOf(row.at(1)), .type = NumberOf(row.at(4))};
    const std::string name = TextOf(row.at(2));  // its own device where nothing is mounted
    if (name.empty()) {
      volume.mount_point = Unknown{};
    } else if (name != volume.device) {
      volume.mount_point = Cell(name);
    }
    if (!TextOf(row.at(3)).empty()) volume.fs_type = Cell(TextOf(row.at(3)));
    const auto holds_os = NumberOf(row.at(5));
    const auto holds_loader = NumberOf(row.at(6));
    if (holds_os && holds_loader) volume.is_boot = *holds_loader == 1 && *holds_os == 0;
    volumes.push_back(std::move(volume));
  }
  return volumes;
}

// Where Win32_Volume gives nothing: drives that have a letter.
Result<std::vector<Volume>> DrivesOf(const Host& host) {
  const Result<Rows> rows =
      host.QueryWmi(kCimv2, "SELECT DeviceID, FileSystem, DriveType FROM Win32_LogicalDisk");
  if (!rows) return tl::unexpected(rows.error());
  std::vector<Volume> volumes;
  for (const Row& row : *rows) {
    Volume volume{
        .device = TextOf(row.at(0)), .letter = TextOf(row.at(0)), .type = NumberOf(row.at(2))};
    volume.mount_point = Cell(volume.letter + "\\");
    if (!TextOf(row.at(1)).empty()) volume.fs_type = Cell(TextOf(row.at(1)));
    volumes.push_back(std::move(volume));
  }
  return volumes;
}

struct Protection {
  Value protection = Unknown{};
  Value method = Unknown{};
  Value cipher = Unknown{};
};

// GetEncryptionMethod of Win32_EncryptableVolume. 5 is encryption by the drive's firmware.
Value CipherName(int64_t method) {
  switch (method) {
    case 1:
      return Cell("AES-128-CBC-Elephant");
    case 2:
      return Cell("AES-256-CBC-Elephant");
    case 3:
      return Cell("AES-128-CBC");
    case 4:
      return Cell("AES-256-CBC");
    case 5:
      return Cell("hardware");
    case 6:
      return Cell("XTS-AES-128");
    case 7:
      return Cell("XTS-AES-256");
    default:
      return Unknown{};
  }
}

// By the methods: the property ProtectionStatus is what was true when it was cached. Protection is
// on when all is encrypted and the key does not lie beside it in the clear: a suspended volume is
// encrypted (conversion 1), and not protected (0). Protection 2 is a volume that is locked.
Protection ProtectionOf(const Host& host, const std::string& device) {
  const auto protection = BitLockerNumber(host, device, "GetProtectionStatus", "ProtectionStatus");
  const auto conversion = BitLockerNumber(host, device, "GetConversionStatus", "ConversionStatus");
  const auto method = BitLockerNumber(host, device, "GetEncryptionMethod", "EncryptionMethod");
  Protection out;
  if (method && *method != 0) {
    out.method = Cell("BitLocker");
    out.cipher = CipherName(*method);
  } else if (method) {
    out.method = Cell(std::nullopt);
    out.cipher = Cell(std::nullopt);
  }
  if (!protection || (*protection != 0 && *protection != 1)) return out;
  if (*protection == 0) {
    // 2 to 5: on the way, or stopped on it.
    const bool in_part = conversion && *conversion >= 2 && *conversion <= 5;
    out.protection = in_part ? Cell("partial") : Cell("off");
  } else if (conversion) {
    out.protection = *conversion == 1 ? Cell("on") : Cell("partial");
  }
  return out;
}

// Devices that BitLocker knows; an error where it cannot be asked.
Result<std::set<std::string>> Encryptable(const Host& host) {
  const Result<Rows> rows = host.QueryWmi(
      kBitLockerNamespace, "SELECT DeviceID, DriveLetter FROM Win32_EncryptableVolume");
  if (!rows) return tl::unexpected(rows.error());
  std::set<std::string> devices;
  for (const Row& row : *rows) devices.insert(TextOf(row.at(0)));
  return devices;
}

// Drive letters that page files lie on; nullopt: may not be told. ExistingPageFiles is a line for
// each: "\??\C:\pagefile.sys".
std::optional<std::set<std::string>> PagedTo(const Host& host) {
  const auto text = RegistryText(host, kPageFiles, "ExistingPageFiles");
  if (!text) return std::nullopt;
  std::set<std::string> letters;
  for (std::string_view line : Lines(*text)) {
    if (line.starts_with(R"(\??\)")) line.remove_prefix(4);
    if (line.size() < 2 || line[1] != ':') return std::nullopt;
    letters.insert(Lower(line.substr(0, 2)));
  }
  return letters;
}

// A type that is not told may be a disk's: left out, a volume in the clear would pass unseen.
bool IsOfThisMachine(const Volume& volume) {
  return !volume.type || std::ranges::find(kElsewhere, *volume.type) == std::end(kElsewhere);
}

Value HoldsOs(const Volume& volume, const Result<std::string>& system_root) {
  if (volume.letter.empty()) return volume.is_boot ? Cell(*volume.is_boot) : Cell(Unknown{});
  if (!system_root || system_root->size() < 2) return Unknown{};
  return Cell(Lower(volume.letter) == Lower(system_root->substr(0, 2)) ||
              volume.is_boot.value_or(false));
}

}  // namespace

Result<Rows> DiskVolumesWindows(const Host& host, const Keys&) {
  Result<std::vector<Volume>> volumes = VolumesOf(host);
  if (!volumes || volumes->empty()) volumes = DrivesOf(host);
  if (!volumes) return tl::unexpected(volumes.error());
  if (volumes->empty()) return Fail(Code::kMalformed, "Win32_LogicalDisk: not one drive");
  const auto encryptable = Encryptable(host);
  const auto paged_to = PagedTo(host);
  const auto system_root = RegistryText(host, kCurrentVersionKey, "SystemRoot");
  Rows rows;
  for (const Volume& volume : *volumes) {
    if (!IsOfThisMachine(volume)) continue;
    if (IsNull(volume.mount_point)) continue;  // nobody reaches it
    // One that BitLocker does not know may be encrypted by something else.
    const bool known = encryptable && encryptable->contains(volume.device);
    const Protection protection = known ? ProtectionOf(host, volume.device) : Protection{};
    const bool exempt = volume.is_boot.value_or(false);
    const Value is_swap = volume.letter.empty() ? Cell(false)
                          : paged_to            ? Cell(paged_to->contains(Lower(volume.letter)))
                                                : Cell(Unknown{});
    rows.push_back({volume.mount_point, Cell(volume.device), volume.fs_type, protection.protection,
                    protection.method, protection.cipher, HoldsOs(volume, system_root),
                    Cell(!exempt), is_swap, Cell(exempt), Unknown{}});
  }
  // The system itself lies on one.
  if (rows.empty()) return Fail(Code::kMalformed, "Win32_Volume: no volume of a disk");
  return rows;
}

}  // namespace sallyport
