// SPDX-License-Identifier: Apache-2.0
// Tables of osquery and of Fleet's extension, as they are declared there, so that a statement that
// names one prepares on every system. What is declared and not collected is `unsupported`.
#pragma once

#include <span>

#include "base/table.h"

namespace sallyport {

// Static storage; by name.
std::span<const Schema> DeclaredTables();

}  // namespace sallyport
