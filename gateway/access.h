// SPDX-License-Identifier: Apache-2.0
// The access file: which services there are, and which tier reaches which. See README.md.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gateway/lease.h"

namespace sallyport::gateway {

inline constexpr size_t kMaxAccessBytes = 1 << 20;
inline constexpr size_t kMaxAccessRules = 4096;  // host times port, over all lists

struct Network {
  Ipv4 address;
  int prefix = 32;  // 1 to 32

  friend bool operator==(const Network&, const Network&) = default;
};
std::string ToText(const Network& network);

enum class Protocol : uint8_t { kIcmp = 1, kTcp = 6, kUdp = 17 };

// Of ICMP: echo requests. Ports mean nothing there.
struct Port {
  Protocol protocol = Protocol::kTcp;
  uint16_t first = 0;
  uint16_t last = 0;

  friend bool operator==(const Port&, const Port&) = default;
};

struct Service {
  std::string name;
  std::vector<Network> hosts;
  std::vector<Port> ports;

  friend bool operator==(const Service&, const Service&) = default;
};

struct Access {
  std::vector<Service> services;
  std::map<Tier, std::vector<std::string>> tiers;  // full, limited, quarantine; none is never here
  std::vector<std::string> always;                 // reachable whatever the lease

  const Service& service(const std::string& name) const;  // `name` is one of services

  friend bool operator==(const Access&, const Access&) = default;
};

// kMalformed or kInvalidArgument with "<source>:<line>: ..."; kTooLarge over a bound. Aliases and
// unknown keys are refused.
Result<Access> ParseAccess(std::string_view yaml, const std::string& source);
Result<Access> LoadAccess(const std::string& path);

}  // namespace sallyport::gateway
