// SPDX-License-Identifier: Apache-2.0
// What a policy saw, short enough for a message: "/home: protection=off; swap: protection=unknown".
#pragma once

#include <sqlite3.h>

#include <span>
#include <string>

#include "policy/evidence_table.h"

namespace sallyport {

// The rows of an `observe` statement: the first column names the row when there are more. Steps the
// statement until its end, an error or the bound of the text; the caller resets it.
std::string PrintRows(sqlite3_stmt* statement);

// The tables and columns that a run looked at, with their distinct values:
// "edr_products: 2 rows, running=0,1".
std::string SummariseReads(std::span<EvidenceTable* const> asked);

}  // namespace sallyport
