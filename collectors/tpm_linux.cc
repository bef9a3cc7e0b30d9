// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/tpm.h"

namespace sallyport {

// Documentation/ABI/stable/sysfs-class-tpm.
Result<Rows> TpmLinux(const Host& host, const Keys&) {
  const std::string folder = "/sys/class/tpm";
  const auto chips = host.ListDir(folder);
  if (!chips && chips.error().code != Code::kNotFound) return tl::unexpected(chips.error());
  if (!chips) return Rows{};
  Rows rows;
  for (const DirEntry& chip : *chips) {
    const std::string path = folder + "/" + chip.name;
    const Result<std::string> major = ReadTrimmed(host, path + "/tpm_version_major");
    const auto number = major ? ParseInt(*major) : std::nullopt;
    const std::string shared = "tpmrm" + chip.name.substr(std::min<size_t>(3, chip.name.size()));
    rows.push_back({Cell(chip.name), number ? Cell(*number) : Cell(Unknown{}),
                    TextOrNull(ReadTrimmed(host, path + "/device/description")),
                    Cell(host.Stat("/sys/class/tpmrm/" + shared).has_value())});
  }
  return rows;
}

}  // namespace sallyport
