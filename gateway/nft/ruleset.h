// SPDX-License-Identifier: Apache-2.0
// The gate's table: what it holds before any lease, from the access file. Drop by default.
#pragma once

#include <string>
#include <vector>

#include "gateway/access.h"
#include "gateway/nft/rule.h"
#include "gateway/nft/transaction.h"

namespace sallyport::gateway::nft {

// table inet sallyport:
//   map leases      interface . address : jump <tier>; elements end by themselves
//   forward         always; the lease of the source, then of the destination; drop
//   input           from a tunnel: only `always` services of the gateway itself, and IKE
//   proof           after forward: counts what passed of the places whose cut is being proven,
//                   unless the table allows it now
// docs/decisions/0003-a-gate-forwards-nothing-else.md says why forward drops everything else.
struct Ruleset {
  Access access;
  std::vector<std::string> interfaces;  // the tunnels'
};

std::string TierChain(Tier tier);

// In order, chain by chain.
std::vector<Rule> RulesOf(const Ruleset& ruleset);
// Makes the table, or brings the rules of one that is there up to date; elements stay. One
// transaction: no packet sees half of it.
Transaction InstallTransaction(const Ruleset& ruleset);
// In nft's syntax: `nft -f` accepts it.
std::string Print(const Ruleset& ruleset);

// The key of sets and map: 16 bytes of name, 4 of address.
std::string KeyBytes(const Place& place);

}  // namespace sallyport::gateway::nft
