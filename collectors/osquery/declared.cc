// SPDX-License-Identifier: Apache-2.0
#include "collectors/osquery/declared.h"

namespace sallyport {
namespace {

constexpr Column kUptimeColumns[] = {
    {"days", Type::kInteger, "since the start, whole"},
    {"hours", Type::kInteger, "beside the days"},
    {"minutes", Type::kInteger, "beside the hours"},
    {"seconds", Type::kInteger, "beside the minutes"},
    {"total_seconds", Type::kBigint, "since the start"},
};

constexpr Schema kTables[] = {
    {"uptime", kUptimeColumns, "how long the machine has been running"},
};

}  // namespace

std::span<const Schema> DeclaredTables() { return kTables; }

}  // namespace sallyport
