// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/system_info.h"

namespace sallyport {
namespace {

struct Cpu {
  Value model = Unknown{};
  Value brand = Unknown{};
  Value microcode = std::monostate{};  // no line: this CPU has none that the kernel knows
  Value logical = Unknown{};
  Value physical = Unknown{};
  Value sockets = Unknown{};
};

// /proc/cpuinfo: "name<tab>: value" lines, an empty line after each thread. ARM has no
// "physical id", nor have some virtual machines: then cores and sockets cannot be told.
Cpu ParseCpuinfo(std::string_view text) {
  std::map<std::string, std::string, std::less<>> first;
  int64_t threads = 0;
  std::set<std::string> sockets;
  std::set<std::pair<std::string, std::string>> cores;
  std::string socket;
  for (std::string_view line : Lines(text)) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string name(Trim(line.substr(0, colon)));
    const std::string value(Trim(line.substr(colon + 1)));
    first.emplace(name, value);
    if (name == "processor") ++threads;
    if (name == "physical id") sockets.insert(socket = value);
    if (name == "core id") cores.emplace(socket, value);
  }
  Cpu cpu;
  if (threads > 0) cpu.logical = Cell(threads);
  if (!sockets.empty()) cpu.sockets = Cell(static_cast<int64_t>(sockets.size()));
  if (!sockets.empty() && !cores.empty()) cpu.physical = Cell(static_cast<int64_t>(cores.size()));
  if (const auto found = first.find("model"); found != first.end()) cpu.model = found->second;
  if (const auto found = first.find("model name"); found != first.end()) cpu.brand = found->second;
  if (const auto found = first.find("microcode"); found != first.end()) {
    cpu.microcode = found->second;
  }
  return cpu;
}

// "MemTotal:       24684084 kB"
Value ParseMemTotal(std::string_view text) {
  for (std::string_view line : Lines(text)) {
    if (!line.starts_with("MemTotal:")) continue;
    const auto fields = Fields(line);
    const std::optional<int64_t> kib = fields.size() == 3 ? ParseInt(fields[1]) : std::nullopt;
    if (kib && *kib > 0 && *kib < (int64_t{1} << 50)) return Cell(*kib * 1024);
  }
  return Unknown{};
}

Value Dmi(const Host& host, const std::string& name) {
  return TextOrNull(ReadTrimmed(host, "/sys/class/dmi/id/" + name));
}

Value TextOrUnknown(const Result<std::string>& text) {
  return text && !text->empty() ? Cell(*text) : Cell(Unknown{});
}

}  // namespace

Result<Rows> SystemInfoLinux(const Host& host, const Keys&) {
  const Result<std::string> cpuinfo = host.ReadFile("/proc/cpuinfo");
  if (!cpuinfo) return tl::unexpected(cpuinfo.error());
  const Result<std::string> meminfo = host.ReadFile("/proc/meminfo");
  if (!meminfo) return tl::unexpected(meminfo.error());

  const Cpu cpu = ParseCpuinfo(*cpuinfo);
  const Value hostname = TextOrUnknown(ReadTrimmed(host, "/proc/sys/kernel/hostname"));
  const auto* full = std::get_if<std::string>(&hostname);
  return Rows{{
      hostname,
      Dmi(host, "product_uuid"),
      TextOrUnknown(ReadTrimmed(host, "/proc/sys/kernel/arch")),
      cpu.model,
      cpu.brand,
      cpu.physical,
      cpu.logical,
      cpu.sockets,
      cpu.microcode,
      ParseMemTotal(*meminfo),
      Dmi(host, "sys_vendor"),
      Dmi(host, "product_name"),
      Dmi(host, "product_version"),
      Dmi(host, "product_serial"),
      Dmi(host, "board_vendor"),
      Dmi(host, "board_name"),
      Dmi(host, "board_version"),
      Dmi(host, "board_serial"),
      hostname,
      full ? Cell(full->substr(0, full->find('.'))) : hostname,
      Cell(std::nullopt),
  }};
}

}  // namespace sallyport
