// SPDX-License-Identifier: Apache-2.0
#include "base/text.h"
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/table_rows.h"

namespace sallyport {

// /proc/modules: "nf_tables 282624 42 nft_ct,nft_reject, Live 0xffffffffc0a00000 (OE)". A kernel
// without modules has no such file.
Result<Rows> KernelModulesLinux(const Host& host, const Keys& keys) {
  const Result<std::string> text = host.ReadFile("/proc/modules");
  if (!text) return tl::unexpected(text.error());
  TableRows rows(kKernelModules);
  for (const std::string_view line : Lines(*text)) {
    const std::vector<std::string_view> fields = Fields(line);
    const auto size = fields.size() < 6 ? std::nullopt : ParseInt(fields[1]);
    if (!size) return Fail(Code::kMalformed, "/proc/modules: " + Excerpt(line));
    std::string_view used_by = fields[3];
    if (used_by.ends_with(',')) used_by.remove_suffix(1);
    rows.Add({{"name", Cell(fields[0])},
              {"size", Cell(*size)},
              {"used_by", Cell(used_by)},
              {"status", Cell(fields[4])},
              {"address", Cell(fields[5])}});
  }
  return rows.Take(keys);
}

}  // namespace sallyport
