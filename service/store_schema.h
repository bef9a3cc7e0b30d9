// SPDX-License-Identifier: Apache-2.0
// The tables of the store and their version (PRAGMA user_version).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "policy/judge.h"
#include "service/sqlite.h"

namespace sallyport {

inline constexpr int64_t kStoreVersion = 1;

// Sets the connection's pragmas and makes or migrates the tables. A newer version is kConflict.
Status PrepareStore(Database& database, const std::string& path);

// DeviceMemory as JSON text, so that an operator can read it with sqlite3.
std::string MemoryToText(const DeviceMemory& memory);
Result<DeviceMemory> MemoryFromText(std::string_view text);

}  // namespace sallyport
