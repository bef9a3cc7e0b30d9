// SPDX-License-Identifier: Apache-2.0
// Query: one SELECT for people, over tables that are read as the statement asks for them.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/table.h"
#include "policy/engine.h"

namespace sallyport {

struct QueryAnswer {
  std::vector<std::string> columns;
  Rows rows;
  // Why something is missing: "file: path=/etc/shadow: denied: ...". A cell that could not be told
  // reads as the text unknown, and the first one is named here.
  std::vector<std::string> doubts;
};

// Reads a table, for these keys; never fails, what went wrong is the result's state.
using FetchTable = std::function<TableResult(const std::string& table, const Keys& keys)>;

inline constexpr size_t kMaxQueryRows = 100'000;
inline constexpr EngineLimits kQueryLimits{std::chrono::seconds(30), 256 << 20, 500'000'000};

// kInvalidArgument: not one SELECT, or of what is not there. kTooLarge: over kMaxQueryRows or
// kMaxQueryFetches different tables and keys. kTimeout and kExhausted name the limit.
Result<QueryAnswer> RunQuery(const std::string& sql, std::span<const Schema> schemas,
                             const FetchTable& fetch, const EngineLimits& limits = kQueryLimits);

}  // namespace sallyport
