// SPDX-License-Identifier: Apache-2.0
// IKE_SAs as charon tells of them by VICI: listings and events as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "gateway/lease.h"
#include "gateway/vici/message.h"

namespace sallyport::gateway {

struct IkeSa {
  uint64_t id = 0;  // charon's unique id; another one after a rekey
  bool established = false;
  std::string kind;             // "ikev1", "ikev2"
  std::string identity;         // that charon authenticated: the EAP identity where there is one
  std::string remote_host;      // outer address
  std::vector<Ipv4> addresses;  // virtual; IPv6 ones have no lease
  std::vector<uint32_t> spis;   // of its CHILD_SAs, both directions

  friend bool operator==(const IkeSa&, const IkeSa&) = default;
};

// Up, and every later word of an SA that stands.
struct SaStands {
  IkeSa sa;
  friend bool operator==(const SaStands&, const SaStands&) = default;
};
struct SaGone {
  uint64_t id = 0;
  friend bool operator==(const SaGone&, const SaGone&) = default;
};
// The same peer goes on under a new id.
struct SaRekeyed {
  uint64_t old_id = 0;
  IkeSa now;
  friend bool operator==(const SaRekeyed&, const SaRekeyed&) = default;
};
struct ChildRekeyed {
  uint64_t id = 0;
  std::vector<uint32_t> gone;
  std::vector<uint32_t> come;
  friend bool operator==(const ChildRekeyed&, const ChildRekeyed&) = default;
};
using SaEvent = std::variant<SaStands, SaGone, SaRekeyed, ChildRekeyed>;

// The events to subscribe to.
inline constexpr const char* kSaEvents[] = {"ike-updown", "child-updown", "ike-rekey",
                                            "child-rekey"};

// list-sa: {<connection> {...}}. kMalformed without a usable unique id.
Result<IkeSa> ParseListedSa(const vici::Message& message);
// nullopt: an event that changes no session (the child of an SA that goes on). kMalformed when it
// cannot be told what it means; then only a fresh listing helps.
Result<std::optional<SaEvent>> ParseSaEvent(const std::string& name, const vici::Message& message);

// "<device id>.<trust domain>" -> the device id; nullopt for everything else. Case does not count:
// charon compares names without it.
std::optional<std::string> DeviceOf(const std::string& identity, const std::string& trust_domain);

}  // namespace sallyport::gateway
