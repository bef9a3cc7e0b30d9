// SPDX-License-Identifier: Apache-2.0
// What ZFS's own tools say of a dataset: zfs-get(8), zpool-list(8). The kernel shows neither in
// sysfs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/host.h"

namespace sallyport {

// "off", or the cipher: "aes-256-gcm". kMalformed when the tool did not say.
Result<std::string> ZfsEncryption(const Host& host, const std::string& dataset);

// Devices and files of the dataset's pool that may hold its data, logs and caches among them, hot
// spares not.
Result<std::vector<std::string>> ZpoolDevices(const Host& host, const std::string& dataset);

// Lines of `zpool list -H -v -P -L`, a tab before each device.
std::vector<std::string> ParseZpoolList(std::string_view text);

}  // namespace sallyport
