// SPDX-License-Identifier: Apache-2.0
#include "agent/collector/limited_machine.h"

#include <gtest/gtest.h>

#include "base/table.h"

namespace sallyport {
namespace {

// Files that are on no machine: one that may be read is not found, another one is refused before
// anybody looks.
constexpr char kTunnel[] = "/etc/wireguard/none-of-this-name.conf";
constexpr char kKey[] = "/etc/swanctl/private/none-of-this-name.pem";

Code Answer(const Host& host, const std::string& path) {
  const auto content = host.ReadFile(path);
  return content ? Code::kInternal : content.error().code;
}

TEST(LimitOfTables, TheTablesOfVpnsAloneReadTheConfigurationsThatHoldSecrets) {
  const LimitedMachine machine(PathLimit::Default(Os::kLinux));
  for (const char* table : {"vpn_connections", "vpn_credentials", "vpn_proposals", "vpn_revocation",
                            "vpn_routes", "vpn_settings"}) {
    EXPECT_EQ(Answer(machine.HostFor(table), kTunnel), Code::kNotFound) << table;
    EXPECT_EQ(Answer(machine.HostFor(table), kKey), Code::kDenied) << table;
  }
  for (const char* table : {"file", "file_lines", "parse_ini", "vpn", ""}) {
    EXPECT_EQ(Answer(machine.HostFor(table), kTunnel), Code::kDenied) << table;
  }
  EXPECT_EQ(Answer(machine.host(), kTunnel), Code::kDenied);
}

TEST(LimitOfTables, WhatTheLaptopsOwnFileForbidsIsForbiddenToThemToo) {
  const LimitedMachine machine(PathLimit::Parse(Os::kLinux, "/etc/wireguard\n").value());
  EXPECT_EQ(Answer(machine.HostFor("vpn_connections"), kTunnel), Code::kDenied);
}

}  // namespace
}  // namespace sallyport
