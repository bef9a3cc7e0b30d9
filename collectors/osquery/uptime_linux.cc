// SPDX-License-Identifier: Apache-2.0
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/table_rows.h"

namespace sallyport {

Result<Rows> UptimeLinux(const Host& host, const Keys& keys) {
  const int64_t total = std::chrono::duration_cast<std::chrono::seconds>(host.Time().boot).count();
  TableRows rows(kUptime);
  rows.Add({{"days", Cell(total / 86400)},
            {"hours", Cell(total / 3600 % 24)},
            {"minutes", Cell(total / 60 % 60)},
            {"seconds", Cell(total % 60)},
            {"total_seconds", Cell(total)}});
  return rows.Take(keys);
}

}  // namespace sallyport
