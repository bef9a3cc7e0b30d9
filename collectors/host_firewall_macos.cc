// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/text.h"
#include "collectors/host_firewall.h"
#include "collectors/macos_management.h"
#include "collectors/macos_protection.h"
#include "collectors/named_values.h"
#include "collectors/osquery/protection.h"

namespace sallyport {
namespace {

constexpr char kPfctl[] = "/sbin/pfctl";

using Words = std::vector<std::string_view>;

bool Has(const Words& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

// A rule is about every packet when nothing in it narrows it down. "flags S/SA" does not: pfctl
// prints it for each pass rule, of protocols that have no flags too.
bool IsAboutEverything(const Words& words) {
  constexpr std::string_view kNarrowing[] = {"from", "to",        "on",          "proto",
                                             "user", "group",     "tos",         "tagged",
                                             "port", "icmp-type", "probability", "fragment"};
  return Has(words, "all") &&
         std::ranges::none_of(kNarrowing, [&](std::string_view word) { return Has(words, word); });
}

// The last rule that matches decides, or the first that is quick.
struct Decision {
  bool blocks = false;
  bool final = false;

  void Apply(bool block, bool quick) {
    if (final) return;
    blocks = block;
    final = quick;
  }
};

using Decisions = std::array<std::array<Decision, 2>, 2>;  // in, out; IPv4, IPv6

void Apply(const Words& words, Decisions* decisions) {
  for (size_t direction = 0; direction < 2; ++direction) {
    if (Has(words, direction == 0 ? "out" : "in")) continue;
    for (size_t family = 0; family < 2; ++family) {
      if (Has(words, family == 0 ? "inet6" : "inet")) continue;
      (*decisions)[direction][family].Apply(words.front() == "block", Has(words, "quick"));
    }
  }
}

const char* EffectOf(const std::array<Decision, 2>& families) {
  if (families[0].blocks && families[1].blocks) return "blocked";
  return families[0].blocks || families[1].blocks ? "partial" : "open";
}

// pfctl exits with an error where it may not look; off, its rules are of no account.
PfEffect AskPf(const Host& host) {
  const auto info = AskNamedValues(host, {kPfctl, "-s", "info"});
  const auto status = info ? info->find("Status") : NamedValues::const_iterator();
  if (!info || status == info->end()) return {};
  if (status->second.starts_with("Disabled")) return {Cell("open"), Cell("open")};
  const auto rules = host.Run({{kPfctl, "-s", "rules"}});
  if (!status->second.starts_with("Enabled") || !rules || rules->exit_code != 0) return {};
  return ParsePfRules(rules->out);
}

// 0 off, 1 on, 2 nothing comes in; nullopt: may not be told.
std::optional<int64_t> ApplicationFirewall(const Host& host) {
  const auto alf = AlfMacos(host, {});
  if (!alf) return std::nullopt;
  const Value& state = alf->at(0).at(static_cast<size_t>(kAlf.IndexOf("global_state")));
  const auto* number = std::get_if<int64_t>(&state);
  const bool known = number != nullptr && *number >= 0 && *number <= 2;
  return known ? std::optional(*number) : std::nullopt;
}

// May an extension filter packets? What cannot be read may.
bool MayBeFiltered(const Host& host) {
  const auto extensions = ReadSystemExtensions(host);
  if (!extensions) return true;
  return std::ranges::any_of(*extensions, [](const SystemExtension& extension) {
    return extension.state == "activated_enabled" &&
           extension.category.find("network_extension") != std::string::npos;
  });
}

}  // namespace

PfEffect ParsePfRules(std::string_view text) {
  Decisions decisions;
  bool certain = true;
  for (const std::string_view line : Lines(text)) {
    Words words = Split(Trim(line), ' ');
    if (words.front() == "anchor" && words.size() > 1) {
      certain = certain && words[1].starts_with("\"com.apple/");  // of macOS: empty, or more rules
    }
    const bool rule = words.front() == "block" || words.front() == "pass";
    if (rule && IsAboutEverything(words)) Apply(words, &decisions);
    // Which interfaces are connected is not known here.
    const bool whole_interface = Has(words, "pass") && Has(words, "all") && Has(words, "on") &&
                                 !Has(words, "proto") && !Has(words, "lo0");
    certain = certain && !whole_interface;
  }
  if (!certain) return {};
  return {Cell(EffectOf(decisions[0])), Cell(EffectOf(decisions[1]))};
}

Result<Rows> HostFirewallMacos(const Host& host, const Keys&) {
  const std::optional<int64_t> state = ApplicationFirewall(host);
  const PfEffect pf = AskPf(host);
  const bool filtered = MayBeFiltered(host);
  const auto unless_filtered = [filtered](const Value& effect) {
    return effect == Cell("blocked") || !filtered ? effect : Cell(Unknown{});
  };
  Value inbound = pf.inbound;
  if (!state && inbound != Cell("blocked")) inbound = Unknown{};
  if (state.value_or(0) > 0) inbound = Cell("blocked");
  const Value enabled = state ? Cell(*state > 0) : Cell(Unknown{});
  return Rows{{unless_filtered(inbound), unless_filtered(pf.outbound), Cell("application_firewall"),
               enabled,
               // It runs when it is on; of one that is on and was killed nobody tells.
               enabled == Cell(0) ? Cell(0) : Cell(Unknown{})}};
}

}  // namespace sallyport
