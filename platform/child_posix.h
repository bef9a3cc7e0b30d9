// SPDX-License-Identifier: Apache-2.0
// The child process of a command: started, and its end awaited, as each system does it best.
#pragma once

#include <sys/types.h>

#include "base/result.h"
#include "platform/fd_posix.h"
#include "platform/host.h"

namespace sallyport {

struct Pipe {
  Fd read;  // does not block
  Fd write;
};

// Both ends are closed by exec.
Result<Pipe> MakePipe();

struct Child {
  pid_t pid = -1;
  Fd watch;  // what AwaitChild needs to hear of its end
};

// In a process group of its own, in "/", with an environment of two variables, an empty stdin and
// no descriptor but its three. A program that cannot be executed: the error of exec, and no child.
Result<Child> StartChild(const Command& command, int out, int err);

// True: it has ended. False: one of `out` and `err` (negative: none) has something to read or was
// closed, or `milliseconds` have passed.
Result<bool> AwaitChild(const Child& child, int out, int err, int milliseconds);

// Kills the child and what is left of its group, and collects it. Its wait status.
int ReapChild(const Child& child);

}  // namespace sallyport
