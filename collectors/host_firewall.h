// SPDX-License-Identifier: Apache-2.0
// Table host_firewall: is what nobody asked for kept out, and what is not allowed kept in? Judged
// by the rules that the kernel has, not by what a tool has been told.
#pragma once

#include <string_view>

#include "base/table.h"
#include "collectors/collector.h"

namespace sallyport {

inline constexpr Column kHostFirewallColumns[] = {
    {"inbound", Type::kText,
     "blocked: what no rule allows in is dropped, IPv4 and IPv6; partial: of one of them; open"},
    {"outbound", Type::kText, "blocked, partial or open, likewise"},
    {"manager", Type::kText, "ufw, firewalld; NULL: none is installed"},
    {"manager_enabled", Type::kInteger, "1: it is told to be on; NULL: no manager"},
    {"manager_running", Type::kInteger, "1: its rules are in the kernel; NULL: no manager"},
};
inline constexpr Schema kHostFirewall{"host_firewall", kHostFirewallColumns,
                                      "what the machine's own packet filter lets through"};
inline constexpr Trigger kHostFirewallLinuxTriggers[] = {
    {.kind = Trigger::Kind::kPath, .what = "/etc/ufw/ufw.conf"},
    {.kind = Trigger::Kind::kUnit, .what = "firewalld.service"},
    {.kind = Trigger::Kind::kUnit, .what = "ufw.service"},
    {.kind = Trigger::Kind::kUnit, .what = "nftables.service"},
};

// What a ruleset does with packets that no rule is about.
struct Ruleset {
  Value inbound = Unknown{};
  Value outbound = Unknown{};
  bool has_ufw = false;  // ufw's chains are there

  friend bool operator==(const Ruleset&, const Ruleset&) = default;
};

// `nft -j list ruleset`, libnftables-json(5). A base chain blocks when its policy is drop, or when
// it comes, by rules that hold for every packet, to a drop or reject.
Result<Ruleset> ParseNftRuleset(std::string_view json);

// Always one row. nft is asked only where the kernel has nf_tables loaded; rules of the old
// iptables, which nft does not show, make `open` unknown.
Result<Rows> HostFirewallLinux(const Host& host, const Keys& keys);

}  // namespace sallyport
