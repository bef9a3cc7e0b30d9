// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "collectors/filevault.h"
#include "collectors/plist_reader.h"

namespace sallyport {
namespace {

std::string TextAt(const Plist& dictionary, std::string_view key) {
  const Plist* const found = dictionary.Find(key);
  return found == nullptr || found->kind != Plist::Kind::kText ? "" : found->text;
}

std::optional<bool> BooleanAt(const Plist& dictionary, std::string_view key) {
  const Plist* const found = dictionary.Find(key);
  if (found == nullptr || found->kind != Plist::Kind::kBoolean) return std::nullopt;
  return found->number == 1;
}

Result<Plist> Diskutil(const Host& host, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "/usr/sbin/diskutil");
  const std::string name = Join(arguments, " ");
  const auto said = host.Run({std::move(arguments)});
  if (!said) return tl::unexpected(said.error());
  if (said->exit_code != 0) {
    return Fail(Code::kInternal, name + ": exit " + std::to_string(said->exit_code) + ": " +
                                     Excerpt(Trim(said->err)));
  }
  return ParsePlist(said->out, name);
}

ApfsVolume VolumeOf(const Plist& dictionary) {
  ApfsVolume volume;
  volume.device = TextAt(dictionary, "DeviceIdentifier");
  volume.uuid = TextAt(dictionary, "APFSVolumeUUID");
  volume.encryption = BooleanAt(dictionary, "Encryption");
  volume.filevault = BooleanAt(dictionary, "FileVault");
  volume.converting = BooleanAt(dictionary, "CryptoMigrationOn");
  volume.locked = BooleanAt(dictionary, "Locked");
  if (const Plist* const roles = dictionary.Find("Roles")) {
    for (const Plist& role : roles->items) volume.roles.push_back(role.text);
  }
  return volume;
}

// Who can unlock a volume; empty text: no person. "LocalOpenDirectory" is diskutil's word for a
// user of the machine; the others are recovery keys and the escrow of an organization.
Value UnlockingUser(const Host& host, const ApfsVolume& volume) {
  const auto list = Diskutil(host, {"apfs", "listCryptoUsers", "-plist", volume.device});
  const Plist* const users = list ? list->Find("Users") : nullptr;
  if (users == nullptr || users->kind != Plist::Kind::kArray) return Unknown{};
  for (const Plist& user : users->items) {
    if (TextAt(user, "APFSCryptoUserType") == "LocalOpenDirectory") {
      return Cell(TextAt(user, "APFSCryptoUserUUID"));
    }
  }
  return Cell("");
}

Value StatusWord(const ApfsVolume& volume, const std::optional<bool>& machine) {
  if (volume.filevault == false || machine == false) return Cell("off");
  if (!volume.filevault || !machine || volume.converting != false) return Cell("unknown");
  return Cell("on");
}

}  // namespace

bool ApfsVolume::Has(std::string_view role) const {
  return std::ranges::find(roles, role) != roles.end();
}

Result<std::vector<ApfsVolume>> ReadApfsVolumes(const Host& host) {
  const auto list = Diskutil(host, {"apfs", "list", "-plist"});
  if (!list) return tl::unexpected(list.error());
  const Plist* const containers = list->Find("Containers");
  if (containers == nullptr || containers->kind != Plist::Kind::kArray) {
    return Fail(Code::kMalformed, "diskutil apfs list: no Containers");
  }
  std::vector<ApfsVolume> volumes;
  for (const Plist& container : containers->items) {
    const Plist* const inside = container.Find("Volumes");
    if (inside == nullptr) continue;
    for (const Plist& volume : inside->items) volumes.push_back(VolumeOf(volume));
  }
  return volumes;
}

Result<std::string> ReadFileVaultStatus(const Host& host) {
  const auto said = host.Run({{"/usr/bin/fdesetup", "status"}});
  if (!said) return tl::unexpected(said.error());
  const std::string text(Trim(said->out));
  if (text.find("FileVault") != std::string::npos) return text;
  return Fail(Code::kMalformed, "fdesetup status: exit " + std::to_string(said->exit_code) + ": " +
                                    Excerpt(text.empty() ? Trim(said->err) : text));
}

std::optional<bool> FileVaultIsOn(const Result<std::string>& status) {
  if (!status) return std::nullopt;
  if (*status == "FileVault is On.") return true;
  if (status->starts_with("FileVault is Off")) return false;
  // On, and something besides: no longer, or not yet. Words that nobody has seen are neither.
  const bool on_its_way = status->find("in progress") != std::string::npos ||
                          status->find("Deferred enablement") != std::string::npos;
  return on_its_way ? std::optional(false) : std::nullopt;
}

Result<Rows> DiskEncryptionMacos(const Host& host, const Keys&) {
  const auto volumes = ReadApfsVolumes(host);
  if (!volumes) return tl::unexpected(volumes.error());
  const std::optional<bool> machine = FileVaultIsOn(ReadFileVaultStatus(host));
  Rows rows;
  for (const ApfsVolume& volume : *volumes) {
    const bool encrypted = volume.encryption.value_or(false);
    const Value word = StatusWord(volume, machine);
    rows.push_back({Cell("/dev/" + volume.device), Cell(volume.uuid),
                    volume.encryption ? Cell(encrypted) : Cell(Unknown{}),
                    encrypted ? Cell("APFS Encryption") : Cell(""),
                    !volume.encryption ? Cell("undefined")
                    : encrypted        ? Cell("encrypted")
                                       : Cell("not encrypted"),
                    Unknown{}, volume.filevault == true ? UnlockingUser(host, volume) : Cell(""),
                    word});
  }
  return rows;
}

Result<Rows> FilevaultStatusMacos(const Host& host, const Keys&) {
  const auto status = ReadFileVaultStatus(host);
  if (!status) return tl::unexpected(status.error());
  return Rows{{Cell(*status)}};
}

}  // namespace sallyport
