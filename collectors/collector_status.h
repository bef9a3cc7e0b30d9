// SPDX-License-Identifier: Apache-2.0
// Table collector_status: how every other table came out. Derived, not collected.
#pragma once

#include "base/table.h"

namespace sallyport {

inline constexpr Column kCollectorStatusColumns[] = {
    {"table_name", Type::kText, "the table"},
    {"keys", Type::kText, "what the rows cover, \"column=value\" each; NULL: the whole table"},
    {"state", Type::kText, "value absent unsupported denied timeout error suppressed"},
    {"error", Type::kText, "what went wrong; NULL when nothing did"},
    {"row_count", Type::kInteger, "rows of the table; 0 with state value: looked, there is none"},
    {"unknown_cells", Type::kInteger, "cells of these rows that could not be told"},
    {"age_ms", Type::kBigint, "age of the facts when they were signed"},
    {"took_us", Type::kBigint, "time that reading took"},
    {"source", Type::kText, "what was read"},
};

}  // namespace sallyport
