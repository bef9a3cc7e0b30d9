// SPDX-License-Identifier: Apache-2.0
// Table host_firewall: is what nobody asked for kept out, and what is not allowed kept in? On Linux
// judged by the rules that the kernel has, not by what a tool has been told; on Windows and macOS
// by what is in force of what their firewalls are told.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Column kHostFirewallColumns[] = {
    {"inbound", Type::kText,
     "blocked: what no rule allows in is dropped, IPv4 and IPv6, on every network that is "
     "connected; "
     "partial: on some, or of one of them; open"},
    {"outbound", Type::kText, "blocked, partial or open, likewise"},
    {"manager", Type::kText,
     "ufw, firewalld, windows_firewall, application_firewall (of macOS); NULL: none is installed"},
    {"manager_enabled", Type::kInteger, "1: it is told to be on; NULL: no manager"},
    {"manager_running", Type::kInteger,
     "1: its rules are in the kernel, its service runs; NULL: no manager"},
};
inline constexpr Schema kHostFirewall{"host_firewall", kHostFirewallColumns,
                                      "what the machine's own packet filter lets through"};
inline constexpr Trigger kHostFirewallLinuxTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/etc/ufw/ufw.conf"},
    {.kind = Trigger::Kind::kNetwork},
    {.kind = Trigger::Kind::kUnit, .what = "firewalld.service"},
    {.kind = Trigger::Kind::kUnit, .what = "ufw.service"},
    {.kind = Trigger::Kind::kUnit, .what = "nftables.service"},
};

inline constexpr Trigger kHostFirewallWindowsTriggers[] = {
    {.kind = Trigger::Kind::kUnit, .what = "mpssvc"},
    {.kind = Trigger::Kind::kNetwork},
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\WindowsFirewall\DomainProfile)"},
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\WindowsFirewall\PrivateProfile)"},
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\WindowsFirewall\PublicProfile)"},
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters)"
             R"(\FirewallPolicy\DomainProfile)"},
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters)"
             R"(\FirewallPolicy\StandardProfile)"},
    {.kind = Trigger::Kind::kRegistry,
     .what = R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters)"
             R"(\FirewallPolicy\PublicProfile)"},
};
inline constexpr Trigger kHostFirewallMacosTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/Library/Preferences/com.apple.alf.plist"},
    {.kind = Trigger::Kind::kPath, .what = "/Library/Managed Preferences"},
    {.kind = Trigger::Kind::kPath, .what = "/Library/SystemExtensions/db.plist"},
};

// What a ruleset does with packets that no rule is about.
struct Ruleset {
  Value inbound = Unknown{};
  Value outbound = Unknown{};
  bool has_ufw = false;  // ufw's chains are there

  friend bool operator==(const Ruleset&, const Ruleset&) = default;
};

// `nft -j list ruleset`, libnftables-json(5). A base chain blocks when its policy is drop, or when
// it comes, by rules that hold for every packet of an interface, to a drop or reject. `interfaces`
// are those that lead to a network: firewalld's zones accept by them. None: one that no rule names.
Result<Ruleset> ParseNftRuleset(std::string_view json, std::vector<std::string> interfaces = {});

// Always one row. nft is asked only where the kernel has nf_tables loaded; rules of the old
// iptables, which nft does not show, make `open` unknown. The interfaces that count have a device,
// and are not down; tunnels and containers' are others.
Result<Rows> HostFirewallLinux(const Host& host, const Keys& keys);

// Always one row. The profiles that count are those of the connected networks; what is not blocked
// is unknown where another product's firewall is on.
Result<Rows> HostFirewallWindows(const Host& host, const Keys& keys);

// What pf does with packets that no rule is about, by `pfctl -s rules` (pf.conf(5)).
struct PfEffect {
  Value inbound = Unknown{};
  Value outbound = Unknown{};

  friend bool operator==(const PfEffect&, const PfEffect&) = default;
};
PfEffect ParsePfRules(std::string_view text);

// Always one row. The application firewall keeps programs from being called; pf, where it is on,
// filters packets; what neither blocks is unknown where a content filter is active.
Result<Rows> HostFirewallMacos(const Host& host, const Keys& keys);

}  // namespace sallyport
