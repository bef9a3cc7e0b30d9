// SPDX-License-Identifier: Apache-2.0
// Linux's processes by name and program: proc_pid_comm(5), proc_pid_exe(5), proc_pid_stat(5).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "platform/host.h"

namespace sallyport {

struct NamedProcess {
  int64_t pid = 0;
  std::string comm;

  friend bool operator==(const NamedProcess&, const NamedProcess&) = default;
};

// Those whose comm is one of `names`, by pid. One small read per process of the machine.
Result<std::vector<NamedProcess>> ProcessesNamed(const Host& host,
                                                 std::span<const std::string_view> names);

// What a look at all processes found, for the next one. Pids are sorted.
struct ProcessLook {
  std::vector<int64_t> settled;  // seen by two looks
  std::vector<int64_t> young;    // seen by one: may still be on its way from fork(2) to execve(2)
  std::vector<NamedProcess> named;
};

// As ProcessesNamed, for a listing of /proc and a read per process that is new since the look
// before the last. One that took its name later than that is missed. After an error `look` is
// empty.
Result<std::vector<NamedProcess>> LookAgain(const Host& host,
                                            std::span<const std::string_view> names,
                                            ProcessLook* look);

// Does this process run one of `programs` here and now? A zombie, a process that is gone, one of
// another pid namespace and one that runs another program do not. nullopt: may not be seen. A
// program that was replaced while it ran (an upgrade) counts as itself.
std::optional<bool> RunsProgram(const Host& host, int64_t pid,
                                std::span<const std::string_view> programs);

// The state letter of /proc/<pid>/stat: behind the last ")", since a name may hold any character.
std::optional<char> ParseProcessState(std::string_view stat);

// Arguments of /proc/<pid>/cmdline, without the program's name.
std::vector<std::string> ParseArguments(std::string_view cmdline);

}  // namespace sallyport
