// SPDX-License-Identifier: Apache-2.0
// Formats: proc_pid_stat(5), proc_pid_status(5), proc_pid_io(5), proc_pid_cgroup(5).
#include <algorithm>
#include <map>

#include "base/text.h"
#include "collectors/osquery/linux_tables.h"
#include "collectors/osquery/table_rows.h"

namespace sallyport {
namespace {

constexpr int64_t kTicksPerSecond = 100;  // USER_HZ, the same on every architecture of today
constexpr size_t kMaxProcFile = 4 << 20;  // a command line may be as long as the stack's limit

// What stands behind the name, which may hold blanks and parentheses: the fields from the third on.
struct Stat {
  std::string name;
  std::vector<std::string_view> fields;

  std::string_view Field(size_t number) const { return fields[number - 3]; }
  int64_t Number(size_t number) const { return ParseInt(Field(number)).value_or(0); }
};

Result<Stat> ParseStat(std::string_view text) {
  const size_t open = text.find('(');
  const size_t close = text.rfind(')');
  if (open != std::string_view::npos && close != std::string_view::npos && open < close) {
    Stat stat{std::string(text.substr(open + 1, close - open - 1)), Fields(text.substr(close + 1))};
    if (stat.fields.size() >= 22) return stat;
  }
  return Fail(Code::kMalformed, "stat of a process: " + Excerpt(text));
}

// "Uid:\t0\t0\t0\t0" as {"Uid", ...}.
std::map<std::string_view, std::vector<std::string_view>> ParseStatus(std::string_view text) {
  std::map<std::string_view, std::vector<std::string_view>> out;
  for (const std::string_view line : Lines(text)) {
    const size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
      out.emplace(line.substr(0, colon), Fields(line.substr(colon + 1)));
    }
  }
  return out;
}

// The unified hierarchy's ("0::/init.scope"), else systemd's own, else the first.
std::string CgroupPath(std::string_view text) {
  std::string best;
  int rank = 0;
  for (const std::string_view line : Lines(text)) {
    const std::vector<std::string_view> parts = Split(line, ':');
    if (parts.size() < 3) continue;
    const int now = parts[0] == "0" && parts[1].empty() ? 3 : parts[1] == "name=systemd" ? 2 : 1;
    if (now <= rank) continue;
    rank = now;
    best = line.substr(parts[0].size() + parts[1].size() + 2);
  }
  return best;
}

// Arguments with blanks between them, as osquery has them.
std::string CommandLine(std::string text) {
  while (text.ends_with('\0')) text.pop_back();
  std::ranges::replace(text, '\0', ' ');
  return text;
}

struct Program {
  Value path = Unknown{};
  Value on_disk = Unknown{};
};

// No program (a thread of the kernel, a zombie): "" and -1, as osquery. A name that really ends in
// " (deleted)" is on disk.
Program ProgramOf(const Host& host, const std::string& folder) {
  constexpr std::string_view kDeleted = " (deleted)";
  Result<std::string> path = host.ReadLink(folder + "exe");
  if (!path && path.error().code == Code::kNotFound) return {Cell(""), Cell(-1)};
  if (!path) return {};
  const auto there = host.Stat(*path);
  if (there) return {Cell(*path), Cell(1)};
  if (there.error().code != Code::kNotFound) return {Cell(*path), Unknown{}};
  if (path->ends_with(kDeleted)) path->resize(path->size() - kDeleted.size());
  return {Cell(*path), Cell(0)};
}

Value LinkCell(const Host& host, const std::string& path) {
  const Result<std::string> target = host.ReadLink(path);
  if (target) return Cell(*target);
  if (target.error().code == Code::kNotFound) return Cell("");
  return Unknown{};
}

// "btime 1763900000"
Result<int64_t> BootSecond(const Host& host) {
  const Result<std::string> text = host.ReadFile("/proc/stat");
  if (!text) return tl::unexpected(text.error());
  for (const std::string_view line : Lines(*text)) {
    if (!line.starts_with("btime ")) continue;
    if (const auto second = ParseInt(Trim(line.substr(6)))) return *second;
  }
  return Fail(Code::kMalformed, "/proc/stat: no btime");
}

struct DiskBytes {
  Value read = Unknown{};
  Value written = Unknown{};
};

// A kernel that does not count has no such file.
DiskBytes DiskBytesOf(const Host& host, const std::string& folder) {
  const Result<std::string> text = host.ReadFile(folder + "io");
  if (!text && text.error().code == Code::kNotFound)
    return {Cell(std::nullopt), Cell(std::nullopt)};
  if (!text) return {};
  const auto lines = ParseStatus(*text);
  const auto number = [&](std::string_view name) -> std::optional<int64_t> {
    const auto found = lines.find(name);
    if (found == lines.end() || found->second.size() != 1) return std::nullopt;
    return ParseInt(found->second[0]);
  };
  const auto read = number("read_bytes");
  const auto written = number("write_bytes");
  const int64_t cancelled = number("cancelled_write_bytes").value_or(0);
  return {read ? Cell(*read) : Cell(Unknown{}),
          written ? Cell(*written - cancelled) : Cell(Unknown{})};
}

Value NumberOf(const std::map<std::string_view, std::vector<std::string_view>>& status,
               std::string_view name, size_t index, int64_t factor = 1) {
  const auto found = status.find(name);
  if (found == status.end() || found->second.size() <= index) return Unknown{};
  const auto number = ParseInt(found->second[index]);
  return number ? Cell(*number * factor) : Cell(Unknown{});
}

// A thread of the kernel has no memory of its own.
Value MemoryOf(const std::map<std::string_view, std::vector<std::string_view>>& status,
               std::string_view name) {
  return status.contains(name) ? NumberOf(status, name, 0, 1024) : Cell(0);
}

Status AddProcess(const Host& host, int64_t pid, int64_t boot, TableRows* rows) {
  const std::string folder = "/proc/" + std::to_string(pid) + "/";
  const auto gone = [](const Error& error) { return error.code == Code::kNotFound; };
  const Result<std::string> stat_text = host.ReadFile(folder + "stat");
  if (!stat_text) return gone(stat_text.error()) ? Status() : tl::unexpected(stat_text.error());
  const Result<std::string> status_text = host.ReadFile(folder + "status");
  if (!status_text) {
    return gone(status_text.error()) ? Status() : tl::unexpected(status_text.error());
  }
  const Result<Stat> stat = ParseStat(*stat_text);
  if (!stat) return tl::unexpected(stat.error());
  const auto status = ParseStatus(*status_text);
  const Program program = ProgramOf(host, folder);
  Result<std::string> command = host.ReadFile(folder + "cmdline", kMaxProcFile);
  const DiskBytes disk = DiskBytesOf(host, folder);
  const Result<std::string> cgroup = host.ReadFile(folder + "cgroup");
  const Value cwd = LinkCell(host, folder + "cwd");
  const Value root = LinkCell(host, folder + "root");
  // Last: where it ended meanwhile, what was not there says nothing.
  if (!host.Stat(folder + "stat")) return {};

  rows->Add({{"pid", Cell(pid)},
             {"name", Cell(stat->name)},
             {"path", program.path},
             {"cmdline", command ? Cell(CommandLine(std::move(*command))) : Cell(Unknown{})},
             {"state", Cell(stat->Field(3))},
             {"cwd", cwd},
             {"root", root},
             {"uid", NumberOf(status, "Uid", 0)},
             {"gid", NumberOf(status, "Gid", 0)},
             {"euid", NumberOf(status, "Uid", 1)},
             {"egid", NumberOf(status, "Gid", 1)},
             {"suid", NumberOf(status, "Uid", 2)},
             {"sgid", NumberOf(status, "Gid", 2)},
             {"on_disk", program.on_disk},
             {"wired_size", Cell(0)},
             {"resident_size", MemoryOf(status, "VmRSS")},
             {"total_size", MemoryOf(status, "VmSize")},
             {"user_time", Cell(stat->Number(14) * 1000 / kTicksPerSecond)},
             {"system_time", Cell(stat->Number(15) * 1000 / kTicksPerSecond)},
             {"disk_bytes_read", disk.read},
             {"disk_bytes_written", disk.written},
             {"start_time", Cell(boot + stat->Number(22) / kTicksPerSecond)},
             {"parent", Cell(stat->Number(4))},
             {"pgroup", Cell(stat->Number(5))},
             {"threads", Cell(stat->Number(20))},
             {"nice", Cell(stat->Number(19))},
             {"cgroup_path", cgroup ? Cell(CgroupPath(*cgroup)) : Cell(Unknown{})}});
  return {};
}

}  // namespace

Result<Rows> ProcessesLinux(const Host& host, const Keys& keys) {
  const Result<int64_t> boot = BootSecond(host);
  if (!boot) return tl::unexpected(boot.error());
  const auto entries = host.ListDir("/proc");
  if (!entries) return tl::unexpected(entries.error());
  const std::optional<std::string> asked = FixedBy(keys, "pid");
  TableRows rows(kProcesses);
  for (const DirEntry& entry : *entries) {
    const std::optional<int64_t> pid = ParseInt(entry.name);
    if (!pid || (asked && ParseInt(*asked) && *ParseInt(*asked) != *pid)) continue;
    const Status added = AddProcess(host, *pid, *boot, &rows);
    if (!added) return tl::unexpected(added.error());
  }
  return rows.Take(keys);
}

}  // namespace sallyport
