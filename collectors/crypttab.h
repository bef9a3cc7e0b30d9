// SPDX-License-Identifier: Apache-2.0
// crypttab(5), of systemd and of Debian.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sallyport {

struct CrypttabEntry {
  std::string name;
  std::string device;
  std::string key;  // third field; "" for none and -
  std::vector<std::string> options = {};

  bool Has(std::string_view option) const;  // "swap", or "keyscript" of "keyscript=/lib/..."
};

// Lines with fewer than two fields are skipped, as systemd skips them.
std::vector<CrypttabEntry> ParseCrypttab(std::string_view text);

}  // namespace sallyport
