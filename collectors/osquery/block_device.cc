// SPDX-License-Identifier: Apache-2.0
#include "collectors/osquery/block_device.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/ip_text.h"

namespace sallyport {
namespace {

using Properties = std::map<std::string, std::string>;

constexpr size_t kMaxDevices = 10'000;

// sysfs writes "cciss!c0d0" where /dev has a folder.
std::string DeviceFile(std::string name) {
  std::ranges::replace(name, '!', '/');
  return "/dev/" + name;
}

Value Property(const Properties& properties, const char* name) {
  const auto found = properties.find(name);
  return found == properties.end() || found->second.empty() ? Cell(std::nullopt)
                                                            : Cell(found->second);
}

// udev's "My\x20Disk".
std::string DecodeUdev(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 3 < text.size() && text[i + 1] == 'x';
    const auto byte = escape ? ParseHex(text.substr(i + 2, 2)) : std::nullopt;
    out.push_back(byte ? static_cast<char>(*byte) : text[i]);
    if (byte) i += 3;
  }
  return out;
}

void TakeUdev(const Properties& record, BlockDevice* device) {
  device->uuid = Property(record, "ID_FS_UUID");
  device->type = Property(record, "ID_FS_TYPE");
  device->label = Property(record, "ID_FS_LABEL");
  if (const auto label = record.find("ID_FS_LABEL_ENC"); label != record.end()) {
    device->label = Cell(DecodeUdev(label->second));
  }
  device->model = Property(record, "ID_MODEL");
  if (const auto model = record.find("ID_MODEL_FROM_DATABASE"); model != record.end()) {
    device->model = Cell(model->second);
  }
}

// The answer for all devices, asked when the first one needs it; nullopt: cannot be asked.
class Blkid {
 public:
  explicit Blkid(const Host& host) : host_(host) {}

  const std::optional<std::map<std::string, Properties>>& Ask() {
    if (asked_) return found_;
    asked_ = true;
    const auto output = host_.Run({.argv = {"/usr/sbin/blkid", "-c", "/dev/null", "-o", "export"}});
    constexpr int kNothingFound = 2;
    if (output && (output->exit_code == 0 || output->exit_code == kNothingFound)) {
      found_ = ParseBlkid(output->out);
    }
    return found_;
  }

 private:
  const Host& host_;
  bool asked_ = false;
  std::optional<std::map<std::string, Properties>> found_;
};

void TakeContent(const Host& host, Blkid* blkid, BlockDevice* device) {
  const auto number = ReadTrimmed(host, device->node + "/dev");
  const auto record = number ? host.ReadFile("/run/udev/data/b" + *number)
                             : Result<std::string>(tl::unexpected(number.error()));
  if (record) return TakeUdev(ParseUdevRecord(*record), device);
  device->model = TextOrNull(ReadTrimmed(host, device->node + "/device/model"));
  const auto& answer = blkid->Ask();
  if (!answer) return;
  const auto found = answer->find(device->name);
  const Properties none;
  const Properties& properties = found == answer->end() ? none : found->second;
  device->uuid = Property(properties, "UUID");
  device->type = Property(properties, "TYPE");
  device->label = Property(properties, "LABEL");
}

}  // namespace

std::map<std::string, std::string> ParseUdevRecord(std::string_view text) {
  Properties out;
  for (std::string_view line : Lines(text)) {
    if (!line.starts_with("E:")) continue;
    line.remove_prefix(2);
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    out.insert_or_assign(std::string(line.substr(0, equals)), std::string(line.substr(equals + 1)));
  }
  return out;
}

// DEVNAME=/dev/sda1
// LABEL=My\ Disk
std::map<std::string, Properties> ParseBlkid(std::string_view text) {
  std::map<std::string, Properties> out;
  Properties* device = nullptr;
  for (const std::string_view line : Lines(text)) {
    const size_t equals = line.find('=');
    if (equals == std::string_view::npos) continue;
    std::string value;
    for (size_t i = equals + 1; i < line.size(); ++i) {
      if (line[i] == '\\' && i + 1 < line.size()) ++i;
      value.push_back(line[i]);
    }
    const std::string_view name = line.substr(0, equals);
    if (name == "DEVNAME") device = &out[value];
    if (device != nullptr) device->insert_or_assign(std::string(name), value);
  }
  return out;
}

Result<std::vector<BlockDevice>> ReadBlockDevices(const Host& host) {
  const std::string folder = "/sys/class/block";
  const auto entries = host.ListDir(folder);
  if (!entries) return tl::unexpected(entries.error());
  if (entries->size() > kMaxDevices) return Fail(Code::kTooLarge, folder + ": too many devices");
  Blkid blkid(host);
  std::vector<BlockDevice> out;
  for (const DirEntry& entry : *entries) {
    const auto node = host.RealPath(folder + "/" + entry.name);
    if (!node && node.error().code == Code::kNotFound) continue;  // pulled out meanwhile
    if (!node) return tl::unexpected(node.error());
    BlockDevice device{.name = DeviceFile(entry.name), .node = *node};
    if (host.Stat(*node + "/partition")) device.disk = DeviceFile(BaseName(DirName(*node)));
    const auto slaves = host.ListDir(*node + "/slaves");
    if (!slaves && slaves.error().code != Code::kNotFound) return tl::unexpected(slaves.error());
    if (slaves) {
      for (const DirEntry& slave : *slaves) device.slaves.push_back(DeviceFile(slave.name));
    }
    TakeContent(host, &blkid, &device);
    out.push_back(std::move(device));
  }
  return out;
}

}  // namespace sallyport
