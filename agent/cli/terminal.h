// SPDX-License-Identifier: Apache-2.0
// What standard output and standard error are connected to.
#pragma once

#include <cstdio>

namespace sallyport {

// A person reads along, and colours come out as colours (on Windows they are switched on here).
bool IsTerminal(std::FILE* stream);

}  // namespace sallyport
