// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include "agent/cli/terminal.h"

namespace sallyport {

bool IsTerminal(std::FILE* stream) { return isatty(fileno(stream)) == 1; }

}  // namespace sallyport
