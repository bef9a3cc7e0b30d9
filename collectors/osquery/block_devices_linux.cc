// SPDX-License-Identifier: Apache-2.0
// Tables block_devices and disk_encryption.
#include <algorithm>
#include <map>
#include <optional>

#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/osquery/block_device.h"
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/table_rows.h"

namespace sallyport {
namespace {

Value NumberAt(const Host& host, const std::string& path) {
  const auto text = ReadTrimmed(host, path);
  if (!text && text.error().code == Code::kNotFound) return Cell(std::nullopt);
  const auto number = text ? ParseInt(*text) : std::nullopt;
  return number ? Cell(*number) : Cell(Unknown{});
}

// The disk of a partition; of a mapping what it lies on, where that is one device.
Value ParentOf(const BlockDevice& device) {
  if (!device.disk.empty()) return Cell(device.disk);
  return device.slaves.size() == 1 ? Cell(device.slaves[0]) : Cell("");
}

struct Encryption {
  enum class State { kNo, kYes, kUnknown };
  State state = State::kUnknown;
  Value type = std::monostate{};
};

class EncryptionWalk {
 public:
  EncryptionWalk(const Host& host, const std::vector<BlockDevice>& devices) : host_(host) {
    for (const BlockDevice& device : devices) devices_.emplace(device.name, &device);
  }

  Encryption Of(const std::string& name, int depth = 0) {
    if (const auto known = known_.find(name); known != known_.end()) return known->second;
    const auto device = devices_.find(name);
    constexpr int kMaxDepth = 16;
    if (device == devices_.end() || depth > kMaxDepth) return {};
    return known_[name] = Look(*device->second, depth);
  }

 private:
  Encryption Look(const BlockDevice& device, int depth) {
    const auto uuid = ReadTrimmed(host_, device.node + "/dm/uuid");
    if (!uuid && uuid.error().code != Code::kNotFound) return {};
    if (uuid) {
      if (const auto kind = CryptKind(*uuid)) return OfMapping(device, *kind);
    }
    if (!device.disk.empty()) return Of(device.disk, depth + 1);
    if (device.slaves.empty()) return {Encryption::State::kNo, std::monostate{}};
    Encryption all = Of(device.slaves[0], depth + 1);
    for (const std::string& slave : device.slaves) {
      const Encryption one = Of(slave, depth + 1);
      if (one.state == Encryption::State::kNo) return {one.state, std::monostate{}};
      if (one.state == Encryption::State::kUnknown) all = {};
    }
    return all;
  }

  // "CRYPT-LUKS2-<uuid>-<name>". VERITY and INTEGRITY hide nothing.
  static std::optional<std::string> CryptKind(std::string_view uuid) {
    for (const char* kind : {"LUKS2", "LUKS1", "PLAIN", "BITLK", "TCRYPT", "FVAULT2"}) {
      if (uuid.starts_with("CRYPT-" + std::string(kind) + "-")) return kind;
    }
    return std::nullopt;
  }

  // cryptsetup-status(8) prints "  cipher:  aes-xts-plain64"; "cipher_null-ecb" hides nothing.
  Encryption OfMapping(const BlockDevice& device, const std::string& kind) {
    const Encryption without_cipher{Encryption::State::kYes, Unknown{}};
    const auto name = ReadTrimmed(host_, device.node + "/dm/name");
    if (!name || name->empty() || name->starts_with('-')) return without_cipher;
    const auto status = host_.Run({.argv = {"/usr/sbin/cryptsetup", "status", *name}});
    if (!status || status->exit_code != 0) return without_cipher;
    for (const std::string_view line : Lines(status->out)) {
      const auto fields = Fields(line);
      if (fields.size() != 2 || fields[0] != "cipher:") continue;
      if (fields[1].starts_with("cipher_null")) return {Encryption::State::kNo, std::monostate{}};
      return {Encryption::State::kYes, Cell(kind + "-" + std::string(fields[1]))};
    }
    return without_cipher;
  }

  const Host& host_;
  std::map<std::string, const BlockDevice*> devices_;
  std::map<std::string, Encryption> known_;
};

}  // namespace

Result<Rows> BlockDevicesLinux(const Host& host, const Keys& keys) {
  const auto devices = ReadBlockDevices(host);
  if (!devices) return tl::unexpected(devices.error());
  TableRows rows(kBlockDevices);
  for (const BlockDevice& device : *devices) {
    const auto text = [&](const char* attribute) {
      return TextOrNull(ReadTrimmed(host, device.node + attribute));
    };
    rows.Add({{"name", Cell(device.name)},
              {"parent", ParentOf(device)},
              {"vendor", text("/device/vendor")},
              {"model", device.model},
              {"serial", text("/device/wwid")},
              {"size", NumberAt(host, device.node + "/size")},
              {"block_size", NumberAt(host, device.node + "/queue/logical_block_size")},
              {"uuid", device.uuid},
              {"type", device.type},
              {"label", device.label}});
  }
  return rows.Take(keys);
}

Result<Rows> DiskEncryptionLinux(const Host& host, const Keys& keys) {
  const auto devices = ReadBlockDevices(host);
  if (!devices) return tl::unexpected(devices.error());
  EncryptionWalk walk(host, *devices);
  TableRows rows(kDiskEncryption);
  for (const BlockDevice& device : *devices) {
    const Encryption found = walk.Of(device.name);
    const bool known = found.state != Encryption::State::kUnknown;
    const bool yes = found.state == Encryption::State::kYes;
    rows.Add({{"name", Cell(device.name)},
              {"uuid", device.uuid},
              {"encrypted", known ? Cell(yes) : Cell(Unknown{})},
              {"type", known ? found.type : Cell(Unknown{})},
              {"encryption_status",
               known ? Cell(yes ? "encrypted" : "not encrypted") : Cell(Unknown{})}});
  }
  return rows.Take(keys);
}

}  // namespace sallyport
