// SPDX-License-Identifier: Apache-2.0
// When dnf or zypper last fetched what it knows of its repositories.
#pragma once

#include <optional>
#include <string>

#include "base/table.h"
#include "platform/host.h"

namespace sallyport {

// Whole days since the newest <cache>/<repository>/repodata/repomd.xml was written; unknown when
// there is none.
Value FetchedDaysAgo(const Host& host, const std::string& cache);

// In days, since seconds would make another table of each read. Unknown without a time, and by a
// wall clock that went backwards.
Value WholeDaysSince(const Host& host, std::optional<int64_t> then_s);

}  // namespace sallyport
