// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "collectors/answers.h"
#include "collectors/host_firewall.h"

namespace sallyport {
namespace {

constexpr char kNft[] = "/usr/sbin/nft";

// false: nf_tables is neither loaded nor built in, so there are no rules of it. proc_modules(5).
bool MayHaveNftables(const Host& host) {
  const Result<std::string> loaded = host.ReadFile("/proc/modules");
  if (!loaded || loaded->empty() || loaded->find("nf_tables ") != std::string::npos) return true;
  const Result<std::string> release = ReadTrimmed(host, "/proc/sys/kernel/osrelease");
  if (!release) return true;
  const auto built_in = host.ReadFile("/lib/modules/" + *release + "/modules.builtin");
  return !built_in || built_in->find("/nf_tables.ko") != std::string::npos;
}

// Rules of the old iptables are a table of their own in the kernel, named here.
std::optional<bool> HasLegacyFilter(const Host& host) {
  bool certain = true;
  for (const char* path : {"/proc/net/ip_tables_names", "/proc/net/ip6_tables_names"}) {
    const Result<std::string> names = host.ReadFile(path);
    if (names && names->find("filter") != std::string::npos) return true;
    certain = certain && (names || names.error().code == Code::kNotFound);
  }
  return certain ? std::optional(false) : std::nullopt;
}

// Those with a device, by what they are joined to: a bond or a bridge. sysfs-class-net.
Result<std::vector<std::string>> Interfaces(const Host& host) {
  const std::string folder = "/sys/class/net";
  const auto entries = host.ListDir(folder);
  if (!entries && entries.error().code == Code::kNotFound) return std::vector<std::string>();
  if (!entries) return tl::unexpected(entries.error());
  std::set<std::string> names;
  for (const DirEntry& entry : *entries) {
    const std::string path = folder + "/" + entry.name;
    if (!host.Stat(path + "/device")) continue;
    const Result<std::string> state = ReadTrimmed(host, path + "/operstate");
    if (state && (*state == "down" || *state == "notpresent" || *state == "lowerlayerdown")) {
      continue;
    }
    const Result<std::string> master = host.ReadLink(path + "/master");
    names.insert(master ? BaseName(*master) : entry.name);
  }
  return std::vector<std::string>(names.begin(), names.end());
}

Result<Ruleset> ReadRuleset(const Host& host) {
  if (!MayHaveNftables(host)) {
    return Ruleset{.inbound = Cell("open"), .outbound = Cell("open")};
  }
  const Result<CommandOutput> output = host.Run({.argv = {kNft, "-j", "list", "ruleset"}});
  if (!output) return tl::unexpected(output.error());
  if (output->exit_code != 0) return Fail(Code::kUnavailable, "nft: " + Excerpt(output->err));
  Result<std::vector<std::string>> interfaces = Interfaces(host);
  if (!interfaces) return tl::unexpected(interfaces.error());
  return ParseNftRuleset(output->out, std::move(*interfaces));
}

// What is blocked by one kind of rules is blocked, whatever the others say.
Value UnlessLegacy(const Value& effect, const std::optional<bool>& legacy) {
  return effect == Cell("blocked") || legacy == std::optional(false) ? effect : Cell(Unknown{});
}

struct FirewallTool {
  Value name = std::monostate{};
  Value enabled = std::monostate{};
  Value running = std::monostate{};
};

// ufw(8): /etc/ufw/ufw.conf says whether it is to be started at boot. Its chains say that it was.
FirewallTool DescribeUfw(const Host& host, const Result<Ruleset>& rules,
                         const std::optional<bool>& legacy) {
  FirewallTool out{.name = Cell("ufw"), .enabled = Unknown{}, .running = Unknown{}};
  if (const Result<std::string> text = host.ReadFile("/etc/ufw/ufw.conf")) {
    for (std::string_view line : Lines(*text)) {
      if (Lower(Trim(line)).starts_with("enabled=")) {
        out.enabled = Cell(Lower(Trim(line)) == "enabled=yes");
      }
    }
  }
  if (rules && (rules->has_ufw || legacy == std::optional(false))) {
    out.running = Cell(rules->has_ufw);
  }
  return out;
}

// firewalld.dbus(5): property "state" is RUNNING.
FirewallTool DescribeFirewalld(const Host& host) {
  const auto unit = host.ReadLink("/etc/systemd/system/multi-user.target.wants/firewalld.service");
  FirewallTool out{
      .name = Cell("firewalld"), .enabled = Cell(unit.has_value()), .running = Unknown{}};
  if (!unit && unit.error().code != Code::kNotFound) out.enabled = Unknown{};
  const Result<Value> state = host.ReadDbusProperty({.service = "org.fedoraproject.FirewallD1",
                                                     .path = "/org/fedoraproject/FirewallD1",
                                                     .interface = "org.fedoraproject.FirewallD1",
                                                     .property = "state"});
  if (state) {
    out.running = Cell(*state == Cell("RUNNING"));
  } else if (state.error().code == Code::kNotFound) {
    out.running = Cell(false);
  }
  return out;
}

FirewallTool DescribeTool(const Host& host, const Result<Ruleset>& rules,
                          const std::optional<bool>& legacy) {
  if (host.Stat("/usr/sbin/firewalld")) return DescribeFirewalld(host);
  if (host.Stat("/usr/sbin/ufw")) return DescribeUfw(host, rules, legacy);
  return {};
}

}  // namespace

Result<Rows> HostFirewallLinux(const Host& host, const Keys&) {
  const Result<Ruleset> rules = ReadRuleset(host);
  const std::optional<bool> legacy = HasLegacyFilter(host);
  const FirewallTool tool = DescribeTool(host, rules, legacy);
  return Rows{{rules ? UnlessLegacy(rules->inbound, legacy) : Cell(Unknown{}),
               rules ? UnlessLegacy(rules->outbound, legacy) : Cell(Unknown{}), tool.name,
               tool.enabled, tool.running}};
}

}  // namespace sallyport
