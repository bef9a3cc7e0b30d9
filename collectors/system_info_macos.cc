// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <optional>
#include <string>

#include "base/text.h"
#include "collectors/named_values.h"
#include "collectors/system_info.h"

namespace sallyport {
namespace {

using Properties = std::map<std::string, std::string, std::less<>>;

// ioreg(8) prints a property to a line: "name" = "text", or "name" = <"text"> where the registry
// holds bytes. Of several texts the first counts; numbers and other bytes are skipped.
Properties ParseRegistryEntry(std::string_view text) {
  Properties out;
  for (std::string_view line : Lines(text)) {
    line = Trim(line.substr(std::min(line.find('"'), line.size())));
    const size_t name_end = line.find("\" = ");
    if (!line.starts_with('"') || name_end == std::string_view::npos) continue;
    std::string_view value = line.substr(name_end + 4);
    if (value.starts_with('<')) value.remove_prefix(1);
    const size_t value_end = value.find('"', 1);
    if (!value.starts_with('"') || value_end == std::string_view::npos) continue;
    out.emplace(line.substr(1, name_end - 1), value.substr(1, value_end - 1));
  }
  return out;
}

// Whether a Mac has a property hangs on its model: what is not there is `otherwise`.
Value PropertyOf(const Result<Properties>& entry, std::string_view name, Value otherwise) {
  if (!entry) return Unknown{};
  const auto at = entry->find(name);
  if (at == entry->end() || at->second.empty()) return otherwise;
  return Cell(at->second);
}

Result<Properties> ReadPlatform(const Host& host) {
  const Result<CommandOutput> said =
      host.Run({{"/usr/sbin/ioreg", "-rd1", "-c", "IOPlatformExpertDevice"}});
  if (!said) return tl::unexpected(said.error());
  return ParseRegistryEntry(said->out);
}

// scutil(8) --get exits with an error when the name is not set.
Value NameOf(const Host& host, const std::string& which) {
  const Result<CommandOutput> said = host.Run({{"/usr/sbin/scutil", "--get", which}});
  if (!said) return Unknown{};
  const std::string_view name = Trim(said->out);
  return said->exit_code != 0 || name.empty() ? Cell(std::nullopt) : Cell(name);
}

// Only Intel's processors have it; of Apple's, machdep.cpu says nothing like it.
Value IfThere(const NamedValues& values, const std::string& name) {
  return values.contains(name) ? TextOf(values, name) : Cell(std::nullopt);
}

}  // namespace

Result<Rows> SystemInfoMacos(const Host& host, const Keys&) {
  const Result<NamedValues> said = AskNamedValues(
      host, {"/usr/sbin/sysctl", "kern.hostname", "hw.machine", "hw.model", "hw.memsize",
             "hw.packages", "hw.physicalcpu", "hw.logicalcpu", "machdep.cpu"});
  if (!said) return tl::unexpected(said.error());
  const Result<Properties> platform = ReadPlatform(host);
  return Rows{{
      TextOf(*said, "kern.hostname"),
      PropertyOf(platform, "IOPlatformUUID", Unknown{}),
      TextOf(*said, "hw.machine"),
      IfThere(*said, "machdep.cpu.model"),
      TextOf(*said, "machdep.cpu.brand_string"),
      NumberOf(*said, "hw.physicalcpu"),
      NumberOf(*said, "hw.logicalcpu"),
      NumberOf(*said, "hw.packages"),
      IfThere(*said, "machdep.cpu.microcode_version"),
      NumberOf(*said, "hw.memsize"),
      PropertyOf(platform, "manufacturer", Unknown{}),
      TextOf(*said, "hw.model"),
      PropertyOf(platform, "version", Cell(std::nullopt)),
      PropertyOf(platform, "IOPlatformSerialNumber", Unknown{}),
      Unknown{},  // the board: nothing that is asked here tells of it
      PropertyOf(platform, "board-id", Unknown{}),
      Unknown{},
      Unknown{},
      NameOf(host, "ComputerName"),
      NameOf(host, "LocalHostName"),
      Cell(std::nullopt),
  }};
}

}  // namespace sallyport
