// SPDX-License-Identifier: Apache-2.0
// Tables of osquery and of Fleet's extension, as they are declared there, so that a statement that
// names one prepares on every system. What is declared and not collected is `unsupported`.
#pragma once

#include <span>

#include "base/table.h"

namespace sallyport {

// The sections of the list, each with static storage. A table that has a collector of ours stands
// here too when it is osquery's.
std::span<const Schema> DeclaredSystemTables();
std::span<const Schema> DeclaredSoftwareTables();
std::span<const Schema> DeclaredDiskTables();
std::span<const Schema> DeclaredProtectionTables();
std::span<const Schema> DeclaredRuntimeTables();
std::span<const Schema> DeclaredPathsTables();
std::span<const Schema> DeclaredUsersTables();
std::span<const Schema> DeclaredNetworkTables();
std::span<const Schema> DeclaredExtensionTables();

// All of them. Static storage.
std::span<const Schema> DeclaredTables();

}  // namespace sallyport
