// SPDX-License-Identifier: Apache-2.0
// A process that this one starts and takes with it: in a job, and with no handles but those that it
// is given.
#pragma once

#include <windows.h>

#include <string>
#include <vector>

#include "base/result.h"
#include "platform/handle_windows.h"

namespace sallyport {

// Closing it kills all that is in it.
Result<Handle> MakeJob();

// What a child reads its input from, when it has none. Can be inherited.
Result<Handle> OpenNull();

// A pipe whose `write` can be inherited.
struct ChildPipe {
  Handle read;
  Handle write;
};
Result<ChildPipe> MakeChildPipe();

struct ChildStart {
  std::wstring program;
  std::wstring line;
  std::wstring folder;
  std::wstring environment;  // sorted, each entry with its NUL, and one more NUL
  HANDLE in = nullptr;
  HANDLE out = nullptr;
  HANDLE err = nullptr;
  std::vector<HANDLE> others = {};  // inherited besides
  HANDLE token = nullptr;           // null: this process's own
  void* access = nullptr;           // security descriptor of the process; null: the token's default
  bool own_desktop = false;         // a window station of its own account
};

// Without a console window. It is in the job before it does anything. `name` is what errors name.
Result<Handle> StartInJob(HANDLE job, ChildStart start, const std::string& name);

}  // namespace sallyport
