// SPDX-License-Identifier: Apache-2.0
#include "collectors/processes.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "collectors/answers.h"

namespace sallyport {
namespace {

std::string ProcPath(int64_t pid, const char* file) {
  return "/proc/" + std::to_string(pid) + "/" + file;
}

bool IsGone(const Error& error) { return error.code == Code::kNotFound; }

// Both known and different. Where namespaces cannot be seen, all is one.
bool InOtherPidNamespace(const Host& host, int64_t pid) {
  const Result<std::string> own = host.ReadLink("/proc/self/ns/pid");
  const Result<std::string> its = host.ReadLink(ProcPath(pid, "ns/pid"));
  return own && its && *own != *its;
}

}  // namespace

Result<std::vector<NamedProcess>> ProcessesNamed(const Host& host,
                                                 std::span<const std::string_view> names) {
  ProcessLook nothing;
  return LookAgain(host, names, &nothing);
}

Result<std::vector<NamedProcess>> LookAgain(const Host& host,
                                            std::span<const std::string_view> names,
                                            ProcessLook* look) {
  const ProcessLook before = std::exchange(*look, {});
  const auto entries = host.ListDir("/proc");
  if (!entries) return tl::unexpected(entries.error());
  const auto was_named = [&](int64_t pid) {
    return std::ranges::find(before.named, pid, &NamedProcess::pid) != before.named.end();
  };
  for (const DirEntry& entry : *entries) {
    const std::optional<int64_t> pid = ParseInt(entry.name);
    if (!pid) continue;
    const bool settled = std::ranges::binary_search(before.settled, *pid);
    const bool young = std::ranges::binary_search(before.young, *pid);
    (settled || young ? look->settled : look->young).push_back(*pid);
    if (settled && !was_named(*pid)) continue;
    Result<std::string> comm = ReadTrimmed(host, ProcPath(*pid, "comm"));
    if (!comm) continue;  // gone since the listing; comm can always be read
    if (std::ranges::find(names, *comm) == names.end()) continue;
    look->named.push_back({*pid, std::move(*comm)});
  }
  std::ranges::sort(look->settled);
  std::ranges::sort(look->young);
  std::ranges::sort(look->named, {}, &NamedProcess::pid);
  return look->named;
}

std::optional<char> ParseProcessState(std::string_view stat) {
  const size_t close = stat.rfind(')');
  if (close == std::string_view::npos || close + 2 >= stat.size()) return std::nullopt;
  return stat[close + 2];
}

std::optional<bool> RunsProgram(const Host& host, int64_t pid,
                                std::span<const std::string_view> programs) {
  const Result<std::string> stat = host.ReadFile(ProcPath(pid, "stat"));
  if (!stat) return IsGone(stat.error()) ? std::optional(false) : std::nullopt;
  const std::optional<char> state = ParseProcessState(*stat);
  if (!state) return std::nullopt;
  if (*state == 'Z' || *state == 'X') return false;

  Result<std::string> program = host.ReadLink(ProcPath(pid, "exe"));
  if (!program) return IsGone(program.error()) ? std::optional(false) : std::nullopt;
  constexpr std::string_view kDeleted = " (deleted)";
  if (program->ends_with(kDeleted)) program->resize(program->size() - kDeleted.size());
  if (std::ranges::find(programs, *program) == programs.end()) return false;
  return !InOtherPidNamespace(host, pid);
}

std::vector<std::string> ParseArguments(std::string_view cmdline) {
  std::vector<std::string> out;
  if (cmdline.ends_with('\0')) cmdline.remove_suffix(1);
  for (std::string_view argument : Split(cmdline, '\0')) out.emplace_back(argument);
  out.erase(out.begin());
  return out;
}

}  // namespace sallyport
