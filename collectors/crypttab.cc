// SPDX-License-Identifier: Apache-2.0
#include "collectors/crypttab.h"

#include <algorithm>

#include "base/text.h"

namespace sallyport {

bool CrypttabEntry::Has(std::string_view option) const {
  return std::ranges::any_of(
      options, [&](std::string_view each) { return each.substr(0, each.find('=')) == option; });
}

std::vector<CrypttabEntry> ParseCrypttab(std::string_view text) {
  std::vector<CrypttabEntry> entries;
  for (std::string_view line : Lines(text)) {
    const std::vector<std::string_view> fields = Fields(line);
    if (fields.size() < 2 || fields[0].starts_with('#')) continue;
    CrypttabEntry entry{std::string(fields[0]), std::string(fields[1]), "", {}};
    if (fields.size() > 2 && fields[2] != "none" && fields[2] != "-") entry.key = fields[2];
    if (fields.size() > 3) {
      for (std::string_view option : Split(fields[3], ',')) entry.options.emplace_back(option);
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace sallyport
