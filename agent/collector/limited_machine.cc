// SPDX-License-Identifier: Apache-2.0
#include "agent/collector/limited_machine.h"

#include <algorithm>

#include "platform/this_host.h"

namespace sallyport {
namespace {

constexpr std::string_view kVpnTables[] = {"vpn_connections", "vpn_credentials", "vpn_proposals",
                                           "vpn_revocation",  "vpn_routes",      "vpn_settings"};

}  // namespace

LimitedMachine::View::View(const PathLimit& limit)
    : machine(
          MakeThisHost(DefaultCommands(), [limit](const auto& real) { return limit.Check(real); })),
      limited(*machine, limit) {}

LimitedMachine::LimitedMachine(const PathLimit& limit)
    : strict_(limit), vpn_(limit.ForVpnReaders()) {}

const Host& LimitedMachine::HostFor(std::string_view table) const {
  return std::ranges::find(kVpnTables, table) == std::end(kVpnTables) ? strict_.limited
                                                                      : vpn_.limited;
}

}  // namespace sallyport
