// SPDX-License-Identifier: Apache-2.0
#include "collectors/disk_unlock.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/at_rest.h"
#include "collectors/crypttab.h"
#include "collectors/mounts.h"

namespace sallyport {
namespace {

using Json = nlohmann::json;
using Protection = AtRest::Protection;

struct Mapping {
  std::string node;  // /sys/devices/virtual/block/dm-0
  std::string name;
  std::string uuid;
  std::optional<std::string> device = {};  // nullopt: not one
};

struct Way {
  Value method;
  Value needs_person;
  Value key_file = Cell(std::nullopt);
  Value key_file_protection = Cell(std::nullopt);
};

Way Unknowns() { return {Unknown{}, Unknown{}, Unknown{}, Unknown{}}; }

std::string Text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// A security key that stays plugged in opens by itself where none of these is asked for. What is
// not written was decided by the version of systemd that wrote it.
Value AsksPerson(const Json& token) {
  bool all_said = true;
  for (const char* name : {"fido2-clientPin-required", "fido2-up-required", "fido2-uv-required"}) {
    const auto said = token.find(name);
    const bool is_said = said != token.end() && said->is_boolean();
    if (is_said && said->get<bool>()) return Cell(1);
    all_said = all_said && is_said;
  }
  return all_said ? Cell(0) : Cell(Unknown{});
}

// Types of systemd-cryptenroll(1) and clevis-luks-bind(1). Clevis asks a TPM or a server.
Way WayOfToken(const Json& token) {
  const std::string type = Text(token, "type");
  if (type == "systemd-tpm2") {
    const auto pin = token.find("tpm2-pin");
    if (pin != token.end() && !pin->is_boolean()) return Unknowns();
    return pin != token.end() && pin->get<bool>() ? Way{Cell("tpm2+pin"), Cell(1)}
                                                  : Way{Cell("tpm2"), Cell(0)};
  }
  if (type == "clevis") return {Cell("clevis"), Cell(0)};
  if (type == "systemd-fido2") return {Cell("fido2"), AsksPerson(token)};
  if (type == "systemd-pkcs11") return {Cell("pkcs11"), Cell(1)};
  if (type == "systemd-recovery") return {Cell("recovery"), Cell(1)};
  return Unknowns();
}

struct Header {
  std::vector<Way> tokens;
  size_t bare_slots = 0;  // that no token fills: passphrases and key files
};

// The metadata of LUKS2, LUKS2 On-Disk Format 1.1.3, sections 3.1 to 3.4.
Result<Header> HeaderOf(const Host& host, const std::string& device) {
  const Result<CommandOutput> dump =
      host.Run({.argv = {"/usr/sbin/cryptsetup", "luksDump", "--dump-json-metadata", device}});
  if (!dump) return tl::unexpected(dump.error());
  const Json json = Json::parse(dump->out, nullptr, false);
  const auto slots = json.is_object() ? json.find("keyslots") : json.end();
  const auto tokens = json.is_object() ? json.find("tokens") : json.end();
  if (slots == json.end() || !slots->is_object() || tokens == json.end() || !tokens->is_object()) {
    return Fail(Code::kMalformed, "cryptsetup luksDump " + device + ": no metadata");
  }
  Header header;
  std::set<std::string> filled;
  for (const auto& [id, token] : tokens->items()) {
    if (!token.is_object()) return Fail(Code::kMalformed, device + ": token " + Excerpt(id));
    header.tokens.push_back(WayOfToken(token));
    const auto its = token.find("keyslots");
    if (its == token.end() || !its->is_array()) continue;
    for (const Json& slot : *its) {
      if (slot.is_string()) filled.insert(slot.get<std::string>());
    }
  }
  for (const auto& [id, slot] : slots->items()) header.bare_slots += filled.contains(id) ? 0 : 1;
  return header;
}

Result<std::vector<Mapping>> OpenMappings(const Host& host) {
  const auto devices = host.ListDir("/sys/class/block");
  if (!devices && devices.error().code == Code::kNotFound) return std::vector<Mapping>();
  if (!devices) return tl::unexpected(devices.error());
  std::vector<Mapping> mappings;
  for (const DirEntry& device : *devices) {
    if (!device.name.starts_with("dm-")) continue;
    const Result<std::string> node = host.RealPath("/sys/class/block/" + device.name);
    if (!node && node.error().code == Code::kNotFound) continue;  // closed since
    if (!node) return tl::unexpected(node.error());
    const Result<std::string> uuid = ReadTrimmed(host, *node + "/dm/uuid");
    const Result<std::string> name = ReadTrimmed(host, *node + "/dm/name");
    if (!uuid) return tl::unexpected(uuid.error());
    if (!name) return tl::unexpected(name.error());
    if (!uuid->starts_with("CRYPT-") || uuid->starts_with("CRYPT-VERITY") ||
        uuid->starts_with("CRYPT-INTEGRITY")) {
      continue;
    }
    Mapping mapping{*node, *name, *uuid};
    const auto slaves = host.ListDir(*node + "/slaves");
    if (slaves && slaves->size() == 1) mapping.device = "/dev/" + slaves->front().name;
    mappings.push_back(std::move(mapping));
  }
  return mappings;
}

// What a machine says of the place of a key file.
class KeyPlaces {
 public:
  KeyPlaces(const Host& host, const std::vector<Mount>& mounts)
      : host_(host), mounts_(mounts), walk_(host, mounts) {}

  // A file on the volume that it opens is of no use there: the initial file system has a copy.
  Protection Of(const std::string& path, const Mapping& mapping) {
    const Result<std::string> real = host_.RealPath(path);
    if (!real) return Protection::kUnknown;
    const Mount* mount = MountOf(mounts_, *real);
    if (!mount) return Protection::kUnknown;
    const Result<std::string> node = host_.RealPath("/sys/dev/block/" + mount->device);
    if (!node) return Protection::kUnknown;  // of btrfs and ZFS the number is no device's
    int left = 256;
    const std::optional<bool> on_itself = LiesOn(*node, mapping.node, &left);
    if (!on_itself) return Protection::kUnknown;
    if (*on_itself) mount = MountOf(mounts_, "/boot/initrd.img");
    return mount ? walk_.OfMount(*mount).protection : Protection::kUnknown;
  }

 private:
  // nullopt: it cannot be followed. A partition has no folder of slaves.
  std::optional<bool> LiesOn(const std::string& node, const std::string& below, int* left) const {
    if (node == below) return true;
    if (--*left < 0) return std::nullopt;
    const auto slaves = host_.ListDir(node + "/slaves");
    if (!slaves && slaves.error().code == Code::kNotFound) return false;
    if (!slaves) return std::nullopt;
    std::optional<bool> found = false;
    for (const DirEntry& slave : *slaves) {
      const Result<std::string> next = host_.RealPath(node + "/slaves/" + slave.name);
      const auto lies = next ? LiesOn(*next, below, left) : std::nullopt;
      if (lies == true) return true;
      if (!lies) found = std::nullopt;
    }
    return found;
  }

  const Host& host_;
  const std::vector<Mount>& mounts_;
  AtRestWalk walk_;
};

Way WayOfKeyFile(const std::string& path, Protection protection) {
  Way way{Cell("keyfile"), Unknown{}, Cell(path), Unknown{}};
  if (protection == Protection::kOff || protection == Protection::kPartial) {
    way.needs_person = Cell(0);
    way.key_file_protection = Cell(protection == Protection::kOff ? "off" : "partial");
  } else if (protection == Protection::kOn) {
    way.needs_person = Cell(1);
    way.key_file_protection = Cell("on");
  }
  return way;
}

// crypttab(5): a key file, or the one that lies in /etc/cryptsetup-keys.d though none is named.
std::optional<Way> WayOfCrypttab(const Host& host, const CrypttabEntry& entry,
                                 const Mapping& mapping, KeyPlaces* places) {
  if (entry.Has("keyscript")) {
    return Way{Cell("keyscript"), Unknown{},
               entry.key.empty() ? Cell(std::nullopt) : Cell(entry.key), Unknown{}};
  }
  std::string key = entry.key;
  if (key.empty()) {
    const std::string found = "/etc/cryptsetup-keys.d/" + entry.name + ".key";
    if (const auto stat = host.Stat(found)) {
      key = found;
    } else if (stat.error().code != Code::kNotFound) {
      return Unknowns();
    } else {
      return std::nullopt;
    }
  }
  if (key == "/dev/urandom" || key == "/dev/random" || key == "/dev/hw_random") {
    return Way{Cell("random"), Cell(std::nullopt)};
  }
  return WayOfKeyFile(key, places->Of(key, mapping));
}

// cryptsetup-generator(8), and initramfs-tools' way to say the same: a key file that no crypttab
// names. Unknown where the command line cannot be read.
Value PassphraseAsksPerson(const Host& host) {
  const Result<std::string> line = host.ReadFile("/proc/cmdline");
  if (!line) return Unknown{};
  for (std::string_view word : Fields(*line)) {
    for (const std::string_view name : {"rd.luks.key=", "luks.key=", "cryptkey="}) {
      if (word.starts_with(name)) return Unknown{};
    }
  }
  return Cell(1);
}

std::vector<Way> WaysOf(const Host& host, const Mapping& mapping,
                        const std::optional<Way>& from_crypttab) {
  std::vector<Way> ways;
  if (from_crypttab) ways.push_back(*from_crypttab);
  const bool key_file = from_crypttab.has_value();
  if (mapping.uuid.starts_with("CRYPT-LUKS2-")) {
    const Result<Header> header = mapping.device ? HeaderOf(host, *mapping.device)
                                                 : Result<Header>(Fail(Code::kNotFound, ""));
    if (!header) {
      ways.push_back(Unknowns());
      return ways;
    }
    ways.insert(ways.end(), header->tokens.begin(), header->tokens.end());
    if (header->bare_slots > (key_file ? 1u : 0u)) {
      ways.push_back({Cell("passphrase"), PassphraseAsksPerson(host)});
    }
    return ways;
  }
  const bool luks1 = mapping.uuid.starts_with("CRYPT-LUKS1-");
  // LUKS1 has no tokens: Clevis keeps there what it opens a slot with, and that is not read.
  if (!key_file) ways.push_back(luks1 ? Way{Cell("passphrase"), Unknown{}} : Unknowns());
  return ways;
}

}  // namespace

Result<Rows> DiskUnlockLinux(const Host& host, const Keys&) {
  const Result<std::string> mountinfo = host.ReadFile("/proc/self/mountinfo");
  if (!mountinfo) return tl::unexpected(mountinfo.error());
  const Result<std::vector<Mount>> mounts = ParseMountinfo(*mountinfo);
  if (!mounts) return tl::unexpected(mounts.error());
  const Result<std::string> text = host.ReadFile("/etc/crypttab");
  if (!text && text.error().code != Code::kNotFound) return tl::unexpected(text.error());
  const std::vector<CrypttabEntry> entries = ParseCrypttab(text ? *text : "");
  const Result<std::vector<Mapping>> mappings = OpenMappings(host);
  if (!mappings) return tl::unexpected(mappings.error());

  Rows rows;
  KeyPlaces places(host, *mounts);
  for (const Mapping& mapping : *mappings) {
    const auto entry = std::ranges::find(entries, mapping.name, &CrypttabEntry::name);
    const std::optional<Way> from_crypttab =
        entry == entries.end() ? std::nullopt : WayOfCrypttab(host, *entry, mapping, &places);
    for (const Way& way : WaysOf(host, mapping, from_crypttab)) {
      rows.push_back({Cell(mapping.name), mapping.device ? Cell(*mapping.device) : Cell(Unknown{}),
                      way.method, way.needs_person, way.key_file, way.key_file_protection});
    }
  }
  return rows;
}

}  // namespace sallyport
