// SPDX-License-Identifier: Apache-2.0
// Linux's block devices, as sysfs and udev's database know them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/table.h"
#include "platform/host.h"

namespace sallyport {

struct BlockDevice {
  std::string name;                      // "/dev/dm-0"
  std::string node;                      // "/sys/devices/virtual/block/dm-0"
  std::string disk = {};                 // "/dev/sda" of a partition; "": is none
  std::vector<std::string> slaves = {};  // "/dev/sda2": what it is built on
  Value uuid = Unknown{};                // of what lies on it; NULL: nothing that is known
  Value type = Unknown{};
  Value label = Unknown{};
  Value model = Unknown{};
};

// By name; also those without a medium. What lies on them is told by udev, else by blkid(8), which
// is asked once; where neither is there it is unknown.
Result<std::vector<BlockDevice>> ReadBlockDevices(const Host& host);

// Lines "E:NAME=value" of a file of /run/udev/data.
std::map<std::string, std::string> ParseUdevRecord(std::string_view text);

// `blkid -o export`: names and values of each device, by its DEVNAME.
std::map<std::string, std::map<std::string, std::string>> ParseBlkid(std::string_view text);

}  // namespace sallyport
