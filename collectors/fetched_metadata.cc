// SPDX-License-Identifier: Apache-2.0
#include "collectors/fetched_metadata.h"

#include <algorithm>
#include <optional>

namespace sallyport {

Value WholeDaysSince(const Host& host, std::optional<int64_t> then_s) {
  constexpr int64_t kDay = 86'400;
  const int64_t now_s = std::chrono::duration_cast<std::chrono::seconds>(host.Time().wall).count();
  if (!then_s || *then_s > now_s) return Unknown{};
  return Cell((now_s - *then_s) / kDay);
}

Value FetchedDaysAgo(const Host& host, const std::string& cache) {
  const auto repositories = host.ListDir(cache);
  if (!repositories) return Unknown{};
  std::optional<int64_t> newest;
  for (const DirEntry& entry : *repositories) {
    const Result<FileStat> stat = host.Stat(cache + "/" + entry.name + "/repodata/repomd.xml");
    if (!stat || stat->modified_s == 0) continue;
    newest = std::max(newest.value_or(stat->modified_s), stat->modified_s);
  }
  return WholeDaysSince(host, newest);
}

}  // namespace sallyport
