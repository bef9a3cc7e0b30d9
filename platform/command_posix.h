// SPDX-License-Identifier: Apache-2.0
// Runs one command to its end, its deadline or its bound of output, whatever the command does.
#pragma once

#include "platform/host.h"

namespace sallyport {

// In a process group of its own that is killed as a whole: at the deadline (kTimeout), over
// max_output (kTooLarge), and when the command itself has ended, so that a grandchild that keeps
// the pipe open delays nothing. Killed by a signal: exit code 128 + signal, as in sh(1). The
// command gets no descriptor but its three. argv[0] that cannot be executed: kNotFound or kDenied.
// On Linux it dies with the thread that asked; macOS has nothing of the kind: should the asker be
// killed, the command goes on by itself.
Result<CommandOutput> RunCommand(const Command& command);

}  // namespace sallyport
